//! A progress bar on standard error, shown only when the work takes longer than a second and a person may be looking.

use std::io::IsTerminal as _;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use ksef_offline::Progress;

use crate::output::Output;

/// Draws what the dispatcher tells.
pub struct Bar {
    output: Output,
    patience: Duration,
    start: Instant,
    shown: Mutex<Option<ProgressBar>>,
}

impl Bar {
    /// A bar that waits a second before it shows.
    pub fn new(output: &Output) -> Self {
        Self::after(output, Duration::from_secs(1))
    }

    /// A bar that waits this long.
    pub fn after(output: &Output, patience: Duration) -> Self {
        Self {
            output: output.clone(),
            patience,
            start: Instant::now(),
            shown: Mutex::new(None),
        }
    }

    /// Takes in a step.
    pub fn tell(&self, progress: Progress) {
        if self.output.is_json()
            || !std::io::stderr().is_terminal()
            || self.start.elapsed() < self.patience
        {
            return;
        }
        let (what, done, all) = match progress {
            Progress::Packing { invoices } => {
                (self.output.say("pakowanie", "packing"), 0, invoices)
            }
            Progress::Packed { done, invoices } => {
                (self.output.say("pakowanie", "packing"), done, invoices)
            }
            Progress::Uploading { done, parts, .. } => {
                (self.output.say("wysyłanie", "uploading"), done, parts)
            }
            Progress::Correcting { done, invoices } => (
                self.output.say("wysyłanie korekt", "sending corrections"),
                done,
                invoices,
            ),
            Progress::Processing { judged, invoices } => (
                self.output.say("KSeF przetwarza", "KSeF is processing"),
                judged,
                invoices,
            ),
            _ => (self.output.say("pobieranie UPO", "fetching receipts"), 0, 0),
        };
        let Ok(mut bar) = self.shown.lock() else {
            return;
        };
        let bar = bar.get_or_insert_with(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            if let Ok(style) = ProgressStyle::with_template("{msg:<20} {bar:32} {pos}/{len}") {
                bar.set_style(style);
            }
            bar
        });
        bar.set_message(what.to_owned());
        bar.set_length(all as u64);
        bar.set_position(done as u64);
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        if let Some(bar) = self.shown.lock().ok().and_then(|mut bar| bar.take()) {
            bar.finish_and_clear();
        }
    }
}
