//! `watch`: a line an event, or a table that stays up to date where a person looks at a terminal.

use std::collections::VecDeque;
use std::time::Duration;

use anstyle::Style;
use console::Term;
use jiff::SignedDuration;
use ksef_offline::{Desk, DeskError, InvoiceView, WatchEvent, WatchOptions, WatchPace};

use super::Ended;
use super::outages::clock;
use super::setup::stopped;
use crate::args::WatchArgs;
use crate::output::{Output, printable};
use crate::table;

/// How often the table is drawn anew though nothing was told: days end, and other programs issue and send.
const REDRAW: Duration = Duration::from_secs(5);
/// Events that stay in sight.
const EVENTS: usize = 6;
/// Lines around the table and the events.
const FRAME: usize = 7;

/// `watch`
pub async fn watch(output: &Output, desk: &Desk, args: &WatchArgs) -> Ended {
    let mut watcher = desk.watcher(WatchOptions {
        pace: WatchPace::every(Duration::from_secs(args.interval)),
        due_within: SignedDuration::from_hours(args.due_within.into()),
    })?;
    let mut screen = (!output.is_json())
        .then(Term::stdout)
        .filter(Term::is_term)
        .map(|terminal| Screen::enter(output, terminal));
    let stopped = stopped();
    tokio::pin!(stopped);
    let mut redraw = tokio::time::interval(REDRAW);
    loop {
        let event = tokio::select! {
            biased;
            () = &mut stopped => return Ok(0),
            event = watcher.next() => Some(event),
            _ = redraw.tick(), if screen.is_some() => None,
        };
        let line = event.as_ref().map(|event| line(output, event));
        let seen = match (&mut screen, event) {
            (Some(screen), _) => {
                screen.take(line);
                screen.draw(desk).is_ok()
            }
            (None, Some(event)) => output.print_line(&event, || line.unwrap_or_default()),
            (None, None) => true,
        };
        // Nobody looks any more.
        if !seen {
            return Ok(0);
        }
    }
}

fn line(output: &Output, event: &WatchEvent) -> String {
    let text = printable(output.text(&event.words()));
    let at = event.at();
    let at = at.parse().map_or_else(|_| at.to_owned(), clock);
    format!("{at}  {text}")
}

/// The terminal while the table is on it; what was there before comes back when it is dropped.
struct Screen<'a> {
    output: &'a Output,
    terminal: Term,
    events: VecDeque<String>,
}

impl<'a> Screen<'a> {
    fn enter(output: &'a Output, terminal: Term) -> Self {
        let _ = terminal.write_str("\x1b[?1049h\x1b[?25l");
        Self {
            output,
            terminal,
            events: VecDeque::new(),
        }
    }

    fn take(&mut self, line: Option<String>) {
        self.events.extend(line);
        while self.events.len() > EVENTS {
            self.events.pop_front();
        }
    }

    fn draw(&self, desk: &Desk) -> std::io::Result<()> {
        let (height, width) = self.terminal.size();
        let (height, width) = (usize::from(height), usize::from(width));
        let room = height.saturating_sub(FRAME + EVENTS).max(1);
        let text = match self.text(desk, room) {
            Ok(text) => text,
            Err(error) => {
                let text = ksef_offline::core::Diagnostic::message(&error);
                format!("{}{}{:#}", table::RED, self.output.text(&text), table::RED)
            }
        };
        // Each line is cut to the width, or the last ones would push the first out of sight.
        let mut frame = String::from("\x1b[H");
        for line in text.lines().take(height.saturating_sub(1)) {
            frame += &console::truncate_str(line, width, "…");
            frame += "\x1b[K\r\n";
        }
        frame += "\x1b[J";
        self.terminal.write_str(&frame)?;
        self.terminal.flush()
    }

    fn text(&self, desk: &Desk, room: usize) -> Result<String, DeskError> {
        let output = self.output;
        let page = desk.list(None, room, None)?;
        let counts: Vec<String> = page
            .counts
            .iter()
            .map(|(status, count)| format!("{status} {count}"))
            .collect();
        let mut text = format!(
            "{bold}ksef-offline watch{bold:#}  {}  {}\n{}\n\n",
            clock(desk.now()),
            desk.config().context,
            counts.join(" · "),
            bold = table::BOLD,
        );
        text += &self.queue(&page.invoices);
        if page.next.is_some() {
            text += &format!("\n{}", output.say("… i dalsze", "… and more"));
        }
        text += &format!("\n\n{}", heading(output.say("Zdarzenia", "Events")));
        for event in &self.events {
            text += &format!("\n{event}");
        }
        text += &format!(
            "\n{dim}{}{dim:#}",
            output.say("Zatrzymanie: Ctrl-C.", "Stop with Ctrl-C."),
            dim = Style::new().dimmed()
        );
        Ok(text)
    }

    fn queue(&self, invoices: &[InvoiceView]) -> String {
        let output = self.output;
        if invoices.is_empty() {
            return output
                .say("Kolejka jest pusta.", "The queue is empty.")
                .to_owned();
        }
        let mut table = table::table(&[
            output.say("NUMER", "NUMBER"),
            "STATUS",
            output.say("TERMIN", "DUE"),
            output.say("TRYB", "MODE"),
            output.say("NABYWCA", "BUYER"),
        ]);
        for invoice in invoices {
            table.add_row([
                printable(&invoice.number),
                table::status(output, invoice),
                table::due(output, invoice),
                invoice.mode.to_owned(),
                printable(invoice.buyer.as_deref().unwrap_or("–")),
            ]);
        }
        table.to_string()
    }
}

impl Drop for Screen<'_> {
    fn drop(&mut self) {
        let _ = self.terminal.write_str("\x1b[?25h\x1b[?1049l");
        let _ = self.terminal.flush();
    }
}

fn heading(text: &str) -> String {
    format!("{}{text}{:#}", table::BOLD, table::BOLD)
}
