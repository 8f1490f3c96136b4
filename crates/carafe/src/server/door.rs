//! A listening socket within a worker's runtime, and the connections that come in at it.

use std::io;
use std::net::SocketAddr;

#[cfg(unix)]
use tokio::net::UnixListener;
use tokio::net::{TcpListener, TcpStream};

use super::Listener;

/// A [`Listener`] that is waited on.
pub(super) enum Door {
    Tcp(TcpListener),
    #[cfg(unix)]
    Unix(UnixListener),
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
                Ok(Door::Unix(UnixListener::from_std(socket)?))
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
                let (stream, _unnamed) = socket.accept().await?;
                let stream = std::os::fd::OwnedFd::from(stream.into_std()?);
                let stream = TcpStream::from_std(std::net::TcpStream::from(stream))?;
                Ok((stream, None))
            }
        }
    }
}
