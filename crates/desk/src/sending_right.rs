//! The right to send: held by one process a home and one lease a context, and kept alive while it works.

use std::sync::mpsc::{RecvTimeoutError, Sender as ChannelSender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use ksef_offline_core::identifier::InvoiceHash;
use ksef_offline_queue::{Lease, Queue, QueueError};

use crate::config::QueueLocation;
use crate::desk::{Clock, Desk};
use crate::error::DeskError;
use crate::home::SendingLock;

const PAUSE: Duration = Duration::from_millis(100);
/// A lease is renewed this many times in its life.
const RENEWALS: u32 = 4;

/// Held while invoices are sent or their fate is asked for.
///
/// Two guards stand behind it. The lock on the home folder ends with the process, so a killed sender is followed at
/// once. The lease in the queue also holds against senders with other homes, and its number makes a sender that slept
/// too long harmless.
pub(crate) struct SendingRight {
    lease: Arc<Mutex<Lease>>,
    queue: Queue,
    clock: Clock,
    stop: Option<ChannelSender<()>>,
    keeper: Option<JoinHandle<()>>,
    _lock: SendingLock,
}

impl SendingRight {
    /// Waits up to `patience` for other senders to end.
    pub(crate) async fn acquire(desk: &Desk, patience: Duration) -> Result<Self, DeskError> {
        let end = Instant::now() + patience;
        loop {
            match Self::try_acquire(desk) {
                Err(DeskError::SendInProgress) if Instant::now() < end => {
                    tokio::time::sleep(PAUSE).await;
                }
                result => return result,
            }
        }
    }

    fn try_acquire(desk: &Desk) -> Result<Self, DeskError> {
        let lock = desk
            .home()
            .try_lock_sending()?
            .ok_or(DeskError::SendInProgress)?;
        let owner = owner(desk)?;
        let queue = desk.queue().clone();
        let clock = desk.clock();
        let ttl = desk.config().lease;
        let renewal = ttl.unsigned_abs() / RENEWALS;
        let lease = match queue.acquire_sender(&desk.config().context, &owner, clock(), ttl) {
            Err(QueueError::SenderBusy { .. }) => return Err(DeskError::SendInProgress),
            result => result?,
        };
        let lease = Arc::new(Mutex::new(lease));
        let (stop, stopped) = channel();
        let keeper = {
            let (lease, queue, clock) = (Arc::clone(&lease), queue.clone(), Arc::clone(&clock));
            std::thread::Builder::new()
                .name("ksef-offline-lease".into())
                .spawn(move || {
                    while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(renewal) {
                        let mut held = lease.lock().unwrap_or_else(PoisonError::into_inner);
                        match queue.renew_sender(&held, clock(), ttl) {
                            Ok(renewed) => *held = renewed,
                            // The next operation that presents the lease will find out and stop.
                            Err(error) => tracing::warn!(%error, "the lease could not be renewed"),
                        }
                    }
                })
                .map_err(|error| DeskError::file(desk.home().root(), &error))?
        };
        Ok(Self {
            lease,
            queue,
            clock,
            stop: Some(stop),
            keeper: Some(keeper),
            _lock: lock,
        })
    }

    /// The lease to present to the queue.
    pub(crate) fn lease(&self) -> Lease {
        self.lease
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// Who sends, as leases tell senders apart.
///
/// A file is on one machine, and the lock on the home has made sure that no other process of this home is alive: all of
/// them are one owner, so a killed one is followed at once. A server is shared by machines whose homes may have the same
/// path, even the same content: there each process is an owner of its own, and a killed one is followed when its lease is
/// over.
pub(crate) fn owner(desk: &Desk) -> Result<String, DeskError> {
    match desk.config().queue {
        QueueLocation::Sqlite(_) => {
            let path = desk.home().root().as_os_str().as_encoded_bytes();
            Ok(InvoiceHash::of(path).to_base64url())
        }
        #[cfg(feature = "postgres")]
        QueueLocation::Postgres(_) => process_owner(),
    }
}

#[cfg(feature = "postgres")]
fn process_owner() -> Result<String, DeskError> {
    use ksef_offline_core::random::{OsRandom, RandomSource as _};
    static OWNER: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    if let Some(owner) = OWNER.get() {
        return Ok(owner.clone());
    }
    let mut unique = [0; 16];
    OsRandom.fill(&mut unique)?;
    let name = format!(
        "{}-{:032x}",
        std::process::id(),
        u128::from_be_bytes(unique)
    );
    Ok(OWNER.get_or_init(|| name).clone())
}

impl Drop for SendingRight {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(keeper) = self.keeper.take() {
            let _ = keeper.join();
        }
        if let Err(error) = self.queue.release_sender(&self.lease(), (self.clock)()) {
            tracing::debug!(%error, "the lease was not released; it runs out by itself");
        }
    }
}
