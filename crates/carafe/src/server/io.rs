//! A socket as hyper reads and writes it, noting progress for the connection's deadlines.

use std::cell::RefCell;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use hyper::rt::{Read, ReadBufCursor, Write};
use tokio::io::{AsyncRead, ReadBuf};
use tokio::net::TcpStream;
use tokio::net::tcp::OwnedReadHalf;
use tokio::sync::OwnedSemaphorePermit;

use super::deadline::Watch;
use super::outbox::Outbox;

/// Bytes taken from a socket at a time.
const CHUNK: usize = 16 * 1024;

thread_local! {
    /// Where a worker's sockets are read into before the bytes go to hyper's buffer: one small copy
    /// in place of `unsafe` code on uninitialised memory.
    static SCRATCH: RefCell<Box<[u8]>> = RefCell::new(vec![0; CHUNK].into());
}

/// A TCP stream that tells its [`Watch`] what it does.
pub(super) struct Io {
    socket: OwnedReadHalf,
    outbox: Arc<Outbox>,
    /// Its place among `max_connections`, held also after an upgrade.
    _permit: OwnedSemaphorePermit,
}

impl Io {
    pub(super) fn new(stream: TcpStream, watch: Arc<Watch>, permit: OwnedSemaphorePermit) -> Io {
        let (socket, writer) = stream.into_split();
        Io { socket, outbox: Arc::new(Outbox::new(writer, watch)), _permit: permit }
    }

    /// Where its writes go. Whoever has it polled has to send them.
    pub(super) fn outbox(&self) -> Arc<Outbox> {
        self.outbox.clone()
    }
}

impl Io {
    /// Nothing is there to be read: perhaps nothing is to be expected any more.
    fn read_nothing(&self, cx: &Context<'_>) -> Poll<io::Result<()>> {
        let watch = self.outbox.watch();
        watch.read_nothing();
        if watch.is_over(cx.waker()) { Poll::Ready(Ok(())) } else { Poll::Pending }
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
            match Pin::new(&mut self.socket).poll_read(cx, &mut buffer) {
                Poll::Ready(Ok(())) => {
                    self.outbox.watch().read();
                    cursor.put_slice(buffer.filled());
                    Poll::Ready(Ok(()))
                }
                Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
                Poll::Pending => self.read_nothing(cx),
            }
        })
    }
}

impl Write for Io {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.outbox.poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.outbox.poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.outbox.poll_shutdown(cx)
    }
}
