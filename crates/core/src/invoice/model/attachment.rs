//! The attachment: blocks of data with texts and tables.

use super::part::{Content, Slot};
use crate::invoice::read::{ReadError, Reader};
use crate::invoice::write::Writer;

record! {
    /// The attachment (`Zalacznik`).
    pub struct Attachment {
        /// 1 to 1000 (`BlokDanych`).
        pub blocks: Vec<Block> = some("BlokDanych"),
    }
}

record! {
    /// A block of data (`BlokDanych`).
    pub struct Block {
        /// Heading (`ZNaglowek`), 1 to 512 characters.
        pub heading: Option<String> = element("ZNaglowek"),
        /// What the block is about, 1 to 1000 (`MetaDane`).
        pub entries: Vec<Entry> = some("MetaDane"),
        /// Texts (`Tekst`).
        pub text: Option<Paragraphs> = element("Tekst"),
        /// At most 1000 (`Tabela`).
        #[serde(default)]
        pub tables: Vec<Table> = element("Tabela"),
    }
}

record! {
    /// A key and its value (`MetaDane`).
    pub struct Entry {
        /// Key (`ZKlucz`), 1 to 256 characters.
        pub key: String = element("ZKlucz"),
        /// Value (`ZWartosc`), 1 to 256 characters.
        pub value: String = element("ZWartosc"),
    }
}

record! {
    /// Texts (`Tekst`).
    pub struct Paragraphs {
        /// 1 to 10, each of 1 to 512 characters (`Akapit`).
        pub paragraphs: Vec<String> = some("Akapit"),
    }
}

record! {
    /// A table (`Tabela`).
    pub struct Table {
        /// What the table is about, at most 1000 (`TMetaDane`).
        #[serde(default)]
        pub entries: Vec<TableEntry> = element("TMetaDane"),
        /// Description (`Opis`), 1 to 512 characters.
        pub description: Option<String> = element("Opis"),
        /// Columns (`TNaglowek`).
        pub heading: Heading = element("TNaglowek"),
        /// 1 to 1000 (`Wiersz`).
        pub rows: Vec<Row> = some("Wiersz"),
        /// Sums (`Suma`).
        pub summary: Option<Summary> = element("Suma"),
    }
}

record! {
    /// A key and its value (`TMetaDane`).
    pub struct TableEntry {
        /// Key (`TKlucz`), 1 to 256 characters.
        pub key: String = element("TKlucz"),
        /// Value (`TWartosc`), 1 to 256 characters.
        pub value: String = element("TWartosc"),
    }
}

record! {
    /// The heading of a table (`TNaglowek`).
    pub struct Heading {
        /// 1 to 20 (`Kol`).
        pub columns: Vec<Column> = some("Kol"),
    }
}

record! {
    /// A row (`Wiersz`).
    pub struct Row {
        /// 1 to 20, each of at most 256 characters (`WKom`).
        pub cells: Vec<String> = some("WKom"),
    }
}

record! {
    /// The sums of a table (`Suma`).
    pub struct Summary {
        /// 1 to 20, each of at most 256 characters (`SKom`).
        pub cells: Vec<String> = some("SKom"),
    }
}

/// A column (`Kol`).
#[derive(Clone, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "json-schema", schemars(deny_unknown_fields))]
pub struct Column {
    /// What its cells hold (`Typ`).
    pub kind: ColumnKind,
    /// Name (`NKom`), at most 256 characters.
    #[cfg_attr(feature = "json-schema", schemars(extend("$comment" = NAME)))]
    pub name: String,
}

hidden!(Column);

from_object!(Column {
    kind: ColumnKind,
    name: String,
});

codes! {
    /// What the cells of a column hold (`Typ`).
    pub enum ColumnKind {
        /// `date`
        Date = "date",
        /// `datetime`
        DateTime = "datetime",
        /// `dec`: decimal numbers.
        Decimal = "dec",
        /// `int`: whole numbers.
        Integer = "int",
        /// `time`
        Time = "time",
        /// `txt`: text.
        Text = "txt",
    }
}

const KIND_ATTRIBUTE: &str = "Typ";
const NAME: &str = "NKom";

impl Content for Column {
    fn read(
        reader: &mut Reader<'_>,
        name: &'static str,
        occurrence: u32,
    ) -> Result<Self, ReadError> {
        let attributes = reader.enter(name, occurrence, &[KIND_ATTRIBUTE])?;
        let kind = attributes
            .first()
            .and_then(|code| ColumnKind::from_code(code));
        let Some(kind) = kind else {
            return Err(reader.attribute(reader.step().at));
        };
        reader.descend()?;
        let name = Slot::read(reader, NAME)?;
        reader.leave()?;
        Ok(Self { kind, name })
    }

    fn write(&self, writer: &mut Writer<'_>, name: &'static str, occurrence: u32) {
        writer.element(
            name,
            occurrence,
            &[(KIND_ATTRIBUTE, self.kind.code())],
            |writer| {
                Slot::write(&self.name, writer, NAME);
            },
        );
    }
}
