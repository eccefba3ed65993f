//! Randomness as an argument, so that nothing in core reaches for a global source.

use rand::SeedableRng as _;
use rand::rngs::StdRng;
use thiserror::Error;
use zeroize::Zeroizing;

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

/// A generator for the RustCrypto crates, seeded with 256 bits of `source`: they ask for one that cannot fail.
pub(crate) fn seeded(source: &dyn RandomSource) -> Result<StdRng, RandomError> {
    let mut seed = Zeroizing::new([0; 32]);
    source.fill(seed.as_mut())?;
    Ok(StdRng::from_seed(*seed))
}
