//! One request to one address of this machine's own, and what came back.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use super::super::question::Scheme;
use super::tls;

/// What is asked of whom.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) scheme: Scheme,
    pub(crate) address: SocketAddr,
    pub(crate) host_header: String,
    /// With its query.
    pub(crate) path: String,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Answer(Answer),
    /// It speaks TLS.
    Tls,
    /// Something that is not HTTP: its first characters.
    NotHttp(String),
    /// It accepts the connection and closes it without a word.
    Closed,
    /// It accepts the connection and says nothing within the deadline.
    Silent,
    Refused,
    /// The connection is not even accepted within the deadline.
    Lost,
    /// In the system's words.
    Failed(String),
}

/// The head of an HTTP answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// The status line's words after the number.
    pub(crate) reason: String,
    headers: Vec<(String, String)>,
    /// The beginning of the body.
    pub(crate) body: String,
}

/// How long an address has for its answer.
pub(crate) const DEADLINE: Duration = Duration::from_secs(1);
/// How much of an answer is read.
const CAP: usize = 8 << 10;

impl Answer {
    /// Reads an answer's beginning; `None` when it is none of HTTP's.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Answer> {
        let text = String::from_utf8_lossy(bytes);
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let mut lines = head.split("\r\n");
        let (version, rest) = lines.next()?.split_once(' ')?;
        if !version.starts_with("HTTP/") {
            return None;
        }
        let (status, reason) = rest.split_once(' ').unwrap_or((rest, ""));
        let header = |line: &str| {
            let (name, value) = line.split_once(':')?;
            Some((name.trim().to_ascii_lowercase(), printable(value.trim())))
        };
        Some(Answer {
            status: status.trim().parse().ok()?,
            reason: printable(reason.trim()),
            headers: lines.filter_map(header).collect(),
            body: body.to_owned(),
        })
    }

    /// A header's first value; the name in small letters.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// What can be shown of it: no control characters, and not much.
pub(crate) fn printable(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).take(120).collect()
}

/// Asks once. The connection goes to this machine itself: the caller sees to that.
pub(crate) fn probe(target: &Target) -> Outcome {
    let deadline = Instant::now() + DEADLINE;
    let outcome = match target.scheme {
        Scheme::Http => exchange(target, request(target).as_bytes(), deadline),
        Scheme::Https => exchange(target, &tls::hello(&target.host_header), deadline),
    };
    match (target.scheme, outcome) {
        // Many TLS servers hang up on plain words: a greeting of TLS tells.
        (Scheme::Http, Outcome::Closed) => {
            match exchange(target, &tls::hello(&target.host_header), deadline) {
                Outcome::Tls => Outcome::Tls,
                _ => Outcome::Closed,
            }
        }
        // And plain servers may wait for a line's end that never comes.
        (Scheme::Https, Outcome::Closed | Outcome::Silent | Outcome::NotHttp(_)) => {
            let deadline = Instant::now() + DEADLINE / 4;
            match exchange(target, request(target).as_bytes(), deadline) {
                Outcome::Answer(answer) => Outcome::Answer(answer),
                _ => Outcome::Silent,
            }
        }
        (_, outcome) => outcome,
    }
}

fn request(target: &Target) -> String {
    format!(
        "GET {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: carafe-doctor\r\nAccept: */*\r\nConnection: close\r\n\r\n",
        target.path, target.host_header
    )
}

fn exchange(target: &Target, words: &[u8], deadline: Instant) -> Outcome {
    let left = || deadline.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
    let mut stream = match TcpStream::connect_timeout(&target.address, left()) {
        Ok(stream) => stream,
        Err(error) => return not_connected(&error),
    };
    let sent = stream.set_write_timeout(Some(left())).and_then(|()| stream.write_all(words));
    let mut came = Vec::new();
    let mut buffer = [0; 2048];
    let mut silent = false;
    while sent.is_ok() && came.len() < CAP && !is_enough(&came) {
        if stream.set_read_timeout(Some(left())).is_err() {
            break;
        }
        match stream.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => came.extend_from_slice(&buffer[..count]),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => {
                use std::io::ErrorKind::{TimedOut, WouldBlock};
                silent = matches!(error.kind(), WouldBlock | TimedOut);
                break;
            }
        }
    }
    heard(&came, silent)
}

/// An answer's head is enough, but the page that says of a mistake with TLS is in its body.
fn is_enough(came: &[u8]) -> bool {
    let head_ends = came.windows(4).position(|four| four == b"\r\n\r\n");
    let is_400 = came.get(8..12).is_some_and(|status| status == b" 400");
    let body = |end: usize| came.len() > end + 4 + 64;
    is_tls(came) || head_ends.is_some_and(|end| !is_400 || body(end))
}

/// A record of TLS: a handshake or an alert, of version 3.something.
fn is_tls(came: &[u8]) -> bool {
    matches!(came, [0x15 | 0x16, 3, _, ..])
}

fn heard(came: &[u8], silent: bool) -> Outcome {
    if is_tls(came) {
        return Outcome::Tls;
    }
    if came.is_empty() {
        return if silent { Outcome::Silent } else { Outcome::Closed };
    }
    match Answer::parse(came) {
        // nginx, Apache and Go answer a plain request on their port for TLS in plain words.
        Some(answer) if answer.status == 400 && tls::is_plain_refused(&answer.body) => Outcome::Tls,
        Some(answer) => Outcome::Answer(answer),
        None => {
            Outcome::NotHttp(printable(&String::from_utf8_lossy(came)).chars().take(40).collect())
        }
    }
}

fn not_connected(error: &std::io::Error) -> Outcome {
    use std::io::ErrorKind;
    match error.kind() {
        ErrorKind::ConnectionRefused => Outcome::Refused,
        ErrorKind::TimedOut | ErrorKind::WouldBlock => Outcome::Lost,
        _ => Outcome::Failed(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    #[test]
    fn reads_answers() {
        let answer =
            Answer::parse(b"HTTP/1.1 502 Bad Gateway\r\nServer: nginx\r\nvia: 1.1 a\r\n\r\nbody")
                .unwrap();
        assert_eq!((answer.status, answer.reason.as_str()), (502, "Bad Gateway"));
        assert_eq!((answer.header("server"), answer.header("x")), (Some("nginx"), None));
        assert_eq!(answer.body, "body");
        assert_eq!(Answer::parse(b"HTTP/1.0 204\r\n\r\n").unwrap().status, 204);
        for no in [&b"SSH-2.0-OpenSSH_9\r\n"[..], b"", b"HTTP/1.1", b"HTTP/1.1 x y\r\n"] {
            assert_eq!(Answer::parse(no), None);
        }
        // Nothing in it can move the cursor of a terminal.
        let sly = Answer::parse(b"HTTP/1.1 200 \x1b[2JOK\r\nserver: a\x07\r\n\r\n").unwrap();
        assert_eq!((sly.reason.as_str(), sly.header("server")), ("[2JOK", Some("a")));
    }

    /// What is made of a server that reads a little and answers so; `None` never answers.
    fn check(scheme: Scheme, answer: Option<&'static [u8]>, want: &str) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            let mut kept = Vec::new();
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let Some(answer) = answer else {
                    kept.push(stream);
                    continue;
                };
                let _ = stream.read(&mut [0; 1024]).unwrap();
                stream.write_all(answer).unwrap();
            }
        });
        let host_header = "localhost".to_owned();
        let found = probe(&Target { scheme, address, host_header, path: "/".to_owned() });
        let said = match found {
            Outcome::Answer(answer) => format!("{} {}", answer.status, answer.reason),
            other => format!("{other:?}"),
        };
        assert_eq!(said, want);
    }

    #[test]
    fn tells_servers_apart() {
        use Scheme::{Http, Https};
        check(Http, Some(b"HTTP/1.1 200 OK\r\n\r\n"), "200 OK");
        check(Http, Some(b"SSH-2.0-OpenSSH_9.2\r\n"), "NotHttp(\"SSH-2.0-OpenSSH_9.2\")");
        check(Http, Some(b""), "Closed");
        check(Http, Some(&[0x15, 3, 1, 0, 2, 2, 10]), "Tls");
        check(Http, Some(b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n"), "Tls");
        check(Http, Some(b"HTTP/1.0 400 Bad Request\r\n\r\nno"), "400 Bad Request");
        check(Http, None, "Silent");
        check(Https, Some(&[0x16, 3, 3, 0, 2]), "Tls");
        check(Https, Some(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "400 Bad Request");
    }

    #[test]
    fn a_closed_port_refuses() {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let target = Target {
            scheme: Scheme::Http,
            address,
            host_header: String::new(),
            path: "/".to_owned(),
        };
        assert_eq!(probe(&target), Outcome::Refused);
    }
}
