//! Invoices, sessions and times that the tests are made of.

use std::sync::atomic::{AtomicU64, Ordering};

use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp};
use ksef_offline_core::deadline::{IssueMode, OfflineMode};
use ksef_offline_core::identifier::{
    CertificateSerial, ContextIdentifier, KsefNumber, Nip, ReferenceNumber,
};
use ksef_offline_core::invoice::InvoiceDocument;
use ksef_offline_core::random::{RandomError, RandomSource};
use ksef_offline_queue::{
    Codes, Entry, EntryId, KsefStatus, Lease, NewEntry, NewSession, OfflineProof, Outcome, Queue,
    SessionKind, SessionProgress, SessionState,
};

pub(crate) const OFFLINE24: IssueMode = IssueMode::Offline(OfflineMode::Offline24);

/// Unique bytes instead of random ones: tests repeat exactly.
struct Counter;

impl RandomSource for Counter {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), RandomError> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let bytes = NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        for (place, byte) in buffer.iter_mut().rev().zip(bytes.into_iter().rev()) {
            *place = byte;
        }
        Ok(())
    }
}

/// Seconds after a fixed morning.
pub(crate) fn at(seconds: i64) -> Timestamp {
    "2026-11-23T07:00:00.123456789Z"
        .parse::<Timestamp>()
        .unwrap()
        .checked_add(SignedDuration::from_secs(seconds))
        .unwrap()
}

pub(crate) fn day(day: i8) -> Date {
    date(2026, 11, day)
}

pub(crate) fn context() -> ContextIdentifier {
    ContextIdentifier::parse("Nip:5265877635").unwrap()
}

pub(crate) fn other_context() -> ContextIdentifier {
    ContextIdentifier::parse("Nip:1111111111").unwrap()
}

pub(crate) fn document(number: &str, buyer: &str, issued: Date) -> InvoiceDocument {
    let xml = format!(
        "<Faktura xmlns=\"http://crd.gov.pl/wzor/2025/06/25/13775/\">\
         <Podmiot1><DaneIdentyfikacyjne><NIP>5265877635</NIP><Nazwa>Łódka</Nazwa></DaneIdentyfikacyjne></Podmiot1>\
         <Podmiot2><DaneIdentyfikacyjne><NIP>7251804426</NIP><Nazwa>{buyer}</Nazwa></DaneIdentyfikacyjne></Podmiot2>\
         <Fa><KodWaluty>PLN</KodWaluty><P_1>{issued}</P_1><P_2>{number}</P_2><P_15>1173.90</P_15>\
         <RodzajFaktury>VAT</RodzajFaktury></Fa></Faktura>"
    );
    InvoiceDocument::read(xml.into_bytes()).unwrap()
}

pub(crate) fn codes() -> Codes {
    Codes {
        code_one: Some("https://qr.example/invoice/x".to_owned()),
        proof: Some(OfflineProof {
            signature: b"<Signature/>".to_vec(),
            code_two: "https://qr.example/certificate/x".to_owned(),
            certificate: CertificateSerial::parse("01635E98D9669239").unwrap(),
        }),
    }
}

/// A signed Offline24 invoice due on the 24th.
pub(crate) fn signed(number: &str) -> NewEntry {
    NewEntry {
        id: EntryId::generate(at(0), 0, &Counter).unwrap(),
        context: context(),
        document: document(number, "Delikatesy Ćwik", day(23)),
        mode: OFFLINE24,
        evidence: "{\"ksef\":\"unreachable\"}".to_owned(),
        source: Some(format!("/in/{number}.xml")),
        due: Some(day(24)),
        codes: Some(codes()),
    }
}

pub(crate) fn pending(number: &str) -> NewEntry {
    NewEntry {
        codes: None,
        ..signed(number)
    }
}

pub(crate) fn issue(queue: &Queue, new: &NewEntry) -> Entry {
    let issued = queue.issue(new, at(0)).unwrap();
    assert!(!issued.was_there);
    issued.entry
}

pub(crate) fn session_reference(number: u128) -> ReferenceNumber {
    ReferenceNumber::assemble(day(23), "SB", number)
}

pub(crate) fn batch(number: u128, entries: &[&Entry]) -> NewSession {
    NewSession {
        reference: session_reference(number),
        kind: SessionKind::Batch,
        offline: true,
        parts: 2,
        secrets: Some(b"sealed".to_vec()),
        invoices: entries
            .iter()
            .map(|entry| (entry.id.clone(), format!("{}.xml", entry.id)))
            .collect(),
    }
}

pub(crate) fn lease(queue: &Queue) -> Lease {
    queue
        .acquire_sender(&context(), "tests", at(0), SignedDuration::from_hours(1))
        .unwrap()
}

pub(crate) fn ksef_number(unique: u64) -> KsefNumber {
    KsefNumber::assemble(Nip::parse("5265877635").unwrap(), day(23), unique)
}

pub(crate) fn accepted(unique: u64) -> Outcome {
    Outcome::Accepted {
        ksef_number: ksef_number(unique),
        acquisition_date: Some("2026-11-23T08:00:00.1234567Z".parse().unwrap()),
    }
}

pub(crate) fn status(code: i32) -> KsefStatus {
    KsefStatus {
        code,
        description: "Opis".to_owned(),
        details: vec!["pierwszy".to_owned(), "drugi".to_owned()],
    }
}

pub(crate) fn becomes(state: SessionState) -> SessionProgress {
    SessionProgress {
        state,
        status: None,
    }
}

/// Issues and sends invoices, all accepted at `second`; the n-th gets the KSeF number of n + 1000 * session.
pub(crate) fn archive(queue: &Queue, session: u128, new: &[NewEntry], second: i64) -> Vec<Entry> {
    let entries: Vec<Entry> = new.iter().map(|new| issue(queue, new)).collect();
    let lease = lease(queue);
    let new = batch(session, &entries.iter().collect::<Vec<_>>());
    queue.begin_session(&lease, &new, at(1)).unwrap();
    let outcomes: Vec<(EntryId, Outcome)> = (0_u64..)
        .zip(&entries)
        .map(|(n, entry)| (entry.id.clone(), accepted(n + 1000 * session as u64)))
        .collect();
    let progress = becomes(SessionState::Completed);
    queue
        .settle(
            &lease,
            &new.reference,
            &outcomes,
            Some(&progress),
            at(second),
        )
        .unwrap()
}
