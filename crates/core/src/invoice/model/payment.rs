//! How and when an invoice is paid.

use jiff::civil::Date;

use super::codes::BankOwnAccount;
use super::scalar::WholeNumber;
use crate::invoice::Amount;

record! {
    /// Payment (`Platnosc`).
    #[derive(Default)]
    pub struct Payment {
        /// What has been paid already.
        pub state: Option<PaymentState> = group(),
        /// Terms, at most 100 (`TerminPlatnosci`).
        #[serde(default)]
        pub terms: Vec<PaymentTerm> = element("TerminPlatnosci"),
        /// How it is paid (`FormaPlatnosci`, or `PlatnoscInna` and `OpisPlatnosci`).
        pub form: Option<PaymentForm> = group(),
        /// Accounts to pay to, at most 100 (`RachunekBankowy`).
        #[serde(default)]
        pub accounts: Vec<BankAccount> = element("RachunekBankowy"),
        /// Accounts of the factor, at most 20 (`RachunekBankowyFaktora`).
        #[serde(default)]
        pub factor_accounts: Vec<BankAccount> = element("RachunekBankowyFaktora"),
        /// Discount for early payment (`Skonto`).
        pub cash_discount: Option<CashDiscount> = element("Skonto"),
        /// Address where it can be paid (`LinkDoPlatnosci`), at most 512 characters, with a query `IPKSeF=…`.
        pub link: Option<String> = element("LinkDoPlatnosci"),
        /// Payment identifier of KSeF (`IPKSeF`): three digits and ten letters or digits.
        pub identifier: Option<String> = element("IPKSeF"),
    }
}

choice! {
    /// What has been paid already.
    pub enum PaymentState {
        /// All, on this day (`Zaplacono`, `DataZaplaty`).
        Paid(Date) = marked("Zaplacono", "DataZaplaty"),
        /// In parts (`ZnacznikZaplatyCzesciowej`, `ZaplataCzesciowa`).
        InParts(PartialPayments) = group(),
        ;
    }
}

record! {
    /// Payments in parts.
    pub struct PartialPayments {
        /// Whether something is left to pay (`ZnacznikZaplatyCzesciowej`: 1); otherwise the parts are the whole (2).
        #[serde(default)]
        pub remainder: bool = element("ZnacznikZaplatyCzesciowej"),
        /// 1 to 100 (`ZaplataCzesciowa`).
        pub payments: Vec<PartialPayment> = some("ZaplataCzesciowa"),
    }
}

record! {
    /// One of several payments (`ZaplataCzesciowa`).
    pub struct PartialPayment {
        /// Amount (`KwotaZaplatyCzesciowej`).
        pub amount: Amount = element("KwotaZaplatyCzesciowej"),
        /// Day (`DataZaplatyCzesciowej`).
        pub paid_on: Date = element("DataZaplatyCzesciowej"),
        /// How (`FormaPlatnosci`, or `PlatnoscInna` and `OpisPlatnosci`).
        pub form: Option<PaymentForm> = group(),
    }
}

numbers_or_words! {
    /// How something is paid (`TFormaPlatnosci`).
    pub enum PaymentForm = "FormaPlatnosci" or ("PlatnoscInna", "OpisPlatnosci") {
        /// 1: cash.
        Cash = 1,
        /// 2: card.
        Card = 2,
        /// 3: voucher.
        Voucher = 3,
        /// 4: cheque.
        Cheque = 4,
        /// 5: credit.
        Credit = 5,
        /// 6: bank transfer.
        Transfer = 6,
        /// 7: mobile payment.
        Mobile = 7,
        ;
        /// Another form in words (`PlatnoscInna`, `OpisPlatnosci`), 1 to 256 characters.
        Other,
    }
}

record! {
    /// When it is due (`TerminPlatnosci`).
    #[derive(Default)]
    pub struct PaymentTerm {
        /// A day (`Termin`).
        pub due: Option<Date> = element("Termin"),
        /// A time after an event (`TerminOpis`).
        pub description: Option<PaymentDescription> = element("TerminOpis"),
    }
}

record! {
    /// A time after an event, such as 14 days after delivery (`TerminOpis`).
    pub struct PaymentDescription {
        /// How many (`Ilosc`).
        pub count: WholeNumber = element("Ilosc"),
        /// Of what (`Jednostka`), 1 to 50 characters.
        pub unit: String = element("Jednostka"),
        /// After what (`ZdarzeniePoczatkowe`), 1 to 256 characters.
        pub event: String = element("ZdarzeniePoczatkowe"),
    }
}

record! {
    /// An account (`TRachunekBankowy`).
    pub struct BankAccount {
        /// Full number (`NrRB`), 10 to 34 characters.
        pub number: String = element("NrRB"),
        /// BIC (`SWIFT`).
        pub swift: Option<String> = element("SWIFT"),
        /// What the bank uses it for, if it is the bank's own (`RachunekWlasnyBanku`).
        pub bank_own: Option<BankOwnAccount> = element("RachunekWlasnyBanku"),
        /// Name of the bank (`NazwaBanku`), 1 to 256 characters.
        pub bank_name: Option<String> = element("NazwaBanku"),
        /// Description (`OpisRachunku`), 1 to 256 characters.
        pub description: Option<String> = element("OpisRachunku"),
    }
}

impl BankAccount {
    /// An account of this number.
    pub fn new(number: impl Into<String>) -> Self {
        Self {
            number: number.into(),
            swift: None,
            bank_own: None,
            bank_name: None,
            description: None,
        }
    }
}

record! {
    /// Discount for early payment (`Skonto`).
    pub struct CashDiscount {
        /// What the buyer has to do (`WarunkiSkonta`), 1 to 256 characters.
        pub conditions: String = element("WarunkiSkonta"),
        /// How much (`WysokoscSkonta`), 1 to 256 characters.
        pub amount: String = element("WysokoscSkonta"),
    }
}
