//! Commands that talk to KSeF.

use std::time::Duration;

use ksef_offline::core::key::KeyKind;
use ksef_offline::{CompanyReport, Desk, Enrollment, IssueFile, Office, SendOptions, SendReport};
use serde_json::json;

use super::Ended;
use crate::args::{
    CertificateKind, CorrectArgs, EnrollArgs, Key, OfficeArgs, RevokeArgs, SendArgs, SessionArgs,
};
use crate::failure::PARTLY;
use crate::output::Output;
use crate::progress::Bar;
use crate::table;

/// `send`
pub async fn send(output: &Output, desk: &Desk, args: &SendArgs) -> Ended {
    let bar = Bar::new(output);
    let options = SendOptions {
        wait: !args.no_wait,
        timeout: Duration::from_secs(args.timeout),
    };
    let sent = desk.send(options, &|progress| bar.tell(progress)).await;
    bar.finish();
    let report = sent?;
    output.print(&report, || {
        let mut text = table::invoices(output, &report.invoices);
        text.push('\n');
        for session in &report.sessions {
            text += &format!("{} {}\n", session.reference_number, session.state);
        }
        for skipped in &report.skipped {
            text += &format!("{}: {}\n", skipped.id, output.text(&skipped.reason.message));
        }
        text + &totals(output, &report)
    });
    let unfinished = !args.no_wait && report.processing > 0;
    Ok(
        if report.rejected > 0 || unfinished || !report.skipped.is_empty() {
            PARTLY
        } else {
            0
        },
    )
}

/// How many invoices came to what end.
fn totals(output: &Output, report: &SendReport) -> String {
    format!(
        "{} {}, {} {}, {} {}",
        output.say("przyjęte", "sent"),
        report.sent,
        output.say("odrzucone", "rejected"),
        report.rejected,
        output.say("w toku", "processing"),
        report.processing
    )
}

/// `office`
pub async fn office(output: &Output, args: &OfficeArgs) -> Ended {
    let office = Office::open(&args.folder)?;
    let options = SendOptions {
        wait: true,
        timeout: Duration::from_secs(args.timeout),
    };
    let served = office.send(options, args.parallel as usize).await?;
    output.print(&served, || {
        let lines: Vec<String> = served
            .companies
            .iter()
            .map(|company| match (&company.report, &company.error) {
                (Some(report), _) => format!("{}: {}", company.context, totals(output, report)),
                (None, Some(error)) => {
                    format!("{}: {}", company.context, output.text(&error.message))
                }
                (None, None) => company.context.clone(),
            })
            .collect();
        lines.join("\n")
    });
    Ok(if served.companies.iter().all(CompanyReport::is_done) {
        0
    } else {
        PARTLY
    })
}

/// `correct`
pub async fn correct(output: &Output, desk: &Desk, args: &CorrectArgs) -> Ended {
    let (Some(id), Some(file)) = (&args.id, &args.file) else {
        return correction_plan(output, desk);
    };
    let bar = Bar::new(output);
    let options = SendOptions {
        timeout: Duration::from_secs(args.timeout),
        ..SendOptions::default()
    };
    let file = IssueFile::read(file);
    let corrected = desk
        .correct(id, &file, options, &|progress| bar.tell(progress))
        .await;
    bar.finish();
    let invoice = corrected?;
    super::invoices::one(output, &invoice);
    Ok(if invoice.status == "sent" { 0 } else { PARTLY })
}

/// `correct --plan`
fn correction_plan(output: &Output, desk: &Desk) -> Ended {
    let forecast = desk.correction_forecast()?;
    let late = forecast.iter().filter(|one| one.misses_deadline).count();
    let document = json!({ "corrections": forecast, "late": late });
    output.print(&document, || table::corrections(output, &forecast));
    Ok(0)
}

/// `refresh`
pub async fn refresh(output: &Output, desk: &Desk) -> Ended {
    let bar = Bar::new(output);
    let refreshed = desk.refresh(&|progress| bar.tell(progress)).await;
    bar.finish();
    let report = refreshed?;
    output.print(&report, || table::invoices(output, &report.changed));
    Ok(0)
}

/// `session`
pub async fn session(output: &Output, desk: &Desk, args: &SessionArgs) -> Ended {
    let session = desk.session(&args.reference).await?;
    output.print(&session, || {
        let mut text = format!(
            "{}  {} {}\n",
            session.reference_number, session.status.code, session.status.description
        );
        let mut rows = table::table(&[
            "",
            output.say("NUMER", "NUMBER"),
            "STATUS",
            "",
            output.say("NUMER KSeF", "KSeF NUMBER"),
        ]);
        for invoice in &session.invoices {
            rows.add_row([
                invoice.ordinal.to_string(),
                invoice.invoice_number.clone().unwrap_or_default(),
                invoice.status.code.to_string(),
                invoice.status.description.clone(),
                invoice.ksef_number.clone().unwrap_or_default(),
            ]);
        }
        text += &rows.to_string();
        text
    });
    Ok(0)
}

/// `certificate enroll`
pub async fn enroll(output: &Output, desk: &Desk, args: &EnrollArgs) -> Ended {
    let enrolled = desk
        .enroll(&Enrollment {
            kind: match args.kind {
                CertificateKind::Offline => ksef_offline::CertificateKind::Offline,
                CertificateKind::Authentication => ksef_offline::CertificateKind::Authentication,
            },
            name: args.name.clone(),
            key: match args.key {
                Key::P256 => KeyKind::P256,
                Key::Rsa => KeyKind::Rsa2048,
            },
            folder: args.out.clone(),
            password_variable: args.password_env.clone(),
            enter: args.enter,
        })
        .await?;
    output.print(&enrolled, || {
        format!(
            "{} {} ({} – {})\n{}\n{}",
            enrolled.kind,
            enrolled.serial_number,
            enrolled.valid_from,
            enrolled.valid_to,
            enrolled.certificate.display(),
            enrolled.key.display()
        )
    });
    Ok(0)
}

/// `certificate list`
pub async fn certificates(output: &Output, desk: &Desk) -> Ended {
    let certificates = desk.certificates().await?;
    output.print(&json!({ "certificates": certificates }), || {
        let mut rows = table::table(&[
            output.say("NUMER SERYJNY", "SERIAL NUMBER"),
            output.say("TYP", "TYPE"),
            output.say("NAZWA", "NAME"),
            "STATUS",
            output.say("OD", "FROM"),
            output.say("DO", "TO"),
        ]);
        for line in &certificates {
            rows.add_row([
                &line.serial_number,
                line.kind,
                &line.name,
                &line.status,
                &line.valid_from,
                &line.valid_to,
            ]);
        }
        rows.to_string()
    });
    Ok(0)
}

/// `certificate revoke`
pub async fn revoke(output: &Output, desk: &Desk, args: &RevokeArgs) -> Ended {
    let serial = desk.revoke_certificate(&args.serial).await?.to_string();
    output.print(&json!({ "revoked": serial }), || {
        format!("{serial}: {}", output.say("unieważniony", "revoked"))
    });
    Ok(0)
}
