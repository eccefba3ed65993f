//! Tables and colours for people.

use anstyle::{AnsiColor, Style};
use comfy_table::{CellAlignment, Table, presets};
use ksef_offline::{CorrectionForecast, InvoiceView, OfflineCertificateView};

use crate::output::{Output, printable};

/// Failures and what is overdue.
pub const RED: Style = AnsiColor::Red.on_default().bold();
/// What is done.
pub const GREEN: Style = AnsiColor::Green.on_default();
/// What waits.
pub const YELLOW: Style = AnsiColor::Yellow.on_default();
/// Headlines.
pub const BOLD: Style = Style::new().bold();

/// A table with aligned columns and no lines.
pub fn table(header: &[&str]) -> Table {
    let mut table = plain_table();
    table.set_header(header.iter().map(|title| format!("{BOLD}{title}{BOLD:#}")));
    table
}

/// The same without a header.
pub fn plain_table() -> Table {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING);
    table
}

/// One line on the certificate that signs offline invoices.
pub fn offline_certificate(output: &Output, certificate: &OfflineCertificateView) -> String {
    let (style, soon) = if certificate.expires_soon {
        (YELLOW, output.say(" (wkrótce!)", " (soon!)"))
    } else {
        (Style::new(), "")
    };
    let until = output.say("ważny do", "valid to");
    let seen = match (&certificate.status, &certificate.status_seen) {
        (Some(status), Some(at)) => format!("{status}, {at}"),
        _ => output
            .say("stan w KSeF nieznany", "status at KSeF not known")
            .to_owned(),
    };
    let mut text = format!(
        "Offline   {}  {style}{until} {}{soon}{style:#}  KSeF: {seen}\n",
        certificate.serial_number, certificate.valid_to
    );
    let mut warn = |warning: &str| text += &format!("          {YELLOW}{warning}{YELLOW:#}\n");
    if certificate.status.as_deref() == Some("NotListed") {
        warn(output.say(
            "KSeF nie zna takiego certyfikatu wśród certyfikatów zalogowanego podmiotu. Jeśli nie jest on cudzy, żaden \
             KOD II nim podpisany się nie zweryfikuje.",
            "KSeF lists no such certificate for the subject that logged in. If it is nobody else's, no CODE II signed \
             with it will ever verify.",
        ));
    }
    if let Some(nip) = &certificate.foreign_nip {
        let label = output.say(
            "Certyfikat jest innej firmy niż kontekst i sprzedawcy z config.toml: NIP",
            "The certificate is another company's than the context and the sellers of config.toml: NIP",
        );
        warn(&format!("{label} {nip}"));
    }
    if let Some(fault) = &certificate.status_fault {
        let label = output.say(
            "O stan w KSeF nie udało się zapytać",
            "KSeF could not be asked for its status",
        );
        warn(&format!("{label}: {}", output.text(&fault.message)));
    }
    text
}

/// The invoices of a page.
pub fn invoices(output: &Output, invoices: &[InvoiceView]) -> String {
    if invoices.is_empty() {
        return output.say("Brak faktur.", "No invoices.").to_owned();
    }
    let mut table = table(&[
        "ID",
        output.say("NUMER", "NUMBER"),
        output.say("NABYWCA", "BUYER"),
        output.say("BRUTTO", "GROSS"),
        "",
        output.say("TRYB", "MODE"),
        "STATUS",
        output.say("TERMIN", "DUE"),
        output.say("NUMER KSeF / PRZYCZYNA", "KSeF NUMBER / REASON"),
    ]);
    for invoice in invoices {
        table.add_row([
            invoice.id.clone(),
            invoice.number.clone(),
            shortened(invoice.buyer.as_deref().unwrap_or("–"), 28),
            invoice.gross.clone(),
            invoice.currency.clone(),
            mode(invoice),
            status(output, invoice),
            due(output, invoice),
            result(output, invoice),
        ]);
    }
    if let Some(column) = table.column_mut(3) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table.to_string()
}

/// The corrections that wait, in the order they are sent.
pub fn corrections(output: &Output, forecast: &[CorrectionForecast]) -> String {
    if forecast.is_empty() {
        return output
            .say("Żadna korekta nie czeka.", "No correction waits.")
            .to_owned();
    }
    let mut table = table(&[
        "ID",
        output.say("NAJWCZEŚNIEJ", "EARLIEST"),
        output.say("TERMIN", "DUE"),
        "",
    ]);
    for one in forecast {
        table.add_row([
            one.id.clone(),
            one.earliest.clone(),
            one.due.clone().unwrap_or_else(|| "–".to_owned()),
            if one.misses_deadline {
                output.say("po terminie", "late").to_owned()
            } else {
                String::new()
            },
        ]);
    }
    table.to_string()
}

/// The mode, and how the VAT ledger marks the invoice.
fn mode(invoice: &InvoiceView) -> String {
    match invoice.ledger_marker {
        Some(marker) => format!("{} ({marker})", invoice.mode),
        None => invoice.mode.to_owned(),
    }
}

/// The status in its colour.
pub fn status(output: &Output, invoice: &InvoiceView) -> String {
    let (style, text) = match invoice.status {
        "pending" => (YELLOW, output.say("oczekuje", "pending")),
        "signed" => (YELLOW, output.say("podpisana", "signed")),
        "processing" => (YELLOW, output.say("w toku", "processing")),
        "sent" => (GREEN, output.say("wysłana", "sent")),
        _ => (RED, output.say("błąd", "error")),
    };
    format!("{style}{text}{style:#}")
}

/// The last day, or why there is none.
pub fn due(output: &Output, invoice: &InvoiceView) -> String {
    let deadline = &invoice.deadline;
    match (&deadline.due, deadline.state) {
        (Some(due), _) if deadline.overdue => {
            let stopped = if deadline.may_send || invoice.status == "sent" {
                ""
            } else {
                output.say(", nie będzie wysłana", ", not sent any more")
            };
            let word = output.say("po terminie", "overdue");
            format!("{RED}{due} {word}{stopped}{RED:#}")
        }
        (Some(due), _) => match deadline.days_left {
            Some(0) => format!("{YELLOW}{due} ({}){YELLOW:#}", output.say("dziś", "today")),
            Some(1) => format!("{due} (1 {})", output.say("dzień", "day")),
            Some(days) => format!("{due} ({days} {})", output.say("dni", "days")),
            None => due.clone(),
        },
        (None, "open") => output.say("otwarty", "open").to_owned(),
        (None, "lifted") => output.say("zniesiony", "lifted").to_owned(),
        (None, _) => "–".to_owned(),
    }
}

fn result(output: &Output, invoice: &InvoiceView) -> String {
    let mut lines = Vec::new();
    match (&invoice.ksef_number, &invoice.error) {
        (Some(number), _) => lines.push(number.clone()),
        (None, Some(error)) => {
            lines.push(format!(
                "{} {}",
                error.code,
                shortened(&error.description, 40)
            ));
        }
        (None, None) => {}
    }
    lines.extend(ties(output, invoice).map(|tie| shortened(&tie, 60)));
    lines.join("\n")
}

/// What the invoice stands for, and what a person did about it, a line each.
pub fn ties(output: &Output, invoice: &InvoiceView) -> impl Iterator<Item = String> {
    [
        (output.say("poprawia", "corrects"), &invoice.corrects),
        (output.say("zastępuje", "replaces"), &invoice.replaces),
        (
            output.say("poprawiona przez", "corrected by"),
            &invoice.corrected_by,
        ),
        (
            output.say("zastąpiona przez", "replaced by"),
            &invoice.replaced_by,
        ),
        (output.say("zamknięta:", "given up:"), &invoice.given_up),
    ]
    .into_iter()
    .filter_map(|(word, what)| {
        what.as_ref()
            .map(|what| format!("{word} {}", printable(what)))
    })
}

fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(most - 1).collect();
    short.push('…');
    short
}
