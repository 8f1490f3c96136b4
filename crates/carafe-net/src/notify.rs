//! Telling the service manager how the app is: systemd's `sd_notify(3)` protocol.

use std::ffi::OsStr;
use std::io;

/// Tells systemd a state such as `READY=1`, if the app is a service of it (`NOTIFY_SOCKET`); gives
/// whether it is.
///
/// # Errors
/// When the message cannot be sent.
pub fn notify(state: &str) -> io::Result<bool> {
    match std::env::var_os("NOTIFY_SOCKET").filter(|socket| !socket.is_empty()) {
        Some(socket) => notify_at(&socket, state).map(|()| true),
        None => Ok(false),
    }
}

/// As [`notify`], at a socket: a path, or `@` and a name without a file.
///
/// # Errors
/// When the message cannot be sent.
#[cfg(unix)]
pub fn notify_at(socket: &OsStr, state: &str) -> io::Result<()> {
    use std::os::unix::ffi::OsStrExt as _;
    use std::os::unix::net::{SocketAddr, UnixDatagram};

    let address = match socket.as_bytes() {
        #[cfg(any(target_os = "linux", target_os = "android"))]
        [b'@', name @ ..] => {
            #[cfg(target_os = "android")]
            use std::os::android::net::SocketAddrExt as _;
            #[cfg(target_os = "linux")]
            use std::os::linux::net::SocketAddrExt as _;
            SocketAddr::from_abstract_name(name)?
        }
        [b'/', ..] => SocketAddr::from_pathname(socket)?,
        _ => return Err(io::Error::other("`NOTIFY_SOCKET` is neither a path nor `@` and a name")),
    };
    let datagram = UnixDatagram::unbound()?;
    // A service manager that hangs must not keep the app from serving.
    datagram.set_write_timeout(Some(std::time::Duration::from_secs(1)))?;
    datagram.send_to_addr(state.as_bytes(), &address).map(|_sent| ())
}

/// As [`notify`]; this system has no systemd.
///
/// # Errors
/// Always.
#[cfg(not(unix))]
pub fn notify_at(_socket: &OsStr, _state: &str) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Microseconds of the clock that systemd compares a `RELOADING=1` by.
#[cfg(unix)]
pub fn monotonic_micros() -> i64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    now.tv_sec * 1_000_000 + now.tv_nsec / 1_000
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::os::linux::net::SocketAddrExt as _;
    use std::os::unix::net::{SocketAddr, UnixDatagram};

    use super::*;

    #[test]
    fn a_state_is_sent_to_a_path_and_to_a_name() {
        let check = |socket: UnixDatagram, name: &str| {
            notify_at(OsStr::new(name), "READY=1\nMAINPID=7").unwrap();
            let mut bytes = [0; 64];
            let length = socket.recv(&mut bytes).unwrap();
            assert_eq!(&bytes[..length], b"READY=1\nMAINPID=7");
        };
        let name = format!("carafe-notify-{}", std::process::id());
        let path = std::env::temp_dir().join(&name);
        let _ = std::fs::remove_file(&path);
        check(UnixDatagram::bind(&path).unwrap(), path.to_str().unwrap());
        std::fs::remove_file(path).unwrap();
        let address = SocketAddr::from_abstract_name(&name).unwrap();
        check(UnixDatagram::bind_addr(&address).unwrap(), &format!("@{name}"));
        assert!(notify_at(OsStr::new("here"), "READY=1").is_err());
        assert!(notify_at(OsStr::new("/nonexistent/notify"), "READY=1").is_err());
    }

    #[test]
    fn the_clock_goes_on() {
        let before = monotonic_micros();
        assert!(before > 0 && monotonic_micros() >= before);
    }
}
