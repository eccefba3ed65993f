//! The content model of FA(3) as one table of constants: which elements follow which, how often, with which attributes
//! and which kind of value.
//!
//! The table reads like the schema it restates (namespace `http://crd.gov.pl/wzor/2025/06/25/13775/`, version 1-0E, and
//! the types it takes from the Ministry's common definitions), in English names; see `docs/adr/0003`. Change it when the
//! schema changes, nowhere else: [`super::automaton`] derives from it everything the walk needs.

mod body;
pub(in crate::invoice) mod codes;
mod enclosures;
mod parties;
mod terms;
mod types;

use self::body::BODY;
use self::enclosures::{ATTACHMENT, FOOTER, HEADER};
use self::parties::{AUTHORISED_PARTY, BUYER, SELLER, THIRD_PARTY};

/// The document: the one global element of the schema.
pub(super) const DOCUMENT: &[Particle] = &[one("Faktura", INVOICE)];

const INVOICE: Type = elements(&[
    one("Naglowek", HEADER),
    one("Podmiot1", SELLER),
    one("Podmiot2", BUYER),
    up_to(100, "Podmiot3", THIRD_PARTY),
    optional("PodmiotUpowazniony", AUTHORISED_PARTY),
    one("Fa", BODY),
    optional("Stopka", FOOTER),
    optional("Zalacznik", ATTACHMENT),
]);

/// One term of a content model.
#[derive(Debug, Clone, Copy)]
pub(super) enum Particle {
    /// An element.
    Element(Element),
    /// All of the terms, in this order.
    All {
        of: &'static [Particle],
        optional: bool,
    },
    /// Exactly one of the terms.
    Either {
        of: &'static [Particle],
        optional: bool,
    },
}

/// An element in its place. No element of FA(3) has to stand more than once.
#[derive(Debug, Clone, Copy)]
pub(super) struct Element {
    pub(super) name: &'static str,
    pub(super) ty: Type,
    pub(super) optional: bool,
    pub(super) max: u32,
}

/// What an element may hold.
#[derive(Debug, Clone, Copy)]
pub(super) struct Type {
    /// Its name in the schema, `xsi:type` may repeat it; empty for types without a name.
    pub(super) name: &'static str,
    pub(super) content: Content,
    /// All of them are required.
    pub(super) attributes: &'static [Attribute],
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Content {
    /// Text.
    Value(Value),
    /// Elements in this order, and nothing but white space between them.
    Elements(&'static [Particle]),
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Attribute {
    pub(super) name: &'static str,
    pub(super) value: AttributeValue,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum AttributeValue {
    Fixed(&'static str),
    OneOf(&'static [&'static str]),
}

/// The kinds of text, by what makes them legal. Lengths count Unicode code points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Value {
    /// White space collapsed, then so many characters.
    Token { min: u32, max: u32 },
    /// White space collapsed, then at most so many characters of this pattern.
    TokenLike { max: u32, pattern: Pattern },
    /// White space collapsed, then one of these.
    TokenOf(&'static [&'static str]),
    /// As it stands, so many characters.
    Verbatim { min: u32, max: u32 },
    /// As it stands, of this pattern.
    VerbatimLike(Pattern),
    /// Line breaks and tabs as spaces, then one of these codes, which are sorted.
    CodeOf(&'static [&'static str]),
    /// This text, which an empty element stands for too.
    Fixed(&'static str),
    /// An integer among these.
    NumberOf(&'static [u8]),
    /// Any integer.
    Integer,
    /// An integer above zero of at most so many digits.
    Positive { digits: u32 },
    /// A decimal without plus sign, leading zeros or a bare point, of at most so many digits before and after the point.
    Decimal { integer: u32, fraction: u32 },
    /// A decimal from 0 to 100 of at most so many digits in all and after the point.
    Percent { digits: u32, fraction: u32 },
    /// `YYYY-MM-DD` between these days, both included.
    Date { from: Day, to: Day },
    /// `YYYY-MM-DDThh:mm:ss` with optional fraction and offset, from the first day's first to the last day's last second
    /// in UTC.
    Instant { from: Day, to: Day },
}

/// Year, month, day.
pub(super) type Day = (u16, u8, u8);

/// The patterns of the schema; [`super::pattern`] matches them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pattern {
    /// `(.)+@(.)+`
    Email,
    /// `[1-9]((\d[1-9])|([1-9]\d))\d{7}`
    Nip,
    /// A NIP, a dash and five digits.
    InternalId,
    /// `(\d|[A-Z]|\+|\*){1,12}`
    EuVatNumber,
    /// Ten digits.
    Krs,
    /// Nine or fourteen digits.
    Regon,
    /// `[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3}){0,1}`
    Swift,
    /// A KSeF number with or without the second dash of its 1.0 form.
    KsefNumber,
    /// An http or https address whose query carries `IPKSeF=` and a payment identifier.
    PaymentLink,
    /// `[0-9]{3}[a-zA-Z0-9]{10}`
    PaymentIdentifier,
}

const fn one(name: &'static str, ty: Type) -> Particle {
    Particle::Element(Element {
        name,
        ty,
        optional: false,
        max: 1,
    })
}

const fn optional(name: &'static str, ty: Type) -> Particle {
    up_to(1, name, ty)
}

const fn up_to(max: u32, name: &'static str, ty: Type) -> Particle {
    Particle::Element(Element {
        name,
        ty,
        optional: true,
        max,
    })
}

const fn one_up_to(max: u32, name: &'static str, ty: Type) -> Particle {
    Particle::Element(Element {
        name,
        ty,
        optional: false,
        max,
    })
}

const fn all(of: &'static [Particle]) -> Particle {
    Particle::All {
        of,
        optional: false,
    }
}

const fn maybe_all(of: &'static [Particle]) -> Particle {
    Particle::All { of, optional: true }
}

const fn either(of: &'static [Particle]) -> Particle {
    Particle::Either {
        of,
        optional: false,
    }
}

const fn maybe_either(of: &'static [Particle]) -> Particle {
    Particle::Either { of, optional: true }
}

const fn elements(of: &'static [Particle]) -> Type {
    Type {
        name: "",
        content: Content::Elements(of),
        attributes: &[],
    }
}

const fn value(value: Value) -> Type {
    Type {
        name: "",
        content: Content::Value(value),
        attributes: &[],
    }
}

const fn named(name: &'static str, ty: Type) -> Type {
    Type { name, ..ty }
}

impl Type {
    const fn with_attributes(self, attributes: &'static [Attribute]) -> Self {
        Self { attributes, ..self }
    }
}
