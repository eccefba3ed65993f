//! Advances and their settlement.

use super::*;

pub(super) fn order() -> AdvanceDraft {
    AdvanceDraft::new(seller(), buyer(), "FZ/1", ISSUED).item(bread())
}

#[test]
fn an_advance_is_a_payment_within_the_order() {
    let cases = vec![
        (
            "build-no-lines",
            AdvanceDraft::new(seller(), buyer(), "FZ/1", ISSUED).received(1, ISSUED),
        ),
        ("build-payment-missing", order()),
        ("build-payment-missing", order().received(0, ISSUED)),
        (
            "build-fraction-of-hundredth",
            order().received(amount("0.001"), ISSUED),
        ),
        (
            "build-too-many-payments",
            (0..32).fold(order(), |order, _| order.received(1, ISSUED)),
        ),
        (
            "build-advance-exceeds-order",
            order().received(amount("1050.01"), ISSUED),
        ),
        (
            "build-advance-exceeds-order",
            order()
                .received(51, ISSUED)
                .earlier_advance(AdvanceInvoice::OutsideKsef("FZ/0".into()), 1000),
        ),
        (
            "build-exchange-rate-missing",
            order().currency(euro()).received(10, ISSUED),
        ),
        (
            "build-exchange-rate-not-expected",
            order().received_at(10, ISSUED, 4),
        ),
        (
            "build-procedure-contradicts-rate",
            AdvanceDraft::new(seller(), german(), "FZ/1", ISSUED)
                .item(Item::net("x", 1, VatRate::ZeroIntraCommunity).procedure(Procedure::I42))
                .received(1, ISSUED),
        ),
        (
            "built",
            (0..31).fold(order(), |order, _| order.received(1, ISSUED)),
        ),
        ("built", order().received(amount("1050"), ISSUED)),
    ];
    for (number, (expected, draft)) in cases.into_iter().enumerate() {
        assert_eq!(code(draft.finish(now())), expected, "case {number}");
    }
}

#[test]
fn payments_in_another_currency_keep_their_rates() {
    let paid = order()
        .currency(euro())
        .received_at(105, ISSUED, amount("4.20"))
        .received_at(105, date(2026, 11, 19), amount("4.30"))
        .finish(now())
        .unwrap();
    let sum = paid.body.totals.second_reduced.unwrap();
    assert_eq!(sum.vat_in_zloty.unwrap().to_string(), "42.50");
    assert!(paid.body.advance_exchange_rate.is_none());
    assert!(
        paid.body
            .partial_advances
            .iter()
            .all(|payment| payment.exchange_rate.is_some())
    );
}

#[test]
fn an_order_under_the_margin_scheme_is_paid_in_advance() {
    let trip = AdvanceDraft::new(seller(), buyer(), "FZ/1", ISSUED)
        .item(Item::margin("wycieczka", 5000))
        .margin_scheme(MarginScheme::TravelAgencies)
        .received(1000, ISSUED)
        .finish(now())
        .unwrap();
    assert_eq!(trip.body.totals.margin.unwrap().to_string(), "1000.00");
    assert_eq!(trip.body.order.unwrap().gross.to_string(), "5000.00");
}

#[test]
fn a_settlement_names_advances_that_fit() {
    let advance = order().received(500, ISSUED).finish(now()).unwrap();
    let settlement = || SettlementDraft::new(seller(), buyer(), "FR/1", ISSUED).item(bread());
    let settled = |advance: &Invoice| {
        settlement()
            .settles(SettledAdvance::outside_ksef(advance))
            .finish(now())
    };
    assert_eq!(settled(&advance).unwrap().body.gross.to_string(), "550.00");
    assert_eq!(code(settlement().finish(now())), "build-advances-missing");
    assert_eq!(
        code(settled(&draft().finish(now()).unwrap())),
        "build-not-an-advance"
    );
    let twice = settlement()
        .settles(SettledAdvance::outside_ksef(&advance))
        .settles(SettledAdvance::outside_ksef(&advance))
        .settles(SettledAdvance::outside_ksef(&advance));
    assert_eq!(code(twice.finish(now())), "build-advances-exceed-total");
    let in_euro = order()
        .currency(euro())
        .exchange_rate(4)
        .received(1, ISSUED)
        .finish(now())
        .unwrap();
    assert_eq!(code(settled(&in_euro)), "build-not-an-advance");
}

#[test]
fn a_corrected_advance_is_settled_as_it_is_now() {
    let advance = order().received(500, ISSUED).finish(now()).unwrap();
    let less =
        AdvanceCorrectionDraft::correct(&advance, KsefReference::OutsideKsef, "FKZ/1", ISSUED)
            .received(400)
            .finish(now())
            .unwrap();
    assert_eq!(less.body.gross.to_string(), "-100.00");
    let settlement = SettlementDraft::new(seller(), buyer(), "FR/1", ISSUED)
        .item(bread())
        .settles(SettledAdvance::outside_ksef(&advance).corrected_by(&less))
        .finish(now())
        .unwrap();
    assert_eq!(settlement.body.gross.to_string(), "650.00");
}
