//! How every error of this library explains itself: a stable code, a message in Polish and English, and whether
//! trying again can help.

use core::fmt;
use std::borrow::Cow;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A language that messages for people exist in. Closed: the law and the users of KSeF are Polish, integrators read English.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Language {
    /// Polish.
    Pl,
    /// English.
    En,
}

/// One message in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Bilingual {
    /// The Polish text.
    pub pl: Cow<'static, str>,
    /// The English text.
    pub en: Cow<'static, str>,
}

impl Bilingual {
    /// Joins the two texts.
    pub fn new(pl: impl Into<Cow<'static, str>>, en: impl Into<Cow<'static, str>>) -> Self {
        Self {
            pl: pl.into(),
            en: en.into(),
        }
    }

    /// The text in `language`.
    pub fn text(&self, language: Language) -> &str {
        match language {
            Language::Pl => &self.pl,
            Language::En => &self.en,
        }
    }
}

/// Shows the English text.
impl fmt::Display for Bilingual {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.en)
    }
}

/// Whether the same call can succeed when it is made again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// Something has to change first: the input, a key, a permission.
    Never,
    /// Not before this time has passed.
    After(Duration),
    /// At once, or with the caller's own backoff.
    Now,
}

/// What every error of this workspace answers.
///
/// `Display` is the English message; nothing in it, in `Debug` or in the Polish text quotes an invoice, a personal
/// number, a token or a key.
pub trait Diagnostic: std::error::Error {
    /// The stable kebab-case name of this failure: it never changes its meaning, so scripts may compare it.
    fn code(&self) -> &'static str;

    /// What happened and what to do about it, in both languages.
    fn message(&self) -> Bilingual;

    /// Whether trying again can help. [`Retry::Never`] unless an error says otherwise.
    fn retry(&self) -> Retry {
        Retry::Never
    }
}
