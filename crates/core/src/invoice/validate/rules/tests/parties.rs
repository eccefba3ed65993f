//! Vectors of the rules on parties.

use super::super::super::{Rules, validate};
use super::{INVOICE, edited, fires, silent, warnings};
use jiff::civil::date;

const THIRD_AFTER: &str = "</Podmiot2>";
const BUYER_NIP: &str = "<NIP>7251804426</NIP>";

fn third(identity: &str, rest: &str) -> String {
    format!(
        "</Podmiot2>\n<Podmiot3><DaneIdentyfikacyjne>{identity}<Nazwa>X</Nazwa></DaneIdentyfikacyjne>{rest}</Podmiot3>"
    )
}

#[test]
fn nip_check_digits_are_verified_wherever_a_nip_stands() {
    let wrong_third = third("<IDWew>5265877636-00001</IDWew>", "<Rola>2</Rola>");
    fires(
        &[(THIRD_AFTER, &wrong_third)],
        "nip-checksum /Faktura/Podmiot3[1]/DaneIdentyfikacyjne/IDWew",
    );
    fires(
        &[(BUYER_NIP, "<NIP>7251804427</NIP>")],
        "nip-checksum /Faktura/Podmiot2/DaneIdentyfikacyjne/NIP",
    );
    let before =
        "<Podmiot2K><DaneIdentyfikacyjne><NIP>7251804427</NIP></DaneIdentyfikacyjne></Podmiot2K>";
    let kind = format!(
        "<RodzajFaktury>KOR</RodzajFaktury>{}{before}",
        super::CORRECTED
    );
    let edits = [("<RodzajFaktury>VAT</RodzajFaktury>", kind.as_str())];
    fires(
        &edits,
        "nip-checksum /Faktura/Fa/Podmiot2K[1]/DaneIdentyfikacyjne/NIP",
    );
    let production = Rules {
        enforce_nip_checksum: true,
        today: date(2026, 11, 22),
    };
    // Those who are no parties are never an error.
    assert!(validate(edited(&edits).as_bytes(), &production).is_valid());
    let refused = edited(&[(BUYER_NIP, "<NIP>7251804427</NIP>")]);
    assert!(!validate(refused.as_bytes(), &production).is_valid());
    assert!(validate(INVOICE.as_bytes(), &production).is_valid());
}

#[test]
fn a_polish_nip_belongs_into_its_field() {
    let path = "nip-misplaced /Faktura/Podmiot2/DaneIdentyfikacyjne";
    fires(
        &[(BUYER_NIP, "<KodUE>PL</KodUE><NrVatUE>7251804426</NrVatUE>")],
        &format!("{path}/NrVatUE"),
    );
    fires(
        &[(BUYER_NIP, "<KodKraju>PL</KodKraju><NrID>7251804426</NrID>")],
        &format!("{path}/NrID"),
    );
    for other in [
        "<KodUE>DE</KodUE><NrVatUE>811907980</NrVatUE>",
        "<KodKraju>PL</KodKraju><NrID>7251804427</NrID>",
        "<KodKraju>US</KodKraju><NrID>7251804426</NrID>",
        "<NrID>7251804426</NrID>",
        "<BrakID>1</BrakID>",
    ] {
        silent(&[(BUYER_NIP, other)]);
    }
}

#[test]
fn an_eu_vat_number_goes_without_its_country() {
    fires(
        &[(BUYER_NIP, "<KodUE>DE</KodUE><NrVatUE>DE811907980</NrVatUE>")],
        "eu-vat-number-with-country /Faktura/Podmiot2/DaneIdentyfikacyjne/NrVatUE",
    );
    silent(&[(BUYER_NIP, "<KodUE>FR</KodUE><NrVatUE>FR123456789</NrVatUE>")]);
    silent(&[(BUYER_NIP, "<KodUE>AT</KodUE><NrVatUE>U12345678</NrVatUE>")]);
}

#[test]
fn the_flags_of_the_buyer_and_the_third_parties_agree() {
    let unit = third("<NIP>5265877635</NIP>", "<Rola>8</Rola>");
    let member = third("<IDWew>5265877635-00001</IDWew>", "<Rola>10</Rola>");
    let local = ("<JST>2", "<JST>1");
    let group = ("<GV>2", "<GV>1");
    fires(
        &[local],
        "local-government-recipient-missing /Faktura/Podmiot2/JST",
    );
    fires(&[group], "vat-group-recipient-missing /Faktura/Podmiot2/GV");
    fires(
        &[(THIRD_AFTER, &unit)],
        "local-government-flag-missing /Faktura/Podmiot2/JST",
    );
    fires(
        &[(THIRD_AFTER, &member)],
        "vat-group-flag-missing /Faktura/Podmiot2/GV",
    );
    silent(&[local, (THIRD_AFTER, &unit)]);
    silent(&[group, (THIRD_AFTER, &member)]);
    silent(&[("<JST>2", "<JST> +1 "), (THIRD_AFTER, &unit)]);
    let nameless = third("<BrakID>1</BrakID>", "<Rola>8</Rola>");
    fires(
        &[local, (THIRD_AFTER, &nameless)],
        "recipient-identifier-missing /Faktura/Podmiot3[1]/Rola",
    );
}

#[test]
fn an_employee_has_no_identifier() {
    let named = third("<BrakID>1</BrakID>", "<Rola>11</Rola>");
    let numbered = third("<NIP>5265877635</NIP>", "<Rola>11</Rola>");
    silent(&[(THIRD_AFTER, &named)]);
    fires(
        &[(THIRD_AFTER, &numbered)],
        "employee-identifier /Faktura/Podmiot3[1]/Rola",
    );
}

#[test]
fn shares_are_those_of_additional_buyers_and_leave_something() {
    let share = |share: &str, role: &str| {
        third(
            "<BrakID>1</BrakID>",
            &format!("<Rola>{role}</Rola><Udzial>{share}</Udzial>"),
        )
    };
    let half = share("50", "4");
    let rest = format!("{half}{}", &share("50", "4")["</Podmiot2>".len()..]);
    let more = format!("{half}{}", &share("50.000001", "4")["</Podmiot2>".len()..]);
    silent(&[(THIRD_AFTER, &half)]);
    silent(&[(THIRD_AFTER, &rest)]);
    fires(
        &[(THIRD_AFTER, &more)],
        "shares-exceed-whole /Faktura/Podmiot3[2]/Udzial",
    );
    fires(
        &[(THIRD_AFTER, &share("50", "2"))],
        "share-without-buyer /Faktura/Podmiot3[1]/Udzial",
    );
}

#[test]
fn nobody_else_issues_what_the_buyer_issues() {
    let issuer = third("<NIP>5265877635</NIP>", "<Rola>5</Rola>");
    silent(&[(THIRD_AFTER, &issuer)]);
    silent(&[("<P_17>2", "<P_17>1")]);
    fires(
        &[(THIRD_AFTER, &issuer), ("<P_17>2", "<P_17>1")],
        "self-billing-issuer /Faktura/Fa/Adnotacje/P_17",
    );
}

#[test]
fn trade_within_the_union_needs_the_numbers_of_both() {
    let supply = [
        (
            super::SUMS,
            "<P_13_6_2>100.00</P_13_6_2><P_15>100.00</P_15>",
        ),
        ("<P_12>23", "<P_12>0 WDT"),
    ];
    let prefix = (
        "<Podmiot1>",
        "<Podmiot1><PrefiksPodatnika>PL</PrefiksPodatnika>",
    );
    let number = (BUYER_NIP, "<KodUE>CZ</KodUE><NrVatUE>12345678</NrVatUE>");
    assert_eq!(
        warnings(&supply),
        [
            "seller-prefix-missing /Faktura/Fa/P_13_6_2",
            "buyer-eu-number-missing /Faktura/Fa/P_13_6_2",
        ]
    );
    let with = |more: &[(&'static str, &'static str)]| [&supply[..], more].concat();
    fires(
        &with(&[prefix]),
        "buyer-eu-number-missing /Faktura/Fa/P_13_6_2",
    );
    fires(
        &with(&[number]),
        "seller-prefix-missing /Faktura/Fa/P_13_6_2",
    );
    silent(&with(&[prefix, number]));
    let vehicle = (
        "<P_22N>1</P_22N>",
        "<P_22>1</P_22><P_42_5>2</P_42_5><NowySrodekTransportu><P_22A>2026-10-01</P_22A><P_NrWierszaNST>1</P_NrWierszaNST><P_22B>1</P_22B></NowySrodekTransportu>",
    );
    silent(&with(&[prefix, vehicle]));
    let services = [
        (super::SUMS, "<P_13_9>100.00</P_13_9><P_15>100.00</P_15>"),
        ("<P_12>23", "<P_12>np II"),
        ("<P_18>2", "<P_18>1"),
        number,
    ];
    fires(&services, "seller-prefix-missing /Faktura/Fa/P_13_9");
    fires(
        &[("<P_23>2", "<P_23>1"), prefix],
        "buyer-eu-number-missing /Faktura/Fa/Adnotacje/P_23",
    );
}
