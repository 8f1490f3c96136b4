//! Listening sockets that wait at a path for a program that cannot inherit them: debuggers close every
//! file of the programs that they start.

use std::io::{self, Write as _};
use std::os::fd::{BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use super::server::permitted;
use super::sockets;

/// How long either side may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// Gives sockets to the process at the other end of a Unix stream, at most 64.
///
/// # Errors
/// When it is another user's, has gone, or takes nothing for two seconds.
pub fn give_sockets(mut stream: UnixStream, given: &[BorrowedFd<'_>]) -> io::Result<()> {
    if permitted(&stream)?.is_none() {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    stream.set_write_timeout(Some(PATIENCE))?;
    // Sockets go with a byte.
    match sockets::send(&stream, b"\n", given)? {
        0 => stream.write_all(b"\n"),
        _ => Ok(()),
    }
}

/// Takes the sockets that wait at a path; none when they were given to another process.
///
/// # Errors
/// When nobody is there, or gives nothing for two seconds.
pub fn take_sockets(path: &Path) -> io::Result<Vec<OwnedFd>> {
    let stream = UnixStream::connect(path)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    Ok(sockets::receive(&stream)?.1)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::os::fd::AsFd as _;
    use std::os::unix::net::UnixListener;
    use std::thread;

    use super::*;

    #[test]
    fn sockets_wait_for_one_process() {
        let path = std::env::temp_dir().join(format!("carafe-handed-{}", std::process::id()));
        let _ = std::fs::remove_file(&path);
        let door = UnixListener::bind(&path).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::scope(|scope| {
            scope.spawn(|| {
                give_sockets(door.accept().unwrap().0, &[listener.as_fd()]).unwrap();
                // The second one is turned away.
                drop(door.accept().unwrap());
            });
            let mut taken = take_sockets(&path).unwrap();
            let taken = TcpListener::from(taken.remove(0));
            assert_eq!(taken.local_addr().unwrap(), address);
            assert!(take_sockets(&path).unwrap().is_empty());
        });
        std::fs::remove_file(&path).unwrap();
        assert!(take_sockets(&path).is_err());
    }
}
