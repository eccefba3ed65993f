//! What holds for all amounts, dates and identifiers: a value that was read is written as it was, and where check digits
//! exist, one changed character is found.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use jiff::civil::{Date, date};
use ksef_offline_core::identifier::{
    CertificateSerial, ContextIdentifier, ContextKind, IdentifierError, InvoiceHash, KsefNumber,
    Nip, ReferenceNumber,
};
use ksef_offline_core::invoice::model::{
    CountryCode, CurrencyCode, DateTime, EuCountryCode, WholeNumber,
};
use ksef_offline_core::invoice::validate::{Rules, validate};
use ksef_offline_core::invoice::{Amount, Invoice, InvoiceDocument};
use proptest::prelude::*;

const EXAMPLE: &str = include_str!("../../../examples/invoices/01-vat-domestic.xml");
const NIP_PATTERN: &str = "[1-9]([0-9][1-9]|[1-9][0-9])[0-9]{7}";

fn days() -> impl Strategy<Value = Date> {
    (1900_i16..=2050, 1_i8..=12, 1_i8..=31)
        .prop_filter_map("a day of the calendar", |(year, month, day)| {
            Date::new(year, month, day).ok()
        })
}

fn nips() -> impl Strategy<Value = Nip> {
    NIP_PATTERN.prop_map(|text| Nip::parse(&text).unwrap())
}

/// The text with one character changed into another.
fn with_one_changed(text: &str) -> impl Strategy<Value = String> + use<> {
    let text = text.to_owned();
    (
        0..text.len(),
        prop::sample::select(&b"0123456789ABCDEFGabcdef- "[..]),
    )
        .prop_filter_map("another character", move |(place, new)| {
            let mut bytes = text.clone().into_bytes();
            let old = std::mem::replace(&mut bytes[place], new);
            (old != new).then(|| String::from_utf8(bytes).unwrap())
        })
}

/// The example with another issue date and total.
fn invoice(issued: &str, gross: &str) -> String {
    let place = |text: &str, name: &str, value: &str| {
        let (before, rest) = text.split_once(&format!("<{name}>")).unwrap();
        let (_, after) = rest.split_once(&format!("</{name}>")).unwrap();
        format!("{before}<{name}>{value}</{name}>{after}")
    };
    place(&place(EXAMPLE, "P_1", issued), "P_15", gross)
}

fn is_valid(document: &str) -> bool {
    let rules = Rules {
        enforce_nip_checksum: false,
        today: date(2050, 1, 1),
    };
    validate(document.as_bytes(), &rules).is_valid()
}

proptest! {
    #[test]
    fn an_amount_is_written_as_it_was_read(text in r"[+-]?([0-9]{1,16}(\.[0-9]{0,8})?|\.[0-9]{1,8})") {
        prop_assert_eq!(Amount::parse(&text).unwrap().to_string(), text);
    }

    #[test]
    fn an_amount_drops_the_white_space_around_it(text in r"-?[0-9]{1,14}\.[0-9]{2}", before in "[ \t\r\n]{0,3}", after in "[ \t\r\n]{0,3}") {
        let padded = Amount::parse(&format!("{before}{text}{after}")).unwrap();
        prop_assert_eq!(padded.to_string(), text);
    }

    #[test]
    fn amounts_compare_as_whole_numbers_of_their_smallest_unit(a in -999_999_999_i64..=999_999_999, b in -999_999_999_i64..=999_999_999, padding in 0_usize..5) {
        let spell = |units: i64| {
            let (sign, units) = (if units < 0 { "-" } else { "" }, units.unsigned_abs());
            format!("{sign}{}.{:02}{}", units / 100, units % 100, "0".repeat(padding))
        };
        let (one, other) = (Amount::parse(&spell(a)).unwrap(), Amount::parse(&spell(b)).unwrap());
        prop_assert_eq!(one.cmp(&other), a.cmp(&b));
        prop_assert_eq!(one == other, a == b);
        prop_assert_eq!((one.value() + other.value()).to_string().parse::<Amount>().unwrap(), Amount::parse(&spell(a + b)).unwrap());
    }

    #[test]
    fn what_is_no_plain_number_is_no_amount(before in "[0-9]{1,6}", odd in r"[a-zA-Z,_'% ]|\.\.|[0-9]-|--|\+-", after in "[0-9]{1,6}") {
        let text = format!("{before}{odd}{after}");
        prop_assert!(Amount::parse(&text).is_err());
    }

    #[test]
    fn no_text_makes_an_amount_panic(text in any::<String>(), digits in r"[-+.0-9eE]{0,60}") {
        for text in [text, digits] {
            if let Ok(amount) = Amount::parse(&text) {
                prop_assert_eq!(amount.to_string(), text.trim_matches([' ', '\t', '\r', '\n']));
            }
        }
    }

    #[test]
    fn the_total_of_an_invoice_is_read_and_written_with_its_digits(text in r"-?([1-9][0-9]{0,13}|0)(\.[0-9]{1,2})?") {
        let document = invoice("2026-11-20", &text);
        prop_assert!(is_valid(&document));
        prop_assert_eq!(InvoiceDocument::read(document.as_bytes()).unwrap().facts().gross.to_string(), text.clone());
        let written = Invoice::read(document.as_bytes()).unwrap().write();
        let total = format!("<P_15>{text}</P_15>");
        prop_assert!(written.contains(&total));
    }

    #[test]
    fn every_day_between_2006_and_2050_is_an_issue_date_and_no_other(day in days()) {
        let document = invoice(&day.to_string(), "1.00");
        prop_assert_eq!(is_valid(&document), (date(2006, 1, 1)..=date(2050, 1, 1)).contains(&day));
        prop_assert_eq!(InvoiceDocument::read(document.as_bytes()).unwrap().facts().issue_date, day);
        let written = Invoice::read(document.as_bytes()).unwrap().write();
        let issued = format!("<P_1>{day}</P_1>");
        prop_assert!(written.contains(&issued));
    }

    #[test]
    fn what_no_calendar_has_is_no_issue_date(year in 2006_u16..2050, month in 0_u8..=13, day in 0_u8..=32) {
        let known = i8::try_from(month).ok().zip(i8::try_from(day).ok())
            .is_some_and(|(month, day)| Date::new(year.try_into().unwrap(), month, day).is_ok());
        let document = invoice(&format!("{year}-{month:02}-{day:02}"), "1.00");
        prop_assert_eq!(is_valid(&document), known);
        prop_assert_eq!(Invoice::read(document.as_bytes()).is_ok(), known);
        prop_assert_eq!(InvoiceDocument::read(document.as_bytes()).is_ok(), known);
    }

    #[test]
    fn an_instant_is_written_as_it_was_read(day in days(), (hour, minute, second) in (0..24_u8, 0..60_u8, 0..60_u8), fraction in r"(\.[0-9]{1,9})?", offset in r"(Z|[+-](0[0-9]|1[0-3]):[0-5][0-9])?") {
        let text = format!("{day}T{hour:02}:{minute:02}:{second:02}{fraction}{offset}");
        let instant: DateTime = text.parse().unwrap();
        prop_assert_eq!(instant.as_str(), &text);
        prop_assert_eq!(instant.to_string(), text);
        prop_assert_eq!(instant.timestamp().is_some(), !offset.is_empty());
    }

    #[test]
    fn a_whole_number_is_written_as_it_was_read(text in "[+-]?[0-9]{1,40}", small in any::<i64>()) {
        let number = WholeNumber::parse(&text).unwrap();
        prop_assert_eq!(number.as_str(), &text);
        prop_assert_eq!(WholeNumber::from(small).value(), Some(small));
        prop_assert_eq!(WholeNumber::parse(&small.to_string()).unwrap().value(), Some(small));
    }

    #[test]
    fn every_text_of_the_pattern_is_a_nip_and_is_written_as_it_was_read(text in NIP_PATTERN) {
        let nip = Nip::parse(&text).unwrap();
        prop_assert_eq!(nip.as_str(), &text);
        prop_assert_eq!(nip.to_string().parse::<Nip>().unwrap(), nip);
    }

    #[test]
    fn no_other_text_is_a_nip(text in "[0-9]{8,12}|[0-9A-Z -]{10}|\\PC{10}") {
        let bytes = text.as_bytes();
        let legal = bytes.len() == 10
            && bytes.iter().all(u8::is_ascii_digit)
            && bytes[0] != b'0'
            && bytes[1..3] != *b"00";
        prop_assert_eq!(Nip::parse(&text).is_ok(), legal);
    }

    #[test]
    fn nine_digits_have_at_most_one_check_digit(nine in "[1-9]([0-9][1-9]|[1-9][0-9])[0-9]{6}") {
        let good = (0..10).filter(|digit| Nip::parse(&format!("{nine}{digit}")).unwrap().has_valid_checksum());
        prop_assert!(good.count() <= 1);
    }

    #[test]
    fn one_changed_digit_of_a_nip_is_found(nip in nips(), place in 0_usize..10, by in 1_u8..10) {
        let mut digits = nip.as_str().to_owned().into_bytes();
        digits[place] = b'0' + (digits[place] - b'0' + by) % 10;
        let changed = String::from_utf8(digits).unwrap();
        let passes = |nip: &Nip| nip.has_valid_checksum();
        prop_assert!(!(passes(&nip) && Nip::parse(&changed).is_ok_and(|nip| passes(&nip))));
    }

    #[test]
    fn a_ksef_number_says_what_it_was_made_of(seller in nips(), day in days(), unique in any::<u64>()) {
        let number = KsefNumber::assemble(seller, day, unique);
        prop_assert_eq!(number.as_str().len(), 35);
        prop_assert_eq!(number.as_str().parse::<KsefNumber>().unwrap(), number.clone());
        prop_assert_eq!((number.seller(), number.date()), (Some(seller), Some(day)));
    }

    #[test]
    fn one_changed_character_of_a_ksef_number_is_found((number, changed) in (nips(), days(), any::<u64>())
        .prop_map(|(seller, day, unique)| KsefNumber::assemble(seller, day, unique).to_string())
        .prop_flat_map(|number| (Just(number.clone()), with_one_changed(&number))))
    {
        prop_assert_ne!(&number, &changed);
        let error = KsefNumber::parse(&changed).unwrap_err();
        prop_assert!(matches!(error, IdentifierError::KsefNumber | IdentifierError::KsefNumberChecksum));
    }

    #[test]
    fn a_reference_number_is_written_as_it_was_made(day in days(), kind in "[A-Z]{2}", unique in any::<u128>()) {
        let number = ReferenceNumber::assemble(day, &kind, unique);
        prop_assert_eq!(number.as_str().len(), 36);
        prop_assert_eq!(number.as_str().parse::<ReferenceNumber>().unwrap(), number.clone());
        let start = format!("{}-{kind}-", day.strftime("%Y%m%d"));
        prop_assert!(number.as_str().starts_with(&start));
    }

    #[test]
    fn a_reference_number_is_safe_in_a_path(text in "\\PC{34,38}|[0-9A-Za-z-]{35,37}|[ -~]{36}") {
        if let Ok(number) = ReferenceNumber::parse(&text) {
            prop_assert_eq!(number.as_str(), &text);
            prop_assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'));
        }
    }

    #[test]
    fn a_hash_has_one_spelling_in_each_alphabet(bytes in any::<[u8; 32]>(), flipped in 0_usize..256) {
        let hash = InvoiceHash::from_bytes(bytes);
        let (json, link) = (hash.to_base64(), hash.to_base64url());
        prop_assert_eq!((json.len(), link.len()), (44, 43));
        prop_assert_eq!(InvoiceHash::from_base64(&json).unwrap(), hash);
        prop_assert_eq!(InvoiceHash::from_base64url(&link).unwrap(), hash);
        prop_assert!(InvoiceHash::from_base64(&link).is_err());
        prop_assert!(InvoiceHash::from_base64url(&json).is_err());
        let mut other = bytes;
        other[flipped / 8] ^= 1 << (flipped % 8);
        prop_assert_ne!(InvoiceHash::from_bytes(other).to_base64(), json);
    }

    #[test]
    fn one_changed_character_of_a_hash_is_no_spelling_of_the_same((link, changed) in any::<[u8; 32]>()
        .prop_map(|bytes| InvoiceHash::from_bytes(bytes).to_base64url())
        .prop_flat_map(|link| (Just(link.clone()), with_one_changed(&link))))
    {
        let hash = InvoiceHash::from_base64url(&link).unwrap();
        prop_assert!(InvoiceHash::from_base64url(&changed).is_ok_and(|other| other != hash) || InvoiceHash::from_base64url(&changed).is_err());
    }

    #[test]
    fn a_hash_has_32_bytes(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        use base64::Engine as _;
        use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
        prop_assert_eq!(InvoiceHash::from_base64(&STANDARD.encode(&bytes)).is_ok(), bytes.len() == 32);
        prop_assert_eq!(InvoiceHash::from_base64url(&URL_SAFE_NO_PAD.encode(&bytes)).is_ok(), bytes.len() == 32);
    }

    #[test]
    fn a_serial_keeps_its_leading_zeros(number in any::<u64>(), zeros in 0_usize..4) {
        let bytes = [vec![0; zeros], number.to_be_bytes().to_vec()].concat();
        let serial = CertificateSerial::from_be_bytes(&bytes).unwrap();
        prop_assert_eq!(serial.to_string(), format!("{number:016X}"));
        prop_assert_eq!(serial.as_str().parse::<CertificateSerial>().unwrap(), serial);
    }

    #[test]
    fn a_serial_has_sixteen_capital_hexadecimal_digits(text in "[0-9A-F]{15,17}|[0-9A-Fa-g]{16}") {
        let legal = text.len() == 16 && text.bytes().all(|byte| b"0123456789ABCDEF".contains(&byte));
        prop_assert_eq!(CertificateSerial::parse(&text).is_ok(), legal);
    }

    #[test]
    fn a_context_is_written_as_it_was_read(nip in nips(), unit in "[0-9]{5}", vat in "(DE|XI|EL|FR)[0-9A-Z+*]{2,12}", provider in "P[A-Z]{2}[0-9]{6}") {
        for (kind, text) in [
            (ContextKind::Nip, format!("Nip:{nip}")),
            (ContextKind::InternalId, format!("InternalId:{nip}-{unit}")),
            (ContextKind::NipVatUe, format!("NipVatUe:{nip}-{vat}")),
            (ContextKind::PeppolId, format!("PeppolId:{provider}")),
        ] {
            let context: ContextIdentifier = text.parse().unwrap();
            prop_assert_eq!(context.as_str(), &text);
            prop_assert_eq!(context.kind(), kind);
            prop_assert_eq!(context.company().is_some(), kind != ContextKind::PeppolId);
            prop_assert_eq!(ContextIdentifier::new(kind, context.value()).unwrap(), context);
        }
    }

    #[test]
    fn no_text_makes_an_identifier_panic(text in any::<String>()) {
        let _ = (Nip::parse(&text), KsefNumber::parse(&text), ReferenceNumber::parse(&text));
        let _ = (InvoiceHash::from_base64(&text), InvoiceHash::from_base64url(&text), CertificateSerial::parse(&text));
        let _ = (ContextIdentifier::parse(&text), DateTime::parse(&text), WholeNumber::parse(&text));
        for kind in ["Nip", "InternalId", "NipVatUe", "PeppolId"] {
            let _ = ContextIdentifier::parse(&format!("{kind}:{text}"));
        }
    }

    #[test]
    fn a_code_is_on_its_list_or_refused(text in "[A-Z]{2,3}|\\PC{0,4}") {
        prop_assert_eq!(CountryCode::parse(&text).is_ok(), CountryCode::all().any(|code| code.as_str() == text));
        prop_assert_eq!(EuCountryCode::parse(&text).is_ok(), EuCountryCode::all().any(|code| code.as_str() == text));
        prop_assert_eq!(CurrencyCode::parse(&text).is_ok(), CurrencyCode::all().any(|code| code.as_str() == text));
    }
}

#[test]
fn every_code_of_a_list_is_written_as_it_was_read() {
    let countries =
        CountryCode::all().map(|code| (code.to_string(), code.as_str().parse() == Ok(code)));
    let prefixes =
        EuCountryCode::all().map(|code| (code.to_string(), code.as_str().parse() == Ok(code)));
    let currencies =
        CurrencyCode::all().map(|code| (code.to_string(), code.as_str().parse() == Ok(code)));
    let refused: Vec<_> = countries
        .chain(prefixes)
        .chain(currencies)
        .filter(|(_, found)| !found)
        .collect();
    assert_eq!(refused, []);
    assert_eq!(
        (EuCountryCode::all().count(), CurrencyCode::all().count()),
        (28, 182)
    );
}
