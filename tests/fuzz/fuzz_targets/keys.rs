//! Loading certificates and keys, plain, encrypted and in PKCS#12. What is loaded can be written and loaded again.
//!
//! Encrypted files name their own number of rounds; `-timeout` of the fuzzer is what finds one that is not limited.
#![no_main]

use ksef_offline_core::key::{Certificate, Identity, PrivateKey};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(certificate) = Certificate::from_bytes(bytes) {
        let again = Certificate::from_bytes(certificate.der()).expect("its own DER");
        assert_eq!(again.fingerprint(), certificate.fingerprint());
        let again = Certificate::from_bytes(certificate.to_pem().as_bytes()).expect("its own PEM");
        assert_eq!(again.fingerprint(), certificate.fingerprint());
        let _ = (certificate.serial(), certificate.serial_decimal());
        let _ = (certificate.not_before(), certificate.not_after());
        let _ = (certificate.usage(), certificate.tax_identifier());
        let _ = (certificate.subject(), certificate.issuer());
    }
    let _ = Certificate::all_from_bytes(bytes);
    if let Ok(key) = PrivateKey::from_bytes(bytes, Some("hasło")) {
        let der = key.to_pkcs8_der().expect("a key that was read");
        let again = PrivateKey::from_bytes(&der, None).expect("its own DER");
        assert!(again.public_key() == key.public_key());
    }
    let _ = PrivateKey::from_bytes(bytes, None);
    let _ = Identity::from_pkcs12(bytes, "hasło");
});
