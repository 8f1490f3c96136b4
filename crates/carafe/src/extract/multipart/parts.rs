//! [`Parts`]: a body cut into the parts of a form at its boundary (RFC 2046 section 5.1).
//!
//! What a part is called and what becomes of it is the business of others.

use ::http::{HeaderMap, HeaderName, HeaderValue};
use bytes::{Buf, Bytes, BytesMut};
use memchr::memmem;

use crate::error::{Error, Result};
use crate::http::Body;
use crate::request::broken;

/// How much of the body is looked at before other tasks get their turn.
const PIECE: usize = 64 * 1024;
/// What may come before a part's data begins: its headers, and the preamble of the first part.
const HEADERS: usize = 128 * 1024;
/// How many headers a part may have.
const HEADER_COUNT: usize = 32;

const ENDED: &str = "the form ended before it was whole";
const LONG_HEADERS: &str = "the headers of a part of the form are too long";
const BAD_HEADERS: &str = "the headers of a part of the form cannot be read";

pub(super) struct Parts {
    body: Body,
    /// What the body gave and is not looked at yet.
    rest: Bytes,
    /// What is looked at and not given out yet.
    buffer: BytesMut,
    /// `\r\n--` and the boundary.
    delimiter: Vec<u8>,
    place: Place,
}

/// Where the buffer begins.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Preamble,
    Data,
    /// Behind a delimiter.
    Delimiter,
    End,
}

impl Parts {
    #[inline]
    pub(super) fn new(body: Body, boundary: &str) -> Parts {
        Parts {
            body,
            rest: Bytes::new(),
            buffer: BytesMut::new(),
            delimiter: [b"\r\n--", boundary.as_bytes()].concat(),
            place: Place::Preamble,
        }
    }

    /// The headers of the next part, past what is left of the one before; `None` after the last.
    ///
    /// # Errors
    /// 400 for a form that is broken or was cut off, and what the body says.
    #[inline]
    pub(super) async fn next(&mut self) -> Result<Option<HeaderMap>> {
        while self.chunk().await?.is_some() {}
        if self.place == Place::End {
            return Ok(None);
        }
        let mut budget = HEADERS;
        if self.place == Place::Preamble {
            // The boundary may be the first thing in the body, so without its line break.
            let boundary = self.delimiter[2..].to_vec();
            let at = self.find(&boundary, &mut budget).await?;
            self.buffer.advance(at + boundary.len());
            self.place = Place::Delimiter;
        }
        while self.buffer.len() < 2 {
            self.fill_within(&mut budget).await?;
        }
        if self.buffer.starts_with(b"--") {
            self.place = Place::End;
            return Ok(None);
        }
        let end = self.find(b"\r\n\r\n", &mut budget).await?;
        let headers = parse_headers(&self.buffer[..end])?;
        self.buffer.advance(end + 4);
        self.place = Place::Data;
        Ok(Some(headers))
    }

    /// The next piece of the part's data, never empty; `None` at its end.
    ///
    /// # Errors
    /// As [`Parts::next`].
    #[inline]
    pub(super) async fn chunk(&mut self) -> Result<Option<Bytes>> {
        while self.place == Place::Data {
            if let Some(end) = memmem::find(&self.buffer, &self.delimiter) {
                let piece = self.buffer.split_to(end).freeze();
                self.buffer.advance(self.delimiter.len());
                self.place = Place::Delimiter;
                return Ok(Some(piece).filter(|piece| !piece.is_empty()));
            }
            let sure = self.buffer.len() - self.begun_delimiter();
            if sure > 0 {
                return Ok(Some(self.buffer.split_to(sure).freeze()));
            }
            self.fill().await?;
        }
        Ok(None)
    }

    /// How many bytes at the buffer's end may turn out to be a delimiter, which has one `\r`, its
    /// first byte.
    #[inline]
    fn begun_delimiter(&self) -> usize {
        let tail = self.buffer.len().min(self.delimiter.len() - 1);
        let tail = &self.buffer[self.buffer.len() - tail..];
        let begun = memchr::memrchr(b'\r', tail).map_or(&[][..], |at| &tail[at..]);
        if self.delimiter.starts_with(begun) { begun.len() } else { 0 }
    }

    /// Where `pattern` is, reading on until it came. Takes nothing out, so it can be begun anew.
    #[inline]
    async fn find(&mut self, pattern: &[u8], budget: &mut usize) -> Result<usize> {
        let mut searched = 0_usize;
        loop {
            // Only what came since, or a slow client could keep a core busy.
            let from = searched.saturating_sub(pattern.len());
            if let Some(at) = memmem::find(&self.buffer[from..], pattern) {
                return Ok(from + at);
            }
            searched = self.buffer.len();
            self.fill_within(budget).await?;
        }
    }

    /// As [`Parts::fill`], and takes what came off the `budget`.
    #[inline]
    async fn fill_within(&mut self, budget: &mut usize) -> Result<()> {
        let before = self.buffer.len();
        self.fill().await?;
        let came = self.buffer.len() - before;
        *budget = budget.checked_sub(came).ok_or_else(|| bad(LONG_HEADERS))?;
        Ok(())
    }

    /// More of the body.
    #[inline]
    async fn fill(&mut self) -> Result<()> {
        // A body that is there already must not keep a worker to itself.
        tokio::task::consume_budget().await;
        while self.rest.is_empty() {
            match self.body.next().await {
                Some(piece) => self.rest = piece.map_err(broken)?,
                None => return Err(bad(ENDED)),
            }
        }
        let length = self.rest.len().min(PIECE);
        self.buffer.extend_from_slice(&self.rest.split_to(length));
        Ok(())
    }
}

/// What is between a boundary and the empty line before the data (RFC 2046 section 5.1.1): white
/// space, the end of the boundary's line, and lines of `name: value`, of which there may be none.
#[inline]
fn parse_headers(block: &[u8]) -> Result<HeaderMap> {
    let padding = block.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let block = &block[padding..];
    let mut headers = HeaderMap::new();
    if block.is_empty() {
        return Ok(headers);
    }
    let lines = block.strip_prefix(b"\r\n").ok_or_else(|| bad(ENDED))?;
    for line in lines.split(|byte| *byte == b'\n') {
        let (name, value) = parse_header(line).ok_or_else(|| bad(BAD_HEADERS))?;
        if headers.len() == HEADER_COUNT {
            return Err(bad(BAD_HEADERS));
        }
        headers.append(name, value);
    }
    Ok(headers)
}

#[inline]
fn parse_header(line: &[u8]) -> Option<(HeaderName, HeaderValue)> {
    let colon = memchr::memchr(b':', line)?;
    let name = HeaderName::from_bytes(&line[..colon]).ok()?;
    let value = HeaderValue::from_bytes(line[colon + 1..].trim_ascii()).ok()?;
    Some((name, value))
}

#[inline]
fn bad(words: &'static str) -> Error {
    Error::new(400).describe(words)
}

#[cfg(test)]
mod tests {
    use futures_core::Stream;

    use super::*;

    /// A body that gives `text` in pieces of `length` bytes.
    struct Slow(Bytes, usize);

    impl Stream for Slow {
        type Item = std::result::Result<Bytes, std::io::Error>;

        fn poll_next(
            mut self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<Self::Item>> {
            let length = self.1.min(self.0.len());
            let piece = self.0.split_to(length);
            std::task::Poll::Ready(Some(Ok(piece)).filter(|_| length > 0))
        }
    }

    async fn read(mut parts: Parts) -> Result<String> {
        let mut seen = String::new();
        while let Some(headers) = parts.next().await? {
            for (name, value) in &headers {
                seen += &format!("{name}={} ", value.to_str().unwrap());
            }
            let mut data = Vec::new();
            while let Some(piece) = parts.chunk().await? {
                assert!(!piece.is_empty());
                data.extend_from_slice(&piece);
            }
            seen += &format!("{:?};", String::from_utf8(data).unwrap());
        }
        Ok(seen)
    }

    #[track_caller]
    fn check(body: &str, expected: &str) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        for length in [1, 2, 3, 7, 1000] {
            let slow = Slow(Bytes::copy_from_slice(body.as_bytes()), length);
            let read = runtime.block_on(read(Parts::new(Body::stream(slow), "XX")));
            let seen = read.unwrap_or_else(|error| error.description().to_owned());
            assert_eq!(seen, expected, "{body:?} in pieces of {length}");
        }
    }

    #[test]
    fn parts_of_a_body() {
        check("--XX--", "");
        check("--XX\r\na: 1\r\n\r\nx\r\n--XX--\r\n", "a=1 \"x\";");
        check("before\r\n--XX\r\na: 1\r\n\r\nx\r\n--XX--after", "a=1 \"x\";");
        check("--XX \t\r\na:1\r\nb: 2 \r\n\r\n\r\n--XX--", "a=1 b=2 \"\";");
        check("--XX\r\n\r\nx\r\n--XX\r\n\r\ny\r\n--XX--", "\"x\";\"y\";");
        // All of these look like a delimiter at first.
        check("--XX\r\n\r\n\r\r\n\r\n-\r\n--X\r\n--XX--", "\"\\r\\r\\n\\r\\n-\\r\\n--X\";");
        check("--XX\r\n\r\n--XX\r\n--XX--", "\"--XX\";");
    }

    #[test]
    fn bodies_that_are_broken() {
        check("", ENDED);
        check("no boundary", ENDED);
        check("--XX", ENDED);
        check("--XX\r\na: 1\r\n", ENDED);
        check("--XX\r\na: 1\r\n\r\nx", ENDED);
        check("--XX\r\na: 1\r\n\r\nx\r\n--XX", ENDED);
        check("--XXx\r\na: 1\r\n\r\nx\r\n--XX--", ENDED);
        check("--XX\r\nno colon\r\n\r\nx\r\n--XX--", BAD_HEADERS);
        check("--XX\r\na b: 1\r\n\r\nx\r\n--XX--", BAD_HEADERS);
        check("--XX\r\n: 1\r\n\r\nx\r\n--XX--", BAD_HEADERS);
        check("--XX\r\na: 1\r\n b\r\n\r\nx\r\n--XX--", BAD_HEADERS);
        check("--XX\r\na: \u{1}\r\n\r\nx\r\n--XX--", BAD_HEADERS);
    }

    #[test]
    fn headers_have_limits() {
        let with = |lines: &str| format!("--XX\r\n{lines}\r\n\r\nx\r\n--XX--");
        check(
            &with(&vec!["a: 1"; HEADER_COUNT].join("\r\n")),
            &format!("{}\"x\";", "a=1 ".repeat(HEADER_COUNT)),
        );
        check(&with(&vec!["a: 1"; HEADER_COUNT + 1].join("\r\n")), BAD_HEADERS);
        check(&with(&format!("a: {}", "x".repeat(HEADERS + PIECE))), LONG_HEADERS);
        check(&"-".repeat(HEADERS + PIECE), LONG_HEADERS);
    }
}
