//! The lettering of captions: capital letters, digits and the dash, drawn in single strokes as on technical drawings.
//!
//! Own work, made for this library. A glyph is a set of polylines on a grid four units wide and six high; strokes are
//! one unit thick with round ends, so that ink covers five by seven units. Glyphs follow each other every six units.

/// From one glyph to the next.
pub(super) const ADVANCE: u32 = 6;
/// The height of a line of ink.
pub(super) const HEIGHT: u32 = 7;

/// A point on the grid, from the top left.
#[derive(Clone, Copy)]
pub(super) struct Point {
    pub(super) x: u32,
    pub(super) y: u32,
}

/// The width of `glyphs` glyphs of ink.
pub(super) fn width(glyphs: u32) -> u32 {
    (glyphs * ADVANCE).saturating_sub(1)
}

/// The polylines of all glyphs of `line`, moved to their places. Characters that have no glyph leave a gap.
pub(super) fn strokes(line: &str) -> impl Iterator<Item = Vec<Point>> {
    (0..).zip(line.chars()).flat_map(|(index, character)| {
        glyph(character)
            .split_ascii_whitespace()
            .map(move |stroke| {
                stroke
                    .as_bytes()
                    .chunks_exact(2)
                    .map(|point| Point {
                        x: index * ADVANCE + u32::from(point[0] - b'0'),
                        y: u32::from(point[1] - b'0'),
                    })
                    .collect()
            })
    })
}

/// Polylines, each a sequence of points of two digits: column 0 to 4 and row 0 to 6.
fn glyph(character: char) -> &'static str {
    match character {
        'A' => "0602204246 0444",
        'B' => "0006 003041423303 3344453606",
        'C' => "4130100105163645",
        'D' => "00304145360600",
        'E' => "40000646 0333",
        'F' => "400006 0333",
        'G' => "41301001051636454323",
        'H' => "0006 4046 0343",
        'I' => "1030 2026 1636",
        'J' => "4045361605",
        'K' => "0006 4004 1346",
        'L' => "000646",
        'M' => "0600224046",
        'N' => "06004640",
        'O' | '0' => "103041453616050110",
        'P' => "06003041423303",
        'Q' => "103041453616050110 2446",
        'R' => "06003041423303 1346",
        'S' => "413010010213334445361605",
        'T' => "0040 2026",
        'U' => "000516364540",
        'V' => "002640",
        'W' => "0006244640",
        'X' => "0046 4006",
        'Y' => "002340 2326",
        'Z' => "00400646",
        '1' => "112026 1636",
        '2' => "01103041420646",
        '3' => "0110304142334445361605 2333",
        '4' => "36300444",
        '5' => "400003334445361605",
        '6' => "4130100105163645443303",
        '7' => "004026",
        '8' => "13020110304142331304051636454433",
        '9' => "0516364541301001021343",
        '-' => "0343",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_character_of_a_caption_has_a_glyph_within_its_grid() {
        for character in ('A'..='Z').chain('0'..='9').chain(['-']) {
            let strokes: Vec<Vec<Point>> = strokes(&character.to_string()).collect();
            assert!(!strokes.is_empty(), "{character}");
            for stroke in strokes {
                assert!(stroke.len() > 1, "{character}");
                assert!(
                    stroke.iter().all(|point| point.x <= 4 && point.y <= 6),
                    "{character}"
                );
            }
        }
        assert_eq!(strokes("ż ").count(), 0);
    }
}
