//! What the builders refuse, and what they decide by themselves.

mod advances;
mod corrections;

use jiff::Timestamp;
use jiff::civil::{Date, date};

use super::*;
use crate::diagnostic::Diagnostic as _;
use crate::identifier::Nip;
use crate::invoice::model::{
    Address, AdvanceInvoice, Buyer, CorrectedInvoice, CountryCode, CurrencyCode, EuCountryCode,
    EuVatNumber, ExemptionBasis, Gtu, KsefReference, MarginScheme, PaymentForm, PaymentState,
    Procedure, Seller, ThirdParty, ThirdPartyRole, VatRate,
};
use crate::invoice::{Amount, Invoice};

const ISSUED: Date = date(2026, 11, 20);

fn amount(text: &str) -> Amount {
    Amount::parse(text).unwrap()
}

fn now() -> Timestamp {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

fn nip(text: &str) -> Nip {
    Nip::parse(text).unwrap()
}

fn seller() -> Seller {
    Seller::new(
        nip("5265877635"),
        "Sprzedawca",
        Address::in_poland("ul. Piotrkowska 1", "90-001 Łódź"),
    )
}

fn buyer() -> Buyer {
    Buyer::company(
        nip("1111111111"),
        "Nabywca",
        Address::in_poland("ul. Polna 1", "00-001 Warszawa"),
    )
}

fn german() -> Buyer {
    let mut address = Address::in_poland("Blumenstraße 1", "10999 Berlin");
    address.country = CountryCode::parse("DE").unwrap();
    let country = EuCountryCode::parse("DE").unwrap();
    Buyer::eu_company(
        EuVatNumber {
            country,
            number: "999999999".into(),
        },
        "Käufer GmbH",
        address,
    )
}

fn euro() -> CurrencyCode {
    CurrencyCode::parse("EUR").unwrap()
}

fn empty() -> BasicDraft {
    BasicDraft::new(seller(), buyer(), "FV/1", ISSUED)
}

fn bread() -> Item {
    Item::net("chleb", 100, VatRate::Percent5).quantity(10, "szt.")
}

fn draft() -> BasicDraft {
    empty().item(bread())
}

fn exempt() -> Item {
    Item::net("polisa", 100, VatRate::Exempt)
}

fn basis() -> ExemptionBasis {
    ExemptionBasis::Act("art. 43 ust. 1 pkt 37 ustawy".into())
}

fn code(built: Result<Invoice, BuildError>) -> &'static str {
    built.err().map_or("built", |error| {
        let message = error.message();
        assert!(!message.pl.is_empty() && message.pl != message.en);
        error.code()
    })
}

#[test]
fn what_is_missing_or_contradictory_is_refused_by_name() {
    let sold_in_euro = || draft().currency(euro());
    let cases = vec![
        ("build-no-lines", empty()),
        (
            "build-number-length",
            BasicDraft::new(seller(), buyer(), "", ISSUED).item(bread()),
        ),
        (
            "build-number-length",
            BasicDraft::new(seller(), buyer(), "x".repeat(257), ISSUED).item(bread()),
        ),
        (
            "build-mixed-prices",
            draft().item(Item::gross("bułka", 1, VatRate::Percent5)),
        ),
        (
            "build-amount-too-large",
            empty().item(Item::net("x", 1_000_000_000_000_000, VatRate::Percent5)),
        ),
        ("build-total-negative", empty().item(bread().discount(2000))),
        ("build-exemption-basis-missing", empty().item(exempt())),
        (
            "build-exemption-without-line",
            draft().exempt_under(basis()),
        ),
        (
            "build-reverse-charge-without-line",
            draft().reverse_charge(),
        ),
        (
            "build-margin-scheme-missing",
            empty().item(Item::margin("auto", 15_000)),
        ),
        (
            "build-margin-with-rates",
            draft().margin_scheme(MarginScheme::Antiques),
        ),
        (
            "build-margin-net-price",
            empty().item(Item::net("auto", 15_000, Tax::Margin)),
        ),
        ("build-exchange-rate-missing", sold_in_euro()),
        (
            "build-exchange-rate-not-expected",
            draft().exchange_rate(amount("4.25")),
        ),
        (
            "build-exchange-rate-not-expected",
            sold_in_euro().exchange_rate(0),
        ),
        (
            "build-eu-buyer-missing",
            empty().item(Item::net("x", 1, VatRate::ZeroIntraCommunity)),
        ),
        (
            "build-eu-buyer-missing",
            empty().item(Item::net("x", 1, VatRate::EuServices)),
        ),
        (
            "build-gtu-contradicts-rate",
            empty().item(Item::net("x", 1, VatRate::ZeroExport).gtu(Gtu::Gtu12)),
        ),
        (
            "build-procedure-contradicts-rate",
            empty().item(bread().procedure(Procedure::TtD)),
        ),
        (
            "build-delivery-date-twice",
            empty()
                .item(bread().delivered_on(ISSUED))
                .delivered_on(date(2026, 11, 1)),
        ),
        (
            "build-period-reversed",
            draft().delivered_over(date(2026, 11, 2), date(2026, 11, 1)),
        ),
        ("build-due-before-issue", draft().due(date(2026, 11, 19))),
        (
            "build-paid-after-issue",
            draft().paid_on(date(2026, 11, 21)),
        ),
        (
            "build-paid-twice",
            draft()
                .paid_on(ISSUED)
                .paid_in_part(1, ISSUED, PaymentForm::Cash),
        ),
        (
            "build-payments-exceed-total",
            draft().paid_in_part(1051, ISSUED, PaymentForm::Cash),
        ),
        ("build-refused", draft().issue_place("x".repeat(257))),
        (
            "build-refused",
            empty().item(Item::net("x".repeat(513), 1, VatRate::Percent5)),
        ),
        (
            "build-refused",
            empty().item(Item::net("x", amount("0.123456789"), VatRate::Percent5)),
        ),
        (
            "built",
            draft()
                .due(ISSUED)
                .paid_in_part(1049, ISSUED, PaymentForm::Cash),
        ),
    ];
    for (number, (expected, draft)) in cases.into_iter().enumerate() {
        assert_eq!(code(draft.finish(now())), expected, "case {number}");
    }
}

#[test]
fn a_mark_of_the_buyer_and_its_recipient_belong_together() {
    let mut town = buyer();
    town.local_government_unit = true;
    let marked = BasicDraft::new(seller(), town, "FV/1", ISSUED).item(bread());
    assert_eq!(code(marked.finish(now())), "build-recipient-missing");
    let school = ThirdParty::company(
        ThirdPartyRole::LocalGovernmentRecipient,
        nip("2222222222"),
        "Szkoła",
        None,
    );
    assert!(
        draft()
            .third_party(school)
            .finish(now())
            .unwrap()
            .buyer
            .local_government_unit
    );
}

#[test]
fn reverse_charge_needs_a_taxpayer_and_is_marked_by_itself() {
    let item = Item::net("uprawnienia", 100, VatRate::ReverseCharge);
    assert!(
        empty()
            .item(item.clone())
            .finish(now())
            .unwrap()
            .body
            .annotations
            .reverse_charge
    );
    let consumer = Buyer::consumer(
        "Jan Kowalski",
        Address::in_poland("ul. Polna 1", "00-001 Warszawa"),
    );
    let refused = BasicDraft::new(seller(), consumer, "FV/1", ISSUED)
        .item(item)
        .finish(now());
    assert_eq!(code(refused), "build-reverse-charge-buyer");
    let abroad = empty()
        .item(Item::net("usługa", 100, VatRate::OutsideCountry))
        .reverse_charge();
    assert!(
        abroad
            .finish(now())
            .unwrap()
            .body
            .annotations
            .reverse_charge
    );
}

#[test]
fn supplies_to_the_union_carry_the_sellers_prefix() {
    let sold = BasicDraft::new(seller(), german(), "FV/1", ISSUED)
        .currency(euro())
        .item(Item::net("lodówka", 400, VatRate::ZeroIntraCommunity))
        .finish(now())
        .unwrap();
    assert!(sold.seller.eu_prefix);
    assert!(!draft().finish(now()).unwrap().seller.eu_prefix);
}

#[test]
fn a_triangular_transaction_is_marked_by_its_procedure() {
    let item = Item::net("towar", 400, VatRate::OutsideCountry).procedure(Procedure::TtD);
    let sold = BasicDraft::new(seller(), german(), "FV/1", ISSUED)
        .item(item)
        .finish(now())
        .unwrap();
    assert!(sold.body.annotations.triangular_transaction && sold.seller.eu_prefix);
}

#[test]
fn split_payment_is_marked_above_15_000_zloty_only() {
    let steel =
        |price: Amount| empty().item(Item::gross("stal", price, VatRate::Percent23).annex_15());
    let is_marked = |draft: BasicDraft| draft.finish(now()).unwrap().body.annotations.split_payment;
    assert!(!is_marked(steel(amount("15000"))));
    assert!(is_marked(steel(amount("15000.01"))));
    let in_euro = |price: i64| {
        steel(price.into())
            .currency(euro())
            .exchange_rate(amount("4.25"))
    };
    assert!(!is_marked(in_euro(3529)));
    assert!(is_marked(in_euro(3530)));
    assert!(!is_marked(empty().item(Item::gross(
        "tort",
        20_000,
        VatRate::Percent23
    ))));
}

#[test]
fn tax_is_computed_from_the_sum_or_line_by_line() {
    let lines = || (0..3).map(|_| Item::net("kajzerka", amount("0.30"), VatRate::Percent5));
    let vat = |draft: BasicDraft| {
        draft
            .finish(now())
            .unwrap()
            .body
            .totals
            .second_reduced
            .unwrap()
            .vat
            .to_string()
    };
    assert_eq!(vat(empty().items(lines())), "0.05");
    assert_eq!(vat(empty().items(lines()).tax_per_line()), "0.06");
}

#[test]
fn tax_in_zloty_is_rounded_once() {
    let sold = draft()
        .currency(euro())
        .exchange_rate(amount("4.2555"))
        .finish(now())
        .unwrap();
    let sum = sold.body.totals.second_reduced.unwrap();
    assert_eq!(
        (sum.vat.to_string(), sum.vat_in_zloty.unwrap().to_string()),
        ("50.00".into(), "212.78".into())
    );
    assert_eq!(
        sold.body.lines[0]
            .exchange_rate
            .as_ref()
            .unwrap()
            .to_string(),
        "4.2555"
    );
}

#[test]
fn sales_of_the_one_stop_shop_have_rates_of_their_own() {
    let item = |rate: i64| Item::gross("książka", 119, Tax::Oss(rate.into()));
    let sold = empty().items([item(19), item(21)]).finish(now()).unwrap();
    let sum = sold.body.totals.oss.unwrap();
    assert_eq!(
        (sum.net.to_string(), sum.vat.unwrap().to_string()),
        ("198.35".into(), "39.65".into())
    );
}

#[test]
fn payments_in_part_say_whether_something_is_left() {
    let remainder =
        |draft: BasicDraft| match draft.finish(now()).unwrap().body.payment.unwrap().state {
            Some(PaymentState::InParts(parts)) => parts.remainder,
            _ => panic!("paid in parts"),
        };
    let paid = draft().paid_in_part(1000, ISSUED, PaymentForm::Cash);
    assert!(remainder(paid.clone()));
    assert!(!remainder(paid.paid_in_part(50, ISSUED, PaymentForm::Card)));
}

#[test]
fn a_simplified_invoice_has_its_limit() {
    let sold = |price: Amount| {
        let draft = SimplifiedDraft::new(seller(), nip("1111111111"), "FU/1", ISSUED);
        draft.item(Item::gross("wiertarka", price, VatRate::Percent23))
    };
    assert_eq!(code(sold(amount("450")).finish(now())), "built");
    assert_eq!(
        code(sold(amount("450.01")).finish(now())),
        "build-simplified-limit"
    );
    let in_euro = |price| {
        sold(price)
            .currency(euro())
            .exchange_rate(amount("4.25"))
            .finish(now())
    };
    assert_eq!(code(in_euro(amount("100"))), "built");
    assert_eq!(code(in_euro(amount("100.01"))), "build-simplified-limit");
    let abroad = SimplifiedDraft::new(seller(), nip("1111111111"), "FU/1", ISSUED)
        .item(Item::gross("x", 1, VatRate::OutsideCountry));
    assert_eq!(code(abroad.finish(now())), "build-simplified-sale");
}

#[test]
fn what_is_said_of_a_draft_does_not_show_it() {
    assert_eq!(format!("{:?}", draft()), "Draft { .. }");
    assert_eq!(format!("{:?}", bread()), "Item { .. }");
}
