//! Builders: from seller, buyer and lines to a finished [`Invoice`](crate::invoice::Invoice), one for each kind of
//! document.
//!
//! | Kind | Builder | Takes |
//! |---|---|---|
//! | `VAT` | [`BasicDraft`] | seller, buyer, lines |
//! | `UPR` | [`SimplifiedDraft`] | seller, the buyer's NIP, lines; at most 450 zł or 100 euro |
//! | `ZAL` | [`AdvanceDraft`] | seller, buyer, lines of the order, payments |
//! | `ROZ` | [`SettlementDraft`] | seller, buyer, lines, the advance invoices |
//! | `KOR`, `KOR_ROZ` | [`CorrectionDraft`] | the earlier invoice or its data, and what changes |
//! | `KOR_ZAL` | [`AdvanceCorrectionDraft`] | the earlier advance invoice, and what changes |
//!
//! ```
//! use jiff::Timestamp;
//! use jiff::civil::date;
//! use ksef_offline_core::identifier::Nip;
//! use ksef_offline_core::invoice::Amount;
//! use ksef_offline_core::invoice::builder::{BasicDraft, CorrectionDraft, Item};
//! use ksef_offline_core::invoice::model::{Address, Buyer, KsefReference, PaymentForm, Seller, VatRate};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let seller = Seller::new(
//!     Nip::parse("5265877635")?,
//!     "Piekarnia Pod Zegarem sp. z o.o.",
//!     Address::in_poland("ul. Piotrkowska 1", "90-001 Łódź"),
//! );
//! let buyer = Buyer::company(
//!     Nip::parse("1111111111")?,
//!     "Kawiarnia Rogalik",
//!     Address::in_poland("ul. Polna 1", "00-001 Warszawa"),
//! );
//! let now: Timestamp = "2026-11-22T10:00:00Z".parse()?;
//!
//! let invoice = BasicDraft::new(seller, buyer, "FV/2026/11/001", date(2026, 11, 22))
//!     .item(Item::net("Chałka z kruszonką", Amount::parse("6.40")?, VatRate::Percent5).quantity(45, "szt."))
//!     .item(Item::net("Dowóz", 30, VatRate::Percent23))
//!     .due(date(2026, 12, 6))
//!     .payment_form(PaymentForm::Transfer)
//!     .finish(now)?;
//! assert_eq!(invoice.body.gross.to_string(), "339.30");
//! let document = invoice.to_document()?; // to be judged, signed and sent
//!
//! // Fifteen came back.
//! let correction = CorrectionDraft::correct(&invoice, KsefReference::OutsideKsef, "FK/2026/11/001", date(2026, 11, 24))
//!     .quantity(1, 30)
//!     .reason("Zwrot 15 sztuk")
//!     .finish(now)?;
//! assert_eq!(correction.body.gross.to_string(), "-100.80");
//! # Ok(())
//! # }
//! ```
//!
//! What comes out is legal: `finish` holds it against the verdict ([`crate::invoice::validate`]) and gives out nothing that
//! KSeF would refuse by schema. Nor has the verdict a warning, as long as the numbers of parties and accounts have right
//! check digits and third parties the identifiers their roles ask for. The fields of the model are public: what the
//! builders have no word for (transport, attachments, charges) is set on the finished invoice.
//!
//! # How sums are computed
//!
//! As the Ministry's examples compute them:
//!
//! - The value of a line is quantity × price less discount, rounded to a grosz; halves go up (art. 106e ust. 11 of the VAT
//!   Act).
//! - **Net prices**: the net sum of a rate (`P_13_x`) is that of its lines, its tax (`P_14_x`) is that sum × rate, rounded
//!   once. The examples give the same line by line; [`Draft::tax_per_line`] computes it so (art. 106e ust. 10).
//! - **Gross prices**: the tax of a rate is the gross sum × rate / (100 + rate), rounded once; the net sum is the difference
//!   (art. 106e ust. 7 and 8). One invoice has one kind of price.
//! - `P_15` is the sum of all `P_13_x` and `P_14_x`.
//! - **Another currency**: `P_14_xW` is `P_14_x` × rate of exchange, rounded to a grosz (art. 106e ust. 11, art. 31a).
//!   Sums without Polish tax need no rate.
//! - **Margin scheme**: `P_13_11` is what the buyer pays; no tax is shown (art. 106e ust. 2 and 3).
//! - **Advances**: a payment is spread over the rates in proportion to the order with tax; the tax is taken out of each share
//!   (art. 106f ust. 1 pkt 3). A **settlement** states lines less advances, rate by rate (art. 106f ust. 3).
//! - **Corrections** state differences (art. 106j ust. 2 pkt 5).
//!
//! # What is annotated without asking
//!
//! "Reverse charge" (`P_18`) for `oo` and `np II`; "split payment" (`P_18A`) over 15 000 złoty with a line of annex 15 and a
//! buyer with a NIP (art. 106e ust. 1 pkt 18a); the triangular transaction (`P_23`) for the procedure `TT_D`; the prefix `PL`
//! of the seller for supplies and services to the Union (art. 97 ust. 10); `JST` and `GV` for recipients of those roles.
//! All else is "no" until said.

mod advance;
mod annotations;
mod basic;
mod correction;
mod draft;
mod error;
mod frame;
mod item;
mod party;
mod settlement;
mod sums;
mod tax;
#[cfg(test)]
mod tests;

pub use advance::{Advance, AdvanceDraft};
pub use basic::{Basic, BasicDraft, Simplified, SimplifiedDraft};
pub use correction::{AdvanceCorrection, AdvanceCorrectionDraft, Correction, CorrectionDraft};
pub use draft::{Draft, Sells};
pub use error::BuildError;
pub use item::Item;
pub use settlement::{SettledAdvance, Settlement, SettlementDraft};
pub use tax::Tax;
