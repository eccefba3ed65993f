//! Strips: bands of a page that are never broken, and what is drawn on them.

use std::borrow::Cow;
use std::rc::Rc;

use ksef_offline_core::code::image::Symbol;

use super::font::Fonts;
use super::structure::Element;
use super::wrap;

/// A4.
pub(super) const PAPER: (f32, f32) = (595.28, 841.89);
pub(super) const LEFT: f32 = 45.0;
pub(super) const TOP: f32 = 44.0;
pub(super) const BOTTOM: f32 = 56.0;
/// The width of the text.
pub(super) const WIDTH: f32 = PAPER.0 - 2.0 * LEFT;
/// The height of the text.
pub(super) const HEIGHT: f32 = PAPER.1 - TOP - BOTTOM;

/// A band of the page.
pub(super) struct Strip<'a> {
    pub(super) height: f32,
    pub(super) ops: Vec<Op<'a>>,
    /// Stands on the same sheet as the next.
    pub(super) keeps: bool,
    /// Is left out at the top of a sheet.
    pub(super) is_space: bool,
    /// What is repeated above it where a sheet begins with it.
    pub(super) head: Option<Rc<Repeated>>,
}

/// The head of a table, which every sheet with lines of it begins with.
pub(super) struct Repeated {
    pub(super) height: f32,
    pub(super) texts: Vec<(f32, f32, String, Style)>,
    pub(super) rules: Vec<(f32, f32, f32)>,
}

/// Something drawn; places are from the left of the text and the top of the strip.
pub(super) enum Op<'a> {
    /// `y` is that of the baseline.
    Text {
        x: f32,
        y: f32,
        text: Cow<'a, str>,
        style: Style,
        element: Element,
    },
    Rule {
        x: f32,
        y: f32,
        width: f32,
        weight: Weight,
    },
    /// The ground of the whole strip.
    Ground { x: f32, width: f32 },
    Symbol {
        x: f32,
        y: f32,
        module: f32,
        symbol: &'a Symbol,
        element: Element,
    },
    /// Lines of text that lead to a page of the web: left, top, width, height.
    Link {
        areas: Vec<(f32, f32, f32, f32)>,
        url: &'a str,
        element: Element,
    },
    /// A place the table of contents leads to.
    Place { title: String },
}

/// How text is set.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Style {
    pub(super) bold: bool,
    pub(super) size: f32,
    pub(super) ink: Ink,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Ink {
    Dark,
    Muted,
    Accent,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    Heavy,
    Middle,
    Hair,
}

impl Style {
    pub(super) const fn new(size: f32, ink: Ink) -> Self {
        Self {
            bold: false,
            size,
            ink,
        }
    }

    pub(super) const fn bold(self) -> Self {
        Self { bold: true, ..self }
    }

    /// From one line to the next.
    pub(super) fn leading(self) -> f32 {
        self.size * 1.34
    }

    /// From the top of a line to its baseline.
    pub(super) fn baseline(self) -> f32 {
        self.size * 1.04
    }
}

impl<'a> Strip<'a> {
    pub(super) fn new(height: f32, ops: Vec<Op<'a>>) -> Self {
        Self {
            height,
            ops,
            keeps: false,
            is_space: false,
            head: None,
        }
    }

    /// Nothing, so high.
    pub(super) fn space(height: f32) -> Self {
        Self {
            is_space: true,
            ..Self::new(height, Vec::new())
        }
    }

    pub(super) fn keeping(self) -> Self {
        Self {
            keeps: true,
            ..self
        }
    }
}

impl Op<'_> {
    /// Moves what is drawn.
    pub(super) fn shift(&mut self, right: f32, down: f32) {
        match self {
            Self::Text { x, y, .. } | Self::Rule { x, y, .. } | Self::Symbol { x, y, .. } => {
                *x += right;
                *y += down;
            }
            Self::Ground { x, .. } => *x += right,
            Self::Link { areas, .. } => {
                for (x, y, ..) in areas {
                    *x += right;
                    *y += down;
                }
            }
            Self::Place { .. } => {}
        }
    }
}

/// One line of text, not placed yet.
pub(super) struct Line<'a> {
    pub(super) text: Cow<'a, str>,
    pub(super) style: Style,
    pub(super) element: Element,
}

/// `text` in lines of at most `width`.
pub(super) fn set<'a>(
    text: impl Into<Cow<'a, str>>,
    style: Style,
    width: f32,
    element: Element,
    fonts: &Fonts,
) -> Vec<Line<'a>> {
    let face = fonts.face(style.bold);
    let line = |text| Line {
        text,
        style,
        element,
    };
    match text.into() {
        Cow::Borrowed(text) => wrap::lines(text, face, style.size, width)
            .into_iter()
            .map(|text| line(Cow::Borrowed(text)))
            .collect(),
        Cow::Owned(text) => wrap::lines(&text, face, style.size, width)
            .into_iter()
            .map(|text| line(Cow::Owned(text.to_owned())))
            .collect(),
    }
}

/// Places lines one beneath the other from `top`; gives the height they take.
pub(super) fn place<'a>(
    lines: impl IntoIterator<Item = Line<'a>>,
    x: f32,
    top: f32,
    ops: &mut Vec<Op<'a>>,
) -> f32 {
    let mut y = 0.0;
    for line in lines {
        ops.push(Op::Text {
            x,
            y: top + y + line.style.baseline(),
            text: line.text,
            style: line.style,
            element: line.element,
        });
        y += line.style.leading();
    }
    y
}

pub(super) fn height<'a, 'b: 'a>(lines: impl IntoIterator<Item = &'a Line<'b>>) -> f32 {
    lines.into_iter().map(|line| line.style.leading()).sum()
}
