//! The verdict: everything in a document that the FA(3) schema or KSeF would not take.
//!
//! The file level comes first ([`crate::invoice::file::check_file`]); what fails there is reported alone, since
//! nothing after it can be trusted. Then one walk holds the document against the schema, which stands as a table in
//! `grammar`, and shows each legal value to the rules beyond the schema in `rules`.
//!
//! Both are one pass over the document: the reader in `invoice::scan` refuses on the way whatever is not well-formed.

mod automaton;
mod code;
mod grammar;
#[cfg(feature = "json-schema")]
mod json_schema;
mod message;
mod pattern;
mod report;
mod rules;
mod value;
mod walk;

use jiff::civil::Date;

pub use self::code::{Code, Severity};
pub(super) use self::grammar::codes;
#[cfg(feature = "json-schema")]
pub(super) use self::json_schema::state_limits;
use self::report::Report;
use self::rules::Beyond;
use super::facts::{Draft, InvoiceFacts};
use super::{InvoiceError, file};
use crate::diagnostic::{Bilingual, Diagnostic};

/// Something in a document that the schema or KSeF does not take, or that is worth a warning.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Violation {
    /// What it is: the name of a [`Code`], or for a fault of the file that of an [`super::InvoiceError`].
    pub code: &'static str,
    /// Where it is, in schema names: `/Faktura/Fa/FaWiersz[2]/P_7`. Elements that may be repeated carry their number.
    /// For a missing element the path of its parent; empty for a fault of the file.
    pub path: String,
    /// Line, counted from 1.
    pub line: u32,
    /// Column in characters, counted from 1.
    pub column: u32,
    /// What is wrong and what is expected. Quotes no value of the invoice.
    pub message: Bilingual,
}

/// What [`validate`] found, in the order of the document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verdict {
    /// What KSeF would refuse.
    pub errors: Vec<Violation>,
    /// What KSeF takes and a person should look at.
    pub warnings: Vec<Violation>,
}

impl Verdict {
    /// Whether there is no error.
    pub fn is_valid(&self) -> bool {
        self.errors.is_empty()
    }

    pub(super) fn of_file(error: &InvoiceError) -> Self {
        Self {
            errors: vec![of_the_file(error)],
            warnings: Vec::new(),
        }
    }
}

/// What the verdict depends on beside the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// Whether a wrong check digit of a party's NIP is an error (production) or a warning (everywhere else).
    pub enforce_nip_checksum: bool,
    /// Today in Europe/Warsaw: no invoice may be issued later.
    pub today: Date,
}

/// Judges a document. Takes time and memory in proportion to its size.
///
/// Whoever needs the document as well has both in one pass from [`super::InvoiceDocument::read_and_validate`].
pub fn validate(bytes: &[u8], rules: &Rules) -> Verdict {
    file::checked_text(bytes)
        .and_then(|text| verdict(text, rules, None))
        .unwrap_or_else(|error| Verdict::of_file(&error))
}

/// What issuing needs to know, and the verdict on a text that has passed [`file::checked_text`].
///
/// # Errors
/// A fault of the file; it is the whole verdict.
pub(super) fn facts_and_verdict(
    text: &str,
    rules: &Rules,
) -> Result<(Result<InvoiceFacts, InvoiceError>, Verdict), InvoiceError> {
    let mut draft = Draft::default();
    let verdict = verdict(text, rules, Some(&mut draft))?;
    Ok((draft.into_facts(text), verdict))
}

/// What issuing needs to know, whatever the verdict.
///
/// # Errors
/// A fault of the file, or of one of the facts.
pub(super) fn facts(text: &str) -> Result<InvoiceFacts, InvoiceError> {
    /// Facts do not depend on the day; what the rules say is not asked.
    const RULES: Rules = Rules {
        enforce_nip_checksum: false,
        today: Date::MAX,
    };
    let mut draft = Draft::default();
    let mut unread = Report::default();
    let mut beyond = Beyond::new(&RULES, Report::default);
    walk::walk(text, &mut unread, &mut beyond, Some(&mut draft))?;
    draft.into_facts(text)
}

fn verdict<'d>(
    text: &'d str,
    rules: &Rules,
    facts: Option<&mut Draft<'d>>,
) -> Result<Verdict, InvoiceError> {
    let report = || Report::on(text);
    let mut schema = report();
    let mut beyond = Beyond::new(rules, report);
    walk::walk(text, &mut schema, &mut beyond, facts)?;
    let (errors, warnings) = beyond.into_reports();
    schema.append(errors);
    Ok(Verdict {
        errors: schema.into_violations(text),
        warnings: warnings.into_violations(text),
    })
}

/// Whether a text is an instant as the schema writes it, whatever its range.
pub(super) fn is_instant(text: &str) -> bool {
    value::is_instant(text)
}

/// Whether FA(3) has an element of this name anywhere.
pub(super) fn is_element(name: &str) -> bool {
    automaton::AUTOMATON.name(name).is_some()
}

fn of_the_file(error: &InvoiceError) -> Violation {
    let (line, column) = error.position().map_or((1, 1), |at| (at.line, at.column));
    Violation {
        code: error.code(),
        path: String::new(),
        line,
        column,
        message: error.message(),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::invoice::names::{FA1_NAMESPACE, FA2_NAMESPACE, FA3_NAMESPACE};

    const RULES: Rules = Rules {
        enforce_nip_checksum: false,
        today: date(2026, 11, 22),
    };

    /// A small legal invoice, one element a line.
    fn invoice() -> String {
        String::from(
            r#"<Faktura xmlns="http://crd.gov.pl/wzor/2025/06/25/13775/">
<Naglowek>
<KodFormularza kodSystemowy="FA (3)" wersjaSchemy="1-0E">FA</KodFormularza>
<WariantFormularza>3</WariantFormularza>
<DataWytworzeniaFa>2026-11-20T08:00:00Z</DataWytworzeniaFa>
</Naglowek>
<Podmiot1>
<DaneIdentyfikacyjne><NIP>5265877635</NIP><Nazwa>Żółta Łódka</Nazwa></DaneIdentyfikacyjne>
<Adres><KodKraju>PL</KodKraju><AdresL1>Łódź</AdresL1></Adres>
</Podmiot1>
<Podmiot2>
<DaneIdentyfikacyjne><NIP>1111111111</NIP></DaneIdentyfikacyjne>
<JST>2</JST>
<GV>2</GV>
</Podmiot2>
<Fa>
<KodWaluty>PLN</KodWaluty>
<P_1>2026-11-20</P_1>
<P_2>FV/1</P_2>
<P_15>12.30</P_15>
<Adnotacje>
<P_16>2</P_16><P_17>2</P_17><P_18>2</P_18><P_18A>2</P_18A>
<Zwolnienie><P_19N>1</P_19N></Zwolnienie>
<NoweSrodkiTransportu><P_22N>1</P_22N></NoweSrodkiTransportu>
<P_23>2</P_23>
<PMarzy><P_PMarzyN>1</P_PMarzyN></PMarzy>
</Adnotacje>
<RodzajFaktury>VAT</RodzajFaktury>
<FaWiersz><NrWierszaFa>1</NrWierszaFa><P_7>Chleb</P_7></FaWiersz>
<FaWiersz><NrWierszaFa>2</NrWierszaFa><P_7>Bułka</P_7></FaWiersz>
</Fa>
</Faktura>"#,
        )
    }

    /// Code, path, line and column of each error after one replacement.
    fn errors(from: &str, to: &str) -> Vec<(&'static str, String, u32, u32)> {
        let text = invoice();
        assert!(text.contains(from), "{from}");
        let verdict = validate(text.replacen(from, to, 1).as_bytes(), &RULES);
        let summary = |found: Violation| (found.code, found.path, found.line, found.column);
        verdict.errors.into_iter().map(summary).collect()
    }

    fn one(
        code: &'static str,
        path: &str,
        line: u32,
        column: u32,
    ) -> Vec<(&'static str, String, u32, u32)> {
        vec![(code, path.into(), line, column)]
    }

    #[test]
    fn a_legal_invoice_has_no_errors() {
        let verdict = validate(invoice().as_bytes(), &RULES);
        assert!(verdict.is_valid(), "{verdict:?}");
        assert!(verdict.warnings.is_empty(), "{verdict:?}");
    }

    #[test]
    fn elements_out_of_place_are_told_apart() {
        assert_eq!(
            errors("<P_2>FV/1</P_2>\n", ""),
            one("element-missing", "/Faktura/Fa", 19, 1)
        );
        assert_eq!(
            errors("<NIP>1111111111</NIP>", ""),
            one(
                "element-missing",
                "/Faktura/Podmiot2/DaneIdentyfikacyjne",
                12,
                22
            )
        );
        assert_eq!(
            errors("<P_2>FV/1</P_2>", "<P_2>FV/1</P_2><P_1>2026-11-20</P_1>"),
            one("element-unexpected", "/Faktura/Fa/P_1", 19, 16)
        );
        assert_eq!(
            errors("<P_2>FV/1</P_2>", "<P_2>FV/1</P_2><P_2>FV/1</P_2>"),
            one("element-too-many", "/Faktura/Fa/P_2", 19, 16)
        );
        assert_eq!(
            errors("<P_15>", "<P_7>x</P_7><P_15>"),
            one("element-unexpected", "/Faktura/Fa/P_7", 20, 1)
        );
        assert_eq!(
            errors("<P_15>", "<Obcy><P_99/></Obcy><P_15>"),
            one("element-unknown", "/Faktura/Fa/Obcy", 20, 1)
        );
        assert_eq!(
            errors("Chleb", "Chleb<b>x</b>"),
            one(
                "element-unexpected",
                "/Faktura/Fa/FaWiersz[1]/P_7/b",
                29,
                49
            )
        );
    }

    #[test]
    fn repeated_elements_carry_their_number() {
        assert_eq!(
            errors("<P_7>Bułka</P_7>", "<P_7> </P_7>"),
            one("value-too-short", "/Faktura/Fa/FaWiersz[2]/P_7", 30, 39)
        );
        let contacts = "<DaneKontaktowe/>".repeat(5);
        assert_eq!(
            errors("</Adres>", &format!("</Adres>{contacts}")),
            one(
                "element-too-many",
                "/Faktura/Podmiot1/DaneKontaktowe[4]",
                9,
                113
            )
        );
    }

    #[test]
    fn all_violations_are_reported_in_the_order_of_the_document() {
        let text = invoice()
            .replace("<KodWaluty>PLN", "<KodWaluty>ZŁ")
            .replace("2026-11-20</P_1>", "20.11.2026</P_1>")
            .replace("12.30", "12,30")
            .replace("<P_16>2</P_16>", "")
            .replace(">VAT<", ">FV<")
            .replace("wersjaSchemy=\"1-0E\"", "wersja=\"1-0E\"");
        let verdict = validate(text.as_bytes(), &RULES);
        let codes: Vec<_> = verdict.errors.iter().map(|found| found.code).collect();
        let expected = [
            "attribute-unknown",
            "attribute-missing",
            "value-enumeration",
            "value-not-a-date",
            "value-not-a-decimal",
            "element-missing",
            "value-enumeration",
        ];
        assert_eq!(codes, expected);
        assert!(
            verdict
                .errors
                .is_sorted_by_key(|found| (found.line, found.column))
        );
    }

    #[test]
    fn attributes_and_namespaces_are_judged() {
        let xsi = "<Faktura xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"";
        assert_eq!(
            errors("<Faktura", &format!("{xsi} xsi:schemaLocation=\"a b\"")),
            []
        );
        assert_eq!(
            errors("<Faktura", &format!("{xsi} xsi:nil=\"false\"")),
            one("nil-not-allowed", "/Faktura", 1, 1)
        );
        assert_eq!(
            errors("<GV>", "<GV a=\"1\">"),
            one("attribute-unknown", "/Faktura/Podmiot2/GV", 14, 1)
        );
        assert_eq!(
            errors("\"FA (3)\"", "\"FA(3)\""),
            one("value-fixed", "/Faktura/Naglowek/KodFormularza", 3, 1)
        );
        assert_eq!(
            errors("<GV>2</GV>", "<GV xmlns=\"urn:x\">2</GV>"),
            vec![
                ("element-unknown", "/Faktura/Podmiot2/GV".into(), 14, 1),
                ("element-missing", "/Faktura/Podmiot2".into(), 15, 1),
            ]
        );
        let prefixed = invoice()
            .replace('<', "<f:")
            .replace("<f:/", "</f:")
            .replace("xmlns=", "xmlns:f=");
        assert_eq!(validate(prefixed.as_bytes(), &RULES), Verdict::default());
    }

    #[test]
    fn text_is_read_as_xml_reads_it() {
        assert_eq!(
            errors("Chleb", "<![CDATA[C & ]]>h&#x142;<!-- a -->&lt;b"),
            []
        );
        assert_eq!(
            errors("<P_1>2026-11-20", "<P_1>\n 2026<!-- y -->-11-2&#48; "),
            []
        );
        assert_eq!(errors("<Fa>", "<Fa>&#32;<![CDATA[ ]]>"), []);
        assert_eq!(
            errors("<Fa>\n", "<Fa>\n ab\n"),
            one("text-unexpected", "/Faktura/Fa", 17, 2)
        );
        let crlf = invoice().replace('\n', "\r\n");
        assert!(validate(crlf.as_bytes(), &RULES).is_valid());
    }

    #[test]
    fn a_fault_of_the_file_stands_alone() {
        assert_eq!(errors("</Fa>", ""), one("file-not-well-formed", "", 32, 1));
        assert_eq!(errors("13775", "13776"), one("wrong-namespace", "", 1, 1));
        assert_eq!(validate(b"", &RULES).errors[0].code, "file-empty");
    }

    #[test]
    fn former_forms_are_refused_by_name() {
        for (namespace, pl, en) in [
            (
                FA2_NAMESPACE,
                "FA(2): produkcyjny KSeF 2.0 przyjmuje FA(3)",
                "FA(2): KSeF 2.0 production takes FA(3)",
            ),
            (
                FA1_NAMESPACE,
                "FA(1): produkcyjny KSeF 2.0 przyjmuje FA(3)",
                "FA(1): KSeF 2.0 production takes FA(3)",
            ),
        ] {
            let text = invoice().replace(FA3_NAMESPACE, namespace);
            let verdict = validate(text.as_bytes(), &RULES);
            assert_eq!(verdict.errors.len(), 1);
            assert_eq!(verdict.errors[0].code, "form-not-accepted");
            assert_eq!(verdict.errors[0].message, Bilingual::new(pl, en));
        }
    }

    #[test]
    fn an_issue_date_after_today_is_an_error() {
        assert_eq!(errors("2026-11-20</P_1>", "2026-11-22</P_1>"), []);
        assert_eq!(
            errors("2026-11-20</P_1>", "2026-11-23</P_1>"),
            one("issue-date-in-future", "/Faktura/Fa/P_1", 18, 1)
        );
    }

    #[test]
    fn a_wrong_nip_checksum_is_an_error_on_production_only() {
        let text = invoice().replace("1111111111", "1111111112");
        let elsewhere = validate(text.as_bytes(), &RULES);
        assert!(elsewhere.is_valid());
        assert_eq!(elsewhere.warnings[0].code, "nip-checksum");
        assert_eq!(
            elsewhere.warnings[0].path,
            "/Faktura/Podmiot2/DaneIdentyfikacyjne/NIP"
        );
        let production = Rules {
            enforce_nip_checksum: true,
            ..RULES
        };
        let refused = validate(text.as_bytes(), &production);
        assert_eq!(refused.errors, elsewhere.warnings);
        assert!(refused.warnings.is_empty());
    }

    #[test]
    fn messages_quote_no_value() {
        let secret = "tajne";
        let text = invoice()
            .replace(">2<", ">tajne<")
            .replace("FV/1", &"tajne".repeat(99));
        let verdict = validate(text.as_bytes(), &RULES);
        assert!(verdict.errors.len() > 5);
        assert!(!format!("{verdict:?}").contains(secret));
    }

    #[test]
    fn the_room_for_violations_is_bounded() {
        for count in [30_000, 300_000] {
            let text = invoice().replace("<P_15>", &format!("{}<P_15>", "<x/>".repeat(count)));
            let found = validate(text.as_bytes(), &RULES).errors;
            if text.len() > file::MAX_SIZE {
                assert_eq!(found[0].code, "file-too-large");
                continue;
            }
            let size = |found: &Violation| {
                found.path.len() + found.message.pl.len() + found.message.en.len()
            };
            assert!(found.iter().map(size).sum::<usize>() < 1 << 20);
            assert!(found.len() > 1_000, "{}", found.len());
            assert_eq!(found.last().unwrap().code, "too-many-violations");
        }
    }
}
