//! Seller, buyer and references to other invoices, made from what every one of them has.

use jiff::civil::Date;

use crate::identifier::{KsefNumber, Nip};
use crate::invoice::model::{
    Address, AdvanceInvoice, Buyer, BuyerIdentifier, BuyerIdentity, CorrectedInvoice, EuVatNumber,
    KsefReference, OtherIdentifier, Seller, TaxpayerIdentity, ThirdParty, ThirdPartyIdentifier,
    ThirdPartyIdentity, ThirdPartyRole,
};

impl Seller {
    /// A seller with what no invoice can be without. Contacts and the like are fields to be set.
    pub fn new(nip: Nip, name: impl Into<String>, address: Address) -> Self {
        Self {
            eu_prefix: false,
            eori: None,
            identity: TaxpayerIdentity {
                nip,
                name: name.into(),
            },
            address,
            postal_address: None,
            contacts: Vec::new(),
            status: None,
        }
    }
}

impl Buyer {
    /// A buyer with a Polish tax number.
    pub fn company(nip: Nip, name: impl Into<String>, address: Address) -> Self {
        Self::named(BuyerIdentifier::Nip(nip), name, address)
    }

    /// A buyer with an EU VAT number.
    pub fn eu_company(number: EuVatNumber, name: impl Into<String>, address: Address) -> Self {
        Self::named(BuyerIdentifier::EuVat(number), name, address)
    }

    /// A buyer with a tax number of another country.
    pub fn foreign_company(
        number: OtherIdentifier,
        name: impl Into<String>,
        address: Address,
    ) -> Self {
        Self::named(BuyerIdentifier::Other(number), name, address)
    }

    /// A buyer without a tax number.
    pub fn consumer(name: impl Into<String>, address: Address) -> Self {
        Self::named(BuyerIdentifier::Absent, name, address)
    }

    fn named(identifier: BuyerIdentifier, name: impl Into<String>, address: Address) -> Self {
        let name = Some(name.into());
        Self::of(BuyerIdentity { identifier, name }, Some(address))
    }

    /// A buyer of this identity.
    pub(super) fn of(identity: BuyerIdentity, address: Option<Address>) -> Self {
        Self {
            eori: None,
            identity,
            address,
            postal_address: None,
            contacts: Vec::new(),
            customer_number: None,
            key: None,
            local_government_unit: false,
            vat_group_member: false,
        }
    }
}

impl ThirdParty {
    /// Somebody with a Polish tax number.
    pub fn company(
        role: ThirdPartyRole,
        nip: Nip,
        name: impl Into<String>,
        address: Option<Address>,
    ) -> Self {
        Self {
            key: None,
            eori: None,
            identity: ThirdPartyIdentity {
                identifier: ThirdPartyIdentifier::Nip(nip),
                name: Some(name.into()),
            },
            address,
            postal_address: None,
            contacts: Vec::new(),
            role,
            share: None,
            customer_number: None,
        }
    }
}

impl CorrectedInvoice {
    /// An invoice by its data: a [`KsefNumber`], or [`KsefReference::OutsideKsef`].
    pub fn new(
        number: impl Into<String>,
        issue_date: Date,
        ksef: impl Into<KsefReference>,
    ) -> Self {
        Self {
            issue_date,
            number: number.into(),
            ksef: ksef.into(),
        }
    }
}

impl From<KsefNumber> for KsefReference {
    fn from(number: KsefNumber) -> Self {
        Self::InKsef(number.to_string())
    }
}

impl From<KsefNumber> for AdvanceInvoice {
    fn from(number: KsefNumber) -> Self {
        Self::InKsef(number.to_string())
    }
}
