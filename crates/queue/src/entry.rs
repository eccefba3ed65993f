//! An invoice in the queue or the archive: what is stored of it, and how each event changes it.

use core::fmt;
use core::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use ksef_offline_core::deadline::{IssueMode, OfflineMode};
use ksef_offline_core::identifier::{
    CertificateSerial, ContextIdentifier, InvoiceHash, KsefNumber, ReferenceNumber,
};
use ksef_offline_core::invoice::{InvoiceDocument, InvoiceFacts};
use ksef_offline_core::random::RandomSource;
use serde::{Deserialize, Serialize};

use crate::error::QueueError;
use crate::receipt::ReceiptId;
use crate::status::{Event, IllegalMove, InvoiceStatus, transition};

/// The name of an invoice here: `20261122-204703123-0000079c0e1b2d4f`, UTC time of issue to the millisecond, six digits
/// for its place among those issued together, and 40 random bits. Unique, sorted as issued, and safe in the file names
/// of every system.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryId(Box<str>);

impl EntryId {
    /// Makes a new one; `place` is counted among the invoices issued at the same `now`, and wraps at 2²⁴.
    ///
    /// # Errors
    /// [`QueueError::Random`] when `random` does not answer.
    pub fn generate(
        now: Timestamp,
        place: usize,
        random: &dyn RandomSource,
    ) -> Result<Self, QueueError> {
        let mut unique = [0; 8];
        random.fill(&mut unique)?;
        unique[..3].copy_from_slice(&(place as u32).to_be_bytes()[1..]);
        let time = now.to_zoned(TimeZone::UTC);
        Ok(Self(
            format!(
                "{:04}{:02}{:02}-{:02}{:02}{:02}{:03}-{:016x}",
                time.year().max(0),
                time.month(),
                time.day(),
                time.hour(),
                time.minute(),
                time.second(),
                time.millisecond(),
                u64::from_be_bytes(unique)
            )
            .into(),
        ))
    }

    /// Reads an id. A path or a part of one never passes.
    ///
    /// # Errors
    /// [`QueueError::IdMalformed`] for any other form.
    pub fn parse(text: &str) -> Result<Self, QueueError> {
        let legal = text.len() == 35
            && text.bytes().enumerate().all(|(i, byte)| match i {
                8 | 18 => byte == b'-',
                0..=17 => byte.is_ascii_digit(),
                _ => byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte),
            });
        if legal {
            Ok(Self(text.into()))
        } else {
            Err(QueueError::IdMalformed)
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for EntryId {
    type Err = QueueError;

    fn from_str(text: &str) -> Result<Self, QueueError> {
        Self::parse(text)
    }
}

impl fmt::Display for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EntryId({self})")
    }
}

/// What makes an invoice ready to be sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Codes {
    /// The link of CODE I; an invoice of a total failure has none.
    pub code_one: Option<String>,
    /// The proof of the issuer, for offline invoices.
    pub proof: Option<OfflineProof>,
}

/// Signature and CODE II of an offline invoice.
#[derive(Clone, PartialEq, Eq)]
pub struct OfflineProof {
    /// The detached XAdES document over the exact invoice bytes.
    pub signature: Vec<u8>,
    /// The link of CODE II.
    pub code_two: String,
    /// Serial number of the Offline certificate that signed.
    pub certificate: CertificateSerial,
}

/// Shows the certificate, not the links: they carry the seller and what leads to the invoice.
impl fmt::Debug for Codes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Codes")
            .field(
                "certificate",
                &self.proof.as_ref().map(|proof| proof.certificate),
            )
            .finish_non_exhaustive()
    }
}

/// Shows the certificate alone.
impl fmt::Debug for OfflineProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OfflineProof")
            .field("certificate", &self.certificate)
            .finish_non_exhaustive()
    }
}

/// An invoice to be issued.
#[derive(Debug, Clone)]
pub struct NewEntry {
    /// Its id here, from [`EntryId::generate`].
    pub id: EntryId,
    /// In whose name it is issued.
    pub context: ContextIdentifier,
    /// The document.
    pub document: InvoiceDocument,
    /// How it is issued.
    pub mode: IssueMode,
    /// Why in that mode: what KSeF and Latarnia answered, as JSON or prose. Kept as evidence, never interpreted.
    pub evidence: String,
    /// The path or name it came from.
    pub source: Option<String>,
    /// The day it is due, `None` while that is open or when nothing is due.
    pub due: Option<Date>,
    /// `None` makes it Pending, anything else Signed.
    pub codes: Option<Codes>,
}

/// A status of KSeF for an invoice or a session, as KSeF words it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KsefStatus {
    /// The number, for example 440.
    pub code: i32,
    /// The description.
    pub description: String,
    /// The details, for example the validator's words.
    pub details: Vec<String>,
}

/// What a technical correction stands for: the rejected invoice whose printed codes lead to the correction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Corrects {
    /// The rejected invoice that was handed to the buyer. It may have been deleted since.
    pub original: EntryId,
    /// Its hash, which KSeF is told as `hashOfCorrectedInvoice`.
    pub hash: InvoiceHash,
}

/// How an invoice was settled by a person. Closed: these are the ways there are.
#[derive(Clone, PartialEq, Eq)]
pub enum Resolution {
    /// By this technical correction.
    Corrected(EntryId),
    /// By this new invoice.
    Replaced(EntryId),
    /// Not at all, for the reason in this note. An invoice that waited, as those of a total failure do, is never sent then.
    GivenUp(String),
}

impl Resolution {
    /// The invoice that takes the place of the rejected one.
    pub fn successor(&self) -> Option<&EntryId> {
        match self {
            Self::Corrected(id) | Self::Replaced(id) => Some(id),
            Self::GivenUp(_) => None,
        }
    }
}

/// Shows ids; a note is a person's own words.
impl fmt::Debug for Resolution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Corrected(id) => write!(f, "Corrected({id})"),
            Self::Replaced(id) => write!(f, "Replaced({id})"),
            Self::GivenUp(_) => f.write_str("GivenUp(…)"),
        }
    }
}

/// What is known of an invoice, all but its large contents: document, signature, evidence and receipt are read by
/// calls of their own.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its id.
    pub id: EntryId,
    /// In whose name it was issued.
    pub context: ContextIdentifier,
    /// Where it stands.
    pub status: InvoiceStatus,
    /// How it was issued.
    pub mode: IssueMode,
    /// The path or name it came from.
    pub source: Option<String>,
    /// What the document says.
    pub facts: InvoiceFacts,
    /// SHA-256 of the document.
    pub hash: InvoiceHash,
    /// Size of the document in bytes.
    pub size: u64,
    /// The link of CODE I, once signed.
    pub code_one: Option<String>,
    /// The link of CODE II of a signed offline invoice.
    pub code_two: Option<String>,
    /// Serial number of the certificate that signed.
    pub certificate: Option<CertificateSerial>,
    /// The day it is due, as last computed; `None` while open, or when nothing is due.
    pub due: Option<Date>,
    /// The number KSeF gave it.
    pub ksef_number: Option<KsefNumber>,
    /// When KSeF took it, by KSeF's clock.
    pub acquisition_date: Option<Timestamp>,
    /// When its acceptance was recorded here, by the caller's clock; orders the archive.
    pub archived: Option<Timestamp>,
    /// The last word of KSeF about it, except acceptance.
    pub answer: Option<KsefStatus>,
    /// The session that carries it or carried it last with a result.
    pub session: Option<ReferenceNumber>,
    /// Its receipt, once stored.
    pub receipt: Option<ReceiptId>,
    /// What it corrects, when it is a technical correction: it goes to KSeF alone, in an interactive session.
    pub corrects: Option<Corrects>,
    /// What a person did about it. The number of a rejected one is free then for another document.
    pub resolution: Option<Resolution>,
    /// How many sessions were opened for it.
    pub attempts: u32,
    /// When it was issued here.
    pub created: Timestamp,
    /// When it last changed.
    pub updated: Timestamp,
}

impl Entry {
    /// The reasons of a rejection; `None` unless the status is Error.
    pub fn rejection(&self) -> Option<&KsefStatus> {
        self.answer
            .as_ref()
            .filter(|_| self.status == InvoiceStatus::Error)
    }

    /// Whether KSeF ever gets invoices of its mode: all but those of a total failure.
    pub fn is_sendable(&self) -> bool {
        self.mode != IssueMode::Offline(OfflineMode::TotalFailure)
    }

    /// Whether a session may take it, if it is Signed: not when it was given up.
    pub(crate) fn may_go(&self) -> bool {
        self.is_sendable() && self.resolution.is_none()
    }

    /// Whether it keeps its number from other documents: all but rejected ones that a person settled.
    pub(crate) fn holds_number(&self) -> bool {
        self.resolution.is_none() || self.status != InvoiceStatus::Error
    }

    pub(crate) fn issued(new: &NewEntry, at: Timestamp) -> Result<Self, IllegalMove> {
        let event = if new.codes.is_some() {
            Event::IssueSigned
        } else {
            Event::IssueUnsigned
        };
        let mut entry = Self {
            id: new.id.clone(),
            context: new.context.clone(),
            status: after(None, event)?,
            mode: new.mode,
            source: new.source.clone(),
            facts: new.document.facts().clone(),
            hash: new.document.hash(),
            size: new.document.bytes().len() as u64,
            code_one: None,
            code_two: None,
            certificate: None,
            due: new.due,
            ksef_number: None,
            acquisition_date: None,
            archived: None,
            answer: None,
            session: None,
            receipt: None,
            corrects: None,
            resolution: None,
            attempts: 0,
            created: at,
            updated: at,
        };
        if let Some(codes) = &new.codes {
            entry.take_codes(codes);
        }
        Ok(entry)
    }

    pub(crate) fn sign(&mut self, codes: &Codes, at: Timestamp) -> Result<(), IllegalMove> {
        self.go(Event::Sign, at)?;
        self.take_codes(codes);
        Ok(())
    }

    fn take_codes(&mut self, codes: &Codes) {
        self.code_one.clone_from(&codes.code_one);
        self.code_two = codes.proof.as_ref().map(|proof| proof.code_two.clone());
        self.certificate = codes.proof.as_ref().map(|proof| proof.certificate);
    }

    pub(crate) fn claim(
        &mut self,
        session: &ReferenceNumber,
        at: Timestamp,
    ) -> Result<(), IllegalMove> {
        self.go(Event::Claim, at)?;
        self.session = Some(session.clone());
        self.answer = None;
        self.attempts = self.attempts.saturating_add(1);
        Ok(())
    }

    pub(crate) fn accept(
        &mut self,
        number: &KsefNumber,
        acquisition_date: Option<Timestamp>,
        at: Timestamp,
    ) -> Result<(), IllegalMove> {
        self.go(Event::Accept, at)?;
        self.ksef_number = Some(number.clone());
        self.acquisition_date = acquisition_date;
        self.archived = Some(at);
        self.answer = None;
        Ok(())
    }

    pub(crate) fn reject(&mut self, answer: &KsefStatus, at: Timestamp) -> Result<(), IllegalMove> {
        self.go(Event::Reject, at)?;
        self.answer = Some(answer.clone());
        Ok(())
    }

    pub(crate) fn release(
        &mut self,
        answer: Option<&KsefStatus>,
        at: Timestamp,
    ) -> Result<(), IllegalMove> {
        self.go(Event::Release, at)?;
        self.session = None;
        self.answer = answer.cloned();
        Ok(())
    }

    pub(crate) fn resolve(
        &mut self,
        resolution: Resolution,
        at: Timestamp,
    ) -> Result<Event, IllegalMove> {
        let event = match resolution {
            Resolution::Corrected(_) => Event::Correct,
            Resolution::Replaced(_) => Event::Replace,
            Resolution::GivenUp(_) => Event::GiveUp,
        };
        self.go(event, at)?;
        self.resolution = Some(resolution);
        Ok(event)
    }

    fn go(&mut self, event: Event, at: Timestamp) -> Result<(), IllegalMove> {
        self.status = after(Some(self.status), event)?;
        self.updated = at;
        Ok(())
    }
}

/// [`transition`] for the events that leave the invoice in the queue.
fn after(current: Option<InvoiceStatus>, event: Event) -> Result<InvoiceStatus, IllegalMove> {
    transition(current, event)?.ok_or(IllegalMove { current, event })
}

/// Shows what identifies it without its content.
impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("id", &self.id)
            .field("status", &self.status)
            .field("mode", &self.mode)
            .field("hash", &self.hash)
            .field("due", &self.due)
            .field("session", &self.session)
            .field("attempts", &self.attempts)
            .field("corrects", &self.corrects)
            .field("resolution", &self.resolution)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ksef_offline_core::random::RandomError;

    struct Fixed(u8);

    impl RandomSource for Fixed {
        fn fill(&self, buffer: &mut [u8]) -> Result<(), RandomError> {
            buffer.fill(self.0);
            Ok(())
        }
    }

    #[test]
    fn an_id_sorts_by_time_and_is_safe_in_a_file_name() {
        let early: Timestamp = "2026-11-22T20:47:03.123Z".parse().unwrap();
        let late: Timestamp = "2026-11-22T20:47:03.124Z".parse().unwrap();
        let first = EntryId::generate(early, 0, &Fixed(0xFF)).unwrap();
        let second = EntryId::generate(late, 0, &Fixed(0x00)).unwrap();
        assert_eq!(first.as_str(), "20261122-204703123-000000ffffffffff");
        assert!(first < second);
        assert_eq!(EntryId::parse(first.as_str()), Ok(first));
    }

    #[test]
    fn no_path_passes_for_an_id() {
        for bad in [
            "",
            "../../../../../../../../etc/passwd.",
            "20261122-204703123-FFFFFFFFFFFFFFFF",
            "20261122-204703123-ffffffffffffffff/",
            "20261122_204703123-ffffffffffffffff",
        ] {
            assert_eq!(EntryId::parse(bad), Err(QueueError::IdMalformed), "{bad}");
        }
    }
}
