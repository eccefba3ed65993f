//! Pre-signed links: addresses that need no token because a signature in them says what they allow, and until when.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use crate::state::Shared;

/// A link to `path` that works until `until`.
pub(super) fn signed(app: &Shared, path: &str, until: Timestamp) -> String {
    let seconds = until.as_second();
    let signature = signature(app, path, seconds);
    format!("{}{path}?se={seconds}&sig={signature}", app.base)
}

/// Whether the query of a request carries the signature of its path, and the time is not over.
pub(super) fn allows(app: &Shared, path: &str, until: Option<&str>, given: Option<&str>) -> bool {
    let (Some(until), Some(given)) = (until.and_then(|text| text.parse::<i64>().ok()), given)
    else {
        return false;
    };
    given == signature(app, path, until) && app.now().as_second() < until
}

fn signature(app: &Shared, path: &str, until: i64) -> String {
    let mut hash = Sha256::new();
    hash.update(app.link_secret);
    hash.update(path.as_bytes());
    hash.update(until.to_be_bytes());
    hash.update(app.link_secret);
    URL_SAFE_NO_PAD.encode(hash.finalize())
}
