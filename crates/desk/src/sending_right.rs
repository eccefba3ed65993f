//! The right to send: held by one process a home and one lease a context, and kept alive while it works.

use std::sync::mpsc::{RecvTimeoutError, Sender as ChannelSender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use jiff::SignedDuration;
use ksef_offline_core::identifier::InvoiceHash;
use ksef_offline_queue::{Lease, Queue, QueueError};

use crate::desk::{Clock, Desk};
use crate::error::DeskError;
use crate::home::SendingLock;

const LEASE: SignedDuration = SignedDuration::from_secs(90);
const PAUSE: Duration = Duration::from_millis(100);
const RENEWAL: Duration = Duration::from_secs(20);

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
        // The same for every process of this home: the lock has made sure that no other one is alive.
        let owner =
            InvoiceHash::of(desk.home().root().as_os_str().as_encoded_bytes()).to_base64url();
        let queue = desk.queue().clone();
        let clock = desk.clock();
        let lease = match queue.acquire_sender(&desk.config().context, &owner, clock(), LEASE) {
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
                    while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(RENEWAL) {
                        let mut held = lease.lock().unwrap_or_else(PoisonError::into_inner);
                        match queue.renew_sender(&held, clock(), LEASE) {
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
