//! One GET, as plain as a request can be: what comes back is its status and who says so.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

use super::tls::{self, Stream};
use super::url::Url;

/// How long each address may take to be connected to.
const CONNECT: Duration = Duration::from_secs(3);
/// How long an answer may take in all.
const ANSWER: Duration = Duration::from_secs(8);
/// Bytes of an answer that are read: its head has to be among them.
const MOST: usize = 256 * 1024;

/// What came back.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    /// This side of the connection: what a proxy sees as the client.
    pub(super) local: SocketAddr,
    /// The other side.
    pub(super) remote: SocketAddr,
    pub(super) status: u16,
    /// The `Server` header.
    pub(super) server: Option<String>,
    /// The `Location` header.
    pub(super) location: Option<String>,
}

/// Why nothing came back.
#[derive(Debug)]
pub(super) enum Failure {
    /// The name has no address.
    Name(io::Error),
    /// None of the addresses took the connection; the last one and why.
    Connect(SocketAddr, io::Error),
    /// There is no TLS here, or the certificate is not good.
    Tls(SocketAddr, io::Error),
    /// The answer did not come, or was none.
    Answer(SocketAddr, io::Error),
}

/// Sends a GET for the URL, with the nonce in its query, and reads the answer.
///
/// # Errors
/// When there is none.
pub(super) fn get(
    url: &Url,
    nonce: &str,
    headers: &[(&str, String)],
    insecure: bool,
) -> Result<Answer, Failure> {
    let stream = connect(url)?;
    let ends = stream.local_addr().and_then(|local| Ok((local, stream.peer_addr()?)));
    let (local, remote) = ends.map_err(Failure::Name)?;
    let deadline = Instant::now() + ANSWER;
    let failed = |error| Failure::Answer(remote, error);
    stream.set_read_timeout(Some(ANSWER)).map_err(failed)?;
    stream.set_write_timeout(Some(ANSWER)).map_err(failed)?;
    let mut stream: Box<dyn Stream> = match url.secure {
        true => {
            tls::wrap(stream, url.name(), insecure).map_err(|error| Failure::Tls(remote, error))?
        }
        false => Box::new(stream),
    };
    let request = request(url, nonce, headers);
    stream.write_all(request.as_bytes()).and_then(|()| stream.flush()).map_err(failed)?;
    let head = head(&mut *stream, deadline).map_err(failed)?;
    let invalid = || io::Error::new(ErrorKind::InvalidData, "the answer is not HTTP");
    let status = head.strip_prefix("HTTP/1.").and_then(|rest| rest.get(2..5)?.parse().ok());
    let header = |name: &str| {
        head.lines().skip(1).find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        })
    };
    Ok(Answer {
        local,
        remote,
        status: status.ok_or_else(|| failed(invalid()))?,
        server: header("server"),
        location: header("location"),
    })
}

fn connect(url: &Url) -> Result<TcpStream, Failure> {
    let addresses = (url.name(), url.open_port()).to_socket_addrs().map_err(Failure::Name)?;
    let mut failure = Failure::Name(io::Error::new(ErrorKind::NotFound, "it has no address"));
    for address in addresses {
        match TcpStream::connect_timeout(&address, CONNECT) {
            Ok(stream) => return Ok(stream),
            Err(error) => failure = Failure::Connect(address, error),
        }
    }
    Err(failure)
}

fn request(url: &Url, nonce: &str, headers: &[(&str, String)]) -> String {
    let target = url.target_with(&format!("carafe-proxy-check={nonce}"));
    let version = env!("CARGO_PKG_VERSION");
    let mut request = format!(
        "GET {target} HTTP/1.1\r\nHost: {}\r\nUser-Agent: carafe/{version}\r\n\
         Accept: */*\r\nConnection: close\r\n",
        url.authority()
    );
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request + "\r\n"
}

/// The head of the answer; the body is of no interest, but who sends it should not see it refused.
fn head(stream: &mut dyn Stream, deadline: Instant) -> io::Result<String> {
    let mut bytes = Vec::new();
    let mut piece = [0; 8192];
    let mut end = None;
    while bytes.len() < MOST && Instant::now() < deadline {
        match stream.read(&mut piece) {
            Ok(0) => break,
            Ok(length) => bytes.extend_from_slice(&piece[..length]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            // Many servers end a connection without TLS's own end, and late is late.
            Err(_) if end.is_some() => break,
            Err(error) => return Err(error),
        }
        end = end.or_else(|| bytes.windows(4).position(|part| part == b"\r\n\r\n"));
    }
    let end =
        end.ok_or_else(|| io::Error::new(ErrorKind::UnexpectedEof, "the answer was cut off"))?;
    Ok(String::from_utf8_lossy(&bytes[..end]).into_owned())
}
