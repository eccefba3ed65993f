//! Invoices as JSON: from what a script writes to FA(3), and back.

use jiff::Timestamp;
use ksef_offline_core::environment::EnvironmentKind;
use ksef_offline_core::invoice::{Invoice, ReadError, model};
use ksef_offline_core::{Bilingual, Diagnostic};
use thiserror::Error;

use crate::issuing::{IssueFile, judge};
use crate::view::FaultView;

/// Why an invoice was not converted.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ConvertError {
    /// The text is no JSON, or not that of an invoice.
    #[error("the JSON is not that of an invoice: {place}: {reason} (line {line}, column {column})")]
    Json {
        /// Names of the fields that lead there: `body.lines[0].quantity`.
        place: String,
        /// What is wrong. Quotes no value.
        reason: String,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// The XML is no FA(3).
    #[error(transparent)]
    Xml(#[from] ReadError),
    /// The invoice was read, but KSeF would refuse the document made of it.
    #[error("KSeF would refuse the invoice made of this JSON")]
    Illegal(Vec<FaultView>),
}

impl Diagnostic for ConvertError {
    fn code(&self) -> &'static str {
        match self {
            Self::Json { .. } => "json-not-an-invoice",
            Self::Xml(error) => error.code(),
            Self::Illegal(_) => "invoice-illegal",
        }
    }

    fn message(&self) -> Bilingual {
        let pl = match self {
            Self::Json {
                place,
                reason,
                line,
                column,
            } => format!(
                "JSON nie opisuje faktury: {place}: {reason} (wiersz {line}, kolumna {column})"
            ),
            Self::Xml(error) => return error.message(),
            Self::Illegal(_) => "KSeF odrzuciłby fakturę sporządzoną z tego JSON".into(),
        };
        Bilingual::new(pl, self.to_string())
    }
}

/// The FA(3) document of an invoice in JSON; [`invoice_schema`] describes the JSON.
///
/// # Errors
/// [`ConvertError::Json`] with the field at fault, or [`ConvertError::Illegal`] with everything KSeF would refuse on the
/// day of `now`.
pub fn invoice_from_json(
    json: &[u8],
    environment: EnvironmentKind,
    now: Timestamp,
) -> Result<String, ConvertError> {
    let mut reader = serde_json::Deserializer::from_slice(json);
    let invoice: Invoice = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let place = error.path().to_string();
        fault(place, error.inner())
    })?;
    reader.end().map_err(|error| fault(".".into(), &error))?;
    let written = invoice.write();
    let file = IssueFile {
        source: String::new(),
        bytes: Ok(written.clone().into_bytes()),
    };
    let verdict = judge(&file, environment, now);
    if verdict.valid {
        Ok(written)
    } else {
        Err(ConvertError::Illegal(verdict.errors))
    }
}

/// An FA(3) document as JSON, indented.
///
/// # Errors
/// [`ConvertError::Xml`] when the document cannot be read.
pub fn invoice_to_json(document: &[u8]) -> Result<String, ConvertError> {
    let invoice = Invoice::read(document)?;
    // The model has string keys only and writes into memory: this cannot fail.
    Ok(serde_json::to_string_pretty(&invoice).unwrap_or_default())
}

/// The JSON Schema (draft 2020-12) of an invoice in JSON.
pub fn invoice_schema() -> serde_json::Value {
    model::json_schema().to_value()
}

/// What the parser says, without the values it quotes.
fn fault(place: String, error: &serde_json::Error) -> ConvertError {
    let said = error.to_string();
    let names_a_field = [
        "missing field",
        "unknown field",
        "duplicate field",
        "unknown variant",
    ];
    let reason = if error.is_data() && names_a_field.iter().any(|start| said.starts_with(start)) {
        let end = said.rfind(" at line ").unwrap_or(said.len());
        said[..end].to_owned()
    } else if error.is_data() {
        let expected = said.split("expected ").nth(1).unwrap_or("another value");
        let end = expected.rfind(" at line ").unwrap_or(expected.len());
        format!("expected {}", &expected[..end])
    } else if error.is_eof() {
        "the text is cut off".into()
    } else {
        "this is no JSON".into()
    };
    ConvertError::Json {
        place,
        reason,
        line: error.line(),
        column: error.column(),
    }
}
