//! A client that sends exactly the bytes it is given and reads the answer until the server closes.
//!
//! Reading to the end, and not to `Content-Length`, is on purpose: a server that has closed has also run its
//! teardowns, so the next request can ask for them.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(10);

/// An answer, its body put together if it came in chunks.
#[derive(Debug, Clone, Default)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Response {
    /// Every value of a header, in order.
    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        let named = self.headers.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_str()).collect()
    }

    /// The values of a header joined by `, `, or none if it is absent.
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let values = self.all(name);
        (!values.is_empty()).then(|| values.join(", "))
    }
}

/// Sends `request`, a whole request with `Connection: close`, and reads the answer to its end.
pub(crate) fn send(address: SocketAddr, request: &[u8]) -> Result<Response, String> {
    let answer = exchange(address, request).map_err(|error| error.to_string())?;
    let head = request.starts_with(b"HEAD ");
    parse(&answer, head)
}

fn exchange(address: SocketAddr, request: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect_timeout(&address, TIMEOUT)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    // A server may refuse a body before it has been sent whole; what it answered still counts.
    let sent = stream.write_all(request);
    let mut answer = Vec::new();
    match stream.read_to_end(&mut answer) {
        Err(error) if answer.is_empty() => sent.and(Err(error)),
        _ => Ok(answer),
    }
}

fn parse(answer: &[u8], head: bool) -> Result<Response, String> {
    let (top, body) = split_at_pattern(answer, b"\r\n\r\n")
        .ok_or_else(|| format!("no end of headers in {:?}", String::from_utf8_lossy(answer)))?;
    let top = String::from_utf8_lossy(top);
    let mut lines = top.split("\r\n");
    let first = lines.next().unwrap_or_default();
    let status = first.split(' ').nth(1).and_then(|code| code.parse().ok());
    let status = status.ok_or_else(|| format!("no status in `{first}`"))?;
    if (100..200).contains(&status) {
        return parse(body, head);
    }
    let headers: Vec<_> = lines.map(header_line).collect::<Result<_, _>>()?;
    let mut response = Response { status, headers, body: body.to_vec() };
    if head && !body.is_empty() {
        return Err(format!("{} bytes of body answer a HEAD", body.len()));
    }
    if response
        .header("transfer-encoding")
        .is_some_and(|value| value.eq_ignore_ascii_case("chunked"))
    {
        if !head {
            response.body = unchunk(body)?;
        }
    } else if let Some(length) = response.header("content-length")
        && !head
        && status != 304
        && length != body.len().to_string()
    {
        return Err(format!("content-length is {length}, the body has {} bytes", body.len()));
    }
    Ok(response)
}

fn header_line(line: &str) -> Result<(String, String), String> {
    let (name, value) = line.split_once(':').ok_or_else(|| format!("no header in `{line}`"))?;
    Ok((name.to_string(), value.trim().to_string()))
}

/// RFC 9112 7.1; extensions and trailers are skipped.
fn unchunk(mut rest: &[u8]) -> Result<Vec<u8>, String> {
    let mut body = Vec::new();
    loop {
        let (size, after) = split_at_pattern(rest, b"\r\n").ok_or("a chunk without a size")?;
        let size = String::from_utf8_lossy(size);
        let digits = size.split(';').next().unwrap_or_default().trim();
        let size =
            usize::from_str_radix(digits, 16).map_err(|_| format!("chunk size `{digits}`"))?;
        if size == 0 {
            return Ok(body);
        }
        let chunk = after.get(..size).ok_or("a chunk cut short")?;
        body.extend_from_slice(chunk);
        rest = after[size..].strip_prefix(b"\r\n").ok_or("a chunk without its end")?;
    }
}

fn split_at_pattern<'a>(bytes: &'a [u8], pattern: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = bytes.windows(pattern.len()).position(|window| window == pattern)?;
    Some((&bytes[..at], &bytes[at + pattern.len()..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(answer: &str, expected: Result<(u16, &str), &str>) {
        let got = parse(answer.as_bytes(), false);
        let got = got.map(|response| {
            (response.status, String::from_utf8_lossy(&response.body).into_owned())
        });
        let expected = expected.map(|(status, body)| (status, body.to_string()));
        assert_eq!(got, expected.map_err(str::to_string), "{answer:?}");
    }

    #[test]
    fn answers() {
        check("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", Ok((200, "hi")));
        check("HTTP/1.1 299 \r\n\r\nto the end", Ok((299, "to the end")));
        check("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", Ok((204, "")));
        check(
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n1;x=y\r\nc\r\n0\r\n\r\n",
            Ok((200, "abc")),
        );
        check(
            "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhi",
            Err("content-length is 3, the body has 2 bytes"),
        );
        check(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nab\r\n",
            Err("a chunk cut short"),
        );
    }
}
