//! The one error that crosses languages.

use ksef_offline::core::{Diagnostic, Retry};
use thiserror::Error;

/// Why a call did not do what it was asked to.
///
/// Every error of this library arrives in this one shape. Programs compare the code, which never changes its meaning;
/// people read the text of their language.
//
// No field may be called `message`: every Kotlin exception has a property of that name.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Error))]
pub enum KsefOfflineError {
    /// The call failed as a whole; nothing of it was done.
    #[error("[{code}] {english}")]
    Refused {
        /// The stable kebab-case name, for example `malformed-nip`.
        code: String,
        /// What happened and what to do about it, in Polish.
        polish: String,
        /// The same in English.
        english: String,
        /// Whether the same call can succeed when it is made again.
        retryable: bool,
        /// How many seconds to wait before that; `None` where the library knows none.
        retry_after_seconds: Option<u64>,
    },
}

impl KsefOfflineError {
    /// An argument that is no value of its closed set or has the wrong form.
    pub(crate) fn argument(code: &str, polish: &str, english: &str) -> Self {
        Self::Refused {
            code: code.to_owned(),
            polish: polish.to_owned(),
            english: english.to_owned(),
            retryable: false,
            retry_after_seconds: None,
        }
    }
}

impl<E: Diagnostic> From<E> for KsefOfflineError {
    fn from(error: E) -> Self {
        let message = error.message();
        let (retryable, wait) = match error.retry() {
            Retry::Never => (false, None),
            Retry::Now => (true, None),
            // Rounded up: a wait that is too short is refused again.
            Retry::After(wait) => (
                true,
                Some(wait.as_secs() + u64::from(wait.subsec_nanos() > 0)),
            ),
        };
        Self::Refused {
            code: error.code().to_owned(),
            polish: message.pl.into_owned(),
            english: message.en.into_owned(),
            retryable,
            retry_after_seconds: wait,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use ksef_offline::core::Bilingual;

    use super::*;

    #[derive(Debug, Error)]
    #[error("too many calls")]
    struct TooMany;

    impl Diagnostic for TooMany {
        fn code(&self) -> &'static str {
            "too-many"
        }

        fn message(&self) -> Bilingual {
            Bilingual::new("za dużo wywołań", "too many calls")
        }

        fn retry(&self) -> Retry {
            Retry::After(Duration::from_millis(1200))
        }
    }

    #[test]
    fn an_error_keeps_its_code_both_languages_and_the_advice_to_retry() {
        assert_eq!(
            KsefOfflineError::from(TooMany),
            KsefOfflineError::Refused {
                code: "too-many".into(),
                polish: "za dużo wywołań".into(),
                english: "too many calls".into(),
                retryable: true,
                retry_after_seconds: Some(2),
            }
        );
        assert_eq!(
            KsefOfflineError::from(TooMany).to_string(),
            "[too-many] too many calls"
        );
    }
}
