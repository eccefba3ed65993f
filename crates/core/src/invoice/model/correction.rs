//! What a correcting invoice says about the invoice it corrects.

use jiff::civil::Date;

use super::codes::CorrectionEffect;
use super::identity::{Address, BuyerIdentity, TaxpayerIdentity};
use super::scalar::EuCountryCode;
use crate::invoice::Amount;

record! {
    /// What is corrected (`PrzyczynaKorekty` to `KursWalutyZK`).
    pub struct Correction {
        /// Reason (`PrzyczynaKorekty`), 1 to 256 characters.
        pub reason: Option<String> = element("PrzyczynaKorekty"),
        /// When it takes effect in the VAT records (`TypKorekty`).
        pub effect: Option<CorrectionEffect> = element("TypKorekty"),
        /// The invoices that are corrected, 1 to 50 000 (`DaneFaKorygowanej`).
        pub invoices: Vec<CorrectedInvoice> = some("DaneFaKorygowanej"),
        /// Period of a discount on all deliveries (`OkresFaKorygowanej`), 1 to 256 characters.
        pub period: Option<String> = element("OkresFaKorygowanej"),
        /// The right number, when the number is what was wrong (`NrFaKorygowany`), 1 to 256 characters.
        pub right_number: Option<String> = element("NrFaKorygowany"),
        /// The seller as the corrected invoice names him, if that changes (`Podmiot1K`).
        pub seller_before: Option<SellerBefore> = element("Podmiot1K"),
        /// The buyers as the corrected invoice names them, if that changes, at most 101 (`Podmiot2K`).
        #[serde(default)]
        pub buyers_before: Vec<BuyerBefore> = element("Podmiot2K"),
        /// Amount and rate before the correction of an advance or settlement invoice.
        pub before: Option<BeforeCorrection> = group(),
    }
}

record! {
    /// An invoice that is corrected (`DaneFaKorygowanej`).
    pub struct CorrectedInvoice {
        /// Its issue date (`DataWystFaKorygowanej`).
        pub issue_date: Date = element("DataWystFaKorygowanej"),
        /// Its number (`NrFaKorygowanej`), 1 to 256 characters.
        pub number: String = element("NrFaKorygowanej"),
        /// Whether KSeF has it.
        pub ksef: KsefReference = group(),
    }
}

choice! {
    /// Whether KSeF has a corrected invoice.
    pub enum KsefReference {
        /// Yes: its KSeF number (`NrKSeF`, `NrKSeFFaKorygowanej`).
        InKsef(String) = marked("NrKSeF", "NrKSeFFaKorygowanej"),
        ;
        /// No, it was issued outside (`NrKSeFN`).
        OutsideKsef = mark("NrKSeFN"),
    }
}

record! {
    /// The seller before the correction (`Podmiot1K`).
    pub struct SellerBefore {
        /// Prefix of the VAT number (`PrefiksPodatnika`).
        pub eu_prefix: Option<EuCountryCode> = element("PrefiksPodatnika"),
        /// NIP and name (`DaneIdentyfikacyjne`).
        pub identity: TaxpayerIdentity = element("DaneIdentyfikacyjne"),
        /// Address (`Adres`).
        pub address: Address = element("Adres"),
    }
}

record! {
    /// A buyer before the correction (`Podmiot2K`).
    pub struct BuyerBefore {
        /// Tax number and name (`DaneIdentyfikacyjne`).
        pub identity: BuyerIdentity = element("DaneIdentyfikacyjne"),
        /// Address (`Adres`).
        pub address: Option<Address> = element("Adres"),
        /// Key that ties these data to the buyer of this invoice (`IDNabywcy`), 1 to 32 characters.
        pub key: Option<String> = element("IDNabywcy"),
    }
}

record! {
    /// Amount and rate before the correction of an advance or settlement invoice.
    pub struct BeforeCorrection {
        /// Payment, or what was left to pay (`P_15ZK`).
        pub amount: Amount = element("P_15ZK"),
        /// Rate of exchange for the tax (`KursWalutyZK`).
        pub exchange_rate: Option<Amount> = element("KursWalutyZK"),
    }
}
