//! A body that is filled by a thread and emptied by the connection, at the connection's pace.
//!
//! The thread waits while too much is ahead; the connection takes all there is each time it asks,
//! so that a slow template's first lines leave at once and a fast one's leave in large pieces.

use std::fmt;
use std::io::{self, Write};
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use futures_core::Stream;

use crate::http::Body;

/// The thread waits while this many bytes have not been taken.
const AHEAD: usize = 64 * 1024;

/// A writer, and the body that it writes.
#[inline]
pub(super) fn pipe() -> (PipeWriter, Body) {
    let shared = Arc::new(Shared { state: Mutex::default(), changed: Condvar::new() });
    let reader = PipeReader(shared.clone());
    (PipeWriter(shared), Body::stream(reader))
}

struct Shared {
    state: Mutex<State>,
    /// The reader took something, or left.
    changed: Condvar,
}

#[derive(Default)]
struct State {
    waiting: Vec<u8>,
    reader: Option<Waker>,
    reader_left: bool,
    ending: Option<Ending>,
}

#[derive(Clone, Copy)]
enum Ending {
    Complete,
    Broken,
}

impl Shared {
    #[inline]
    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing of a user runs under the lock, so a poisoned one is still whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[inline]
    fn end(&self, ending: Ending) {
        let mut state = self.lock();
        state.ending.get_or_insert(ending);
        if let Some(reader) = state.reader.take() {
            reader.wake();
        }
    }
}

/// The thread's side. Dropped before [`PipeWriter::finish`], it breaks the body off.
pub(super) struct PipeWriter(Arc<Shared>);

impl PipeWriter {
    /// The body is complete.
    #[inline]
    pub(super) fn finish(self) {
        self.0.end(Ending::Complete);
    }

    /// Whether nobody takes the body any more.
    #[inline]
    pub(super) fn is_abandoned(&self) -> bool {
        self.0.lock().reader_left
    }
}

impl Drop for PipeWriter {
    #[inline]
    fn drop(&mut self) {
        self.0.end(Ending::Broken);
    }
}

impl Write for PipeWriter {
    #[inline]
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut state = self.0.lock();
        while state.waiting.len() >= AHEAD && !state.reader_left {
            state = self.0.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if state.reader_left {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        state.waiting.extend_from_slice(bytes);
        if let Some(reader) = state.reader.take() {
            reader.wake();
        }
        Ok(bytes.len())
    }

    #[inline]
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The connection's side.
struct PipeReader(Arc<Shared>);

impl Stream for PipeReader {
    type Item = Result<Bytes, BrokenOff>;

    #[inline]
    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut state = self.0.lock();
        if !state.waiting.is_empty() {
            let taken = std::mem::take(&mut state.waiting);
            self.0.changed.notify_one();
            return Poll::Ready(Some(Ok(Bytes::from(taken))));
        }
        match state.ending {
            Some(Ending::Complete) => Poll::Ready(None),
            Some(Ending::Broken) => {
                state.ending = Some(Ending::Complete);
                Poll::Ready(Some(Err(BrokenOff)))
            }
            None => {
                state.reader = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl Drop for PipeReader {
    #[inline]
    fn drop(&mut self) {
        self.0.lock().reader_left = true;
        self.0.changed.notify_one();
    }
}

/// The template failed in the middle; the log says why.
#[derive(Debug)]
struct BrokenOff;

impl fmt::Display for BrokenOff {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the streamed template failed in the middle")
    }
}

impl std::error::Error for BrokenOff {}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(mut body: Body) -> (String, bool) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let mut text = String::new();
            while let Some(piece) = body.next().await {
                match piece {
                    Ok(piece) => text.push_str(std::str::from_utf8(&piece).unwrap()),
                    Err(_) => return (text, false),
                }
            }
            (text, true)
        })
    }

    #[test]
    fn all_arrives_however_much() {
        let (mut writer, body) = pipe();
        let thread = std::thread::spawn(move || {
            for _ in 0..100_000 {
                writer.write_all(b"0123456789").unwrap();
            }
            writer.finish();
        });
        let (text, is_whole) = read(body);
        assert_eq!((text.len(), is_whole), (1_000_000, true));
        thread.join().unwrap();
    }

    #[test]
    fn a_dropped_writer_breaks_the_body_off() {
        let (mut writer, body) = pipe();
        writer.write_all(b"half").unwrap();
        drop(writer);
        assert_eq!(read(body), ("half".to_owned(), false));
    }

    #[test]
    fn a_dropped_body_stops_the_writer() {
        let (mut writer, body) = pipe();
        assert!(!writer.is_abandoned());
        let thread = std::thread::spawn(move || while writer.write_all(&[b'x'; 1024]).is_ok() {});
        drop(body);
        thread.join().unwrap();
    }
}
