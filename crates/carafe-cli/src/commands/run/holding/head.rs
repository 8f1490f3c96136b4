//! The head of a request, as far as the holding page needs to know it.

use std::io::{self, Read};
use std::net::{IpAddr, TcpStream};

/// Bytes of a head.
const LONGEST: usize = 64 << 10;

/// A request whose head has come in.
#[derive(Debug)]
pub(super) struct Head {
    /// All bytes so far, also those of the body.
    pub(super) bytes: Vec<u8>,
    text: String,
}

impl Head {
    /// Reads one; `None` when the client sends none, or one that is too long.
    pub(super) fn read(stream: &mut TcpStream) -> io::Result<Option<Head>> {
        let mut bytes = Vec::new();
        let mut part = [0; 4096];
        loop {
            let length = stream.read(&mut part)?;
            bytes.extend_from_slice(&part[..length]);
            if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
                let text = String::from_utf8_lossy(&bytes[..end]).into_owned();
                return Ok(Some(Head { bytes, text }));
            }
            if length == 0 || bytes.len() > LONGEST {
                return Ok(None);
            }
        }
    }

    pub(super) fn method(&self) -> &str {
        self.text.split(' ').next().unwrap_or_default()
    }

    /// The path without the query.
    pub(super) fn path(&self) -> &str {
        let target = self.text.split(' ').nth(1).unwrap_or_default();
        target.split('?').next().unwrap_or_default()
    }

    /// A header's value.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut fields = self.text.lines().skip(1).filter_map(|line| line.split_once(':'));
        fields.find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }

    /// Whether a browser asks for a page, which can be shown another one meanwhile.
    pub(super) fn wants_page(&self) -> bool {
        matches!(self.method(), "GET" | "HEAD")
            && self.header("accept").is_some_and(|accept| accept.contains("text/html"))
    }

    /// Whether it is no page from elsewhere that asks: the host is an address or `localhost`, in
    /// which no foreign DNS server has a say, and the browser names no other site.
    pub(super) fn is_direct(&self) -> bool {
        let host = self.header("host").unwrap_or_default();
        let name = match host.strip_prefix('[') {
            Some(rest) => rest.split(']').next().unwrap_or_default(),
            None => host.split(':').next().unwrap_or_default(),
        };
        let is_foreign = self.header("sec-fetch-site") == Some("cross-site")
            && self.header("sec-fetch-mode") != Some("navigate");
        let known = name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok();
        known && !is_foreign
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(text: &str) -> Head {
        Head { bytes: Vec::new(), text: text.to_owned() }
    }

    #[test]
    fn who_wants_a_page() {
        let check =
            |text: &str, expected: bool| assert_eq!(head(text).wants_page(), expected, "{text}");
        check("GET / HTTP/1.1\r\nAccept: text/html,*/*", true);
        check("GET / HTTP/1.1\r\naccept: */*", false);
        check("GET / HTTP/1.1", false);
        check("POST / HTTP/1.1\r\nAccept: text/html", false);
    }

    #[test]
    fn who_is_direct() {
        let check = |host: &str, expected: bool| {
            let head = head(&format!("GET /a?b HTTP/1.1\r\nHost: {host}"));
            assert_eq!((head.is_direct(), head.path()), (expected, "/a"), "{host}");
        };
        check("localhost:8000", true);
        check("127.0.0.1:8000", true);
        check("[::1]:8000", true);
        check("192.168.0.9", true);
        check("rebound.example:8000", false);
        check("localhost.example", false);
        check("", false);
        check("localhost\r\nSec-Fetch-Site: cross-site", false);
        check("localhost\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate", true);
        check("localhost\r\nSec-Fetch-Site: same-origin", true);
    }
}
