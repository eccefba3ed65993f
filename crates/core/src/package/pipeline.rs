//! Two threads for one stream: the caller compresses, another one hashes and encrypts what comes out.

use std::io::{self, Write};
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::thread;

use super::{Package, PackageError, PackageWriter, PartSink};

/// Bytes handed over at once.
const BUFFER: usize = 256 * 1024;
/// Buffers on their way; no more memory is taken, however far one thread is ahead of the other.
const ON_THE_WAY: usize = 4;

/// Runs `fill` on this thread; what it writes goes through `parts` on another one.
///
/// # Errors
/// Those of `parts` first, since they are why `fill` could not go on; then those of `fill`.
pub(super) fn sealed<S>(
    parts: PackageWriter<'_, S>,
    fill: impl FnOnce(Feeder) -> Result<Feeder, PackageError>,
) -> Result<(Package, S), PackageError>
where
    S: PartSink + Send,
    S::Part: Send,
{
    let (full, filled) = sync_channel::<Vec<u8>>(ON_THE_WAY);
    let (emptied, empty) = channel();
    thread::scope(|scope| {
        let sealing = thread::Builder::new()
            .name("ksef-offline-package".into())
            .spawn_scoped(scope, move || {
                let mut parts = parts;
                for buffer in filled {
                    parts.write_all(&buffer)?;
                    // The other side may have ended already.
                    let _ = emptied.send(buffer);
                }
                parts.finish()
            })?;
        let filled = fill(Feeder {
            buffer: Vec::with_capacity(BUFFER),
            full,
            empty,
        })
        .and_then(Feeder::end);
        let sealed = sealing
            .join()
            .unwrap_or_else(|_| Err(io::Error::other("the thread that encrypts panicked").into()));
        match (filled, sealed) {
            (Ok(()), sealed) => sealed,
            // It ended early because the other side did: the reason lies there.
            (Err(PackageError::Io(_)), Err(reason)) | (Err(reason), _) => Err(reason),
        }
    })
}

/// Hands what is written to it to the other thread.
pub(super) struct Feeder {
    buffer: Vec<u8>,
    full: SyncSender<Vec<u8>>,
    empty: Receiver<Vec<u8>>,
}

impl Feeder {
    fn hand_over(&mut self) -> io::Result<()> {
        let mut next = self
            .empty
            .try_recv()
            .unwrap_or_else(|_| Vec::with_capacity(BUFFER));
        next.clear();
        self.full
            .send(std::mem::replace(&mut self.buffer, next))
            .map_err(|_| io::ErrorKind::BrokenPipe.into())
    }

    fn end(mut self) -> Result<(), PackageError> {
        if !self.buffer.is_empty() {
            self.hand_over()?;
        }
        Ok(())
    }
}

impl Write for Feeder {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let length = bytes.len().min(BUFFER - self.buffer.len());
        self.buffer.extend_from_slice(&bytes[..length]);
        if self.buffer.len() == BUFFER {
            self.hand_over()?;
        }
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
