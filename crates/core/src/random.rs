//! Randomness as an argument, so that nothing in core reaches for a global source.

use thiserror::Error;

use crate::diagnostic::{Bilingual, Diagnostic, Retry};

/// The source gave no random bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the random source of the system does not answer")]
pub struct RandomError;

impl Diagnostic for RandomError {
    fn code(&self) -> &'static str {
        "random-source-failed"
    }

    fn message(&self) -> Bilingual {
        Bilingual::new(
            "źródło losowości systemu nie odpowiada",
            "the random source of the system does not answer",
        )
    }

    fn retry(&self) -> Retry {
        Retry::Now
    }
}

/// Gives random bytes that an attacker cannot guess.
pub trait RandomSource: Send + Sync {
    /// Fills `buffer` completely.
    ///
    /// # Errors
    /// [`RandomError`] when the source is not available; the content of `buffer` is then not to be used.
    fn fill(&self, buffer: &mut [u8]) -> Result<(), RandomError>;
}

/// The generator of the operating system.
#[cfg(feature = "os-random")]
#[derive(Debug, Clone, Copy, Default)]
pub struct OsRandom;

#[cfg(feature = "os-random")]
impl RandomSource for OsRandom {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), RandomError> {
        getrandom::fill(buffer).map_err(|_| RandomError)
    }
}

/// Lends a [`RandomSource`] to the RustCrypto crates.
pub(crate) struct Rng<'a>(pub(crate) &'a dyn RandomSource);

impl rand_core::TryRng for Rng<'_> {
    type Error = RandomError;

    fn try_next_u32(&mut self) -> Result<u32, RandomError> {
        let mut bytes = [0; 4];
        self.0.fill(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, RandomError> {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, buffer: &mut [u8]) -> Result<(), RandomError> {
        self.0.fill(buffer)
    }
}

impl rand_core::TryCryptoRng for Rng<'_> {}
