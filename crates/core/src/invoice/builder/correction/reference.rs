//! What every correction says about the invoice it corrects.

use jiff::civil::Date;

use super::super::draft::Draft;
use super::super::error::BuildError;
use super::super::frame::Frame;
use crate::invoice::Invoice;
use crate::invoice::model::{
    BeforeCorrection, Buyer, BuyerBefore, CorrectedInvoice, Correction, CorrectionEffect,
    EuCountryCode, KsefReference, Seller, SellerBefore,
};

/// Key that ties the buyer to the data before the correction: there is one pair only.
const BUYER_KEY: &str = "1";

/// The invoice that is corrected, and what changes beside amounts.
#[derive(Clone)]
pub struct Reference {
    invoices: Vec<CorrectedInvoice>,
    reason: Option<String>,
    effect: Option<CorrectionEffect>,
    pub(super) period: Option<String>,
    right_number: Option<String>,
    seller_before: Option<Seller>,
    buyer_before: Option<Buyer>,
}

/// Kinds of documents that correct.
pub trait Corrects {
    /// What is said about the corrected invoice.
    fn reference(&mut self) -> &mut Reference;
}

impl Reference {
    pub(super) fn new(invoice: CorrectedInvoice) -> Self {
        Self {
            invoices: vec![invoice],
            reason: None,
            effect: None,
            period: None,
            right_number: None,
            seller_before: None,
            buyer_before: None,
        }
    }

    pub(super) fn to(earlier: &Invoice, ksef: KsefReference) -> Self {
        Self::new(CorrectedInvoice::new(
            earlier.body.number.clone(),
            earlier.body.issue_date,
            ksef,
        ))
    }

    pub(super) fn add(&mut self, invoice: CorrectedInvoice) {
        self.invoices.push(invoice);
    }

    /// Whether something changes beside amounts.
    pub(super) fn changes_something(&self) -> bool {
        self.right_number.is_some() || self.seller_before.is_some() || self.buyer_before.is_some()
    }

    /// What the invoice says of it.
    pub(super) fn close(
        self,
        frame: &mut Frame,
        before: Option<BeforeCorrection>,
    ) -> Result<Correction, BuildError> {
        let issued = frame.body.issue_date;
        if self.invoices.is_empty() {
            return Err(BuildError::CorrectedInvoiceMissing);
        }
        if self
            .invoices
            .iter()
            .any(|invoice| invoice.issue_date > issued)
        {
            return Err(BuildError::CorrectedInvoiceLater);
        }
        if let Some(before) = &self.seller_before
            && before.identity.nip != frame.seller.identity.nip
        {
            return Err(BuildError::TaxNumberChanged);
        }
        if let Some(before) = &self.buyer_before {
            if before.identity.identifier != frame.buyer.identity.identifier {
                return Err(BuildError::TaxNumberChanged);
            }
            frame.buyer.key = Some(BUYER_KEY.to_owned());
        }
        Ok(Correction {
            reason: self.reason,
            effect: self.effect,
            invoices: self.invoices,
            period: self.period,
            right_number: self.right_number,
            seller_before: self.seller_before.map(|seller| SellerBefore {
                eu_prefix: seller
                    .eu_prefix
                    .then(|| EuCountryCode::parse("PL").ok())
                    .flatten(),
                identity: seller.identity,
                address: seller.address,
            }),
            buyers_before: self
                .buyer_before
                .map(|buyer| BuyerBefore {
                    identity: buyer.identity,
                    address: buyer.address,
                    key: Some(BUYER_KEY.to_owned()),
                })
                .into_iter()
                .collect(),
            before,
        })
    }
}

impl<K: Corrects> Draft<K> {
    /// Why (`PrzyczynaKorekty`), at most 256 characters.
    pub fn reason(mut self, reason: impl Into<String>) -> Self {
        self.kind.reference().reason = Some(reason.into());
        self
    }

    /// When it takes effect in the VAT records (`TypKorekty`).
    pub fn effect(mut self, effect: CorrectionEffect) -> Self {
        self.kind.reference().effect = Some(effect);
        self
    }

    /// The right number of the corrected invoice, where the number is what was wrong (`NrFaKorygowany`).
    pub fn right_number(mut self, number: impl Into<String>) -> Self {
        self.kind.reference().right_number = Some(number.into());
        self
    }

    /// The buyer as he should be; the data so far go to `Podmiot2K`. A wrong tax number takes a correction to zero and a
    /// new invoice instead.
    pub fn buyer_now(mut self, buyer: Buyer) -> Self {
        let before = core::mem::replace(&mut self.frame.buyer, buyer);
        self.kind.reference().buyer_before.get_or_insert(before);
        self
    }

    /// The seller as he should be; the data so far go to `Podmiot1K`.
    pub fn seller_now(mut self, seller: Seller) -> Self {
        let before = core::mem::replace(&mut self.frame.seller, seller);
        self.kind.reference().seller_before.get_or_insert(before);
        self
    }

    /// A correction of `earlier` by its kind, starting from what it says of parties, currency, dates and annotations.
    pub(super) fn correcting(
        earlier: &Invoice,
        number: impl Into<String>,
        issue_date: Date,
        kind: K,
    ) -> Self {
        let mut draft = Self::of(
            earlier.seller.clone(),
            earlier.buyer.clone(),
            number,
            issue_date,
            kind,
        );
        let frame = &mut draft.frame;
        frame.third_parties.clone_from(&earlier.third_parties);
        frame.body.currency = earlier.body.currency;
        frame
            .body
            .delivery_date
            .clone_from(&earlier.body.delivery_date);
        frame.body.annotations = earlier.body.annotations.clone();
        frame.body.related_parties = earlier.body.related_parties;
        draft
    }
}
