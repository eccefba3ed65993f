//! What KSeF's word about an invoice means for the queue: the table of final codes, as a pure function.

use ksef_offline_client::{InvoiceStatus, Status};
use ksef_offline_core::identifier::KsefNumber;
use ksef_offline_queue::{KsefStatus, Outcome};

/// What to do about the status of one invoice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ruling {
    /// Record this.
    Settled(Outcome),
    /// A duplicate: whether of our own earlier upload has to be found out.
    Duplicate,
}

/// Reads an invoice status. Codes this version does not know leave the invoice where it is.
pub(crate) fn ruling(invoice: &InvoiceStatus) -> Ruling {
    let status = ksef_status(&invoice.status);
    Ruling::Settled(match status.code {
        200 => match &invoice.ksef_number {
            Some(number) => accepted(number, invoice),
            None => Outcome::InProgress(status),
        },
        440 => return Ruling::Duplicate,
        // Nothing is wrong with the bytes: they go out again in a new session.
        405 | 435 | 500 | 550 => Outcome::Released(Some(status)),
        410 | 415 | 430 | 450 => Outcome::Rejected(status),
        _ => Outcome::InProgress(status),
    })
}

pub(crate) fn accepted(number: &KsefNumber, invoice: &InvoiceStatus) -> Outcome {
    Outcome::Accepted {
        ksef_number: number.clone(),
        acquisition_date: invoice.acquired,
    }
}

/// Whether a session with this code will never process anything more.
pub(crate) fn is_final(code: i64) -> bool {
    matches!(code, 200 | 405 | 415 | 420 | 430 | 435 | 440 | 445 | 500)
}

pub(crate) fn ksef_status(status: &Status) -> KsefStatus {
    KsefStatus {
        code: i32::try_from(status.code).unwrap_or(i32::MAX),
        description: status.description.clone(),
        details: status.details.clone(),
    }
}
