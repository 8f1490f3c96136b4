//! Listening sockets within a worker's runtime, and the connections that come in at them.

use std::cell::Cell;
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::task::{Context, Poll};

#[cfg(unix)]
use tokio::net::UnixListener;
use tokio::net::{TcpListener, TcpStream};

use super::Listener;

/// A [`Listener`] that is waited on.
enum Door {
    Tcp(TcpListener),
    #[cfg(unix)]
    Unix(UnixListener),
}

impl Door {
    fn new(listener: Listener) -> io::Result<Door> {
        match listener {
            Listener::Tcp(socket) => {
                socket.set_nonblocking(true)?;
                Ok(Door::Tcp(TcpListener::from_std(socket)?))
            }
            #[cfg(unix)]
            Listener::Unix(socket) => {
                socket.set_nonblocking(true)?;
                Ok(Door::Unix(UnixListener::from_std(socket)?))
            }
        }
    }

    /// Takes the next connection, and its other side's address if it has one.
    ///
    /// Both kinds come as a [`TcpStream`]: reading, writing and closing are the same system calls on
    /// either, so that one way, without a branch, serves all. What only TCP has (addresses, options)
    /// the system refuses on a Unix socket with an error.
    fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<io::Result<Accepted>> {
        match self {
            Door::Tcp(socket) => {
                socket.poll_accept(cx).map_ok(|(stream, remote)| (stream, Some(remote)))
            }
            #[cfg(unix)]
            Door::Unix(socket) => {
                let (stream, _unnamed) = std::task::ready!(socket.poll_accept(cx))?;
                let stream = std::os::fd::OwnedFd::from(stream.into_std()?);
                let stream = TcpStream::from_std(std::net::TcpStream::from(stream))?;
                Poll::Ready(Ok((stream, None)))
            }
        }
    }
}

/// A connection, and its other side's address if it has one.
pub(super) type Accepted = (TcpStream, Option<SocketAddr>);

/// All the doors of a worker. It waits at all of them at once, so that it needs one place among
/// `max_connections` for whoever comes next, and not one for each door.
pub(super) struct Doors {
    doors: Vec<Door>,
    /// Who was served last is asked last.
    first: Cell<usize>,
}

impl Doors {
    /// Gives the sockets to the runtime that this thread is in.
    pub(super) fn new(listeners: Vec<Listener>) -> io::Result<Doors> {
        let doors = listeners.into_iter().map(Door::new).collect::<io::Result<Vec<_>>>()?;
        Ok(Doors { doors, first: Cell::new(0) })
    }

    /// The next connection at any of them.
    pub(super) async fn accept(&self) -> io::Result<Accepted> {
        poll_fn(|cx| {
            let first = self.first.get();
            for number in (first..self.doors.len()).chain(0..first) {
                if let Poll::Ready(accepted) = self.doors[number].poll_accept(cx) {
                    self.first.set(number + 1);
                    return Poll::Ready(accepted);
                }
            }
            Poll::Pending
        })
        .await
    }
}
