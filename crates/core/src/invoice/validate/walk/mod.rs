//! One pass over a document that holds every element, attribute and text against the grammar.
//!
//! The walk never stops at a violation: it reports, finds the next place of the content model that makes sense, and goes
//! on. What stands inside an element the schema does not know is not judged.

mod attributes;
mod frame;

use std::borrow::Cow;

pub(super) use self::frame::{Frame, path};
use self::frame::{child, foreign_child};
use super::automaton::{AUTOMATON, Automaton, Body, Place, State};
use super::code::Code;
use super::grammar::Value;
use super::report::Report;
use super::rules::Beyond;
use super::{message, value};
use crate::diagnostic::Bilingual;
use crate::invoice::InvoiceError;
use crate::invoice::facts::{Draft, Field};
use crate::invoice::file::Sight;
use crate::invoice::scan::{Element, Namespace, Scanner, Token};

/// Holds `text`, which has passed [`crate::invoice::file::checked_text`], against the schema, and makes the other checks of
/// the file level on the way. Legal values are shown to `beyond` as well, the texts of the facts to `facts`.
///
/// # Errors
/// A fault of the file; what was found does not count then.
pub(super) fn walk<'d>(
    text: &'d str,
    report: &mut Report,
    beyond: &mut Beyond<'_>,
    facts: Option<&mut Draft<'d>>,
) -> Result<(), InvoiceError> {
    let mut scanner = Scanner::new(text)?;
    let mut sight = Sight::default();
    let mut walk = Walk::new(text, report, beyond, facts);
    loop {
        if walk.expects_elements() {
            scanner.skip_space();
        }
        let Some(token) = scanner.token()? else {
            break;
        };
        let at = scanner.offset();
        sight.take(&token, at);
        match token {
            Token::Leaf(element, text) => walk.leaf(element, text, &scanner),
            Token::Start(element) => walk.start(element, &scanner),
            Token::Empty(element) => {
                walk.start(element, &scanner);
                walk.end(at);
            }
            Token::End => walk.end(at),
            Token::Text(text) => walk.text(text, at),
            Token::Character(character) => walk.character(character, at),
        }
    }
    let has_attachment = sight.judge(text)?;
    if let Some(facts) = walk.facts {
        facts.has_attachment = has_attachment;
    }
    Ok(())
}

/// Nesting beyond this costs an allocation.
const USUAL_DEPTH: usize = 16;

struct Walk<'r, 'b, 'd> {
    report: &'r mut Report,
    beyond: &'r mut Beyond<'b>,
    facts: Option<&'r mut Draft<'d>>,
    automaton: &'static Automaton,
    frames: Vec<Frame>,
    /// Depth inside an element that is not judged.
    ignored: u32,
    /// The text of the innermost element so far.
    value: String,
    /// Whether there is a carriage return anywhere in the document.
    has_returns: bool,
}

impl<'r, 'b, 'd> Walk<'r, 'b, 'd> {
    fn new(
        text: &str,
        report: &'r mut Report,
        beyond: &'r mut Beyond<'b>,
        facts: Option<&'r mut Draft<'d>>,
    ) -> Self {
        let automaton = &*AUTOMATON;
        let mut frames = Vec::with_capacity(USUAL_DEPTH);
        frames.push(Frame::document(automaton));
        Self {
            automaton,
            report,
            beyond,
            facts,
            frames,
            ignored: 0,
            value: String::new(),
            has_returns: text.contains('\r'),
        }
    }

    /// An element that holds nothing but this text, its start tag without attributes.
    fn leaf(&mut self, element: Element<'d>, text: &'d str, scanner: &Scanner<'d>) {
        self.start(element, scanner);
        if self.ignored == 0
            && !(self.has_returns && text.contains('\r'))
            && let Some(kind) = self.frames.last().and_then(Frame::value)
        {
            if let Some((facts, field, at)) = self.wanted() {
                facts.take(field, Cow::Borrowed(text), at);
            }
            self.judge(kind, text);
            self.close();
        } else {
            let at = scanner.leaf_offset();
            if !text.is_empty() {
                self.text(text, at);
            }
            self.end(at + text.len());
        }
    }

    /// Whether white space means nothing here.
    fn expects_elements(&self) -> bool {
        self.frames
            .last()
            .is_some_and(|frame| frame.model.is_some())
    }

    fn start(&mut self, element: Element<'_>, scanner: &Scanner<'_>) {
        if self.ignored > 0 {
            self.ignored += 1;
            return;
        }
        let at = scanner.offset();
        if let Some((place, occurrence)) = self.place_of(element, at) {
            let frame = Frame::element(self.automaton, place, occurrence, at);
            self.frames.push(frame);
            self.value.clear();
            if let (Some(fact), Body::Children(_)) = (place.fact, &place.body) {
                self.beyond.begin(fact, &self.frames, self.report.len());
            }
            if !scanner.attributes().is_empty() || !place.attributes.is_empty() {
                self.attributes(scanner, place, at);
            }
        } else {
            self.ignored = 1;
        }
    }

    /// Moves the parent's state on to the element that begins, reporting what is wrong with its place. `None` if the
    /// element has no place in its parent at all.
    fn place_of(&mut self, element: Element<'_>, at: usize) -> Option<(&'static Place, u32)> {
        let frames = self.frames.as_mut_slice();
        let Frame {
            model: Some(model),
            state,
            run,
            ..
        } = frames.last_mut()?
        else {
            self.report.add(at, Code::ElementUnexpected, || {
                (foreign_child(frames, element), message::inside_value())
            });
            return None;
        };
        let (model, before) = (*model, *state);
        let name = match element.namespace {
            Namespace::Invoice => self.automaton.name(element.local),
            _ => None,
        };
        let expected = || model.expected(before).collect::<Vec<_>>();
        let Some(index) = name.and_then(|name| model.place(name)) else {
            let (code, words): (_, fn(&[&str]) -> Bilingual) = match name {
                Some(_) => (Code::ElementUnexpected, message::unexpected),
                None => (Code::ElementUnknown, message::unknown),
            };
            self.report.add(at, code, || {
                (foreign_child(frames, element), words(&expected()))
            });
            return None;
        };
        let place = &model.places[index];
        if before.place() == Some(index) {
            *run += 1;
            let occurrence = *run;
            if occurrence == place.max.saturating_add(1) {
                self.report.add(at, Code::ElementTooMany, || {
                    let path = child(frames, place, occurrence);
                    (path, message::too_many(place.max))
                });
            }
            return Some((place, occurrence));
        }
        if model.allows(before, index) {
            *state = State::after(index);
            *run = 1;
            return Some((place, 1));
        }
        // Where nobody reads what is missing, it need not be found out.
        let missing = if self.report.is_full() {
            None
        } else {
            model.missing(before, Some(index))
        };
        if let Some(missing) = missing {
            *state = State::after(index);
            *run = 1;
            for names in missing {
                self.report.add(at, Code::ElementMissing, || {
                    (path(frames), message::missing(&names))
                });
            }
        } else {
            self.report.add(at, Code::ElementUnexpected, || {
                let path = child(frames, place, 1);
                (path, message::unexpected(&expected()))
            });
        }
        Some((place, 1))
    }

    fn report_here(&mut self, code: Code, at: usize, message: impl FnOnce() -> Bilingual) {
        let describe = || (path(&self.frames), message());
        self.report.add(at, code, describe);
    }

    fn text(&mut self, raw: &str, at: usize) {
        if self.ignored > 0 {
            return;
        }
        if self.expects_elements() {
            if !value::is_blank(raw) {
                self.misplaced_text(raw, at);
            }
        } else if self.has_returns {
            push_normalised(&mut self.value, raw);
        } else {
            self.value.push_str(raw);
        }
    }

    /// A character that came as a reference: line breaks stay what they are.
    fn character(&mut self, character: char, at: usize) {
        if self.ignored > 0 {
            return;
        }
        if self.expects_elements() {
            self.text(character.encode_utf8(&mut [0; 4]), at);
        } else {
            self.value.push(character);
        }
    }

    fn misplaced_text(&mut self, raw: &str, at: usize) {
        if let Some(frame) = self.frames.last_mut()
            && !frame.text_reported
        {
            frame.text_reported = true;
            let before = raw.len() - raw.trim_start_matches([' ', '\t', '\n', '\r']).len();
            self.report_here(Code::TextUnexpected, at + before, message::text_unexpected);
        }
    }

    fn end(&mut self, at: usize) {
        if self.ignored > 0 {
            self.ignored -= 1;
            return;
        }
        let Some(frame) = self.frames.last() else {
            return;
        };
        if let Some(model) = frame.model {
            if !model.may_end(frame.state) {
                let missing = if self.report.is_full() {
                    vec![Vec::new()]
                } else {
                    model.missing(frame.state, None).unwrap_or_default()
                };
                for names in missing {
                    self.report.add(at, Code::ElementMissing, || {
                        (path(&self.frames), message::missing(&names))
                    });
                }
            }
            if let Some(fact) = frame.fact() {
                self.beyond.end(fact, &self.frames, self.report.len());
            }
        } else if let Some(kind) = frame.value() {
            let text = core::mem::take(&mut self.value);
            if let Some((facts, field, at)) = self.wanted() {
                facts.take(field, Cow::Owned(text.clone()), at);
            }
            self.judge(kind, &text);
            self.value = text;
        }
        self.close();
    }

    /// Judges the value of the innermost element.
    fn judge(&mut self, kind: &'static Value, text: &str) {
        let Some(frame) = self.frames.last() else {
            return;
        };
        match value::check(kind, text) {
            Ok(()) => {
                if let Some(fact) = frame.fact() {
                    self.beyond.value(fact, &self.frames, text);
                }
            }
            Err(code) => {
                let at = frame.start();
                self.report_here(code, at, || message::value(code, kind));
            }
        }
    }

    /// Whether somebody wants to know the text of the innermost element: who, as what, and where the element begins.
    fn wanted(&mut self) -> Option<(&mut Draft<'d>, Field, usize)> {
        let frame = self.frames.last()?;
        Some((self.facts.as_deref_mut()?, frame.field()?, frame.start()))
    }

    fn close(&mut self) {
        // The document frame stays.
        if self.frames.len() > 1 {
            self.frames.pop();
        }
    }
}

/// Adds text as every reader of XML must hand it on: CR LF and CR become LF.
fn push_normalised(text: &mut String, raw: &str) {
    let mut lines = raw.split('\r');
    text.push_str(lines.next().unwrap_or_default());
    for line in lines {
        text.push('\n');
        text.push_str(line.strip_prefix('\n').unwrap_or(line));
    }
}
