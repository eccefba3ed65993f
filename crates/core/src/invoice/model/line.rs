//! The lines of an invoice.

use jiff::civil::Date;

use super::codes::{Gtu, Procedure, VatRate};
use crate::invoice::Amount;

record! {
    /// One line (`FaWiersz`), amounts in the currency of the invoice.
    #[derive(Default)]
    pub struct Line {
        /// Number of the line (`NrWierszaFa`), from 1.
        pub number: u64 = element("NrWierszaFa"),
        /// The line's own unique number (`UU_ID`), 1 to 50 characters.
        pub id: Option<String> = element("UU_ID"),
        /// When this line was delivered, done or paid (`P_6A`).
        pub delivery_date: Option<Date> = element("P_6A"),
        /// Name of the goods or service (`P_7`), 1 to 512 characters.
        pub name: Option<String> = element("P_7"),
        /// The seller's own code or a further description (`Indeks`), 1 to 50 characters.
        pub index: Option<String> = element("Indeks"),
        /// Global Trade Item Number (`GTIN`), 1 to 20 characters.
        pub gtin: Option<String> = element("GTIN"),
        /// Polish classification of goods and services (`PKWiU`), 1 to 50 characters.
        pub pkwiu: Option<String> = element("PKWiU"),
        /// Combined Nomenclature (`CN`), 1 to 50 characters.
        pub cn: Option<String> = element("CN"),
        /// Polish classification of buildings (`PKOB`), 1 to 50 characters.
        pub pkob: Option<String> = element("PKOB"),
        /// Unit of measure (`P_8A`), 1 to 256 characters.
        pub unit: Option<String> = element("P_8A"),
        /// Quantity (`P_8B`), at most 6 decimal places.
        pub quantity: Option<Amount> = element("P_8B"),
        /// Price of a unit without tax (`P_9A`), at most 8 decimal places.
        pub net_price: Option<Amount> = element("P_9A"),
        /// Price of a unit with tax (`P_9B`; art. 106e ust. 7 and 8), at most 8 decimal places.
        pub gross_price: Option<Amount> = element("P_9B"),
        /// Discounts not yet in the price (`P_10`), at most 8 decimal places.
        pub discount: Option<Amount> = element("P_10"),
        /// Value without tax (`P_11`).
        pub net: Option<Amount> = element("P_11"),
        /// Value with tax (`P_11A`; art. 106e ust. 7 and 8).
        pub gross: Option<Amount> = element("P_11A"),
        /// Tax (`P_11Vat`; art. 106e ust. 10).
        pub vat: Option<Amount> = element("P_11Vat"),
        /// Rate of tax (`P_12`).
        pub rate: Option<VatRate> = element("P_12"),
        /// Rate of tax in per cent under the one-stop-shop procedure (`P_12_XII`).
        pub oss_rate: Option<Amount> = element("P_12_XII"),
        /// Goods or service of annex 15 to the VAT Act (`P_12_Zal_15`).
        #[serde(default)]
        pub annex_15: bool = mark("P_12_Zal_15"),
        /// Excise duty in the price (`KwotaAkcyzy`).
        pub excise: Option<Amount> = element("KwotaAkcyzy"),
        /// Group of goods or services (`GTU`).
        pub gtu: Option<Gtu> = element("GTU"),
        /// Special procedure (`Procedura`).
        pub procedure: Option<Procedure> = element("Procedura"),
        /// Rate of exchange for the tax (`KursWaluty`), at most 6 decimal places.
        pub exchange_rate: Option<Amount> = element("KursWaluty"),
        /// The line shows the state before the correction (`StanPrzed`).
        #[serde(default)]
        pub before_correction: bool = mark("StanPrzed"),
    }
}
