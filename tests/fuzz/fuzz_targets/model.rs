//! Reading an invoice into the model and writing it again. Whatever is read is written so that it reads the same, in its
//! own layout, in the library's and as JSON; what the verdict finds good, the model must take.
#![no_main]

use jiff::civil::date;
use ksef_offline_core::invoice::Invoice;
use ksef_offline_core::invoice::validate::{Rules, validate};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let rules = Rules {
        enforce_nip_checksum: false,
        today: date(2050, 1, 1),
    };
    let read = Invoice::read_with_layout(bytes);
    if validate(bytes, &rules).is_valid() {
        assert!(read.is_ok(), "a valid document is refused: {read:?}");
    }
    if let Ok((invoice, layout)) = read {
        let written = invoice.write_with_layout(&layout);
        // The longest way to write a byte is a reference; each element may get an indentation.
        assert!(written.len() <= 32 * bytes.len() + 1_000);
        let (again, same_layout) =
            Invoice::read_with_layout(written.as_bytes()).expect("what was written");
        assert!(again == invoice, "reads otherwise than it was written");
        assert_eq!(again.write_with_layout(&same_layout), written);
        let plain = Invoice::read(invoice.write().as_bytes()).expect("the library's own layout");
        assert!(plain == invoice);
        let json = serde_json::to_string(&invoice).expect("an invoice");
        let back: Invoice = serde_json::from_str(&json).expect("its own JSON");
        assert!(back == invoice, "JSON changes the invoice");
    }
    let _ = serde_json::from_slice::<Invoice>(bytes);
});
