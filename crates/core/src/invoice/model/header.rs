//! What a document says about itself.

use super::part::{Content, Slot, Value, value};
use super::scalar::DateTime;
use crate::invoice::names;
use crate::invoice::read::{ReadError, Reader};
use crate::invoice::write::Writer;

/// About the document itself (`Naglowek`). The form code and its variant are always those of FA(3).
#[derive(Clone, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "json-schema", schemars(deny_unknown_fields))]
pub struct Header {
    /// When the document was made (`DataWytworzeniaFa`); not the issue date.
    #[cfg_attr(feature = "json-schema", schemars(extend("$comment" = CREATED_AT)))]
    pub created_at: DateTime,
    /// The program that made it (`SystemInfo`), 1 to 256 characters.
    #[cfg_attr(feature = "json-schema", schemars(extend("$comment" = SYSTEM_INFO)))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system_info: Option<String>,
}

hidden!(Header);

from_object!(Header { created_at: DateTime, system_info: Option<String>, });

impl super::json::MaybeAbsent for Header {}

const FORM_CODE: &str = "KodFormularza";
const VARIANT: &str = "WariantFormularza";
const CREATED_AT: &str = "DataWytworzeniaFa";
const SYSTEM_INFO: &str = "SystemInfo";
const SYSTEM_CODE_ATTRIBUTE: &str = "kodSystemowy";
const VERSION_ATTRIBUTE: &str = "wersjaSchemy";

/// The number of the form, 3.
struct Variant;

impl Value for Variant {
    fn from_text(text: &str) -> Option<Self> {
        (super::scalar::small_number(text)? == 3).then_some(Self)
    }

    fn to_text(&self) -> std::borrow::Cow<'_, str> {
        "3".into()
    }
}

/// The name of the form, `FA`.
struct FormCode;

impl Value for FormCode {
    fn from_text(text: &str) -> Option<Self> {
        (text == names::FA_FORM_VALUE).then_some(Self)
    }

    fn to_text(&self) -> std::borrow::Cow<'_, str> {
        names::FA_FORM_VALUE.into()
    }
}

impl Content for Header {
    fn read(
        reader: &mut Reader<'_>,
        name: &'static str,
        occurrence: u32,
    ) -> Result<Self, ReadError> {
        reader.enter(name, occurrence, &[])?;
        reader.descend()?;
        if !reader.is_next(FORM_CODE) {
            return Err(reader.missing(vec![FORM_CODE]));
        }
        let attributes = reader.enter(FORM_CODE, 0, &[SYSTEM_CODE_ATTRIBUTE, VERSION_ATTRIBUTE])?;
        if attributes != [names::FA3_SYSTEM_CODE, names::FA3_SCHEMA_VERSION] {
            return Err(reader.attribute(reader.step().at));
        }
        value::<FormCode>(reader)?;
        <Variant as Slot>::read(reader, VARIANT)?;
        let created_at = Slot::read(reader, CREATED_AT)?;
        let system_info = Slot::read(reader, SYSTEM_INFO)?;
        reader.leave()?;
        Ok(Self {
            created_at,
            system_info,
        })
    }

    fn write(&self, writer: &mut Writer<'_>, name: &'static str, occurrence: u32) {
        writer.element(name, occurrence, &[], |writer| {
            let attributes = [
                (SYSTEM_CODE_ATTRIBUTE, names::FA3_SYSTEM_CODE),
                (VERSION_ATTRIBUTE, names::FA3_SCHEMA_VERSION),
            ];
            writer.value_with_attributes(FORM_CODE, 0, &attributes, names::FA_FORM_VALUE);
            Slot::write(&Variant, writer, VARIANT);
            Slot::write(&self.created_at, writer, CREATED_AT);
            Slot::write(&self.system_info, writer, SYSTEM_INFO);
        });
    }
}
