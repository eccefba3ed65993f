//! Links of QR codes: what is read says what was written, CODE I has one spelling only, and no link that the strict
//! reader refuses comes out of a verification as genuine.
#![no_main]

use jiff::Timestamp;
use ksef_offline_core::code::{CodeOne, Evidence, Link, verify};
use ksef_offline_core::environment::Environment;
use libfuzzer_sys::fuzz_target;

const INVOICE: &[u8] = include_bytes!("../../../examples/invoices/01-vat-domestic.xml");
const CERTIFICATE: &[u8] = include_bytes!("../../vectors/keys/p256-offline.crt");

fuzz_target!(|url: &str| {
    let link = Link::parse(url);
    match &link {
        Ok(Link::One(code)) => {
            let api = "https://ksef.example/v2";
            let host = Environment::custom(api, api, code.host()).expect("a host that was read");
            let again = CodeOne::from_parts(&host, code.seller(), code.issue_date(), code.hash());
            assert_eq!(again.url(), url);
        }
        Ok(Link::Two(code)) => {
            assert!(url.starts_with(&format!("https://{}/", code.signed_text())));
            assert!(url.len() > code.signed_text().len() + "https://".len());
        }
        Err(_) => (),
    }
    for (invoice, certificate) in [(None, None), (Some(INVOICE), Some(CERTIFICATE))] {
        let evidence = Evidence {
            invoice,
            certificate,
            custom: None,
            now: Timestamp::UNIX_EPOCH,
        };
        let report = verify(url, &evidence);
        assert!(!report.checks().is_empty());
        assert!(report.result().is_err() || link.is_ok());
    }
});
