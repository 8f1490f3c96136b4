//! What is around an app in these tests: processes, a proxy, a small disk, a server.

#![allow(dead_code, reason = "each test uses a part of it")]

mod disk;
mod postgres;
mod proxy;

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use carafe::TestServer;

pub(crate) use disk::in_small_disk;
pub(crate) use postgres::Postgres;
pub(crate) use proxy::Proxy;

const URL: &str = "CARAFE_DB_TEST_URL";
const ADDRESS: &str = "CARAFE_DB_TEST_ADDRESS";

/// An app in a process of its own: this test program, told to serve.
pub(crate) struct Process {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Process {
    pub(crate) fn start(test: &str, url: &str, folder: &Path) -> Process {
        let address = folder.join("address");
        let _ = std::fs::remove_file(&address);
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args([test, "--exact", "--nocapture"]).env(URL, url).env(ADDRESS, &address);
        // It ends when nobody holds the other end any more.
        command.stdin(Stdio::piped()).stdout(Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut found = None;
        super::common::eventually("the process serves", || {
            assert!(child.try_wait().unwrap().is_none(), "the process ended");
            found = std::fs::read_to_string(&address).ok().and_then(|text| text.parse().ok());
            found.is_some()
        });
        Process { child, address: found.unwrap() }
    }

    /// As `kill -9`.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Serves when this is such a process, until its parent is gone.
pub(crate) fn serve(start: impl FnOnce(String) -> TestServer) {
    let Ok(url) = std::env::var(URL) else { return };
    let server = start(url);
    let address = std::env::var_os(ADDRESS).unwrap();
    let unfinished = Path::new(&address).with_extension("new");
    std::fs::write(&unfinished, server.addr().to_string()).unwrap();
    std::fs::rename(unfinished, &address).unwrap();
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
}

/// The whole answer; `None` when there is none.
pub(crate) fn exchange(address: SocketAddr, line: &str) -> Option<String> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(30))).ok()?;
    let head = format!(
        "{line} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).ok()?;
    let mut text = String::new();
    stream.read_to_string(&mut text).ok()?;
    // One that was cut has no acknowledgement in it.
    text.contains("\r\n\r\n").then_some(text)
}

pub(crate) fn status_of(address: SocketAddr, line: &str) -> Option<u16> {
    exchange(address, line)?.split(' ').nth(1)?.parse().ok()
}

/// The body of an answer.
pub(crate) fn ask(address: SocketAddr, line: &str) -> Option<String> {
    Some(exchange(address, line)?.split_once("\r\n\r\n")?.1.to_owned())
}
