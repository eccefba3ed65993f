//! A picture as pixels, written as PNG.

use png::{BitDepth, ColorType, Encoder, PixelDimensions, Unit};

use super::DOTS_PER_INCH;
use super::layout::{Layout, Line, SUBPIXELS};
use super::lettering::{HEIGHT, Point, strokes};
use super::symbol::Symbol;
use crate::code::CodeError;

/// 300 dpi, rounded as other programs do.
const PIXELS_PER_METRE: u32 = (DOTS_PER_INCH * 10_000 + 127) / 254;

pub(super) fn png(symbol: &Symbol, layout: &Layout) -> Result<Vec<u8>, CodeError> {
    let mut bitmap = Bitmap::light(layout.picture_width, layout.picture_height);
    draw_symbol(symbol, layout, &mut bitmap);
    for line in &layout.lines {
        draw_line(line, layout.unit, &mut bitmap);
    }
    bitmap.encode().map_err(|_| CodeError::Picture)
}

fn draw_symbol(symbol: &Symbol, layout: &Layout, bitmap: &mut Bitmap) {
    let scale = layout.scale;
    for (row, modules) in (0..).zip(symbol.rows()) {
        for (column, _) in (0..).zip(modules).filter(|(_, dark)| **dark) {
            let (left, top) = (
                layout.symbol_left + column * scale,
                layout.symbol_top + row * scale,
            );
            for y in top..top + scale {
                for x in left..left + scale {
                    bitmap.darken(x, y);
                }
            }
        }
    }
}

/// Darkens every pixel whose centre lies within half a unit of a stroke.
fn draw_line(line: &Line, unit: u32, bitmap: &mut Bitmap) {
    let half = i64::from(unit) / 2;
    let subpixels = i64::from(SUBPIXELS);
    let place = |point: Point| Place {
        x: i64::from(line.left) * subpixels + i64::from(point.x * unit) + half,
        y: i64::from(line.top) * subpixels + i64::from(point.y * unit) + half,
    };
    let pixels = |from: i64, to: i64| {
        let first = (from.min(to) - half).div_euclid(subpixels).max(0);
        let last = (from.max(to) + half).div_euclid(subpixels);
        (first..=last).filter_map(|pixel| u32::try_from(pixel).ok())
    };
    for stroke in strokes(&line.text) {
        for ends in stroke.windows(2) {
            let (from, to) = (place(ends[0]), place(ends[1]));
            for y in pixels(from.y, to.y) {
                for x in pixels(from.x, to.x) {
                    let centre = Place {
                        x: i64::from(x) * subpixels + subpixels / 2,
                        y: i64::from(y) * subpixels + subpixels / 2,
                    };
                    if centre.is_within(half, from, to) {
                        bitmap.darken(x, y);
                    }
                }
            }
        }
    }
    debug_assert!(line.top * SUBPIXELS + HEIGHT * unit <= bitmap.height * SUBPIXELS);
}

/// A place in the picture, in subpixels.
#[derive(Clone, Copy)]
struct Place {
    x: i64,
    y: i64,
}

impl Place {
    /// Whether it lies at most `distance` from the segment between two others; in whole numbers, so that every machine
    /// draws the same.
    fn is_within(self, distance: i64, from: Self, to: Self) -> bool {
        let (along_x, along_y) = (to.x - from.x, to.y - from.y);
        let (x, y) = (self.x - from.x, self.y - from.y);
        let length = along_x * along_x + along_y * along_y;
        let projected = x * along_x + y * along_y;
        if projected <= 0 {
            return x * x + y * y <= distance * distance;
        }
        if projected >= length {
            let (x, y) = (self.x - to.x, self.y - to.y);
            return x * x + y * y <= distance * distance;
        }
        let across = x * along_y - y * along_x;
        across * across <= distance * distance * length
    }
}

/// One bit a pixel, 1 is light; rows begin at a byte.
struct Bitmap {
    width: u32,
    height: u32,
    stride: usize,
    bits: Vec<u8>,
}

impl Bitmap {
    fn light(width: u32, height: u32) -> Self {
        let stride = width.div_ceil(8) as usize;
        Self {
            width,
            height,
            stride,
            bits: vec![0xFF; stride * height as usize],
        }
    }

    /// Outside the picture nothing happens.
    fn darken(&mut self, x: u32, y: u32) {
        if x < self.width && y < self.height {
            self.bits[y as usize * self.stride + (x / 8) as usize] &= !(0x80 >> (x % 8));
        }
    }

    fn encode(&self) -> Result<Vec<u8>, png::EncodingError> {
        let mut file = Vec::new();
        let mut encoder = Encoder::new(&mut file, self.width, self.height);
        encoder.set_color(ColorType::Grayscale);
        encoder.set_depth(BitDepth::One);
        encoder.set_pixel_dims(Some(PixelDimensions {
            xppu: PIXELS_PER_METRE,
            yppu: PIXELS_PER_METRE,
            unit: Unit::Meter,
        }));
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&self.bits)?;
        writer.finish()?;
        Ok(file)
    }
}
