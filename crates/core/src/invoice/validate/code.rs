//! The stable names of everything the verdict can find.

/// How serious what a [`Code`] names is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Severity {
    /// KSeF would refuse the invoice.
    Error,
    /// KSeF takes the invoice; a person should look at it.
    Warning,
    /// The one or the other, by the case.
    Either,
}

impl Severity {
    /// The word for it in English, as in `docs/verdict-codes.md`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Either => "either",
        }
    }
}

/// Declares [`Code`]: each code stands once, with its meaning, its severity and its name.
macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $severity:ident $code:ident = $name:literal;)+) => {
        /// What a violation is about. Its name never changes its meaning, so scripts may compare it.
        ///
        /// Faults of the file as a whole (encoding, size, DTD, namespace and the like) carry the codes of
        /// [`crate::invoice::InvoiceError`] instead. `docs/verdict-codes.md` lists all of them for readers.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $($(#[doc = $doc])+ $code,)+
        }

        impl Code {
            /// All codes.
            pub const ALL: &[Self] = &[$(Self::$code),+];

            /// The name.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$code => $name,)+
                }
            }

            /// Whether it is an error or a warning.
            pub const fn severity(self) -> Severity {
                match self {
                    $(Self::$code => Severity::$severity,)+
                }
            }
        }
    };
}

codes! {
    /// An element of the schema stands where it may not: the wrong parent, the wrong order, the other branch of a choice.
    Error ElementUnexpected = "element-unexpected";

    /// An element the schema demands is not there.
    Error ElementMissing = "element-missing";

    /// The schema has no element of this name and namespace.
    Error ElementUnknown = "element-unknown";

    /// An element stands more often than the schema allows.
    Error ElementTooMany = "element-too-many";

    /// A required attribute is not there.
    Error AttributeMissing = "attribute-missing";

    /// The element has no attribute of this name. Only `xmlns…`, `xsi:schemaLocation` and
    /// `xsi:noNamespaceSchemaLocation` may stand everywhere.
    Error AttributeUnknown = "attribute-unknown";

    /// Text where only elements may stand.
    Error TextUnexpected = "text-unexpected";

    /// `xsi:nil`: no element of FA(3) may be nil.
    Error NilNotAllowed = "nil-not-allowed";

    /// `xsi:type` names another type than the element has.
    Error TypeNotAllowed = "type-not-allowed";

    /// The value is none of the listed ones.
    Error ValueEnumeration = "value-enumeration";

    /// The value is another than the one the schema fixes.
    Error ValueFixed = "value-fixed";

    /// The value does not follow its pattern.
    Error ValuePattern = "value-pattern";

    /// More characters than allowed.
    Error ValueTooLong = "value-too-long";

    /// Fewer characters than needed, or none.
    Error ValueTooShort = "value-too-short";

    /// Not a calendar day written `YYYY-MM-DD`.
    Error ValueNotADate = "value-not-a-date";

    /// Not an instant written `YYYY-MM-DDThh:mm:ss`, with `Z` or an offset.
    Error ValueNotADateTime = "value-not-a-date-time";

    /// A day or instant outside the range the schema sets.
    Error ValueDateOutOfRange = "value-date-out-of-range";

    /// Not a decimal number.
    Error ValueNotADecimal = "value-not-a-decimal";

    /// Not an integer.
    Error ValueNotAnInteger = "value-not-an-integer";

    /// More digits before or after the point than allowed.
    Error ValueTooManyDigits = "value-too-many-digits";

    /// A number outside its range.
    Error ValueOutOfRange = "value-out-of-range";

    /// The list of violations was cut off: the document has more.
    Either TooManyViolations = "too-many-violations";

    /// `P_1` lies after today: KSeF refuses an invoice that is issued later than the day it arrives (Ministry's
    /// documentation, verification of invoices).
    Error IssueDateInFuture = "issue-date-in-future";

    /// The check digit of a NIP is wrong. The production environment refuses such an invoice (Ministry's documentation,
    /// verification of invoices); the others take it, and it is a warning there, as it always is for a NIP that is not one of
    /// a party: that of a carrier or of the parties before a correction.
    Either NipChecksum = "nip-checksum";

    /// A Polish NIP stands in `NrVatUE` or `NrID`: KSeF shows the invoice to its buyer only by the field `NIP`.
    /// Source: FA(3) information brochure (4 March 2026), formats of fields, tax identifiers; description of
    /// `Podmiot2`.
    Warning NipMisplaced = "nip-misplaced";

    /// `NrVatUE` repeats the country code, which stands in `KodUE`. Source: FA(3) information brochure, formats of
    /// fields, tax identifiers.
    Warning EuVatNumberWithCountry = "eu-vat-number-with-country";

    /// `JST` says 1, and no `Podmiot3` has role 8. Source: FA(3), description of `JST`.
    Warning LocalGovernmentRecipientMissing = "local-government-recipient-missing";

    /// A `Podmiot3` has role 8, and `JST` says that the invoice concerns no unit of a local government. Source:
    /// FA(3), description of `JST`.
    Warning LocalGovernmentFlagMissing = "local-government-flag-missing";

    /// `GV` says 1, and no `Podmiot3` has role 10. Source: FA(3), description of `GV`.
    Warning VatGroupRecipientMissing = "vat-group-recipient-missing";

    /// A `Podmiot3` has role 10, and `GV` says that the invoice concerns no member of a VAT group. Source: FA(3),
    /// description of `GV`.
    Warning VatGroupFlagMissing = "vat-group-flag-missing";

    /// A `Podmiot3` of role 8 or 10 has neither `NIP` nor `IDWew`, by which KSeF shows it the invoice. Source: FA(3),
    /// descriptions of `JST` and `GV`.
    Warning RecipientIdentifierMissing = "recipient-identifier-missing";

    /// A `Podmiot3` of role 11, an employee, is not marked `BrakID`. Source: FA(3) information brochure, `Podmiot3`,
    /// role 11.
    Warning EmployeeIdentifier = "employee-identifier";

    /// `Udzial` is given for a third party that is no additional buyer (role 4). Source: FA(3), description of
    /// `Udzial`.
    Warning ShareWithoutBuyer = "share-without-buyer";

    /// The shares of the additional buyers come to more than 100 per cent; what is left is the share of `Podmiot2`.
    /// Source: FA(3), description of `Udzial`.
    Warning SharesExceedWhole = "shares-exceed-whole";

    /// `P_17` says that the buyer issued the invoice, and a `Podmiot3` of role 5 claims to have. Source: FA(3),
    /// description of role 5; art. 106d ust. 1 of the VAT Act.
    Warning SelfBillingIssuer = "self-billing-issuer";

    /// Intra-Community supply (`P_13_6_2`), services of art. 100 ust. 1 pkt 4 (`P_13_9`) or a triangular transaction
    /// (`P_23`) without the prefix PL of the seller. Source: FA(3), description of `PrefiksPodatnika`; art. 97 ust.
    /// 10 pkt 2 and 3 and art. 136 ust. 1 pkt 3 of the VAT Act.
    Warning SellerPrefixMissing = "seller-prefix-missing";

    /// The same sales without the EU VAT number of the buyer; new means of transport excepted. Source: FA(3),
    /// description of `KodUE`; art. 106e ust. 1 pkt 24 and art. 136 ust. 1 pkt 4 of the VAT Act.
    Warning BuyerEuNumberMissing = "buyer-eu-number-missing";

    /// The period of the invoice ends before it begins. Source: FA(3), descriptions of `P_6_Od` and `P_6_Do`.
    Warning PeriodReversed = "period-reversed";

    /// `P_6A` in a line although `P_6` gives one date for all lines. Source: FA(3), descriptions of `P_6` and `P_6A`.
    Warning DeliveryDateTwice = "delivery-date-twice";

    /// `WalutaUmowna` is PLN. Source: FA(3), description of `WalutaUmowna`: the currency from which the amounts in
    /// zloty were converted.
    Warning ContractCurrencyZloty = "contract-currency-zloty";

    /// `P_15` is not the sum of all `P_13_x` and `P_14_x`. Tolerance: a hundredth for each rate with tax, at least
    /// one. Source: FA(3), description of `P_15`; art. 106e ust. 1 pkt 13 to 15, art. 106f ust. 1 and 3 of the VAT
    /// Act.
    Warning TotalDiffers = "total-differs";

    /// A sum of tax `P_14_x` is not the sum of sales `P_13_x` times its rate. Tolerance: a hundredth for each line,
    /// payment or advance invoice of the rate, at least one. Not for corrections, which may correct the tax alone.
    /// Source: FA(3), descriptions of `P_14_1` to `P_14_4`; art. 106e ust. 1 pkt 14, ust. 7 and 10, art. 106f ust. 1
    /// pkt 3 of the VAT Act.
    Warning TaxDiffers = "tax-differs";

    /// A sum `P_13_x` is not that of the lines of its rate (`P_11`, or `P_11A` against net and tax); lines of the
    /// state before a correction count negative. Reported at `Fa` if the sum is missing. Tolerance: a hundredth for
    /// each line of the rate. Only for the kinds VAT, UPR and KOR. Source: FA(3), descriptions of `P_13_1` to
    /// `P_13_11` and `FaWiersz`; art. 106e ust. 1 pkt 13 of the VAT Act.
    Warning NetSumDiffers = "net-sum-differs";

    /// `P_15` is not the sum of the gross values of the lines (`P_11A`) on an invoice without `P_13_x`. Tolerance: a
    /// hundredth for each line. Source: FA(3), descriptions of `P_11A` and `P_15`; art. 106e ust. 7 and 8 of the VAT
    /// Act.
    Warning GrossSumDiffers = "gross-sum-differs";

    /// An invoice in another currency states tax without the tax in zloty (`P_14_xW`). Source: FA(3), description of
    /// `P_14_1W`; art. 106e ust. 11 of the VAT Act.
    Warning TaxInZlotyMissing = "tax-in-zloty-missing";

    /// `P_14_xW` on an invoice in zloty. Source: FA(3), description of `P_14_1W`.
    Warning TaxInZlotyNotExpected = "tax-in-zloty-not-expected";

    /// An invoice of the kind VAT, ROZ or UPR without lines. Source: FA(3), description of `FaWiersz`; art. 106e ust.
    /// 1 pkt 7 of the VAT Act.
    Warning LinesMissing = "lines-missing";

    /// A number of a line stands twice outside a correction, where before and after may share one. Source: FA(3),
    /// descriptions of `NrWierszaFa` and `NrWierszaZam`: the consecutive number.
    Warning LineNumberRepeated = "line-number-repeated";

    /// `NrWiersza` of a note or `P_NrWierszaNST` of a vehicle names no line. Source: FA(3), descriptions of these
    /// fields.
    Warning LineNumberUnknown = "line-number-unknown";

    /// `P_11` is not quantity × net price less discount, or `P_11A` not quantity × gross price less discount; the
    /// discount may be for the line or for the unit. Tolerance: a hundredth, and half of the last digit of the price
    /// (at most half a hundredth) for each unit, and of a quantity with a fraction. Not for corrections. Source:
    /// FA(3), descriptions of `P_8B`, `P_9A`, `P_9B`, `P_10`, `P_11`, `P_11A`; art. 106e ust. 1 pkt 8 to 11 of the
    /// VAT Act.
    Warning LineValueDiffers = "line-value-differs";

    /// `P_11Vat` or `P_11A` does not follow from `P_11` and the rate. Tolerance: a hundredth. Not for corrections.
    /// Source: FA(3), descriptions of `P_11Vat` and `P_11A`; art. 106e ust. 7, 8 and 10 of the VAT Act.
    Warning LineTaxDiffers = "line-tax-differs";

    /// A line has a Polish rate and one of the special procedure of division XII chapter 6a. Source: FA(3),
    /// descriptions of `P_12` and `P_12_XII`.
    Warning LineRateTwice = "line-rate-twice";

    /// A code of services (GTU_11 to GTU_13) on a supply of goods (`0 WDT`, `0 EX`), or one of goods on services (`np
    /// II`). Source: FA(3), descriptions of `TGTU` and `TStawkaPodatku`; § 10 ust. 3 of the Regulation on JPK_VAT.
    Warning GtuContradictsRate = "gtu-contradicts-rate";

    /// `I_42` or `I_63` on a line that is no intra-Community supply, or `TT_D` on one taxed in Poland. Source: FA(3),
    /// description of `TOznaczenieProcedury`; § 10 ust. 4 pkt 5, 8 and 9 of the Regulation on JPK_VAT.
    Warning ProcedureContradictsRate = "procedure-contradicts-rate";

    /// A line carries `TT_D`, and `P_23` says that there is no simplified triangular transaction. Source: FA(3),
    /// description of `P_23`; § 10 ust. 4 pkt 5 of the Regulation on JPK_VAT.
    Warning TriangularMarkMissing = "triangular-mark-missing";

    /// An advance invoice without the order or contract. Source: FA(3), description of `Zamowienie`; art. 106f ust. 1
    /// pkt 4 of the VAT Act.
    Warning OrderMissing = "order-missing";

    /// `Zamowienie` on an invoice that is neither an advance invoice nor the correction of one. Source: FA(3),
    /// description of `Zamowienie`.
    Warning OrderNotExpected = "order-not-expected";

    /// `WartoscZamowienia` is not the value of the order's lines with tax. Tolerance: a hundredth for each line. Not
    /// for corrections. Source: FA(3), description of `WartoscZamowienia`.
    Warning OrderValueDiffers = "order-value-differs";

    /// A settlement invoice names neither an advance invoice nor a payment it documents itself. Source: FA(3),
    /// descriptions of `FakturaZaliczkowa` and `ZaliczkaCzesciowa`; art. 106f ust. 3 and art. 106e ust. 1a of the VAT
    /// Act.
    Warning AdvanceInvoiceMissing = "advance-invoice-missing";

    /// `FakturaZaliczkowa` on an invoice of the kind VAT or UPR: what settles an advance is of the kind ROZ. Source:
    /// FA(3), descriptions of `FakturaZaliczkowa` and of the kind ROZ.
    Warning AdvanceInvoiceNotExpected = "advance-invoice-not-expected";

    /// The payments of an advance invoice do not come to `P_15`, or those of a settlement exceed it. Source: FA(3),
    /// descriptions of `ZaliczkaCzesciowa` and `P_15Z`.
    Warning PartialAdvancesDiffer = "partial-advances-differ";

    /// A correction (KOR, KOR_ZAL, KOR_ROZ) does not say what it corrects. Source: FA(3), description of
    /// `DaneFaKorygowanej`; art. 106j ust. 2 pkt 2 and 2a of the VAT Act.
    Warning CorrectedInvoiceMissing = "corrected-invoice-missing";

    /// `DaneFaKorygowanej` on an invoice whose kind is no correction. Source: FA(3), descriptions of
    /// `DaneFaKorygowanej` and `TRodzajFaktury`.
    Warning CorrectionDataNotExpected = "correction-data-not-expected";

    /// The corrected invoice is dated after its correction. Source: FA(3), descriptions of `DataWystFaKorygowanej`
    /// and `P_1`.
    Warning CorrectedInvoiceLater = "corrected-invoice-later";

    /// `StanPrzed` or `StanPrzedZ` on an invoice whose kind is no correction. Source: FA(3), descriptions of these
    /// fields.
    Warning StateBeforeNotExpected = "state-before-not-expected";

    /// Exempt sale (`zw`, `P_13_7`), and `P_19N` says that there is none, so that no legal basis is given. Not for
    /// corrections. Source: FA(3), descriptions of `P_19` to `P_19N`; art. 106e ust. 1 pkt 19 of the VAT Act.
    Warning ExemptionBasisMissing = "exemption-basis-missing";

    /// `P_19` says that there is exempt sale, and neither lines nor sums state any. Not for corrections. Source:
    /// FA(3), descriptions of `P_19` and `P_13_7`.
    Warning ExemptionWithoutSale = "exemption-without-sale";

    /// Sale for which the buyer owes the tax (`oo`, `np II`, `P_13_9`, `P_13_10`) without `P_18`. Not for
    /// corrections. Source: FA(3), descriptions of `P_18`, `P_13_9` and `P_13_10`; art. 106e ust. 1 pkt 18 of the VAT
    /// Act.
    Warning ReverseChargeMarkMissing = "reverse-charge-mark-missing";

    /// `P_18` marks a reverse charge, and neither lines nor sums state such a sale (`oo`, `np I`, `np II`). Not for
    /// corrections. Source: FA(3), descriptions of `P_18` and `P_13_8` to `P_13_10`.
    Warning ReverseChargeWithoutSale = "reverse-charge-without-sale";

    /// `P_13_11` states sale under a margin scheme, and `P_PMarzyN` says that there is none. Not for corrections.
    /// Source: FA(3), descriptions of `P_13_11` and `P_PMarzy`; art. 106e ust. 2 and 3 of the VAT Act.
    Warning MarginMarkMissing = "margin-mark-missing";

    /// `P_PMarzy` marks a margin scheme, and `P_13_11` is missing or zero. Only for the kinds VAT and ZAL. Source:
    /// FA(3), descriptions of `P_13_11` and `P_PMarzy`.
    Warning MarginSumMissing = "margin-sum-missing";

    /// More than 15 000 zloty with goods or services of annex 15 (`P_12_Zal_15`) for a buyer with a NIP, without
    /// `P_18A`. Source: FA(3), description of `P_18A`; art. 106e ust. 1 pkt 18a of the VAT Act.
    Warning SplitPaymentMarkMissing = "split-payment-mark-missing";

    /// A simplified invoice (UPR) of more than 450 zloty or 100 euro. Source: art. 106e ust. 5 pkt 3 of the VAT Act.
    Warning SimplifiedInvoiceLimit = "simplified-invoice-limit";

    /// The check digits of a bank account are wrong: a Polish NRB of 26 digits or an IBAN. Other numbers are left
    /// alone. Source: ISO 13616 (modulo 97); FA(3), description of `NrRB`.
    Warning BankAccountChecksum = "bank-account-checksum";

    /// The payment is due before the invoice was issued and before anything was delivered (`P_6`, `P_6_Od`, `P_6A`; the
    /// issue date where none is named), and it is not marked as paid. An invoice may follow its delivery by weeks, and the
    /// term run from the delivery. Not for corrections. Source: FA(3), descriptions of `Termin`, `P_1` and `P_6`;
    /// art. 106i ust. 1 of the VAT Act.
    Warning PaymentTermBeforeIssue = "payment-term-before-issue";

    /// The date of a payment lies after the issue date. Source: FA(3), descriptions of `DataZaplaty` and
    /// `DataZaplatyCzesciowej`: payments made until the invoice was issued.
    Warning PaymentDateAfterIssue = "payment-date-after-issue";

    /// The partial payments cover what is due although it is marked as paid in part, or do not cover it although it
    /// is marked as paid in full. Only for the kinds VAT and UPR. Source: FA(3), description of
    /// `ZnacznikZaplatyCzesciowej`.
    Warning PartialPaymentsDiffer = "partial-payments-differ";

    /// `SumaObciazen` is not the sum of the charges. Source: FA(3), description of `SumaObciazen`.
    Warning ChargesSumDiffers = "charges-sum-differs";

    /// `SumaOdliczen` is not the sum of the deductions. Source: FA(3), description of `SumaOdliczen`.
    Warning DeductionsSumDiffers = "deductions-sum-differs";

    /// `DoZaplaty` is not `P_15` with the charges and less the deductions. Not for corrections. Source: FA(3),
    /// description of `DoZaplaty`.
    Warning AmountToPayDiffers = "amount-to-pay-differs";
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn codes_are_unique_and_kebab_case() {
        let names: HashSet<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(names.len(), Code::ALL.len());
        assert!(
            names
                .iter()
                .all(|name| name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'))
        );
    }

    #[test]
    fn the_list_for_readers_is_complete_and_right() {
        let list = include_str!("../../../../../docs/verdict-codes.md");
        let rows: Vec<(&str, &str)> = list
            .lines()
            .filter_map(|line| {
                let mut cells = line.strip_prefix("| `")?.split(" | ");
                Some((cells.next()?.trim_end_matches('`'), cells.next()?))
            })
            .take_while(|(code, _)| !code.starts_with("file-"))
            .collect();
        let expected: Vec<_> = Code::ALL
            .iter()
            .map(|code| (code.as_str(), code.severity().as_str()))
            .collect();
        assert_eq!(rows, expected);
        for line in list.lines().filter(|line| line.starts_with("| `")) {
            let cells: Vec<_> = line.trim_matches('|').split(" | ").map(str::trim).collect();
            assert!(
                cells.len() == 4 && cells.iter().all(|cell| !cell.is_empty()),
                "{line}"
            );
        }
    }
}
