//! The one error that crosses languages, and what it points at.

use ksef_offline::core::code::CodeError;
use ksef_offline::core::environment::EnvironmentError;
use ksef_offline::core::identifier::IdentifierError;
use ksef_offline::core::invoice::InvoiceError;
use ksef_offline::core::key::{KeyError, SignerError};
use ksef_offline::core::signature::SignatureError;
use ksef_offline::core::{self, Diagnostic, Retry};
use ksef_offline::{ConvertError, DeskError, FaultView, JsonFault};
use thiserror::Error;

/// Text for people in both languages of this library.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Bilingual {
    /// In Polish.
    pub polish: String,
    /// In English.
    pub english: String,
}

impl From<core::Bilingual> for Bilingual {
    fn from(text: core::Bilingual) -> Self {
        Self {
            polish: text.pl.into_owned(),
            english: text.en.into_owned(),
        }
    }
}

/// One thing that is wrong, or looks wrong, in a document or about it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Fault {
    /// Where in the document, in schema names: `/Faktura/Fa/P_1`. None where it concerns the document as a whole.
    pub path: Option<String>,
    /// The line, from 1. None where no line can be named.
    pub line: Option<u32>,
    /// The stable kebab-case name, for example `nip-checksum`.
    pub code: String,
    /// What is wrong and what to do about it.
    pub text: Bilingual,
}

impl From<FaultView> for Fault {
    fn from(fault: FaultView) -> Self {
        Self {
            path: fault.path,
            line: fault.line,
            code: fault.code,
            text: fault.message.into(),
        }
    }
}

/// Why a call did not do what it was asked to.
///
/// Every failure of this library arrives in this one shape. Programs compare the code, which never changes its meaning;
/// people read the text of their language.
//
// No field may be called `message`: every Kotlin exception has a property of that name.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Error))]
pub enum KsefOfflineError {
    /// The call failed. What it did until then is recorded, and the same call goes on from there.
    #[error("[{code}] {english}")]
    Refused {
        /// The stable kebab-case name, for example `ksef-unreachable`.
        code: String,
        /// What happened and what to do about it, in Polish.
        polish: String,
        /// The same in English.
        english: String,
        /// Whether the same call can succeed when it is made again.
        retryable: bool,
        /// How many seconds to wait before that; `None` where the library knows none.
        retry_after_seconds: Option<u64>,
        /// Everything that is wrong with a document that was refused; empty for other failures.
        details: Vec<Fault>,
    },
}

impl KsefOfflineError {
    /// The stable kebab-case name.
    pub fn code(&self) -> &str {
        let Self::Refused { code, .. } = self;
        code
    }

    /// An argument that is no value of its closed set or has the wrong form.
    pub fn argument(code: &str, polish: &str, english: &str) -> Self {
        Self::Refused {
            code: code.to_owned(),
            polish: polish.to_owned(),
            english: english.to_owned(),
            retryable: false,
            retry_after_seconds: None,
            details: Vec::new(),
        }
    }

    /// What any error of the library says of itself.
    pub(crate) fn of(error: &dyn Diagnostic) -> Self {
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
            details: Vec::new(),
        }
    }

    fn with(mut self, faults: Vec<FaultView>) -> Self {
        let Self::Refused { details, .. } = &mut self;
        details.extend(faults.into_iter().map(Fault::from));
        self
    }
}

impl From<DeskError> for KsefOfflineError {
    fn from(error: DeskError) -> Self {
        let told = Self::of(&error);
        match error {
            DeskError::Refused(faults) => told.with(faults),
            _ => told,
        }
    }
}

impl From<ConvertError> for KsefOfflineError {
    fn from(error: ConvertError) -> Self {
        let told = Self::of(&error);
        match error {
            ConvertError::Illegal(faults) => {
                told.with(faults.iter().map(JsonFault::with_both_places).collect())
            }
            _ => told,
        }
    }
}

macro_rules! told_by_themselves {
    ($($error:ty),+) => {$(
        impl From<$error> for KsefOfflineError {
            fn from(error: $error) -> Self {
                Self::of(&error)
            }
        }
    )+};
}

told_by_themselves!(
    CodeError,
    EnvironmentError,
    IdentifierError,
    InvoiceError,
    KeyError,
    SignatureError,
    SignerError
);

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[derive(Debug, Error)]
    #[error("too many calls")]
    struct TooMany;

    impl Diagnostic for TooMany {
        fn code(&self) -> &'static str {
            "too-many"
        }

        fn message(&self) -> core::Bilingual {
            core::Bilingual::new("za dużo wywołań", "too many calls")
        }

        fn retry(&self) -> Retry {
            Retry::After(Duration::from_millis(1200))
        }
    }

    #[test]
    fn an_error_keeps_its_code_both_languages_and_the_advice_to_retry() {
        let error = KsefOfflineError::of(&TooMany);
        assert_eq!(
            error,
            KsefOfflineError::Refused {
                code: "too-many".into(),
                polish: "za dużo wywołań".into(),
                english: "too many calls".into(),
                retryable: true,
                retry_after_seconds: Some(2),
                details: Vec::new(),
            }
        );
        assert_eq!(error.to_string(), "[too-many] too many calls");
    }

    #[test]
    fn everything_that_is_wrong_with_a_document_comes_along() {
        let fault = FaultView {
            path: Some("/Faktura/Fa/P_1".into()),
            line: Some(7),
            code: "date".into(),
            message: core::Bilingual::new("źle", "wrong"),
        };
        let KsefOfflineError::Refused { code, details, .. } =
            DeskError::Refused(vec![fault]).into();
        assert_eq!(code, "invoice-refused");
        assert_eq!(details.len(), 1);
        assert_eq!(
            (details[0].line, details[0].text.polish.as_str()),
            (Some(7), "źle")
        );
    }
}
