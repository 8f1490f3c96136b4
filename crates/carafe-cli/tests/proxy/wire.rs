//! Bytes to a web server and back, over TCP or over TLS.
//!
//! `openssl s_client` is the TLS client: it checks the certificate and leaves the bytes as they are.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Instant;

use super::{PATIENCE, tool};

/// One connection.
pub(crate) struct Wire {
    write: Box<dyn Write>,
    arrived: Receiver<Vec<u8>>,
    buffer: Vec<u8>,
    child: Option<Child>,
    stream: Option<TcpStream>,
}

/// An answer: its status, its headers as they came, its body.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then_some(value.trim())
        })
    }
}

impl Wire {
    pub(crate) fn plain(port: u16) -> Wire {
        let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        let (read, write) = (stream.try_clone().unwrap(), stream.try_clone().unwrap());
        let (arrived, buffer) = (pump(read), Vec::new());
        Wire { write: Box::new(write), arrived, buffer, child: None, stream: Some(stream) }
    }

    /// A connection to `domain`, whose certificate has to be the one in `authority`.
    pub(crate) fn secure(port: u16, domain: &str, authority: &Path) -> Wire {
        let mut command = Command::new(tool("openssl"));
        command
            .args(["s_client", "-quiet", "-verify_return_error", "-verify_hostname", domain])
            .args(["-servername", domain, "-connect", &format!("127.0.0.1:{port}")])
            .arg("-CAfile")
            .arg(authority)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let (write, read) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let (arrived, buffer) = (pump(read), Vec::new());
        Wire { write: Box::new(write), arrived, buffer, child: Some(child), stream: None }
    }

    /// Sends bytes; that the server has closed meanwhile is no failure of the test.
    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) -> &mut Wire {
        let _ = self.write.write_all(bytes.as_ref()).and_then(|()| self.write.flush());
        self
    }

    /// Waits until these bytes have arrived, and gives what came up to their end.
    pub(crate) fn until(&mut self, end: &[u8]) -> Vec<u8> {
        self.try_until(end).unwrap_or_else(|why| {
            panic!(
                "{:?} has not arrived ({why}), but:\n{}",
                String::from_utf8_lossy(end),
                String::from_utf8_lossy(&self.buffer)
            )
        })
    }

    /// The status of the answer; `None` when the connection was closed instead.
    pub(crate) fn status(mut self) -> Option<u16> {
        let head = String::from_utf8(self.try_until(b"\r\n\r\n").ok()?).unwrap();
        Some(head.split(' ').nth(1).unwrap().parse().unwrap())
    }

    fn try_until(&mut self, end: &[u8]) -> Result<Vec<u8>, RecvTimeoutError> {
        let found = |buffer: &[u8]| buffer.windows(end.len()).position(|window| window == end);
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(at) = found(&self.buffer) {
                let rest = self.buffer.split_off(at + end.len());
                return Ok(std::mem::replace(&mut self.buffer, rest));
            }
            let left = deadline.saturating_duration_since(Instant::now());
            self.buffer.extend(self.arrived.recv_timeout(left)?);
        }
    }

    /// Reads one answer, whose body ends with the connection.
    pub(crate) fn reply(mut self) -> Reply {
        let head = String::from_utf8(self.until(b"\r\n\r\n")).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let deadline = Instant::now() + PATIENCE;
        let mut body = std::mem::take(&mut self.buffer);
        loop {
            match self.arrived.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(bytes) => body.extend(bytes),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => panic!("the answer does not end:\n{head}"),
            }
        }
        Reply { status, head, body: String::from_utf8_lossy(&body).into_owned() }
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
        if let Some(stream) = &self.stream {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

/// Reads in a thread of its own, so that waiting can end.
fn pump(mut read: impl Read + Send + 'static) -> Receiver<Vec<u8>> {
    let (sender, arrived) = channel();
    std::thread::spawn(move || {
        let mut bytes = [0; 16 << 10];
        loop {
            match read.read(&mut bytes) {
                Ok(0) => return,
                Ok(length) if sender.send(bytes[..length].to_vec()).is_err() => return,
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return,
            }
        }
    });
    arrived
}
