//! Settlements of advances (ROZ): the whole of what is sold, less what the advance invoices documented.

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::advance::exact;
use super::draft::{Draft, sealed};
use super::error::BuildError;
use super::frame::Frame;
use super::sums::Sums;
use super::tax::Tax;
use crate::identifier::{KsefNumber, Nip};
use crate::invoice::model::{AdvanceInvoice, Buyer, CurrencyCode, Seller};
use crate::invoice::{Amount, Invoice, InvoiceKind};

/// An advance invoice that a settlement takes off: how it is named, and its sums by rate.
#[derive(Clone)]
pub struct SettledAdvance {
    reference: AdvanceInvoice,
    sums: Result<Sums, BuildError>,
    /// Seller and currency, where they are known.
    origin: Vec<(Nip, CurrencyCode)>,
}

/// Invoice content: `Debug` does not show it.
impl core::fmt::Debug for SettledAdvance {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("SettledAdvance").finish_non_exhaustive()
    }
}

impl SettledAdvance {
    /// An advance invoice that KSeF has under this number.
    pub fn in_ksef(number: KsefNumber, invoice: &Invoice) -> Self {
        Self::of(number.into(), invoice)
    }

    /// An advance invoice that was issued outside KSeF; it is named by its own number.
    pub fn outside_ksef(invoice: &Invoice) -> Self {
        Self::of(
            AdvanceInvoice::OutsideKsef(invoice.body.number.clone()),
            invoice,
        )
    }

    fn of(reference: AdvanceInvoice, invoice: &Invoice) -> Self {
        let sums = match invoice.body.kind {
            InvoiceKind::Advance => Ok(Sums::of_totals(&invoice.body.totals)),
            _ => Err(BuildError::NotAnAdvance),
        };
        Self {
            reference,
            sums,
            origin: vec![origin(invoice)],
        }
    }

    /// An advance invoice of which only the data are at hand: what was paid with tax at each rate.
    pub fn by_rate(
        reference: impl Into<AdvanceInvoice>,
        paid: impl IntoIterator<Item = (Tax, Amount)>,
    ) -> Self {
        let mut sums = Ok(Sums::default());
        for (tax, gross) in paid {
            sums = sums.and_then(|mut sums| {
                sums.add_gross(&tax, exact(&gross)?);
                Ok(sums)
            });
        }
        Self {
            reference: reference.into(),
            sums,
            origin: Vec::new(),
        }
    }

    /// Takes in a correction of the advance invoice (`KOR_ZAL`): what it gave back is settled no more.
    #[must_use]
    pub fn corrected_by(mut self, correction: &Invoice) -> Self {
        self.sums = self.sums.and_then(|sums| match correction.body.kind {
            InvoiceKind::AdvanceCorrection => {
                Ok(sums.plus(&Sums::of_totals(&correction.body.totals)))
            }
            _ => Err(BuildError::NotAnAdvance),
        });
        self.origin.push(origin(correction));
        self
    }
}

fn origin(invoice: &Invoice) -> (Nip, CurrencyCode) {
    (invoice.seller.identity.nip, invoice.body.currency)
}

/// What these advances come to, and their names.
pub(super) fn settled(
    advances: Vec<SettledAdvance>,
    frame: &Frame,
) -> Result<(Sums, Vec<AdvanceInvoice>), BuildError> {
    let here = (frame.seller.identity.nip, frame.body.currency);
    let mut whole = Sums::default();
    let mut references = Vec::with_capacity(advances.len());
    for advance in advances {
        if advance.origin.iter().any(|origin| *origin != here) {
            return Err(BuildError::NotAnAdvance);
        }
        whole = whole.plus(&advance.sums?);
        references.push(advance.reference);
    }
    Ok((whole, references))
}

/// The kind of [`SettlementDraft`].
#[derive(Debug, Clone, Default)]
pub struct Settlement {
    advances: Vec<SettledAdvance>,
}

impl sealed::Sells for Settlement {}

/// A settlement of advances (`ROZ`) in the making (art. 106f ust. 3 of the VAT Act). The items are the whole of what is
/// sold; the sums and the total are what the advances leave of it, rate by rate.
pub type SettlementDraft = Draft<Settlement>;

impl SettlementDraft {
    /// A settlement from `seller` to `buyer`; the advances follow with [`Self::settles`].
    pub fn new(seller: Seller, buyer: Buyer, number: impl Into<String>, issue_date: Date) -> Self {
        Self::of(seller, buyer, number, issue_date, Settlement::default())
    }

    /// Takes off an advance invoice (`FakturaZaliczkowa`).
    pub fn settles(mut self, advance: SettledAdvance) -> Self {
        self.kind.advances.push(advance);
        self
    }

    /// Marks split payment as mandatory (`P_18A`) where what is left to pay does not reach the limit. Above 15 000 złoty
    /// left to pay it is marked without asking.
    pub fn split_payment(mut self) -> Self {
        self.frame.body.annotations.split_payment = true;
        self
    }

    /// The invoice over what is left to pay.
    ///
    /// # Errors
    /// [`BuildError`]: what is missing or contradictory; `build-advances-exceed-total` where nothing is left and more.
    pub fn finish(self, created_at: Timestamp) -> Result<Invoice, BuildError> {
        let Self { mut frame, kind } = self;
        let lines = frame.lines()?;
        if kind.advances.is_empty() {
            return Err(BuildError::AdvancesMissing);
        }
        let (advances, references) = settled(kind.advances, &frame)?;
        let rest = Sums::of_lines(&lines).minus(&advances).without_zloty();
        if rest.gross() < Decimal::ZERO {
            return Err(BuildError::AdvancesExceedTotal);
        }
        let rest = frame.in_zloty(rest)?;
        frame.annotate(&rest)?;
        frame.body.lines = lines;
        frame.body.advance_invoices = references;
        frame.close(InvoiceKind::Settlement, &rest, created_at)
    }
}
