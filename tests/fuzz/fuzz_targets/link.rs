//! Links of QR codes: what is read says what was written, and CODE I has one spelling only.
#![no_main]

use ksef_offline_core::code::{CodeOne, Link};
use ksef_offline_core::environment::Environment;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|url: &str| {
    match Link::parse(url) {
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
});
