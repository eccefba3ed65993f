//! What the server and the network say, in the words of the queue. Only codes are passed on: the server's texts quote
//! what is stored.

use tokio_postgres::Error;
use tokio_postgres::error::SqlState;

use crate::error::QueueError;

/// Whether trying again from the beginning can help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    /// Another transaction was in the way.
    Conflict,
    /// The connection broke: nothing of the transaction was stored, unless it was just being committed.
    Lost,
}

/// What kind of trouble this is, if it is any.
pub(super) fn trouble(error: &Error) -> Option<Trouble> {
    if error.is_closed() {
        return Some(Trouble::Lost);
    }
    let Some(code) = error.code() else {
        // Neither closed nor the server's word: the socket broke.
        return std::error::Error::source(error)
            .is_some_and(<dyn std::error::Error>::is::<std::io::Error>)
            .then_some(Trouble::Lost);
    };
    let conflicts = [
        SqlState::T_R_SERIALIZATION_FAILURE,
        SqlState::T_R_DEADLOCK_DETECTED,
        SqlState::UNIQUE_VIOLATION,
        SqlState::LOCK_NOT_AVAILABLE,
    ];
    let lost = [
        SqlState::ADMIN_SHUTDOWN,
        SqlState::CRASH_SHUTDOWN,
        SqlState::CANNOT_CONNECT_NOW,
        SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
        SqlState::TOO_MANY_CONNECTIONS,
    ];
    if conflicts.contains(code) {
        Some(Trouble::Conflict)
    } else if lost.contains(code) || code.code().starts_with("08") {
        Some(Trouble::Lost)
    } else {
        None
    }
}

pub(super) fn told(error: &Error) -> QueueError {
    match trouble(error) {
        Some(Trouble::Conflict) => return QueueError::Busy,
        Some(Trouble::Lost) => {
            return QueueError::Unreachable {
                what: "the connection broke".to_owned(),
            };
        }
        None => {}
    }
    let Some(code) = error.code() else {
        return QueueError::Unreachable {
            what: reason(error),
        };
    };
    match code.code() {
        "53100" => QueueError::DiskFull,
        "25006" | "42501" => QueueError::ReadOnly,
        "XX001" | "XX002" => QueueError::corrupt("the pages of the database"),
        "28000" | "28P01" => QueueError::Unreachable {
            what: "the server refused the login".to_owned(),
        },
        "3D000" => QueueError::Unreachable {
            what: "there is no such database".to_owned(),
        },
        code => QueueError::Io {
            what: format!("PostgreSQL {code}"),
        },
    }
}

/// Why there is no connection, in the system's words.
fn reason(error: &Error) -> String {
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        if let Some(io) = cause.downcast_ref::<std::io::Error>() {
            return match io.get_ref() {
                // rustls says what is wrong with a certificate, without content.
                Some(inner) => inner.to_string(),
                None => io.kind().to_string(),
            };
        }
        source = cause.source();
    }
    // Not the server's word, so it quotes nothing that is stored.
    error.to_string()
}
