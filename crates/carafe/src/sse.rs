//! Server-sent events: a stream of messages to a page (HTML standard, section 9.2).

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use ::http::{HeaderValue, header};
use bytes::Bytes;
use futures_core::Stream;
use serde::Serialize;
use tokio::sync::mpsc;
use tokio::time::{Instant, Sleep, sleep};

use crate::error::Result;
use crate::http::{Body, BoxError, Response};
use crate::request::Request;
use crate::respond::IntoResponse;

/// How long a stream is silent before a comment keeps proxies from closing it.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// Events that wait for a slow client before the sender has to wait.
const WAITING: usize = 64;

/// One message to the page.
///
/// ```
/// use carafe::sse::Event;
///
/// let event = Event::data("first\nsecond").event("chat").id("7");
/// assert_eq!(event.to_string(), "event: chat\nid: 7\ndata: first\ndata: second\n\n");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event {
    comment: Option<String>,
    event: Option<String>,
    id: Option<String>,
    retry: Option<Duration>,
    data: Option<String>,
}

impl Event {
    /// A message with this text, of one line or more.
    #[inline]
    pub fn data(data: impl Into<String>) -> Event {
        Event { data: Some(data.into()), ..Event::default() }
    }

    /// A message with a value as JSON.
    ///
    /// # Errors
    /// 500 when the value cannot be written as JSON.
    #[inline]
    pub fn json<T: Serialize + ?Sized>(value: &T) -> Result<Event> {
        Ok(Event::data(serde_json::to_string(value)?))
    }

    /// A line that the page never sees.
    #[inline]
    pub fn comment(comment: impl Into<String>) -> Event {
        Event { comment: Some(comment.into()), ..Event::default() }
    }

    /// The name under which the page listens for it; by default `message`.
    #[must_use]
    #[inline]
    pub fn event(mut self, name: impl Into<String>) -> Event {
        self.event = Some(name.into());
        self
    }

    /// What a page that lost its connection sends as `Last-Event-ID`; see [`last_event_id`].
    #[must_use]
    #[inline]
    pub fn id(mut self, id: impl Into<String>) -> Event {
        self.id = Some(id.into());
        self
    }

    /// How long the page waits before it connects again, in whole milliseconds.
    #[must_use]
    #[inline]
    pub fn retry(mut self, wait: Duration) -> Event {
        self.retry = Some(wait);
        self
    }
}

/// The event as it is sent. Line breaks in a name or an id are left out: they would end the line.
impl fmt::Display for Event {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(comment) = &self.comment {
            lines(comment).try_for_each(|line| writeln!(f, ": {line}"))?;
        }
        for (name, value) in [("event", &self.event), ("id", &self.id)] {
            if let Some(value) = value {
                writeln!(f, "{name}: {}", value.replace(['\r', '\n', '\0'], ""))?;
            }
        }
        if let Some(retry) = self.retry {
            writeln!(f, "retry: {}", retry.as_millis())?;
        }
        if let Some(data) = &self.data {
            lines(data).try_for_each(|line| writeln!(f, "data: {line}"))?;
        }
        f.write_str("\n")
    }
}

/// The standard's line ends: CR LF, LF and CR.
#[inline]
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split('\n')
        .map(|line| line.strip_suffix('\r').unwrap_or(line))
        .flat_map(|line| line.split('\r'))
}

/// The id of the last event that this page got before it lost its connection.
#[inline]
pub fn last_event_id(request: &Request) -> Option<&str> {
    request.header("last-event-id")
}

type Events = Pin<Box<dyn Stream<Item = Result<Event, BoxError>> + Send>>;

/// A response that sends events as they come, until the stream ends or the client goes.
///
/// After 15 seconds of silence it sends a comment, so that proxies keep the connection.
pub struct EventStream {
    events: Events,
    keep_alive: Duration,
}

impl EventStream {
    /// The events of a stream.
    #[inline]
    pub fn new(events: impl Stream<Item = Event> + Send + 'static) -> EventStream {
        EventStream::boxed(Box::pin(Unfailing { events }))
    }

    /// The events of a stream that may fail; a failure ends the response.
    #[inline]
    pub fn try_new<E: Into<BoxError> + 'static>(
        events: impl Stream<Item = Result<Event, E>> + Send + 'static,
    ) -> EventStream {
        EventStream::boxed(Box::pin(Failing { events }))
    }

    #[inline]
    fn boxed(events: Events) -> EventStream {
        EventStream { events, keep_alive: KEEP_ALIVE }
    }

    /// Another time of silence before a comment is sent; at least a second.
    #[must_use]
    #[inline]
    pub fn keep_alive(mut self, silence: Duration) -> EventStream {
        self.keep_alive = silence.max(Duration::from_secs(1));
        self
    }
}

impl EventStream {
    #[inline]
    pub(crate) fn response(self) -> Response {
        let body = Kept { events: self.events, silence: self.keep_alive, timer: None };
        let mut response = Response::typed("text/event-stream", Body::stream(body));
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        // nginx would hold events back until its buffer is full.
        headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
        response
    }
}

impl IntoResponse for EventStream {
    #[inline]
    fn into_response(self, _request: &Request) -> Result<Response> {
        Ok(self.response())
    }
}

/// Events as bytes, with comments where there are none for long.
struct Kept {
    events: Events,
    silence: Duration,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Stream for Kept {
    type Item = Result<Bytes, BoxError>;

    #[inline]
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        let silence = this.silence;
        // Made here, where there is a reactor.
        let timer = this.timer.get_or_insert_with(|| Box::pin(sleep(silence)));
        let piece = match this.events.as_mut().poll_next(cx) {
            Poll::Ready(Some(Ok(event))) => Bytes::from(event.to_string()),
            Poll::Ready(Some(Err(error))) => return Poll::Ready(Some(Err(error))),
            Poll::Ready(None) => return Poll::Ready(None),
            Poll::Pending if timer.as_mut().poll(cx).is_pending() => return Poll::Pending,
            Poll::Pending => Bytes::from_static(b":\n\n"),
        };
        timer.as_mut().reset(Instant::now() + silence);
        Poll::Ready(Some(Ok(piece)))
    }
}

pin_project_lite::pin_project! {
    struct Unfailing<S> {
        #[pin]
        events: S,
    }
}

impl<S: Stream<Item = Event>> Stream for Unfailing<S> {
    type Item = Result<Event, BoxError>;

    #[inline]
    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.project().events.poll_next(cx).map(|event| event.map(Ok))
    }
}

pin_project_lite::pin_project! {
    struct Failing<S> {
        #[pin]
        events: S,
    }
}

impl<S: Stream<Item = Result<Event, E>>, E: Into<BoxError>> Stream for Failing<S> {
    type Item = Result<Event, BoxError>;

    #[inline]
    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.project()
            .events
            .poll_next(cx)
            .map(|event| event.map(|event| event.map_err(Into::into)))
    }
}

/// A sender and the response that carries what it sends. Up to 64 events wait for a slow client.
///
/// ```
/// use carafe::sse::{self, Event, EventStream};
///
/// async fn clock() -> EventStream {
///     let (sender, events) = sse::channel();
///     tokio::task::spawn(async move {
///         for n in 0.. {
///             // It fails once the client is gone, and so ends the task.
///             if sender.send(Event::data(n.to_string())).await.is_err() {
///                 break;
///             }
///         }
///     });
///     events
/// }
/// ```
#[inline]
pub fn channel() -> (Sender, EventStream) {
    let (sender, receiver) = mpsc::channel(WAITING);
    (Sender(sender), EventStream::new(Receiver(receiver)))
}

struct Receiver(mpsc::Receiver<Event>);

impl Stream for Receiver {
    type Item = Event;

    #[inline]
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Event>> {
        self.0.poll_recv(cx)
    }
}

/// Sends events to one client; clones send to the same one. Made by [`channel`].
#[derive(Clone, Debug)]
pub struct Sender(mpsc::Sender<Event>);

impl Sender {
    /// Sends an event, waiting while too many wait already.
    ///
    /// # Errors
    /// [`Gone`] once the client is gone.
    #[inline]
    pub async fn send(&self, event: Event) -> Result<(), Gone> {
        self.0.send(event).await.map_err(|_| Gone)
    }

    /// As [`Sender::send`], for threads that may block.
    ///
    /// # Errors
    /// [`Gone`] once the client is gone.
    #[inline]
    pub fn send_blocking(&self, event: Event) -> Result<(), Gone> {
        self.0.blocking_send(event).map_err(|_| Gone)
    }

    /// Sends an event without waiting; gives it back when too many wait already.
    ///
    /// # Errors
    /// [`Gone`] once the client is gone.
    #[inline]
    pub fn try_send(&self, event: Event) -> Result<Option<Event>, Gone> {
        match self.0.try_send(event) {
            Ok(()) => Ok(None),
            Err(mpsc::error::TrySendError::Full(event)) => Ok(Some(event)),
            Err(mpsc::error::TrySendError::Closed(_)) => Err(Gone),
        }
    }

    /// Waits until the client is gone.
    #[inline]
    pub async fn closed(&self) {
        self.0.closed().await;
    }

    /// Whether the client is gone.
    #[inline]
    pub fn is_closed(&self) -> bool {
        self.0.is_closed()
    }
}

/// The client has gone: nobody reads these events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gone;

impl fmt::Display for Gone {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the client of this event stream is gone")
    }
}

impl std::error::Error for Gone {}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(event: Event, text: &str) {
        assert_eq!(event.to_string(), text);
    }

    #[test]
    fn events_as_text() {
        check(Event::data("a"), "data: a\n\n");
        check(Event::data(""), "data: \n\n");
        check(Event::data("a\nb\r\nc\rd"), "data: a\ndata: b\ndata: c\ndata: d\n\n");
        check(Event::data("a").event("x\ndata: y"), "event: xdata: y\ndata: a\n\n");
        check(Event::data("a").id("1\0\r"), "id: 1\ndata: a\n\n");
        check(Event::default().retry(Duration::from_secs(2)), "retry: 2000\n\n");
        check(Event::comment("a\nb"), ": a\n: b\n\n");
        check(Event::json(&[1, 2]).unwrap(), "data: [1,2]\n\n");
    }

    const SILENCE: Duration = Duration::from_millis(5);

    fn body(stream: EventStream) -> Body {
        Body::stream(Kept { events: stream.events, silence: SILENCE, timer: None })
    }

    fn run(work: impl Future<Output = ()>) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        runtime.unwrap().block_on(work);
    }

    #[test]
    fn a_lost_client_is_noticed() {
        run(silence_is_filled_and_a_lost_client_is_noticed());
        run(the_stream_ends_with_its_senders());
    }

    async fn silence_is_filled_and_a_lost_client_is_noticed() {
        let (sender, events) = channel();
        let mut body = body(events);
        sender.send(Event::data("1")).await.unwrap();
        assert_eq!(body.next().await.unwrap().unwrap(), "data: 1\n\n");
        let before = Instant::now();
        assert_eq!(body.next().await.unwrap().unwrap(), ":\n\n");
        assert!(before.elapsed() >= SILENCE);
        assert!(!sender.is_closed());
        drop(body);
        sender.closed().await;
        assert_eq!(sender.send(Event::data("2")).await, Err(Gone));
        assert_eq!(sender.try_send(Event::data("2")), Err(Gone));
    }

    async fn the_stream_ends_with_its_senders() {
        let (sender, events) = channel();
        sender.try_send(Event::data("1")).unwrap();
        drop(sender);
        let all = body(events).read(100).await.unwrap();
        assert_eq!(all, "data: 1\n\n");
    }
}
