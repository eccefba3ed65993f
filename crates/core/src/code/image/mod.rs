//! Pictures of codes for print: a QR symbol (ISO/IEC 18004) with its quiet zone and its caption beneath, as PNG or SVG.
//!
//! At 300 dpi a scanner wants modules of at least [`Options::MIN_PRINT_SCALE`] pixels (0.34 mm). The symbol then takes
//! some 17 mm for CODE I, 26 mm for a CODE II signed with P-256 and 32 mm for one signed with RSA-2048, its quiet zone
//! included; the default scale of 6 pixels (0.51 mm) makes that 25, 38 and 47 mm. The tests print both scales, blur,
//! tilt, light and compress them, and read them with two decoders.

mod bitmap;
mod layout;
mod lettering;
mod symbol;
mod vector;

use super::{Caption, CodeError};
use layout::Layout;
pub use layout::QUIET_ZONE;
pub use symbol::Symbol;

/// The resolution for which pictures are made, in dots an inch.
pub const DOTS_PER_INCH: u32 = 300;

/// How much of a symbol may be lost and still be read; closed by ISO/IEC 18004.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum ErrorCorrection {
    /// About 7 %.
    L,
    /// About 15 %.
    #[default]
    M,
    /// About 25 %.
    Q,
    /// About 30 %.
    H,
}

/// How a picture is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Options {
    /// Pixels a module, 1 to [`Options::MAX_SCALE`], in both formats.
    pub scale: u32,
    /// The error correction level.
    pub correction: ErrorCorrection,
}

impl Options {
    /// The smallest scale that scans from paper printed at 300 dpi. Smaller ones serve screens.
    pub const MIN_PRINT_SCALE: u32 = 4;
    /// The largest scale.
    pub const MAX_SCALE: u32 = 64;
}

/// Six pixels (0.51 mm) a module, level M.
impl Default for Options {
    fn default() -> Self {
        Self {
            scale: 6,
            correction: ErrorCorrection::M,
        }
    }
}

/// The link `url` as a black-and-white PNG of one bit a pixel that names its resolution of 300 dpi.
///
/// # Errors
/// [`CodeError::TooLongForSymbol`] where no symbol holds the text, [`CodeError::Scale`] for a scale out of range.
pub fn render_png(url: &str, caption: &Caption, options: &Options) -> Result<Vec<u8>, CodeError> {
    check_scale(options.scale)?;
    let symbol = Symbol::encode(url, options.correction)?;
    let layout = Layout::new(symbol.width(), caption.text(), options.scale);
    bitmap::png(&symbol, &layout)
}

/// The link `url` as an SVG. `width` and `height` are the pixels of the same picture as PNG, so that a rasteriser gives
/// whole pixels a module; its style gives browsers the size in millimetres that the PNG has at 300 dpi, so that a page
/// prints it in that size. Another program may take any size of at least a third of a millimetre a module. The caption
/// is drawn, not set, and needs no font.
///
/// # Errors
/// [`CodeError::TooLongForSymbol`] where no symbol holds the text, [`CodeError::Scale`] for a scale out of range.
pub fn render_svg(url: &str, caption: &Caption, options: &Options) -> Result<String, CodeError> {
    check_scale(options.scale)?;
    let symbol = Symbol::encode(url, options.correction)?;
    let layout = Layout::new(symbol.width(), caption.text(), vector::UNITS_PER_MODULE);
    Ok(vector::svg(&symbol, &layout, caption, options.scale))
}

fn check_scale(scale: u32) -> Result<(), CodeError> {
    if (1..=Options::MAX_SCALE).contains(&scale) {
        Ok(())
    } else {
        Err(CodeError::Scale)
    }
}

#[cfg(test)]
mod tests;
