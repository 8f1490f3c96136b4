//! A body that tells when it is done with.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};

use super::{Body, BoxError};

/// The body, and what to do once it was sent or dropped.
pub(super) struct OnClose {
    pub(super) body: Body,
    pub(super) close: Option<Box<dyn FnOnce() + Send>>,
}

impl HttpBody for OnClose {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for OnClose {
    fn drop(&mut self) {
        if let Some(close) = self.close.take() {
            close();
        }
    }
}
