//! Reading a request's body: once as a stream, or whole and kept.
//!
//! Every way in respects `max_content_length`.

use std::mem;
use std::pin::Pin;
use std::sync::PoisonError;
use std::task::{Context, Poll};

use ::http::header;
use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};

use crate::error::{Error, Result};
use crate::http::{Body, BoxError, ReadError, StalledBody, Status};

use super::Request;
use crate::trace;

/// What has become of a request's body.
pub(super) enum BodyState {
    Fresh(Body),
    Kept(Bytes),
    Taken,
}

impl Request {
    /// The length that the client announced, in bytes.
    #[inline]
    pub fn content_length(&self) -> Option<u64> {
        self.header(header::CONTENT_LENGTH)?.parse().ok()
    }

    /// The body as a stream, to be read once; it fails above `max_content_length`.
    ///
    /// # Errors
    /// 413 when the announced length is over the limit already; 500 when the body was taken before.
    #[inline]
    pub fn take_body(&self) -> Result<Body> {
        let limit = self.limits().max_content_length;
        if self.content_length().is_some_and(|length| length > limit) {
            return Err(too_large(limit));
        }
        let mut state = self.0.body.lock().unwrap_or_else(PoisonError::into_inner);
        match mem::replace(&mut *state, BodyState::Taken) {
            BodyState::Fresh(body) if body.as_bytes().is_some() => Ok(body),
            BodyState::Fresh(body) => Ok(Body::new(Limited { body, left: limit, limit })),
            BodyState::Kept(bytes) => {
                *state = BodyState::Kept(bytes.clone());
                Ok(Body::from(bytes))
            }
            BodyState::Taken => Err(Error::new(Status::INTERNAL_SERVER_ERROR)
                .caused_by("the body of this request was read already, as a stream")),
        }
    }

    /// The whole body; it is kept, so that it can be asked for again.
    ///
    /// # Errors
    /// 413 above `max_content_length`; 400 when the client stopped in the middle.
    #[inline]
    pub async fn bytes(&self) -> Result<Bytes> {
        let limit = self.limits().max_content_length;
        let body = self.take_body()?;
        let _span = trace::of(self, trace::Kind::EXTRACT, "read the body", None);
        let bytes = match body.read(limit).await {
            Ok(bytes) => bytes,
            Err(ReadError::TooLarge) => return Err(too_large(limit)),
            Err(ReadError::Broken(error)) => return Err(broken(error)),
        };
        let mut state = self.0.body.lock().unwrap_or_else(PoisonError::into_inner);
        *state = BodyState::Kept(bytes.clone());
        Ok(bytes)
    }

    /// The whole body as text.
    ///
    /// # Errors
    /// As [`Request::bytes`], and 400 when it is not UTF-8.
    #[inline]
    pub async fn text(&self) -> Result<String> {
        String::from_utf8(self.bytes().await?.into())
            .map_err(|error| Error::new(400).describe("the body is not UTF-8").caused_by(error))
    }
}

#[cfg(debug_assertions)]
impl Request {
    /// The body, when it was read whole; `None` also while somebody is at it.
    #[inline]
    pub(crate) fn body_if_kept(&self) -> Option<Bytes> {
        match &*self.0.body.try_lock().ok()? {
            BodyState::Kept(bytes) => Some(bytes.clone()),
            _ => None,
        }
    }
}

/// A body that ends in an error once more than its limit came.
struct Limited {
    body: Body,
    left: u64,
    limit: u64,
}

impl HttpBody for Limited {
    type Data = Bytes;
    type Error = BoxError;

    #[inline]
    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        if let Poll::Ready(Some(Ok(frame))) = &frame
            && let Some(data) = frame.data_ref()
        {
            match self.left.checked_sub(data.len() as u64) {
                Some(left) => self.left = left,
                None => return Poll::Ready(Some(Err(Box::new(OverLimit(self.limit))))),
            }
        }
        frame
    }

    #[inline]
    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    #[inline]
    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A body's stream went over `max_content_length`.
#[derive(Debug)]
pub(crate) struct OverLimit(pub(crate) u64);

impl std::fmt::Display for OverLimit {
    #[inline]
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the body is larger than `max_content_length` of {} bytes", self.0)
    }
}

impl std::error::Error for OverLimit {}

#[inline]
pub(crate) fn too_large(limit: u64) -> Error {
    Error::new(Status::PAYLOAD_TOO_LARGE)
        .describe(OverLimit(limit).to_string())
        .caused_by(OverLimit(limit))
}

/// The error for a body whose stream failed: over the limit, or cut off.
#[inline]
pub(crate) fn broken(error: BoxError) -> Error {
    let mut next: Option<&(dyn std::error::Error + 'static)> = Some(&*error);
    while let Some(cause) = next {
        if let Some(OverLimit(limit)) = cause.downcast_ref() {
            return too_large(*limit);
        }
        if cause.is::<StalledBody>() {
            return Error::new(Status::REQUEST_TIMEOUT).describe(StalledBody.to_string());
        }
        next = cause.source();
    }
    Error::new(Status::BAD_REQUEST)
        .describe("the body of the request ended before it was whole")
        .caused_by(error)
}
