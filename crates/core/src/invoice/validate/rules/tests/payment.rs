//! Vectors of the rules on payment, settlement, corrections and advances.

use super::{CORRECTED, LINE, fires, of_kind, silent};

fn payment(fields: &str) -> String {
    format!("{LINE}<Platnosc>{fields}</Platnosc>")
}

fn settlement(fields: &str) -> String {
    format!("{LINE}<Rozliczenie>{fields}</Rozliczenie>")
}

#[test]
fn check_digits_of_accounts_are_verified() {
    let account = |element: &str, number: &str| {
        payment(&format!("<{element}><NrRB>{number}</NrRB></{element}>"))
    };
    silent(&[(
        LINE,
        &account("RachunekBankowy", "04102000160000100203040506"),
    )]);
    silent(&[(LINE, &account("RachunekBankowy", "123456789012345"))]);
    fires(
        &[(
            LINE,
            &account("RachunekBankowy", "04102000160000100203040605"),
        )],
        "bank-account-checksum /Faktura/Fa/Platnosc/RachunekBankowy[1]/NrRB",
    );
    fires(
        &[(
            LINE,
            &account("RachunekBankowyFaktora", "DE88370400440532013000"),
        )],
        "bank-account-checksum /Faktura/Fa/Platnosc/RachunekBankowyFaktora[1]/NrRB",
    );
}

#[test]
fn payment_is_due_from_the_issue_date_on() {
    let term = |day: &str| {
        payment(&format!(
            "<TerminPlatnosci><Termin>{day}</Termin></TerminPlatnosci>"
        ))
    };
    silent(&[(LINE, &term("2026-11-20"))]);
    fires(
        &[(LINE, &term("2026-11-19"))],
        "payment-term-before-issue /Faktura/Fa/Platnosc/TerminPlatnosci[1]/Termin",
    );
    let paid = term("2026-11-19").replace(
        "<TerminPlatnosci>",
        "<Zaplacono>1</Zaplacono><DataZaplaty>2026-11-18</DataZaplaty><TerminPlatnosci>",
    );
    silent(&[(LINE, &paid)]);
    let kind = format!("<RodzajFaktury>KOR</RodzajFaktury>{CORRECTED}");
    silent(&of_kind(&kind, &[(LINE, &term("2026-11-19"))]));
}

#[test]
fn a_term_may_run_from_a_delivery_that_the_invoice_followed() {
    const NUMBER: &str = "<P_2>FV/1</P_2>";
    let term = payment("<TerminPlatnosci><Termin>2026-11-10</Termin></TerminPlatnosci>");
    let code = "payment-term-before-issue /Faktura/Fa/Platnosc/TerminPlatnosci[1]/Termin";
    let period = |from: &str| {
        format!("{NUMBER}<OkresFa><P_6_Od>{from}</P_6_Od><P_6_Do>2026-11-30</P_6_Do></OkresFa>")
    };
    let delivered = |day: &str| format!("{NUMBER}<P_6>{day}</P_6>");
    let line = |day: &str| term.replace("<P_7>", &format!("<P_6A>{day}</P_6A><P_7>"));
    silent(&[(NUMBER, &delivered("2026-11-03")), (LINE, &term)]);
    fires(&[(NUMBER, &delivered("2026-11-11")), (LINE, &term)], code);
    silent(&[(NUMBER, &period("2026-11-01")), (LINE, &term)]);
    fires(&[(NUMBER, &period("2026-11-11")), (LINE, &term)], code);
    silent(&[(LINE, &line("2026-11-10"))]);
    fires(&[(LINE, &line("2026-11-11"))], code);
}

#[test]
fn what_is_paid_was_paid_until_the_invoice_was_issued() {
    let paid = |day: &str| {
        payment(&format!(
            "<Zaplacono>1</Zaplacono><DataZaplaty>{day}</DataZaplaty>"
        ))
    };
    silent(&[(LINE, &paid("2026-11-20"))]);
    silent(&[(LINE, &paid("2026-01-01"))]);
    fires(
        &[(LINE, &paid("2026-11-21"))],
        "payment-date-after-issue /Faktura/Fa/Platnosc/DataZaplaty",
    );
}

#[test]
fn partial_payments_fit_their_mark() {
    let partial = |mark: &str, amount: &str, day: &str| {
        payment(&format!(
            "<ZnacznikZaplatyCzesciowej>{mark}</ZnacznikZaplatyCzesciowej><ZaplataCzesciowa><KwotaZaplatyCzesciowej>{amount}</KwotaZaplatyCzesciowej><DataZaplatyCzesciowej>{day}</DataZaplatyCzesciowej></ZaplataCzesciowa>"
        ))
    };
    let mark = "partial-payments-differ /Faktura/Fa/Platnosc/ZnacznikZaplatyCzesciowej";
    silent(&[(LINE, &partial("1", "122.99", "2026-11-20"))]);
    fires(&[(LINE, &partial("1", "123.00", "2026-11-20"))], mark);
    silent(&[(LINE, &partial("2", "123.00", "2026-11-20"))]);
    fires(&[(LINE, &partial("2", "122.99", "2026-11-20"))], mark);
    fires(
        &[(LINE, &partial("1", "5.00", "2026-11-21"))],
        "payment-date-after-issue /Faktura/Fa/Platnosc/ZaplataCzesciowa[1]/DataZaplatyCzesciowej",
    );
}

#[test]
fn charges_and_deductions_add_up() {
    let item = |name: &str, amount: &str| {
        format!("<{name}><Kwota>{amount}</Kwota><Powod>x</Powod></{name}>")
    };
    let charges = format!(
        "{}{}",
        item("Obciazenia", "10.00"),
        item("Obciazenia", "5.00")
    );
    let deductions = item("Odliczenia", "8.00");
    let right = settlement(&format!(
        "{charges}<SumaObciazen>15</SumaObciazen>{deductions}<SumaOdliczen>8.00</SumaOdliczen><DoZaplaty>130.00</DoZaplaty>"
    ));
    silent(&[(LINE, &right)]);
    silent(&[(
        LINE,
        &settlement(&format!("{charges}<DoZaplaty>138.00</DoZaplaty>")),
    )]);
    silent(&[(
        LINE,
        &settlement("<SumaOdliczen>3.00</SumaOdliczen><DoZaplaty>120.00</DoZaplaty>"),
    )]);
    fires(
        &[(
            LINE,
            &settlement(&format!("{charges}<SumaObciazen>15.01</SumaObciazen>")),
        )],
        "charges-sum-differs /Faktura/Fa/Rozliczenie/SumaObciazen",
    );
    fires(
        &[(
            LINE,
            &settlement(&format!("{deductions}<SumaOdliczen>7.99</SumaOdliczen>")),
        )],
        "deductions-sum-differs /Faktura/Fa/Rozliczenie/SumaOdliczen",
    );
    fires(
        &[(LINE, &right.replace("130.00", "130.01"))],
        "amount-to-pay-differs /Faktura/Fa/Rozliczenie/DoZaplaty",
    );
}

#[test]
fn a_correction_names_what_it_corrects() {
    for kind in ["KOR", "KOR_ZAL", "KOR_ROZ"] {
        let bare = format!("<RodzajFaktury>{kind}</RodzajFaktury>");
        fires(
            &of_kind(&bare, &[]),
            "corrected-invoice-missing /Faktura/Fa",
        );
        silent(&of_kind(&format!("{bare}{CORRECTED}"), &[]));
    }
    let no_correction = format!("<RodzajFaktury>VAT</RodzajFaktury>{CORRECTED}{CORRECTED}");
    fires(
        &of_kind(&no_correction, &[]),
        "correction-data-not-expected /Faktura/Fa/DaneFaKorygowanej[1]",
    );
}

#[test]
fn what_is_corrected_was_issued_before() {
    let kind = |day| {
        format!(
            "<RodzajFaktury>KOR</RodzajFaktury>{}",
            CORRECTED.replace("2026-10-01", day)
        )
    };
    silent(&of_kind(&kind("2026-11-20"), &[]));
    fires(
        &of_kind(&kind("2026-11-21"), &[]),
        "corrected-invoice-later /Faktura/Fa/DaneFaKorygowanej[1]/DataWystFaKorygowanej",
    );
}

#[test]
fn a_settlement_names_its_advances() {
    let advance = "<FakturaZaliczkowa><NrKSeFZN>1</NrKSeFZN><NrFaZaliczkowej>Z/1</NrFaZaliczkowej></FakturaZaliczkowa>";
    let payment = |amount| {
        format!(
            "<ZaliczkaCzesciowa><P_6Z>2026-11-18</P_6Z><P_15Z>{amount}</P_15Z></ZaliczkaCzesciowa>"
        )
    };
    let kind = |kind: &str, rest: &str| format!("<RodzajFaktury>{kind}</RodzajFaktury>{rest}");
    fires(
        &of_kind(&kind("ROZ", ""), &[]),
        "advance-invoice-missing /Faktura/Fa",
    );
    silent(&of_kind(&kind("ROZ", advance), &[]));
    silent(&of_kind(&kind("ROZ", &payment("100.00")), &[]));
    silent(&of_kind(&kind("ROZ", &payment("123.00")), &[]));
    fires(
        &of_kind(&kind("ROZ", &payment("123.01")), &[]),
        "partial-advances-differ /Faktura/Fa/P_15",
    );
    fires(
        &of_kind(&kind("VAT", advance), &[]),
        "advance-invoice-not-expected /Faktura/Fa/FakturaZaliczkowa[1]",
    );
    let order = "<Zamowienie><WartoscZamowienia>1</WartoscZamowienia><ZamowienieWiersz><NrWierszaZam>1</NrWierszaZam></ZamowienieWiersz></Zamowienie>";
    let both = format!("{}{}", payment("100.00"), payment("23.00"));
    silent(&of_kind(&kind("ZAL", &both), &[(LINE, order)]));
    fires(
        &of_kind(&kind("ZAL", &payment("100.00")), &[(LINE, order)]),
        "partial-advances-differ /Faktura/Fa/P_15",
    );
}
