//! `verify`: what was handed over, judged check by check.

use std::path::PathBuf;

use jiff::Timestamp;
use ksef_offline::core::check::Check;
use ksef_offline::core::code::CodeKind;
use ksef_offline::core::environment::EnvironmentKind;
use ksef_offline::core::key::TrustAnchors;
use ksef_offline::core::signature::SignatureError;
use ksef_offline::{
    Config, DeskError, read_trust_anchors, verify_code, verify_receipt, verify_signature,
};
use serde_json::{Value, json};

use super::{Ended, Place};
use crate::args::{VerifyCodeArgs, VerifyReceiptArgs, VerifySignatureArgs};
use crate::failure::{FAILED, Failure, USAGE};
use crate::output::{Output, printable};
use crate::table::{GREEN, RED, plain_table};

/// `verify code`. Without a home the three environments of the Ministry are known.
pub fn code(output: &Output, home: &Place, args: &VerifyCodeArgs) -> Ended {
    let custom = match home.folder().map(|folder| Config::load(&folder)) {
        Ok(Ok(config)) => Some(config.environment)
            .filter(|environment| environment.kind() == EnvironmentKind::Custom),
        Ok(Err(DeskError::ConfigMissing(_))) | Err(_) => None,
        Ok(Err(error)) => return Err(error.into()),
    };
    let anchors = anchors(home, &args.trust)?;
    let report = verify_code(
        &args.url,
        args.invoice.as_deref(),
        args.certificate.as_deref(),
        custom.as_ref(),
        Timestamp::now(),
    )?;
    let title = match report.kind() {
        Some(CodeKind::One) => output.say("KOD I", "CODE I"),
        Some(CodeKind::Two) => output.say("KOD II", "CODE II"),
        None => "Link",
    };
    let valid = report.result().is_ok();
    let trusted = report.trusted(&anchors);
    let document = json!({
        "valid": valid,
        "kind": report.kind().map(CodeKind::name),
        "trusted": trusted,
        "checks": report.checks(),
    });
    let code = print(output, &document, title, valid, report.checks());
    if report.certificate().is_some() {
        tell_trust(output, valid, trusted);
    }
    Ok(code)
}

/// `verify signature`
pub fn signature(output: &Output, home: &Place, args: &VerifySignatureArgs) -> Ended {
    let anchors = anchors(home, &args.trust)?;
    let report = verify_signature(&args.file, args.invoice.as_deref(), Timestamp::now())?;
    let trusted = report.trusted(&anchors);
    let title = output.say("Podpis", "Signature");
    let holds = report.fault().is_none();
    let code = print_signed(output, title, holds, holds, trusted, report.checks());
    if report.fault() == Some(&SignatureError::DocumentMissing) {
        output.remark(output.say(
            "Podaj podpisany plik: --invoice PLIK.",
            "Give the file that was signed: --invoice FILE.",
        ));
    }
    Ok(code)
}

/// `verify receipt`
pub fn receipt(output: &Output, home: &Place, args: &VerifyReceiptArgs) -> Ended {
    let anchors = anchors(home, &args.trust)?;
    let report = verify_receipt(&args.file, args.invoice.as_deref(), Timestamp::now())?;
    let trusted = report.trusted(&anchors);
    Ok(print_signed(
        output,
        "UPO",
        report.result().is_ok(),
        report.seal().fault().is_none(),
        trusted,
        report.checks(),
    ))
}

/// The certificates in the files given, else those that `config.toml` names, if there is one.
fn anchors(home: &Place, files: &[PathBuf]) -> Result<TrustAnchors, Failure> {
    if !files.is_empty() {
        // Whatever is wrong with such a file is wrong usage: nothing was checked yet.
        return read_trust_anchors(files).map_err(|error| Failure {
            exit: USAGE,
            ..Failure::from(error)
        });
    }
    match Config::load(&home.folder()?) {
        Ok(config) => Ok(config.trust_anchors()?),
        Err(DeskError::ConfigMissing(_)) => Ok(TrustAnchors::default()),
        Err(error) => Err(error.into()),
    }
}

/// What was signed, and whether the signer is trusted.
fn print_signed(
    output: &Output,
    title: &str,
    valid: bool,
    seal_holds: bool,
    trusted: Option<bool>,
    checks: &[Check],
) -> u8 {
    let document = json!({ "valid": valid, "trusted": trusted, "checks": checks });
    let code = print(output, &document, title, valid, checks);
    tell_trust(output, seal_holds, trusted);
    code
}

/// Whether the certificate leads to a trusted one, which says more than that everything fits together: only where the
/// signature holds (`seal_holds`) somebody was found who could be trusted.
fn tell_trust(output: &Output, seal_holds: bool, trusted: Option<bool>) {
    output.remark(match trusted {
        Some(true) => output.say(
            "Certyfikat prowadzi do zaufanego. Nie sprawdzono, czy go nie unieważniono.",
            "The certificate leads to a trusted one. Whether it was revoked was not looked at.",
        ),
        Some(false) if !seal_holds => output.say(
            "Zaufania nie oceniono: podpis nie przeszedł sprawdzenia.",
            "Trust was not judged: the signature does not hold.",
        ),
        Some(false) => output.say(
            "Certyfikat NIE prowadzi do zaufanego.",
            "The certificate does NOT lead to a trusted one.",
        ),
        None => output.say(
            "Zaufania nie sprawdzono: nie podano certyfikatów (--trust).",
            "Trust was not looked at: no certificates were given (--trust).",
        ),
    });
}

/// Prints a verdict, for people as a list of its checks, and gives the exit code that goes with it.
fn print(output: &Output, document: &Value, title: &str, valid: bool, checks: &[Check]) -> u8 {
    output.print(document, || {
        let word = if valid {
            format!(
                "{GREEN}{}{GREEN:#}",
                output.say("sprawdzono, zgadza się", "holds")
            )
        } else {
            format!(
                "{RED}{}{RED:#}",
                output.say("NIE ZGADZA SIĘ", "DOES NOT HOLD")
            )
        };
        let mut table = plain_table();
        for check in checks {
            let mark = if check.passed {
                format!("{GREEN}✓{GREEN:#}")
            } else {
                format!("{RED}✗{RED:#}")
            };
            table.add_row([
                mark.as_str(),
                check.name,
                &printable(output.text(&check.detail)),
            ]);
        }
        format!("{title}: {word}\n{table}")
    });
    if valid { 0 } else { FAILED }
}
