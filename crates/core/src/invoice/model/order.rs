//! The order or contract an advance invoice belongs to.

use super::codes::{Gtu, OrderProcedure, VatRate};
use crate::invoice::Amount;

record! {
    /// An order or contract (`Zamowienie`; art. 106f ust. 1 pkt 4).
    pub struct Order {
        /// Value with tax (`WartoscZamowienia`).
        pub gross: Amount = element("WartoscZamowienia"),
        /// 1 to 10 000 (`ZamowienieWiersz`).
        pub lines: Vec<OrderLine> = some("ZamowienieWiersz"),
    }
}

record! {
    /// One ordered line (`ZamowienieWiersz`).
    #[derive(Default)]
    pub struct OrderLine {
        /// Number of the line (`NrWierszaZam`), from 1.
        pub number: u64 = element("NrWierszaZam"),
        /// The line's own unique number (`UU_IDZ`), 1 to 50 characters.
        pub id: Option<String> = element("UU_IDZ"),
        /// Name of the goods or service (`P_7Z`), 1 to 512 characters.
        pub name: Option<String> = element("P_7Z"),
        /// The seller's own code or a further description (`IndeksZ`), 1 to 50 characters.
        pub index: Option<String> = element("IndeksZ"),
        /// Global Trade Item Number (`GTINZ`), 1 to 20 characters.
        pub gtin: Option<String> = element("GTINZ"),
        /// Polish classification of goods and services (`PKWiUZ`), 1 to 50 characters.
        pub pkwiu: Option<String> = element("PKWiUZ"),
        /// Combined Nomenclature (`CNZ`), 1 to 50 characters.
        pub cn: Option<String> = element("CNZ"),
        /// Polish classification of buildings (`PKOBZ`), 1 to 50 characters.
        pub pkob: Option<String> = element("PKOBZ"),
        /// Unit of measure (`P_8AZ`), 1 to 256 characters.
        pub unit: Option<String> = element("P_8AZ"),
        /// Quantity (`P_8BZ`), at most 6 decimal places.
        pub quantity: Option<Amount> = element("P_8BZ"),
        /// Price of a unit without tax (`P_9AZ`), at most 8 decimal places.
        pub net_price: Option<Amount> = element("P_9AZ"),
        /// Value without tax (`P_11NettoZ`).
        pub net: Option<Amount> = element("P_11NettoZ"),
        /// Tax (`P_11VatZ`).
        pub vat: Option<Amount> = element("P_11VatZ"),
        /// Rate of tax (`P_12Z`).
        pub rate: Option<VatRate> = element("P_12Z"),
        /// Rate of tax in per cent under the one-stop-shop procedure (`P_12Z_XII`).
        pub oss_rate: Option<Amount> = element("P_12Z_XII"),
        /// Goods or service of annex 15 to the VAT Act (`P_12Z_Zal_15`).
        #[serde(default)]
        pub annex_15: bool = mark("P_12Z_Zal_15"),
        /// Group of goods or services (`GTUZ`).
        pub gtu: Option<Gtu> = element("GTUZ"),
        /// Special procedure (`ProceduraZ`).
        pub procedure: Option<OrderProcedure> = element("ProceduraZ"),
        /// Excise duty in the price (`KwotaAkcyzyZ`).
        pub excise: Option<Amount> = element("KwotaAkcyzyZ"),
        /// The line shows the state before the correction (`StanPrzedZ`).
        #[serde(default)]
        pub before_correction: bool = mark("StanPrzedZ"),
    }
}
