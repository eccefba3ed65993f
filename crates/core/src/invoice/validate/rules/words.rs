//! The words of the rules beyond the schema, in both languages. They say what is expected and never quote a value of the
//! invoice.

use super::super::code::Code;
use super::totals::Sale;
use crate::diagnostic::Bilingual;

/// Of a sum of sales that is not that of its lines: which one, or that it is missing.
pub(super) fn net_sum_differs(sale: Sale, is_stated: bool) -> Bilingual {
    let general = words(Code::NetSumDiffers);
    let field = sale.net_path().rsplit('/').next().unwrap_or_default();
    let (rate_pl, rate_en) = match sale.rates() {
        [] => (String::new(), String::new()),
        rates => {
            let rates: Vec<_> = rates.iter().map(|rate| format!("{rate}%")).collect();
            (
                format!(" (stawka {})", rates.join(" lub ")),
                format!(" (rate {})", rates.join(" or ")),
            )
        }
    };
    let (missing_pl, missing_en) = if is_stated {
        ("", "")
    } else {
        (
            ": brakuje, choć są pozycje tej sprzedaży",
            " is missing, though there are lines of it",
        )
    };
    Bilingual::new(
        format!("{field}{rate_pl}{missing_pl}: {}", general.pl),
        format!("{field}{rate_en}{missing_en}: {}", general.en),
    )
}

/// What a rule expects.
pub(super) fn words(code: Code) -> Bilingual {
    let (pl, en) = match code {
        Code::IssueDateInFuture => (
            "data wystawienia jest późniejsza niż dzisiejsza",
            "the issue date lies after today",
        ),
        Code::NipChecksum => (
            "cyfra kontrolna NIP jest błędna",
            "the check digit of the NIP is wrong",
        ),
        Code::NipMisplaced => (
            "polski NIP podaje się w polu NIP, nie w NrVatUE ani NrID: inaczej KSeF nie udostępni faktury tej stronie",
            "a Polish NIP belongs into the field NIP, not into NrVatUE or NrID: else KSeF does not show the invoice to that party",
        ),
        Code::EuVatNumberWithCountry => (
            "numer VAT UE podaje się bez kodu kraju, który stoi w KodUE",
            "an EU VAT number is given without the country code, which stands in KodUE",
        ),
        Code::LocalGovernmentRecipientMissing => (
            "JST ma wartość 1: oczekiwano Podmiot3 w roli 8 (jednostka samorządu terytorialnego – odbiorca)",
            "JST is 1: expected a Podmiot3 in role 8 (local government unit, recipient)",
        ),
        Code::LocalGovernmentFlagMissing => (
            "jest Podmiot3 w roli 8: oczekiwano JST o wartości 1",
            "there is a Podmiot3 in role 8: expected JST to be 1",
        ),
        Code::VatGroupRecipientMissing => (
            "GV ma wartość 1: oczekiwano Podmiot3 w roli 10 (członek grupy VAT – odbiorca)",
            "GV is 1: expected a Podmiot3 in role 10 (member of a VAT group, recipient)",
        ),
        Code::VatGroupFlagMissing => (
            "jest Podmiot3 w roli 10: oczekiwano GV o wartości 1",
            "there is a Podmiot3 in role 10: expected GV to be 1",
        ),
        Code::RecipientIdentifierMissing => (
            "Podmiot3 w roli 8 albo 10 podaje NIP albo IDWew: inaczej KSeF nie udostępni mu faktury",
            "a Podmiot3 in role 8 or 10 needs NIP or IDWew: else KSeF does not show it the invoice",
        ),
        Code::EmployeeIdentifier => (
            "pracownika (rola 11) oznacza się BrakID i podaje jego imię i nazwisko",
            "an employee (role 11) is marked BrakID and given by name",
        ),
        Code::ShareWithoutBuyer => (
            "Udzial podaje się tylko dla dodatkowego nabywcy (rola 4)",
            "Udzial is given for an additional buyer (role 4) only",
        ),
        Code::SharesExceedWhole => (
            "udziały dodatkowych nabywców przekraczają razem 100 procent",
            "the shares of the additional buyers exceed 100 per cent",
        ),
        Code::SelfBillingIssuer => (
            "samofakturowanie (P_17): nabywca stoi w Podmiot2, a roli 5 w Podmiot3 się nie podaje",
            "self-billing (P_17): the buyer stands in Podmiot2, and no Podmiot3 has role 5",
        ),
        Code::SellerPrefixMissing => (
            "ta sprzedaż wymaga PrefiksPodatnika (PL) w Podmiot1",
            "this sale needs PrefiksPodatnika (PL) in Podmiot1",
        ),
        Code::BuyerEuNumberMissing => (
            "ta sprzedaż wymaga numeru VAT UE nabywcy: KodUE i NrVatUE w Podmiot2",
            "this sale needs the EU VAT number of the buyer: KodUE and NrVatUE in Podmiot2",
        ),
        Code::PeriodReversed => (
            "okres faktury kończy się przed swoim początkiem",
            "the period of the invoice ends before it begins",
        ),
        Code::DeliveryDateTwice => (
            "datę podaje się albo raz dla wszystkich pozycji (P_6), albo w pozycjach (P_6A)",
            "the date is given either once for all lines (P_6) or in the lines (P_6A)",
        ),
        Code::ContractCurrencyZloty => (
            "waluta umowna to waluta, z której przeliczono kwoty w złotych: nie może nią być PLN",
            "the contract currency is the one from which amounts in zloty were converted: it cannot be PLN",
        ),
        Code::TotalDiffers => (
            "P_15 powinno być sumą pól P_13 i P_14 (z dokładnością do grosza na stawkę)",
            "P_15 should be the sum of the fields P_13 and P_14 (to a hundredth for each rate)",
        ),
        Code::TaxDiffers => (
            "podatek powinien być iloczynem sumy sprzedaży i stawki (z dokładnością do grosza na pozycję)",
            "the tax should be the sum of the sales times the rate (to a hundredth for each line)",
        ),
        Code::NetSumDiffers => (
            "suma sprzedaży powinna równać się sumie pozycji o tej stawce (z dokładnością do grosza na pozycję)",
            "the sum of the sales should be that of the lines of this rate (to a hundredth for each line)",
        ),
        Code::GrossSumDiffers => (
            "P_15 powinno być sumą wartości brutto pozycji (z dokładnością do grosza na pozycję)",
            "P_15 should be the sum of the gross values of the lines (to a hundredth for each line)",
        ),
        Code::TaxInZlotyMissing => (
            "faktura w walucie obcej podaje kwotę podatku także w złotych: oczekiwano pola P_14 z literą W",
            "an invoice in another currency states the tax in zloty too: expected the field P_14 with the letter W",
        ),
        Code::TaxInZlotyNotExpected => (
            "kwotę podatku przeliczoną na złote podaje się tylko na fakturze w walucie obcej",
            "the tax converted to zloty is given on an invoice in another currency only",
        ),
        Code::LinesMissing => (
            "faktura tego rodzaju ma pozycje: oczekiwano FaWiersz",
            "an invoice of this kind has lines: expected FaWiersz",
        ),
        Code::LineNumberRepeated => (
            "numer wiersza się powtarza; poza korektą numery są kolejne i różne",
            "the number of the line is repeated; outside a correction numbers are consecutive and differ",
        ),
        Code::LineNumberUnknown => (
            "faktura nie ma wiersza o tym numerze",
            "the invoice has no line of this number",
        ),
        Code::LineValueDiffers => (
            "wartość pozycji powinna być iloczynem ilości i ceny pomniejszonym o opust",
            "the value of the line should be quantity times price less the discount",
        ),
        Code::LineTaxDiffers => (
            "podatek albo wartość brutto pozycji nie wynika z jej wartości netto i stawki",
            "the tax or the gross value of the line does not follow from its net value and rate",
        ),
        Code::LineRateTwice => (
            "pozycja ma albo stawkę krajową (P_12), albo stawkę procedury szczególnej (P_12_XII)",
            "a line has either a Polish rate (P_12) or one of the special procedure (P_12_XII)",
        ),
        Code::GtuContradictsRate => (
            "kod GTU towarów nie pasuje do stawki usług albo odwrotnie",
            "the GTU code is one of goods and the rate one of services, or the other way round",
        ),
        Code::ProcedureContradictsRate => (
            "oznaczenie procedury wymaga innej stawki: I_42 i I_63 – 0 WDT, TT_D – np I",
            "the procedure needs another rate: 0 WDT for I_42 and I_63, np I for TT_D",
        ),
        Code::TriangularMarkMissing => (
            "procedura TT_D wymaga P_23 o wartości 1",
            "the procedure TT_D needs P_23 to be 1",
        ),
        Code::OrderMissing => (
            "faktura zaliczkowa podaje zamówienie lub umowę: oczekiwano Zamowienie",
            "an advance invoice states the order or contract: expected Zamowienie",
        ),
        Code::OrderNotExpected => (
            "Zamowienie podaje się tylko na fakturze zaliczkowej i jej korekcie",
            "Zamowienie is given on an advance invoice and its correction only",
        ),
        Code::OrderValueDiffers => (
            "wartość zamówienia powinna być sumą wartości netto i podatku jego wierszy",
            "the value of the order should be the sum of the net values and taxes of its lines",
        ),
        Code::AdvanceInvoiceMissing => (
            "faktura rozliczająca wskazuje faktury zaliczkowe (FakturaZaliczkowa) albo zapłaty (ZaliczkaCzesciowa)",
            "a settlement invoice names the advance invoices (FakturaZaliczkowa) or the payments (ZaliczkaCzesciowa)",
        ),
        Code::AdvanceInvoiceNotExpected => (
            "faktura rozliczająca zaliczkę ma rodzaj ROZ",
            "an invoice that settles an advance is of the kind ROZ",
        ),
        Code::PartialAdvancesDiffer => (
            "zapłaty P_15Z powinny składać się na P_15, a w fakturze rozliczającej go nie przekraczać",
            "the payments P_15Z should come to P_15, and on a settlement not exceed it",
        ),
        Code::CorrectedInvoiceMissing => (
            "faktura korygująca wskazuje faktury korygowane: oczekiwano DaneFaKorygowanej",
            "a correction names the invoices it corrects: expected DaneFaKorygowanej",
        ),
        Code::CorrectionDataNotExpected => (
            "dane faktury korygowanej podaje się tylko na korekcie (KOR, KOR_ZAL, KOR_ROZ)",
            "a corrected invoice is named on a correction only (KOR, KOR_ZAL, KOR_ROZ)",
        ),
        Code::CorrectedInvoiceLater => (
            "faktura korygowana ma datę późniejszą niż jej korekta",
            "the corrected invoice is dated after its correction",
        ),
        Code::StateBeforeNotExpected => (
            "stan przed korektą podaje się tylko na korekcie",
            "a state before a correction is given on a correction only",
        ),
        Code::ExemptionBasisMissing => (
            "sprzedaż zwolniona wymaga P_19 i podstawy prawnej zwolnienia (P_19A, P_19B albo P_19C)",
            "exempt sale needs P_19 and the legal basis of the exemption (P_19A, P_19B or P_19C)",
        ),
        Code::ExemptionWithoutSale => (
            "P_19 mówi o sprzedaży zwolnionej, której faktura nie wykazuje (zw, P_13_7)",
            "P_19 speaks of exempt sale, and the invoice states none (zw, P_13_7)",
        ),
        Code::ReverseChargeMarkMissing => (
            "podatek rozlicza nabywca: oczekiwano P_18 o wartości 1 (odwrotne obciążenie)",
            "the buyer owes the tax: expected P_18 to be 1 (reverse charge)",
        ),
        Code::ReverseChargeWithoutSale => (
            "P_18 mówi o odwrotnym obciążeniu, a faktura nie wykazuje takiej sprzedaży (oo, np I, np II)",
            "P_18 marks a reverse charge, and the invoice states no such sale (oo, np I, np II)",
        ),
        Code::MarginMarkMissing => (
            "P_13_11 to sprzedaż w procedurze marży: oczekiwano P_PMarzy i jej rodzaju",
            "P_13_11 is sale under a margin scheme: expected P_PMarzy and the scheme",
        ),
        Code::MarginSumMissing => (
            "P_PMarzy oznacza procedurę marży: oczekiwano sumy sprzedaży w P_13_11",
            "P_PMarzy marks a margin scheme: expected the sum of the sales in P_13_11",
        ),
        Code::SplitPaymentMarkMissing => (
            "powyżej 15 000 zł z towarami lub usługami z załącznika nr 15: oczekiwano P_18A o wartości 1",
            "above 15 000 zloty with goods or services of annex 15: expected P_18A to be 1",
        ),
        Code::SimplifiedInvoiceLimit => (
            "faktura uproszczona (UPR) nie może przekraczać 450 zł albo 100 euro",
            "a simplified invoice (UPR) may not exceed 450 zloty or 100 euro",
        ),
        Code::BankAccountChecksum => (
            "suma kontrolna rachunku bankowego jest błędna (NRB albo IBAN)",
            "the check digits of the bank account are wrong (NRB or IBAN)",
        ),
        Code::PaymentTermBeforeIssue => (
            "termin płatności jest wcześniejszy niż data wystawienia i niż dostawa",
            "the payment is due before the issue date and before the delivery",
        ),
        Code::PaymentDateAfterIssue => (
            "data zapłaty jest późniejsza niż data wystawienia; podaje się zapłaty dokonane do wystawienia faktury",
            "the date of payment lies after the issue date; payments made until then are given",
        ),
        Code::PartialPaymentsDiffer => (
            "zapłaty częściowe nie zgadzają się z ich znacznikiem: 1 – w części, 2 – w całości",
            "the partial payments do not fit their mark: 1 for in part, 2 for in full",
        ),
        Code::ChargesSumDiffers => (
            "SumaObciazen powinna być sumą obciążeń",
            "SumaObciazen should be the sum of the charges",
        ),
        Code::DeductionsSumDiffers => (
            "SumaOdliczen powinna być sumą odliczeń",
            "SumaOdliczen should be the sum of the deductions",
        ),
        Code::AmountToPayDiffers => (
            "DoZaplaty powinno równać się P_15 z obciążeniami i bez odliczeń",
            "DoZaplaty should be P_15 with the charges and less the deductions",
        ),
        // The schema's own codes have words that depend on the place.
        _ => ("wartość jest niepoprawna", "the value is not legal"),
    };
    Bilingual::new(pl, en)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::super::super::code::Severity;
    use super::*;

    #[test]
    fn every_warning_has_words_of_its_own() {
        let said: Vec<_> = Code::ALL
            .iter()
            .filter(|code| code.severity() == Severity::Warning)
            .map(|code| words(*code))
            .collect();
        for language in [crate::Language::Pl, crate::Language::En] {
            let texts: HashSet<_> = said.iter().map(|message| message.text(language)).collect();
            assert_eq!(texts.len(), said.len());
            assert!(!texts.contains(words(Code::ElementMissing).text(language)));
        }
    }
}
