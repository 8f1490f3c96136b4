//! [`Ending`]: says how a request ended, once, whatever its end is.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use ::http::header;
use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};

use super::channel::Channel;
use super::messages::{self, End};
use crate::http::{Body, BoxError, Response};
use crate::trace::Record;

/// Sends `end` when it is dropped: with a status, if there was a response by then.
pub(super) struct Ending {
    pub(super) record: Arc<Record>,
    pub(super) tool: Option<&'static Channel>,
    end: End,
}

impl Ending {
    pub(super) fn new(record: Arc<Record>, tool: Option<&'static Channel>) -> Ending {
        Ending { record, tool, end: End::default() }
    }

    /// The response on its way out. That of a stream is over when the stream is.
    pub(super) fn pass(mut self, mut response: Response) -> Response {
        if self.tool.is_none() {
            return response;
        }
        self.end.status = Some(response.status().as_u16());
        self.end.kind = response.header(header::CONTENT_TYPE).map(str::to_owned);
        self.end.bytes = HttpBody::size_hint(response.body()).exact();
        if response.body().is_stream() {
            let body = response.take_body();
            let counted = Counted { body, bytes: 0, ending: self };
            drop(response.replace_stream(Body::new(counted)));
        }
        response
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        let Some(tool) = self.tool else { return };
        let (record, mut end) = (self.record.clone(), std::mem::take(&mut self.end));
        end.micros = record.elapsed();
        tool.send(move || messages::end(&record, &end));
    }
}

/// A body that counts what is sent of it.
struct Counted {
    body: Body,
    bytes: u64,
    ending: Ending,
}

impl HttpBody for Counted {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let poll = Pin::new(&mut self.body).poll_frame(cx);
        if let Poll::Ready(Some(Ok(frame))) = &poll {
            self.bytes += frame.data_ref().map_or(0, |data| data.len() as u64);
            self.ending.end.bytes = Some(self.bytes);
        }
        poll
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A request's body, of which its record keeps the beginning as it is read.
pub(super) fn kept(body: Body, record: &Arc<Record>) -> Body {
    if let Some(bytes) = body.as_bytes() {
        record.keep(bytes);
        return body;
    }
    record.body_begins();
    Body::new(Kept { body, record: record.clone() })
}

struct Kept {
    body: Body,
    record: Arc<Record>,
}

impl HttpBody for Kept {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let poll = Pin::new(&mut self.body).poll_frame(cx);
        match &poll {
            Poll::Ready(Some(Ok(frame))) => {
                if let Some(data) = frame.data_ref() {
                    self.record.keep(data);
                }
                if self.body.is_end_stream() {
                    self.record.body_ended();
                }
            }
            Poll::Ready(None) => self.record.body_ended(),
            _ => {}
        }
        poll
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
