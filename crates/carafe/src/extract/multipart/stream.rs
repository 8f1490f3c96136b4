//! A request's body as multer takes it: in small pieces, and with a cap on a part's headers.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;
use http_body::Body as _;

use crate::error::Error;
use crate::http::{Body, BoxError};

/// multer takes in all that is ready before it looks at it, so it is given little at a time.
const PIECE: usize = 64 * 1024;
/// What may come before a part's data begins: its headers, and the preamble of the first part.
const HEADERS: usize = 128 * 1024;

/// How many bytes the stream may still yield; shared with the [`Multipart`](super::Multipart), which
/// limits it while it waits for a part's headers. multer searches its whole buffer for their end
/// each time something came, so without a limit a slow client could keep a core busy.
#[derive(Clone)]
pub(super) struct Budget(Arc<AtomicUsize>);

impl Default for Budget {
    fn default() -> Budget {
        Budget(Arc::new(AtomicUsize::new(usize::MAX)))
    }
}

impl Budget {
    pub(super) fn limit(&self) {
        self.0.store(HEADERS, Ordering::Relaxed);
    }

    pub(super) fn lift(&self) {
        self.0.store(usize::MAX, Ordering::Relaxed);
    }

    /// Takes `amount` off; false when there is not that much left.
    fn spend(&self, amount: usize) -> bool {
        let left = self.0.load(Ordering::Relaxed);
        let rest = left.checked_sub(amount);
        self.0.store(rest.unwrap_or(0), Ordering::Relaxed);
        rest.is_some()
    }
}

/// A body as a stream of pieces of at most [`PIECE`] bytes, each after a pause in which multer works
/// on the one before.
pub(super) struct BodyStream {
    body: Body,
    rest: Bytes,
    budget: Budget,
    pause: bool,
}

impl BodyStream {
    pub(super) fn new(body: Body, budget: Budget) -> BodyStream {
        BodyStream { body, rest: Bytes::new(), budget, pause: false }
    }
}

impl Stream for BodyStream {
    type Item = Result<Bytes, BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if std::mem::take(&mut self.pause) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        while self.rest.is_empty() {
            match ready!(Pin::new(&mut self.body).poll_frame(cx)) {
                Some(Ok(frame)) => self.rest = frame.into_data().unwrap_or_default(),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
        let length = self.rest.len().min(PIECE);
        let piece = self.rest.split_to(length);
        self.pause = true;
        if !self.budget.spend(length) {
            return Poll::Ready(Some(Err(Box::new(LongHeaders))));
        }
        Poll::Ready(Some(Ok(piece)))
    }
}

/// A part's headers do not end.
#[derive(Debug)]
struct LongHeaders;

impl fmt::Display for LongHeaders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the headers of a part of the form are too long")
    }
}

impl std::error::Error for LongHeaders {}

/// The answer to a failure of the stream.
pub(super) fn body_error(error: BoxError, broken: fn(BoxError) -> Error) -> Error {
    if error.is::<LongHeaders>() {
        return Error::new(400).describe(LongHeaders.to_string());
    }
    broken(error)
}
