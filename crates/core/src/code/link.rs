//! Reading a scanned link back, strictly: what is not exactly a link that KSeF's rules allow is refused.

use jiff::civil::Date;

use super::code_one::ParsedCodeOne;
use super::code_two::{ParsedCodeTwo, parse_signature};
use super::error::CodeError;
use crate::environment::Environment;
use crate::identifier::{
    CertificateSerial, ContextIdentifier, ContextKind, IdentifierError, InvoiceHash, Nip,
};

/// No link of KSeF comes near this length; longer texts are refused before anything looks at them.
const MAX_LENGTH: usize = 2048;
const SCHEME: &str = "https://";

/// A link read from a QR code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Link {
    /// CODE I.
    One(ParsedCodeOne),
    /// CODE II.
    Two(ParsedCodeTwo),
}

impl Link {
    /// Reads the link of CODE I or CODE II.
    ///
    /// The host may be any, since custom environments have their own: whether it is the expected one is asked with
    /// [`leads_to`](Self::leads_to) or [`is_official`](Self::is_official). There may be no port but that of a custom
    /// environment, no user, no query, no fragment, no percent-encoding, no empty segment and no trailing slash.
    ///
    /// # Errors
    /// [`CodeError::LinkMalformed`] for another form, [`CodeError::LinkDate`], [`CodeError::LinkIdentifier`],
    /// [`CodeError::LinkSignature`] and [`CodeError::SignatureLength`] for the part they name.
    pub fn parse(url: &str) -> Result<Self, CodeError> {
        let parts = Parts::of(url).ok_or(CodeError::LinkMalformed)?;
        Ok(match parts.segments {
            Segments::One { seller, date, hash } => Self::One(ParsedCodeOne {
                host: parts.host.into(),
                seller: Nip::parse(seller)?,
                issue_date: parse_date(date)?,
                hash: InvoiceHash::from_base64url(hash)?,
            }),
            Segments::Two {
                context_kind,
                context,
                seller,
                serial,
                hash,
                signature,
                signed_text,
            } => Self::Two(ParsedCodeTwo {
                signed_text: signed_text.into(),
                context: parse_context(context_kind, context)?,
                seller: Nip::parse(seller)?,
                serial: CertificateSerial::parse(serial)?,
                hash: InvoiceHash::from_base64url(hash)?,
                signature: parse_signature(signature)?,
            }),
        })
    }

    /// The host the link leads to.
    pub fn host(&self) -> &str {
        match self {
            Self::One(code) => code.host(),
            Self::Two(code) => code.host(),
        }
    }

    /// The hash of the invoice.
    pub fn hash(&self) -> &InvoiceHash {
        match self {
            Self::One(code) => code.hash(),
            Self::Two(code) => code.hash(),
        }
    }

    /// The seller.
    pub fn seller(&self) -> Nip {
        match self {
            Self::One(code) => code.seller(),
            Self::Two(code) => code.seller(),
        }
    }

    /// Whether the link leads to the QR host of `environment`.
    pub fn leads_to(&self, environment: &Environment) -> bool {
        self.host() == environment.qr_host()
    }

    /// Whether the link leads to a host of the Ministry, in any of its three environments.
    pub fn is_official(&self) -> bool {
        [
            Environment::test(),
            Environment::demo(),
            Environment::production(),
        ]
        .iter()
        .any(|environment| self.leads_to(environment))
    }
}

/// The segments of a link whose frame (https, host, kind, number of segments) is right, each still to be read.
pub(super) struct Parts<'a> {
    pub(super) host: &'a str,
    pub(super) segments: Segments<'a>,
}

/// What stands behind the host.
pub(super) enum Segments<'a> {
    /// `invoice/…`
    One {
        seller: &'a str,
        date: &'a str,
        hash: &'a str,
    },
    /// `certificate/…`
    Two {
        context_kind: &'a str,
        context: &'a str,
        seller: &'a str,
        serial: &'a str,
        hash: &'a str,
        signature: &'a str,
        /// From the host to the hash.
        signed_text: &'a str,
    },
}

impl<'a> Parts<'a> {
    /// Takes a link apart.
    pub(super) fn of(url: &'a str) -> Option<Self> {
        if url.len() > MAX_LENGTH {
            return None;
        }
        let rest = url.strip_prefix(SCHEME)?;
        let mut split = rest.split('/');
        let mut next = || split.next();
        let host = next().filter(|host| is_host(host))?;
        let segments = match next()? {
            "invoice" => Segments::One {
                seller: next()?,
                date: next()?,
                hash: next()?,
            },
            "certificate" => {
                let [context_kind, context, seller, serial, hash, signature] =
                    [next()?, next()?, next()?, next()?, next()?, next()?];
                Segments::Two {
                    context_kind,
                    context,
                    seller,
                    serial,
                    hash,
                    signature,
                    signed_text: rest.rsplit_once('/')?.0,
                }
            }
            _ => return None,
        };
        split.next().is_none().then_some(Self { host, segments })
    }
}

/// A context as links write it, kind and value in segments of their own.
pub(super) fn parse_context(kind: &str, value: &str) -> Result<ContextIdentifier, IdentifierError> {
    let kind = ContextKind::ALL
        .into_iter()
        .find(|known| known.name() == kind)
        .ok_or(IdentifierError::ContextKind)?;
    ContextIdentifier::new(kind, value)
}

/// A host as an [`Environment`] may have it.
fn is_host(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 255
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':' | b'[' | b']'))
}

/// `DD-MM-YYYY`.
pub(super) fn parse_date(text: &str) -> Result<Date, CodeError> {
    let bytes = text.as_bytes();
    let legal = bytes.len() == 10
        && bytes.iter().enumerate().all(|(at, b)| match at {
            2 | 5 => *b == b'-',
            _ => b.is_ascii_digit(),
        });
    if !legal {
        return Err(CodeError::LinkDate);
    }
    let number = |range: core::ops::Range<usize>| text[range].parse::<i16>().unwrap_or_default();
    let short = |range| i8::try_from(number(range)).unwrap_or_default();
    Date::new(number(6..10), short(3..5), short(0..2)).map_err(|_| CodeError::LinkDate)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::CodeOne;
    use super::super::code_two::unsigned;
    use super::*;

    const ONE: &str = "https://qr-test.ksef.mf.gov.pl/invoice/1111111111/01-02-2026/UtQp9Gpc51y-u3xApZjIjgkpZ01js-J8KflSPW8WzIE";

    fn two() -> String {
        let signature = format!("{}w", "_".repeat(85));
        format!(
            "https://qr.ksef.mf.gov.pl/certificate/Nip/1111111111/1111111111/01635E98D9669239/UtQp9Gpc51y-u3xApZjIjgkpZ01js-J8KflSPW8WzIE/{signature}"
        )
    }

    #[derive(serde::Deserialize)]
    struct Vectors {
        code_one: Vec<VectorOne>,
        code_two: Vec<VectorTwo>,
        signed_texts: Vec<Signable>,
        refused: Vec<Refused>,
    }

    #[derive(serde::Deserialize)]
    struct VectorOne {
        host: String,
        seller: String,
        issue_date: Date,
        hash: String,
        url: String,
    }

    #[derive(serde::Deserialize)]
    struct VectorTwo {
        #[serde(flatten)]
        of: Signable,
        url: String,
    }

    #[derive(serde::Deserialize)]
    struct Signable {
        host: String,
        context: String,
        seller: String,
        serial: String,
        hash: String,
        signed_text: String,
    }

    impl Signable {
        /// The link up to the hash, which has to be the scheme and this text.
        fn check(&self) -> String {
            let link = unsigned(
                &self.host,
                &ContextIdentifier::parse(&self.context).unwrap(),
                Nip::parse(&self.seller).unwrap(),
                &CertificateSerial::parse(&self.serial).unwrap(),
                &InvoiceHash::from_base64url(&self.hash).unwrap(),
            );
            assert_eq!(link, format!("https://{}", self.signed_text));
            link
        }
    }

    #[derive(serde::Deserialize)]
    struct Refused {
        url: String,
        why: String,
    }

    fn environment(host: &str) -> Environment {
        Environment::custom("https://ksef.example/v2", "https://latarnia.example", host).unwrap()
    }

    #[test]
    fn the_vectors_come_out_and_back_and_the_refused_ones_stay_out() {
        let vectors: Vectors =
            serde_json::from_str(include_str!("../../../../tests/vectors/links.json")).unwrap();
        for case in vectors.code_one {
            let (seller, hash) = (
                Nip::parse(&case.seller).unwrap(),
                InvoiceHash::from_base64url(&case.hash).unwrap(),
            );
            let code =
                CodeOne::from_parts(&environment(&case.host), seller, case.issue_date, &hash);
            assert_eq!(code.url(), case.url);
            let parsed = ParsedCodeOne::parse(&case.url).unwrap();
            assert_eq!(
                (parsed.host(), parsed.seller()),
                (case.host.as_str(), seller)
            );
            assert_eq!(
                (parsed.issue_date(), parsed.hash()),
                (case.issue_date, &hash)
            );
        }
        for case in vectors.code_two {
            let parsed = ParsedCodeTwo::parse(&case.url).unwrap();
            assert_eq!(parsed.signed_text(), case.of.signed_text);
            assert!(case.url.starts_with(&format!("{}/", case.of.check())));
        }
        for case in vectors.signed_texts {
            case.check();
        }
        for case in vectors.refused {
            assert!(
                Link::parse(&case.url).is_err(),
                "{}: {}",
                case.why,
                case.url
            );
        }
    }

    #[test]
    fn both_codes_are_read_and_told_apart() {
        let one = Link::parse(ONE).unwrap();
        assert!(matches!(one, Link::One(_)));
        assert!(one.leads_to(&Environment::test()) && !one.leads_to(&Environment::production()));
        let two = Link::parse(&two()).unwrap();
        assert!(matches!(two, Link::Two(_)) && two.is_official());
        assert_eq!(one.hash(), two.hash());
        assert_eq!(one.seller(), two.seller());
        assert!(
            !Link::parse(&ONE.replace("qr-test", "qr-tast"))
                .unwrap()
                .is_official()
        );
    }

    #[test]
    fn a_link_of_any_other_form_is_refused() {
        let two = two();
        for bad in [
            String::new(),
            "https://".into(),
            ONE.replace("https", "http"),
            ONE.replace("https", "HTTPS"),
            ONE.replace("/invoice", "//invoice"),
            ONE.replace("/invoice", "/Invoice"),
            ONE.replace("/invoice", "/a/invoice"),
            ONE.replace("qr-test.", "user@qr-test."),
            ONE.replace("qr-test.ksef.mf.gov.pl", ""),
            ONE.replace("qr-test.ksef", "qr-test.kséf"),
            format!("{ONE}/"),
            format!("{ONE}?x=1"),
            format!("{ONE}#x"),
            format!(" {ONE}"),
            format!("{ONE}\n"),
            format!("{ONE}="),
            ONE.replace("1111111111", "111111111%31"),
            ONE.replace("01-02-2026", "1-2-2026"),
            ONE.replace("01-02-2026", "2026-02-01"),
            ONE.replace("01-02-2026", "30-02-2026"),
            ONE.replace("01-02-2026", "+1-02-2026"),
            // The same 32 bytes with spare bits, the standard alphabet, another length.
            ONE.replace("WzIE", "WzIF"),
            ONE.replace("y-u3", "y+u3"),
            ONE.replace("WzIE", "WzI"),
            two.replace("/Nip/", "/nip/"),
            two.replace("/Nip/", "/Pesel/"),
            two.replace("01635E98D9669239", "01635e98d9669239"),
            two.replace("01635E98D9669239", "1635E98D9669239"),
            // One signature, one spelling: padding and spare bits are refused.
            format!("{two}=="),
            format!("{}x", &two[..two.len() - 1]),
            format!("{two}/"),
            two[..two.len() - 87].to_owned(),
            format!("{two}{}", "A".repeat(3000)),
        ] {
            assert!(Link::parse(&bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_part_that_is_wrong_is_named() {
        let error = |url: String| Link::parse(&url).unwrap_err();
        assert_eq!(error(ONE.replace("01-02", "32-02")), CodeError::LinkDate);
        assert!(matches!(
            error(ONE.replace("1111111111", "111")),
            CodeError::LinkIdentifier(_)
        ));
        assert_eq!(error(two() + "="), CodeError::LinkSignature);
        let short = two();
        assert_eq!(
            error(short[..short.len() - 82].to_owned()),
            CodeError::SignatureLength
        );
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text in ".{0,300}") {
            let _ = Link::parse(&text);
            let _ = Link::parse(&format!("https://h/invoice/1111111111/{text}/x"));
            let _ = Link::parse(&format!("https://h/certificate/Nip/{text}"));
        }

        #[test]
        fn one_changed_character_never_reads_as_the_same_link(at in 0_usize..200, to in "[ -~]") {
            let url = two();
            let at = at.min(url.len() - 1);
            let changed = format!("{}{to}{}", &url[..at], &url[at + 1..]);
            if changed != url && let Ok(link) = Link::parse(&changed) {
                prop_assert!(link != Link::parse(&url).unwrap());
            }
        }
    }
}
