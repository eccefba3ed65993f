//! How long calls run: on threads of this library, cancelled by a token or by dropping their future.
//!
//! What the desk does between two waits blocks (the disk, SQLite, signing), so each long call has a thread of a pool. Its
//! future can be driven by anything: a Tokio of the host's, Kotlin, asyncio, or [`block_on`].

use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use std::time::{Duration, Instant};

use ksef_offline::DeskError;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{oneshot, watch};

use crate::error::KsefOfflineError;

/// Ends a long call from elsewhere: another thread, a button, a signal.
///
/// The call ends with the error `interrupted` when it next waits for something, which is mostly at once. Nothing is lost:
/// everything that was done is recorded, and the next call goes on from there. One token can end many calls; it stays
/// cancelled.
#[derive(Debug)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Object))]
pub struct CancelToken {
    cancelled: watch::Sender<bool>,
}

#[cfg_attr(feature = "uniffi", uniffi::export)]
impl CancelToken {
    /// A token that is not cancelled.
    #[cfg_attr(feature = "uniffi", uniffi::constructor)]
    #[allow(clippy::new_without_default)]
    pub fn new() -> Arc<Self> {
        let (cancelled, _) = watch::channel(false);
        Arc::new(Self { cancelled })
    }

    /// Ends the calls that were given this token, now and from now on.
    pub fn cancel(&self) {
        self.cancelled.send_replace(true);
    }

    /// Whether it was cancelled.
    pub fn is_cancelled(&self) -> bool {
        *self.cancelled.borrow()
    }
}

impl CancelToken {
    pub(crate) async fn cancelled(&self) {
        let mut seen = self.cancelled.subscribe();
        // The sender is `self`: it does not go away while we look.
        let _ = seen.wait_for(|cancelled| *cancelled).await;
    }
}

/// Waits for the token, or for ever where there is none.
pub(crate) async fn cancelled(token: Option<&CancelToken>) {
    match token {
        Some(token) => token.cancelled().await,
        None => std::future::pending().await,
    }
}

/// Runs `work` on a thread of the pool, until it is done, `cancel` is cancelled or the returned future is dropped.
pub(crate) async fn run<T, W, F>(
    cancel: Option<Arc<CancelToken>>,
    work: W,
) -> Result<T, KsefOfflineError>
where
    T: Send + 'static,
    W: FnOnce() -> F + Send + 'static,
    F: Future<Output = Result<T, DeskError>>,
{
    let runtime = runtime()?;
    // Held by this future: when it is dropped, so is the work.
    let (_held, dropped) = oneshot::channel::<()>();
    let (reply, answer) = oneshot::channel();
    let handle = runtime.handle().clone();
    runtime.spawn_blocking(move || {
        let result = handle.block_on(async {
            tokio::select! {
                biased;
                () = cancelled(cancel.as_deref()) => Err(DeskError::Interrupted),
                _ = dropped => Err(DeskError::Interrupted),
                result = work() => result,
            }
        });
        let _ = reply.send(result.map_err(KsefOfflineError::from));
    });
    answer.await.unwrap_or_else(|_| Err(broken()))
}

/// Work that panicked: a fault of this library or of a listener. The queue is a transaction behind at most.
pub(crate) fn broken() -> KsefOfflineError {
    KsefOfflineError::argument(
        "internal",
        "błąd wewnętrzny biblioteki; zapisane dane są nienaruszone",
        "an internal fault of the library; what is stored is intact",
    )
}

/// The threads, and the process they are of: a child that was forked has none of them and gets its own.
static RUNTIME: Mutex<Option<(u32, &'static Runtime)>> = Mutex::new(None);

pub(crate) fn runtime() -> Result<&'static Runtime, KsefOfflineError> {
    let mut kept = RUNTIME.lock().unwrap_or_else(PoisonError::into_inner);
    let process = std::process::id();
    if let Some((owner, runtime)) = *kept
        && owner == process
    {
        return Ok(runtime);
    }
    let made = Builder::new_multi_thread()
        // These only wait for the network; work has threads of its own.
        .worker_threads(2)
        .thread_name("ksef-offline")
        .enable_all()
        .build()
        .map_err(|_| {
            KsefOfflineError::argument(
                "threads-unavailable",
                "system nie daje wątków",
                "the system gives no threads",
            )
        })?;
    // Never dropped: it lives as long as the process, and of a parent's nothing can be stopped here.
    let runtime: &'static Runtime = Box::leak(Box::new(made));
    *kept = Some((process, runtime));
    Ok(runtime)
}

/// Does something that blocks on a thread of the pool. Once begun it is done to its end, whoever still waits for it.
///
/// # Errors
/// Those of the work, and `threads-unavailable`.
pub async fn on_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, KsefOfflineError> + Send + 'static,
) -> Result<T, KsefOfflineError> {
    let done = runtime()?.spawn_blocking(work).await;
    done.unwrap_or_else(|_| Err(broken()))
}

/// A call that this library drives by itself.
#[derive(Debug)]
pub struct Driven(tokio::task::AbortHandle);

impl Driven {
    /// Drops the call, if it is not done yet.
    pub fn cancel(&self) {
        self.0.abort();
    }
}

/// Drives a call that nothing else drives, and whose end tells about itself.
///
/// # Errors
/// `threads-unavailable`.
pub fn drive(call: impl Future<Output = ()> + Send + 'static) -> Result<Driven, KsefOfflineError> {
    Ok(Driven(runtime()?.spawn(call).abort_handle()))
}

/// Waits on this thread for a call, whatever thread it is. Every 50 ms `goes_on` is asked; when it says no, the call is
/// dropped and `None` comes back: so the language of a binding can let a signal through.
///
/// # Errors
/// Those of the call.
pub fn block_on<T>(
    call: impl Future<Output = Result<T, KsefOfflineError>>,
    mut goes_on: impl FnMut() -> bool,
) -> Result<Option<T>, KsefOfflineError> {
    const LOOK: Duration = Duration::from_millis(50);
    let mut call = pin!(call);
    let waker = Waker::from(Arc::new(Unparks(std::thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut looked = Instant::now();
    loop {
        if let Poll::Ready(result) = call.as_mut().poll(&mut context) {
            return result.map(Some);
        }
        std::thread::park_timeout(LOOK);
        if looked.elapsed() >= LOOK {
            if !goes_on() {
                return Ok(None);
            }
            looked = Instant::now();
        }
    }
}

struct Unparks(Thread);

impl Wake for Unparks {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_that_is_cancelled_ends_as_interrupted_and_can_be_made_again() {
        let token = CancelToken::new();
        let ended = {
            let token = Arc::clone(&token);
            std::thread::spawn(move || {
                let call = run::<(), _, _>(Some(token), std::future::pending);
                block_on(call, || true)
            })
        };
        token.cancel();
        let KsefOfflineError::Refused {
            code, retryable, ..
        } = ended.join().unwrap().unwrap_err();
        assert_eq!((code.as_str(), retryable), ("interrupted", true));
        assert!(token.is_cancelled());
        // A token stays cancelled, and work that was not begun is not begun.
        let call = run(Some(token), || async {
            panic!("begun");
            #[allow(unreachable_code)]
            Ok(())
        });
        assert_eq!(block_on(call, || true).unwrap_err().code(), "interrupted");
    }

    #[test]
    fn a_call_nobody_waits_for_any_more_is_dropped() {
        struct Told(Option<std::sync::mpsc::Sender<()>>);
        impl Drop for Told {
            fn drop(&mut self) {
                let _ = self.0.take().map(|told| told.send(()));
            }
        }
        let (told, dropped) = std::sync::mpsc::channel();
        let call = run::<(), _, _>(None, move || async move {
            let _told = Told(Some(told));
            std::future::pending().await
        });
        assert_eq!(block_on(call, || false).unwrap(), None);
        dropped.recv_timeout(Duration::from_secs(20)).unwrap();
    }

    #[test]
    fn work_that_panics_is_an_error_not_a_hang() {
        let call = run::<(), _, _>(None, || async { panic!("on purpose") });
        assert_eq!(block_on(call, || true).unwrap_err().code(), "internal");
    }
}
