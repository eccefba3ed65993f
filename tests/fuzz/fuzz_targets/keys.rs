//! Loading certificates and keys, plain, encrypted and in PKCS#12. What is loaded can be written and loaded again, and a key
//! that is loaded signs.
//!
//! Encrypted files name their own number of rounds; `-timeout` of the fuzzer is what finds one that is not limited.
#![no_main]

use ksef_offline_core::key::{
    Certificate, HashAlgorithm, Identity, PrivateKey, SignatureAlgorithm, TrustAnchors,
};
use ksef_offline_core::random::{RandomError, RandomSource};
use libfuzzer_sys::fuzz_target;

const PASSWORD: &str = "hasło";

fuzz_target!(|bytes: &[u8]| {
    if let Ok(certificate) = Certificate::from_bytes(bytes) {
        let again = Certificate::from_bytes(certificate.der()).expect("its own DER");
        assert_eq!(again.fingerprint(), certificate.fingerprint());
        let again = Certificate::from_bytes(certificate.to_pem().as_bytes()).expect("its own PEM");
        assert_eq!(again.fingerprint(), certificate.fingerprint());
        let _ = (certificate.serial(), certificate.serial_decimal());
        let _ = (certificate.usage(), certificate.tax_identifier());
        let _ = (certificate.subject(), certificate.issuer());
        assert!(certificate.not_before() > certificate.not_after()
            || certificate.check_validity(certificate.not_after()).is_ok());
    }
    if let Ok(certificates) = Certificate::all_from_bytes(bytes) {
        let anchors = TrustAnchors::new(certificates.clone());
        let _ = anchors.trust(&certificates[0], &certificates, certificates[0].not_before());
    }
    if let Ok(key) = PrivateKey::from_bytes(bytes, Some(PASSWORD)) {
        let public = key.public_key();
        let der = key.to_pkcs8_der().expect("a key that was read");
        let again = PrivateKey::from_bytes(&der, None).expect("its own DER");
        assert!(again.public_key() == public);
        let algorithm = if public.is_rsa() {
            SignatureAlgorithm::RsaPkcs1(HashAlgorithm::Sha256)
        } else {
            SignatureAlgorithm::Ecdsa(HashAlgorithm::Sha256)
        };
        let signature = key.sign(algorithm, bytes, &Counting).expect("a signature");
        public.verify(algorithm, bytes, &signature).expect("its own signature");
        let _ = Identity::from_certificate_file(bytes, key);
    }
    let _ = PrivateKey::from_bytes(bytes, None);
    let _ = Identity::from_pkcs12(bytes, PASSWORD);
});

/// Repeatable, as a fuzzer needs it.
struct Counting;

impl RandomSource for Counting {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), RandomError> {
        for (place, byte) in buffer.iter_mut().enumerate() {
            *byte = place as u8;
        }
        Ok(())
    }
}
