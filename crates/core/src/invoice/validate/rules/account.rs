//! Check digits of bank accounts.

/// Whether the account is one whose check digits are known and they are wrong: an IBAN of a country in the IBAN registry,
/// or 26 digits, the Polish NRB, which is an IBAN without its `PL`. Spaces and dashes count for nothing. What looks
/// otherwise is no account of these kinds.
///
/// Sources: ISO 13616 (check digits modulo 97, lengths by country); Regulation of the President of the NBP on the
/// numbering of bank accounts (26 digits).
pub(super) fn has_wrong_check_digits(account: &str) -> bool {
    let mut buffer = [0_u8; 34];
    let mut length = 0;
    for byte in account.bytes().filter(|byte| !matches!(byte, b' ' | b'-')) {
        let Some(slot) = buffer.get_mut(length) else {
            return false;
        };
        *slot = byte.to_ascii_uppercase();
        length += 1;
    }
    let account = &buffer[..length];
    if !account.iter().all(u8::is_ascii_alphanumeric) {
        return false;
    }
    if account.len() == 26 && account.iter().all(u8::is_ascii_digit) {
        return remainder(&[b"PL"], account) != 1;
    }
    let (Some(country), Some(digits)) = (account.get(..2), account.get(2..4)) else {
        return false;
    };
    match LENGTHS.binary_search_by_key(&country, |(country, _)| country.as_slice()) {
        Ok(index) if digits.iter().all(u8::is_ascii_digit) => {
            account.len() != LENGTHS[index].1 || remainder(&[], account) != 1
        }
        Ok(_) | Err(_) => false,
    }
}

/// The remainder modulo 97 of an IBAN, `country` before `rest`, after its first four characters have moved to the end and
/// letters have become the numbers 10 to 35.
fn remainder(country: &[&[u8; 2]], rest: &[u8]) -> u32 {
    let head = 4 - 2 * country.len();
    let (head, body) = rest.split_at(head);
    let country = country.iter().flat_map(|country| country.iter());
    body.iter().chain(country).chain(head).fold(0, |sum, byte| {
        if byte.is_ascii_digit() {
            (sum * 10 + u32::from(byte - b'0')) % 97
        } else {
            (sum * 100 + u32::from(byte - b'A') + 10) % 97
        }
    })
}

/// Lengths of an IBAN, sorted by country.
#[rustfmt::skip]
const LENGTHS: [(&[u8; 2], usize); 82] = [
    (b"AD", 24), (b"AE", 23), (b"AL", 28), (b"AT", 20), (b"AZ", 28), (b"BA", 20), (b"BE", 16), (b"BG", 22),
    (b"BH", 22), (b"BI", 27), (b"BR", 29), (b"BY", 28), (b"CH", 21), (b"CR", 22), (b"CY", 28), (b"CZ", 24),
    (b"DE", 22), (b"DJ", 27), (b"DK", 18), (b"DO", 28), (b"EE", 20), (b"EG", 29), (b"ES", 24), (b"FI", 18),
    (b"FO", 18), (b"FR", 27), (b"GB", 22), (b"GE", 22), (b"GI", 23), (b"GL", 18), (b"GR", 27), (b"GT", 28),
    (b"HR", 21), (b"HU", 28), (b"IE", 22), (b"IL", 23), (b"IQ", 23), (b"IS", 26), (b"IT", 27), (b"JO", 30),
    (b"KW", 30), (b"KZ", 20), (b"LB", 28), (b"LC", 32), (b"LI", 21), (b"LT", 20), (b"LU", 20), (b"LV", 21),
    (b"LY", 25), (b"MC", 27), (b"MD", 24), (b"ME", 22), (b"MK", 19), (b"MR", 27), (b"MT", 31), (b"MU", 30),
    (b"NL", 18), (b"NO", 15), (b"PK", 24), (b"PL", 28), (b"PS", 29), (b"PT", 25), (b"QA", 29), (b"RO", 24),
    (b"RS", 22), (b"SA", 24), (b"SC", 31), (b"SD", 18), (b"SE", 24), (b"SI", 19), (b"SK", 24), (b"SM", 27),
    (b"ST", 25), (b"SV", 28), (b"TL", 23), (b"TN", 24), (b"TR", 26), (b"UA", 29), (b"VA", 22), (b"VG", 24),
    (b"XK", 20), (b"YE", 30),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted() {
        assert!(LENGTHS.is_sorted());
    }

    #[test]
    fn right_check_digits_are_left_alone() {
        for right in [
            "04102000160000100203040506",
            "04 1020 0016 0000 1002 0304 0506",
            "PL04102000160000100203040506",
            "PL 04 1020 0016 0000 1002 0304 0506",
            // Examples of the IBAN registry.
            "DE89370400440532013000",
            "GB29NWBK60161331926819",
            "gb29 nwbk 6016 1331 9268 19",
            "FR1420041010050500013M02606",
            "NO9386011117947",
            "MT84MALT011000012345MTLCAST001S",
        ] {
            assert!(!has_wrong_check_digits(right), "{right}");
        }
    }

    #[test]
    fn wrong_check_digits_and_lengths_are_found() {
        for wrong in [
            "04102000160000100203040507",
            "40102000160000100203040506",
            "PL04102000160000100203040507",
            "PL0410200016000010020304050",
            "DE88370400440532013000",
            "DE8937040044053201300",
            "FR1420041010050500013M02607",
        ] {
            assert!(has_wrong_check_digits(wrong), "{wrong}");
        }
    }

    #[test]
    fn other_numbers_are_no_account_of_these_kinds() {
        for other in [
            "1234567890",
            "0410200016000010020304050",
            "US12345678901234",
            "ZZ89370400440532013000",
            "DEUTSCHE1234567890",
            "konto nr 1234567890",
            "04102000160000100203040506/A",
            "",
            "PL",
        ] {
            assert!(!has_wrong_check_digits(other), "{other}");
        }
    }
}
