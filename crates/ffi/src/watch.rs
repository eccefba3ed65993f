//! Watching: one event after another, asked for by whoever wants the next.

use std::sync::Arc;

use ksef_offline::core::Bilingual as Words;
use ksef_offline::{self as desk, Desk, OutageView};
use tokio::sync::{mpsc, oneshot};

use crate::call::{CancelToken, broken, cancelled, runtime};
use crate::error::{Bilingual, KsefOfflineError};
use crate::records::Outage;
use crate::sets::{IssueMode, WatchEventKind};
use crate::text::{Day, Instant};

/// Something that happened. What does not belong to its kind is None.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct WatchEvent {
    /// What happened.
    pub kind: WatchEventKind,
    /// When it was found.
    pub at: Instant,
    /// The event in a line for people, without its time.
    pub words: Bilingual,
    /// The mode invoices are issued in now.
    pub mode: Option<IssueMode>,
    /// What keeps KSeF away: `announced`, `unannounced` or `own-network`.
    pub cause: Option<String>,
    /// The outage it is about.
    pub outage: Option<Outage>,
    /// The id of the invoice it is about, or the number of the message.
    pub id: Option<String>,
    /// The number of the invoice (`P_2`).
    pub number: Option<String>,
    /// The last day of the invoice.
    pub due: Option<Day>,
    /// Whole hours to the end of that day in Warsaw.
    pub hours_left: Option<i64>,
    /// At the start, how many invoices are due soon.
    pub due_soon_count: Option<u32>,
    /// At the start, how many invoices are overdue.
    pub overdue_count: Option<u32>,
    /// Of trouble, the stable code of the error.
    pub code: Option<String>,
}

impl WatchEvent {
    fn new(kind: WatchEventKind, at: String, words: Words) -> Self {
        Self {
            kind,
            at,
            words: words.into(),
            mode: None,
            cause: None,
            outage: None,
            id: None,
            number: None,
            due: None,
            hours_left: None,
            due_soon_count: None,
            overdue_count: None,
            code: None,
        }
    }

    fn about(self, outage: OutageView) -> Self {
        Self {
            outage: Some(outage.into()),
            ..self
        }
    }
}

impl From<desk::WatchEvent> for WatchEvent {
    fn from(event: desk::WatchEvent) -> Self {
        use WatchEventKind as Kind;
        use desk::WatchEvent as Told;
        let (at, words) = (event.at().to_owned(), event.words());
        let plain = |kind| Self::new(kind, at, words);
        match event {
            Told::Started {
                mode,
                due_soon,
                overdue,
                ..
            } => Self {
                mode: Some(IssueMode::named(mode)),
                due_soon_count: Some(due_soon as u32),
                overdue_count: Some(overdue as u32),
                ..plain(Kind::Started)
            },
            Told::Lost { mode, cause, .. } => Self {
                mode: Some(IssueMode::named(mode)),
                cause: cause.map(str::to_owned),
                ..plain(Kind::Lost)
            },
            Told::ModeChanged { mode, .. } => Self {
                mode: Some(IssueMode::named(mode)),
                ..plain(Kind::ModeChanged)
            },
            Told::Restored { .. } => Self {
                mode: Some(IssueMode::Online),
                ..plain(Kind::Restored)
            },
            Told::OutageAnnounced { outage, .. } => plain(Kind::OutageAnnounced).about(outage),
            Told::OutageBegan { outage, .. } => plain(Kind::OutageBegan).about(outage),
            Told::OutageMoved { outage, .. } => plain(Kind::OutageMoved).about(outage),
            Told::OutageEnded { outage, .. } => plain(Kind::OutageEnded).about(outage),
            Told::OutageWithdrawn { outage, .. } => plain(Kind::OutageWithdrawn).about(outage),
            Told::MessageUnrecognised { id, .. } => Self {
                id: Some(id),
                ..plain(Kind::MessageUnrecognised)
            },
            Told::MessageUnreadable { id, .. } => Self {
                id,
                ..plain(Kind::MessageUnreadable)
            },
            Told::DueSoon {
                id,
                number,
                due,
                hours_left,
                ..
            } => Self {
                id: Some(id),
                number: Some(number),
                due: Some(due),
                hours_left: Some(hours_left),
                ..plain(Kind::DueSoon)
            },
            Told::Overdue {
                id, number, due, ..
            } => Self {
                id: Some(id),
                number: Some(number),
                due: Some(due),
                ..plain(Kind::Overdue)
            },
            Told::Trouble { code, .. } => Self {
                code: Some(code.to_owned()),
                ..plain(Kind::Trouble)
            },
            _ => plain(Kind::Other),
        }
    }
}

/// Asks KSeF and Latarnia again and again, and tells each change once.
///
/// It asks only while somebody waits for the next event. What was told is kept in the queue, so that one that is started
/// again goes on where the last one ended; an event counts as told when the next one is asked for.
#[derive(Debug)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Object))]
pub struct Watcher {
    demands: mpsc::UnboundedSender<oneshot::Sender<WatchEvent>>,
    stop: Arc<CancelToken>,
}

impl Watcher {
    pub(crate) fn start(
        desk: Arc<Desk>,
        options: desk::WatchOptions,
    ) -> Result<Arc<Self>, KsefOfflineError> {
        let handle = runtime()?.handle().clone();
        let (demands, mut asked) = mpsc::unbounded_channel::<oneshot::Sender<WatchEvent>>();
        let stop = CancelToken::new();
        let (ready, made) = std::sync::mpsc::channel();
        let stopped = Arc::clone(&stop);
        let thread = std::thread::Builder::new().name("ksef-offline-watch".into());
        let watch = move || {
            let mut watcher = match desk.watcher(options) {
                Ok(watcher) => watcher,
                Err(error) => {
                    let _ = ready.send(Err(KsefOfflineError::from(error)));
                    return;
                }
            };
            let _ = ready.send(Ok(()));
            // Handed out to nobody: whoever asked had gone.
            let mut kept = None;
            handle.block_on(async {
                loop {
                    let demand = tokio::select! {
                        demand = asked.recv() => demand,
                        () = stopped.cancelled() => None,
                    };
                    let Some(mut demand) = demand else { return };
                    // A caller that went away leaves the event to the next one: `next` may be dropped.
                    let event = if let Some(event) = kept.take() {
                        event
                    } else {
                        tokio::select! {
                            event = watcher.next() => WatchEvent::from(event),
                            () = demand.closed() => continue,
                            () = stopped.cancelled() => return,
                        }
                    };
                    kept = demand.send(event).err();
                }
            });
        };
        thread.spawn(watch).map_err(|_| broken())?;
        made.recv().unwrap_or_else(|_| Err(broken()))?;
        Ok(Arc::new(Self { demands, stop }))
    }
}

#[cfg_attr(feature = "uniffi", uniffi::export)]
impl Watcher {
    /// The next event, however long it takes; None when the watcher was stopped. What goes wrong with the queue is an event,
    /// told once until it is over.
    ///
    /// # Errors
    /// `interrupted` when it is cancelled: the event is not lost, the next call gets it.
    pub async fn next(
        &self,
        cancel: Option<Arc<CancelToken>>,
    ) -> Result<Option<WatchEvent>, KsefOfflineError> {
        let (reply, answer) = oneshot::channel();
        if self.demands.send(reply).is_err() {
            return Ok(None);
        }
        tokio::select! {
            biased;
            event = answer => Ok(event.ok()),
            () = cancelled(cancel.as_deref()) => {
                Err(KsefOfflineError::from(desk::DeskError::Interrupted))
            }
        }
    }

    /// Stops watching for good. Whoever waits for an event gets None.
    pub fn stop(&self) {
        self.stop.cancel();
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}
