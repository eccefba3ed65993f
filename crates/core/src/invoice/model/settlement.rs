//! Charges and deductions beside the total of an invoice.

use crate::invoice::Amount;

record! {
    /// Charges and deductions beside the total (`Rozliczenie`).
    #[derive(Default)]
    pub struct Settlement {
        /// What is added, at most 100 (`Obciazenia`).
        #[serde(default)]
        pub charges: Vec<Adjustment> = element("Obciazenia"),
        /// Their sum (`SumaObciazen`).
        pub charges_total: Option<Amount> = element("SumaObciazen"),
        /// What is taken off, at most 100 (`Odliczenia`).
        #[serde(default)]
        pub deductions: Vec<Adjustment> = element("Odliczenia"),
        /// Their sum (`SumaOdliczen`).
        pub deductions_total: Option<Amount> = element("SumaOdliczen"),
        /// What comes of it.
        pub balance: Option<SettlementBalance> = group(),
    }
}

record! {
    /// A charge or deduction (`Obciazenia`, `Odliczenia`).
    pub struct Adjustment {
        /// Amount (`Kwota`).
        pub amount: Amount = element("Kwota"),
        /// Reason (`Powod`), 1 to 256 characters.
        pub reason: String = element("Powod"),
    }
}

choice! {
    /// What comes of charges and deductions.
    pub enum SettlementBalance {
        /// To pay (`DoZaplaty`): the total and the charges less the deductions.
        ToPay(Amount) = element("DoZaplaty"),
        /// Paid too much, to be settled or returned (`DoRozliczenia`).
        ToSettle(Amount) = element("DoRozliczenia"),
        ;
    }
}
