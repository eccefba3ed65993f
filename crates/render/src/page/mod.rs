//! A page before it is drawn: what stands where, in which words. HTML and PDF are both drawn from this and nothing else.

pub(crate) mod text;

use ksef_offline_core::Language;

pub(crate) use text::Text;

/// A document to be drawn.
pub(crate) struct Page {
    pub(crate) language: Language,
    /// The title of the file.
    pub(crate) title: String,
    /// Year, month and day of issue: a file made without a clock is the same each time.
    pub(crate) issued: (i16, i8, i8),
    pub(crate) masthead: Masthead,
    pub(crate) sections: Vec<Section>,
    /// The last line of each sheet of paper, before its number.
    pub(crate) running_foot: String,
}

/// The head of the first page.
pub(crate) struct Masthead {
    /// Small, above the title.
    pub(crate) above: String,
    /// The title: what the document is.
    pub(crate) kind: String,
    /// Which one it is.
    pub(crate) number: Option<Text>,
    /// What matters at first sight.
    pub(crate) fields: Vec<Field>,
}

/// A part of the page under a heading.
pub(crate) struct Section {
    pub(crate) title: Option<String>,
    pub(crate) blocks: Vec<Block>,
}

/// What a section is made of.
pub(crate) enum Block {
    /// Labels with their values.
    Fields(Vec<Field>),
    /// Sections two by two.
    Cards(Vec<Section>),
    /// A section within.
    Group(Section),
    Table(Table),
    Paragraph(Text),
    /// The one amount that matters most.
    Total(Field),
    Codes(Vec<Figure>),
}

/// A label with its value, or several.
pub(crate) struct Field {
    pub(crate) label: String,
    pub(crate) values: Vec<Text>,
    /// Set in bold.
    pub(crate) strong: bool,
}

/// How much of the width of a section a field takes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Span {
    One,
    Two,
    All,
}

/// A table.
pub(crate) struct Table {
    /// What the table is about, for those who cannot see where it stands.
    pub(crate) caption: String,
    /// Whether the caption is also seen.
    pub(crate) shows_caption: bool,
    pub(crate) columns: Vec<Column>,
    pub(crate) rows: Vec<Row>,
    /// Sums.
    pub(crate) foot: Vec<Row>,
}

pub(crate) struct Column {
    pub(crate) head: Text,
    pub(crate) align: Align,
    /// Takes the room that is left.
    pub(crate) grows: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    Start,
    /// Numbers: to the right, on one line.
    Number,
}

#[derive(Default)]
pub(crate) struct Row {
    pub(crate) cells: Vec<Cell>,
    /// Shows what was before a correction.
    pub(crate) former: bool,
}

#[derive(Default)]
pub(crate) struct Cell {
    pub(crate) values: Vec<Text>,
    /// What has no column of its own.
    pub(crate) details: Vec<Field>,
}

/// A code with what stands around it.
pub(crate) struct Figure {
    /// What it is for.
    pub(crate) title: String,
    /// The caption the Ministry prescribes.
    pub(crate) caption: String,
    pub(crate) link: String,
    /// The picture in words.
    pub(crate) alt: String,
    pub(crate) symbol: ksef_offline_core::code::image::Symbol,
}

impl Section {
    pub(crate) fn new(title: impl Into<String>, blocks: Vec<Block>) -> Self {
        Self {
            title: Some(title.into()),
            blocks,
        }
    }
}

impl Field {
    pub(crate) fn new(label: impl Into<String>, value: Text) -> Self {
        Self {
            label: label.into(),
            values: vec![value],
            strong: false,
        }
    }

    /// How much room the value wants.
    pub(crate) fn span(&self) -> Span {
        let longest = self
            .values
            .iter()
            .flat_map(|value| value.shown.lines())
            .map(|line| line.chars().count())
            .max()
            .unwrap_or(0)
            // Labels are smaller.
            .max(self.label.chars().count() * 3 / 4);
        match longest {
            0..=24 => Span::One,
            25..=52 => Span::Two,
            _ => Span::All,
        }
    }
}

impl Page {
    /// Picks a word of the language the page is in.
    pub(crate) fn pick(&self, pl: &'static str, en: &'static str) -> &'static str {
        text::pick(self.language, pl, en)
    }
}
