//! Messages on a stream: `Content-Length: N`, an empty line, N bytes of JSON.

use std::fmt;
use std::io::{self, BufRead, Read, Write};

use serde_json::Value;

/// The largest message, in bytes: adapters send whole memory dumps in one, but not gigabytes.
const MAX_BODY: u64 = 32 << 20;
/// The longest header block, in bytes.
const MAX_HEAD: u64 = 4 << 10;

/// Why no message could be read.
#[derive(Debug)]
pub(crate) enum FramingError {
    /// The stream failed, or ended in the middle of a message.
    Io(io::Error),
    /// The headers are not those of the protocol.
    Head(String),
    /// The message is larger than it may be.
    TooLarge { size: u64, most: u64 },
    /// The message is no JSON.
    Json(serde_json::Error),
}

impl fmt::Display for FramingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FramingError::Io(error) => write!(f, "the stream ended: {error}"),
            FramingError::Head(line) => write!(f, "`{line}` is no header of the protocol"),
            FramingError::TooLarge { size, most } => {
                write!(f, "a message of {size} bytes is larger than {most}")
            }
            FramingError::Json(error) => write!(f, "a message is no JSON: {error}"),
        }
    }
}

impl From<io::Error> for FramingError {
    fn from(error: io::Error) -> FramingError {
        FramingError::Io(error)
    }
}

/// Reads the next message; `None` when the stream ended between two.
pub(crate) fn read(stream: &mut impl BufRead) -> Result<Option<Value>, FramingError> {
    read_at_most(stream, MAX_BODY)
}

/// As [`read`], for a message of at most this many bytes.
pub(crate) fn read_at_most(
    stream: &mut impl BufRead,
    most: u64,
) -> Result<Option<Value>, FramingError> {
    let Some(length) = read_head(stream)? else { return Ok(None) };
    if length > most {
        return Err(FramingError::TooLarge { size: length, most });
    }
    let mut body = Vec::new();
    let read = stream.take(length).read_to_end(&mut body)?;
    if (read as u64) < length {
        return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
    }
    serde_json::from_slice(&body).map(Some).map_err(FramingError::Json)
}

/// The length that the headers tell; `None` at the end of the stream.
fn read_head(stream: &mut impl BufRead) -> Result<Option<u64>, FramingError> {
    let mut length = None;
    let mut left = MAX_HEAD;
    loop {
        let mut line = Vec::new();
        let read = stream.by_ref().take(left).read_until(b'\n', &mut line)? as u64;
        left -= read;
        let text = String::from_utf8_lossy(&line);
        let text = text.trim_end_matches(['\r', '\n']);
        match read {
            0 if left == 0 => return Err(FramingError::Head("a header without an end".into())),
            0 if length.is_none() => return Ok(None),
            0 => return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()),
            _ => {}
        }
        if text.is_empty() {
            return match length {
                Some(length) => Ok(Some(length)),
                None => Err(FramingError::Head("no Content-Length".into())),
            };
        }
        let wrong = || FramingError::Head(text.chars().take(80).collect());
        let (name, value) = text.split_once(':').ok_or_else(wrong)?;
        if name.eq_ignore_ascii_case("content-length") {
            length = Some(value.trim().parse().map_err(|_| wrong())?);
        }
    }
}

/// Writes a message and flushes it.
pub(crate) fn write(stream: &mut impl Write, message: &Value) -> io::Result<()> {
    let body = message.to_string();
    write!(stream, "Content-Length: {}\r\n\r\n{body}", body.len())?;
    stream.flush()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(bytes: &str, expected: &str) {
        let mut stream = bytes.as_bytes();
        let mut got = String::new();
        loop {
            match read(&mut stream) {
                Ok(Some(message)) => got.push_str(&format!("{message};")),
                Ok(None) => break got.push('.'),
                Err(error) => break got.push_str(&error.to_string()),
            }
        }
        assert_eq!(got, expected, "{bytes:?}");
    }

    #[test]
    fn reads_messages() {
        check("", ".");
        check("Content-Length: 2\r\n\r\n{}", "{};.");
        check("Content-Length: 2\r\n\r\n{}Content-Length: 1\r\n\r\n1", "{};1;.");
        check("content-length:2\r\nContent-Type: x\r\n\r\n{}", "{};.");
        check("Content-Length: 2\n\n{}", "{};.");
    }

    #[test]
    fn refuses_what_is_no_message() {
        check("Content-Length: 9\r\n\r\n{}", "the stream ended: unexpected end of file");
        check("Content-Length: 9\r\n", "the stream ended: unexpected end of file");
        check("hello\r\n\r\n", "`hello` is no header of the protocol");
        check("Content-Length: x\r\n\r\n", "`Content-Length: x` is no header of the protocol");
        check("\r\n", "`no Content-Length` is no header of the protocol");
        check(
            "Content-Length: 1\r\n\r\n{",
            "a message is no JSON: EOF while parsing an object at line 1 column 1",
        );
        check(
            "Content-Length: 33554433\r\n\r\n",
            "a message of 33554433 bytes is larger than 33554432",
        );
        check(&"a".repeat(5000), &format!("`{}` is no header of the protocol", "a".repeat(80)));
        let endless = format!("a: {}\r\n", "b".repeat(4089));
        check(&(endless + "c: d"), "`a header without an end` is no header of the protocol");
    }

    #[test]
    fn writes_what_it_reads() {
        let mut bytes = Vec::new();
        write(&mut bytes, &json!({"a": "ü"})).unwrap();
        assert_eq!(read(&mut bytes.as_slice()).unwrap(), Some(json!({"a": "ü"})));
    }
}
