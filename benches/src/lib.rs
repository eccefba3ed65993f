//! What the benches are fed with: the example invoices and the test keys of this repository.
#![allow(
    clippy::unwrap_used,
    reason = "a bench without its material cannot go on"
)]

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use ksef_offline_core::code::{CodeOne, CodeTwo, EcdsaEncoding};
use ksef_offline_core::deadline::{IssueMode, OfflineMode};
use ksef_offline_core::environment::Environment;
use ksef_offline_core::identifier::{CertificateSerial, ContextIdentifier, ReferenceNumber};
use ksef_offline_core::invoice::InvoiceDocument;
use ksef_offline_core::key::{
    AwsLcSigner, Certificate, HashAlgorithm, Identity, OfflineCertificate, PrivateKey,
    SignatureAlgorithm, Signer, SoftwareSigner,
};
use ksef_offline_core::random::OsRandom;
use ksef_offline_core::signature::sign_detached;
use ksef_offline_queue::{
    Codes, Entry, EntryId, Lease, NewEntry, NewSession, OfflineProof, Outcome, Queue, SessionKind,
    SessionProgress, SessionState,
};

/// The kinds of keys KSeF certifies: name, certificate and key file.
const KEYS: [(&str, &str, &str); 2] = [
    ("p256", "p256-offline.crt", "p256-pkcs8.pem"),
    ("rsa2048", "rsa-offline.crt", "rsa-pkcs1.pem"),
];

/// An ordinary domestic invoice.
pub fn invoice() -> Vec<u8> {
    file("examples/invoices/01-vat-domestic.xml")
}

/// An invoice of nearly 3 MB, most of it tables of an attachment.
pub fn large_invoice() -> Vec<u8> {
    invoice_with_attachment(2_950_000)
}

/// An invoice of about this size, most of it tables of an attachment.
pub fn invoice_with_attachment(size: usize) -> Vec<u8> {
    const ROWS_OF_A_TABLE: usize = 1_000;
    let text = String::from_utf8(file("examples/invoices/10-vat-attachment.xml")).unwrap();
    let (before, rest) = text.split_once("<BlokDanych>").unwrap();
    let (block, after) = rest.split_once("</BlokDanych>").unwrap();
    let row_at = block.find("<Wiersz>").unwrap();
    let row_end = block.find("</Wiersz>").unwrap() + "</Wiersz>".len();
    let rows_end = row_at + block[row_at..].find("</Tabela>").unwrap();
    let rows = block[row_at..row_end].repeat(ROWS_OF_A_TABLE);
    let block = format!(
        "<BlokDanych>{}{rows}{}</BlokDanych>",
        &block[..row_at],
        &block[rows_end..]
    );
    let blocks = block.repeat((size - text.len()) / block.len());
    format!("{before}{blocks}{after}").into_bytes()
}

/// An invoice of nearly 1 MB without attachment: the ordinary one with its first line again and again.
pub fn many_lines() -> Vec<u8> {
    const SIZE: usize = 990_000;
    let text = String::from_utf8(invoice()).unwrap();
    let (before, rest) = text.split_once("<FaWiersz>").unwrap();
    let (first, _) = rest.split_once("</FaWiersz>").unwrap();
    let (_, after) = rest.rsplit_once("</FaWiersz>").unwrap();
    let (_, fields) = first.split_once("</NrWierszaFa>").unwrap();
    let lines: String = (1..=(SIZE - text.len()) / (first.len() + 32))
        .map(|number| {
            format!("<FaWiersz><NrWierszaFa>{number}</NrWierszaFa>{fields}</FaWiersz>\n    ")
        })
        .collect();
    format!("{before}{}{after}", lines.trim_end()).into_bytes()
}

/// The ordinary invoice with `count` different numbers.
pub fn invoices(count: usize) -> Vec<Vec<u8>> {
    (0..count).map(invoice_numbered).collect()
}

/// The ordinary invoice with a number of its own.
pub fn document(number: usize) -> InvoiceDocument {
    InvoiceDocument::read(invoice_numbered(number)).unwrap()
}

/// The bytes of the ordinary invoice with a number of its own.
pub fn invoice_numbered(number: usize) -> Vec<u8> {
    let xml = String::from_utf8(invoice()).unwrap();
    let (before, rest) = xml.split_once("<P_2>").unwrap();
    let (_, after) = rest.split_once("</P_2>").unwrap();
    format!("{before}<P_2>BENCH/{number}</P_2>{after}").into_bytes()
}

/// Bytes of a real signature by a P-256 key.
pub const SIGNATURE: usize = 4000;

/// `document` as it is issued offline: signed, with links as long as the real ones.
pub fn new_entry(number: usize, document: InvoiceDocument, signature: usize) -> NewEntry {
    NewEntry {
        id: EntryId::generate(now(), number, &OsRandom).unwrap(),
        context: ContextIdentifier::nip(document.facts().seller),
        document,
        mode: IssueMode::Offline(OfflineMode::Offline24),
        evidence: "{\"ksef\":\"unreachable\"}".into(),
        source: Some(format!("/in/{number}.xml")),
        due: None,
        codes: Some(Codes {
            code_one: Some(format!("https://qr.example/invoice/{number:0>90}")),
            proof: Some(OfflineProof {
                signature: vec![b'x'; signature],
                code_two: format!("https://qr.example/certificate/{number:0>250}"),
                certificate: CertificateSerial::parse("01635E98D9669239").unwrap(),
            }),
        }),
    }
}

/// The right to send for a company, longer than any bench takes.
pub fn lease(queue: &Queue, context: &ContextIdentifier) -> Lease {
    queue
        .acquire_sender(context, "bench", now(), SignedDuration::from_hours(9))
        .unwrap()
}

/// A batch session of these invoices; no two may have one number.
pub fn session(number: u128, entries: &[Entry]) -> NewSession {
    NewSession {
        reference: ReferenceNumber::assemble(entries[0].facts.issue_date, "SB", number),
        kind: SessionKind::Batch,
        offline: true,
        parts: 1,
        secrets: None,
        invoices: entries
            .iter()
            .map(|entry| (entry.id.clone(), format!("{}.xml", entry.id)))
            .collect(),
    }
}

/// What the queue does for a batch of 100: picks them, claims them for a session, and here takes them back.
pub fn claim_and_release(queue: &Queue, lease: &Lease, context: &ContextIdentifier, number: u128) {
    let ready = queue.ready(context, 100, None).unwrap().entries;
    let new = session(number, &ready);
    queue.begin_session(lease, &new, now()).unwrap();
    let outcomes: Vec<(EntryId, Outcome)> = ready
        .iter()
        .map(|entry| (entry.id.clone(), Outcome::Released(None)))
        .collect();
    let failed = SessionProgress {
        state: SessionState::Failed,
        status: None,
    };
    queue
        .settle(lease, &new.reference, &outcomes, Some(&failed), now())
        .unwrap();
}

/// Who does the private-key operations.
#[derive(Clone, Copy)]
pub enum Provider {
    /// Pure Rust, the default of core.
    Pure,
    /// AWS-LC, the default of the command line.
    Fast,
}

impl Provider {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Pure, Self::Fast];

    /// `pure` or `fast`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pure => "pure",
            Self::Fast => "fast",
        }
    }
}

/// Everything a key does for an offline invoice in memory: the XAdES signature, CODE I and CODE II.
pub fn issue(document: &InvoiceDocument, certificate: &OfflineCertificate, at: Timestamp) {
    let environment = Environment::test();
    let context = ContextIdentifier::nip(document.facts().seller);
    black_box((
        CodeOne::new(document, &environment),
        CodeTwo::prepare(document, &context, certificate, &environment)
            .sign(EcdsaEncoding::P1363)
            .unwrap(),
        sign_detached(document, "1.xml", certificate.signer(), at).unwrap(),
    ));
}

/// As long as what is signed in earnest: a ds:SignedInfo and the text of a link.
const SIGNED_INFO: [u8; 1_200] = [b'x'; 1_200];
const LINK: [u8; 140] = [b'x'; 140];

/// The two operations of the key that an offline invoice needs, and nothing else.
pub fn key_operations(certificate: &OfflineCertificate) {
    let hash = HashAlgorithm::Sha256;
    let (signature, code) = if certificate.certificate().public_key().is_rsa() {
        (
            SignatureAlgorithm::RsaPkcs1(hash),
            SignatureAlgorithm::RsaPss(hash),
        )
    } else {
        (
            SignatureAlgorithm::Ecdsa(hash),
            SignatureAlgorithm::Ecdsa(hash),
        )
    };
    let signer = certificate.signer();
    black_box(signer.sign(signature, black_box(&SIGNED_INFO)).unwrap());
    black_box(signer.sign(code, black_box(&LINK)).unwrap());
}

/// An Offline certificate with its key for each kind of key, and the name of the kind.
pub fn certificates() -> Vec<(&'static str, OfflineCertificate)> {
    certificates_of(Provider::Pure)
}

/// The same with the private-key operations of `provider`.
pub fn certificates_of(provider: Provider) -> Vec<(&'static str, OfflineCertificate)> {
    KEYS.into_iter()
        .map(|(name, certificate, key)| {
            let certificate = Certificate::from_bytes(&vector(certificate)).unwrap();
            let key = PrivateKey::from_bytes(&vector(key), None).unwrap();
            let day = certificate.not_before() + SignedDuration::from_hours(24);
            let identity = Identity::new(certificate, key).unwrap();
            let signer: Arc<dyn Signer> = match provider {
                Provider::Pure => Arc::new(SoftwareSigner::of(identity, Arc::new(OsRandom))),
                Provider::Fast => Arc::new(AwsLcSigner::new(identity, Arc::new(OsRandom)).unwrap()),
            };
            (name, OfflineCertificate::new(signer, day).unwrap())
        })
        .collect()
}

/// The moment everything happens at: 2027-01-01, when the certificates of the vectors are valid.
pub fn now() -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_hours(24 * 20_819)
}

fn vector(name: &str) -> Vec<u8> {
    file(&format!("tests/vectors/keys/{name}"))
}

fn file(path: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)).unwrap()
}
