//! Sends a request again as it came: same method, target, headers and body.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs as _};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::channel::Record;

/// How long an app may take to take a connection.
const CONNECT: Duration = Duration::from_secs(5);
/// How long an answer may take: somebody may look at it in the debugger.
const ANSWER: Duration = Duration::from_secs(3600);
/// Headers that belong to the connection, not to the request (RFC 9110 section 7.6.1).
const OF_CONNECTIONS: [&str; 8] = [
    "connection",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "expect",
];

/// A request that is ready to be sent again.
#[derive(Debug)]
pub(super) struct Replay {
    stream: TcpStream,
    bytes: Vec<u8>,
}

impl Replay {
    /// Connects to the app.
    ///
    /// # Errors
    /// When the request is not known whole, or the app cannot be reached.
    pub(super) fn new(record: &Record, urls: &[String]) -> Result<Replay, String> {
        let bytes = bytes(record)?;
        let address = urls.iter().find_map(|url| address(url));
        let address =
            address.ok_or("the app listens at no address that requests can be sent to")?;
        let stream = TcpStream::connect_timeout(&address, CONNECT)
            .map_err(|error| format!("the app cannot be reached at {address}: {error}"))?;
        Ok(Replay { stream, bytes })
    }

    /// Our end of the connection, by which the app's word of the request is known.
    pub(super) fn remote(&self) -> String {
        self.stream.local_addr().map_or_else(|_| String::new(), |address| address.to_string())
    }

    /// Sends it and waits for the answer's status.
    pub(super) fn send(mut self) -> io::Result<u16> {
        self.stream.set_read_timeout(Some(ANSWER))?;
        self.stream.write_all(&self.bytes)?;
        let (mut head, mut piece) = (Vec::new(), [0; 4096]);
        // "HTTP/1.1 200"
        while head.len() < 12 {
            match self.stream.read(&mut piece)? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                count => head.extend_from_slice(&piece[..count]),
            }
        }
        let status = std::str::from_utf8(&head[9..12]).ok().and_then(|status| status.parse().ok());
        // To the end, so that the app does not find the client gone.
        while self.stream.read(&mut piece)? > 0 {}
        status.ok_or_else(|| io::ErrorKind::InvalidData.into())
    }
}

/// Where the app takes requests of this computer.
fn address(url: &str) -> Option<SocketAddr> {
    let authority = url.strip_prefix("http://")?.split(['/', '?']).next()?;
    let authority = match authority.rsplit_once(':') {
        Some((_, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => authority.to_owned(),
        _ => format!("{authority}:80"),
    };
    authority.to_socket_addrs().ok()?.find(|address| address.ip().is_loopback())
}

/// The request on the wire.
fn bytes(record: &Record) -> Result<Vec<u8>, String> {
    let (begin, end) = (record.begin_value(), record.end_value());
    if end["body_cut"] == true || begin["cut"] == true {
        return Err(
            "the request is too long to be kept whole, so it cannot be sent again".to_owned()
        );
    }
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let body = STANDARD.decode(text(&end["body"])).unwrap_or_default();
    let mut head = format!("{} {} HTTP/1.1\r\n", text(&begin["method"]), text(&begin["target"]));
    for pair in begin["headers"].as_array().into_iter().flatten() {
        let (name, value) = (text(&pair[0]).to_ascii_lowercase(), text(&pair[1]));
        let is_ours = OF_CONNECTIONS.contains(&&*name) || name == "content-length";
        if !is_ours && !value.contains(['\r', '\n']) {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
    }
    if !body.is_empty() || matches!(begin["method"].as_str(), Some("POST" | "PUT" | "PATCH")) {
        head.push_str(&format!("content-length: {}\r\n", body.len()));
    }
    head.push_str("connection: close\r\n\r\n");
    Ok([head.into_bytes(), body].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_apps_address() {
        let check = |url: &str, expected: Option<&str>| {
            assert_eq!(address(url).map(|found| found.to_string()).as_deref(), expected, "{url}");
        };
        check("http://127.0.0.1:5000/", Some("127.0.0.1:5000"));
        check("http://127.0.0.1/", Some("127.0.0.1:80"));
        check("http://[::1]:5000/x", Some("[::1]:5000"));
        check("http://192.168.0.7:5000/", None);
        check("unix:/run/app.sock", None);
    }
}
