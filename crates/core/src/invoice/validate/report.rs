//! Collects what is found while a document is walked, by byte offset, and turns it into violations by line and column.

use super::Violation;
use super::code::Code;
use crate::diagnostic::Bilingual;

/// More violations than this help nobody; the bound keeps the memory of a verdict in proportion.
const MOST: usize = 10_000;

#[derive(Default)]
pub(super) struct Report {
    found: Vec<Found>,
    cut_off: bool,
}

struct Found {
    offset: usize,
    code: Code,
    path: String,
    message: Bilingual,
}

impl Report {
    pub(super) fn add(&mut self, offset: usize, code: Code, path: String, message: Bilingual) {
        if self.found.len() < MOST {
            self.found.push(Found {
                offset,
                code,
                path,
                message,
            });
        } else if !self.cut_off {
            self.cut_off = true;
            self.found.push(Found {
                offset,
                code: Code::TooManyViolations,
                path,
                message: Bilingual::new(
                    "dalszych naruszeń nie wymieniono: jest ich zbyt wiele",
                    "further violations are not listed: there are too many",
                ),
            });
        }
    }

    /// How much has been found.
    pub(super) fn len(&self) -> usize {
        self.found.len()
    }

    /// Whether nothing more is taken in.
    pub(super) fn is_cut_off(&self) -> bool {
        self.cut_off
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
