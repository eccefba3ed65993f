//! The grammar compiled for the walk: names as numbers, and for each content model the set of elements that may follow
//! each element.
//!
//! In every content model of FA(3) a name stands once, so the last element read is all the state there is. What may
//! follow is a set of at most 128 places kept as bits: one step costs one look-up of the name and one test of a bit.

use std::sync::LazyLock;

use super::grammar::{Attribute, Content, DOCUMENT, Particle, Value};
use super::rules::Fact;
use crate::invoice::facts::Field;
use crate::invoice::scan::is_same;

pub(super) static AUTOMATON: LazyLock<Automaton> = LazyLock::new(|| Automaton::compile(DOCUMENT));

/// A set of places, bit by bit.
type Places = u128;

pub(super) struct Automaton {
    names: Names,
    models: Vec<Model>,
}

/// The children of one element.
pub(super) struct Model {
    pub(super) places: Vec<Place>,
    /// Index 0 is the beginning, index n + 1 stands after place n.
    follow: Vec<Places>,
    /// Where the content may end.
    last: Places,
    may_be_empty: bool,
    /// Place by number of the name, [`NOWHERE`] for names of other models.
    place_of: Vec<u8>,
}

/// One element in its model.
pub(super) struct Place {
    pub(super) name: &'static str,
    pub(super) max: u32,
    pub(super) body: Body,
    pub(super) type_name: &'static str,
    pub(super) attributes: &'static [Attribute],
    /// What the rules beyond the schema want to know of it.
    pub(super) fact: Option<Fact>,
    /// What issuing wants to know of it.
    pub(super) field: Option<Field>,
}

/// What an element holds.
#[derive(Clone, Copy)]
pub(super) enum Body {
    Value(Value),
    /// Index of the model.
    Children(usize),
}

/// The last element read in a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct State(u8);

const NOWHERE: u8 = u8::MAX;

impl State {
    pub(super) const START: Self = Self(0);

    pub(super) fn after(place: usize) -> Self {
        Self(place as u8 + 1)
    }

    /// The place just read.
    pub(super) fn place(self) -> Option<usize> {
        usize::from(self.0).checked_sub(1)
    }
}

impl Automaton {
    fn compile(document: &'static [Particle]) -> Self {
        let mut names = Vec::new();
        let mut models = Vec::new();
        compile_model(document, &mut Vec::new(), &mut names, &mut models);
        names.sort_unstable();
        names.dedup();
        let names = Names::of(names);
        for model in &mut models {
            model.place_of = vec![NOWHERE; names.sorted.len()];
            for (index, place) in model.places.iter().enumerate() {
                if let Some(name) = names.number(place.name) {
                    model.place_of[name] = index as u8;
                }
            }
        }
        Self { names, models }
    }

    /// The model of the document node: it holds the root element.
    pub(super) fn document(&self) -> &Model {
        &self.models[0]
    }

    pub(super) fn model(&self, index: usize) -> &Model {
        &self.models[index]
    }

    /// The number of an element name of the schema.
    pub(super) fn name(&self, name: &str) -> Option<usize> {
        self.names.number(name)
    }
}

impl Model {
    /// The place of the element with this number.
    pub(super) fn place(&self, name: usize) -> Option<usize> {
        let place = self.place_of[name];
        (place != NOWHERE).then_some(usize::from(place))
    }

    pub(super) fn allows(&self, state: State, place: usize) -> bool {
        self.follow[usize::from(state.0)] >> place & 1 == 1
    }

    pub(super) fn may_end(&self, state: State) -> bool {
        match state.place() {
            Some(place) => self.last >> place & 1 == 1,
            None => self.may_be_empty,
        }
    }

    /// Names of the elements that may follow `state`.
    pub(super) fn expected(&self, state: State) -> impl Iterator<Item = &'static str> + '_ {
        members(self.follow[usize::from(state.0)]).map(|place| self.places[place].name)
    }

    /// What lies between `state` and `goal` at the least: for each missing element the names that could fill its place.
    /// `goal` is a place, or the end of the content; `None` if it cannot be reached.
    pub(super) fn missing(
        &self,
        state: State,
        goal: Option<usize>,
    ) -> Option<Vec<Vec<&'static str>>> {
        let reaches_goal = |place: usize| match goal {
            Some(goal) => self.allows(State::after(place), goal),
            None => self.may_end(State::after(place)),
        };
        // Breadth first: the layers of places that can be reached in one step, two steps and so on.
        let mut seen: Places = 0;
        let mut layers: Vec<Places> = Vec::new();
        let mut layer = self.follow[usize::from(state.0)];
        loop {
            layer &= !seen;
            if layer == 0 {
                return None;
            }
            seen |= layer;
            layers.push(layer);
            if members(layer).any(reaches_goal) {
                break;
            }
            layer = members(layer).fold(0, |next, place| next | self.follow[place + 1]);
        }
        // Backwards: only the places that lie on a shortest way.
        let mut on_the_way: Vec<Vec<&'static str>> = Vec::new();
        let mut wanted: Places = 0;
        for (depth, layer) in layers.iter().enumerate().rev() {
            let here = members(*layer).filter(|place| {
                if depth + 1 == layers.len() {
                    reaches_goal(*place)
                } else {
                    self.follow[place + 1] & wanted != 0
                }
            });
            let here: Vec<usize> = here.collect();
            wanted = here.iter().fold(0, |set, place| set | 1 << place);
            on_the_way.push(here.iter().map(|place| self.places[*place].name).collect());
        }
        on_the_way.reverse();
        Some(on_the_way)
    }
}

fn members(places: Places) -> impl Iterator<Item = usize> {
    (0..128).filter(move |place| places >> place & 1 == 1)
}

/// Adds the model of the element at `path` and all below it; answers its index.
fn compile_model(
    particles: &'static [Particle],
    path: &mut Vec<&'static str>,
    names: &mut Vec<&'static str>,
    models: &mut Vec<Model>,
) -> usize {
    let index = models.len();
    models.push(Model {
        places: Vec::new(),
        follow: vec![0],
        last: 0,
        may_be_empty: false,
        place_of: Vec::new(),
    });
    let mut builder = Builder {
        index,
        path,
        names,
        models,
    };
    let ends = builder.all(particles);
    let model = &mut models[index];
    model.follow[0] = ends.first;
    model.last = ends.last;
    model.may_be_empty = ends.empty;
    index
}

/// Where a term can begin and end, and whether it can be nothing (the construction of Glushkov).
#[derive(Clone, Copy)]
struct Ends {
    first: Places,
    last: Places,
    empty: bool,
}

struct Builder<'a> {
    index: usize,
    path: &'a mut Vec<&'static str>,
    names: &'a mut Vec<&'static str>,
    models: &'a mut Vec<Model>,
}

impl Builder<'_> {
    fn term(&mut self, particle: &'static Particle) -> Ends {
        match particle {
            Particle::Element(element) => {
                self.path.push(element.name);
                let fact = Fact::of(self.path);
                let field = Field::of(self.path);
                let body = match element.ty.content {
                    Content::Value(value) => Body::Value(value),
                    Content::Elements(of) => {
                        Body::Children(compile_model(of, self.path, self.names, self.models))
                    }
                };
                self.path.pop();
                self.names.push(element.name);
                let model = &mut self.models[self.index];
                let place = model.places.len();
                model.places.push(Place {
                    name: element.name,
                    max: element.max,
                    body,
                    type_name: element.ty.name,
                    attributes: element.ty.attributes,
                    fact,
                    field,
                });
                model.follow.push(0);
                Ends {
                    first: 1 << place,
                    last: 1 << place,
                    empty: element.optional,
                }
            }
            Particle::All { of, optional } => {
                let ends = self.all(of);
                Ends {
                    empty: ends.empty || *optional,
                    ..ends
                }
            }
            Particle::Either { of, optional } => {
                let nothing = Ends {
                    first: 0,
                    last: 0,
                    empty: *optional,
                };
                of.iter().fold(nothing, |sum, particle| {
                    let ends = self.term(particle);
                    Ends {
                        first: sum.first | ends.first,
                        last: sum.last | ends.last,
                        empty: sum.empty || ends.empty,
                    }
                })
            }
        }
    }

    fn all(&mut self, particles: &'static [Particle]) -> Ends {
        let nothing = Ends {
            first: 0,
            last: 0,
            empty: true,
        };
        particles.iter().fold(nothing, |so_far, particle| {
            let next = self.term(particle);
            for place in members(so_far.last) {
                self.models[self.index].follow[place + 1] |= next.first;
            }
            Ends {
                first: if so_far.empty {
                    so_far.first | next.first
                } else {
                    so_far.first
                },
                last: if next.empty {
                    so_far.last | next.last
                } else {
                    next.last
                },
                empty: so_far.empty && next.empty,
            }
        })
    }
}

/// A hash table from element names to their numbers, filled once. It is asked for every element of a document, so names
/// are hashed and compared by words, not byte by byte.
struct Names {
    sorted: Vec<&'static str>,
    slots: Vec<Slot>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Slot {
    key: Key,
    number: u16,
}

const FREE: Slot = Slot {
    key: Key {
        first: 0,
        last: 0,
        length: 0,
    },
    number: u16::MAX,
};
const SLOTS: usize = 1024;

impl Names {
    fn of(sorted: Vec<&'static str>) -> Self {
        let mut slots = vec![FREE; SLOTS];
        for (number, name) in sorted.iter().enumerate() {
            let key = Key::of(name);
            let mut slot = key.hash();
            while slots[slot] != FREE {
                slot = (slot + 1) % SLOTS;
            }
            slots[slot] = Slot {
                key,
                number: number as u16,
            };
        }
        Self { sorted, slots }
    }

    fn number(&self, name: &str) -> Option<usize> {
        let key = Key::of(name);
        let mut slot = key.hash();
        loop {
            let found = self.slots[slot];
            if found == FREE {
                return None;
            }
            let number = usize::from(found.number);
            if found.key == key && (key.is_whole_name() || is_same(self.sorted[number], name)) {
                return Some(number);
            }
            slot = (slot + 1) % SLOTS;
        }
    }
}

/// The first and the last bytes of a name, and its length.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Key {
    first: u64,
    last: u64,
    length: usize,
}

impl Key {
    fn of(name: &str) -> Self {
        let bytes = name.as_bytes();
        let short = |bytes: &[u8; 4]| u64::from(u32::from_le_bytes(*bytes));
        let (first, last) = match (bytes.first_chunk(), bytes.last_chunk()) {
            (Some(first), Some(last)) => (u64::from_le_bytes(*first), u64::from_le_bytes(*last)),
            _ => match (bytes.first_chunk(), bytes.last_chunk()) {
                (Some(first), Some(last)) => (short(first), short(last)),
                _ => (bytes.iter().fold(0, |sum, b| sum << 8 | u64::from(*b)), 0),
            },
        };
        Self {
            first,
            last,
            length: bytes.len(),
        }
    }

    /// Whether no byte lies between the first and the last ones.
    fn is_whole_name(self) -> bool {
        self.length <= 16
    }

    fn hash(self) -> usize {
        let mixed = (self.first ^ self.last.rotate_left(23)).wrapping_add(self.length as u64);
        (mixed.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (u64::BITS - SLOTS.ilog2())) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn model_of(path: &[&str]) -> &'static Model {
        path.iter().fold(AUTOMATON.document(), |model, name| {
            let place = model.place(AUTOMATON.name(name).unwrap()).unwrap();
            match model.places[place].body {
                Body::Children(index) => AUTOMATON.model(index),
                Body::Value(_) => panic!("{name} holds a value"),
            }
        })
    }

    fn accepts(model: &Model, names: &[&str]) -> bool {
        let mut state = State::START;
        for name in names {
            let Some(place) = AUTOMATON.name(name).and_then(|name| model.place(name)) else {
                return false;
            };
            if !model.allows(state, place) {
                return false;
            }
            state = State::after(place);
        }
        model.may_end(state)
    }

    #[test]
    fn no_name_stands_twice_in_a_model_and_every_model_fits_the_set() {
        for model in &AUTOMATON.models {
            let names: HashSet<_> = model.places.iter().map(|place| place.name).collect();
            assert_eq!(names.len(), model.places.len());
            assert!(model.places.len() < 128);
        }
        assert!(AUTOMATON.names.sorted.len() < SLOTS / 2);
    }

    #[test]
    fn names_are_found_and_what_resembles_them_is_not() {
        for (number, name) in AUTOMATON.names.sorted.iter().enumerate() {
            assert_eq!(AUTOMATON.name(name), Some(number));
            for at in 0..name.len() {
                let mut other = String::from(*name);
                other.replace_range(at..=at, "~");
                assert_eq!(AUTOMATON.name(&other), None, "{other}");
            }
            assert_eq!(AUTOMATON.name(&format!("{name}~")), None);
        }
        for other in ["", "\0", "\0\0", "P", "P_", "\0P_1", "P_1\0"] {
            assert_eq!(AUTOMATON.name(other), None, "{other:?}");
        }
    }

    #[test]
    fn choices_and_sequences_are_followed() {
        let buyer = model_of(&["Faktura", "Podmiot2", "DaneIdentyfikacyjne"]);
        for good in [
            &["NIP"][..],
            &["NIP", "Nazwa"],
            &["KodUE", "NrVatUE", "Nazwa"],
            &["NrID"],
            &["KodKraju", "NrID"],
            &["BrakID"],
        ] {
            assert!(accepts(buyer, good), "{good:?}");
        }
        for bad in [
            &[][..],
            &["Nazwa"],
            &["NIP", "BrakID"],
            &["KodUE"],
            &["KodUE", "NrID"],
            &["KodKraju", "Nazwa"],
            &["Nazwa", "NIP"],
        ] {
            assert!(!accepts(buyer, bad), "{bad:?}");
        }
    }

    #[test]
    fn the_missing_elements_are_those_on_the_shortest_way() {
        let buyer = model_of(&["Faktura", "Podmiot2", "DaneIdentyfikacyjne"]);
        assert_eq!(
            buyer.missing(State::START, None),
            Some(vec![vec!["NIP", "NrID", "BrakID"]])
        );
        let body = model_of(&["Faktura", "Fa"]);
        let after = |name| State::after(body.place(AUTOMATON.name(name).unwrap()).unwrap());
        let kind = body.place(AUTOMATON.name("RodzajFaktury").unwrap());
        assert_eq!(
            body.missing(after("P_2"), kind),
            Some(vec![vec!["P_15"], vec!["Adnotacje"]])
        );
        assert_eq!(body.missing(after("P_13_1"), None).unwrap()[0], ["P_14_1"]);
        assert_eq!(body.missing(after("FaWiersz"), kind), None);
    }
}
