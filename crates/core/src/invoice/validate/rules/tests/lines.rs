//! Vectors of the rules on lines and orders.

use super::{CORRECTED, LINE, SUMS, fires, of_kind, silent, warnings};

/// [`LINE`] with other quantity, price, discount and value, in an invoice without sums to disturb.
#[track_caller]
fn line(fields: &str) -> Vec<String> {
    let line = format!("<FaWiersz><NrWierszaFa>1</NrWierszaFa><P_7>Tort</P_7>{fields}</FaWiersz>");
    let kind = "<RodzajFaktury>ROZ</RodzajFaktury><FakturaZaliczkowa><NrKSeFZN>1</NrKSeFZN><NrFaZaliczkowej>Z/1</NrFaZaliczkowej></FakturaZaliczkowa>";
    warnings(&of_kind(kind, &[(LINE, &line)]))
}

#[test]
fn the_value_is_quantity_times_price_less_discount() {
    for right in [
        "<P_8B>3</P_8B><P_9A>1.50</P_9A><P_11>4.50</P_11>",
        // Half a hundredth of the price for each piece, and a hundredth.
        "<P_8B>1000</P_8B><P_9A>8.12</P_9A><P_11>8125.01</P_11>",
        "<P_8B>1000</P_8B><P_9A>8.12</P_9A><P_11>8114.99</P_11>",
        "<P_8B>1000</P_8B><P_9A>8</P_9A><P_11>8005.01</P_11>",
        // A third of an hour.
        "<P_8B>0.333</P_8B><P_9A>150.00</P_9A><P_11>50.00</P_11>",
        // The discount of the line, and that of the unit.
        "<P_8B>12</P_8B><P_9A>31.25</P_9A><P_10>15.00</P_10><P_11>360.00</P_11>",
        "<P_8B>20</P_8B><P_9A>1000</P_9A><P_10>100</P_10><P_11>18000</P_11>",
        "<P_8B>-2</P_8B><P_9A>5.00</P_9A><P_11>-10.00</P_11>",
        "<P_8B>2</P_8B><P_9B>6.15</P_9B><P_11A>12.30</P_11A>",
        // Nothing to multiply.
        "<P_9A>5.00</P_9A><P_11>7.00</P_11>",
        "<P_8B>2</P_8B><P_11>7.00</P_11>",
    ] {
        assert_eq!(line(right), <[&str; 0]>::default(), "{right}");
    }
    for (wrong, field) in [
        ("<P_8B>3</P_8B><P_9A>1.50</P_9A><P_11>4.53</P_11>", "P_11"),
        (
            "<P_8B>1000</P_8B><P_9A>8.12</P_9A><P_11>8125.02</P_11>",
            "P_11",
        ),
        (
            "<P_8B>1000</P_8B><P_9A>8.1200</P_9A><P_11>8120.07</P_11>",
            "P_11",
        ),
        (
            "<P_8B>12</P_8B><P_9A>31.25</P_9A><P_10>15.00</P_10><P_11>375.00</P_11>",
            "P_11",
        ),
        (
            "<P_8B>2</P_8B><P_9B>6.15</P_9B><P_11A>12.33</P_11A>",
            "P_11A",
        ),
    ] {
        assert_eq!(
            line(wrong),
            [format!(
                "line-value-differs /Faktura/Fa/FaWiersz[1]/{field}"
            )],
            "{wrong}"
        );
    }
}

#[test]
fn tax_and_gross_value_of_a_line_follow_from_its_rate() {
    for right in [
        "<P_11>10.00</P_11><P_11A>12.31</P_11A><P_12>23</P_12>",
        "<P_11>10.00</P_11><P_11Vat>0.79</P_11Vat><P_12>8</P_12>",
        "<P_11>10.00</P_11><P_11A>10.00</P_11A><P_11Vat>0</P_11Vat><P_12>0 KR</P_12>",
        "<P_11>10.00</P_11><P_11A>99.00</P_11A><P_11Vat>7</P_11Vat>",
    ] {
        assert_eq!(line(right), <[&str; 0]>::default(), "{right}");
    }
    for (wrong, field) in [
        (
            "<P_11>10.00</P_11><P_11A>12.32</P_11A><P_12>23</P_12>",
            "P_11A",
        ),
        (
            "<P_11>10.00</P_11><P_11Vat>0.82</P_11Vat><P_12>8</P_12>",
            "P_11Vat",
        ),
    ] {
        assert_eq!(
            line(wrong),
            [format!("line-tax-differs /Faktura/Fa/FaWiersz[1]/{field}")],
            "{wrong}"
        );
    }
}

#[test]
fn a_line_has_one_rate() {
    assert_eq!(
        line("<P_11>10.00</P_11><P_12>23</P_12><P_12_XII>19</P_12_XII>"),
        ["line-rate-twice /Faktura/Fa/FaWiersz[1]/P_12_XII"]
    );
}

#[test]
fn codes_of_goods_and_services_fit_the_rate() {
    let codes = |rate: &str, code: &str| line(&format!("<P_11>1</P_11><P_12>{rate}</P_12>{code}"));
    let marked = |rate, code| {
        codes(rate, code)
            .into_iter()
            .filter(|found| found.starts_with("gtu") || found.starts_with("procedure"))
            .collect::<Vec<_>>()
    };
    for (rate, code) in [
        ("23", "<GTU>GTU_12</GTU>"),
        ("0 WDT", "<GTU>GTU_07</GTU>"),
        ("0 EX", "<GTU>GTU_10</GTU>"),
        ("np II", "<GTU>GTU_12</GTU>"),
        ("np I", "<GTU>GTU_01</GTU>"),
        ("0 WDT", "<Procedura>I_42</Procedura>"),
        ("np I", "<Procedura>TT_D</Procedura>"),
        ("23", "<Procedura>B_SPV</Procedura>"),
    ] {
        assert_eq!(marked(rate, code), <[&str; 0]>::default(), "{rate} {code}");
    }
    for (rate, code) in [
        ("0 WDT", "<GTU>GTU_11</GTU>"),
        ("0 EX", "<GTU>GTU_13</GTU>"),
        ("np II", "<GTU>GTU_10</GTU>"),
    ] {
        assert_eq!(
            marked(rate, code),
            ["gtu-contradicts-rate /Faktura/Fa/FaWiersz[1]/GTU"],
            "{rate} {code}"
        );
    }
    for (rate, code) in [
        ("23", "<Procedura>I_63</Procedura>"),
        ("0 WDT", "<Procedura>TT_D</Procedura>"),
    ] {
        assert_eq!(
            marked(rate, code),
            ["procedure-contradicts-rate /Faktura/Fa/FaWiersz[1]/Procedura"],
            "{rate} {code}"
        );
    }
}

#[test]
fn the_second_in_a_triangular_transaction_says_so() {
    let line = LINE.replace(
        "<P_12>23</P_12>",
        "<P_12>np I</P_12><Procedura>TT_D</Procedura>",
    );
    let edits = [
        (SUMS, "<P_13_8>100.00</P_13_8><P_15>100.00</P_15>"),
        (LINE, line.as_str()),
        (
            "<Podmiot1>",
            "<Podmiot1><PrefiksPodatnika>PL</PrefiksPodatnika>",
        ),
        (
            "<NIP>7251804426</NIP>",
            "<KodUE>CZ</KodUE><NrVatUE>12345678</NrVatUE>",
        ),
    ];
    fires(&edits, "triangular-mark-missing /Faktura/Fa/Adnotacje/P_23");
    silent(&[&edits[..], &[("<P_23>2", "<P_23>1")]].concat());
}

#[test]
fn numbers_of_lines_differ_outside_corrections() {
    let half = LINE.replace("50.00", "25.00").replace("100.00", "50.00");
    let twice = format!("{half}{half}");
    fires(
        &[(LINE, &twice)],
        "line-number-repeated /Faktura/Fa/FaWiersz[2]/NrWierszaFa",
    );
    silent(&[(LINE, &format!("{}{half}", half.replace(">1<", ">7<")))]);
    let kind = format!("<RodzajFaktury>KOR</RodzajFaktury>{CORRECTED}");
    silent(&of_kind(&kind, &[(LINE, &twice)]));
}

#[test]
fn references_name_lines_that_are_there() {
    let note = |line| {
        format!(
            "<RodzajFaktury>VAT</RodzajFaktury><DodatkowyOpis><Klucz>a</Klucz><Wartosc>b</Wartosc></DodatkowyOpis><DodatkowyOpis><NrWiersza>{line}</NrWiersza><Klucz>a</Klucz><Wartosc>b</Wartosc></DodatkowyOpis>"
        )
    };
    silent(&of_kind(&note("1"), &[]));
    fires(
        &of_kind(&note("2"), &[]),
        "line-number-unknown /Faktura/Fa/DodatkowyOpis[2]/NrWiersza",
    );
    let vehicle = |line| {
        format!(
            "<P_22>1</P_22><P_42_5>2</P_42_5><NowySrodekTransportu><P_22A>2026-10-01</P_22A><P_NrWierszaNST>{line}</P_NrWierszaNST><P_22B>1</P_22B></NowySrodekTransportu>"
        )
    };
    silent(&[("<P_22N>1</P_22N>", &vehicle("1"))]);
    fires(
        &[("<P_22N>1</P_22N>", &vehicle("3"))],
        "line-number-unknown /Faktura/Fa/Adnotacje/NoweSrodkiTransportu/NowySrodekTransportu[1]/P_NrWierszaNST",
    );
}

#[test]
fn lines_are_there_where_the_kind_demands_them() {
    for kind in ["VAT", "UPR"] {
        let kind = format!("<RodzajFaktury>{kind}</RodzajFaktury>");
        fires(&of_kind(&kind, &[(LINE, "")]), "lines-missing /Faktura/Fa");
    }
}

#[test]
fn the_date_of_delivery_stands_in_one_place() {
    let dated = LINE.replace("<P_7>", "<P_6A>2026-11-19</P_6A><P_7>");
    let common = ("</P_2>", "</P_2><P_6>2026-11-19</P_6>");
    silent(&[(LINE, &dated)]);
    silent(&[common]);
    fires(
        &[common, (LINE, &dated)],
        "delivery-date-twice /Faktura/Fa/FaWiersz[1]/P_6A",
    );
}

#[test]
fn the_period_runs_forward() {
    let period =
        |from, to| format!("</P_2><OkresFa><P_6_Od>{from}</P_6_Od><P_6_Do>{to}</P_6_Do></OkresFa>");
    silent(&[("</P_2>", &period("2026-10-01", "2026-10-01"))]);
    fires(
        &[("</P_2>", &period("2026-10-02", "2026-10-01"))],
        "period-reversed /Faktura/Fa/OkresFa/P_6_Do",
    );
}

#[test]
fn a_state_before_belongs_into_a_correction() {
    let before = LINE.replace("</FaWiersz>", "<StanPrzed>1</StanPrzed></FaWiersz>");
    let found = warnings(&[(LINE, &before)]);
    assert_eq!(
        found[1],
        "state-before-not-expected /Faktura/Fa/FaWiersz[1]/StanPrzed"
    );
}

const ADVANCE: &str = "<RodzajFaktury>ZAL</RodzajFaktury>";

fn order(value: &str, lines: &str) -> String {
    format!("<Zamowienie><WartoscZamowienia>{value}</WartoscZamowienia>{lines}</Zamowienie>")
}

fn order_line(number: u32, fields: &str) -> String {
    format!("<ZamowienieWiersz><NrWierszaZam>{number}</NrWierszaZam>{fields}</ZamowienieWiersz>")
}

#[test]
fn an_advance_invoice_states_the_order() {
    fires(
        &of_kind(ADVANCE, &[]),
        "order-missing /Faktura/Fa/RodzajFaktury",
    );
    let line = order_line(
        1,
        "<P_11NettoZ>1000</P_11NettoZ><P_11VatZ>230</P_11VatZ><P_12Z>23</P_12Z>",
    );
    let exempt = order_line(2, "<P_11NettoZ>50</P_11NettoZ><P_12Z>0 KR</P_12Z>");
    silent(&of_kind(ADVANCE, &[(LINE, &order("1230.00", &line))]));
    silent(&of_kind(ADVANCE, &[(LINE, &order("1230.01", &line))]));
    silent(&of_kind(
        ADVANCE,
        &[(LINE, &order("1280.02", &format!("{line}{exempt}")))],
    ));
    fires(
        &of_kind(ADVANCE, &[(LINE, &order("1230.02", &line))]),
        "order-value-differs /Faktura/Fa/Zamowienie/WartoscZamowienia",
    );
    // A line without tax and rate says too little.
    let bare = order_line(1, "<P_11NettoZ>1000</P_11NettoZ>");
    silent(&of_kind(ADVANCE, &[(LINE, &order("9.00", &bare))]));
    fires(
        &[(LINE, &format!("{LINE}{}", order("1230.00", &line)))],
        "order-not-expected /Faktura/Fa/Zamowienie/WartoscZamowienia",
    );
}

#[test]
fn lines_of_an_order_follow_the_rules_of_lines() {
    let fields = "<P_11NettoZ>1000</P_11NettoZ><P_11VatZ>230</P_11VatZ>";
    let twice = order("2460.00", &order_line(1, fields).repeat(2));
    fires(
        &of_kind(ADVANCE, &[(LINE, &twice)]),
        "line-number-repeated /Faktura/Fa/Zamowienie/ZamowienieWiersz[2]/NrWierszaZam",
    );
    let rates = format!("{fields}<P_12Z>23</P_12Z><P_12Z_XII>19</P_12Z_XII>");
    fires(
        &of_kind(ADVANCE, &[(LINE, &order("1230", &order_line(1, &rates)))]),
        "line-rate-twice /Faktura/Fa/Zamowienie/ZamowienieWiersz[1]/P_12Z_XII",
    );
    let before = format!("{fields}<StanPrzedZ>1</StanPrzedZ>");
    fires(
        &of_kind(ADVANCE, &[(LINE, &order("1230", &order_line(1, &before)))]),
        "state-before-not-expected /Faktura/Fa/Zamowienie/ZamowienieWiersz[1]/StanPrzedZ",
    );
    let pair = order(
        "5.00",
        &format!("{}{}", order_line(1, &before), order_line(1, fields)),
    );
    let kind = format!("<RodzajFaktury>KOR_ZAL</RodzajFaktury>{CORRECTED}");
    silent(&of_kind(&kind, &[(LINE, &pair)]));
}
