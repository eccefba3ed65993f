//! How parties are named and numbered, and where they live.

use super::scalar::{CountryCode, EuCountryCode};
use crate::identifier::Nip;

record! {
    /// A Polish taxpayer (`TPodmiot1`).
    pub struct TaxpayerIdentity {
        /// Tax number (`NIP`).
        pub nip: Nip = element("NIP"),
        /// Name of the person or company (`Nazwa`), 1 to 512 characters.
        pub name: String = element("Nazwa"),
    }
}

record! {
    /// A buyer or carrier (`TPodmiot2`).
    pub struct BuyerIdentity {
        /// Tax number of whatever kind.
        pub identifier: BuyerIdentifier = group(),
        /// Name of the person or company (`Nazwa`), 1 to 512 characters; may be left out in the cases of art. 106e ust. 5
        /// pkt 3.
        pub name: Option<String> = element("Nazwa"),
    }
}

record! {
    /// A third party (`TPodmiot3`).
    pub struct ThirdPartyIdentity {
        /// Tax number of whatever kind.
        pub identifier: ThirdPartyIdentifier = group(),
        /// Name of the person or company (`Nazwa`), 1 to 512 characters.
        pub name: Option<String> = element("Nazwa"),
    }
}

choice! {
    /// How a buyer is identified.
    pub enum BuyerIdentifier {
        /// Polish tax number (`NIP`).
        Nip(Nip) = element("NIP"),
        /// EU VAT number (`KodUE`, `NrVatUE`).
        EuVat(EuVatNumber) = group(),
        /// Another tax number (`KodKraju`, `NrID`).
        Other(OtherIdentifier) = group(),
        ;
        /// No tax number, or none on the invoice (`BrakID`).
        Absent = mark("BrakID"),
    }
}

choice! {
    /// How a third party is identified.
    pub enum ThirdPartyIdentifier {
        /// Polish tax number (`NIP`).
        Nip(Nip) = element("NIP"),
        /// Tax number with a unit's number: `NIP-ddddd` (`IDWew`).
        InternalId(String) = element("IDWew"),
        /// EU VAT number (`KodUE`, `NrVatUE`).
        EuVat(EuVatNumber) = group(),
        /// Another tax number (`KodKraju`, `NrID`).
        Other(OtherIdentifier) = group(),
        ;
        /// No tax number, or none on the invoice (`BrakID`).
        Absent = mark("BrakID"),
    }
}

record! {
    /// An EU VAT number.
    pub struct EuVatNumber {
        /// Its prefix (`KodUE`).
        pub country: EuCountryCode = element("KodUE"),
        /// The number without prefix (`NrVatUE`), 1 to 12 digits, capital letters, `+` and `*`.
        pub number: String = element("NrVatUE"),
    }
}

record! {
    /// A tax number of another country.
    pub struct OtherIdentifier {
        /// The country that gave it (`KodKraju`).
        pub country: Option<CountryCode> = element("KodKraju"),
        /// The number (`NrID`), 1 to 50 characters.
        pub number: String = element("NrID"),
    }
}

record! {
    /// An address (`TAdres`).
    pub struct Address {
        /// Country (`KodKraju`).
        pub country: CountryCode = element("KodKraju"),
        /// Street and number, or what stands for them (`AdresL1`), 1 to 512 characters.
        pub line_1: String = element("AdresL1"),
        /// Postcode and town (`AdresL2`), 1 to 512 characters.
        pub line_2: Option<String> = element("AdresL2"),
        /// Global Location Number (`GLN`), 1 to 13 characters.
        pub gln: Option<String> = element("GLN"),
    }
}

impl Address {
    /// An address in Poland.
    pub fn in_poland(line_1: impl Into<String>, line_2: impl Into<String>) -> Self {
        Self {
            country: CountryCode::PL,
            line_1: line_1.into(),
            line_2: Some(line_2.into()),
            gln: None,
        }
    }
}
