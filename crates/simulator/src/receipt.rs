//! Writes receipts (UPO v4-3) and seals them.

use jiff::Timestamp;
use ksef_offline_core::identifier::{ContextIdentifier, ContextKind};
use ksef_offline_core::invoice::names::FA3_SYSTEM_CODE;
use ksef_offline_core::key::Signer;
use ksef_offline_core::receipt::UPO_NAMESPACE;
use ksef_offline_core::signature::{SignatureError, sign_enveloped};

use crate::clock::warsaw_instant;
use crate::session::{LoginProof, Session, SessionInvoice};

/// The receipt of a whole session.
pub(crate) fn of_session(
    session: &Session,
    seal: &dyn Signer,
    at: Timestamp,
) -> Result<String, SignatureError> {
    let accepted: Vec<&SessionInvoice> = session
        .invoices
        .iter()
        .filter(|invoice| invoice.accepted.is_some())
        .collect();
    let count = accepted.len();
    let page = format!(
        "<OpisPotwierdzenia><Strona>1</Strona><LiczbaStron>1</LiczbaStron><ZakresDokumentowOd>1</ZakresDokumentowOd>\
         <ZakresDokumentowDo>{count}</ZakresDokumentowDo><CalkowitaLiczbaDokumentow>{count}</CalkowitaLiczbaDokumentow>\
         </OpisPotwierdzenia>"
    );
    sealed(&Head::of(session), &page, &accepted, seal, at)
}

/// What all receipts of a session have in common.
pub(crate) struct Head {
    reference: String,
    context: ContextIdentifier,
    proof: LoginProof,
}

impl Head {
    pub(crate) fn of(session: &Session) -> Self {
        Self {
            reference: session.reference.clone(),
            context: session.context.clone(),
            proof: session.proof.clone(),
        }
    }
}

/// The receipt of one accepted invoice.
pub(crate) fn of_invoice(
    head: &Head,
    invoice: &SessionInvoice,
    seal: &dyn Signer,
    at: Timestamp,
) -> Result<String, SignatureError> {
    sealed(head, "", &[invoice], seal, at)
}

fn sealed(
    head: &Head,
    page: &str,
    invoices: &[&SessionInvoice],
    seal: &dyn Signer,
    at: Timestamp,
) -> Result<String, SignatureError> {
    let context = match head.context.kind() {
        ContextKind::Nip => "Nip",
        ContextKind::InternalId => "IdWewnetrzny",
        ContextKind::NipVatUe => "IdZlozonyVatUE",
        ContextKind::PeppolId => "IdDostawcyUslugPeppol",
    };
    let proof = match &head.proof {
        LoginProof::Token(reference) => {
            format!("<NumerReferencyjnyTokenaKSeF>{reference}</NumerReferencyjnyTokenaKSeF>")
        }
        LoginProof::Document(hash) => {
            format!("<SkrotDokumentuUwierzytelniajacego>{hash}</SkrotDokumentuUwierzytelniajacego>")
        }
    };
    let documents: String = invoices
        .iter()
        .filter_map(|invoice| document(invoice))
        .collect();
    let xml = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<Potwierdzenie xmlns=\"{UPO_NAMESPACE}\">\
         <NazwaPodmiotuPrzyjmujacego>Ministerstwo Finansów</NazwaPodmiotuPrzyjmujacego>\
         <NumerReferencyjnySesji>{}</NumerReferencyjnySesji>\
         <Uwierzytelnienie><IdKontekstu><{context}>{}</{context}></IdKontekstu>{proof}</Uwierzytelnienie>{page}\
         <NazwaStrukturyLogicznej>Schemat_FA(3)_v1-0E.xsd</NazwaStrukturyLogicznej>\
         <KodFormularza>{FA3_SYSTEM_CODE}</KodFormularza>{documents}</Potwierdzenie>",
        head.reference,
        escaped(head.context.value()),
    );
    let signed = sign_enveloped(xml.as_bytes(), seal, at)?;
    String::from_utf8(signed).map_err(|_| SignatureError::DocumentMalformed)
}

fn document(invoice: &SessionInvoice) -> Option<String> {
    let accepted = invoice.accepted.as_ref()?;
    Some(format!(
        "<Dokument><NipSprzedawcy>{}</NipSprzedawcy><NumerKSeFDokumentu>{}</NumerKSeFDokumentu>\
         <NumerFaktury>{}</NumerFaktury><DataWystawieniaFaktury>{}</DataWystawieniaFaktury>\
         <DataPrzeslaniaDokumentu>{}</DataPrzeslaniaDokumentu><DataNadaniaNumeruKSeF>{}</DataNadaniaNumeruKSeF>\
         <SkrotDokumentu>{}</SkrotDokumentu><TrybWysylki>{}</TrybWysylki></Dokument>",
        accepted.seller,
        accepted.ksef_number,
        escaped(&accepted.number),
        accepted.issue_date,
        warsaw_instant(invoice.received),
        warsaw_instant(accepted.at),
        invoice.hash,
        accepted.mode.code(),
    ))
}

pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\r' => out.push_str("&#13;"),
            other => out.push(other),
        }
    }
    out
}
