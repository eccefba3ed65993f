//! Invoices that others wrote, built again from their lines: the sums must come out the same. The project's own examples,
//! and the Ministry's where `$KSEF_DATA/fa3-samples` is there.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test reads examples from a folder, and fails where they are not as they should be"
)]

use std::path::PathBuf;

use jiff::Timestamp;
use ksef_offline_core::identifier::Nip;
use ksef_offline_core::invoice::builder::{
    AdvanceCorrectionDraft, AdvanceDraft, BasicDraft, CorrectionDraft, Draft, Item, Sells,
    SettledAdvance, SettlementDraft, SimplifiedDraft, Tax,
};
use ksef_offline_core::invoice::model::{
    AdvanceInvoice, Annotations, BuyerIdentifier, DeliveryDate, Exemption, KsefReference, Line,
    Margin, OrderLine, VatRate,
};
use ksef_offline_core::invoice::{Amount, Invoice, InvoiceKind};

macro_rules! example {
    ($name:literal) => {
        Invoice::read(include_bytes!(concat!(
            "../../../examples/invoices/",
            $name,
            ".xml"
        )))
        .unwrap()
    };
}

/// An example of the Ministry, if they are there.
fn official(number: &str) -> Option<Invoice> {
    let folder = std::env::var_os("KSEF_DATA").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        PathBuf::from,
    );
    let file = folder
        .join("fa3-samples")
        .join(format!("fa3-example-{number}.xml"));
    std::fs::read(file)
        .ok()
        .map(|bytes| Invoice::read(&bytes).unwrap())
}

fn now() -> Timestamp {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

fn amount(text: &str) -> Amount {
    Amount::parse(text).unwrap()
}

fn tax(rate: Option<VatRate>, oss: Option<Amount>) -> Tax {
    rate.map(Tax::Rate)
        .or(oss.map(Tax::Oss))
        .unwrap_or(Tax::Margin)
}

/// The item that makes this line; a discount is off the line or off the unit, whichever explains the value.
fn item(line: &Line) -> Item {
    let tax = tax(line.rate, line.oss_rate.clone());
    let name = line.name.clone().unwrap_or_default();
    let mut item = match (&line.net_price, &line.gross_price, &line.net, &line.gross) {
        (Some(price), ..) => Item::net(name, price.clone(), tax),
        (_, Some(price), ..) => Item::gross(name, price.clone(), tax),
        (_, _, Some(value), _) => Item::net_value(name, value.clone(), tax),
        (.., Some(value)) => Item::gross_value(name, value.clone(), tax),
        _ => panic!("a line without a value"),
    };
    if let Some(quantity) = &line.quantity {
        item = item.quantity(quantity.clone(), line.unit.clone().unwrap_or_default());
    }
    if let Some(discount) = &line.discount {
        let number =
            |amount: &Option<Amount>| amount.as_ref().map(Amount::value).unwrap_or_default();
        let is_off_line = number(&line.quantity) * number(&line.net_price) - discount.value()
            == number(&line.net);
        item = if is_off_line {
            item.discount(discount.clone())
        } else {
            item.unit_discount(discount.clone())
        };
    }
    if let Some(day) = line.delivery_date {
        item = item.delivered_on(day);
    }
    if let Some(gtu) = line.gtu {
        item = item.gtu(gtu);
    }
    if let Some(procedure) = line.procedure {
        item = item.procedure(procedure);
    }
    if line.annex_15 { item.annex_15() } else { item }
}

fn ordered(line: &OrderLine) -> Item {
    let tax = tax(line.rate, line.oss_rate.clone());
    let item = Item::net(
        line.name.clone().unwrap_or_default(),
        line.net_price.clone().unwrap(),
        tax,
    );
    item.quantity(
        line.quantity.clone().unwrap(),
        line.unit.clone().unwrap_or_default(),
    )
}

fn like<K: Sells>(mut draft: Draft<K>, source: &Invoice) -> Draft<K> {
    let body = &source.body;
    draft = draft.currency(body.currency);
    if let Some(rate) = body
        .lines
        .iter()
        .find_map(|line| line.exchange_rate.clone())
    {
        draft = draft.exchange_rate(rate);
    }
    if let Exemption::By(basis) = &body.annotations.exemption {
        draft = draft.exempt_under(basis.clone());
    }
    if let Margin::Scheme(scheme) = &body.annotations.margin {
        draft = draft.margin_scheme(scheme.clone());
    }
    if body.annotations.cash_accounting {
        draft = draft.cash_accounting();
    }
    if let Some(DeliveryDate::Day(day)) = body.delivery_date {
        draft = draft.delivered_on(day);
    }
    draft = source
        .third_parties
        .iter()
        .cloned()
        .fold(draft, Draft::third_party);
    draft.items(
        body.lines
            .iter()
            .filter(|line| !line.before_correction)
            .map(item),
    )
}

fn basic(source: &Invoice) -> Invoice {
    let body = &source.body;
    let draft = BasicDraft::new(
        source.seller.clone(),
        source.buyer.clone(),
        &body.number,
        body.issue_date,
    );
    like(draft, source).finish(now()).unwrap()
}

fn assert_same(built: &Invoice, source: &Invoice) {
    let number = &source.body.number;
    assert!(built.body.kind == source.body.kind, "{number}: kind");
    assert!(built.body.totals == source.body.totals, "{number}: sums");
    assert!(built.body.gross == source.body.gross, "{number}: total");
}

#[test]
fn basic_examples_come_out_the_same() {
    let examples = vec![
        example!("01-vat-domestic"),
        example!("02-vat-several-rates"),
        example!("03-vat-euro-exchange-rate"),
        example!("04-vat-reverse-charge"),
        example!("05-vat-intra-community-supply"),
        example!("06-vat-exempt"),
        example!("07-vat-margin"),
        example!("08-vat-factor-as-third-party"),
        example!("09-vat-local-government-recipient"),
        example!("18-vat-split-payment"),
        example!("19-vat-cash-method-partly-paid"),
    ];
    for source in &examples {
        let built = basic(source);
        assert_same(&built, source);
        assert!(
            built.body.annotations == source.body.annotations,
            "{}: annotations",
            source.body.number
        );
        assert!(
            built.seller.eu_prefix == source.seller.eu_prefix,
            "{}: prefix",
            source.body.number
        );
        assert!(built.body.lines.len() == source.body.lines.len());
        for (line, same) in built.body.lines.iter().zip(&source.body.lines) {
            assert!(
                (&line.net, &line.gross) == (&same.net, &same.gross),
                "{}: line",
                source.body.number
            );
        }
    }
}

#[test]
fn the_ministrys_basic_examples_come_out_the_same() {
    for number in ["01", "04", "08", "20", "22", "24"] {
        let Some(mut source) = official(number) else {
            return;
        };
        if number == "01" {
            // Its total is a grosz more than its own sums.
            assert!(source.body.gross == amount("2051"));
            source.body.gross = amount("2050.99");
        }
        let built = basic(&source);
        assert_same(&built, &source);
        assert!(
            built.body.annotations == source.body.annotations,
            "{number}: annotations"
        );
    }
}

#[test]
fn the_simplified_example_comes_out_the_same() {
    let own = example!("17-upr-simplified");
    let sources = [
        Some((own, amount("189"), VatRate::Percent5)),
        official("15").map(|source| (source, amount("450"), VatRate::Percent23)),
    ];
    for (source, gross, rate) in sources.into_iter().flatten() {
        let BuyerIdentifier::Nip(buyer) = source.buyer.identity.identifier else {
            panic!("a NIP")
        };
        let built = SimplifiedDraft::new(
            source.seller.clone(),
            buyer,
            &source.body.number,
            source.body.issue_date,
        )
        .item(Item::gross("wiertarka", gross, rate))
        .finish(now())
        .unwrap();
        assert_same(&built, &source);
    }
}

/// A correction by its lines before and after.
fn corrected_by_pairs(source: &Invoice) -> Invoice {
    let reference = &source.body.correction.as_ref().unwrap().invoices;
    let mut draft = CorrectionDraft::correct_by_data(
        source.seller.clone(),
        source.buyer.clone(),
        reference[0].clone(),
        &source.body.number,
        source.body.issue_date,
    );
    for pair in source.body.lines.chunks(2) {
        draft = draft.change(item(&pair[0]), item(&pair[1]));
    }
    draft.finish(now()).unwrap()
}

#[test]
fn corrections_of_lines_come_out_the_same() {
    let sources = [Some(example!("11-kor-returned-goods")), official("02")];
    for source in sources.into_iter().flatten() {
        let built = corrected_by_pairs(&source);
        assert_same(&built, &source);
        assert!(built.body.lines.len() == 2);
        assert!(built.body.lines[0].before_correction && !built.body.lines[1].before_correction);
    }
}

#[test]
fn the_ministrys_correction_follows_from_its_invoice() {
    let (Some(earlier), Some(source)) = (official("01"), official("02")) else {
        return;
    };
    let Some(KsefReference::InKsef(number)) = source
        .body
        .correction
        .as_ref()
        .map(|it| it.invoices[0].ksef.clone())
    else {
        panic!("a KSeF number")
    };
    let built = CorrectionDraft::correct(
        &earlier,
        KsefReference::InKsef(number),
        &source.body.number,
        source.body.issue_date,
    )
    .price(1, amount("1463.41"))
    .finish(now())
    .unwrap();
    assert_same(&built, &source);
    let correction = |invoice: &Invoice| invoice.body.correction.as_ref().unwrap().invoices.clone();
    assert!(correction(&built) == correction(&source));
    assert!(built.body.delivery_date == source.body.delivery_date);
    for (line, same) in built.body.lines.iter().zip(&source.body.lines) {
        assert!(line == same, "line {}", line.number);
    }
}

#[test]
fn discounts_on_a_period_come_out_the_same() {
    let own = example!("12-kor-quarterly-discount");
    let sources = [
        Some((own, amount("-441"), VatRate::Percent5)),
        official("06").map(|source| (source, amount("-50000"), VatRate::Percent23)),
    ];
    for (source, gross, rate) in sources.into_iter().flatten() {
        let correction = source.body.correction.as_ref().unwrap();
        let draft = CorrectionDraft::correct_by_data(
            source.seller.clone(),
            source.buyer.clone(),
            correction.invoices[0].clone(),
            &source.body.number,
            source.body.issue_date,
        );
        let built = correction.invoices[1..]
            .iter()
            .cloned()
            .fold(draft, CorrectionDraft::also_corrects)
            .difference_gross(rate, gross)
            .period(correction.period.clone().unwrap())
            .finish(now())
            .unwrap();
        assert_same(&built, &source);
        assert!(built.body.correction.as_ref().unwrap().invoices == correction.invoices);
        assert!(built.body.lines.is_empty());
    }
}

fn advance(source: &Invoice, lines: &[OrderLine], received: Amount) -> Invoice {
    let body = &source.body;
    AdvanceDraft::new(
        source.seller.clone(),
        source.buyer.clone(),
        &body.number,
        body.issue_date,
    )
    .items(lines.iter().map(ordered))
    .received(received, body.issue_date)
    .finish(now())
    .unwrap()
}

#[test]
fn advances_come_out_the_same() {
    for source in [Some(example!("13-zal-wedding-advance")), official("10")]
        .into_iter()
        .flatten()
    {
        let order = source.body.order.as_ref().unwrap();
        let built = advance(&source, &order.lines, source.body.gross.clone());
        assert_same(&built, &source);
        assert!(built.body.order.as_ref().unwrap().gross == order.gross);
    }
}

fn states(source: &Invoice, before: bool) -> Vec<OrderLine> {
    let lines = source.body.order.as_ref().unwrap().lines.iter();
    lines
        .filter(|line| line.before_correction == before)
        .cloned()
        .collect()
}

#[test]
fn a_smaller_order_gives_the_same_advance_correction() {
    let earlier = example!("13-zal-wedding-advance");
    let source = example!("15-kor-zal-smaller-order");
    let smaller = states(&source, false);
    let received = amount("2149.20");
    let built = AdvanceCorrectionDraft::correct(
        &earlier,
        KsefReference::OutsideKsef,
        "FKZ/1",
        source.body.issue_date,
    )
    .replace(2, ordered(&smaller[1]))
    .received(received)
    .finish(now())
    .unwrap();
    assert_same(&built, &source);
    let (built, source) = (built.body.order.unwrap(), source.body.order.unwrap());
    assert!(built.gross == source.gross);
    assert!(built.lines.len() == source.lines.len());
}

#[test]
fn the_ministrys_advance_correction_comes_out_the_same() {
    let Some(source) = official("12") else { return };
    // The example's state before the correction is another than its own advance example: it is built anew.
    let earlier = advance(&source, &states(&source, true), amount("20000"));
    let built = AdvanceCorrectionDraft::correct(
        &earlier,
        KsefReference::OutsideKsef,
        &source.body.number,
        source.body.issue_date,
    )
    .received(30_000)
    .finish(now())
    .unwrap();
    assert_same(&built, &source);
    let before = |invoice: &Invoice| invoice.body.correction.as_ref().unwrap().before.clone();
    assert!(before(&built) == before(&source));
    let lines = |invoice: &Invoice| invoice.body.order.as_ref().unwrap().lines.clone();
    for (line, same) in lines(&built).iter().zip(&lines(&source)) {
        assert!(
            line.before_correction == same.before_correction
                && line.net == same.net
                && line.vat == same.vat
        );
    }
}

fn settlement(source: &Invoice, lines: &[Item], advance: &Invoice) -> Invoice {
    let body = &source.body;
    SettlementDraft::new(
        source.seller.clone(),
        source.buyer.clone(),
        &body.number,
        body.issue_date,
    )
    .items(lines.iter().cloned())
    .settles(SettledAdvance::outside_ksef(advance))
    .finish(now())
    .unwrap()
}

fn after(source: &Invoice) -> Vec<Item> {
    source
        .body
        .lines
        .iter()
        .filter(|line| !line.before_correction)
        .map(item)
        .collect()
}

#[test]
fn settlements_come_out_the_same() {
    let source = example!("14-roz-wedding-settlement");
    let built = settlement(
        &source,
        &after(&source),
        &example!("13-zal-wedding-advance"),
    );
    assert_same(&built, &source);

    let (Some(order), Some(source)) = (official("12"), official("14")) else {
        return;
    };
    let paid = advance(&order, &states(&order, false), amount("30000"));
    assert_same(&settlement(&source, &after(&source), &paid), &source);

    // The same from what was paid at each rate.
    let body = &source.body;
    let paid = [
        (Tax::from(VatRate::Percent23), amount("491.80")),
        (Tax::from(VatRate::Percent8), amount("29508.20")),
    ];
    let built = SettlementDraft::new(
        source.seller.clone(),
        source.buyer.clone(),
        &body.number,
        body.issue_date,
    )
    .items(after(&source))
    .settles(SettledAdvance::by_rate(
        AdvanceInvoice::OutsideKsef("FZ/1".into()),
        paid,
    ))
    .finish(now())
    .unwrap();
    assert_same(&built, &source);
}

#[test]
fn corrections_of_settlements_come_out_the_same() {
    let earlier = example!("14-roz-wedding-settlement");
    let source = example!("16-kor-roz-price-reduced");
    let built = CorrectionDraft::correct(
        &earlier,
        KsefReference::OutsideKsef,
        "FKR/1",
        source.body.issue_date,
    )
    .price(1, amount("2160.00"))
    .finish(now())
    .unwrap();
    assert_same(&built, &source);
    assert!(built.body.correction.unwrap().before == source.body.correction.unwrap().before);

    // 37 635 of advances were taken off, and 30 000 had been paid.
    let (Some(order), Some(source)) = (official("12"), official("18")) else {
        return;
    };
    let wrong = advance(&order, &states(&order, false), amount("37635"));
    let right = advance(&order, &states(&order, false), amount("30000"));
    let earlier = settlement(&source, &after(&source), &wrong);
    let built = CorrectionDraft::correct(
        &earlier,
        KsefReference::OutsideKsef,
        &source.body.number,
        source.body.issue_date,
    )
    .advances([SettledAdvance::outside_ksef(&right)])
    .finish(now())
    .unwrap();
    assert_same(&built, &source);
    assert!(
        built.body.correction.as_ref().unwrap().before
            == source.body.correction.as_ref().unwrap().before
    );
    assert!(built.body.lines.len() == source.body.lines.len());
}

#[test]
fn annotations_are_neutral_until_something_calls_for_them() {
    let built = basic(&example!("01-vat-domestic"));
    assert!(built.body.annotations == Annotations::default());
    assert!(built.body.kind == InvoiceKind::Vat);
    assert!(Nip::parse(&built.seller.identity.nip.to_string()).is_ok());
}
