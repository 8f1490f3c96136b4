//! Bytes over a socket, and the answers among them.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};

use super::PATIENCE;

/// One connection.
pub(crate) struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
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
            let (key, value) = line.split_once(": ")?;
            key.eq_ignore_ascii_case(name).then_some(value)
        })
    }
}

impl Client {
    pub(crate) fn connect(address: SocketAddr) -> Client {
        let stream = TcpStream::connect_timeout(&address, PATIENCE).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        Client { stream, buffer: Vec::new() }
    }

    /// Sends bytes; that the server has closed meanwhile is no failure of the test.
    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) -> &mut Client {
        let _ = self.stream.write_all(bytes.as_ref());
        self
    }

    /// Sends as much as fits; gives how much that was.
    pub(crate) fn flood(&mut self, bytes: &[u8]) -> usize {
        self.stream.set_nonblocking(true).unwrap();
        let mut sent = 0;
        while let Ok(length) = self.stream.write(&bytes[sent..]) {
            sent += length;
        }
        self.stream.set_nonblocking(false).unwrap();
        sent
    }

    /// Sends a GET, and reads its answer.
    pub(crate) fn get(&mut self, path: &str) -> Reply {
        self.send(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n")).reply()
    }

    /// The next answer.
    pub(crate) fn reply(&mut self) -> Reply {
        self.reply_to("GET")
    }

    /// The next answer, to a request with this method.
    pub(crate) fn reply_to(&mut self, method: &str) -> Reply {
        let head = self.until("\r\n\r\n");
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        let mut reply = Reply { status: status.unwrap(), head, body: String::new() };
        let bodiless = method == "HEAD" || matches!(reply.status, 100..=199 | 204 | 304);
        if bodiless {
            return reply;
        }
        let length = reply.header("content-length").map(|length| length.parse().unwrap());
        reply.body = match (length, reply.header("transfer-encoding")) {
            (Some(length), _) => self.exactly(length),
            (None, Some("chunked")) => self.chunks(),
            (None, _) => self.rest(),
        };
        reply
    }

    fn chunks(&mut self) -> String {
        let mut body = String::new();
        loop {
            let size = self.until("\r\n");
            let size = usize::from_str_radix(size.trim(), 16).unwrap();
            body.push_str(&self.exactly(size));
            self.exactly(2);
            if size == 0 {
                return body;
            }
        }
    }

    /// All that comes until the server closes the connection.
    pub(crate) fn rest(&mut self) -> String {
        while self.fill() {}
        let bytes = std::mem::take(&mut self.buffer);
        String::from_utf8(bytes).unwrap()
    }

    pub(crate) fn until(&mut self, end: &str) -> String {
        loop {
            let found = self.buffer.windows(end.len()).position(|part| part == end.as_bytes());
            if let Some(at) = found {
                return self.exactly(at + end.len());
            }
            if !self.fill() {
                panic!("the connection ended within `{}`", String::from_utf8_lossy(&self.buffer));
            }
        }
    }

    pub(crate) fn exactly(&mut self, length: usize) -> String {
        String::from_utf8(self.bytes(length)).unwrap()
    }

    pub(crate) fn bytes(&mut self, length: usize) -> Vec<u8> {
        while self.buffer.len() < length {
            assert!(self.fill(), "the connection ended early");
        }
        self.buffer.drain(..length).collect()
    }

    /// Reads once; `false` at the end.
    fn fill(&mut self) -> bool {
        let mut bytes = [0; 65536];
        match self.stream.read(&mut bytes) {
            Ok(length) => {
                self.buffer.extend_from_slice(&bytes[..length]);
                length > 0
            }
            Err(error) if error.kind() == ErrorKind::ConnectionReset => false,
            Err(error) => panic!("nothing came: {error}"),
        }
    }

    /// What a single read brings.
    pub(crate) fn once(&mut self) -> String {
        self.fill();
        let bytes = std::mem::take(&mut self.buffer);
        String::from_utf8(bytes).unwrap()
    }

    /// Says that nothing more will be sent.
    pub(crate) fn finish(&mut self) -> &mut Client {
        self.stream.shutdown(Shutdown::Write).unwrap();
        self
    }

    /// Whether the server closed the connection, with no further byte.
    pub(crate) fn is_closed(&mut self) -> bool {
        self.rest().is_empty()
    }

    pub(crate) fn close(self) {
        let _ = self.stream.shutdown(Shutdown::Both);
    }
}
