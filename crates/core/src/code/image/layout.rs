//! Where symbol and caption stand in a picture.

use super::lettering::{ADVANCE, HEIGHT, width};

/// The light margin that ISO/IEC 18004 asks for on every side, in modules.
pub const QUIET_ZONE: u32 = 4;
/// Fractions of a pixel in which the caption is laid out.
pub(super) const SUBPIXELS: u32 = 16;
/// Space between two lines of a caption, in units of the lettering.
const LEADING: u32 = 4;

/// A picture in pixels (or, for vectors, in other small units) of `scale` to a module.
pub(super) struct Layout {
    /// Pixels a module.
    pub(super) scale: u32,
    pub(super) picture_width: u32,
    pub(super) picture_height: u32,
    /// The corner of the symbol, inside its quiet zone.
    pub(super) symbol_left: u32,
    pub(super) symbol_top: u32,
    /// The unit of the lettering, in subpixels.
    pub(super) unit: u32,
    pub(super) lines: Vec<Line>,
}

/// A line of the caption and the corner of its ink, in pixels.
pub(super) struct Line {
    pub(super) text: String,
    pub(super) left: u32,
    pub(super) top: u32,
}

impl Layout {
    /// Lays out a symbol of `modules` a side with `caption` centred beneath it.
    ///
    /// Letters are some three modules high. A caption too long for that is made smaller, down to half, and then the
    /// picture grows wider by up to a half of it, so that a number stays on one line. Where that does not do, at one or two
    /// pixels a module, it is broken at a dash into two lines. Nothing is ever cut off.
    pub(super) fn new(modules: u32, caption: &str, scale: u32) -> Self {
        let symbol_width = (modules + 2 * QUIET_ZONE) * scale;
        // One module stays free on both sides of a caption.
        let room = (symbol_width - 2 * scale) * SUBPIXELS;
        let wanted = ((scale * 7 + 8) / 16).max(1) * SUBPIXELS;
        let one_line = vec![caption];
        let fits = |lines: &[&str]| room / width(longest(lines)).max(1);
        let smallest = (wanted / 2).next_multiple_of(SUBPIXELS);
        let shrunk = whole_pixels(wanted.min(fits(&one_line))).max(smallest);
        let shrunk_width = (width(characters(caption)) * shrunk).div_ceil(SUBPIXELS) + 2 * scale;
        let (lines, unit) = if shrunk_width <= symbol_width + symbol_width / 2 {
            (one_line, shrunk)
        } else {
            let lines = break_at_dash(caption);
            let unit = whole_pixels(wanted.min(fits(&lines)));
            (lines, unit)
        };
        let to_pixels = |units: u32| (units * unit).div_ceil(SUBPIXELS);
        let caption_width = to_pixels(width(longest(&lines)));
        let picture_width = symbol_width.max(caption_width + 2 * scale);
        let symbol_bottom = symbol_width;
        // The quiet zone above the caption is kept; a margin of two modules closes the picture.
        let lines: Vec<Line> = (0..)
            .zip(lines)
            .map(|(index, text)| Line {
                left: (picture_width - to_pixels(width(characters(text)))) / 2,
                top: symbol_bottom + to_pixels(index * (HEIGHT + LEADING)),
                text: text.to_owned(),
            })
            .collect();
        let caption_bottom = lines
            .last()
            .map_or(symbol_bottom, |line| line.top + to_pixels(HEIGHT));
        Self {
            scale,
            picture_width,
            picture_height: caption_bottom + 2 * scale,
            symbol_left: (picture_width - modules * scale) / 2,
            symbol_top: QUIET_ZONE * scale,
            unit,
            lines,
        }
    }
}

/// Whole pixels keep strokes even; there is at least one.
fn whole_pixels(unit: u32) -> u32 {
    unit.max(SUBPIXELS) / SUBPIXELS * SUBPIXELS
}

fn characters(text: &str) -> u32 {
    u32::try_from(text.chars().count()).unwrap_or(u32::MAX / ADVANCE)
}

fn longest(lines: &[&str]) -> u32 {
    lines.iter().map(|line| characters(line)).max().unwrap_or(0)
}

/// Two lines, the first ending in the dash that makes the longer of them shortest; one line without a dash.
fn break_at_dash(text: &str) -> Vec<&str> {
    text.match_indices('-')
        .map(|(at, _)| vec![&text[..=at], &text[at + 1..]])
        .min_by_key(|lines| longest(lines))
        .unwrap_or_else(|| vec![text])
}

#[cfg(test)]
mod tests {
    use super::*;

    const NUMBER: &str = "5265877635-20250826-0100001AF629-AF";

    #[test]
    fn a_ksef_number_is_broken_after_its_date() {
        assert_eq!(
            break_at_dash(NUMBER),
            ["5265877635-20250826-", "0100001AF629-AF"]
        );
        assert_eq!(break_at_dash("OFFLINE"), ["OFFLINE"]);
    }

    #[test]
    fn a_ksef_number_stays_on_one_line_unless_the_picture_is_tiny() {
        for modules in [41, 45, 49, 53] {
            for scale in 3..=64 {
                let layout = Layout::new(modules, NUMBER, scale);
                assert_eq!(layout.lines.len(), 1, "{modules} {scale}");
                assert!(layout.picture_width <= (modules + 2 * QUIET_ZONE) * scale * 3 / 2);
            }
            assert_eq!(Layout::new(modules, NUMBER, 1).lines.len(), 2);
        }
    }

    #[test]
    fn a_caption_lies_inside_the_picture_and_is_centred_at_every_scale() {
        for modules in [21, 41, 69, 89, 177] {
            for scale in 1..=64 {
                for caption in ["OFFLINE", "CERTYFIKAT", NUMBER] {
                    let layout = Layout::new(modules, caption, scale);
                    assert_eq!(
                        layout
                            .lines
                            .iter()
                            .map(|line| line.text.as_str())
                            .collect::<String>(),
                        caption
                    );
                    for line in &layout.lines {
                        let ink = (width(characters(&line.text)) * layout.unit).div_ceil(SUBPIXELS);
                        let right = layout.picture_width - line.left - ink;
                        assert!(
                            line.left >= scale && right >= scale && line.left.abs_diff(right) <= 1
                        );
                        assert!(line.top >= layout.symbol_top + (modules + QUIET_ZONE) * scale);
                        assert!(
                            line.top + HEIGHT * layout.unit / SUBPIXELS < layout.picture_height
                        );
                    }
                    assert!(layout.symbol_left >= QUIET_ZONE * scale);
                }
            }
        }
    }
}
