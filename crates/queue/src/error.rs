//! What can go wrong with the queue, each with its stable code.

use std::time::Duration;

use jiff::Timestamp;
use ksef_offline_core::random::RandomError;
use ksef_offline_core::{Bilingual, Diagnostic, Retry};
use thiserror::Error;

use crate::entry::EntryId;
use crate::session::SessionState;
use crate::status::IllegalMove;

/// Why an operation on the queue did nothing. Whatever the error, nothing was half-written.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum QueueError {
    /// No such invoice, session or receipt.
    #[error("there is no such {what} in the queue")]
    NotFound {
        /// `invoice`, `session` or `receipt`.
        what: &'static str,
    },
    /// The status of the invoice forbids it.
    #[error(transparent)]
    IllegalMove(#[from] IllegalMove),
    /// Another document has the same seller, kind and number.
    #[error(
        "another invoice with the same seller, kind and number is already in the queue ({existing})"
    )]
    DuplicateNumber {
        /// The invoice that has them.
        existing: EntryId,
    },
    /// The id of a new invoice is taken by another document.
    #[error("the id {0} is taken; make a new one")]
    IdTaken(EntryId),
    /// An invoice of the total-failure mode, or one that was given up, was to be sent.
    #[error("an invoice of a total failure, or one that was given up, is never sent to KSeF ({0})")]
    NotToBeSent(EntryId),
    /// Online and offline invoices in one session.
    #[error("online and offline invoices go in separate sessions ({0} is of the other kind)")]
    MixedModes(EntryId),
    /// The invoice belongs to another context than the session.
    #[error("the invoice {0} belongs to another context")]
    OtherContext(EntryId),
    /// The same invoice twice, or none at all, in one session.
    #[error("a session needs at least one invoice and each only once")]
    BadSelection,
    /// An outcome for an invoice that this session does not carry.
    #[error("the invoice {0} is not in this session")]
    NotInSession(EntryId),
    /// A technical correction in a batch, or an ordinary invoice in the place of one.
    #[error("a technical correction goes alone, in an interactive session ({0})")]
    CorrectionInBatch(EntryId),
    /// The rejected invoice has a successor that may still be accepted or has been.
    #[error("the rejected invoice has been settled already, by {successor}")]
    AlreadySettled {
        /// The invoice that took its place.
        successor: EntryId,
    },
    /// A note that says nothing or too much.
    #[error("giving up needs a note of 1 to {max} characters")]
    BadNote {
        /// The most characters.
        max: usize,
    },
    /// A receipt for an invoice that is not accepted.
    #[error("the invoice {0} is not accepted, so it can have no receipt")]
    NotAccepted(EntryId),
    /// A session with this reference is stored already.
    #[error("the session is stored already")]
    SessionExists,
    /// The state of the session forbids it.
    #[error("a session that is {} cannot become {}", .from.name(), .to.name())]
    SessionState {
        /// Its state.
        from: SessionState,
        /// What it should have become.
        to: SessionState,
    },
    /// A session was to end while it still has invoices in processing.
    #[error("the session still has {processing} invoices in processing; settle them first")]
    SessionUnfinished {
        /// How many.
        processing: usize,
    },
    /// A part that the session does not have.
    #[error("the session has no part {ordinal}")]
    NoSuchPart {
        /// The ordinal number that was given, from 1.
        ordinal: u32,
    },
    /// Another live sender holds the lease of the context.
    #[error("another process is sending for this context; its lease ends in {} seconds at most", .remaining.as_secs())]
    SenderBusy {
        /// Time until its lease ends, unless it is renewed.
        remaining: Duration,
    },
    /// The lease ended or another sender took it over.
    #[error("the right to send for this context has ended or passed to another process")]
    LeaseLost,
    /// A cursor that no list returned.
    #[error("the cursor was not returned by this list")]
    CursorMalformed,
    /// An id that is none.
    #[error("this is not the id of an invoice in the queue")]
    IdMalformed,
    /// Randomness for an id was not to be had.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// The database was written by a newer version of this library.
    #[error(
        "the queue was written by a newer version (schema {found}, this version knows {known}); update this program"
    )]
    NewerVersion {
        /// The schema version of the file.
        found: i64,
        /// The newest one known here.
        known: i64,
    },
    /// The file is a database of another application, or no database.
    #[error("the file is not a queue of ksef-offline")]
    ForeignFile,
    /// No room left.
    #[error(
        "the disk takes no more: it is full, or a quota or size limit is reached. Nothing was changed; make room and try again"
    )]
    DiskFull,
    /// Another process kept the database longer than the time one waits.
    #[error("another process is using the queue for longer than usual; try again")]
    Busy,
    /// The database is damaged.
    #[error("the queue is damaged ({what}); restore a backup")]
    Corrupt {
        /// What does not hold.
        what: String,
    },
    /// The file of a queue that was there is gone or empty.
    #[error(
        "the file of the queue is gone or empty; restore a backup, or remove queue.db.made from the home folder to begin a new queue"
    )]
    Lost,
    /// The database server cannot be reached, or the connection to it broke. Nothing was stored.
    #[error("the database server of the queue cannot be reached ({what})")]
    Unreachable {
        /// What the system said, without address or password.
        what: String,
    },
    /// The connection broke at the moment of storing, and whether it was stored could not be found out.
    #[error(
        "the connection to the database broke while storing, and whether it was stored is not known; look before trying again"
    )]
    Unconfirmed,
    /// The address of a database that is none.
    #[error("the address of the database is malformed: {what}")]
    BadUrl {
        /// What is wrong with it, without quoting it.
        what: String,
    },
    /// The database or its folder cannot be written.
    #[error("the queue cannot be written: check the permissions of its file and folder")]
    ReadOnly,
    /// The target of a backup is there already.
    #[error("the file is there already; a backup overwrites nothing")]
    BackupExists,
    /// The store cannot do this.
    #[error("this store has no {what}")]
    NotSupported {
        /// What was asked for.
        what: &'static str,
    },
    /// Any other failure of the disk or the database.
    #[error("the queue could not be read or written ({what})")]
    Io {
        /// What the system or the database said, without content.
        what: String,
    },
}

impl Diagnostic for QueueError {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound { .. } => "not-found",
            Self::IllegalMove(illegal) => illegal.code(),
            Self::DuplicateNumber { .. } => "duplicate-number",
            Self::IdTaken(_) => "id-taken",
            Self::NotToBeSent(_) => "not-to-be-sent",
            Self::MixedModes(_) => "mixed-modes",
            Self::OtherContext(_) => "other-context",
            Self::BadSelection => "bad-selection",
            Self::NotInSession(_) => "not-in-session",
            Self::CorrectionInBatch(_) => "correction-in-batch",
            Self::AlreadySettled { .. } => "already-settled",
            Self::BadNote { .. } => "bad-note",
            Self::NotAccepted(_) => "not-accepted",
            Self::SessionExists => "session-exists",
            Self::SessionState { .. } => "session-state",
            Self::SessionUnfinished { .. } => "session-unfinished",
            Self::NoSuchPart { .. } => "no-such-part",
            Self::SenderBusy { .. } => "sender-busy",
            Self::LeaseLost => "sender-lease-lost",
            Self::CursorMalformed => "cursor-malformed",
            Self::IdMalformed => "id-malformed",
            Self::Random(random) => random.code(),
            Self::NewerVersion { .. } => "queue-newer-version",
            Self::ForeignFile => "queue-foreign-file",
            Self::DiskFull => "disk-full",
            Self::Busy => "queue-busy",
            Self::Corrupt { .. } => "queue-corrupt",
            Self::Lost => "queue-lost",
            Self::Unreachable { .. } => "queue-unreachable",
            Self::Unconfirmed => "queue-unconfirmed",
            Self::BadUrl { .. } => "queue-url-malformed",
            Self::ReadOnly => "queue-read-only",
            Self::BackupExists => "backup-exists",
            Self::NotSupported { .. } => "not-supported",
            Self::Io { .. } => "queue-io",
        }
    }

    fn message(&self) -> Bilingual {
        let pl = match self {
            Self::NotFound { what } => {
                let thing = match *what {
                    "session" => "takiej sesji",
                    "receipt" => "takiego UPO",
                    _ => "takiej faktury",
                };
                format!("w kolejce nie ma {thing}")
            }
            Self::IllegalMove(illegal) => return illegal.message(),
            Self::DuplicateNumber { existing } => format!(
                "w kolejce jest już inna faktura tego samego sprzedawcy, rodzaju i numeru ({existing})"
            ),
            Self::IdTaken(id) => format!("identyfikator {id} jest zajęty; utwórz nowy"),
            Self::NotToBeSent(id) => {
                format!("faktury z awarii całkowitej ani zamkniętej nie wysyła się do KSeF ({id})")
            }
            Self::MixedModes(id) => format!(
                "faktury online i offline wysyła się w osobnych sesjach ({id} jest innego rodzaju)"
            ),
            Self::OtherContext(id) => format!("faktura {id} należy do innego kontekstu"),
            Self::BadSelection => {
                "sesja wymaga co najmniej jednej faktury, a każdej tylko raz".into()
            }
            Self::NotInSession(id) => format!("faktury {id} nie ma w tej sesji"),
            Self::CorrectionInBatch(id) => {
                format!("korekta techniczna idzie osobno, w sesji interaktywnej ({id})")
            }
            Self::AlreadySettled { successor } => {
                format!("odrzuconą fakturę już załatwiono: zastępuje ją {successor}")
            }
            Self::BadNote { max } => {
                format!("rezygnacja wymaga notatki o długości od 1 do {max} znaków")
            }
            Self::NotAccepted(id) => {
                format!("faktura {id} nie jest przyjęta, więc nie może mieć UPO")
            }
            Self::SessionExists => "ta sesja jest już zapisana".into(),
            Self::SessionState { from, to } => format!(
                "sesja w stanie {} nie może przejść w stan {}",
                from.name(),
                to.name()
            ),
            Self::SessionUnfinished { processing } => format!(
                "sesja ma jeszcze faktury w przetwarzaniu ({processing}); najpierw zapisz ich wynik"
            ),
            Self::NoSuchPart { ordinal } => format!("sesja nie ma części {ordinal}"),
            Self::SenderBusy { remaining } => format!(
                "inny proces wysyła dla tego kontekstu; zwolni go najdalej za {} s",
                remaining.as_secs()
            ),
            Self::LeaseLost => {
                "prawo do wysyłki dla tego kontekstu wygasło albo przejął je inny proces".into()
            }
            Self::CursorMalformed => "tego kursora nie zwróciła ta lista".into(),
            Self::IdMalformed => "to nie jest identyfikator faktury w kolejce".into(),
            Self::Random(random) => return random.message(),
            Self::NewerVersion { found, known } => format!(
                "kolejkę zapisała nowsza wersja (schemat {found}, ta wersja zna {known}); zaktualizuj program"
            ),
            Self::ForeignFile => "ten plik nie jest kolejką ksef-offline".into(),
            Self::DiskFull => {
                "dysk nie przyjmuje danych: jest pełny albo osiągnięto limit. Niczego nie zmieniono; zwolnij miejsce i spróbuj ponownie".into()
            }
            Self::Busy => "inny proces używa kolejki dłużej niż zwykle; spróbuj ponownie".into(),
            Self::Corrupt { what } => {
                format!("kolejka jest uszkodzona ({what}); odtwórz kopię zapasową")
            }
            Self::Lost => {
                "pliku kolejki nie ma albo jest pusty; odtwórz kopię zapasową albo usuń queue.db.made z folderu domowego, aby zacząć nową kolejkę".into()
            }
            Self::Unreachable { what } => {
                format!("serwer bazy danych kolejki jest nieosiągalny ({what})")
            }
            Self::Unconfirmed => {
                "połączenie z bazą danych przerwano podczas zapisu i nie wiadomo, czy zapis się powiódł; sprawdź przed ponowieniem".into()
            }
            Self::BadUrl { what } => format!("adres bazy danych jest błędny: {what}"),
            Self::ReadOnly => {
                "nie można zapisać kolejki: sprawdź uprawnienia pliku i folderu".into()
            }
            Self::BackupExists => "ten plik już istnieje; kopia niczego nie nadpisuje".into(),
            Self::NotSupported { what } => format!("ten magazyn nie ma funkcji {what}"),
            Self::Io { what } => format!("nie udało się odczytać lub zapisać kolejki ({what})"),
        };
        Bilingual::new(pl, self.to_string())
    }

    fn retry(&self) -> Retry {
        match self {
            Self::Busy => Retry::Now,
            Self::Unreachable { .. } => Retry::After(Duration::from_secs(5)),
            Self::SenderBusy { remaining } => Retry::After(*remaining),
            Self::Random(random) => random.retry(),
            _ => Retry::Never,
        }
    }
}

impl QueueError {
    pub(crate) fn busy_until(expires: Timestamp, now: Timestamp) -> Self {
        Self::SenderBusy {
            remaining: Duration::try_from(expires.duration_since(now)).unwrap_or_default(),
        }
    }

    #[cfg(any(feature = "sqlite", feature = "postgres"))]
    pub(crate) fn corrupt(what: impl Into<String>) -> Self {
        Self::Corrupt { what: what.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::status::{Event, InvoiceStatus};

    #[test]
    fn a_busy_sender_says_how_long_to_wait() {
        let now = Timestamp::UNIX_EPOCH;
        let error = QueueError::busy_until(Timestamp::from_second(30).unwrap(), now);
        assert_eq!(error.retry(), Retry::After(Duration::from_secs(30)));
        assert_eq!(error.code(), "sender-busy");
        let past = QueueError::busy_until(now, Timestamp::from_second(30).unwrap());
        assert_eq!(past.retry(), Retry::After(Duration::ZERO));
    }

    #[test]
    fn both_languages_say_something_of_their_own() {
        let illegal = IllegalMove {
            current: Some(InvoiceStatus::Sent),
            event: Event::Delete,
        };
        for error in [
            QueueError::NotFound { what: "session" },
            QueueError::IllegalMove(illegal),
            QueueError::DiskFull,
            QueueError::NewerVersion { found: 9, known: 1 },
        ] {
            let message = error.message();
            assert_ne!(message.pl, message.en, "{}", error.code());
        }
    }
}
