//! Reads the XML of a receipt.

use core::str::FromStr;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use roxmltree::Node;

use super::{
    MAX_SIZE, ReceiptError, SendingMode, UPO_NAMESPACE, Upo, UpoDocument, UpoLogin, UpoPage,
};
use crate::identifier::{ContextIdentifier, ContextKind, InvoiceHash, ReferenceNumber};
use crate::xml;

/// Bounds memory: ten thousand documents of eight fields need about 300 000 nodes.
const MAX_NODES: u32 = 1_000_000;

pub(super) fn upo(bytes: &[u8]) -> Result<Upo, ReceiptError> {
    if bytes.len() > MAX_SIZE {
        return Err(ReceiptError::TooLarge);
    }
    let bytes = xml::Lines::of(bytes);
    let document = xml::parse(&bytes, MAX_NODES).ok_or(ReceiptError::Malformed)?;
    let root = document.root_element();
    if !root.has_tag_name((UPO_NAMESPACE, "Potwierdzenie")) {
        return Err(ReceiptError::NotAReceipt);
    }
    let login = child(root, "Uwierzytelnienie");
    let documents = root
        .children()
        .filter(|node| node.has_tag_name((UPO_NAMESPACE, "Dokument")))
        .map(entry)
        .collect::<Result<Vec<_>, _>>()?;
    if documents.is_empty() {
        return Err(ReceiptError::Illegal {
            element: "Dokument",
        });
    }
    Ok(Upo {
        receiver: content(root, "NazwaPodmiotuPrzyjmujacego").unwrap_or_default(),
        session: value(root, "NumerReferencyjnySesji")?,
        context: login.and_then(|node| context(child(node, "IdKontekstu")?)),
        login: login.and_then(credentials),
        page: child(root, "OpisPotwierdzenia").map(page).transpose()?,
        schema: content(root, "NazwaStrukturyLogicznej").unwrap_or_default(),
        form: content(root, "KodFormularza").unwrap_or_default(),
        documents,
    })
}

fn context(node: Node<'_, '_>) -> Option<ContextIdentifier> {
    [
        ("Nip", ContextKind::Nip),
        ("IdWewnetrzny", ContextKind::InternalId),
        ("IdZlozonyVatUE", ContextKind::NipVatUe),
        ("IdDostawcyUslugPeppol", ContextKind::PeppolId),
    ]
    .into_iter()
    .find_map(|(name, kind)| ContextIdentifier::new(kind, &content(node, name)?).ok())
}

fn credentials(node: Node<'_, '_>) -> Option<UpoLogin> {
    let token = content(node, "NumerReferencyjnyTokenaKSeF")
        .and_then(|text| ReferenceNumber::parse(&text).ok())
        .map(UpoLogin::Token);
    token.or_else(|| {
        content(node, "SkrotDokumentuUwierzytelniajacego")
            .and_then(|text| InvoiceHash::from_base64(&text).ok())
            .map(UpoLogin::Document)
    })
}

fn page(node: Node<'_, '_>) -> Result<UpoPage, ReceiptError> {
    Ok(UpoPage {
        number: value(node, "Strona")?,
        of: value(node, "LiczbaStron")?,
        first: value(node, "ZakresDokumentowOd")?,
        last: value(node, "ZakresDokumentowDo")?,
        total: value(node, "CalkowitaLiczbaDokumentow")?,
    })
}

fn entry(node: Node<'_, '_>) -> Result<UpoDocument, ReceiptError> {
    const HASH: &str = "SkrotDokumentu";
    const MODE: &str = "TrybWysylki";
    const NUMBER: &str = "NumerFaktury";
    let illegal = |element| ReceiptError::Illegal { element };
    Ok(UpoDocument {
        seller: value(node, "NipSprzedawcy")?,
        ksef_number: value(node, "NumerKSeFDokumentu")?,
        invoice_number: content(node, NUMBER).ok_or(illegal(NUMBER))?,
        issue_date: value::<Date>(node, "DataWystawieniaFaktury")?,
        sent: instant(node, "DataPrzeslaniaDokumentu")?,
        numbered: instant(node, "DataNadaniaNumeruKSeF")?,
        hash: content(node, HASH)
            .and_then(|text| InvoiceHash::from_base64(&text).ok())
            .ok_or(illegal(HASH))?,
        mode: match content(node, MODE).as_deref() {
            Some("Online") => SendingMode::Online,
            Some("Offline") => SendingMode::Offline,
            _ => return Err(illegal(MODE)),
        },
    })
}

/// An `xsd:dateTime`; one without a zone is read as Warsaw time, as the schema leaves it open.
fn instant(node: Node<'_, '_>, name: &'static str) -> Result<Timestamp, ReceiptError> {
    let text = content(node, name).ok_or(ReceiptError::Illegal { element: name })?;
    let local = || {
        let time: DateTime = text.parse().ok()?;
        let zone = TimeZone::get("Europe/Warsaw").ok()?;
        let zoned: Zoned = time.to_zoned(zone).ok()?;
        Some(zoned.timestamp())
    };
    text.parse()
        .ok()
        .or_else(local)
        .ok_or(ReceiptError::Illegal { element: name })
}

fn value<T: FromStr>(node: Node<'_, '_>, name: &'static str) -> Result<T, ReceiptError> {
    content(node, name)
        .and_then(|text| text.parse().ok())
        .ok_or(ReceiptError::Illegal { element: name })
}

fn child<'a, 'input>(parent: Node<'a, 'input>, name: &str) -> Option<Node<'a, 'input>> {
    parent
        .children()
        .find(|node| node.has_tag_name((UPO_NAMESPACE, name)))
}

/// The collapsed text of a child: every field is an `xsd:token`, a number or a time.
fn content(parent: Node<'_, '_>, name: &str) -> Option<String> {
    let text: String = child(parent, name)?
        .children()
        .filter(Node::is_text)
        .filter_map(|node| node.text())
        .collect();
    let collapsed = text.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
    (!collapsed.is_empty()).then_some(collapsed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Diagnostic as _;
    use crate::identifier::{KsefNumber, Nip};

    fn receipt(extra: &str) -> String {
        let number = KsefNumber::assemble(
            Nip::parse("5265877635").unwrap(),
            jiff::civil::date(2026, 11, 22),
            0x0100_001A_F629,
        );
        let hash = InvoiceHash::of(b"invoice");
        format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<Potwierdzenie xmlns=\"{UPO_NAMESPACE}\">\
             <NazwaPodmiotuPrzyjmujacego>Ministerstwo Finansów - środowisko testowe (TE)</NazwaPodmiotuPrzyjmujacego>\
             <NumerReferencyjnySesji>20261122-SB-213D593000-4DE10D80A5-E9</NumerReferencyjnySesji>\
             <Uwierzytelnienie><IdKontekstu><IdWewnetrzny>5265877635-00001</IdWewnetrzny></IdKontekstu>\
             <NumerReferencyjnyTokenaKSeF>20261122-KT-213D593000-4DE10D80A5-E9</NumerReferencyjnyTokenaKSeF>\
             </Uwierzytelnienie>{extra}<NazwaStrukturyLogicznej>FA3.xsd</NazwaStrukturyLogicznej>\
             <KodFormularza>FA (3)</KodFormularza><Dokument><NipSprzedawcy>5265877635</NipSprzedawcy>\
             <NumerKSeFDokumentu>{number}</NumerKSeFDokumentu><NumerFaktury> FV  1/Ł &amp; S </NumerFaktury>\
             <DataWystawieniaFaktury>2026-11-20</DataWystawieniaFaktury>\
             <DataPrzeslaniaDokumentu>2026-11-22T10:00:00.1234567+01:00</DataPrzeslaniaDokumentu>\
             <DataNadaniaNumeruKSeF>2026-11-22T10:00:01</DataNadaniaNumeruKSeF>\
             <SkrotDokumentu>{hash}</SkrotDokumentu><TrybWysylki>Offline</TrybWysylki></Dokument></Potwierdzenie>"
        )
    }

    #[test]
    fn a_receipt_is_read() {
        let upo = Upo::parse(receipt("").as_bytes()).unwrap();
        assert_eq!(upo.session.as_str(), "20261122-SB-213D593000-4DE10D80A5-E9");
        assert_eq!(
            upo.context.as_ref().unwrap().as_str(),
            "InternalId:5265877635-00001"
        );
        assert!(matches!(upo.login, Some(UpoLogin::Token(_))));
        assert_eq!(upo.page, None);
        let document = upo.document_for(&InvoiceHash::of(b"invoice")).unwrap();
        assert_eq!(document.invoice_number, "FV 1/Ł & S");
        assert_eq!(document.mode, SendingMode::Offline);
        assert_eq!(
            document.sent,
            "2026-11-22T09:00:00.1234567Z".parse().unwrap()
        );
        assert_eq!(document.numbered, "2026-11-22T09:00:01Z".parse().unwrap());
        assert!(upo.document_for(&InvoiceHash::of(b"another")).is_err());
    }

    #[test]
    fn the_page_of_a_session_is_read() {
        let page = "<OpisPotwierdzenia><Strona>1</Strona><LiczbaStron>2</LiczbaStron><ZakresDokumentowOd>1\
            </ZakresDokumentowOd><ZakresDokumentowDo>10</ZakresDokumentowDo><CalkowitaLiczbaDokumentow>12\
            </CalkowitaLiczbaDokumentow></OpisPotwierdzenia>";
        let upo = Upo::parse(receipt(page).as_bytes()).unwrap();
        let expected = UpoPage {
            number: 1,
            of: 2,
            first: 1,
            last: 10,
            total: 12,
        };
        assert_eq!(upo.page, Some(expected));
    }

    #[test]
    fn unknown_elements_and_another_receiver_are_tolerated() {
        assert!(Upo::parse(receipt("<Nowy>1</Nowy>").as_bytes()).is_ok());
        let signed = receipt("").replace(
            "</Potwierdzenie>",
            "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"/></Potwierdzenie>",
        );
        assert!(Upo::parse(signed.as_bytes()).is_ok());
    }

    #[test]
    fn what_a_receipt_is_for_is_strict() {
        let good = receipt("");
        let cases = [
            (good.replace("v4-3", "v4-2"), "receipt-unknown"),
            (good.replace("Potwierdzenie", "Inne"), "receipt-unknown"),
            (good[..good.len() - 3].to_owned(), "receipt-malformed"),
            (
                good.replace("<Potw", "<!DOCTYPE a []><Potw"),
                "receipt-malformed",
            ),
            (
                good.replace("0100001AF629", "0100001AF628"),
                "receipt-illegal",
            ),
            (
                good.replace(&InvoiceHash::of(b"invoice").to_base64(), "x"),
                "receipt-illegal",
            ),
            (
                good.replace("<Dokument>", "<Dokument xmlns=\"urn:other\">"),
                "receipt-illegal",
            ),
            (good.replace("Offline", "offline"), "receipt-illegal"),
            (good.replace("2026-11-20", "2026-11-31"), "receipt-illegal"),
        ];
        for (text, code) in cases {
            assert_eq!(Upo::parse(text.as_bytes()).unwrap_err().code(), code);
        }
        assert_eq!(Upo::parse(b"\xFF"), Err(ReceiptError::Malformed));
    }

    #[test]
    fn debug_shows_no_content() {
        let upo = Upo::parse(receipt("").as_bytes()).unwrap();
        let shown = format!("{upo:?} {:?}", upo.documents);
        assert!(!shown.contains("FV") && !shown.contains('Ł'));
    }
}
