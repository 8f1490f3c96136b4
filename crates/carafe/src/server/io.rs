//! A socket as hyper reads and writes it, noting progress for the connection's deadlines.

use std::cell::RefCell;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use hyper::rt::{Read, ReadBufCursor, Write};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;

use super::deadline::Watch;

/// Bytes taken from a socket at a time.
const CHUNK: usize = 16 * 1024;

thread_local! {
    /// Where a worker's sockets are read into before the bytes go to hyper's buffer: one small copy
    /// in place of `unsafe` code on uninitialised memory.
    static SCRATCH: RefCell<Box<[u8]>> = RefCell::new(vec![0; CHUNK].into());
}

/// A TCP stream that tells its [`Watch`] what it does.
pub(super) struct Io {
    stream: TcpStream,
    watch: Arc<Watch>,
    /// Its place among `max_connections`, held also after an upgrade.
    _permit: OwnedSemaphorePermit,
}

impl Io {
    pub(super) fn new(stream: TcpStream, watch: Arc<Watch>, permit: OwnedSemaphorePermit) -> Io {
        Io { stream, watch, _permit: permit }
    }
}

impl Read for Io {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        mut cursor: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        SCRATCH.with_borrow_mut(|scratch| {
            let wanted = cursor.remaining().min(scratch.len());
            let mut buffer = ReadBuf::new(&mut scratch[..wanted]);
            match Pin::new(&mut self.stream).poll_read(cx, &mut buffer) {
                Poll::Ready(Ok(())) => {
                    self.watch.read();
                    cursor.put_slice(buffer.filled());
                    Poll::Ready(Ok(()))
                }
                Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
                Poll::Pending if self.watch.is_over(cx.waker()) => Poll::Ready(Ok(())),
                Poll::Pending => {
                    self.watch.read_pending();
                    Poll::Pending
                }
            }
        })
    }
}

impl Io {
    fn note_write<T>(&self, poll: Poll<T>) -> Poll<T> {
        self.watch.write_blocked(poll.is_pending());
        Poll::Ready(ready!(poll))
    }
}

impl Write for Io {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let poll = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.note_write(poll)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let poll = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        self.note_write(poll)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
