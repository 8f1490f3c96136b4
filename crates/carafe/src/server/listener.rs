//! Listening sockets: opened once, shared by all workers, handed from one process to the next.
//!
//! Which sockets an app listens on is decided in `run`.

use std::fmt;
use std::io;
use std::net::{SocketAddr, TcpListener};
#[cfg(unix)]
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
#[cfg(unix)]
use std::os::unix::net::UnixListener;
use std::path::PathBuf;

use socket2::{Domain, Protocol, SockRef, Socket, Type};

/// How many connections the kernel keeps waiting for `accept`.
pub(crate) const BACKLOG: i32 = 1024;

/// A socket that connections come in at.
#[derive(Debug)]
pub(crate) enum Listener {
    /// A port of an address.
    Tcp(TcpListener),
    /// A file.
    #[cfg(unix)]
    Unix(UnixListener),
}

impl Listener {
    /// Opens a port; port 0 takes a free one.
    ///
    /// # Errors
    /// What the system says: the address is in use, not this machine's, or not allowed.
    pub(crate) fn tcp(address: SocketAddr) -> io::Result<Listener> {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
        // A restarted server takes its port back although old connections linger in TIME_WAIT. On
        // Windows the same option would share the port with a program that has it.
        #[cfg(unix)]
        socket.set_reuse_address(true)?;
        if address.is_ipv6() {
            // An IPv6 address is only that; `::` is every address, those of IPv4 too.
            socket.set_only_v6(!address.ip().is_unspecified())?;
        }
        socket.bind(&address.into())?;
        socket.listen(BACKLOG)?;
        Ok(Listener::Tcp(socket.into()))
    }

    /// Takes a listening socket that another process opened, whichever kind it is.
    ///
    /// # Errors
    /// When it is no listening stream socket of TCP or Unix.
    #[cfg(unix)]
    pub(crate) fn adopt(fd: OwnedFd) -> io::Result<Listener> {
        let socket = Socket::from(fd);
        let wrong = |what| Err(io::Error::new(io::ErrorKind::InvalidInput, what));
        if socket.r#type()? != Type::STREAM {
            return wrong("it carries datagrams, not streams");
        }
        #[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd"))]
        if !socket.is_listener()? {
            return wrong("it is a connection, not a listening socket");
        }
        match socket.local_addr()?.domain() {
            Domain::IPV4 | Domain::IPV6 => Ok(Listener::Tcp(socket.into())),
            Domain::UNIX => Ok(Listener::Unix(UnixListener::from(OwnedFd::from(socket)))),
            _ => wrong("it is neither TCP nor Unix"),
        }
    }

    /// Where it listens.
    ///
    /// # Errors
    /// What the system says, which should be nothing.
    pub(crate) fn address(&self) -> io::Result<ListenAddress> {
        match self {
            Listener::Tcp(socket) => socket.local_addr().map(ListenAddress::Tcp),
            #[cfg(unix)]
            Listener::Unix(socket) => {
                let address = socket.local_addr()?;
                // Linux has addresses without a file; of those only the path is left empty.
                let path = address.as_pathname().map(std::path::Path::to_owned);
                Ok(ListenAddress::Unix(path.unwrap_or_default()))
            }
        }
    }

    /// Whether it listens on an address of IPv6 that answers IPv4, too.
    pub(crate) fn is_dual_stack(&self) -> bool {
        match self {
            Listener::Tcp(socket) => SockRef::from(socket).only_v6().is_ok_and(|only| !only),
            #[cfg(unix)]
            Listener::Unix(_) => false,
        }
    }

    /// Another handle of the same socket.
    ///
    /// # Errors
    /// When this process may not open more files.
    pub(crate) fn try_clone(&self) -> io::Result<Listener> {
        match self {
            Listener::Tcp(socket) => socket.try_clone().map(Listener::Tcp),
            #[cfg(unix)]
            Listener::Unix(socket) => socket.try_clone().map(Listener::Unix),
        }
    }
}

#[cfg(unix)]
impl AsFd for Listener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Listener::Tcp(socket) => socket.as_fd(),
            Listener::Unix(socket) => socket.as_fd(),
        }
    }
}

/// Where a [`Listener`] listens.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum ListenAddress {
    /// An address and a port.
    Tcp(SocketAddr),
    /// A socket file; empty for a Unix socket without one.
    Unix(PathBuf),
}

impl ListenAddress {
    /// Whether other computers may reach it.
    pub(crate) fn is_wide(&self) -> bool {
        self.tcp().is_some_and(|address| !address.ip().to_canonical().is_loopback())
    }

    /// The address and port, if it is one of TCP.
    pub(crate) fn tcp(&self) -> Option<SocketAddr> {
        match self {
            ListenAddress::Tcp(address) => Some(*address),
            ListenAddress::Unix(_) => None,
        }
    }
}

impl fmt::Display for ListenAddress {
    /// `127.0.0.1:8000`, `[::1]:8000` or `unix:/run/app.sock`, as `host` in the settings has it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ListenAddress::Tcp(address) => address.fmt(f),
            ListenAddress::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::net::{Ipv4Addr, TcpStream, UdpSocket};

    use super::*;

    #[test]
    fn adopts_what_listens_and_nothing_else() {
        let check = |fd: OwnedFd, wanted: &ListenAddress| {
            assert_eq!(&Listener::adopt(fd).unwrap().address().unwrap(), wanted);
        };
        let refuse = |fd: OwnedFd, words: &str| {
            assert_eq!(Listener::adopt(fd).unwrap_err().to_string(), words);
        };
        let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = tcp.local_addr().unwrap();
        let stream = TcpStream::connect(address).unwrap();
        check(tcp.into(), &ListenAddress::Tcp(address));
        refuse(stream.into(), "it is a connection, not a listening socket");
        let udp = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        refuse(udp.into(), "it carries datagrams, not streams");
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("app.sock");
        let unix = UnixListener::bind(&path).unwrap();
        check(unix.into(), &ListenAddress::Unix(path));
    }

    #[test]
    fn addresses_are_written_as_the_setting_is() {
        let check = |address: ListenAddress, wanted: &str| assert_eq!(address.to_string(), wanted);
        check(ListenAddress::Tcp(([127, 0, 0, 1], 80).into()), "127.0.0.1:80");
        check(ListenAddress::Tcp("[::1]:80".parse().unwrap()), "[::1]:80");
        check(ListenAddress::Unix("/run/a.sock".into()), "unix:/run/a.sock");
    }
}
