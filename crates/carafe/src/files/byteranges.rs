//! `multipart/byteranges` (RFC 9110 section 14.6): several ranges in one answer.
//!
//! Flask answers 416 to several ranges; here they are sent, as the RFC has it.

use std::fmt::Write;

use ::http::HeaderValue;
use bytes::Bytes;

use crate::error::{Error, Result};
use crate::http::values::ContentRange;

use super::body::Segment;

/// The wrapping of the parts.
pub(super) struct Byteranges {
    boundary: String,
    /// The content's own type.
    inner: Option<HeaderValue>,
    /// The whole content's length in bytes.
    length: u64,
}

impl Byteranges {
    pub(super) fn new(inner: Option<HeaderValue>, length: u64) -> Result<Byteranges> {
        // Random, so that no content can hold it on purpose.
        let mut random = [0; 16];
        getrandom::fill(&mut random)
            .map_err(|error| Error::new(500).caused_by(error.to_string()))?;
        let mut boundary = String::with_capacity(32);
        for byte in random {
            // Writing to a String cannot fail.
            let _ = write!(boundary, "{byte:02x}");
        }
        Ok(Byteranges { boundary, inner, length })
    }

    pub(super) fn content_type(&self) -> Result<HeaderValue> {
        Ok(HeaderValue::try_from(format!("multipart/byteranges; boundary={}", self.boundary))?)
    }

    /// The parts with their headers between them.
    pub(super) fn segments(&self, parts: &[(u64, u64)]) -> Vec<Segment> {
        let mut segments = Vec::with_capacity(parts.len() * 2 + 1);
        let mut line_end = "";
        for (start, end) in parts {
            segments.push(Segment::Text(self.part_headers(line_end, *start, *end)));
            segments.push(Segment::File { start: *start, end: *end });
            line_end = "\r\n";
        }
        segments.push(Segment::Text(format!("\r\n--{}--\r\n", self.boundary).into()));
        segments
    }

    fn part_headers(&self, line_end: &str, start: u64, end: u64) -> Bytes {
        let mut text = format!("{line_end}--{}\r\n", self.boundary).into_bytes();
        if let Some(inner) = &self.inner {
            text.extend_from_slice(b"Content-Type: ");
            text.extend_from_slice(inner.as_bytes());
            text.extend_from_slice(b"\r\n");
        }
        if let Some(range) = ContentRange::new(start, end, Some(self.length)) {
            text.extend_from_slice(format!("Content-Range: {range}\r\n").as_bytes());
        }
        text.extend_from_slice(b"\r\n");
        text.into()
    }
}
