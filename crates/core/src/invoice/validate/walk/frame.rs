//! The elements that are open while a document is walked.

use crate::invoice::facts::Field;
use crate::invoice::scan::Element;
use crate::invoice::validate::automaton::{Automaton, Body, Model, Place, State};
use crate::invoice::validate::grammar::Value;
use crate::invoice::validate::rules::Fact;

/// An element that is open, or the document around the root element.
pub(in crate::invoice::validate) struct Frame {
    place: Option<&'static Place>,
    /// The how-manieth of its name in a row.
    occurrence: u32,
    /// Byte offset of its start tag.
    start: usize,
    /// What elements it holds; none if it holds a value.
    pub(super) model: Option<&'static Model>,
    /// How far its content has come.
    pub(super) state: State,
    /// How often the last element in it has stood in a row.
    pub(super) run: u32,
    /// Misplaced text is reported once for each element.
    pub(super) text_reported: bool,
}

impl Frame {
    pub(super) fn document(automaton: &'static Automaton) -> Self {
        Self {
            place: None,
            occurrence: 1,
            start: 0,
            model: Some(automaton.document()),
            state: State::START,
            run: 0,
            text_reported: false,
        }
    }

    pub(super) fn element(
        automaton: &'static Automaton,
        place: &'static Place,
        occurrence: u32,
        start: usize,
    ) -> Self {
        Self {
            place: Some(place),
            occurrence,
            start,
            model: match place.body {
                Body::Value(_) => None,
                Body::Children(model) => Some(automaton.model(model)),
            },
            state: State::START,
            run: 0,
            text_reported: false,
        }
    }

    /// The kind of value it holds, if it holds one.
    pub(super) fn value(&self) -> Option<&'static Value> {
        match &self.place?.body {
            Body::Value(value) => Some(value),
            Body::Children(_) => None,
        }
    }

    pub(in crate::invoice::validate) fn start(&self) -> usize {
        self.start
    }

    pub(in crate::invoice::validate) fn occurrence(&self) -> u32 {
        self.occurrence
    }

    pub(super) fn fact(&self) -> Option<Fact> {
        self.place.and_then(|place| place.fact)
    }

    pub(super) fn field(&self) -> Option<Field> {
        self.place.and_then(|place| place.field)
    }
}

/// The path of the innermost element in schema names. Elements that may be repeated carry their number.
pub(in crate::invoice::validate) fn path(frames: &[Frame]) -> String {
    let mut path = String::new();
    for place in frames
        .iter()
        .filter_map(|frame| frame.place.map(|place| (place, frame.occurrence)))
    {
        push_step(&mut path, place.0, place.1);
    }
    path
}

/// The path of an element of the schema that begins in the innermost one.
pub(super) fn child(frames: &[Frame], place: &Place, occurrence: u32) -> String {
    let mut path = path(frames);
    push_step(&mut path, place, occurrence);
    path
}

/// The path of an element that has no place in the innermost one.
pub(super) fn foreign_child(frames: &[Frame], element: Element<'_>) -> String {
    const LONGEST_NAME: usize = 64;
    let mut path = path(frames);
    path.push('/');
    // A name of the document itself, not of the schema: shown only if it looks like one.
    let plain = element.local.len() <= LONGEST_NAME
        && element
            .local
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_');
    path.push_str(if plain { element.local } else { "*" });
    path
}

fn push_step(path: &mut String, place: &Place, occurrence: u32) {
    path.push('/');
    path.push_str(place.name);
    if place.max > 1 {
        path.push('[');
        path.push_str(&occurrence.to_string());
        path.push(']');
    }
}
