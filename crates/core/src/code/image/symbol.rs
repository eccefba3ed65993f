//! The modules of a QR symbol.

use fast_qr::{ECL, Mode, QRBuilder};

use super::ErrorCorrection;
use crate::code::CodeError;

/// A QR symbol without its quiet zone, for those who draw it themselves: around it [`QUIET_ZONE`](super::QUIET_ZONE) modules
/// stay white.
pub struct Symbol {
    width: u32,
    dark: Vec<bool>,
}

impl Symbol {
    /// The smallest symbol that holds `text` in byte mode, the only mode whose alphabet covers links.
    ///
    /// # Errors
    /// [`CodeError::TooLongForSymbol`] where no symbol holds the text.
    pub fn encode(text: &str, correction: ErrorCorrection) -> Result<Self, CodeError> {
        let level = match correction {
            ErrorCorrection::L => ECL::L,
            ErrorCorrection::M => ECL::M,
            ErrorCorrection::Q => ECL::Q,
            ErrorCorrection::H => ECL::H,
        };
        let code = QRBuilder::new(text)
            .mode(Mode::Byte)
            .ecl(level)
            .build()
            .map_err(|_| CodeError::TooLongForSymbol)?;
        let width = u32::try_from(code.size).map_err(|_| CodeError::TooLongForSymbol)?;
        let dark = (0..code.size)
            .flat_map(|row| code[row].iter().map(|module| module.value()))
            .collect();
        Ok(Self { width, dark })
    }

    /// Modules a side.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// The rows from top to bottom; `true` is dark.
    pub fn rows(&self) -> impl Iterator<Item = &[bool]> {
        self.dark.chunks_exact(self.width as usize)
    }
}
