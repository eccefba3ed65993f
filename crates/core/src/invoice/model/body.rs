//! The invoice proper: dates, numbers, sums, and what the other files of this folder describe.

use jiff::civil::Date;

use super::annotations::Annotations;
use super::correction::Correction;
use super::line::Line;
use super::order::Order;
use super::payment::Payment;
use super::scalar::CurrencyCode;
use super::settlement::Settlement;
use super::terms::Terms;
use crate::invoice::{Amount, InvoiceKind};

record! {
    /// The invoice proper (`Fa`).
    pub struct Body {
        /// Currency of the amounts (`KodWaluty`).
        pub currency: CurrencyCode = element("KodWaluty"),
        /// Issue date (`P_1`).
        pub issue_date: Date = element("P_1"),
        /// Place of issue (`P_1M`), 1 to 256 characters.
        pub issue_place: Option<String> = element("P_1M"),
        /// Invoice number (`P_2`), 1 to 256 characters; unique with seller and kind.
        pub number: String = element("P_2"),
        /// Numbers of warehouse documents, at most 1000 (`WZ`).
        #[serde(default)]
        pub warehouse_documents: Vec<String> = element("WZ"),
        /// When goods were delivered, services done, or an advance was received, if it is one date for the whole invoice
        /// (`P_6`, `OkresFa`).
        pub delivery_date: Option<DeliveryDate> = group(),
        /// Sums per rate (`P_13_1` to `P_13_11`, `P_14_1` to `P_14_5`).
        #[serde(default)]
        pub totals: Totals = group(),
        /// Total due (`P_15`): of an advance invoice the payment it documents, of a settlement what is left to pay.
        pub gross: Amount = element("P_15"),
        /// Rate of exchange for the tax on an advance invoice (`KursWalutyZ`).
        pub advance_exchange_rate: Option<Amount> = element("KursWalutyZ"),
        /// Annotations (`Adnotacje`).
        #[serde(default)]
        pub annotations: Annotations = element("Adnotacje"),
        /// Kind (`RodzajFaktury`).
        pub kind: InvoiceKind = element("RodzajFaktury"),
        /// What is corrected (`PrzyczynaKorekty` to `KursWalutyZK`).
        pub correction: Option<Correction> = group(),
        /// Payments documented together, at most 31 (`ZaliczkaCzesciowa`).
        #[serde(default)]
        pub partial_advances: Vec<PartialAdvance> = element("ZaliczkaCzesciowa"),
        /// Invoice to a receipt of a cash register (`FP`; art. 109 ust. 3d).
        #[serde(default)]
        pub to_receipt: bool = mark("FP"),
        /// Seller and buyer are related (`TP`; § 10 ust. 4 pkt 3 of the regulation on JPK_VAT).
        #[serde(default)]
        pub related_parties: bool = mark("TP"),
        /// Data without a field of their own, at most 10 000 (`DodatkowyOpis`).
        #[serde(default)]
        pub extra_descriptions: Vec<ExtraDescription> = element("DodatkowyOpis"),
        /// Advance invoices that are settled, at most 100 (`FakturaZaliczkowa`).
        #[serde(default)]
        pub advance_invoices: Vec<AdvanceInvoice> = element("FakturaZaliczkowa"),
        /// For farmers' refund of excise duty on diesel (`ZwrotAkcyzy`).
        #[serde(default)]
        pub excise_refund: bool = mark("ZwrotAkcyzy"),
        /// At most 10 000 (`FaWiersz`).
        #[serde(default)]
        pub lines: Vec<Line> = element("FaWiersz"),
        /// Charges and deductions beside the total (`Rozliczenie`).
        pub settlement: Option<Settlement> = element("Rozliczenie"),
        /// Payment (`Platnosc`).
        pub payment: Option<Payment> = element("Platnosc"),
        /// Contracts, orders, delivery, transport (`WarunkiTransakcji`).
        pub terms: Option<Terms> = element("WarunkiTransakcji"),
        /// Order or contract of an advance invoice (`Zamowienie`).
        pub order: Option<Order> = element("Zamowienie"),
    }
}

choice! {
    /// When goods were delivered, services done, or an advance was received.
    pub enum DeliveryDate {
        /// One day (`P_6`).
        Day(Date) = element("P_6"),
        /// A period (`OkresFa`; art. 19a ust. 3, 4 and 5 pkt 4).
        Period(Period) = element("OkresFa"),
        ;
    }
}

record! {
    /// A period (`OkresFa`).
    pub struct Period {
        /// First day (`P_6_Od`).
        pub from: Date = element("P_6_Od"),
        /// Last day (`P_6_Do`).
        pub to: Date = element("P_6_Do"),
    }
}

record! {
    /// Sums per rate, in the currency of the invoice; of a correction the differences.
    #[derive(Default)]
    pub struct Totals {
        /// Basic rate, 23 % or 22 % (`P_13_1`, `P_14_1`, `P_14_1W`).
        pub basic: Option<RateSum> = rate_sum("P_13_1", "P_14_1", "P_14_1W"),
        /// First reduced rate, 8 % or 7 % (`P_13_2`, `P_14_2`, `P_14_2W`).
        pub first_reduced: Option<RateSum> = rate_sum("P_13_2", "P_14_2", "P_14_2W"),
        /// Second reduced rate, 5 % (`P_13_3`, `P_14_3`, `P_14_3W`).
        pub second_reduced: Option<RateSum> = rate_sum("P_13_3", "P_14_3", "P_14_3W"),
        /// Flat rate for taxis (`P_13_4`, `P_14_4`, `P_14_4W`).
        pub taxi: Option<RateSum> = rate_sum("P_13_4", "P_14_4", "P_14_4W"),
        /// One-stop-shop procedure (`P_13_5`, `P_14_5`).
        pub oss: Option<OssSum> = group(),
        /// Rate zero within the country (`P_13_6_1`).
        pub zero_domestic: Option<Amount> = element("P_13_6_1"),
        /// Rate zero, supply of goods within the Union (`P_13_6_2`).
        pub zero_intra_community: Option<Amount> = element("P_13_6_2"),
        /// Rate zero, export (`P_13_6_3`).
        pub zero_export: Option<Amount> = element("P_13_6_3"),
        /// Exempt (`P_13_7`).
        pub exempt: Option<Amount> = element("P_13_7"),
        /// Supplies outside the country other than those of `eu_services` and `oss` (`P_13_8`).
        pub outside_country: Option<Amount> = element("P_13_8"),
        /// Services of art. 100 ust. 1 pkt 4 (`P_13_9`).
        pub eu_services: Option<Amount> = element("P_13_9"),
        /// Reverse charge, the buyer owes the tax (`P_13_10`).
        pub reverse_charge: Option<Amount> = element("P_13_10"),
        /// Margin scheme (`P_13_11`).
        pub margin: Option<Amount> = element("P_13_11"),
    }
}

/// What was sold at one rate.
#[derive(Clone, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "json-schema", schemars(deny_unknown_fields))]
pub struct RateSum {
    /// Net (`P_13_1` to `P_13_4`).
    pub net: Amount,
    /// Tax (`P_14_1` to `P_14_4`).
    pub vat: Amount,
    /// Tax in złoty, of an invoice in another currency (`P_14_1W` to `P_14_4W`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vat_in_zloty: Option<Amount>,
}

hidden!(RateSum);

from_object!(RateSum { net: Amount, vat: Amount, vat_in_zloty: Option<Amount>, });

record! {
    /// What was sold under the one-stop-shop procedure (title XII chapter 6a of the VAT Act).
    pub struct OssSum {
        /// Net (`P_13_5`).
        pub net: Amount = element("P_13_5"),
        /// Tax (`P_14_5`).
        pub vat: Option<Amount> = element("P_14_5"),
    }
}

record! {
    /// One of several payments on one invoice (`ZaliczkaCzesciowa`; art. 106b ust. 1 pkt 4).
    pub struct PartialAdvance {
        /// When it was received (`P_6Z`).
        pub received_on: Date = element("P_6Z"),
        /// How much (`P_15Z`).
        pub amount: Amount = element("P_15Z"),
        /// Rate of exchange for the tax (`KursWalutyZW`).
        pub exchange_rate: Option<Amount> = element("KursWalutyZW"),
    }
}

record! {
    /// Data without a field of their own (`DodatkowyOpis`, `TKluczWartosc`).
    pub struct ExtraDescription {
        /// The line they belong to (`NrWiersza`).
        pub line: Option<u64> = element("NrWiersza"),
        /// What they are (`Klucz`), 1 to 256 characters.
        pub key: String = element("Klucz"),
        /// What they say (`Wartosc`), 1 to 256 characters.
        pub value: String = element("Wartosc"),
    }
}

choice! {
    /// An advance invoice that is settled (`FakturaZaliczkowa`).
    pub enum AdvanceInvoice {
        /// Issued outside KSeF: its number (`NrKSeFZN`, `NrFaZaliczkowej`), 1 to 256 characters.
        OutsideKsef(String) = marked("NrKSeFZN", "NrFaZaliczkowej"),
        /// Issued in KSeF: its KSeF number (`NrKSeFFaZaliczkowej`).
        InKsef(String) = element("NrKSeFFaZaliczkowej"),
        ;
    }
}
