//! Vectors of the rules on sums, at the edge of each tolerance.

use super::{CORRECTED, LINE, NO_MARGIN, SUMS, edited, fires, of_kind, silent, verdict, warnings};

const KIND: &str = "<RodzajFaktury>VAT</RodzajFaktury>";

#[test]
fn the_amount_due_is_the_sum_to_a_hundredth_for_each_rate() {
    for due in ["123.01", "122.99", "123", "123.0"] {
        silent(&[("<P_15>123.00", &format!("<P_15>{due}"))]);
    }
    for due in ["123.02", "122.98", "0.00", "-123.00"] {
        fires(
            &[("<P_15>123.00", &format!("<P_15>{due}"))],
            "total-differs /Faktura/Fa/P_15",
        );
    }
    let two_rates =
        "<P_13_1>100.00</P_13_1><P_14_1>23.00</P_14_1><P_13_3>20.00</P_13_3><P_14_3>1.00</P_14_3>";
    let second = LINE
        .replace(">1<", ">2<")
        .replace("50.00", "10.00")
        .replace("100.00", "20.00")
        .replace("<P_12>23", "<P_12>5");
    let lines = format!("{LINE}{second}");
    for (due, is_right) in [("144.02", true), ("144.03", false)] {
        let sums = format!("{two_rates}<P_15>{due}</P_15>");
        let found = warnings(&[(SUMS, &sums), (LINE, &lines)]);
        assert_eq!(found.is_empty(), is_right, "{found:?}");
    }
}

#[test]
fn sums_may_be_left_out() {
    silent(&[
        (SUMS, "<P_15>7.00</P_15>"),
        (
            LINE,
            "<FaWiersz><NrWierszaFa>1</NrWierszaFa><P_7>Tort</P_7></FaWiersz>",
        ),
    ]);
}

#[test]
fn the_tax_is_the_sum_times_the_rate_to_a_hundredth_for_each_line() {
    let with_tax = |tax: &str, due: &str| {
        SUMS.replace("23.00<", &format!("{tax}<"))
            .replace("<P_15>123.00", &format!("<P_15>{due}"))
    };
    silent(&[(SUMS, &with_tax("23.01", "123.01"))]);
    silent(&[(SUMS, &with_tax("22.99", "122.99"))]);
    fires(
        &[(SUMS, &with_tax("23.02", "123.02"))],
        "tax-differs /Faktura/Fa/P_14_1",
    );
    // Each line may have been rounded.
    let halves = LINE.replace("50.00", "25.00").replace("100.00", "50.00");
    let two = format!("{halves}{}", halves.replace(">1<", ">2<"));
    silent(&[(SUMS, &with_tax("23.02", "123.02")), (LINE, &two)]);
    fires(
        &[(SUMS, &with_tax("23.03", "123.03")), (LINE, &two)],
        "tax-differs /Faktura/Fa/P_14_1",
    );
}

#[test]
fn former_rates_count_where_lines_name_them() {
    let former = SUMS.replace("23.00<", "22.00<").replace("123.00", "122.00");
    fires(&[(SUMS, &former)], "tax-differs /Faktura/Fa/P_14_1");
    silent(&[(SUMS, &former), ("<P_12>23", "<P_12>22")]);
    let mixed = SUMS.replace("23.00<", "22.50<").replace("123.00", "122.50");
    let half = LINE.replace("50.00", "25.00").replace("100.00", "50.00");
    let both = format!(
        "{half}{}",
        half.replace(">1<", ">2<").replace("<P_12>23", "<P_12>22")
    );
    silent(&[(SUMS, &mixed), (LINE, &both)]);
}

#[test]
fn a_correction_may_correct_the_tax_alone() {
    let kind = format!("<RodzajFaktury>KOR</RodzajFaktury>{CORRECTED}");
    let sums = "<P_13_1>0.00</P_13_1><P_14_1>5.00</P_14_1><P_15>5.00</P_15>";
    silent(&of_kind(&kind, &[(SUMS, sums), (LINE, "")]));
}

#[test]
fn the_sums_are_those_of_the_lines_to_a_hundredth_for_each() {
    let net = |net: &str| SUMS.replace("100.00", net);
    silent(&[(SUMS, &net("100.01"))]);
    silent(&[(SUMS, &net("99.99"))]);
    let found = warnings(&[(SUMS, &net("100.02"))]);
    assert!(
        found.contains(&"net-sum-differs /Faktura/Fa/P_13_1".to_owned()),
        "{found:?}"
    );
    // The rate of the line and that of the sum differ.
    assert_eq!(
        warnings(&[("<P_12>23", "<P_12>8")]),
        [
            "net-sum-differs /Faktura/Fa",
            "net-sum-differs /Faktura/Fa/P_13_1",
        ]
    );
}

#[test]
fn lines_with_gross_values_are_held_against_net_and_tax() {
    let gross = |gross: &str| {
        LINE.replace(
            "<P_9A>50.00</P_9A><P_11>100.00</P_11>",
            &format!("<P_11A>{gross}</P_11A>"),
        )
    };
    silent(&[(LINE, &gross("123.00"))]);
    silent(&[(LINE, &gross("123.01"))]);
    fires(
        &[(LINE, &gross("123.02"))],
        "net-sum-differs /Faktura/Fa/P_13_1",
    );
}

/// A simplified invoice without sums.
fn simplified_with(line: &str) -> [(&str, &str); 3] {
    [
        (KIND, "<RodzajFaktury>UPR</RodzajFaktury>"),
        (SUMS, "<P_15>123.00</P_15>"),
        (LINE, line),
    ]
}

#[test]
fn without_sums_the_gross_lines_come_to_the_amount_due() {
    let gross_line = |gross: &str| {
        format!(
            "<FaWiersz><NrWierszaFa>1</NrWierszaFa><P_7>Tort</P_7><P_11A>{gross}</P_11A></FaWiersz>"
        )
    };
    silent(&simplified_with(&gross_line("123.01")));
    fires(
        &simplified_with(&gross_line("123.02")),
        "gross-sum-differs /Faktura/Fa/P_15",
    );
}

#[test]
fn lines_that_say_too_little_are_not_summed() {
    for line in [
        LINE.replace("<P_11>100.00</P_11>", ""),
        LINE.replace("<P_12>23</P_12>", "")
            .replace("50.00", "60.00")
            .replace("100.00", "120.00"),
    ] {
        silent(&[(LINE, &line)]);
    }
}

#[test]
fn the_state_before_a_correction_counts_negative() {
    let kind = format!("<RodzajFaktury>KOR</RodzajFaktury>{CORRECTED}");
    let sums = "<P_13_1>-40.00</P_13_1><P_14_1>-9.20</P_14_1><P_15>-49.20</P_15>";
    let before = LINE.replace("</FaWiersz>", "<StanPrzed>1</StanPrzed></FaWiersz>");
    let after = LINE.replace("<P_11>100.00", "<P_11>60.00");
    let pair = format!("{before}{after}");
    silent(&of_kind(&kind, &[(SUMS, sums), (LINE, &pair)]));
    let difference = LINE.replace("<P_11>100.00", "<P_11>-40.00");
    silent(&of_kind(&kind, &[(SUMS, sums), (LINE, &difference)]));
    let wrong = format!("{before}{}", LINE.replace("<P_11>100.00", "<P_11>50.00"));
    fires(
        &of_kind(&kind, &[(SUMS, sums), (LINE, &wrong)]),
        "net-sum-differs /Faktura/Fa/P_13_1",
    );
    // Lines without change say that something else was corrected.
    let same = format!("{before}{LINE}");
    silent(&of_kind(&kind, &[(SUMS, sums), (LINE, &same)]));
    // A collective correction has no lines.
    silent(&of_kind(&kind, &[(SUMS, sums), (LINE, "")]));
}

#[test]
fn advances_and_settlements_state_other_lines_than_sums() {
    let settlement = "<RodzajFaktury>ROZ</RodzajFaktury><FakturaZaliczkowa><NrKSeFZN>1</NrKSeFZN><NrFaZaliczkowej>Z/1</NrFaZaliczkowej></FakturaZaliczkowa>";
    let whole_order = LINE.replace("50.00", "500.00").replace("100.00", "1000.00");
    silent(&of_kind(settlement, &[(LINE, &whole_order)]));
    fires(
        &of_kind(
            settlement,
            &[(LINE, &whole_order), ("<P_15>123.00", "<P_15>1230.00")],
        ),
        "total-differs /Faktura/Fa/P_15",
    );
}

#[test]
fn margin_lines_have_no_rate_and_are_summed_gross() {
    let margin = (
        NO_MARGIN,
        "<P_PMarzy>1</P_PMarzy><P_PMarzy_3_1>1</P_PMarzy_3_1>",
    );
    let line = "<FaWiersz><NrWierszaFa>1</NrWierszaFa><P_7>Auto</P_7><P_8B>1</P_8B><P_9B>900.00</P_9B><P_11A>900.00</P_11A></FaWiersz>";
    let sums = |net| format!("<P_13_11>{net}</P_13_11><P_15>{net}</P_15>");
    silent(&[margin, (SUMS, &sums("900.00")), (LINE, line)]);
    fires(
        &[margin, (SUMS, &sums("901.00")), (LINE, line)],
        "net-sum-differs /Faktura/Fa/P_13_11",
    );
}

#[test]
fn the_one_stop_shop_has_its_own_sum() {
    let line = LINE.replace("<P_12>23</P_12>", "<P_12_XII>19</P_12_XII>");
    let sums = "<P_13_5>100.00</P_13_5><P_14_5>19.00</P_14_5><P_15>119.00</P_15>";
    silent(&[(SUMS, sums), (LINE, &line)]);
    let wrong = sums.replace("100.00", "90.00").replace("119.00", "109.00");
    fires(
        &[(SUMS, &wrong), (LINE, &line)],
        "net-sum-differs /Faktura/Fa/P_13_5",
    );
}

#[test]
fn tax_in_zloty_goes_with_another_currency() {
    let euro = ("<KodWaluty>PLN", "<KodWaluty>EUR");
    let in_zloty = ("</P_14_1>", "</P_14_1><P_14_1W>97.75</P_14_1W>");
    fires(&[euro], "tax-in-zloty-missing /Faktura/Fa/P_14_1");
    silent(&[euro, in_zloty]);
    fires(&[in_zloty], "tax-in-zloty-not-expected /Faktura/Fa/P_14_1W");
    // Without tax there is nothing to convert.
    let zero = "<P_13_6_3>100.00</P_13_6_3><P_15>100.00</P_15>";
    silent(&[euro, (SUMS, zero), ("<P_12>23", "<P_12>0 EX")]);
}

#[test]
fn amounts_of_many_digits_do_no_harm() {
    let nines = "9999999999999999.99";
    let line = LINE
        .replace("<P_8B>2", "<P_8B>9999999999999999.999999")
        .replace("<P_9A>50.00", "<P_9A>99999999999999.99999999")
        .replace("<P_11>100.00", &format!("<P_11>{nines}"));
    let found = warnings(&[
        (LINE, &line),
        ("<P_13_1>100.00", &format!("<P_13_1>{nines}")),
        ("<P_14_1>23.00", &format!("<P_14_1>{nines}")),
        ("<P_15>123.00", &format!("<P_15>-{nines}")),
    ]);
    assert_eq!(
        found,
        [
            "tax-differs /Faktura/Fa/P_14_1",
            "total-differs /Faktura/Fa/P_15",
        ]
    );
}

#[test]
fn a_sum_that_differs_is_told_by_field_and_rate_and_whether_it_is_there() {
    let verdict = verdict(&edited(&[("<P_12>23", "<P_12>8")]));
    let said: Vec<_> = verdict
        .warnings
        .iter()
        .map(|found| &found.message)
        .collect();
    assert!(said[0].en.starts_with("P_13_2 (rate 8% or 7%) is missing"));
    assert!(said[0].pl.starts_with("P_13_2 (stawka 8% lub 7%): brakuje"));
    assert!(said[1].en.starts_with("P_13_1 (rate 23% or 22%): the sum"));
    assert!(said[1].pl.starts_with("P_13_1 (stawka 23% lub 22%): suma"));
}
