//! Streams that know their request: Flask's `stream_with_context`.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;

use crate::context;
use crate::http::{Body, BoxError};
use crate::request::Request;

/// A body that is made piece by piece while it is sent, with the request still at hand for `render!`
/// and `url_for!`.
pub fn stream_with_context<S, T, E>(request: &Request, stream: S) -> Body
where
    S: Stream<Item = Result<T, E>> + Send + 'static,
    T: Into<Bytes>,
    E: Into<BoxError>,
{
    Body::stream(WithContext { request: request.clone(), stream })
}

pin_project_lite::pin_project! {
    struct WithContext<S> {
        request: Request,
        #[pin]
        stream: S,
    }
}

impl<S: Stream> Stream for WithContext<S> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let this = self.project();
        context::enter(this.request, || this.stream.poll_next(cx))
    }
}
