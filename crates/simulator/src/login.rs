//! Decides who may log in: what a signature, a certificate or a token is worth here.

use jiff::Timestamp;
use ksef_offline_core::Diagnostic as _;
use ksef_offline_core::identifier::{ContextIdentifier, ContextKind, InvoiceHash};
use ksef_offline_core::key::Certificate;
use ksef_offline_core::login::{AuthTokenRequest, SubjectIdentifierType};
use ksef_offline_core::signature::SignatureError;

use crate::error::ApiError;
use crate::session::Status;
use crate::state::{CertificateType, World};

/// The exception code of a signature that does not convince.
pub(crate) fn refused_signature(error: &SignatureError, body: &[u8]) -> ApiError {
    let detail = error.message().pl.into_owned();
    match error {
        SignatureError::DocumentMalformed | SignatureError::Malformed => {
            ApiError::code(9101, detail)
        }
        SignatureError::NotOneSignature => {
            let signed = String::from_utf8_lossy(body).contains("SignatureValue");
            ApiError::code(if signed { 9103 } else { 9102 }, detail)
        }
        SignatureError::Certificate(_) | SignatureError::OutsideValidity => {
            ApiError::code(21115, detail)
        }
        _ => ApiError::code(9105, detail),
    }
}

/// Whether the owner of a certificate may work in the context, and whether the certificate is one of ours.
pub(crate) fn judge_certificate(
    world: &mut World,
    request: &AuthTokenRequest,
    certificate: &Certificate,
    now: Timestamp,
) -> (Status, bool) {
    let bad = |detail: &str| {
        Status::new(
            460,
            "Uwierzytelnianie nie powiodło się z powodu certyfikatu",
        )
        .detail(detail)
    };
    let serial = certificate.serial().ok();
    let mut enrolled = serial
        .and_then(|serial| world.certificates.get_mut(serial.as_str()))
        .filter(|record| record.parsed().as_ref() == Some(certificate));
    let is_ours = enrolled.is_some();
    if certificate.check_validity(now).is_err() {
        return (bad("Certyfikat jest nieważny."), is_ours);
    }
    let mut own_context = None;
    match enrolled.as_mut() {
        Some(record) if record.revoked.is_some() => return (bad("Certyfikat odwołano."), true),
        Some(record) if record.kind == CertificateType::Offline => {
            return (bad("Certyfikat nie służy do uwierzytelniania."), true);
        }
        Some(record) => {
            record.last_used = Some(now);
            own_context = Some(record.context.clone());
        }
        // As on the Test environment: whoever signs his own certificate is believed, other authorities are not known here.
        None if certificate.issuer() != certificate.subject() => {
            return (bad("Łańcuch certyfikatów nie jest zaufany."), false);
        }
        None => {}
    }
    let identifier = match request.subject {
        SubjectIdentifierType::CertificateSubject => certificate.tax_identifier(),
        SubjectIdentifierType::CertificateFingerprint => Some(
            certificate
                .fingerprint()
                .map(|byte| format!("{byte:02X}"))
                .concat(),
        ),
    };
    let admitted = match (&identifier, request.subject) {
        (None, _) => {
            request.context.kind() == ContextKind::PeppolId
                && certificate.common_name().as_deref() == Some(request.context.value())
        }
        (Some(identifier), SubjectIdentifierType::CertificateSubject) => {
            let number = identifier
                .split_once('-')
                .map_or(identifier.as_str(), |(_, number)| number);
            request
                .context
                .company()
                .is_some_and(|nip| nip.as_str() == number)
        }
        (Some(_), SubjectIdentifierType::CertificateFingerprint) => {
            own_context.as_ref() == Some(&request.context)
        }
    };
    let granted = identifier.is_some_and(|identifier| {
        world.settings.grants.iter().any(|(context, name)| {
            *context == request.context && name.eq_ignore_ascii_case(&identifier)
        })
    });
    if admitted || granted {
        (succeeded(), is_ours)
    } else {
        let status = Status::new(415, "Uwierzytelnianie nie powiodło się")
            .detail("Brak przypisanych uprawnień.");
        (status, is_ours)
    }
}

fn succeeded() -> Status {
    Status::new(200, "Uwierzytelnianie zakończone sukcesem")
}

/// Checks `token|milliseconds`. Gives the reference of the token, empty when there is none.
pub(crate) fn judge_token(
    world: &mut World,
    plain: Option<Vec<u8>>,
    context: &ContextIdentifier,
    challenge_given: Timestamp,
    now: Timestamp,
) -> (Status, String) {
    let bad = |detail: &str| {
        let status =
            Status::new(450, "Uwierzytelnianie nie powiodło się z powodu tokena").detail(detail);
        (status, String::new())
    };
    let Some(plain) = plain else {
        return bad("Szyfrowanie tokena jest nieprawidłowe.");
    };
    let Ok(text) = String::from_utf8(plain) else {
        return bad("Kodowanie tokena jest nieprawidłowe.");
    };
    let Some((token, milliseconds)) = text.rsplit_once('|') else {
        return bad("Token jest nieprawidłowy.");
    };
    if milliseconds.parse() != Ok(challenge_given.as_millisecond()) {
        return bad("Czas tokena jest nieprawidłowy.");
    }
    let digest = InvoiceHash::of(token.as_bytes());
    let Some(record) = world
        .tokens
        .values_mut()
        .find(|record| record.digest == digest)
    else {
        return bad("Token jest nieprawidłowy.");
    };
    if record.revoked {
        return bad("Token unieważniono.");
    }
    if record.context != *context {
        return bad("Tokena nie można użyć w tym kontekście.");
    }
    record.last_used = Some(now);
    (succeeded(), record.reference.clone())
}
