//! What the builders of all kinds share: the heading, the parties, payment and notes.

use jiff::civil::Date;

use super::frame::Frame;
use super::item::Item;
use crate::invoice::Amount;
use crate::invoice::model::{
    Agreement, BankAccount, Buyer, CurrencyCode, DeliveryDate, Exemption, ExemptionBasis,
    ExtraDescription, Footer, Margin, MarginScheme, NewVehicleDeliveries, NewVehicles, Note,
    OrderReference, PartialPayment, Payment, PaymentDescription, PaymentForm, PaymentTerm, Period,
    RegisterEntry, Seller, Terms, ThirdParty, WholeNumber,
};

/// An invoice in the making. `K` is its kind: [`super::BasicDraft`], [`super::SimplifiedDraft`], [`super::AdvanceDraft`],
/// [`super::SettlementDraft`], [`super::CorrectionDraft`] and [`super::AdvanceCorrectionDraft`] are made by a constructor
/// of their own that takes what no invoice of the kind can be without. Everything else is chained on, and `finish` gives
/// the invoice.
#[derive(Clone)]
#[must_use = "a draft becomes an invoice by `finish`"]
pub struct Draft<K> {
    pub(super) frame: Frame,
    pub(super) kind: K,
}

/// A draft is invoice content: `Debug` does not show it.
impl<K> core::fmt::Debug for Draft<K> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Draft").finish_non_exhaustive()
    }
}

/// Kinds of documents that sell: those that take [`Item`]s.
pub trait Sells: sealed::Sells {}

impl<T: sealed::Sells> Sells for T {}

pub(super) mod sealed {
    /// Kept to this crate.
    pub trait Sells {}
}

impl<K: Sells> Draft<K> {
    /// Adds a line; of an advance invoice, a line of the order.
    pub fn item(mut self, item: Item) -> Self {
        self.frame.items.push(item);
        self
    }

    /// Adds lines; of an advance invoice, lines of the order.
    pub fn items(mut self, items: impl IntoIterator<Item = Item>) -> Self {
        self.frame.items.extend(items);
        self
    }

    /// Computes the tax of each line by itself (`P_11Vat`) and adds it up, instead of computing it once from the sum of
    /// each rate (art. 106e ust. 10 of the VAT Act). Of no effect on an advance invoice, whose tax comes from the payment.
    pub fn tax_per_line(mut self) -> Self {
        self.frame.has_own_tax = true;
        self
    }
}

impl<K> Draft<K> {
    pub(super) fn of(
        seller: Seller,
        buyer: Buyer,
        number: impl Into<String>,
        issue_date: Date,
        kind: K,
    ) -> Self {
        Self {
            frame: Frame::new(seller, buyer, number.into(), issue_date),
            kind,
        }
    }

    /// The program that makes the document (`SystemInfo`), at most 256 characters.
    pub fn system_info(mut self, name: impl Into<String>) -> Self {
        self.frame.system_info = Some(name.into());
        self
    }

    /// Place of issue (`P_1M`).
    pub fn issue_place(mut self, place: impl Into<String>) -> Self {
        self.frame.body.issue_place = Some(place.into());
        self
    }

    /// When all was delivered or done (`P_6`). Left out where it is the issue date, as the schema has it.
    pub fn delivered_on(mut self, date: Date) -> Self {
        self.frame.body.delivery_date =
            (date != self.frame.body.issue_date).then_some(DeliveryDate::Day(date));
        self
    }

    /// The period the invoice is for (`OkresFa`; art. 19a ust. 3, 4 and 5 pkt 4 of the VAT Act).
    pub fn delivered_over(mut self, from: Date, to: Date) -> Self {
        self.frame.body.delivery_date = Some(DeliveryDate::Period(Period { from, to }));
        self
    }

    /// Number of a warehouse document (`WZ`).
    pub fn warehouse_document(mut self, number: impl Into<String>) -> Self {
        self.frame.body.warehouse_documents.push(number.into());
        self
    }

    /// The currency of all amounts (`KodWaluty`); złoty unless said otherwise.
    pub fn currency(mut self, currency: CurrencyCode) -> Self {
        self.frame.body.currency = currency;
        self
    }

    /// How many złoty make one unit of the currency, for the tax in złoty (`KursWaluty`; art. 31a and 106e ust. 11 of the
    /// VAT Act): at most 6 decimal places.
    pub fn exchange_rate(mut self, rate: impl Into<Amount>) -> Self {
        self.frame.exchange_rate = Some(rate.into());
        self
    }

    /// Adds somebody else who takes part (`Podmiot3`). A recipient of the roles "local government" and "VAT group" marks
    /// the buyer accordingly (`JST`, `GV`).
    pub fn third_party(mut self, party: ThirdParty) -> Self {
        self.frame.third_parties.push(party);
        self
    }

    /// Cash accounting, "metoda kasowa" (`P_16`; art. 19a ust. 5 pkt 1 and art. 21 ust. 1 of the VAT Act).
    pub fn cash_accounting(mut self) -> Self {
        self.frame.body.annotations.cash_accounting = true;
        self
    }

    /// The buyer bills himself, "samofakturowanie" (`P_17`; art. 106d of the VAT Act).
    pub fn self_billing(mut self) -> Self {
        self.frame.body.annotations.self_billing = true;
        self
    }

    /// The buyer owes the tax on lines outside the country (`np I`), where he is a taxpayer (`P_18`). On lines `oo` and `np
    /// II` it is marked without asking.
    pub fn reverse_charge(mut self) -> Self {
        self.frame.body.annotations.reverse_charge = true;
        self
    }

    /// The law that exempts the exempt lines (`P_19`).
    pub fn exempt_under(mut self, basis: ExemptionBasis) -> Self {
        self.frame.body.annotations.exemption = Exemption::By(basis);
        self
    }

    /// The margin scheme the lines of [`Item::margin`] are under (`PMarzy`).
    pub fn margin_scheme(mut self, scheme: MarginScheme) -> Self {
        self.frame.body.annotations.margin = Margin::Scheme(scheme);
        self
    }

    /// New means of transport supplied to another member state (`NoweSrodkiTransportu`); the buyer may then be anybody.
    pub fn new_vehicles(mut self, vehicles: NewVehicleDeliveries) -> Self {
        self.frame.body.annotations.new_vehicles = NewVehicles::Delivered(vehicles);
        self
    }

    /// Invoice to a receipt of a cash register (`FP`; art. 109 ust. 3d of the VAT Act).
    pub fn to_receipt(mut self) -> Self {
        self.frame.body.to_receipt = true;
        self
    }

    /// Seller and buyer are related (`TP`).
    pub fn related_parties(mut self) -> Self {
        self.frame.body.related_parties = true;
        self
    }

    /// Data without a field of their own (`DodatkowyOpis`), at most 256 characters each.
    pub fn description(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.frame.body.extra_descriptions.push(ExtraDescription {
            line: None,
            key: key.into(),
            value: value.into(),
        });
        self
    }

    /// A day on which payment is due (`Termin`).
    pub fn due(mut self, date: Date) -> Self {
        self.payment().terms.push(PaymentTerm {
            due: Some(date),
            description: None,
        });
        self
    }

    /// Payment is due some time after an event (`TerminOpis`): 30, "dni", "otrzymanie faktury".
    pub fn due_after(
        mut self,
        count: i64,
        unit: impl Into<String>,
        event: impl Into<String>,
    ) -> Self {
        let description = PaymentDescription {
            count: WholeNumber::from(count),
            unit: unit.into(),
            event: event.into(),
        };
        self.payment().terms.push(PaymentTerm {
            due: None,
            description: Some(description),
        });
        self
    }

    /// All was paid on this day (`Zaplacono`).
    pub fn paid_on(mut self, date: Date) -> Self {
        self.frame.is_paid_on = Some(date);
        self
    }

    /// A part was paid on this day (`ZaplataCzesciowa`); may be repeated.
    pub fn paid_in_part(
        mut self,
        amount: impl Into<Amount>,
        date: Date,
        form: PaymentForm,
    ) -> Self {
        self.frame.parts_paid.push(PartialPayment {
            amount: amount.into(),
            paid_on: date,
            form: Some(form),
        });
        self
    }

    /// How it is, or was, paid (`FormaPlatnosci`).
    pub fn payment_form(mut self, form: PaymentForm) -> Self {
        self.payment().form = Some(form);
        self
    }

    /// An account to pay to (`RachunekBankowy`).
    pub fn bank_account(mut self, account: BankAccount) -> Self {
        self.payment().accounts.push(account);
        self
    }

    /// An account of the factor (`RachunekBankowyFaktora`).
    pub fn factor_account(mut self, account: BankAccount) -> Self {
        self.payment().factor_accounts.push(account);
        self
    }

    /// The buyer's order (`Zamowienia`).
    pub fn buyer_order(mut self, number: impl Into<String>, date: Option<Date>) -> Self {
        self.terms().orders.push(OrderReference {
            date,
            number: Some(number.into()),
        });
        self
    }

    /// A contract (`Umowy`).
    pub fn agreement(mut self, number: impl Into<String>, date: Option<Date>) -> Self {
        self.terms().agreements.push(Agreement {
            date,
            number: Some(number.into()),
        });
        self
    }

    /// A note at the foot (`StopkaFaktury`), at most 3500 characters; at most 3 notes.
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.footer().notes.push(Note {
            text: Some(text.into()),
        });
        self
    }

    /// Numbers of the seller in registers (`Rejestry`).
    pub fn register(mut self, entry: RegisterEntry) -> Self {
        self.footer().registers.push(entry);
        self
    }

    fn payment(&mut self) -> &mut Payment {
        self.frame.body.payment.get_or_insert_default()
    }

    fn terms(&mut self) -> &mut Terms {
        self.frame.body.terms.get_or_insert_default()
    }

    fn footer(&mut self) -> &mut Footer {
        self.frame.footer.get_or_insert_default()
    }
}
