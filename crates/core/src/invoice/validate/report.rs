//! Collects what is found while a document is walked, by byte offset, and turns it into violations by line and column.

use std::borrow::Cow;

use super::Violation;
use super::code::Code;
use crate::diagnostic::Bilingual;

/// Bytes that a report may take, however small its document.
const LEAST_ROOM: usize = 1 << 20;

/// What was found so far. What it takes in memory is in proportion to the document: a report that is full only counts.
#[derive(Default)]
pub(super) struct Report {
    found: Vec<Found>,
    /// How much has been found, listed or not.
    count: usize,
    /// Bytes that violations may still take.
    room: usize,
}

struct Found {
    offset: usize,
    code: Code,
    path: String,
    message: Bilingual,
}

impl Report {
    /// A report on `text`. The default one has no room: it only counts.
    pub(super) fn on(text: &str) -> Self {
        Self {
            room: text.len().max(LEAST_ROOM),
            ..Self::default()
        }
    }

    /// Adds a violation; its path and message are made only if there is room for it.
    pub(super) fn add(
        &mut self,
        offset: usize,
        code: Code,
        describe: impl FnOnce() -> (String, Bilingual),
    ) {
        self.count += 1;
        if self.room == 0 {
            return;
        }
        let (path, message) = describe();
        let found = Found {
            offset,
            code,
            path,
            message,
        };
        self.room = self.room.saturating_sub(found.size());
        if self.room == 0 {
            self.found.push(found.cut_off());
        } else {
            self.found.push(found);
        }
    }

    /// How much has been found, listed or not.
    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// Whether what is found from now on is only counted.
    pub(super) fn is_full(&self) -> bool {
        self.room == 0
    }

    pub(super) fn append(&mut self, other: Self) {
        self.found.extend(other.found);
    }

    /// The violations in the order of the document, found in `text`.
    pub(super) fn into_violations(mut self, text: &str) -> Vec<Violation> {
        self.found.sort_by_key(|found| found.offset);
        let mut cursor = Cursor::default();
        self.found
            .into_iter()
            .map(|found| {
                cursor.advance(text, found.offset);
                Violation {
                    code: found.code.as_str(),
                    path: found.path,
                    line: cursor.line + 1,
                    column: cursor.column + 1,
                    message: found.message,
                }
            })
            .collect()
    }
}

impl Found {
    /// Bytes it takes, roughly.
    fn size(&self) -> usize {
        let owned = |text: &Cow<'_, str>| match text {
            Cow::Borrowed(_) => 0,
            Cow::Owned(text) => text.capacity(),
        };
        let message = owned(&self.message.pl) + owned(&self.message.en);
        size_of::<Self>() + self.path.capacity() + message
    }

    /// What stands in the place of this violation and all that follow it.
    fn cut_off(self) -> Self {
        Self {
            code: Code::TooManyViolations,
            message: Bilingual::new(
                "dalszych naruszeń nie wymieniono: jest ich zbyt wiele",
                "further violations are not listed: there are too many",
            ),
            ..self
        }
    }
}

/// Line and column of an offset, both from 0, moving forward only: one pass over the document serves all violations.
#[derive(Default)]
struct Cursor {
    offset: usize,
    line: u32,
    column: u32,
}

impl Cursor {
    fn advance(&mut self, text: &str, offset: usize) {
        for character in text.get(self.offset..offset).unwrap_or_default().chars() {
            if character == '\n' {
                self.line += 1;
                self.column = 0;
            } else {
                self.column += 1;
            }
        }
        self.offset = self.offset.max(offset);
    }
}
