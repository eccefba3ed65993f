//! Commands about outages and what follows from them: `check`, `deadline`.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use jiff::Timestamp;
use ksef_offline::core::deadline::calendar::warsaw_time;
use ksef_offline::core::deadline::{
    DeadlinePolicy, MessageList, OfflineMode, Policy, Timeline, UnreadableMessage, deadline,
};
use ksef_offline::{AvailabilityView, Desk, DeskError, OutageView};
use serde_json::json;

use super::{Ended, Place};
use crate::args::{DeadlineArgs, OutageEndArgs};
use crate::failure::{Failure, UNREACHABLE};
use crate::output::{Output, printable};
use crate::table;

/// The largest file of messages that is read: a message has less than 10 kB, and Latarnia shows some dozens.
const MAX_OUTAGES: u64 = 64_000_000;

/// `check`
pub async fn check(output: &Output, desk: &Desk) -> Ended {
    let found = desk.check().await?.view();
    output.print(&found, || checked(output, &found));
    Ok(if found.ksef == "reachable" {
        0
    } else {
        UNREACHABLE
    })
}

fn checked(output: &Output, found: &AvailabilityView) -> String {
    let mut text = String::new();
    if let Some(banner) = &found.banner {
        text += &format!("{}{}{:#}\n", table::RED, output.text(banner), table::RED);
    }
    let (style, word) = if found.ksef == "reachable" {
        (table::GREEN, output.say("odpowiada", "reachable"))
    } else {
        (table::RED, output.say("nie odpowiada", "unreachable"))
    };
    text += &format!("KSeF      {style}{word}{style:#}\n");
    text += &format!("Latarnia  {}\n", printable(&found.latarnia));
    text += &format!(
        "{}      {}: {}\n",
        output.say("Tryb", "Mode"),
        found.mode,
        output.text(&found.reason)
    );
    if let Some(certificate) = &found.offline_certificate {
        text += &table::offline_certificate(output, certificate);
    } else if let Some(fault) = &found.offline_certificate_fault {
        text += &format!("Offline   {}\n", output.text(&fault.message));
    }
    if let Some(fault) = &found.authentication_fault {
        text += &format!(
            "{}{}  {}{:#}\n",
            table::YELLOW,
            output.say("Logowanie", "Login   "),
            output.text(&fault.message),
            table::YELLOW
        );
    }
    for outage in &found.outages {
        text += &format!("  {}\n", outage_line(output, outage));
    }
    for message in &found.messages {
        let (id, title) = (printable(&message.id), printable(&message.title));
        text += &format!("  {id} {} {title}\n", clock(message.start));
    }
    if !found.unrecognised.is_empty() {
        text += &unrecognised_line(output, &found.unrecognised);
    }
    if !found.unreadable.is_empty() {
        text += &unreadable_line(output, &found.unreadable);
    }
    text
}

fn outage_line(output: &Output, outage: &OutageView) -> String {
    let state = if outage.running {
        output.say("trwa", "running")
    } else if outage.over {
        output.say("zakończona", "over")
    } else {
        output.say("zapowiedziana", "announced")
    };
    let local = |instant: &str| instant.parse().map_or_else(|_| instant.to_owned(), clock);
    let end = outage.end.as_deref().map_or_else(
        || {
            output
                .say("końca nie ogłoszono", "no end announced")
                .to_owned()
        },
        local,
    );
    let category = printable(&outage.category);
    let start = local(&outage.start);
    let withdrawn = if outage.withdrawn {
        output.say(
            " (Latarnia już jej nie pokazuje)",
            " (Latarnia no longer shows it)",
        )
    } else {
        ""
    };
    format!(
        "{} #{} {category} {state}: {start} – {end}{withdrawn}",
        outage.name, outage.event_id
    )
}

/// An instant as the clocks in Warsaw show it.
pub(super) fn clock(instant: Timestamp) -> String {
    warsaw_time(instant).strftime("%Y-%m-%d %H:%M").to_string()
}

fn unrecognised_line(output: &Output, unrecognised: &[String]) -> String {
    format!(
        "{}{}: {}{:#}\n",
        table::YELLOW,
        output.say(
            "Komunikaty nieznanego rodzaju, bez wpływu na terminy",
            "Messages of an unknown kind, which move no deadline"
        ),
        printable(&unrecognised.join(", ")),
        table::YELLOW
    )
}

fn unreadable_line(output: &Output, unreadable: &[UnreadableMessage]) -> String {
    let names: Vec<String> = unreadable
        .iter()
        .map(|message| match &message.id {
            Some(id) => format!("{} ({})", message.position, printable(id)),
            None => message.position.to_string(),
        })
        .collect();
    format!(
        "{}{}: {}{:#}\n",
        table::YELLOW,
        output.say(
            "Nieczytelne komunikaty, pominięte, pozycja na liście",
            "Messages that cannot be read, left out, place in the list"
        ),
        names.join(", "),
        table::YELLOW
    )
}

/// `outage end`
pub fn end(output: &Output, desk: &Desk, args: &OutageEndArgs) -> Ended {
    let entered = desk.enter_outage_end(args.event, args.at, &args.by, &args.because)?;
    output.print(&json!({ "outages": entered }), || {
        entered
            .iter()
            .map(|outage| outage_line(output, outage) + "\n")
            .collect()
    });
    Ok(0)
}

/// `deadline`. With a file of outages it needs no home.
pub fn deadline_command(output: &Output, home: &Place, args: &DeadlineArgs) -> Ended {
    let mode = OfflineMode::from_name(&args.mode)
        .ok_or_else(|| Failure::usage("nieznany tryb", "unknown mode"))?;
    let policy = args.policy.as_deref().and_then(Policy::from_name);
    let list = args.outages.as_deref().map(read_outages).transpose()?;
    let unreadable = list
        .as_ref()
        .map(|list| list.unreadable.clone())
        .unwrap_or_default();
    let outages: Option<Timeline> = list.map(|list| list.messages.into_iter().collect());
    let chosen = policy.as_ref().map(|policy| policy as &dyn DeadlinePolicy);
    let (computed, unrecognised) = match home.open_if_there() {
        Ok(Some(desk)) => {
            let timeline = outages.map_or_else(|| desk.timeline(), Ok)?;
            (
                desk.deadline(mode, args.issued, Some(&timeline), chosen)?,
                unrecognised(&timeline),
            )
        }
        // A home that cannot be opened would have had a say.
        Err(failure) if outages.is_none() || policy.is_none() => return Err(failure),
        Ok(None) | Err(_) => {
            let timeline = outages.unwrap_or_default();
            let policy = chosen.unwrap_or(&Policy::Statutory);
            (
                deadline(mode, args.issued, &timeline, policy, Timestamp::now()),
                unrecognised(&timeline),
            )
        }
    };
    let document = json!({
        "due": computed.due,
        "state": computed.state.name(),
        "basis": computed.basis,
        "provisions": computed.provisions,
        "explanation": computed.explanation,
        "unrecognised": unrecognised,
        "unreadable": unreadable,
    });
    output.print(&document, || {
        let due = computed
            .due
            .map_or_else(|| computed.state.name().to_owned(), |due| due.to_string());
        format!(
            "{due} ({})\n{}",
            computed.provisions,
            output.text(&computed.explanation)
        )
    });
    if !unrecognised.is_empty() {
        output.aside(&unrecognised_line(output, &unrecognised));
    }
    if !unreadable.is_empty() {
        output.aside(&unreadable_line(output, &unreadable));
    }
    Ok(0)
}

/// The numbers of the messages that move no deadline because nobody knows what they say.
fn unrecognised(timeline: &Timeline) -> Vec<String> {
    let ids = timeline.unrecognised().map(|message| message.id.clone());
    ids.collect()
}

fn read_outages(path: &Path) -> Result<MessageList, Failure> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(MAX_OUTAGES + 1).read_to_end(&mut bytes))
        .map_err(|error| DeskError::file(path, &error))?;
    if bytes.len() as u64 > MAX_OUTAGES {
        return Err(Failure::usage(
            format!("{}: plik ma ponad {MAX_OUTAGES} bajtów", path.display()),
            format!(
                "{}: the file has more than {MAX_OUTAGES} bytes",
                path.display()
            ),
        ));
    }
    // Editors on Windows put a mark before the text.
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
    serde_json::from_slice(text).map_err(|error| {
        let place = format!("{} {}:{}", path.display(), error.line(), error.column());
        Failure::usage(
            format!("{place}: to nie jest tablica komunikatów Latarni"),
            format!("{place}: this is no JSON array of Latarnia messages"),
        )
    })
}
