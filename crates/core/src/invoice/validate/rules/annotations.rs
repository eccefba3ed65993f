//! The annotations (`Adnotacje`) against the sales, the parties and the amounts they speak of, and the references to
//! lines by number.

use rust_decimal::Decimal;

use super::super::code::Code;
use super::heading::{Currency, Head};
use super::lines::Lines;
use super::number::{is_one, number};
use super::order::Order;
use super::parties::Parties;
use super::totals::{Sale, Totals};
use super::{Here, Sink, Spot};
use crate::invoice::InvoiceKind;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Annotation {
    SelfBilling,
    ReverseCharge,
    SplitPayment,
    Exempt,
    NotExempt,
    NewVehicles,
    Triangular,
    Margin,
    NoMargin,
    /// `P_NrWierszaNST`.
    VehicleLine,
    /// `DodatkowyOpis/NrWiersza`.
    NoteLine,
}

impl Annotation {
    pub(super) fn of(path: &[&str]) -> Option<Self> {
        Some(match path {
            ["Fa", "Adnotacje", "P_17"] => Self::SelfBilling,
            ["Fa", "Adnotacje", "P_18"] => Self::ReverseCharge,
            ["Fa", "Adnotacje", "P_18A"] => Self::SplitPayment,
            ["Fa", "Adnotacje", "Zwolnienie", "P_19"] => Self::Exempt,
            ["Fa", "Adnotacje", "Zwolnienie", "P_19N"] => Self::NotExempt,
            ["Fa", "Adnotacje", "NoweSrodkiTransportu", "P_22"] => Self::NewVehicles,
            [.., "NowySrodekTransportu", "P_NrWierszaNST"] => Self::VehicleLine,
            ["Fa", "Adnotacje", "P_23"] => Self::Triangular,
            ["Fa", "Adnotacje", "PMarzy", "P_PMarzy"] => Self::Margin,
            ["Fa", "Adnotacje", "PMarzy", "P_PMarzyN"] => Self::NoMargin,
            ["Fa", "DodatkowyOpis", "NrWiersza"] => Self::NoteLine,
            _ => return None,
        })
    }
}

#[derive(Default)]
pub(super) struct Annotations {
    self_billing: Mark,
    reverse_charge: Mark,
    split_payment: Mark,
    exempt: Mark,
    triangular: Mark,
    margin: Mark,
    new_vehicles: bool,
    references: Vec<Reference>,
}

/// A yes-or-no annotation and where it stands.
#[derive(Default)]
struct Mark {
    yes: bool,
    spot: Spot,
}

/// A line named by its number before it was read.
struct Reference {
    line: u64,
    at: usize,
    to: Annotation,
    /// The how-manieth element of its name names it.
    occurrence: u32,
}

/// What the annotations are held against.
pub(super) struct Context<'g> {
    pub(super) head: &'g Head,
    pub(super) parties: &'g Parties,
    pub(super) totals: &'g Totals,
    pub(super) lines: &'g Lines,
    pub(super) order: &'g Order,
}

impl Annotations {
    pub(super) fn take(&mut self, field: Annotation, text: &str, here: &Here<'_>) {
        let mark = |path, yes| Mark {
            yes,
            spot: here.spot(path),
        };
        match field {
            Annotation::SelfBilling => {
                self.self_billing = mark("/Faktura/Fa/Adnotacje/P_17", is_one(text));
            }
            Annotation::ReverseCharge => {
                self.reverse_charge = mark("/Faktura/Fa/Adnotacje/P_18", is_one(text));
            }
            Annotation::SplitPayment => {
                self.split_payment = mark("/Faktura/Fa/Adnotacje/P_18A", is_one(text));
            }
            Annotation::Exempt => {
                self.exempt = mark("/Faktura/Fa/Adnotacje/Zwolnienie/P_19", true);
            }
            Annotation::NotExempt => {
                self.exempt = mark("/Faktura/Fa/Adnotacje/Zwolnienie/P_19N", false);
            }
            Annotation::NewVehicles => self.new_vehicles = true,
            Annotation::Triangular => {
                self.triangular = mark("/Faktura/Fa/Adnotacje/P_23", is_one(text));
            }
            Annotation::Margin => {
                self.margin = mark("/Faktura/Fa/Adnotacje/PMarzy/P_PMarzy", true);
            }
            Annotation::NoMargin => {
                self.margin = mark("/Faktura/Fa/Adnotacje/PMarzy/P_PMarzyN", false);
            }
            Annotation::VehicleLine | Annotation::NoteLine => {
                self.references.push(Reference {
                    line: number(text).unwrap_or_default(),
                    at: here.at(),
                    to: field,
                    occurrence: here.parent_occurrence(),
                });
            }
        }
    }

    pub(super) fn has_margin_scheme(&self) -> bool {
        self.margin.yes
    }

    pub(super) fn judge(&self, context: &Context<'_>, sink: &mut Sink) {
        let parties = context.parties;
        if self.self_billing.yes && parties.has_issuer {
            sink.warn_at(self.self_billing.spot, Code::SelfBillingIssuer);
        }
        if context.lines.are_triangular && !self.triangular.yes {
            sink.warn_at(self.triangular.spot, Code::TriangularMarkMissing);
        }
        self.judge_union_trade(context, sink);
        if context.head.is_no_correction() {
            self.judge_exemption(context, sink);
            self.judge_reverse_charge(context, sink);
            self.judge_margin(context, sink);
            self.judge_split_payment(context, sink);
            self.judge_references(context, sink);
        }
        context.judge_simplified(sink);
    }

    /// Supplies to other member states, services there and triangular transactions need the EU VAT numbers of both.
    fn judge_union_trade(&self, context: &Context<'_>, sink: &mut Sink) {
        let Context {
            parties, totals, ..
        } = context;
        let spot = if totals.has(Sale::ZeroInUnion) {
            totals.net_spot(Sale::ZeroInUnion)
        } else if totals.has(Sale::AbroadInUnion) {
            totals.net_spot(Sale::AbroadInUnion)
        } else if self.triangular.yes {
            self.triangular.spot
        } else {
            return;
        };
        if !parties.seller_has_prefix {
            sink.warn_at(spot, Code::SellerPrefixMissing);
        }
        // A new vehicle may go to anybody.
        if !parties.buyer_has_eu_number && !self.new_vehicles {
            sink.warn_at(spot, Code::BuyerEuNumberMissing);
        }
    }

    fn judge_exemption(&self, context: &Context<'_>, sink: &mut Sink) {
        if context.sells(Sale::Exempt) {
            if !self.exempt.yes {
                sink.warn_at(self.exempt.spot, Code::ExemptionBasisMissing);
            }
        } else if self.exempt.yes && context.sales_are_stated() {
            sink.warn_at(self.exempt.spot, Code::ExemptionWithoutSale);
        }
    }

    fn judge_reverse_charge(&self, context: &Context<'_>, sink: &mut Sink) {
        let needs_mark = context.sells(Sale::ReverseCharge) || context.sells(Sale::AbroadInUnion);
        if needs_mark {
            if !self.reverse_charge.yes {
                sink.warn_at(self.reverse_charge.spot, Code::ReverseChargeMarkMissing);
            }
        } else if self.reverse_charge.yes
            && !context.sells(Sale::Abroad)
            && context.sales_are_stated()
        {
            sink.warn_at(self.reverse_charge.spot, Code::ReverseChargeWithoutSale);
        }
    }

    fn judge_margin(&self, context: &Context<'_>, sink: &mut Sink) {
        if context.totals.has(Sale::Margin) {
            if !self.margin.yes {
                sink.warn_at(self.margin.spot, Code::MarginMarkMissing);
            }
        } else if self.margin.yes
            // A settlement may have nothing left, a simplified invoice states no sums.
            && context.head.is(&[InvoiceKind::Vat, InvoiceKind::Advance])
        {
            sink.warn_at(self.margin.spot, Code::MarginSumMissing);
        }
    }

    /// The limit of 15 000 zloty is that of the whole invoice; settlements state what is left of it. The mark on another
    /// invoice is the seller's free choice, and many put it on all.
    fn judge_split_payment(&self, context: &Context<'_>, sink: &mut Sink) {
        let Context {
            head,
            totals,
            lines,
            ..
        } = context;
        let Some(due) = totals.due else { return };
        let in_zloty = match (head.currency, lines.exchange_rate()) {
            (Some(Currency::Zloty), _) => Some(due),
            (_, Some(rate)) => due.checked_mul(rate),
            _ => None,
        };
        let Some(in_zloty) = in_zloty else { return };
        if !self.split_payment.yes
            && in_zloty > Decimal::from(15_000)
            && lines.has_annex_fifteen
            && context.parties.buyer_has_nip
            && head.is(&[InvoiceKind::Vat, InvoiceKind::Advance])
        {
            sink.warn_at(self.split_payment.spot, Code::SplitPaymentMarkMissing);
        }
    }

    fn judge_references(&self, context: &Context<'_>, sink: &mut Sink) {
        let (lines, order) = (&context.lines.numbers, &context.order.numbers);
        if lines.is_empty() && order.is_empty() {
            return;
        }
        for reference in &self.references {
            if lines.contains(&reference.line) || order.contains(&reference.line) {
                continue;
            }
            let occurrence = reference.occurrence;
            let path = if reference.to == Annotation::VehicleLine {
                format!(
                    "/Faktura/Fa/Adnotacje/NoweSrodkiTransportu/NowySrodekTransportu[{occurrence}]/P_NrWierszaNST"
                )
            } else {
                format!("/Faktura/Fa/DodatkowyOpis[{occurrence}]/NrWiersza")
            };
            sink.warn_by_path(reference.at, path, Code::LineNumberUnknown);
        }
    }
}

impl Context<'_> {
    fn sells(&self, sale: Sale) -> bool {
        self.totals.has(sale) || self.lines.have(sale) || self.order.has(sale)
    }

    /// Whether the invoice says of all it sells what kind of sale it is.
    fn sales_are_stated(&self) -> bool {
        let by_sums = self.totals.are_stated();
        let by_lines = self.lines.count() > 0;
        (by_sums || by_lines) && self.lines.without_rate().count == 0 && self.order.all_have_rates()
    }

    /// A simplified invoice is one of at most 450 zloty or 100 euro.
    fn judge_simplified(&self, sink: &mut Sink) {
        let Self { head, totals, .. } = self;
        let limit = match head.currency {
            Some(Currency::Zloty) => 450,
            Some(Currency::Euro) => 100,
            _ => return,
        };
        if head.is(&[InvoiceKind::Simplified])
            && totals.due.is_some_and(|due| due > Decimal::from(limit))
        {
            sink.warn_at(totals.due_at, Code::SimplifiedInvoiceLimit);
        }
    }
}
