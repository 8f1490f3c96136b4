//! Passing a request that has waited on to the app, and the answer back: bytes as they are.

use std::io::{self, Write};
use std::net::{Shutdown, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::thread;

/// Connects to where the client has connected to, where an app takes connections by now.
pub(super) fn relay(client: TcpStream, begun: &[u8]) -> io::Result<()> {
    let mut app = match client.local_addr() {
        Ok(address) => TcpStream::connect(address)?,
        Err(_no_address_of_tcp) => {
            let client = UnixStream::from(OwnedFd::from(client.try_clone()?));
            TcpStream::from(OwnedFd::from(UnixStream::connect_addr(&client.local_addr()?)?))
        }
    };
    app.write_all(begun)?;
    // From here on it is theirs how long they take.
    client.set_read_timeout(None)?;
    client.set_write_timeout(None)?;
    let (from, to) = (client.try_clone()?, app.try_clone()?);
    let up = thread::spawn(move || pass(from, to));
    pass(app, client);
    let _ = up.join();
    Ok(())
}

/// Copies until the end, which is passed on, too.
fn pass(mut from: TcpStream, mut to: TcpStream) {
    let ended = io::copy(&mut from, &mut to);
    let _ = to.shutdown(if ended.is_ok() { Shutdown::Write } else { Shutdown::Both });
    if ended.is_err() {
        let _ = from.shutdown(Shutdown::Both);
    }
}
