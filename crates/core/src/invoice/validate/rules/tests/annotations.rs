//! Vectors of the rules on annotations.

use super::{CORRECTED, LINE, NO_EXEMPTION, NO_MARGIN, SUMS, fires, of_kind, silent, warnings};

#[test]
fn exempt_sale_and_its_basis_go_together() {
    let sale = [
        (SUMS, "<P_13_7>100.00</P_13_7><P_15>100.00</P_15>"),
        ("<P_12>23", "<P_12>zw"),
    ];
    let basis = (NO_EXEMPTION, "<P_19>1</P_19><P_19A>art. 43</P_19A>");
    silent(&[&sale[..], &[basis]].concat());
    fires(
        &sale,
        "exemption-basis-missing /Faktura/Fa/Adnotacje/Zwolnienie/P_19N",
    );
    fires(
        &[basis],
        "exemption-without-sale /Faktura/Fa/Adnotacje/Zwolnienie/P_19",
    );
    // Lines without rates say nothing against the exemption (art. 106e ust. 4 pkt 3).
    let bare = "<FaWiersz><NrWierszaFa>1</NrWierszaFa><P_7>Lekcja</P_7></FaWiersz>";
    silent(&[basis, (SUMS, "<P_15>100.00</P_15>"), (LINE, bare)]);
    // A correction states differences.
    let kind = format!("<RodzajFaktury>KOR</RodzajFaktury>{CORRECTED}");
    silent(&of_kind(&kind, &sale));
}

#[test]
fn a_reverse_charge_is_marked() {
    let mark = ("<P_18>2", "<P_18>1");
    let at_home = [
        (SUMS, "<P_13_10>100.00</P_13_10><P_15>100.00</P_15>"),
        ("<P_12>23", "<P_12>oo"),
    ];
    silent(&[&at_home[..], &[mark]].concat());
    fires(
        &at_home,
        "reverse-charge-mark-missing /Faktura/Fa/Adnotacje/P_18",
    );
    fires(
        &[mark],
        "reverse-charge-without-sale /Faktura/Fa/Adnotacje/P_18",
    );
    // Sale abroad may be taxed there by the seller or by the buyer.
    let abroad = [
        (SUMS, "<P_13_8>100.00</P_13_8><P_15>100.00</P_15>"),
        ("<P_12>23", "<P_12>np I"),
    ];
    silent(&abroad);
    silent(&[&abroad[..], &[mark]].concat());
}

#[test]
fn a_margin_scheme_is_marked_and_summed() {
    let mark = (
        NO_MARGIN,
        "<P_PMarzy>1</P_PMarzy><P_PMarzy_2>1</P_PMarzy_2>",
    );
    let line = "<FaWiersz><NrWierszaFa>1</NrWierszaFa><P_7>Wycieczka</P_7><P_11A>100.00</P_11A></FaWiersz>";
    let sums = (SUMS, "<P_13_11>100.00</P_13_11><P_15>100.00</P_15>");
    silent(&[mark, sums, (LINE, line)]);
    fires(
        &[sums, (LINE, line)],
        "margin-mark-missing /Faktura/Fa/Adnotacje/PMarzy/P_PMarzyN",
    );
    fires(
        &[mark],
        "margin-sum-missing /Faktura/Fa/Adnotacje/PMarzy/P_PMarzy",
    );
}

/// An invoice of this amount due, exempt from the rules on sums.
fn of_amount(due: &str) -> (String, String) {
    let line = format!(
        "<FaWiersz><NrWierszaFa>1</NrWierszaFa><P_7>Złom</P_7><P_11A>{due}</P_11A><P_12_Zal_15>1</P_12_Zal_15></FaWiersz>"
    );
    (format!("<P_15>{due}</P_15>"), line)
}

#[test]
fn split_payment_begins_above_15_000_zloty() {
    let mark = ("<P_18A>2", "<P_18A>1");
    let (limit, limit_line) = of_amount("15000.00");
    let (above, above_line) = of_amount("15000.01");
    let at_limit = [(SUMS, limit.as_str()), (LINE, limit_line.as_str())];
    let beyond = [(SUMS, above.as_str()), (LINE, above_line.as_str())];
    silent(&at_limit);
    fires(
        &beyond,
        "split-payment-mark-missing /Faktura/Fa/Adnotacje/P_18A",
    );
    silent(&[&beyond[..], &[mark]].concat());
    // Whoever likes may put the mark on any invoice.
    silent(&[&at_limit[..], &[mark]].concat());
    // No goods of annex 15; a buyer without NIP.
    let other_goods = above_line.replace("<P_12_Zal_15>1</P_12_Zal_15>", "");
    silent(&[(SUMS, &above), (LINE, &other_goods)]);
    let consumer = ("<NIP>7251804426</NIP>", "<BrakID>1</BrakID>");
    silent(&[&beyond[..], &[consumer]].concat());
}

#[test]
fn the_limit_counts_in_zloty() {
    let (due, line) = of_amount("4000.00");
    let euro = ("<KodWaluty>PLN", "<KodWaluty>EUR");
    let with_rate = line.replace("</FaWiersz>", "<KursWaluty>4.25</KursWaluty></FaWiersz>");
    fires(
        &[euro, (SUMS, &due), (LINE, &with_rate)],
        "split-payment-mark-missing /Faktura/Fa/Adnotacje/P_18A",
    );
    silent(&[euro, (SUMS, &due), (LINE, &line)]);
}

#[test]
fn a_simplified_invoice_is_a_small_one() {
    let simplified = |due: &str| {
        let line = format!(
            "<FaWiersz><NrWierszaFa>1</NrWierszaFa><P_7>Chleb</P_7><P_11A>{due}</P_11A></FaWiersz>"
        );
        (format!("<P_15>{due}</P_15>"), line)
    };
    let found = |currency: &str, due: &str| {
        let (due, line) = simplified(due);
        warnings(&of_kind(
            "<RodzajFaktury>UPR</RodzajFaktury>",
            &[("<KodWaluty>PLN", currency), (SUMS, &due), (LINE, &line)],
        ))
    };
    let limit = ["simplified-invoice-limit /Faktura/Fa/P_15"];
    let none: [&str; 0] = [];
    assert_eq!(found("<KodWaluty>PLN", "450.00"), none);
    assert_eq!(found("<KodWaluty>PLN", "450.01"), limit);
    assert_eq!(found("<KodWaluty>EUR", "100.00"), none);
    assert_eq!(found("<KodWaluty>EUR", "100.01"), limit);
    assert_eq!(found("<KodWaluty>USD", "120.00"), none);
}

#[test]
fn a_contract_currency_is_not_zloty() {
    let terms = |currency| {
        format!(
            "{LINE}<WarunkiTransakcji><KursUmowny>4.30</KursUmowny><WalutaUmowna>{currency}</WalutaUmowna></WarunkiTransakcji>"
        )
    };
    silent(&[(LINE, &terms("EUR"))]);
    fires(
        &[(LINE, &terms("PLN"))],
        "contract-currency-zloty /Faktura/Fa/WarunkiTransakcji/WalutaUmowna",
    );
}
