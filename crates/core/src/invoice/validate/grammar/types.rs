//! The kinds of value FA(3) knows, by name. A name in quotes is the schema's, `etd:` marks the Ministry's common types.

use super::codes::{COUNTRY_CODES, CURRENCY_CODES, EU_COUNTRY_CODES};
use super::{Day, Pattern, Type, Value, named, value};

const LAST_DAY: Day = (2050, 1, 1);

// Texts.
pub(super) const TEXT_20: Type = named("TZnakowy20", text(1, 20));
pub(super) const TEXT_32: Type = text(1, 32);
pub(super) const TEXT_50: Type = named("TZnakowy50", text(1, 50));
pub(super) const TEXT_256: Type = named("TZnakowy", text(1, 256));
pub(super) const TEXT_512: Type = named("TZnakowy512", text(1, 512));
/// The only text that may be empty.
pub(super) const CELL: Type = named("TZnakowy2", text(0, 256));
pub(super) const PHONE: Type = named("TNumerTelefonu", text(1, 16));
pub(super) const GLN: Type = named("TGLN", text(1, 13));
pub(super) const BDO: Type = text(1, 9);
pub(super) const NOTE: Type = named(
    "etd:TTekstowy",
    value(Value::Verbatim { min: 1, max: 3500 }),
);
pub(super) const ACCOUNT_NUMBER: Type = named("TNrRB", value(Value::Verbatim { min: 10, max: 34 }));
pub(super) const TAX_IDENTIFIER: Type = value(Value::Verbatim { min: 1, max: 50 });

// Texts of a pattern.
pub(super) const EMAIL: Type = named("etd:TAdresEmail", like(255, Pattern::Email));
pub(super) const NIP: Type = named("etd:TNrNIP", verbatim(Pattern::Nip));
pub(super) const INTERNAL_ID: Type = named("TNIPIdWew", like(20, Pattern::InternalId));
pub(super) const EU_VAT_NUMBER: Type = named("TNrVatUE", verbatim(Pattern::EuVatNumber));
pub(super) const KRS: Type = named("etd:TNrKRS", verbatim(Pattern::Krs));
pub(super) const REGON: Type = named("etd:TNrREGON", verbatim(Pattern::Regon));
pub(super) const SWIFT: Type = named("SWIFT_Type", verbatim(Pattern::Swift));
pub(super) const KSEF_NUMBER: Type = named("TNumerKSeF", like(u32::MAX, Pattern::KsefNumber));
pub(super) const PAYMENT_LINK: Type = like(512, Pattern::PaymentLink);
pub(super) const PAYMENT_IDENTIFIER: Type = like(13, Pattern::PaymentIdentifier);

// Codes.
pub(super) const COUNTRY: Type = named("etd:TKodKraju", value(Value::CodeOf(COUNTRY_CODES)));
pub(super) const EU_COUNTRY: Type = named("TKodyKrajowUE", value(Value::CodeOf(EU_COUNTRY_CODES)));
pub(super) const CURRENCY: Type = named("TKodWaluty", value(Value::CodeOf(CURRENCY_CODES)));
pub(super) const FIXED_PL: Type = named("TKodyKrajowUE", value(Value::Fixed("PL")));
pub(super) const FORM_NAME: Type = value(Value::CodeOf(&["FA"]));
pub(super) const INVOICE_KIND: Type = named(
    "TRodzajFaktury",
    one_of(&["VAT", "KOR", "ZAL", "ROZ", "UPR", "KOR_ZAL", "KOR_ROZ"]),
);
pub(super) const TAX_RATE: Type = named(
    "TStawkaPodatku",
    one_of(&[
        "23", "22", "8", "7", "5", "4", "3", "0 KR", "0 WDT", "0 EX", "zw", "oo", "np I", "np II",
    ]),
);
pub(super) const PROCEDURE: Type = named(
    "TOznaczenieProcedury",
    one_of(&[
        "WSTO_EE",
        "IED",
        "TT_D",
        "I_42",
        "I_63",
        "B_SPV",
        "B_SPV_DOSTAWA",
        "B_MPV_PROWIZJA",
    ]),
);
pub(super) const ORDER_PROCEDURE: Type = named(
    "TOznaczenieProceduryZ",
    one_of(&[
        "WSTO_EE",
        "IED",
        "TT_D",
        "B_SPV",
        "B_SPV_DOSTAWA",
        "B_MPV_PROWIZJA",
    ]),
);
pub(super) const GTU: Type = named(
    "TGTU",
    one_of(&[
        "GTU_01", "GTU_02", "GTU_03", "GTU_04", "GTU_05", "GTU_06", "GTU_07", "GTU_08", "GTU_09",
        "GTU_10", "GTU_11", "GTU_12", "GTU_13",
    ]),
);

// Codes that are numbers.
pub(super) const MARK: Type = named("etd:TWybor1", number(&[1]));
pub(super) const YES_OR_NO: Type = named("etd:TWybor1_2", number(&[1, 2]));
pub(super) const YES_OR_NO_FLAG: Type = number(&[1, 2]);
pub(super) const VARIANT: Type = number(&[3]);
pub(super) const TAXPAYER_STATUS: Type = named("TStatusInfoPodatnika", number(&[1, 2, 3, 4]));
pub(super) const THIRD_PARTY_ROLE: Type = named(
    "TRolaPodmiotu3",
    number(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]),
);
pub(super) const AUTHORISED_ROLE: Type = named("TRolaPodmiotuUpowaznionego", number(&[1, 2, 3]));
pub(super) const CORRECTION_EFFECT: Type = named("TTypKorekty", number(&[1, 2, 3]));
pub(super) const PAYMENT_FORM: Type = named("TFormaPlatnosci", number(&[1, 2, 3, 4, 5, 6, 7]));
pub(super) const BANK_OWN_ACCOUNT: Type = named("TRachunekWlasnyBanku", number(&[1, 2, 3]));
pub(super) const TRANSPORT_KIND: Type = named("TRodzajTransportu", number(&[1, 2, 3, 4, 5, 7, 8]));
pub(super) const CARGO: Type = named(
    "TLadunek",
    number(&[
        1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20,
    ]),
);

// Numbers.
pub(super) const INTEGER: Type = named("xsd:integer", value(Value::Integer));
pub(super) const ORDINAL: Type = named("TNaturalny", value(Value::Positive { digits: 14 }));
pub(super) const AMOUNT: Type = named(
    "TKwotowy",
    value(Value::Decimal {
        integer: 16,
        fraction: 2,
    }),
);
pub(super) const UNIT_PRICE: Type = named(
    "TKwotowy2",
    value(Value::Decimal {
        integer: 14,
        fraction: 8,
    }),
);
pub(super) const QUANTITY: Type = named(
    "TIlosci",
    value(Value::Decimal {
        integer: 16,
        fraction: 6,
    }),
);
pub(super) const PERCENT: Type = named(
    "TProcentowy",
    value(Value::Percent {
        digits: 9,
        fraction: 6,
    }),
);

// Days and instants.
pub(super) const DATE_FROM_1990: Type = named("TDataU", date_from((1990, 1, 1)));
pub(super) const DATE_FROM_2006: Type = named("TDataT", date_from((2006, 1, 1)));
pub(super) const DATE_FROM_2016: Type = named("TData", date_from((2016, 7, 1)));
pub(super) const INSTANT_FROM_2021: Type = named("TDataCzas", instant_from((2021, 10, 1)));
pub(super) const INSTANT_FROM_2025: Type = instant_from((2025, 9, 1));

const fn text(min: u32, max: u32) -> Type {
    value(Value::Token { min, max })
}

const fn like(max: u32, pattern: Pattern) -> Type {
    value(Value::TokenLike { max, pattern })
}

const fn verbatim(pattern: Pattern) -> Type {
    value(Value::VerbatimLike(pattern))
}

const fn one_of(values: &'static [&'static str]) -> Type {
    value(Value::TokenOf(values))
}

const fn number(values: &'static [u8]) -> Type {
    value(Value::NumberOf(values))
}

const fn date_from(from: Day) -> Type {
    value(Value::Date { from, to: LAST_DAY })
}

const fn instant_from(from: Day) -> Type {
    value(Value::Instant { from, to: LAST_DAY })
}
