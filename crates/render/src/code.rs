//! A code to be shown.

use ksef_offline_core::code::Caption;

/// One code to be shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Code {
    /// Its link.
    pub link: String,
    /// What stands beneath it, which also tells CODE I from CODE II.
    pub caption: Caption,
}

/// Links lead to invoices: they are not shown.
impl core::fmt::Debug for Code {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Code")
            .field("caption", &self.caption)
            .finish_non_exhaustive()
    }
}
