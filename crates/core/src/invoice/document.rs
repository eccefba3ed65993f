//! The document: immutable bytes, their hash, and what is read from them.
//!
//! The bytes are never serialised again. What is hashed is what is signed, coded, stored, packed and sent.

use core::fmt;
use std::sync::Arc;

use super::error::InvoiceError;
use super::facts::InvoiceFacts;
use super::file::checked_text;
use super::validate::{Rules, Verdict, facts, facts_and_verdict};
use crate::identifier::InvoiceHash;

/// An FA(3) invoice as it will reach KSeF: its exact bytes, their hash, and the facts issuing needs.
///
/// Cloning is cheap: the bytes are shared.
#[derive(Clone)]
pub struct InvoiceDocument {
    bytes: Arc<[u8]>,
    hash: InvoiceHash,
    facts: Arc<InvoiceFacts>,
}

impl InvoiceDocument {
    /// Reads an invoice, refusing what KSeF refuses at the file level. Whether the content follows the schema is the
    /// business of the verdict, not of this function.
    ///
    /// # Errors
    /// [`InvoiceError`] with the position of the fault; the first fault found is reported.
    pub fn read(bytes: impl Into<Arc<[u8]>>) -> Result<Self, InvoiceError> {
        let bytes = bytes.into();
        let facts = facts(checked_text(&bytes)?)?;
        Ok(Self::of(bytes, facts))
    }

    /// Reads an invoice and judges it, both in one pass: as [`Self::read`] and [`super::validate::validate`] would.
    pub fn read_and_validate(
        bytes: impl Into<Arc<[u8]>>,
        rules: &Rules,
    ) -> (Result<Self, InvoiceError>, Verdict) {
        let bytes = bytes.into();
        match checked_text(&bytes).and_then(|text| facts_and_verdict(text, rules)) {
            Ok((facts, verdict)) => (facts.map(|facts| Self::of(bytes, facts)), verdict),
            Err(error) => {
                let verdict = Verdict::of_file(&error);
                (Err(error), verdict)
            }
        }
    }

    fn of(bytes: Arc<[u8]>, facts: InvoiceFacts) -> Self {
        Self {
            hash: InvoiceHash::of(&bytes),
            facts: Arc::new(facts),
            bytes,
        }
    }

    /// The exact bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// SHA-256 of [`Self::bytes`].
    pub fn hash(&self) -> InvoiceHash {
        self.hash
    }

    /// What was read from the document.
    pub fn facts(&self) -> &InvoiceFacts {
        &self.facts
    }
}

/// Shows the hash, never the content.
impl fmt::Debug for InvoiceDocument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InvoiceDocument")
            .field("hash", &self.hash)
            .field("size", &self.bytes.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Diagnostic as _;
    use crate::invoice::file::{MAX_SIZE, MAX_SIZE_WITH_ATTACHMENT};
    use crate::invoice::{InvoiceKind, names};

    fn invoice(body: &str) -> String {
        format!(
            "<Faktura xmlns=\"{}\">\n\
             <Podmiot1><DaneIdentyfikacyjne><NIP>5265877635</NIP><Nazwa>Łódka</Nazwa></DaneIdentyfikacyjne></Podmiot1>\n\
             <Podmiot2><DaneIdentyfikacyjne><KodUE>DE</KodUE><NrVatUE>123456789</NrVatUE><Nazwa>K &amp; S</Nazwa>\
             </DaneIdentyfikacyjne></Podmiot2>\n\
             <Fa><KodWaluty>EUR</KodWaluty><P_1>2026-11-20</P_1><P_2>FV/1</P_2>{body}<P_15>12.30</P_15>\
             <RodzajFaktury>KOR_ZAL</RodzajFaktury></Fa></Faktura>",
            names::FA3_NAMESPACE
        )
    }

    fn code_of(text: impl AsRef<[u8]>) -> (&'static str, Option<(u32, u32)>) {
        let error = InvoiceDocument::read(text.as_ref()).unwrap_err();
        (
            error.code(),
            error.position().map(|at| (at.line, at.column)),
        )
    }

    #[test]
    fn the_facts_are_read() {
        let text = invoice("");
        let document = InvoiceDocument::read(text.as_bytes()).unwrap();
        let facts = document.facts();
        assert_eq!(facts.seller.as_str(), "5265877635");
        assert_eq!(facts.issue_date, jiff::civil::date(2026, 11, 20));
        assert_eq!(facts.number, "FV/1");
        assert_eq!(facts.kind, InvoiceKind::AdvanceCorrection);
        assert_eq!(facts.buyer.identifier.as_deref(), Some("DE123456789"));
        assert_eq!(facts.buyer.name.as_deref(), Some("K & S"));
        assert_eq!(facts.gross.to_string(), "12.30");
        assert_eq!(facts.currency, "EUR");
        assert_eq!(document.bytes(), text.as_bytes());
        assert_eq!(document.hash(), InvoiceHash::of(text.as_bytes()));
    }

    #[test]
    fn each_fault_of_the_file_has_its_code_and_position() {
        let good = invoice("");
        assert_eq!(code_of(""), ("file-empty", None));
        assert_eq!(
            code_of(format!("\u{FEFF}{good}")),
            ("file-byte-order-mark", Some((1, 1)))
        );
        assert_eq!(code_of(b"<a>\n\xFF</a>"), ("file-not-utf8", Some((2, 1))));
        assert_eq!(
            code_of(format!(
                "<?xml version=\"1.0\" encoding=\"ISO-8859-2\"?>{good}"
            )),
            ("file-encoding", Some((1, 1)))
        );
        assert_eq!(
            code_of(format!("<!DOCTYPE Faktura []>{good}")),
            ("file-dtd", Some((1, 1)))
        );
        assert_eq!(
            code_of(format!("<?pi x?>{good}")),
            ("file-processing-instruction", Some((1, 1)))
        );
        assert_eq!(
            code_of(&good[..good.len() - 4]),
            ("file-not-well-formed", Some((4, 134)))
        );
        assert_eq!(
            code_of(good.replace("13775", "13776")),
            ("wrong-namespace", Some((1, 1)))
        );
        assert_eq!(
            code_of(good.replace("2025/06/25/13775", "2023/06/29/12648")),
            ("form-not-accepted", None)
        );
        assert_eq!(
            code_of(good.replace("2026-11-20", "2026-11-31")).0,
            "value-illegal"
        );
        assert_eq!(
            code_of(good.replace("P_2>", "P_3>")),
            ("element-missing", None)
        );
    }

    #[test]
    fn discouraged_characters_are_refused_raw_and_as_references() {
        for code in [
            0x7F_u32, 0x84, 0x86, 0x9F, 0xFDD0, 0xFDEF, 0xFFFE, 0x1_FFFE, 0x10_FFFF,
        ] {
            let character = char::from_u32(code).unwrap();
            assert_eq!(
                code_of(invoice(&format!("<P_6>{character}</P_6>"))).0,
                "file-character",
                "{code:X}"
            );
        }
        for reference in ["&#x7F;", "&#134;", "&#xFDD0;"] {
            assert_eq!(
                code_of(invoice(&format!("<P_6>{reference}</P_6>"))).0,
                "file-character",
                "{reference}"
            );
        }
        for code in [0x85_u32, 0xA0, 0xFDCF, 0xFDF0, 0x1_F600] {
            let character = char::from_u32(code).unwrap();
            assert!(
                InvoiceDocument::read(invoice(&format!("<P_6>{character}</P_6>")).as_bytes())
                    .is_ok(),
                "{code:X}"
            );
        }
    }

    #[test]
    fn the_size_limit_depends_on_the_attachment() {
        let large = invoice(&format!("<P_6>{}</P_6>", "x".repeat(MAX_SIZE)));
        assert_eq!(code_of(&large).0, "file-too-large");
        let with_attachment = large.replace("</Fa></Faktura>", "</Fa><Zalacznik/></Faktura>");
        assert!(
            InvoiceDocument::read(with_attachment.as_bytes())
                .unwrap()
                .facts()
                .has_attachment
        );
        let huge = invoice(&"x".repeat(MAX_SIZE_WITH_ATTACHMENT));
        assert_eq!(code_of(&huge).0, "file-too-large");
    }

    #[test]
    fn nesting_is_bounded() {
        let deep = invoice(&format!(
            "{}{}",
            "<a>".repeat(100_000),
            "</a>".repeat(100_000)
        ));
        assert_eq!(code_of(&deep).0, "file-too-deep");
    }

    #[test]
    fn attributes_are_bounded_but_not_in_comments_and_character_data() {
        let many: String = (0..60_000).map(|i| format!(" a{i}='='")).collect();
        assert_eq!(
            code_of(invoice(&format!("\n<a{many}/>"))),
            ("file-too-many-attributes", Some((5, 1)))
        );
        for harmless in [
            format!("<!-- <a{many} -->"),
            format!("<a><![CDATA[<a{many}>]]></a>"),
            "<a b='<=>'/>".into(),
        ] {
            let code =
                InvoiceDocument::read(invoice(&harmless).as_bytes()).map_err(|error| error.code());
            assert!(
                matches!(code, Ok(_) | Err("file-not-well-formed")),
                "{code:?}"
            );
        }
    }

    #[test]
    fn what_the_parser_lets_pass_is_refused() {
        let good = invoice("");
        for declaration in [
            "<?xml version='2.0'?>",
            "<?xml version='1.'?>",
            "<?xml version='1.0' standalone='maybe'?>",
        ] {
            assert_eq!(
                code_of(format!("{declaration}{good}")),
                ("file-not-well-formed", Some((1, 1))),
                "{declaration}"
            );
        }
        for declaration in [
            "<?xml version='1.1'?>",
            "<?xml version='1.0' standalone='yes' ?>",
        ] {
            assert!(InvoiceDocument::read(format!("{declaration}{good}").as_bytes()).is_ok());
        }
        for declarations in ["xmlns:c = ''", "xmlns:xmlns='d'", "xmlns='c' xmlns='c'"] {
            assert_eq!(
                code_of(invoice(&format!("\n<a b='&lt;' {declarations}/>"))),
                ("file-not-well-formed", Some((5, 1))),
                "{declarations}"
            );
        }
        let harmless = "<!-- <a xmlns:c=''> --><a><![CDATA[<a xmlns:c=''>]]> xmlns:c=''</a><a b='xmlns:c=\"\"'/>";
        assert!(InvoiceDocument::read(invoice(harmless).as_bytes()).is_ok());
    }

    #[test]
    fn reading_and_judging_at_once_is_reading_and_judging() {
        let rules = Rules {
            enforce_nip_checksum: true,
            today: jiff::civil::date(2026, 11, 22),
        };
        let legal = include_str!("../../../../examples/invoices/11-kor-returned-goods.xml");
        let unusual = legal.replace("<Fa>", "<Fa xmlns:a='urn:a'>");
        let future = legal.replace("<P_1>2026", "<P_1>2027");
        let texts = [
            legal,
            &unusual,
            &future,
            &legal[..900],
            &invoice(""),
            "",
            "<a/>",
        ];
        for text in texts {
            let (document, verdict) = InvoiceDocument::read_and_validate(text.as_bytes(), &rules);
            assert_eq!(
                verdict,
                crate::invoice::validate::validate(text.as_bytes(), &rules)
            );
            let facts = document.map(|document| document.facts().clone());
            let read = InvoiceDocument::read(text.as_bytes());
            assert!(facts == read.map(|document| document.facts().clone()));
        }
        for text in [legal, &unusual] {
            let (document, verdict) = InvoiceDocument::read_and_validate(text.as_bytes(), &rules);
            assert!(verdict.is_valid() && document.is_ok());
        }
    }

    #[test]
    fn debug_shows_no_content() {
        let document = InvoiceDocument::read(invoice("").as_bytes()).unwrap();
        let shown = format!("{document:?} {:?}", document.facts());
        for secret in ["5265877635", "FV/1", "12.30", "Łódka", "123456789"] {
            assert!(!shown.contains(secret), "{secret}");
        }
    }
}
