//! Breaking text into lines: at spaces, in words that are too long at their punctuation, and where there is none anywhere.

use super::font::Face;

/// The lines of `text`, none wider than `width` but for the spaces at its end and for single characters that are. Together
/// they are the whole text but for its line feeds.
pub(super) fn lines<'t>(text: &'t str, face: &Face, size: f32, width: f32) -> Vec<&'t str> {
    let mut lines = Vec::new();
    for paragraph in text.split('\n') {
        wrap(
            paragraph.trim_end_matches('\r'),
            face,
            size,
            width,
            &mut lines,
        );
    }
    lines
}

/// The widest piece of `text` that is not broken while there is room, set in a size of 1.
pub(super) fn widest_word(text: &str, face: &Face) -> f32 {
    text.split(is_space)
        .map(|word| face.width(word, 1.0))
        .fold(0.0, f32::max)
}

/// How wide `text` is on one line, set in a size of 1; of several lines the widest.
pub(super) fn natural(text: &str, face: &Face) -> f32 {
    text.split('\n')
        .map(|line| face.width(line, 1.0))
        .fold(0.0, f32::max)
}

fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\r')
}

fn wrap<'t>(text: &'t str, face: &Face, size: f32, width: f32, lines: &mut Vec<&'t str>) {
    // Some room for rounding.
    let room = width / size + 0.001;
    let mut start = 0;
    let mut used = 0.0;
    // Where the line may end: after the last space and after the last mark of punctuation.
    let (mut after_space, mut after_mark) = (None, None);
    for (place, character) in text.char_indices() {
        let advance = face.advance(character);
        let end = place + character.len_utf8();
        if is_space(character) {
            used += advance;
            after_space = Some(end);
            continue;
        }
        if used + advance > room && place > start {
            let cut = after_space.or(after_mark).unwrap_or(place);
            lines.push(&text[start..cut]);
            start = cut;
            used = face.width(&text[start..place], 1.0);
            (after_space, after_mark) = (None, None);
            if used + advance > room && place > start {
                // What was carried over is too long by itself.
                lines.push(&text[start..place]);
                start = place;
                used = 0.0;
            }
        }
        used += advance;
        if matches!(
            character,
            '-' | '/' | '.' | ',' | ';' | ':' | '_' | '@' | '?' | '&' | '='
        ) {
            after_mark = Some(end);
        }
    }
    lines.push(&text[start..]);
}

#[cfg(test)]
mod tests {
    use super::super::font::Fonts;
    use super::*;

    #[test]
    fn lines_are_no_wider_than_they_may_be_and_lose_nothing() {
        let fonts = Fonts::load().unwrap();
        let face = &fonts.regular;
        let long = "x".repeat(300);
        for text in [
            "",
            "Zażółć gęślą jaźń, a potem jeszcze raz",
            "FV/2026/10/001/bardzo-długi-numer-faktury@przyklad.example",
            "  dwa  odstępy   na początku ",
            long.as_str(),
            "WWWWWWWWWWWWWWWW iiiiiiiiiiiiiiiiiiii",
        ] {
            for width in [3.0_f32, 20.0, 60.0, 400.0] {
                let lines = lines(text, face, 8.0, width);
                assert_eq!(lines.concat(), text);
                for line in lines {
                    let seen = line.trim_end_matches(' ');
                    assert!(
                        face.width(seen, 8.0) <= width + 0.1 || seen.chars().count() <= 1,
                        "{seen:?} in {width}"
                    );
                }
            }
        }
    }

    #[test]
    fn words_stay_whole_where_there_is_room() {
        let fonts = Fonts::load().unwrap();
        let face = &fonts.regular;
        let width = face.width("jeden dwa", 8.0);
        assert_eq!(
            lines("jeden dwa trzy\ncztery", face, 8.0, width),
            ["jeden dwa ", "trzy", "cztery"]
        );
    }
}
