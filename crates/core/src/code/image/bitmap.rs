//! A picture as pixels, written as PNG.

use png::{BitDepth, ColorType, Compression, Encoder, Filter, PixelDimensions, Unit};

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

/// A row of modules is drawn once and then copied: nearly all of a picture is repetition.
fn draw_symbol(symbol: &Symbol, layout: &Layout, bitmap: &mut Bitmap) {
    let (scale, left) = (layout.scale, layout.symbol_left);
    for (row, modules) in (0..).zip(symbol.rows()) {
        let top = layout.symbol_top + row * scale;
        let mut column = 0;
        for run in modules.chunk_by(|a, b| a == b) {
            let length = u32::try_from(run.len()).unwrap_or(0);
            if run.first() == Some(&true) {
                bitmap.darken_run(top, left + column * scale, left + (column + length) * scale);
            }
            column += length;
        }
        bitmap.repeat(top, scale);
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

    /// Darkens the pixels of row `y` from `from` up to and without `to`.
    fn darken_run(&mut self, y: u32, from: u32, to: u32) {
        let row = &mut self.bits[y as usize * self.stride..][..self.stride];
        let (first, last) = ((from / 8) as usize, (to / 8) as usize);
        let (head, tail) = (!(0xFF_u8 >> (from % 8)), 0xFF_u8 >> (to % 8));
        if first == last {
            row[first] &= head | tail;
            return;
        }
        row[first] &= head;
        row[first + 1..last].fill(0);
        // Beyond the last byte there is nothing to keep.
        if let Some(byte) = row.get_mut(last) {
            *byte &= tail;
        }
    }

    /// Copies row `y` into the rows that follow, so that there are `times` of it.
    fn repeat(&mut self, y: u32, times: u32) {
        let start = y as usize * self.stride;
        for copy in 1..times as usize {
            self.bits
                .copy_within(start..start + self.stride, start + copy * self.stride);
        }
    }

    fn encode(&self) -> Result<Vec<u8>, png::EncodingError> {
        let mut file = Vec::with_capacity(8 * 1024);
        let mut encoder = Encoder::new(&mut file, self.width, self.height);
        encoder.set_color(ColorType::Grayscale);
        encoder.set_depth(BitDepth::One);
        encoder.set_pixel_dims(Some(PixelDimensions {
            xppu: PIXELS_PER_METRE,
            yppu: PIXELS_PER_METRE,
            unit: Unit::Meter,
        }));
        // Rows repeat: the difference to the row above is mostly nothing, which the fastest compression takes best.
        encoder.set_filter(Filter::Up);
        encoder.set_compression(Compression::Fast);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&self.bits)?;
        writer.finish()?;
        Ok(file)
    }
}
