//! Rules beyond the schema: what KSeF checks besides, and what is worth a warning.
//!
//! The walk shows every legal value with the elements it stands in; a rule that needs several values gathers them here and
//! judges when its element ends. New warnings belong into this module, each with its code in [`super::code`].

use jiff::civil::Date;

use super::Rules;
use super::code::Code;
use super::grammar::{Pattern, Value};
use super::report::Report;
use super::walk::{Frame, path};
use crate::diagnostic::Bilingual;
use crate::identifier::Nip;

pub(super) struct Beyond<'a> {
    rules: &'a Rules,
    pub(super) errors: Report,
    pub(super) warnings: Report,
}

impl<'a> Beyond<'a> {
    pub(super) fn new(rules: &'a Rules) -> Self {
        Self {
            rules,
            errors: Report::default(),
            warnings: Report::default(),
        }
    }

    /// Takes note of a value that is legal by the schema; the last frame is its element.
    pub(super) fn value(&mut self, frames: &[Frame], kind: &Value, text: &str) {
        match kind {
            Value::VerbatimLike(Pattern::Nip) => self.check_nip(frames, text),
            Value::TokenLike {
                pattern: Pattern::InternalId,
                ..
            } => self.check_nip(frames, text.trim().split('-').next().unwrap_or_default()),
            Value::Date { .. } if frames.last().is_some_and(|frame| frame.name() == "P_1") => {
                self.check_issue_date(frames, text.trim());
            }
            _ => {}
        }
    }

    /// Production refuses a wrong check digit of the parties themselves; elsewhere, and of anybody else the invoice
    /// names, it is worth a warning. Source: the Ministry's documentation, verification of invoices.
    fn check_nip(&mut self, frames: &[Frame], text: &str) {
        if Nip::parse(text).is_ok_and(|nip| nip.has_valid_checksum()) {
            return;
        }
        let party = frames.get(2).map_or("", Frame::name);
        let enforced = matches!(
            party,
            "Podmiot1" | "Podmiot2" | "Podmiot3" | "PodmiotUpowazniony"
        );
        let report = if self.rules.enforce_nip_checksum && enforced {
            &mut self.errors
        } else {
            &mut self.warnings
        };
        add(
            report,
            frames,
            Code::NipChecksum,
            Bilingual::new(
                "cyfra kontrolna NIP jest błędna",
                "the check digit of the NIP is wrong",
            ),
        );
    }

    fn check_issue_date(&mut self, frames: &[Frame], text: &str) {
        let in_future = text
            .parse::<Date>()
            .is_ok_and(|issued| issued > self.rules.today);
        if in_future {
            add(
                &mut self.errors,
                frames,
                Code::IssueDateInFuture,
                Bilingual::new(
                    "data wystawienia jest późniejsza niż dzisiejsza",
                    "the issue date lies after today",
                ),
            );
        }
    }
}

fn add(report: &mut Report, frames: &[Frame], code: Code, message: Bilingual) {
    let at = frames.last().map_or(0, Frame::start);
    report.add(at, code, path(frames), message);
}
