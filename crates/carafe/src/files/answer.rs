//! What of a content is sent: all, parts of it, or nothing (RFC 9110 sections 13 and 14).

use std::fs::File;
use std::sync::Arc;

use ::http::{HeaderMap, HeaderValue, Method, header};
use bytes::Bytes;

use crate::error::{Error, Result};
use crate::http::values::{
    ContentRange, NotSatisfiable, Precondition, Range, Validators, http_date,
};
use crate::http::{Body, Response, Status};
use crate::request::Request;

use super::body::{FileBody, Segment};
use super::byteranges::Byteranges;

/// Something to send, with all that is known of it.
pub(super) struct Sendable {
    pub(super) content: Content,
    /// In bytes.
    pub(super) length: u64,
    pub(super) headers: HeaderMap,
    pub(super) validators: Validators,
    /// Whether the request's conditions and ranges count.
    pub(super) conditional: bool,
}

/// Where the bytes are.
pub(super) enum Content {
    Bytes(Bytes),
    File(Arc<File>),
    /// The server in front sends them.
    Elsewhere,
}

/// The response to a request for it.
///
/// # Errors
/// 412 and 416, as the request's conditions and ranges ask.
pub(super) fn answer(request: &Request, mut sendable: Sendable) -> Result<Response> {
    sendable.add_validators()?;
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    if !sendable.conditional || !is_read {
        return Ok(sendable.whole());
    }
    sendable.headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    let conditions = request.conditions();
    match conditions.evaluate(request.method(), Some(&sendable.validators)) {
        Precondition::NotModified => return Ok(not_modified(sendable.headers)),
        Precondition::Failed => return Err(Error::new(Status::PRECONDITION_FAILED)),
        _ => {}
    }
    if *request.method() == Method::HEAD {
        return Ok(sendable.head());
    }
    // Ranges of an empty content, or of an outdated one, are asked for in vain: all of it is sent.
    if sendable.length == 0 || !conditions.range_applies(&sendable.validators) {
        return Ok(sendable.whole());
    }
    match wanted(request, sendable.length)? {
        None => Ok(sendable.whole()),
        Some(parts) => sendable.parts(&parts),
    }
}

/// The parts that `Range` asks for; `None` without one, and for units that nobody knows, which are
/// to be ignored (RFC 9110 section 14.2).
fn wanted(request: &Request, length: u64) -> Result<Option<Vec<(u64, u64)>>> {
    let Some(text) = request.header(header::RANGE) else {
        return Ok(None);
    };
    let unit = text.split('=').next().unwrap_or_default().trim();
    if !unit.eq_ignore_ascii_case("bytes") {
        return Ok(None);
    }
    match text.parse::<Range>() {
        Ok(range) => range.resolve(length).map(Some).map_err(unsatisfiable),
        // As in Flask; the RFC would also let it be ignored.
        Err(_) => Err(unsatisfiable(NotSatisfiable { length })),
    }
}

fn unsatisfiable(error: NotSatisfiable) -> Error {
    let range = error.content_range().to_string();
    Error::new(Status::RANGE_NOT_SATISFIABLE).with_header("content-range", range).caused_by(error)
}

/// The 304: what describes the content is left out, as in Werkzeug.
pub(super) fn not_modified(mut headers: HeaderMap) -> Response {
    const OF_THE_CONTENT: [header::HeaderName; 7] = [
        header::ALLOW,
        header::CONTENT_ENCODING,
        header::CONTENT_LANGUAGE,
        header::CONTENT_LENGTH,
        header::CONTENT_RANGE,
        header::CONTENT_TYPE,
        header::LAST_MODIFIED,
    ];
    for name in OF_THE_CONTENT {
        headers.remove(name);
    }
    // Some servers would send the file all the same.
    headers.remove("x-sendfile");
    respond(Status::NOT_MODIFIED, headers, Body::empty())
}

fn respond(status: Status, headers: HeaderMap, body: Body) -> Response {
    let mut response = Response::new(body).with_status(status);
    *response.headers_mut() = headers;
    response
}

impl Sendable {
    fn add_validators(&mut self) -> Result<()> {
        if let Some(etag) = &self.validators.etag {
            self.headers.insert(header::ETAG, etag.to_header_value());
        }
        if let Some(time) = self.validators.last_modified {
            self.headers.insert(header::LAST_MODIFIED, HeaderValue::try_from(http_date(time))?);
        }
        Ok(())
    }

    fn whole(self) -> Response {
        let body = match self.content {
            Content::Bytes(bytes) => Body::from(bytes),
            Content::File(file) => {
                FileBody::new(file, [Segment::File { start: 0, end: self.length }]).into_body()
            }
            Content::Elsewhere => Body::empty(),
        };
        respond(Status::OK, self.headers, body)
    }

    /// The headers of the whole, without its body.
    fn head(mut self) -> Response {
        if !matches!(self.content, Content::Elsewhere) {
            self.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(self.length));
        }
        respond(Status::OK, self.headers, Body::empty())
    }

    fn parts(mut self, parts: &[(u64, u64)]) -> Result<Response> {
        if matches!(self.content, Content::Elsewhere) {
            // The server in front also does the ranges.
            return Ok(self.whole());
        }
        let segments = match parts {
            [(start, end)] => {
                let range = ContentRange::new(*start, *end, Some(self.length));
                let range = range.ok_or_else(|| Error::new(416))?;
                self.headers.insert(header::CONTENT_RANGE, range.to_header_value());
                vec![Segment::File { start: *start, end: *end }]
            }
            parts => {
                let inner = self.headers.remove(header::CONTENT_TYPE);
                let byteranges = Byteranges::new(inner, self.length)?;
                self.headers.insert(header::CONTENT_TYPE, byteranges.content_type()?);
                byteranges.segments(parts)
            }
        };
        let body = match self.content {
            Content::Bytes(bytes) => Body::from(gather(&bytes, segments)),
            Content::File(file) => FileBody::new(file, segments).into_body(),
            Content::Elsewhere => Body::empty(),
        };
        Ok(respond(Status::PARTIAL_CONTENT, self.headers, body))
    }
}

/// The segments of a content in memory, one after the other.
fn gather(content: &Bytes, segments: Vec<Segment>) -> Bytes {
    let piece = |segment| match segment {
        Segment::Text(text) => text,
        Segment::File { start, end } => content.slice(start as usize..end as usize),
    };
    let mut pieces: Vec<Bytes> = segments.into_iter().map(piece).collect();
    match pieces.len() {
        // One range shares the memory.
        1 => pieces.remove(0),
        _ => pieces.concat().into(),
    }
}
