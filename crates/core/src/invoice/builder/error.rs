//! Why an invoice was not built.

use thiserror::Error;

use crate::diagnostic::{Bilingual, Diagnostic};
use crate::invoice::validate::Violation;

/// What was missing or contradictory. Lines are counted from 1 in the order they were given; nothing of the invoice's
/// content is quoted.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum BuildError {
    /// No line, or of an advance no ordered line.
    #[error("the invoice has no line")]
    NoLines,
    /// The invoice number is empty or has more than 256 characters (`P_2`).
    #[error("an invoice number has 1 to 256 characters")]
    NumberLength,
    /// Some prices contain the tax and some do not; art. 106e ust. 7 and 8 of the VAT Act let an invoice choose once.
    #[error("line {line} has another kind of price (net or gross) than the lines before it")]
    MixedPrices {
        /// The first that differs.
        line: usize,
    },
    /// Quantity × price less discount, or the total, is beyond 100 000 000 000 000.
    #[error("an amount is too large")]
    AmountTooLarge,
    /// A whole invoice over a negative amount: what is taken back is a correction.
    #[error("the total is negative; what is taken back is documented by a correction")]
    TotalNegative,
    /// An exempt line and no law that exempts it (art. 106e ust. 1 pkt 19 of the VAT Act).
    #[error("an exempt line needs the legal basis of the exemption")]
    ExemptionBasisMissing,
    /// A legal basis of an exemption and no exempt line.
    #[error("a legal basis of an exemption is given, and no line is exempt")]
    ExemptionWithoutLine,
    /// "Reverse charge" on an invoice without a line that is taxed by the buyer or outside the country (art. 106e ust. 1
    /// pkt 18 of the VAT Act).
    #[error("reverse charge is marked, and no line is taxed by the buyer")]
    ReverseChargeWithoutLine,
    /// A line under the margin scheme and no word on which scheme (art. 106e ust. 2 and 3 of the VAT Act).
    #[error("a line under the margin scheme needs the kind of scheme")]
    MarginSchemeMissing,
    /// A kind of margin scheme, and lines with rates: sales under the scheme take an invoice of their own.
    #[error("the margin scheme is marked, and a line has a rate of its own")]
    MarginWithRates,
    /// A net price under the margin scheme, which shows no tax.
    #[error("line {line} is under the margin scheme and has a price without tax")]
    MarginNetPrice {
        /// The line.
        line: usize,
    },
    /// Polish tax in another currency and no rate of exchange to state it in złoty (art. 106e ust. 11 of the VAT Act).
    #[error("tax in a foreign currency needs the rate of exchange to be stated in złoty")]
    ExchangeRateMissing,
    /// A rate of exchange for an invoice in złoty, or one that is not positive.
    #[error("a rate of exchange is a positive number, and not given for an invoice in złoty")]
    ExchangeRateNotExpected,
    /// A supply within the Union, a service to the Union or a triangular transaction, and the buyer has no EU VAT number
    /// (art. 106e ust. 1 pkt 24 of the VAT Act).
    #[error("supplies and services to other member states need the buyer's EU VAT number")]
    EuBuyerMissing,
    /// Domestic reverse charge, and the buyer has no tax number (art. 17 ust. 1 pkt 7 and 8 of the VAT Act).
    #[error("under reverse charge the buyer is a taxpayer and has a tax number")]
    ReverseChargeBuyer,
    /// A group of services (GTU 11 to 13) with the rate of goods, or of goods with that of services.
    #[error("line {line}: the group of goods or services (GTU) contradicts the rate")]
    GtuContradictsRate {
        /// The line.
        line: usize,
    },
    /// A procedure that belongs to another rate, or one an order cannot have.
    #[error("line {line}: the procedure contradicts the rate or the kind of invoice")]
    ProcedureContradictsRate {
        /// The line.
        line: usize,
    },
    /// A date of delivery for the whole invoice and for a line (`P_6`, `P_6A`).
    #[error("line {line} has a date of delivery, and the whole invoice has one too")]
    DeliveryDateTwice {
        /// The line.
        line: usize,
    },
    /// A period that ends before it begins.
    #[error("the period ends before it begins")]
    PeriodReversed,
    /// Payment is due before the invoice is issued.
    #[error("payment is due before the issue date")]
    DueBeforeIssue,
    /// A payment is dated after the issue date.
    #[error("a payment is dated after the issue date")]
    PaidAfterIssue,
    /// Payments in part come to more than the total.
    #[error("the payments in part exceed the total")]
    PaymentsExceedTotal,
    /// Paid in full, and paid in part.
    #[error("the invoice is marked as paid in full and in part")]
    PaidTwice,
    /// The buyer is marked as a local government unit, and no third party is one; or the same of a VAT group.
    #[error(
        "the buyer's mark (local government, VAT group) needs a third party in the role of recipient"
    )]
    RecipientMissing,
    /// More than 450 złoty or 100 euro, or another currency, on a simplified invoice (art. 106e ust. 5 pkt 3 of the VAT
    /// Act).
    #[error("a simplified invoice is one of at most 450 złoty or 100 euro")]
    SimplifiedLimit,
    /// A sale that a simplified invoice cannot document: to another member state, or by distance (art. 106e ust. 6 of the
    /// VAT Act).
    #[error("a simplified invoice cannot document sales to other member states")]
    SimplifiedSale,
    /// No payment was received, or one that is not positive.
    #[error("an advance invoice documents payments received, each more than zero")]
    PaymentMissing,
    /// A payment or difference with fractions of a hundredth.
    #[error("a payment or difference has no more than two decimal places")]
    FractionOfHundredth,
    /// More than 31 payments on one advance invoice.
    #[error("an advance invoice documents at most 31 payments")]
    TooManyPayments,
    /// The payments come to more than the order.
    #[error("the payments exceed the value of the order")]
    AdvanceExceedsOrder,
    /// A settlement without an advance invoice (art. 106f ust. 3 of the VAT Act).
    #[error("a settlement names the advance invoices it settles")]
    AdvancesMissing,
    /// The advances come to more than the lines.
    #[error("the advances exceed the total")]
    AdvancesExceedTotal,
    /// An invoice that is settled is no advance invoice of this seller in this currency.
    #[error("what is settled must be an advance invoice of the same seller in the same currency")]
    NotAnAdvance,
    /// A correction that names no invoice (art. 106j ust. 2 pkt 2 of the VAT Act).
    #[error("a correction names the invoice it corrects")]
    CorrectedInvoiceMissing,
    /// The corrected invoice is of a kind another builder corrects: advances have their own, and a correction is not
    /// corrected itself.
    #[error("an invoice of this kind is not corrected this way")]
    CorrectedKind,
    /// The corrected invoice is dated later than the correction.
    #[error("the corrected invoice is dated later than the correction")]
    CorrectedInvoiceLater,
    /// An earlier correction states differences: how the lines are now cannot be told from it.
    #[error(
        "an earlier correction states differences; build on one that shows lines before and after"
    )]
    StateUnknown,
    /// A correction that changes nothing.
    #[error("the correction changes nothing")]
    NothingCorrected,
    /// The invoice has no line of this number, or it was changed already.
    #[error("the corrected invoice has no line {line}, or it is changed twice")]
    LineUnknown {
        /// The number of the line.
        line: u64,
    },
    /// A line whose quantity or price is to change states neither, or they do not tell its value, or it cannot be told
    /// whether its discount is off the line or off each unit.
    #[error(
        "the new value of line {line} does not follow from its quantity, price and discount; replace the whole line"
    )]
    LineWithoutValue {
        /// The number of the line.
        line: u64,
    },
    /// Another tax number of seller or buyer: that takes a correction to zero and a new invoice (FA(3), descriptions of
    /// `Podmiot1K` and `Podmiot2K`).
    #[error("a wrong tax number is not corrected: correct to zero and issue a new invoice")]
    TaxNumberChanged,
    /// The document is not what the schema or KSeF takes: a text too long, a number with too many digits.
    #[error("{} ({})", .0.message.en, .0.path)]
    Refused(
        /// The first that the verdict finds.
        Box<Violation>,
    ),
}

impl Diagnostic for BuildError {
    fn code(&self) -> &'static str {
        match self {
            Self::NoLines => "build-no-lines",
            Self::NumberLength => "build-number-length",
            Self::MixedPrices { .. } => "build-mixed-prices",
            Self::AmountTooLarge => "build-amount-too-large",
            Self::TotalNegative => "build-total-negative",
            Self::ExemptionBasisMissing => "build-exemption-basis-missing",
            Self::ExemptionWithoutLine => "build-exemption-without-line",
            Self::ReverseChargeWithoutLine => "build-reverse-charge-without-line",
            Self::MarginSchemeMissing => "build-margin-scheme-missing",
            Self::MarginWithRates => "build-margin-with-rates",
            Self::MarginNetPrice { .. } => "build-margin-net-price",
            Self::ExchangeRateMissing => "build-exchange-rate-missing",
            Self::ExchangeRateNotExpected => "build-exchange-rate-not-expected",
            Self::EuBuyerMissing => "build-eu-buyer-missing",
            Self::ReverseChargeBuyer => "build-reverse-charge-buyer",
            Self::GtuContradictsRate { .. } => "build-gtu-contradicts-rate",
            Self::ProcedureContradictsRate { .. } => "build-procedure-contradicts-rate",
            Self::DeliveryDateTwice { .. } => "build-delivery-date-twice",
            Self::PeriodReversed => "build-period-reversed",
            Self::DueBeforeIssue => "build-due-before-issue",
            Self::PaidAfterIssue => "build-paid-after-issue",
            Self::PaymentsExceedTotal => "build-payments-exceed-total",
            Self::PaidTwice => "build-paid-twice",
            Self::RecipientMissing => "build-recipient-missing",
            Self::SimplifiedLimit => "build-simplified-limit",
            Self::SimplifiedSale => "build-simplified-sale",
            Self::PaymentMissing => "build-payment-missing",
            Self::FractionOfHundredth => "build-fraction-of-hundredth",
            Self::TooManyPayments => "build-too-many-payments",
            Self::AdvanceExceedsOrder => "build-advance-exceeds-order",
            Self::AdvancesMissing => "build-advances-missing",
            Self::AdvancesExceedTotal => "build-advances-exceed-total",
            Self::NotAnAdvance => "build-not-an-advance",
            Self::CorrectedInvoiceMissing => "build-corrected-invoice-missing",
            Self::CorrectedKind => "build-corrected-kind",
            Self::CorrectedInvoiceLater => "build-corrected-invoice-later",
            Self::StateUnknown => "build-state-unknown",
            Self::NothingCorrected => "build-nothing-corrected",
            Self::LineUnknown { .. } => "build-line-unknown",
            Self::LineWithoutValue { .. } => "build-line-without-value",
            Self::TaxNumberChanged => "build-tax-number-changed",
            Self::Refused(_) => "build-refused",
        }
    }

    fn message(&self) -> Bilingual {
        Bilingual::new(self.polish(), self.to_string())
    }
}

impl BuildError {
    fn polish(&self) -> String {
        let text = match self {
            Self::MixedPrices { line } => {
                return format!(
                    "pozycja {line} ma inny rodzaj ceny (netto albo brutto) niż pozycje przed nią"
                );
            }
            Self::MarginNetPrice { line } => {
                return format!(
                    "pozycja {line} jest objęta procedurą marży, a ma cenę bez podatku"
                );
            }
            Self::GtuContradictsRate { line } => {
                return format!("pozycja {line}: oznaczenie GTU jest sprzeczne ze stawką");
            }
            Self::ProcedureContradictsRate { line } => {
                return format!(
                    "pozycja {line}: procedura jest sprzeczna ze stawką albo z rodzajem faktury"
                );
            }
            Self::DeliveryDateTwice { line } => {
                return format!("pozycja {line} ma datę dostawy, a ma ją także cała faktura");
            }
            Self::LineUnknown { line } => {
                return format!(
                    "korygowana faktura nie ma pozycji {line} albo zmieniono ją dwukrotnie"
                );
            }
            Self::LineWithoutValue { line } => {
                return format!(
                    "nowa wartość pozycji {line} nie wynika z ilości, ceny i opustu; należy zastąpić całą pozycję"
                );
            }
            Self::Refused(violation) => {
                return format!("{} ({})", violation.message.pl, violation.path);
            }
            Self::NoLines => "faktura nie ma żadnej pozycji",
            Self::NumberLength => "numer faktury ma od 1 do 256 znaków",
            Self::AmountTooLarge => "kwota jest za duża",
            Self::TotalNegative => {
                "kwota ogółem jest ujemna; zwroty dokumentuje się fakturą korygującą"
            }
            Self::ExemptionBasisMissing => "pozycja zwolniona wymaga podstawy prawnej zwolnienia",
            Self::ExemptionWithoutLine => {
                "podano podstawę zwolnienia, a żadna pozycja nie jest zwolniona"
            }
            Self::ReverseChargeWithoutLine => {
                "oznaczono odwrotne obciążenie, a żadnej pozycji nie rozlicza nabywca"
            }
            Self::MarginSchemeMissing => {
                "pozycja w procedurze marży wymaga podania rodzaju procedury"
            }
            Self::MarginWithRates => "oznaczono procedurę marży, a pozycja ma własną stawkę",
            Self::ExchangeRateMissing => {
                "podatek w walucie obcej wymaga kursu, aby podać go w złotych"
            }
            Self::ExchangeRateNotExpected => {
                "kurs waluty jest liczbą dodatnią i nie podaje się go na fakturze w złotych"
            }
            Self::EuBuyerMissing => {
                "dostawy i usługi do innych państw członkowskich wymagają numeru VAT UE nabywcy"
            }
            Self::ReverseChargeBuyer => {
                "przy odwrotnym obciążeniu nabywca jest podatnikiem i ma numer identyfikacyjny"
            }
            Self::PeriodReversed => "okres kończy się przed swoim początkiem",
            Self::DueBeforeIssue => "termin płatności przypada przed datą wystawienia",
            Self::PaidAfterIssue => "data zapłaty jest późniejsza niż data wystawienia",
            Self::PaymentsExceedTotal => "zapłaty częściowe przekraczają kwotę ogółem",
            Self::PaidTwice => "fakturę oznaczono jako zapłaconą w całości i w części",
            Self::RecipientMissing => {
                "oznaczenie nabywcy (JST, grupa VAT) wymaga podmiotu trzeciego w roli odbiorcy"
            }
            Self::SimplifiedLimit => {
                "faktura uproszczona opiewa na co najwyżej 450 zł albo 100 euro"
            }
            Self::SimplifiedSale => {
                "faktura uproszczona nie dokumentuje sprzedaży do innych państw członkowskich"
            }
            Self::PaymentMissing => {
                "faktura zaliczkowa dokumentuje otrzymane zapłaty, każdą większą od zera"
            }
            Self::FractionOfHundredth => {
                "zapłata albo różnica ma najwyżej dwa miejsca po przecinku"
            }
            Self::TooManyPayments => "faktura zaliczkowa dokumentuje co najwyżej 31 zapłat",
            Self::AdvanceExceedsOrder => "zapłaty przekraczają wartość zamówienia",
            Self::AdvancesMissing => {
                "faktura rozliczeniowa wskazuje faktury zaliczkowe, które rozlicza"
            }
            Self::AdvancesExceedTotal => "zaliczki przekraczają kwotę ogółem",
            Self::NotAnAdvance => {
                "rozlicza się fakturę zaliczkową tego samego sprzedawcy w tej samej walucie"
            }
            Self::CorrectedInvoiceMissing => "faktura korygująca wskazuje fakturę korygowaną",
            Self::CorrectedKind => "faktury tego rodzaju nie koryguje się w ten sposób",
            Self::CorrectedInvoiceLater => "faktura korygowana ma datę późniejszą niż korygująca",
            Self::StateUnknown => {
                "wcześniejsza korekta podaje różnice; potrzebna jest taka, która pokazuje stan przed i po"
            }
            Self::NothingCorrected => "korekta niczego nie zmienia",
            Self::TaxNumberChanged => {
                "błędnego numeru identyfikacyjnego się nie koryguje: należy skorygować do zera i wystawić nową fakturę"
            }
        };
        text.to_owned()
    }
}
