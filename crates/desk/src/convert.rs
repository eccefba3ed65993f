//! Invoices as JSON: from what a script writes to FA(3), and back.

use jiff::Timestamp;
use ksef_offline_core::environment::EnvironmentKind;
use ksef_offline_core::invoice::{Invoice, ReadError};
use ksef_offline_core::{Bilingual, Diagnostic};
use serde_path_to_error::{Path, Segment};
use thiserror::Error;

use crate::issuing::{IssueFile, judge};
use crate::json_form::{invoice_schema, pointer_of, push_key};
use crate::view::FaultView;

/// Why an invoice was not converted.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ConvertError {
    /// The text is no JSON, or not that of an invoice.
    #[error("the JSON is not that of an invoice: {}: {} (line {line}, column {column})", shown(pointer).en, reason.en)]
    Json {
        /// Where: a JSON pointer (RFC 6901) such as `/body/lines/0/quantity`, empty for the whole.
        pointer: String,
        /// What is wrong. Quotes no value.
        reason: Bilingual,
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
    Illegal(Vec<JsonFault>),
}

/// What KSeF would refuse in the document made of a JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonFault {
    /// Where in the JSON: a JSON pointer (RFC 6901); where something is missing, that of what it is missing from.
    pub pointer: String,
    /// What is wrong, by schema names. It has no line: nobody has seen the XML.
    pub fault: FaultView,
}

impl JsonFault {
    /// The fault with both places for its path: `/body/gross (/Faktura/Fa/P_15)`.
    pub fn with_both_places(&self) -> FaultView {
        let xml = self.fault.path.as_deref().map(|path| format!(" ({path})"));
        FaultView {
            path: Some(
                format!("{}{}", self.pointer, xml.unwrap_or_default())
                    .trim_start()
                    .to_owned(),
            ),
            ..self.fault.clone()
        }
    }
}

/// The pointer as a person reads it.
fn shown(pointer: &str) -> Bilingual {
    if pointer.is_empty() {
        Bilingual::new("całość", "the whole")
    } else {
        Bilingual::new(pointer.to_owned(), pointer.to_owned())
    }
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
                pointer,
                reason,
                line,
                column,
            } => format!(
                "JSON nie opisuje faktury: {}: {} (wiersz {line}, kolumna {column})",
                shown(pointer).pl,
                reason.pl
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
/// day of `now`, by the places of the JSON and of the XML.
pub fn invoice_from_json(
    json: &[u8],
    environment: EnvironmentKind,
    now: Timestamp,
) -> Result<String, ConvertError> {
    // Editors on Windows put it there.
    let json = json.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(json);
    let mut reader = serde_json::Deserializer::from_slice(json);
    let invoice: Invoice = serde_path_to_error::deserialize(&mut reader)
        .map_err(|error| fault(pointer_to(error.path()), error.inner()))?;
    reader.end().map_err(|error| fault(String::new(), &error))?;
    let written = invoice.write();
    let file = IssueFile {
        source: String::new(),
        bytes: Ok(written.clone().into_bytes()),
    };
    let verdict = judge(&file, environment, now);
    if verdict.valid {
        Ok(written)
    } else {
        let source = serde_json::from_slice(json).unwrap_or_default();
        let schema = invoice_schema();
        let in_json = |fault: FaultView| JsonFault {
            pointer: pointer_of(fault.path.as_deref().unwrap_or_default(), &source, &schema),
            // Nobody has seen the XML: its lines would be taken for those of the JSON.
            fault: FaultView {
                line: None,
                ..fault
            },
        };
        let errors = verdict.errors.into_iter().map(in_json);
        Err(ConvertError::Illegal(errors.collect()))
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

/// The JSON pointer of a place.
fn pointer_to(path: &Path) -> String {
    let mut pointer = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => push_key(&mut pointer, &index.to_string()),
            Segment::Map { key } => push_key(&mut pointer, key),
            Segment::Enum { variant } => push_key(&mut pointer, variant),
            Segment::Unknown => {}
        }
    }
    pointer
}

/// What the parser says, without the values it quotes.
fn fault(pointer: String, error: &serde_json::Error) -> ConvertError {
    let said = error.to_string();
    let said = &said[..said.rfind(" at line ").unwrap_or(said.len())];
    let reason = if error.is_data() {
        data_fault(said)
    } else if error.is_eof() {
        Bilingual::new("tekst jest ucięty", "the text is cut off")
    } else {
        Bilingual::new("to nie jest JSON", "this is no JSON")
    };
    ConvertError::Json {
        pointer,
        reason,
        line: error.line(),
        column: error.column(),
    }
}

/// What serde says of JSON that has another shape than an invoice.
fn data_fault(said: &str) -> Bilingual {
    let (what, expected) = said.rsplit_once(", expected ").unwrap_or((said, ""));
    let alternatives = expected.strip_prefix("one of ").unwrap_or(expected);
    let field = what.split('`').nth(1).unwrap_or_default();
    if what.starts_with("missing field") {
        Bilingual::new(
            format!("brakuje pola {field}"),
            format!("the field {field} is missing"),
        )
    } else if what.starts_with("duplicate field") {
        Bilingual::new(
            format!("pole {field} stoi dwa razy"),
            format!("the field {field} stands twice"),
        )
    } else if what.starts_with("unknown field") {
        let near = nearest(field, alternatives);
        let (pl, en) = near.map_or_else(Default::default, |near| {
            (
                format!("; czy chodzi o {near}?"),
                format!("; is {near} meant?"),
            )
        });
        Bilingual::new(
            format!("nieznane pole {field}{pl}; znane: {alternatives}"),
            format!("unknown field {field}{en}; known are: {alternatives}"),
        )
    } else if what.starts_with("unknown variant") {
        // The variant is a value of the document and is not quoted.
        Bilingual::new(
            format!("dozwolone: {alternatives}"),
            format!("expected one of: {alternatives}"),
        )
    } else if what.starts_with("invalid") {
        let (pl, en) = expectation(expected);
        Bilingual::new(format!("oczekiwano: {pl}"), format!("expected {en}"))
    } else {
        // Dates alone have words of their own, which quote the value.
        Bilingual::new("oczekiwano: data RRRR-MM-DD", "expected a date YYYY-MM-DD")
    }
}

/// The one of the names in backticks that differs least from the field, if it differs little.
fn nearest<'a>(field: &str, alternatives: &'a str) -> Option<&'a str> {
    const LONGEST: usize = 64;
    if field.len() > LONGEST {
        return None;
    }
    let names = alternatives.split('`').skip(1).step_by(2);
    let (distance, name) = names
        .map(|name| (differences(&field.to_lowercase(), name), name))
        .min_by_key(|(distance, _)| *distance)?;
    (distance <= name.len() / 3).then_some(name)
}

/// How many letters have to be put in, taken out or changed (Levenshtein).
fn differences(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let changed = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

/// What serde and the model say they expect, in both languages.
fn expectation(expected: &str) -> (&str, &str) {
    const KNOWN: &[(&str, &str, &str)] = &[
        ("a NIP", "NIP: dziesięć cyfr", "a NIP of ten digits"),
        (
            "an instant",
            "data i czas RRRR-MM-DDTgg:mm:ssZ",
            "an instant YYYY-MM-DDThh:mm:ssZ",
        ),
        (
            "a whole number in",
            "liczba całkowita zapisana cyframi w tekście",
            "a whole number in digits, as a string",
        ),
        (
            "a country code",
            "kod kraju: dwie wielkie litery",
            "a country code of two capital letters",
        ),
        (
            "an EU VAT prefix",
            "prefiks VAT UE: dwie wielkie litery",
            "an EU VAT prefix of two capital letters",
        ),
        (
            "a currency code",
            "kod waluty: trzy wielkie litery",
            "a currency code of three capital letters",
        ),
        (
            "a decimal number",
            "liczba dziesiętna jako tekst, np. \"12.30\" (liczba JSON traci cyfry)",
            "a decimal number as a string, such as \"12.30\" (a JSON number loses digits)",
        ),
        (
            "one of VAT",
            "jeden z kodów VAT, KOR, ZAL, ROZ, UPR, KOR_ZAL, KOR_ROZ",
            "one of VAT, KOR, ZAL, ROZ, UPR, KOR_ZAL, KOR_ROZ",
        ),
        ("an object", "obiekt", "an object"),
        ("map", "obiekt z jednym polem", "an object with one field"),
        ("a map", "obiekt z jednym polem", "an object with one field"),
        (
            "enum",
            "nazwa wariantu albo obiekt z jednym polem",
            "the name of a variant, or an object with one field",
        ),
        ("variant", "nazwa wariantu", "the name of a variant"),
        (
            "unit variant",
            "nazwa wariantu jako tekst",
            "the name of a variant, as a string",
        ),
        (
            "newtype variant",
            "obiekt z jednym polem",
            "an object with one field",
        ),
        ("a sequence", "lista", "a list"),
        ("a boolean", "true albo false", "true or false"),
        ("a string", "tekst", "a string"),
        ("a borrowed string", "tekst", "a string"),
        ("a formatted date", "data RRRR-MM-DD", "a date YYYY-MM-DD"),
        ("a date string", "data RRRR-MM-DD", "a date YYYY-MM-DD"),
        ("u", "liczba całkowita", "a whole number"),
        ("i", "liczba całkowita", "a whole number"),
    ];
    KNOWN
        .iter()
        .find(|(start, ..)| expected.starts_with(start))
        .map_or(("inna wartość", "another value"), |(_, pl, en)| (pl, en))
}

#[cfg(test)]
mod tests {
    use super::*;

    const JSON: &str = r#"{"header": {"created_at": "2026-11-20T08:00:00Z"},
        "seller": {"identity": {"nip": "5265877635", "name": "A"}, "address": {"country": "PL", "line_1": "B"}},
        "buyer": {"identity": {"identifier": "absent"}},
        "body": {"currency": "PLN", "issue_date": "2026-11-20", "number": "FV/1",
            "totals": {"second_reduced": {"net": "10.00", "vat": "0.50"}}, "gross": "10.50",
            "annotations": {"exemption": "none", "new_vehicles": "none", "margin": "none"}, "kind": "VAT",
            "lines": [{"name": "C", "number": 1, "net": "10.00", "rate": "5"}]}}"#;

    /// What is said of the JSON after one replacement.
    fn said(from: &str, to: &str) -> Bilingual {
        assert!(JSON.contains(from), "{from}");
        let now = Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_hours(24 * 20_800);
        let json = JSON.replacen(from, to, 1);
        let error = invoice_from_json(json.as_bytes(), EnvironmentKind::Test, now).unwrap_err();
        error.message()
    }

    #[test]
    fn a_byte_order_mark_before_the_json_is_passed_over() {
        let now = Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_hours(24 * 20_800);
        let marked = format!("\u{feff}{JSON}");
        let read = |json: &str| invoice_from_json(json.as_bytes(), EnvironmentKind::Test, now);
        assert_eq!(read(&marked).unwrap(), read(JSON).unwrap());
        assert!(read(&format!("\u{feff}{marked}")).is_err());
    }

    #[test]
    fn what_ksef_would_refuse_is_told_without_lines_of_an_xml_nobody_has() {
        let now = Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_hours(24 * 20_800);
        let json = JSON.replace("10.50", "10.505");
        let error = invoice_from_json(json.as_bytes(), EnvironmentKind::Test, now).unwrap_err();
        let ConvertError::Illegal(faults) = error else {
            panic!("{error}");
        };
        assert_eq!(faults[0].pointer, "/body/gross");
        assert_eq!(faults[0].fault.path.as_deref(), Some("/Faktura/Fa/P_15"));
        let told = faults[0].with_both_places();
        assert_eq!(told.path.as_deref(), Some("/body/gross (/Faktura/Fa/P_15)"));
        assert!(faults.iter().all(|fault| fault.fault.line.is_none()));
    }

    #[test]
    fn faults_are_told_in_both_languages_and_quote_no_value() {
        for (from, to, pl, en) in [
            (
                "\"gross\"",
                "\"gros\"",
                "/body/gros: nieznane pole gros; czy chodzi o gross?",
                "/body/gros: unknown field gros; is gross meant?",
            ),
            (
                "\"number\": \"FV/1\",",
                "",
                "/body: brakuje pola number",
                "/body: the field number is missing",
            ),
            (
                "\"kind\"",
                "\"gross\": 1, \"kind\"",
                "pole gross stoi dwa razy",
                "the field gross stands twice",
            ),
            (
                "2026-11-20\"",
                "secret\"",
                "issue_date: oczekiwano: data RRRR-MM-DD",
                "expected a date YYYY-MM-DD",
            ),
            (
                "\"2026-11-20\"",
                "7",
                "issue_date: oczekiwano: data RRRR-MM-DD",
                "expected a date YYYY-MM-DD",
            ),
            (
                "\"10.50\"",
                "\"secret\"",
                "gross: oczekiwano: liczba dziesiętna",
                "expected a decimal number",
            ),
            (
                "\"10.50\",",
                "10.50,",
                "/body/gross: oczekiwano: liczba dziesiętna jako tekst",
                "/body/gross: expected a decimal number as a string",
            ),
            (
                "{\"created_at\": \"2026-11-20T08:00:00Z\"}",
                "[\"2026-11-20T08:00:00Z\"]",
                "header: oczekiwano: obiekt",
                "header: expected an object",
            ),
            (
                "\"PLN\"",
                "\"secret\"",
                "currency: oczekiwano: kod waluty",
                "expected a currency code",
            ),
            (
                "\"5265877635\"",
                "\"secret\"",
                "nip: oczekiwano: NIP",
                "expected a NIP",
            ),
            (
                "\"5\"",
                "\"secret\"",
                "rate: dozwolone: `23`",
                "rate: expected one of: `23`",
            ),
            (
                "\"VAT\"",
                "\"secret\"",
                "kind: oczekiwano: jeden z kodów VAT",
                "expected one of VAT",
            ),
            (
                "\"FV/1\"",
                "[\"secret\"]",
                "number: oczekiwano: tekst",
                "expected a string",
            ),
            (
                "[{\"name\"",
                "{\"name\"",
                "lines: oczekiwano: lista",
                "expected a list",
            ),
            (
                "{\"header\"",
                "7",
                "całość: oczekiwano: obiekt",
                "the whole: expected an object",
            ),
        ] {
            let said = said(from, to);
            assert!(said.pl.contains(pl), "{from} {to}: {}", said.pl);
            assert!(said.en.contains(en), "{from} {to}: {}", said.en);
            assert!(!format!("{said:?}").contains("secret"), "{said:?}");
        }
    }
}
