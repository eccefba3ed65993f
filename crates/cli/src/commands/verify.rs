//! `verify`: what was handed over, judged check by check.

use jiff::Timestamp;
use ksef_offline::core::check::Check;
use ksef_offline::core::code::CodeKind;
use ksef_offline::core::environment::EnvironmentKind;
use ksef_offline::{Config, DeskError, verify_code};
use serde_json::{Value, json};

use super::{Ended, Place};
use crate::args::VerifyCodeArgs;
use crate::failure::FAILED;
use crate::output::Output;
use crate::table::{GREEN, RED, plain_table};

/// `verify code`. Without a home the three environments of the Ministry are known.
pub fn code(output: &Output, home: &Place, args: &VerifyCodeArgs) -> Ended {
    let custom = match home.folder().map(|folder| Config::load(&folder)) {
        Ok(Ok(config)) => Some(config.environment)
            .filter(|environment| environment.kind() == EnvironmentKind::Custom),
        Ok(Err(DeskError::ConfigMissing(_))) | Err(_) => None,
        Ok(Err(error)) => return Err(error.into()),
    };
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
    let document = json!({
        "valid": valid,
        "kind": report.kind().map(CodeKind::name),
        "checks": report.checks(),
    });
    Ok(print(output, &document, title, valid, report.checks()))
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
            table.add_row([mark.as_str(), check.name, output.text(&check.detail)]);
        }
        format!("{title}: {word}\n{table}")
    });
    if valid { 0 } else { FAILED }
}
