//! Corrections.

use super::advances::order;
use super::*;

fn correcting(earlier: &Invoice) -> CorrectionDraft {
    CorrectionDraft::correct(earlier, KsefReference::OutsideKsef, "FK/1", ISSUED)
}

#[test]
fn a_correction_changes_something_that_is_there() {
    let earlier = draft().finish(now()).unwrap();
    let advance = order().received(500, ISSUED).finish(now()).unwrap();
    let correction = correcting(&earlier).remove(1).finish(now()).unwrap();
    let cases = vec![
        ("build-nothing-corrected", correcting(&earlier)),
        ("build-line-unknown", correcting(&earlier).quantity(2, 1)),
        (
            "build-line-unknown",
            correcting(&earlier).quantity(1, 1).price(1, 1),
        ),
        (
            "build-mixed-prices",
            correcting(&earlier).replace(1, Item::gross("chleb", 1, VatRate::Percent5)),
        ),
        ("build-corrected-kind", correcting(&advance).remove(1)),
        ("build-corrected-kind", correcting(&correction).remove(1)),
        ("build-corrected-kind", correcting(&earlier).advances([])),
        (
            "build-exemption-basis-missing",
            correcting(&earlier).add_line(exempt()),
        ),
        (
            "build-corrected-invoice-later",
            CorrectionDraft::correct(
                &earlier,
                KsefReference::OutsideKsef,
                "FK/1",
                date(2026, 11, 19),
            )
            .remove(1),
        ),
        (
            "build-tax-number-changed",
            correcting(&earlier).buyer_now(german()),
        ),
        (
            "built",
            correcting(&earlier)
                .add_line(exempt())
                .exempt_under(basis()),
        ),
        (
            "built",
            correcting(&earlier).delivered_on(date(2026, 11, 3)),
        ),
    ];
    for (number, (expected, draft)) in cases.into_iter().enumerate() {
        assert_eq!(code(draft.finish(now())), expected, "case {number}");
    }
    let unchanged =
        AdvanceCorrectionDraft::correct(&advance, KsefReference::OutsideKsef, "FK/1", ISSUED);
    assert_eq!(
        code(unchanged.clone().finish(now())),
        "build-nothing-corrected"
    );
    assert_eq!(
        code(unchanged.clone().received(1051).finish(now())),
        "build-advance-exceeds-order"
    );
    assert_eq!(
        code(unchanged.remove(2).finish(now())),
        "build-line-unknown"
    );
}

#[test]
fn data_of_the_buyer_are_corrected_without_amounts() {
    let earlier = draft().finish(now()).unwrap();
    let mut moved = buyer();
    moved.address = Some(Address::in_poland("ul. Sadowa 2", "00-002 Kraków"));
    let corrected = correcting(&earlier)
        .buyer_now(moved)
        .reason("nowy adres")
        .finish(now())
        .unwrap();
    let correction = corrected.body.correction.unwrap();
    assert!(correction.buyers_before[0].address == buyer().address);
    assert!(corrected.buyer.key == correction.buyers_before[0].key);
    assert_eq!(corrected.body.gross.to_string(), "0.00");
    assert!(corrected.body.lines.is_empty());
}

#[test]
fn what_is_taken_back_is_what_was_stated() {
    let lines = (0..3).map(|_| Item::net("kajzerka", amount("0.30"), VatRate::Percent5));
    let mut earlier = empty().items(lines).finish(now()).unwrap();
    // Another program rounded otherwise.
    earlier.body.totals.second_reduced.as_mut().unwrap().vat = amount("0.06");
    for draft in [
        correcting(&earlier).cancel(),
        correcting(&earlier).remove(1).remove(2).remove(3),
    ] {
        let corrected = draft.finish(now()).unwrap();
        assert_eq!(
            corrected
                .body
                .totals
                .second_reduced
                .unwrap()
                .vat
                .to_string(),
            "-0.06"
        );
        assert_eq!(corrected.body.lines.len(), 6);
    }
}

#[test]
fn differences_take_one_line() {
    let earlier = draft().finish(now()).unwrap();
    let line = |draft: CorrectionDraft| {
        let lines = draft.as_differences().finish(now()).unwrap().body.lines;
        assert_eq!(lines.len(), 1);
        let text =
            |amount: &Option<Amount>| amount.as_ref().map_or("-".into(), ToString::to_string);
        [
            text(&lines[0].quantity),
            text(&lines[0].net_price),
            text(&lines[0].net),
        ]
    };
    assert_eq!(
        line(correcting(&earlier).quantity(1, 7)),
        ["-3", "100", "-300.00"]
    );
    assert_eq!(
        line(correcting(&earlier).price(1, 90)),
        ["10", "-10", "-100.00"]
    );
    let both = Item::net("chleb", 90, VatRate::Percent5).quantity(7, "szt.");
    assert_eq!(
        line(correcting(&earlier).replace(1, both)),
        ["-", "-", "-370.00"]
    );
    assert_eq!(
        line(correcting(&earlier).remove(1)),
        ["-10", "100", "-1000.00"]
    );
}

#[test]
fn another_rate_moves_the_sale_from_field_to_field() {
    let earlier = draft().finish(now()).unwrap();
    let right = Item::net("chleb", 100, VatRate::Percent8).quantity(10, "szt.");
    for draft in [correcting(&earlier), correcting(&earlier).as_differences()] {
        let corrected = draft.replace(1, right.clone()).finish(now()).unwrap();
        let totals = corrected.body.totals;
        assert_eq!(totals.second_reduced.unwrap().net.to_string(), "-1000.00");
        assert_eq!(totals.first_reduced.unwrap().vat.to_string(), "80.00");
        assert_eq!(corrected.body.gross.to_string(), "30.00");
        assert_eq!(corrected.body.lines.len(), 2);
    }
}

#[test]
fn a_correction_in_another_currency_keeps_the_rate_of_its_invoice() {
    let earlier = draft()
        .currency(euro())
        .exchange_rate(amount("4.25"))
        .finish(now())
        .unwrap();
    let corrected = correcting(&earlier).quantity(1, 9).finish(now()).unwrap();
    assert_eq!(
        corrected
            .body
            .totals
            .second_reduced
            .unwrap()
            .vat_in_zloty
            .unwrap()
            .to_string(),
        "-21.25"
    );
}

#[test]
fn an_invoice_that_is_not_at_hand_is_corrected_by_its_data() {
    let reference = CorrectedInvoice::new("FV/0", date(2026, 10, 1), KsefReference::OutsideKsef);
    let draft = CorrectionDraft::correct_by_data(seller(), buyer(), reference, "FK/1", ISSUED);
    assert_eq!(code(draft.clone().finish(now())), "build-nothing-corrected");
    let corrected = draft
        .change(bread(), bread().quantity(9, "szt."))
        .finish(now())
        .unwrap();
    assert_eq!(corrected.body.gross.to_string(), "-105.00");
}

#[test]
fn a_second_correction_starts_where_the_first_ended() {
    let earlier = draft().finish(now()).unwrap();
    let first = correcting(&earlier)
        .quantity(1, 8)
        .add_line(bread())
        .finish(now())
        .unwrap();
    let second = || correcting(&earlier).corrected_before(&first);
    let less = second().quantity(1, 7).finish(now()).unwrap();
    assert_eq!(less.body.gross.to_string(), "-105.00");
    assert_eq!(
        less.body.lines[0].quantity.as_ref().unwrap().to_string(),
        "8"
    );
    let cancelled = second().cancel().finish(now()).unwrap();
    assert_eq!(cancelled.body.gross.to_string(), "-1890.00");
    assert_eq!(cancelled.body.lines.len(), 4);

    let difference = correcting(&earlier)
        .quantity(1, 8)
        .as_differences()
        .finish(now())
        .unwrap();
    let third = correcting(&earlier)
        .corrected_before(&difference)
        .quantity(1, 7);
    assert_eq!(code(third.finish(now())), "build-state-unknown");
    let basic = correcting(&earlier)
        .corrected_before(&earlier)
        .quantity(1, 7);
    assert_eq!(code(basic.finish(now())), "build-corrected-kind");
}

#[test]
fn a_discount_that_may_be_off_the_unit_or_the_line_stops_another_quantity() {
    let one = Item::net("zamrażarka", 1000, VatRate::Percent23).unit_discount(100);
    let earlier = empty().item(one.clone()).finish(now()).unwrap();
    assert_eq!(
        code(correcting(&earlier).quantity(1, 2).finish(now())),
        "build-line-without-value"
    );
    assert_eq!(
        code(correcting(&earlier).price(1, 900).finish(now())),
        "built"
    );
    let two = one.quantity(2, "szt.");
    let earlier = empty().item(two).finish(now()).unwrap();
    let corrected = correcting(&earlier).quantity(1, 3).finish(now()).unwrap();
    assert_eq!(
        corrected.body.lines[1].net.as_ref().unwrap().to_string(),
        "2700.00"
    );
}
