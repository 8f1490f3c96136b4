//! What a connection has to send: small writes are gathered, and leave in one send at the end of the
//! poll in which they were made.
//!
//! So answers to requests that were sent ahead share a send, and none of them waits for what the
//! client sends next, as hyper's `pipeline_flush` lets it.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use tokio::io::AsyncWrite;
use tokio::net::tcp::OwnedWriteHalf;

use super::deadline::Watch;

/// Bytes from which a write is not worth a copy. It is also what an idle connection may keep.
const LARGE: usize = 16 * 1024;

/// Bytes that may be gathered within one poll.
const CAP: usize = 64 * 1024;

/// The writing half of a socket, shared by hyper, who fills it, and the connection's task, who sends.
pub(super) struct Outbox {
    watch: Arc<Watch>,
    /// Nobody ever waits for this lock: one task uses both sides. It is a lock because an upgraded
    /// connection may move to another thread.
    out: Mutex<Out>,
}

struct Out {
    socket: OwnedWriteHalf,
    /// Written, but not sent.
    bytes: Vec<u8>,
}

impl Outbox {
    pub(super) fn new(socket: OwnedWriteHalf, watch: Arc<Watch>) -> Outbox {
        Outbox { watch, out: Mutex::new(Out { socket, bytes: Vec::new() }) }
    }

    pub(super) fn watch(&self) -> &Watch {
        &self.watch
    }

    /// Takes bytes, to be sent at the end of the poll. It is pending while the socket is blocked, so
    /// that a client who does not read slows down whoever answers it.
    pub(super) fn poll_write(&self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let mut out = self.lock();
        if out.bytes.len() + bytes.len() > LARGE || self.is_urgent() {
            return self.write_through(&mut out, cx, bytes);
        }
        out.bytes.extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    /// What hyper calls a flush: nothing, for the end of the poll is near. But it is told of a blocked
    /// socket, so that no further request is begun.
    pub(super) fn poll_flush(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.is_urgent() { self.flush(cx) } else { Poll::Ready(Ok(())) }
    }

    /// Whether what is written has to be sent before anything else is done: the socket is blocked, or
    /// it was upgraded, after which nobody sends at the end of a poll.
    fn is_urgent(&self) -> bool {
        self.watch.is_write_blocked() || self.watch.is_upgraded()
    }

    /// Sends all that was written; for the end of a poll.
    pub(super) fn poll_send(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let out = &mut *self.lock();
        // It happens once a poll, so the task's budget need not know. Of a failure the next write tells.
        if !out.bytes.is_empty() && !self.watch.is_write_blocked() {
            let sent = out.socket.try_write(&out.bytes).unwrap_or(0);
            out.forget(sent);
        }
        self.send(out, cx)
    }

    /// Sends all that was written, then tells the client that there is no more.
    pub(super) fn poll_shutdown(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut out = self.lock();
        ready!(self.send(&mut out, cx))?;
        Pin::new(&mut out.socket).poll_shutdown(cx)
    }

    /// Waits until the client has closed its side; what it sends until then is nobody's.
    pub(super) fn poll_gone(&self, cx: &mut Context<'_>) -> Poll<()> {
        let out = self.lock();
        let socket = out.socket.as_ref();
        let mut bytes = [0; 4096];
        loop {
            match ready!(socket.poll_read_ready(cx)).and_then(|()| socket.try_read(&mut bytes)) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Ok(0) | Err(_) => return Poll::Ready(()),
                Ok(_) => {}
            }
        }
    }

    #[cold]
    fn flush(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.send(&mut self.lock(), cx)
    }

    /// Writes without gathering, or not much.
    #[cold]
    fn write_through(
        &self,
        out: &mut Out,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let direct = bytes.len() >= LARGE || self.watch.is_upgraded();
        if direct || self.watch.is_write_blocked() || out.bytes.len() + bytes.len() > CAP {
            ready!(self.send(out, cx))?;
        }
        if direct {
            return self.write(&mut out.socket, cx, bytes);
        }
        out.bytes.extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    #[inline]
    fn send(&self, out: &mut Out, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !out.bytes.is_empty() {
            match ready!(self.write(&mut out.socket, cx, &out.bytes))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                sent => out.forget(sent),
            }
        }
        Poll::Ready(Ok(()))
    }

    #[cold]
    fn write(
        &self,
        socket: &mut OwnedWriteHalf,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let poll = Pin::new(socket).poll_write(cx, bytes);
        self.watch.write_blocked(poll.is_pending());
        poll
    }

    fn lock(&self) -> MutexGuard<'_, Out> {
        self.out.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Out {
    /// Lets go of what was sent.
    fn forget(&mut self, sent: usize) {
        if sent < self.bytes.len() {
            self.bytes.drain(..sent);
        } else if self.bytes.capacity() > LARGE {
            self.bytes = Vec::new();
        } else {
            self.bytes.clear();
        }
    }
}
