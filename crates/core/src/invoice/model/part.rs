//! How the parts of the model are read and written: values, elements, elements in a row, and groups of elements without
//! an element of their own.
//!
//! `record!` and `choice!` put these together.

use std::borrow::Cow;

use super::super::read::{ReadError, Reader};
use super::super::write::Writer;

/// What stands as the text of an element.
pub(in crate::invoice) trait Value: Sized {
    /// Reads the text, white space and all.
    fn from_text(text: &str) -> Option<Self>;

    /// The text this library writes.
    fn to_text(&self) -> Cow<'_, str>;
}

/// What stands in an element.
pub(in crate::invoice) trait Content: Sized {
    /// Reads the whole element, which comes next.
    fn read(
        reader: &mut Reader<'_>,
        name: &'static str,
        occurrence: u32,
    ) -> Result<Self, ReadError>;

    /// Writes the whole element.
    fn write(&self, writer: &mut Writer<'_>, name: &'static str, occurrence: u32);
}

impl<T: Value> Content for T {
    fn read(
        reader: &mut Reader<'_>,
        name: &'static str,
        occurrence: u32,
    ) -> Result<Self, ReadError> {
        reader.enter(name, occurrence, &[])?;
        value(reader)
    }

    fn write(&self, writer: &mut Writer<'_>, name: &'static str, occurrence: u32) {
        writer.value(name, occurrence, &self.to_text());
    }
}

/// The value of the element just entered, which is left.
pub(in crate::invoice) fn value<T: Value>(reader: &mut Reader<'_>) -> Result<T, ReadError> {
    let step = reader.step();
    let text = reader.text()?;
    let value = T::from_text(&text).ok_or_else(|| reader.value(step))?;
    if reader.keeps_layout() {
        reader.note_spelling(step, &text, &value.to_text());
    }
    Ok(value)
}

/// Whether a part begins with what comes next.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::invoice) enum Begins {
    Yes,
    No,
    /// It may be left out: look at the part after it.
    LeftOut,
}

impl Begins {
    pub(super) fn element(reader: &Reader<'_>, name: &str) -> Self {
        if reader.is_next(name) {
            Self::Yes
        } else {
            Self::No
        }
    }
}

/// Elements in a row that belong together, within the element of another.
pub(in crate::invoice) trait Group: Sized {
    fn begins(reader: &Reader<'_>) -> Begins;

    /// Adds the names that may come first; answers whether one of them must.
    fn first(names: &mut Vec<&'static str>) -> bool;

    fn read(reader: &mut Reader<'_>) -> Result<Self, ReadError>;

    fn write(&self, writer: &mut Writer<'_>);
}

/// A group that must be there, or may.
pub(in crate::invoice) trait GroupSlot: Sized {
    fn begins(reader: &Reader<'_>) -> Begins;
    fn first(names: &mut Vec<&'static str>) -> bool;
    fn read(reader: &mut Reader<'_>) -> Result<Self, ReadError>;
    fn write(&self, writer: &mut Writer<'_>);
}

impl<T: Group> GroupSlot for T {
    fn begins(reader: &Reader<'_>) -> Begins {
        T::begins(reader)
    }

    fn first(names: &mut Vec<&'static str>) -> bool {
        T::first(names)
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, ReadError> {
        T::read(reader)
    }

    fn write(&self, writer: &mut Writer<'_>) {
        Group::write(self, writer);
    }
}

impl<T: Group> GroupSlot for Option<T> {
    fn begins(reader: &Reader<'_>) -> Begins {
        match T::begins(reader) {
            Begins::Yes => Begins::Yes,
            Begins::No | Begins::LeftOut => Begins::LeftOut,
        }
    }

    fn first(names: &mut Vec<&'static str>) -> bool {
        T::first(names);
        false
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, ReadError> {
        match T::begins(reader) {
            Begins::Yes => T::read(reader).map(Some),
            Begins::No | Begins::LeftOut => Ok(None),
        }
    }

    fn write(&self, writer: &mut Writer<'_>) {
        if let Some(group) = self {
            group.write(writer);
        }
    }
}

/// An element that must be there, may, or may stand many times.
pub(in crate::invoice) trait Slot: Sized {
    const REQUIRED: bool;

    fn read(reader: &mut Reader<'_>, name: &'static str) -> Result<Self, ReadError>;

    fn write(&self, writer: &mut Writer<'_>, name: &'static str);
}

impl<T: Content> Slot for T {
    const REQUIRED: bool = true;

    fn read(reader: &mut Reader<'_>, name: &'static str) -> Result<Self, ReadError> {
        if reader.is_next(name) {
            T::read(reader, name, 0)
        } else {
            Err(reader.missing(vec![name]))
        }
    }

    fn write(&self, writer: &mut Writer<'_>, name: &'static str) {
        Content::write(self, writer, name, 0);
    }
}

impl<T: Content> Slot for Option<T> {
    const REQUIRED: bool = false;

    fn read(reader: &mut Reader<'_>, name: &'static str) -> Result<Self, ReadError> {
        if reader.is_next(name) {
            T::read(reader, name, 0).map(Some)
        } else {
            Ok(None)
        }
    }

    fn write(&self, writer: &mut Writer<'_>, name: &'static str) {
        if let Some(content) = self {
            content.write(writer, name, 0);
        }
    }
}

/// Lists from this length on are long.
const LONG: usize = 256;

impl<T: Content> Slot for Vec<T> {
    const REQUIRED: bool = false;

    fn read(reader: &mut Reader<'_>, name: &'static str) -> Result<Self, ReadError> {
        let mut all = Self::new();
        while reader.is_next(name) {
            let occurrence = u32::try_from(all.len() + 1).unwrap_or(u32::MAX);
            all.push(T::read(reader, name, occurrence)?);
        }
        // A hundred thousand rows of a few cells cost what they hold, not what they might. A long list is left alone:
        // to cut it down it might have to be copied.
        if all.len() < LONG {
            all.shrink_to_fit();
        }
        Ok(all)
    }

    fn write(&self, writer: &mut Writer<'_>, name: &'static str) {
        for (content, occurrence) in self.iter().zip(1..) {
            content.write(writer, name, occurrence);
        }
    }
}
