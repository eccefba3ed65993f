//! Whatever the builders make is legal, without a warning, and read back as it was.

#[path = "../examples/random_invoices/strategy.rs"]
mod strategy;

use ksef_offline_core::invoice::Invoice;
use ksef_offline_core::invoice::validate::{Rules, validate};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn what_is_built_is_legal_and_without_a_warning(plan in strategy::plan()) {
        let rules = Rules { enforce_nip_checksum: true, today: strategy::ISSUED };
        for invoice in plan.documents().unwrap() {
            let document = invoice.to_document().unwrap();
            let verdict = validate(document.bytes(), &rules);
            prop_assert!(verdict.is_valid(), "{:?}", verdict.errors);
            prop_assert!(verdict.warnings.is_empty(), "{:?}", verdict.warnings);
            prop_assert!(Invoice::read(document.bytes()).unwrap() == invoice);
        }
    }
}
