//! Header, footer and attachment.

use super::types::{
    BDO, CELL, FORM_NAME, INSTANT_FROM_2025, KRS, NOTE, REGON, TEXT_256, TEXT_512, VARIANT,
};
use super::{
    Attribute, AttributeValue, Type, elements, maybe_all, named, one, one_up_to, optional, up_to,
};

pub(super) const HEADER: Type = named(
    "TNaglowek",
    elements(&[
        one("KodFormularza", FORM_CODE),
        one("WariantFormularza", VARIANT),
        one("DataWytworzeniaFa", INSTANT_FROM_2025),
        optional("SystemInfo", TEXT_256),
    ]),
);

const FORM_CODE: Type = FORM_NAME.with_attributes(&[
    Attribute {
        name: "kodSystemowy",
        value: AttributeValue::Fixed("FA (3)"),
    },
    Attribute {
        name: "wersjaSchemy",
        value: AttributeValue::Fixed("1-0E"),
    },
]);

pub(super) const FOOTER: Type = elements(&[maybe_all(&[
    up_to(
        3,
        "Informacje",
        elements(&[maybe_all(&[optional("StopkaFaktury", NOTE)])]),
    ),
    up_to(100, "Rejestry", REGISTERS),
])]);

const REGISTERS: Type = elements(&[maybe_all(&[
    optional("PelnaNazwa", TEXT_256),
    optional("KRS", KRS),
    optional("REGON", REGON),
    optional("BDO", BDO),
])]);

pub(super) const ATTACHMENT: Type = elements(&[one_up_to(1000, "BlokDanych", BLOCK)]);

const BLOCK: Type = elements(&[
    optional("ZNaglowek", TEXT_512),
    one_up_to(
        1000,
        "MetaDane",
        elements(&[one("ZKlucz", TEXT_256), one("ZWartosc", TEXT_256)]),
    ),
    optional("Tekst", elements(&[one_up_to(10, "Akapit", TEXT_512)])),
    maybe_all(&[up_to(1000, "Tabela", TABLE)]),
]);

const TABLE: Type = elements(&[
    up_to(
        1000,
        "TMetaDane",
        elements(&[one("TKlucz", TEXT_256), one("TWartosc", TEXT_256)]),
    ),
    optional("Opis", TEXT_512),
    one("TNaglowek", elements(&[one_up_to(20, "Kol", COLUMN)])),
    one_up_to(1000, "Wiersz", elements(&[one_up_to(20, "WKom", CELL)])),
    optional("Suma", elements(&[one_up_to(20, "SKom", CELL)])),
]);

const COLUMN: Type = elements(&[one("NKom", named("", CELL))]).with_attributes(&[Attribute {
    name: "Typ",
    value: AttributeValue::OneOf(&["date", "datetime", "dec", "int", "time", "txt"]),
}]);
