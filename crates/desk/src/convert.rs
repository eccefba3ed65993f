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
    #[error("the JSON is not that of an invoice: {place}: {} (line {line}, column {column})", reason.en)]
    Json {
        /// Names of the fields that lead there: `body.lines[0].quantity`.
        place: String,
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
                "JSON nie opisuje faktury: {place}: {} (wiersz {line}, kolumna {column})",
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
/// day of `now`, by schema names (the JSON Schema names them for each field) and without lines.
pub fn invoice_from_json(
    json: &[u8],
    environment: EnvironmentKind,
    now: Timestamp,
) -> Result<String, ConvertError> {
    // Editors on Windows put it there.
    let json = json.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(json);
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
        // Nobody has seen the XML: its lines would be taken for those of the JSON.
        let without_lines = |fault| FaultView {
            line: None,
            ..fault
        };
        let errors = verdict.errors.into_iter().map(without_lines);
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

/// The JSON Schema (draft 2020-12) of an invoice in JSON.
pub fn invoice_schema() -> serde_json::Value {
    model::json_schema().to_value()
}

/// What the parser says, without the values it quotes.
fn fault(place: String, error: &serde_json::Error) -> ConvertError {
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
        place: if place == "." { "/".into() } else { place },
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
        Bilingual::new(
            format!("nieznane pole {field}; znane: {alternatives}"),
            format!("unknown field {field}; known are: {alternatives}"),
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
        assert_eq!(faults[0].path.as_deref(), Some("/Faktura/Fa/P_15"));
        assert!(faults.iter().all(|fault| fault.line.is_none()));
    }

    #[test]
    fn faults_are_told_in_both_languages_and_quote_no_value() {
        for (from, to, pl, en) in [
            (
                "\"gross\"",
                "\"gros\"",
                "body.gros: nieznane pole gros",
                "body.gros: unknown field gros",
            ),
            (
                "\"number\": \"FV/1\",",
                "",
                "body: brakuje pola number",
                "body: the field number is missing",
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
                "body.gross: oczekiwano: liczba dziesiętna jako tekst",
                "body.gross: expected a decimal number as a string",
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
                "/: oczekiwano: obiekt",
                "/: expected an object",
            ),
        ] {
            let said = said(from, to);
            assert!(said.pl.contains(pl), "{from} {to}: {}", said.pl);
            assert!(said.en.contains(en), "{from} {to}: {}", said.en);
            assert!(!format!("{said:?}").contains("secret"), "{said:?}");
        }
    }
}
