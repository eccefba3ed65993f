//! A picture as shapes, written as SVG.

use core::fmt::Write as _;

use super::DOTS_PER_INCH;
use super::layout::{Layout, SUBPIXELS};
use super::lettering::strokes;
use super::symbol::Symbol;
use crate::code::Caption;

/// The grain of the drawing.
pub(super) const UNITS_PER_MODULE: u32 = 16;

/// `layout` is in units of the drawing, `scale` in pixels a module.
pub(super) fn svg(symbol: &Symbol, layout: &Layout, caption: &Caption, scale: u32) -> String {
    let (width, height) = (layout.picture_width, layout.picture_height);
    let stroke = thousandths(layout.unit * 1000 / SUBPIXELS);
    format!(
        concat!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" width="{}" height="{}" style="width:{}mm;height:{}mm" viewBox="0 0 {} {}" role="img">"#,
            "<title>{}</title>",
            r##"<path d="M0 0h{}v{}H0z" fill="#fff"/>"##,
            r##"<path d="{}" fill="#000" shape-rendering="crispEdges"/>"##,
            r##"<path d="{}" fill="none" stroke="#000" stroke-width="{}" stroke-linecap="round" stroke-linejoin="round"/>"##,
            "</svg>\n"
        ),
        pixels(width, scale),
        pixels(height, scale),
        millimetres(width, scale),
        millimetres(height, scale),
        width,
        height,
        caption,
        width,
        height,
        modules(symbol, layout),
        lettering(layout),
        stroke,
    )
}

/// The length of `units` of the drawing in pixels of the same picture as PNG.
fn pixels(units: u32, scale: u32) -> String {
    thousandths(units * scale * 1000 / UNITS_PER_MODULE)
}

/// The length of `units` of the drawing on paper, where a pixel is a dot of the printer.
fn millimetres(units: u32, scale: u32) -> String {
    let micrometres =
        u64::from(units * scale) * 25_400 / u64::from(UNITS_PER_MODULE * DOTS_PER_INCH);
    thousandths(u32::try_from(micrometres).unwrap_or(u32::MAX))
}

/// `1500` as `1.5`.
fn thousandths(number: u32) -> String {
    let text = format!("{}.{:03}", number / 1000, number % 1000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A rectangle for every run of dark modules in a row.
fn modules(symbol: &Symbol, layout: &Layout) -> String {
    let side = layout.scale;
    let mut path = String::new();
    for (row, modules) in (0..).zip(symbol.rows()) {
        let mut column = 0;
        for run in modules.chunk_by(|a, b| a == b) {
            let length = u32::try_from(run.len()).unwrap_or(0);
            if run.first() == Some(&true) {
                let (x, y, width) = (
                    layout.symbol_left + column * side,
                    layout.symbol_top + row * side,
                    length * side,
                );
                // Writing to a String does not fail.
                let _ = write!(path, "M{x} {y}h{width}v{side}h-{width}z");
            }
            column += length;
        }
    }
    path
}

fn lettering(layout: &Layout) -> String {
    let mut path = String::new();
    for line in &layout.lines {
        for stroke in strokes(&line.text) {
            for (index, point) in stroke.iter().enumerate() {
                let place = |corner: u32, at: u32| {
                    thousandths(corner * 1000 + (2 * at + 1) * layout.unit * 500 / SUBPIXELS)
                };
                let command = if index == 0 { 'M' } else { 'L' };
                let (x, y) = (place(line.left, point.x), place(line.top, point.y));
                let _ = write!(path, "{command}{x} {y}");
            }
        }
    }
    path
}
