//! Sorting what reqwest reports, without passing on its texts: they quote addresses, and those of the storage are secrets.

use std::error::Error;
use std::io;

use super::address::PrivateAddress;
use crate::error::{ClientError, NetworkKind};

/// The error of a call that got no whole answer.
pub(super) fn of(error: &reqwest::Error) -> ClientError {
    if error.is_builder() {
        return ClientError::Contract {
            what: "an address or header that cannot be used",
        };
    }
    let innermost = innermost(error);
    if innermost.is::<PrivateAddress>() {
        return ClientError::InsecureAddress;
    }
    let kind = if error.is_dns() {
        NetworkKind::Dns
    } else if is_tls(error) && error.is_connect() {
        NetworkKind::Tls
    } else if error.is_connect() {
        NetworkKind::Connect
    } else if error.is_timeout() {
        NetworkKind::Timeout
    } else {
        NetworkKind::Interrupted
    };
    let cause = if kind == NetworkKind::Timeout {
        "timeout".to_owned()
    } else {
        innermost.to_string()
    };
    ClientError::Network { kind, cause }
}

/// The last cause in the chain: the words of the operating system or of TLS, which name no address.
fn innermost(error: &reqwest::Error) -> &(dyn Error + 'static) {
    let mut cause: &(dyn Error + 'static) = match error.source() {
        Some(source) => source,
        None => return &Unknown,
    };
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause
}

fn is_tls(error: &reqwest::Error) -> bool {
    // What rustls says arrives inside of I/O errors, and is known by their kind.
    let mut cause = error.source();
    while let Some(source) = cause {
        if source.downcast_ref().is_some_and(is_invalid_data) {
            return true;
        }
        cause = source.source();
    }
    false
}

/// Whether an I/O error, or one that is wrapped in it, says so. `source` of an I/O error passes over what it wraps.
fn is_invalid_data(error: &io::Error) -> bool {
    let wrapped = error.get_ref().and_then(|inner| inner.downcast_ref());
    error.kind() == io::ErrorKind::InvalidData || wrapped.is_some_and(is_invalid_data)
}

#[derive(Debug, thiserror::Error)]
#[error("no further cause is known")]
struct Unknown;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_of_tls_is_known_however_deep_it_is_wrapped() {
        let tls = io::Error::new(io::ErrorKind::InvalidData, "certificate");
        assert!(is_invalid_data(&io::Error::other(io::Error::other(tls))));
        assert!(!is_invalid_data(&io::Error::other("certificate")));
    }
}
