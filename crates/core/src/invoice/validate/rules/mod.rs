//! Rules beyond the schema: what KSeF checks besides, and what is worth a warning.
//!
//! The walk shows the elements of interest as they begin and end, each with its [`Fact`]; values come only if they are
//! legal. A family of rules stands in each module: it judges at once what it can, gathers the rest, and judges that when
//! the line, the party or the body ends. Nothing is concluded from a part of the document in which something illegal was
//! found, since what is missing there would be a second complaint about the same. Each rule has its [`Code`] with its
//! source, and its words in [`words`](self::words).
//!
//! The memory is that of the numbers of the lines; all else is of fixed size.

mod account;
mod annotations;
mod corrections;
mod fact;
mod heading;
mod lines;
mod number;
mod order;
mod parties;
mod payment;
mod totals;
mod words;

pub(super) use self::fact::Fact;

use self::annotations::{Annotations, Context};
use self::corrections::Corrections;
use self::heading::Head;
use self::lines::{LineField, Lines};
use self::order::Order;
use self::parties::{Parties, Party};
use self::payment::Payments;
use self::totals::{Gathered, Totals};
use self::words::words;
use super::Rules;
use super::code::Code;
use super::report::Report;
use super::walk::{Frame, path};
use crate::diagnostic::Bilingual;
use crate::invoice::InvoiceKind;

/// What is gathered for the rules while the document is walked.
pub(super) struct Beyond<'a> {
    rules: &'a Rules,
    sink: Sink,
    head: Head,
    parties: Parties,
    totals: Totals,
    annotations: Annotations,
    corrections: Corrections,
    lines: Lines,
    order: Order,
    payments: Payments,
    body: Spot,
    /// Errors of the schema walk when the body began.
    errors_before_body: usize,
    /// Errors of the schema walk when the line or party began.
    errors_before_part: usize,
}

impl<'a> Beyond<'a> {
    /// What is found goes into two reports, for errors and for warnings.
    pub(super) fn new(rules: &'a Rules, report: impl Fn() -> Report) -> Self {
        Self {
            rules,
            sink: Sink {
                errors: report(),
                warnings: report(),
            },
            head: Head::default(),
            parties: Parties::default(),
            totals: Totals::default(),
            annotations: Annotations::default(),
            corrections: Corrections::default(),
            lines: Lines::default(),
            order: Order::default(),
            payments: Payments::default(),
            body: Spot::default(),
            errors_before_body: 0,
            errors_before_part: 0,
        }
    }

    /// What was found: errors, warnings.
    pub(super) fn into_reports(self) -> (Report, Report) {
        (self.sink.errors, self.sink.warnings)
    }

    /// Takes note of the beginning of an element with children, the last frame, after so many errors.
    pub(super) fn begin(&mut self, fact: Fact, frames: &[Frame], errors: usize) {
        let here = Here(frames);
        match fact {
            Fact::Body => {
                self.body = here.spot("/Faktura/Fa");
                self.errors_before_body = errors;
                if errors == 0 {
                    self.parties.judge(&mut self.sink);
                }
            }
            Fact::Party(Party::Third) => {
                self.errors_before_part = errors;
                self.parties.begin_third();
            }
            Fact::Line => {
                self.errors_before_part = errors;
                self.lines.begin();
            }
            Fact::OrderLine => {
                self.errors_before_part = errors;
                self.order.begin_line();
            }
            Fact::Correction(element) => {
                self.corrections
                    .begin(element, &here, &self.head, &mut self.sink);
            }
            _ => {}
        }
    }

    /// Takes note of a value that is legal by the schema; the last frame is its element.
    pub(super) fn value(&mut self, fact: Fact, frames: &[Frame], text: &str) {
        let here = &Here(frames);
        let sink = &mut self.sink;
        match fact {
            Fact::Party(field) => self.parties.take(field, text, here, self.rules, sink),
            Fact::Heading(field) => self.head.take(field, text, here, self.rules, sink),
            Fact::Total(field) => self.totals.take(field, text, here, &self.head, sink),
            Fact::Annotation(field) => self.annotations.take(field, text, here),
            Fact::Correction(field) => self.corrections.take(field, text, here, &self.head, sink),
            Fact::LineField(field) => {
                if field == LineField::DeliveryDate {
                    self.head.take_delivery(text);
                }
                self.lines.take(field, text, here, &self.head, sink);
            }
            Fact::OrderField(field) => self.order.take(field, text, here, &self.head, sink),
            Fact::Payment(field) => {
                self.payments
                    .take(field, text, here, &self.head, &self.totals, sink);
            }
            Fact::Body | Fact::Line | Fact::OrderLine => {}
        }
    }

    /// Takes note of the end of an element with children, the last frame, after so many errors.
    pub(super) fn end(&mut self, fact: Fact, frames: &[Frame], errors: usize) {
        let here = Here(frames);
        let is_legal = errors == self.errors_before_part;
        match fact {
            Fact::Body if errors == self.errors_before_body => self.judge_body(),
            Fact::Party(Party::Third) if is_legal => {
                self.parties.judge_third(&here, &mut self.sink);
            }
            Fact::Line => self.lines.end(is_legal, &here, &self.head, &mut self.sink),
            Fact::OrderLine => self.order.end_line(is_legal),
            _ => {}
        }
    }

    fn judge_body(&mut self) {
        let Self {
            head, sink, body, ..
        } = self;
        // The others may refer to an order, to a whole period, or only to what is not in the lines.
        if head.is(&[
            InvoiceKind::Vat,
            InvoiceKind::Settlement,
            InvoiceKind::Simplified,
        ]) && self.lines.is_empty()
        {
            sink.warn_at(*body, Code::LinesMissing);
        }
        self.corrections.judge(head, &self.totals, *body, sink);
        self.order.judge(head, sink);
        self.payments.judge(head, &self.totals, sink);
        let gathered = Gathered {
            head,
            lines: &self.lines,
            order: &self.order,
            has_margin_scheme: self.annotations.has_margin_scheme(),
            advances: self.corrections.advances(),
            body: *body,
        };
        self.totals.judge(&gathered, sink);
        let context = Context {
            head,
            parties: &self.parties,
            totals: &self.totals,
            lines: &self.lines,
            order: &self.order,
        };
        self.annotations.judge(&context, sink);
    }
}

/// Where the walk is: the last frame is the element at hand.
struct Here<'f>(&'f [Frame]);

impl Here<'_> {
    /// Byte offset of the element.
    fn at(&self) -> usize {
        self.0.last().map_or(0, Frame::start)
    }

    /// The element as a place to remember; `path` is its path.
    fn spot(&self, path: &'static str) -> Spot {
        Spot {
            at: self.at(),
            path,
        }
    }

    /// The how-manieth of its name in a row the parent is.
    fn parent_occurrence(&self) -> u32 {
        self.0.iter().rev().nth(1).map_or(1, Frame::occurrence)
    }
}

/// An element that stands at most once, remembered for a judgement to come.
#[derive(Debug, Default, Clone, Copy)]
struct Spot {
    at: usize,
    path: &'static str,
}

/// Takes in what the rules find.
struct Sink {
    errors: Report,
    warnings: Report,
}

impl Sink {
    /// An error at the element at hand.
    fn refuse(&mut self, here: &Here<'_>, code: Code) {
        let describe = || (path(here.0), words(code));
        self.errors.add(here.at(), code, describe);
    }

    /// A warning at the element at hand.
    fn warn(&mut self, here: &Here<'_>, code: Code) {
        let describe = || (path(here.0), words(code));
        self.warnings.add(here.at(), code, describe);
    }

    /// A warning at a child of the element at hand.
    fn warn_below(&mut self, here: &Here<'_>, child: &str, at: usize, code: Code) {
        let describe = || (format!("{}/{child}", path(here.0)), words(code));
        self.warnings.add(at, code, describe);
    }

    fn warn_at(&mut self, spot: Spot, code: Code) {
        self.warn_by_path(spot.at, spot.path.to_owned(), code);
    }

    fn warn_in_words(&mut self, spot: Spot, code: Code, words: Bilingual) {
        self.warnings
            .add(spot.at, code, || (spot.path.to_owned(), words));
    }

    fn warn_by_path(&mut self, at: usize, path: String, code: Code) {
        self.warnings.add(at, code, || (path, words(code)));
    }
}

#[cfg(test)]
mod tests;
