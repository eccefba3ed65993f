//! The parties of an invoice.

use super::codes::{AuthorisedRole, TaxpayerStatus};
use super::identity::{Address, BuyerIdentity, TaxpayerIdentity, ThirdPartyIdentity};
use crate::invoice::Amount;

record! {
    /// The seller (`Podmiot1`).
    pub struct Seller {
        /// Whether the VAT number carries the prefix `PL` (`PrefiksPodatnika`): supplies within the Union.
        #[serde(default)]
        pub eu_prefix: bool = fixed("PrefiksPodatnika", "PL"),
        /// EORI number (`NrEORI`), 1 to 256 characters.
        pub eori: Option<String> = element("NrEORI"),
        /// NIP and name (`DaneIdentyfikacyjne`).
        pub identity: TaxpayerIdentity = element("DaneIdentyfikacyjne"),
        /// Address (`Adres`).
        pub address: Address = element("Adres"),
        /// Address for letters (`AdresKoresp`).
        pub postal_address: Option<Address> = element("AdresKoresp"),
        /// At most 3 (`DaneKontaktowe`).
        #[serde(default)]
        pub contacts: Vec<Contact> = element("DaneKontaktowe"),
        /// Liquidation, restructuring, bankruptcy or estate (`StatusInfoPodatnika`).
        pub status: Option<TaxpayerStatus> = element("StatusInfoPodatnika"),
    }
}

record! {
    /// The buyer (`Podmiot2`).
    pub struct Buyer {
        /// EORI number (`NrEORI`), 1 to 256 characters.
        pub eori: Option<String> = element("NrEORI"),
        /// Tax number and name (`DaneIdentyfikacyjne`).
        pub identity: BuyerIdentity = element("DaneIdentyfikacyjne"),
        /// Address (`Adres`); may be left out in the cases of art. 106e ust. 5 pkt 3.
        pub address: Option<Address> = element("Adres"),
        /// Address for letters (`AdresKoresp`).
        pub postal_address: Option<Address> = element("AdresKoresp"),
        /// At most 3 (`DaneKontaktowe`).
        #[serde(default)]
        pub contacts: Vec<Contact> = element("DaneKontaktowe"),
        /// The buyer's number with the seller (`NrKlienta`), 1 to 256 characters.
        pub customer_number: Option<String> = element("NrKlienta"),
        /// Key that ties this buyer to its former data on a correction (`IDNabywcy`), 1 to 32 characters.
        pub key: Option<String> = element("IDNabywcy"),
        /// Whether the invoice concerns a unit of a local government (`JST`); the unit is then a third party of role 8.
        #[serde(default)]
        pub local_government_unit: bool = element("JST"),
        /// Whether the invoice concerns a member of a VAT group (`GV`); the member is then a third party of role 10.
        #[serde(default)]
        pub vat_group_member: bool = element("GV"),
    }
}

record! {
    /// Somebody else who takes part (`Podmiot3`).
    pub struct ThirdParty {
        /// Key that ties this buyer to its former data on a correction (`IDNabywcy`), 1 to 32 characters.
        pub key: Option<String> = element("IDNabywcy"),
        /// EORI number (`NrEORI`), 1 to 256 characters.
        pub eori: Option<String> = element("NrEORI"),
        /// Tax number and name (`DaneIdentyfikacyjne`).
        pub identity: ThirdPartyIdentity = element("DaneIdentyfikacyjne"),
        /// Address (`Adres`).
        pub address: Option<Address> = element("Adres"),
        /// Address for letters (`AdresKoresp`).
        pub postal_address: Option<Address> = element("AdresKoresp"),
        /// At most 3 (`DaneKontaktowe`).
        #[serde(default)]
        pub contacts: Vec<Contact> = element("DaneKontaktowe"),
        /// What the party does (`Rola`, or `RolaInna` and `OpisRoli`).
        pub role: ThirdPartyRole = group(),
        /// Share of a further buyer in per cent (`Udzial`).
        pub share: Option<Amount> = element("Udzial"),
        /// The party's number with the seller (`NrKlienta`), 1 to 256 characters.
        pub customer_number: Option<String> = element("NrKlienta"),
    }
}

numbers_or_words! {
    /// What a third party does (`Rola`, `TRolaPodmiotu3`).
    pub enum ThirdPartyRole = "Rola" or ("RolaInna", "OpisRoli") {
        /// 1: factor.
        Factor = 1,
        /// 2: recipient, a unit or branch of the buyer that is no taxpayer of its own.
        Recipient = 2,
        /// 3: original entity, taken over or transformed.
        OriginalEntity = 3,
        /// 4: further buyer.
        FurtherBuyer = 4,
        /// 5: issuer on behalf of the seller; not the buyer who bills himself.
        Issuer = 5,
        /// 6: payer in place of the buyer.
        Payer = 6,
        /// 7: local government, issuer.
        LocalGovernmentIssuer = 7,
        /// 8: local government, recipient.
        LocalGovernmentRecipient = 8,
        /// 9: member of a VAT group, issuer.
        VatGroupIssuer = 9,
        /// 10: member of a VAT group, recipient.
        VatGroupRecipient = 10,
        /// 11: employee.
        Employee = 11,
        ;
        /// Another role in words (`RolaInna`, `OpisRoli`), 1 to 256 characters.
        Other,
    }
}

record! {
    /// How a party can be reached (`DaneKontaktowe`).
    #[derive(Default)]
    pub struct Contact {
        /// E-mail address (`Email`), 3 to 255 characters.
        pub email: Option<String> = element("Email"),
        /// Telephone number (`Telefon`), 1 to 16 characters.
        pub phone: Option<String> = element("Telefon"),
    }
}

record! {
    /// Who issues by authority of law (`PodmiotUpowazniony`).
    pub struct AuthorisedParty {
        /// EORI number (`NrEORI`), 1 to 256 characters.
        pub eori: Option<String> = element("NrEORI"),
        /// NIP and name (`DaneIdentyfikacyjne`).
        pub identity: TaxpayerIdentity = element("DaneIdentyfikacyjne"),
        /// Address (`Adres`).
        pub address: Address = element("Adres"),
        /// Address for letters (`AdresKoresp`).
        pub postal_address: Option<Address> = element("AdresKoresp"),
        /// At most 3 (`DaneKontaktowe`).
        #[serde(default)]
        pub contacts: Vec<AuthorisedContact> = element("DaneKontaktowe"),
        /// By which authority (`RolaPU`).
        pub role: AuthorisedRole = element("RolaPU"),
    }
}

record! {
    /// How an authorised party can be reached (`DaneKontaktowe`).
    #[derive(Default)]
    pub struct AuthorisedContact {
        /// E-mail address (`EmailPU`), 3 to 255 characters.
        pub email: Option<String> = element("EmailPU"),
        /// Telephone number (`TelefonPU`), 1 to 16 characters.
        pub phone: Option<String> = element("TelefonPU"),
    }
}
