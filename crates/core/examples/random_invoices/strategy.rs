//! Random orders, and the documents the builders make of them. Shared by the property tests and by the program that hands
//! them to the conformance tests.

#![allow(
    clippy::unwrap_used,
    reason = "what is written here is legal, or the test fails"
)]

use jiff::Timestamp;
use jiff::civil::{Date, date};
use ksef_offline_core::identifier::Nip;
use ksef_offline_core::invoice::builder::{
    AdvanceCorrectionDraft, AdvanceDraft, BasicDraft, BuildError, CorrectionDraft, Item,
    SettledAdvance, SettlementDraft, SimplifiedDraft, Tax,
};
use ksef_offline_core::invoice::model::{
    Address, Buyer, CorrectionEffect, CountryCode, CurrencyCode, EuCountryCode, EuVatNumber,
    ExemptionBasis, KsefReference, MarginScheme, Seller, VatRate,
};
use ksef_offline_core::invoice::{Amount, Invoice};
use proptest::prelude::*;
use rust_decimal::Decimal;

pub(crate) const ISSUED: Date = date(2026, 11, 20);

/// What is to be built.
#[derive(Debug, Clone, serde::Serialize)]
pub(crate) struct Plan {
    pub(crate) kind: Kind,
    /// Whether prices contain the tax.
    pub(crate) gross: bool,
    pub(crate) tax_per_line: bool,
    /// Złoty for a euro; in złoty if there is none.
    pub(crate) exchange_rate: Option<String>,
    pub(crate) items: Vec<Sold>,
    /// Payments before delivery, in thousandths of the order.
    pub(crate) payments: Vec<u32>,
    pub(crate) changes: Vec<Change>,
    pub(crate) added: Option<Sold>,
    pub(crate) as_differences: bool,
    /// The payment of a corrected advance, in thousandths of the order.
    pub(crate) right_payment: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub(crate) enum Kind {
    Basic,
    Simplified,
    Advance,
    Settlement,
    Correction,
    Cancellation,
    AdvanceCorrection,
    SettlementCorrection,
    AdvancesCorrection,
}

#[derive(Debug, Clone, serde::Serialize)]
pub(crate) struct Sold {
    pub(crate) quantity: String,
    pub(crate) price: String,
    pub(crate) discount: String,
    /// Whether the discount is off each unit.
    pub(crate) off_unit: bool,
    /// Code of the rate, `marża`, or a per cent of another country.
    pub(crate) tax: String,
    pub(crate) annex_15: bool,
}

/// What becomes of a line.
#[derive(Debug, Clone, serde::Serialize)]
pub(crate) enum Change {
    Stays,
    Quantity(String),
    Price(String),
    Falls,
    Is(Sold),
}

const DOMESTIC: [&str; 11] = [
    "23", "23", "23", "22", "8", "7", "5", "4", "3", "0 KR", "zw",
];
const ABROAD: [&str; 9] = [
    "23", "8", "0 WDT", "0 EX", "np I", "np II", "19", "25.5", "zw",
];

fn decimals(range: core::ops::Range<i64>, places: u32) -> impl Strategy<Value = String> {
    (range, 0..=places).prop_map(|(digits, places)| Decimal::new(digits, places).to_string())
}

fn sold(taxes: Vec<&'static str>, dearest: i64) -> impl Strategy<Value = Sold> {
    let quantity = prop_oneof![
        Just("1".to_owned()),
        (1_i64..100).prop_map(|number| number.to_string()),
        (1_000_i64..100_000).prop_map(|digits| Decimal::new(digits, 3).to_string()),
    ];
    let discount = prop_oneof![4 => Just(0_i64), 1 => 1_i64..50];
    (
        quantity,
        decimals(100..dearest, 4),
        discount,
        any::<bool>(),
        proptest::sample::select(taxes),
        proptest::bool::weighted(0.2),
    )
        .prop_map(|(quantity, price, per_cent, off_unit, tax, annex_15)| {
            let price = Decimal::from_str_exact(&price)
                .unwrap()
                .max(Decimal::new(2, 2));
            let number = Decimal::from_str_exact(&quantity).unwrap();
            let off = price * Decimal::new(per_cent, 2);
            let discount = if off_unit {
                off
            } else {
                (off * number).round_dp(8)
            };
            Sold {
                quantity,
                price: price.to_string(),
                discount: discount.normalize().to_string(),
                off_unit,
                tax: tax.to_owned(),
                annex_15,
            }
        })
}

/// A plan of any kind.
pub(crate) fn plan() -> impl Strategy<Value = Plan> {
    let kinds = [
        Kind::Basic,
        Kind::Basic,
        Kind::Simplified,
        Kind::Advance,
        Kind::Settlement,
        Kind::Correction,
        Kind::Correction,
        Kind::Cancellation,
        Kind::AdvanceCorrection,
        Kind::SettlementCorrection,
        Kind::AdvancesCorrection,
    ];
    proptest::sample::select(kinds.to_vec()).prop_flat_map(plan_of)
}

/// A plan of this kind.
pub(crate) fn plan_of(kind: Kind) -> impl Strategy<Value = Plan> {
    let families = if kind == Kind::Simplified {
        vec![vec!["23", "8", "5", "zw"]]
    } else {
        vec![
            DOMESTIC.to_vec(),
            DOMESTIC.to_vec(),
            DOMESTIC.to_vec(),
            ABROAD.to_vec(),
            vec!["oo", "23"],
            vec!["marża"],
        ]
    };
    let dearest = if kind == Kind::Simplified {
        3_000
    } else {
        9_000_000
    };
    let most = if kind == Kind::Simplified { 1_usize } else { 8 };
    proptest::sample::select(families).prop_flat_map(move |taxes| {
        let is_margin = taxes.contains(&"marża");
        let change = prop_oneof![
            3 => Just(Change::Stays),
            1 => (1_i64..200_000).prop_map(|digits| Change::Quantity(Decimal::new(digits, 3).to_string())),
            1 => decimals(100..dearest, 4).prop_map(Change::Price),
            1 => Just(Change::Falls),
            1 => sold(taxes.clone(), dearest).prop_map(Change::Is),
        ];
        let items = proptest::collection::vec(sold(taxes.clone(), dearest), 1..=most);
        let added = proptest::option::of(sold(taxes, dearest));
        let rate = proptest::option::weighted(0.3, (38_000_i64..47_000).prop_map(|digits| Decimal::new(digits, 4).to_string()));
        (
            (any::<bool>(), any::<bool>(), rate, items),
            (
                proptest::collection::vec(1_u32..300, 1..=3),
                proptest::collection::vec(change, 8),
                added,
                any::<bool>(),
                1_u32..1000,
            ),
        )
            .prop_map(move |((gross, tax_per_line, exchange_rate, items), (payments, mut changes, added, as_differences, right_payment))| {
                changes.truncate(items.len());
                Plan {
                    kind,
                    gross: gross || is_margin,
                    tax_per_line,
                    exchange_rate,
                    items,
                    payments,
                    changes,
                    added,
                    as_differences,
                    right_payment,
                }
            })
    })
}

fn amount(text: &str) -> Amount {
    Amount::parse(text).unwrap()
}

fn made_at() -> Timestamp {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

impl Sold {
    fn tax(&self) -> Tax {
        match VatRate::from_code(&self.tax) {
            _ if self.tax == "19" || self.tax == "25.5" => Tax::Oss(amount(&self.tax)),
            Some(rate) => Tax::Rate(rate),
            None => Tax::Margin,
        }
    }

    fn item(&self, gross: bool) -> Item {
        let make = if gross { Item::gross } else { Item::net };
        let mut item = make("towar".to_owned(), amount(&self.price), self.tax())
            .quantity(amount(&self.quantity), "szt.");
        if self.discount != "0" {
            item = if self.off_unit {
                item.unit_discount(amount(&self.discount))
            } else {
                item.discount(amount(&self.discount))
            };
        }
        if self.annex_15 { item.annex_15() } else { item }
    }
}

macro_rules! with_what_the_plan_says {
    ($plan:expr, $draft:expr) => {{
        let mut draft = $draft;
        if let Some(rate) = &$plan.exchange_rate {
            draft = draft
                .currency(CurrencyCode::parse("EUR").unwrap())
                .exchange_rate(amount(rate));
        }
        if $plan.uses("zw") {
            draft = draft.exempt_under(ExemptionBasis::Act("art. 43 ust. 1 pkt 29 ustawy".into()));
        }
        if $plan.uses("marża") {
            draft = draft.margin_scheme(MarginScheme::SecondHandGoods);
        }
        if $plan.tax_per_line {
            draft = draft.tax_per_line();
        }
        draft.items($plan.items.iter().map(|sold| sold.item($plan.gross)))
    }};
}

impl Plan {
    fn uses(&self, tax: &str) -> bool {
        self.items.iter().any(|sold| sold.tax == tax)
    }

    fn seller() -> Seller {
        let address = Address::in_poland("ul. Piotrkowska 1", "90-001 Łódź");
        Seller::new(Nip::parse("5265877635").unwrap(), "Sprzedawca", address)
    }

    fn buyer(&self) -> Buyer {
        let all = self
            .items
            .iter()
            .chain(&self.added)
            .chain(self.changes.iter().filter_map(|change| match change {
                Change::Is(sold) => Some(sold),
                _ => None,
            }));
        let is_abroad = all
            .into_iter()
            .any(|sold| sold.tax == "0 WDT" || sold.tax == "np II");
        if is_abroad {
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
        } else {
            let address = Address::in_poland("ul. Polna 1", "00-001 Warszawa");
            Buyer::company(Nip::parse("1111111111").unwrap(), "Nabywca", address)
        }
    }

    fn basic(&self) -> Result<Invoice, BuildError> {
        let draft = BasicDraft::new(Self::seller(), self.buyer(), "FV/1", ISSUED);
        with_what_the_plan_says!(self, draft)
            .due(date(2026, 12, 4))
            .finish(made_at())
    }

    /// What the items come to with tax, each line rounded by itself.
    fn order_value(&self) -> Result<Decimal, BuildError> {
        let draft = AdvanceDraft::new(Self::seller(), self.buyer(), "FZ/0", ISSUED);
        let probe = with_what_the_plan_says!(self, draft)
            .received(amount("0.01"), ISSUED)
            .finish(made_at())?;
        Ok(probe.body.order.unwrap().gross.value())
    }

    fn share(&self, thousandths: u32) -> Result<Amount, BuildError> {
        let share =
            (self.order_value()? * Decimal::new(i64::from(thousandths), 3)).trunc_with_scale(2);
        Ok(share.max(Decimal::new(1, 2)).into())
    }

    fn advance(&self, payments: &[u32]) -> Result<Invoice, BuildError> {
        let draft = AdvanceDraft::new(Self::seller(), self.buyer(), "FZ/1", ISSUED);
        let mut draft = with_what_the_plan_says!(self, draft);
        for (day, payment) in (10_i8..).zip(payments) {
            draft = draft.received(self.share(*payment)?, date(2026, 11, day));
        }
        draft.finish(made_at())
    }

    fn settlement(&self, advance: &Invoice) -> Result<Invoice, BuildError> {
        let draft = SettlementDraft::new(Self::seller(), self.buyer(), "FR/1", ISSUED);
        with_what_the_plan_says!(self, draft)
            .settles(SettledAdvance::outside_ksef(advance))
            .finish(made_at())
    }

    fn correction(&self, earlier: &Invoice) -> Result<Invoice, BuildError> {
        let mut draft =
            CorrectionDraft::correct(earlier, KsefReference::OutsideKsef, "FK/1", ISSUED);
        for (line, change) in (1_u64..).zip(&self.changes) {
            draft = match change {
                Change::Stays => draft,
                Change::Quantity(quantity) => draft.quantity(line, amount(quantity)),
                Change::Price(price) => draft.price(line, amount(price)),
                Change::Falls => draft.remove(line),
                Change::Is(sold) => draft.replace(line, sold.item(self.gross)),
            };
        }
        if let Some(sold) = &self.added {
            draft = draft.add_line(sold.item(self.gross));
        }
        if let Some(rate) = &self.exchange_rate {
            // The corrected invoice may have had no use for one.
            draft = draft.exchange_rate(amount(rate));
        }
        if self.as_differences {
            draft = draft.as_differences();
        }
        draft
            // A change may bring in the first exempt line.
            .exempt_under(ExemptionBasis::Act("art. 43 ust. 1 pkt 29 ustawy".into()))
            .reason("pomyłka")
            .effect(CorrectionEffect::OriginalDate)
            .finish(made_at())
    }

    /// The documents, the one that is meant last; none if the correction changes nothing, or
    /// cannot tell what a discount is off.
    pub(crate) fn documents(&self) -> Result<Vec<Invoice>, BuildError> {
        let documents = match self.kind {
            Kind::Basic => vec![self.basic()?],
            Kind::Simplified => {
                let draft = SimplifiedDraft::new(
                    Self::seller(),
                    Nip::parse("1111111111").unwrap(),
                    "FU/1",
                    ISSUED,
                );
                let built = with_what_the_plan_says!(self, draft).finish(made_at());
                match built {
                    Err(BuildError::SimplifiedLimit) => vec![],
                    built => vec![built?],
                }
            }
            Kind::Advance => vec![self.advance(&self.payments)?],
            Kind::Settlement => {
                let advance = self.advance(&self.payments)?;
                let settlement = self.settlement(&advance)?;
                vec![advance, settlement]
            }
            Kind::Correction => {
                let earlier = self.basic()?;
                match self.correction(&earlier) {
                    Err(BuildError::NothingCorrected | BuildError::LineWithoutValue { .. }) => {
                        vec![]
                    }
                    correction => vec![earlier, correction?],
                }
            }
            Kind::Cancellation => {
                let earlier = self.basic()?;
                let correction =
                    CorrectionDraft::correct(&earlier, KsefReference::OutsideKsef, "FK/1", ISSUED)
                        .cancel()
                        .reason("sprzedaż nie doszła do skutku")
                        .finish(made_at())?;
                vec![earlier, correction]
            }
            Kind::AdvanceCorrection => {
                let earlier = self.advance(&self.payments[..1])?;
                let correction = AdvanceCorrectionDraft::correct(
                    &earlier,
                    KsefReference::OutsideKsef,
                    "FK/1",
                    ISSUED,
                )
                .received(self.share(self.right_payment)?)
                .reason("błędna kwota zaliczki")
                .finish(made_at())?;
                vec![earlier, correction]
            }
            Kind::SettlementCorrection => {
                let advance = self.advance(&self.payments)?;
                let earlier = self.settlement(&advance)?;
                match self.correction(&earlier) {
                    Err(BuildError::NothingCorrected | BuildError::LineWithoutValue { .. }) => {
                        vec![]
                    }
                    correction => vec![advance, earlier, correction?],
                }
            }
            Kind::AdvancesCorrection => {
                let wrong = self.advance(&self.payments)?;
                let earlier = self.settlement(&wrong)?;
                let right = self.advance(&self.payments[..1])?;
                let correction =
                    CorrectionDraft::correct(&earlier, KsefReference::OutsideKsef, "FK/1", ISSUED)
                        .advances([SettledAdvance::outside_ksef(&right)])
                        .reason("błędnie rozliczona zaliczka")
                        .finish(made_at())?;
                vec![right, earlier, correction]
            }
        };
        Ok(documents)
    }
}
