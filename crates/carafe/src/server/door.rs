//! A listening socket within a worker's runtime, and the connections that come in at it.

use std::io;
use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpStream};

#[cfg(unix)]
use std::os::fd::OwnedFd;
#[cfg(unix)]
use std::os::unix::net::UnixListener;
#[cfg(unix)]
use tokio::io::{Interest, unix::AsyncFd};

use super::Listener;

/// A [`Listener`] that is waited on.
pub(super) enum Door {
    Tcp(TcpListener),
    #[cfg(unix)]
    Unix(AsyncFd<UnixListener>),
}

impl Door {
    /// Gives the socket to the runtime that this thread is in.
    pub(super) fn new(listener: Listener) -> io::Result<Door> {
        match listener {
            Listener::Tcp(socket) => {
                socket.set_nonblocking(true)?;
                Ok(Door::Tcp(TcpListener::from_std(socket)?))
            }
            #[cfg(unix)]
            Listener::Unix(socket) => {
                socket.set_nonblocking(true)?;
                Ok(Door::Unix(AsyncFd::with_interest(socket, Interest::READABLE)?))
            }
        }
    }

    /// The next connection, and its other side's address if it has one.
    ///
    /// Both kinds come as a [`TcpStream`]: reading, writing and closing are the same system calls on
    /// either, so that one way, without a branch, serves all. What only TCP has (addresses, options)
    /// the system refuses on a Unix socket with an error.
    pub(super) async fn accept(&self) -> io::Result<(TcpStream, Option<SocketAddr>)> {
        match self {
            Door::Tcp(socket) => {
                let (stream, remote) = socket.accept().await?;
                Ok((stream, Some(remote)))
            }
            #[cfg(unix)]
            Door::Unix(socket) => {
                let accept = |socket: &UnixListener| socket.accept();
                let (stream, _unnamed) = socket.async_io(Interest::READABLE, accept).await?;
                let stream = std::net::TcpStream::from(OwnedFd::from(stream));
                stream.set_nonblocking(true)?;
                Ok((TcpStream::from_std(stream)?, None))
            }
        }
    }
}
