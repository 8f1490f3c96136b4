//! One connection: hyper's HTTP/1 engine between a socket and the service.

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use ::http::request::Parts;
use ::http::{HeaderValue, Version, header};
use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use hyper::body::Incoming;
use hyper::server::conn::http1::Builder;
use hyper::service::service_fn;

use crate::http::{Body, BoxError, Peer, Response, StalledBody, Status};

use super::deadline::{Phase, Watch};
use super::io::Io;
use super::outbox::Outbox;
use super::{Limits, Service};

/// How long a client may take to close its side, while this process ends.
const LINGER: Duration = Duration::from_secs(1);

/// hyper's engine, set up once per worker.
pub(super) fn engine(limits: &Limits) -> Builder {
    let mut engine = Builder::new();
    // Not `pipeline_flush`: it holds an answer back while anything follows the request, be it a stray
    // line break, half a request or the first frame of a websocket. Our outbox does that work.
    engine
        // One write of head and body together is cheaper than two slices of it.
        .writev(false)
        .max_buf_size(limits.max_header_size.max(8192))
        .max_headers(limits.max_headers)
        .keep_alive(!limits.keep_alive_timeout.is_zero())
        // Our own deadlines cover the head; see `deadline`.
        .header_read_timeout(None);
    engine
}

/// Serves requests until the client leaves, a deadline passes or the worker drains.
pub(super) async fn serve<S: Service>(
    engine: &Builder,
    io: Io,
    peer: Arc<Peer>,
    service: Rc<S>,
    watch: Arc<Watch>,
) {
    let noted = watch.clone();
    let answer = service_fn(move |request: ::http::Request<Incoming>| {
        noted.enter(Phase::Handling);
        let (parts, body) = request.into_parts();
        if !names_one_host(&parts) {
            return Answering::Refused { watch: noted.clone() };
        }
        let answer = service.clone().call(parts, incoming(body, &noted), peer.clone());
        Answering::Called { answer, watch: noted.clone() }
    });
    let outbox = io.outbox();
    let mut connection = pin!(engine.serve_connection(io, answer).with_upgrades());
    let mut told = false;
    let mut first = true;
    let served = poll_fn(|cx| {
        if std::mem::take(&mut first) {
            watch.set_waker(cx.waker());
        }
        if watch.is_closing() {
            return Poll::Ready(Ok(()));
        }
        let mut polled = connection.as_mut().poll(cx);
        // Only after a poll: what has come already is answered, also on a new connection.
        if watch.stops_asking() && polled.is_pending() && !std::mem::replace(&mut told, true) {
            connection.as_mut().graceful_shutdown();
            polled = connection.as_mut().poll(cx);
        }
        match polled {
            Poll::Ready(served) => Poll::Ready(served.map_err(BoxError::from)),
            // All that was written meanwhile leaves now, and at once.
            Poll::Pending => match outbox.poll_send(cx) {
                Poll::Ready(Err(error)) => Poll::Ready(Err(error.into())),
                _ => Poll::Pending,
            },
        }
    });
    if let Err(error) = served.await {
        // A client that goes away or talks nonsense is its own affair.
        tracing::debug!(target: "carafe::server", "connection ended: {error}");
    }
    // An engine that gives up in the middle of a request leaves the answers to earlier ones behind.
    let sent = poll_fn(|cx| match watch.is_closing() {
        true => Poll::Ready(Ok(())),
        false => outbox.poll_send(cx),
    });
    let _ = sent.await;
    if watch.may_linger() {
        linger(&outbox).await;
    }
    // If someone took the connection over, nobody sends for them here any more.
    watch.enter(Phase::Upgraded);
}

/// Reads what still comes, until the client closes too or is slow to: a socket that is closed with
/// bytes unread is reset, and the client may then lose the end of its last answer.
async fn linger(outbox: &Outbox) {
    let gone = poll_fn(|cx| outbox.poll_gone(cx));
    let _ = tokio::time::timeout(LINGER, gone).await;
}

/// Whether a request names exactly one host, as RFC 9112 section 3.2 asks of HTTP/1.1.
fn names_one_host(parts: &Parts) -> bool {
    // A look at each name is cheaper than a lookup: requests have few headers.
    match parts.headers.iter().filter(|(name, _)| *name == header::HOST).take(2).count() {
        0 => parts.version < Version::HTTP_11,
        hosts => hosts == 1,
    }
}

fn refusal() -> ::http::Response<Body> {
    let response = Response::text("an HTTP/1.1 request needs exactly one `Host` header\n");
    response.with_status(Status::BAD_REQUEST).with_header("connection", "close").into_http()
}

/// Tells the client not to ask again on this connection (RFC 9112 section 9.6); the engine then
/// closes it.
#[cold]
fn say_goodbye(response: &mut ::http::Response<Body>) {
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
}

pin_project_lite::pin_project! {
    /// The service at work on a request; at its end, the watch is told what comes next.
    #[project = AnsweringProjection]
    enum Answering<F> {
        Called { #[pin] answer: F, watch: Arc<Watch> },
        Refused { watch: Arc<Watch> },
    }
}

impl<F: Future<Output = Response>> Future for Answering<F> {
    type Output = Result<::http::Response<Body>, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let (answer, watch) = match self.project() {
            AnsweringProjection::Called { answer, watch } => (answer, watch),
            AnsweringProjection::Refused { watch } => {
                watch.enter(Phase::Responding);
                return Poll::Ready(Ok(refusal()));
            }
        };
        answer.poll(cx).map(|response| {
            let mut response = response.into_http();
            // Whatever a layer made of its body: after a 101, no deadline and no gathering.
            let upgraded = response.status() == Status::SWITCHING_PROTOCOLS;
            if watch.is_last_answer() && !upgraded {
                say_goodbye(&mut response);
            }
            if upgraded || !response.body().is_stream() {
                watch.enter(if upgraded { Phase::Upgraded } else { Phase::Responding });
                return Ok(response);
            }
            watch.enter(Phase::Streaming);
            let watch = watch.clone();
            Ok(response.map(|body| body.on_close(move || watch.enter(Phase::Responding))))
        })
    }
}

fn incoming(body: Incoming, watch: &Arc<Watch>) -> Body {
    if body.is_end_stream() {
        return Body::empty();
    }
    Body::new(Watched { body, watch: watch.clone() })
}

/// A request's body that gives up when nothing came for too long.
struct Watched {
    body: Incoming,
    watch: Arc<Watch>,
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if self.watch.body_expired() {
            return Poll::Ready(Some(Err(Box::new(StalledBody))));
        }
        let poll = Pin::new(&mut self.body).poll_frame(cx);
        self.watch.reading_body(poll.is_pending());
        poll.map_err(Into::into)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
