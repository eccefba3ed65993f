//! The font: widths and glyphs of characters.

use core::cell::RefCell;
use std::collections::HashMap;

use krilla::Data;
use krilla::text::{Font, GlyphId, KrillaGlyph};
use skrifa::MetadataProvider as _;
use skrifa::instance::{LocationRef, Size};
use skrifa::metrics::GlyphMetrics;

static REGULAR: &[u8] = include_bytes!("../../fonts/DejaVuSansCondensed.ttf");
static BOLD: &[u8] = include_bytes!("../../fonts/DejaVuSansCondensed-Bold.ttf");

/// What stands for a character the font does not have.
const REPLACEMENT: char = '\u{FFFD}';

/// Both weights.
pub(super) struct Fonts {
    pub(super) regular: Face,
    pub(super) bold: Face,
}

impl Fonts {
    pub(super) fn load() -> Option<Self> {
        Some(Self {
            regular: Face::load(REGULAR)?,
            bold: Face::load(BOLD)?,
        })
    }

    pub(super) fn face(&self, bold: bool) -> &Face {
        if bold { &self.bold } else { &self.regular }
    }
}

/// One weight.
pub(super) struct Face {
    pub(super) font: Font,
    source: skrifa::FontRef<'static>,
    known: RefCell<HashMap<char, Glyph>>,
}

/// What a character is drawn as.
#[derive(Clone, Copy)]
enum Glyph {
    /// Glyph and width, of an em of 1.
    Drawn(u32, f32),
    /// Nothing to see; belongs to the character before it.
    Joined,
}

impl Face {
    fn load(bytes: &'static [u8]) -> Option<Self> {
        Some(Self {
            font: Font::new(Data::from(bytes), 0)?,
            source: skrifa::FontRef::new(bytes).ok()?,
            known: RefCell::default(),
        })
    }

    /// How wide `text` is, set in `size`.
    pub(super) fn width(&self, text: &str, size: f32) -> f32 {
        text.chars().map(|c| self.advance(c)).sum::<f32>() * size
    }

    /// How wide a character is, of an em of 1.
    pub(super) fn advance(&self, character: char) -> f32 {
        match self.glyph(character) {
            Glyph::Drawn(_, advance) => advance,
            Glyph::Joined => 0.0,
        }
    }

    /// The glyphs of `text`, each with the characters it stands for.
    pub(super) fn glyphs(&self, text: &str) -> Vec<KrillaGlyph> {
        let mut glyphs: Vec<KrillaGlyph> = Vec::with_capacity(text.len());
        for (start, character) in text.char_indices() {
            let end = start + character.len_utf8();
            match (self.glyph(character), glyphs.last_mut()) {
                (Glyph::Joined, Some(last)) => last.text_range.end = end,
                (Glyph::Joined, None) => {}
                (Glyph::Drawn(id, advance), _) => glyphs.push(KrillaGlyph::new(
                    GlyphId::new(id),
                    advance,
                    0.0,
                    0.0,
                    0.0,
                    start..end,
                    None,
                )),
            }
        }
        glyphs
    }

    fn glyph(&self, character: char) -> Glyph {
        *self
            .known
            .borrow_mut()
            .entry(character)
            .or_insert_with(|| self.look_up(character))
    }

    fn look_up(&self, character: char) -> Glyph {
        let character = match character {
            '\t' | '\n' | '\r' | '\u{2028}' | '\u{2029}' => ' ',
            other => other,
        };
        let map = self.source.charmap();
        let found = map.map(character).filter(|id| id.to_u32() != 0);
        let id = match found {
            Some(id) => id,
            None if is_unseen(character) => return Glyph::Joined,
            None => match map.map(REPLACEMENT) {
                Some(id) => id,
                None => return Glyph::Joined,
            },
        };
        let metrics = GlyphMetrics::new(&self.source, Size::new(1.0), LocationRef::default());
        Glyph::Drawn(id.to_u32(), metrics.advance_width(id).unwrap_or(0.5))
    }
}

/// Characters that are drawn as nothing where the font does not have them.
fn is_unseen(character: char) -> bool {
    matches!(character,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{2060}'..='\u{2065}'
        | '\u{206A}'..='\u{206F}' | '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_of_the_languages_of_the_union_has_a_glyph() {
        let fonts = Fonts::load().unwrap();
        let replaced = |face: &Face, c| match (face.glyph(c), face.glyph(REPLACEMENT)) {
            (Glyph::Drawn(id, _), Glyph::Drawn(replacement, _)) => id == replacement,
            _ => true,
        };
        let letters = "ĄĆĘŁŃÓŚŹŻąćęłńóśźż„”–—…§€¥£№²³½°±×ÄÖÜßéèêëçñåøæőűăîșțčďěňřšťůžāēģīķļņūėįųħġċ\
            ΑΒΓΔΩαβγδωάέήίόύώЙйЩщЪъЫыЭэЮюЯяЄєІіЇїҐґ‑‘’‚«»•\u{A0}\u{202F}−→";
        for letter in letters.chars() {
            for face in [&fonts.regular, &fonts.bold] {
                assert!(!replaced(face, letter), "U+{:04X}", u32::from(letter));
            }
        }
        assert!(replaced(&fonts.regular, '中'));
    }

    #[test]
    fn glyphs_cover_the_whole_text() {
        let fonts = Fonts::load().unwrap();
        for text in ["Łódź 中\u{FE0F}x", "a\u{200D}b", "é"] {
            let glyphs = fonts.regular.glyphs(text);
            let mut place = 0;
            for glyph in &glyphs {
                assert_eq!(glyph.text_range.start, place);
                place = glyph.text_range.end;
            }
            assert_eq!(place, text.len());
        }
    }
}
