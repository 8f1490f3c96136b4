//! [`Body`]: the bytes of a request or a response, whole or as a stream.
//!
//! It does not know headers, limits or deadlines; see `request::body` and `server` for those.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use http_body::{Body as HttpBody, Frame, SizeHint};

use super::on_close::OnClose;

/// Any error, boxed: what a body's stream may fail with.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The bytes of a request or a response.
///
/// A body is whole (bytes in memory, sent with `Content-Length`) or a stream (sent as it comes).
///
/// ```
/// use carafe::Body;
///
/// let whole = Body::from("hello");
/// assert_eq!(whole.as_bytes(), Some(&b"hello"[..]));
/// ```
#[derive(Default)]
pub struct Body(Kind);

#[derive(Default)]
enum Kind {
    #[default]
    Empty,
    Full(Bytes),
    Stream(Pin<Box<dyn HttpBody<Data = Bytes, Error = BoxError> + Send>>),
}

impl Body {
    /// A body of no bytes.
    pub const fn empty() -> Body {
        Body(Kind::Empty)
    }

    /// Wraps any [`http_body::Body`] of bytes, as tower's middleware makes them.
    pub fn new<B>(body: B) -> Body
    where
        B: HttpBody<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        if body.is_end_stream() {
            return Body::empty();
        }
        Body(Kind::Stream(Box::pin(Mapped { body })))
    }

    /// This body, and `close` once it was sent or dropped; so also an empty one becomes a stream.
    pub(crate) fn on_close(self, close: impl FnOnce() + Send + 'static) -> Body {
        Body(Kind::Stream(Box::pin(OnClose { body: self, close: Some(Box::new(close)) })))
    }

    /// Sends what a stream yields, as it yields it.
    ///
    /// An error in the stream ends the response early: the client sees a cut body, the log says why.
    pub fn stream<S, T, E>(stream: S) -> Body
    where
        S: Stream<Item = Result<T, E>> + Send + 'static,
        T: Into<Bytes>,
        E: Into<BoxError>,
    {
        Body(Kind::Stream(Box::pin(Streamed { stream })))
    }

    /// Sends what an iterator yields, piece by piece.
    pub fn iter<I, T>(pieces: I) -> Body
    where
        I: IntoIterator<Item = T>,
        I::IntoIter: Send + 'static,
        T: Into<Bytes>,
    {
        Body(Kind::Stream(Box::pin(Pieces { pieces: pieces.into_iter() })))
    }

    /// The bytes when they are all in memory; `None` for a stream.
    pub fn as_bytes(&self) -> Option<&[u8]> {
        match &self.0 {
            Kind::Empty => Some(&[]),
            Kind::Full(bytes) => Some(bytes),
            Kind::Stream(_) => None,
        }
    }

    /// Whether the body is sent as it comes, so that its length is not known before.
    pub fn is_stream(&self) -> bool {
        matches!(self.0, Kind::Stream(_))
    }

    /// Reads the rest of the body.
    ///
    /// # Errors
    /// [`ReadError::TooLarge`] as soon as more than `limit` bytes came, or the stream's own error.
    pub async fn read(mut self, limit: u64) -> Result<Bytes, ReadError> {
        if let Some(declared) = self.size_hint().exact()
            && declared > limit
        {
            return Err(ReadError::TooLarge);
        }
        if let Kind::Full(bytes) = self.0 {
            return Ok(bytes);
        }
        let mut first = Bytes::new();
        let mut rest = BytesMut::new();
        while let Some(piece) = self.next().await {
            let piece = piece.map_err(ReadError::Broken)?;
            if (first.len() + rest.len() + piece.len()) as u64 > limit {
                return Err(ReadError::TooLarge);
            }
            if first.is_empty() && rest.is_empty() {
                first = piece;
            } else {
                if rest.is_empty() {
                    rest.extend_from_slice(&std::mem::take(&mut first));
                }
                rest.extend_from_slice(&piece);
            }
        }
        Ok(if rest.is_empty() { first } else { rest.freeze() })
    }

    /// The next piece of the body, or `None` at its end.
    pub async fn next(&mut self) -> Option<Result<Bytes, BoxError>> {
        loop {
            let frame = poll_fn(|cx| Pin::new(&mut *self).poll_frame(cx)).await?;
            match frame {
                // Trailers carry no bytes of the body (RFC 9110 section 6.5).
                Ok(frame) => match frame.into_data() {
                    Ok(bytes) => return Some(Ok(bytes)),
                    Err(_trailers) => continue,
                },
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

/// Why a body could not be read whole.
#[derive(Debug)]
#[non_exhaustive]
pub enum ReadError {
    /// More bytes came than the limit allows.
    TooLarge,
    /// The connection or the stream failed in the middle.
    Broken(BoxError),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ReadError::TooLarge => "the body is larger than the limit",
            ReadError::Broken(_) => "the body ended before it was whole",
        })
    }
}

impl std::error::Error for ReadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            ReadError::TooLarge => None,
            ReadError::Broken(error) => Some(&**error),
        }
    }
}

/// Nothing of a request's body came for longer than `body_read_timeout`.
#[derive(Debug)]
pub struct StalledBody;

impl fmt::Display for StalledBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("nothing of the body came for longer than `body_read_timeout`")
    }
}

impl std::error::Error for StalledBody {}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match &mut self.0 {
            Kind::Empty => Poll::Ready(None),
            Kind::Full(bytes) => {
                let bytes = std::mem::take(bytes);
                self.0 = Kind::Empty;
                Poll::Ready((!bytes.is_empty()).then(|| Ok(Frame::data(bytes))))
            }
            Kind::Stream(stream) => stream.as_mut().poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Kind::Empty => true,
            Kind::Full(bytes) => bytes.is_empty(),
            Kind::Stream(stream) => stream.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Kind::Empty => SizeHint::with_exact(0),
            Kind::Full(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Kind::Stream(stream) => stream.size_hint(),
        }
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Empty => f.write_str("Body(empty)"),
            Kind::Full(bytes) => write!(f, "Body({} bytes)", bytes.len()),
            Kind::Stream(_) => f.write_str("Body(stream)"),
        }
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Body {
        if bytes.is_empty() { Body::empty() } else { Body(Kind::Full(bytes)) }
    }
}

macro_rules! from_bytes {
    ($($from:ty),*) => {$(
        impl From<$from> for Body {
            fn from(value: $from) -> Body {
                Body::from(Bytes::from(value))
            }
        }
    )*};
}
from_bytes!(&'static str, &'static [u8], String, Vec<u8>, Box<[u8]>);

pin_project_lite::pin_project! {
    /// Another body with its error boxed.
    struct Mapped<B> {
        #[pin]
        body: B,
    }
}

impl<B> HttpBody for Mapped<B>
where
    B: HttpBody<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        self.project().body.poll_frame(cx).map_err(Into::into)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

pin_project_lite::pin_project! {
    /// A stream of pieces as a body.
    struct Streamed<S> {
        #[pin]
        stream: S,
    }
}

impl<S, T, E> HttpBody for Streamed<S>
where
    S: Stream<Item = Result<T, E>>,
    T: Into<Bytes>,
    E: Into<BoxError>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        self.project().stream.poll_next(cx).map(|item| {
            item.map(|piece| piece.map(|piece| Frame::data(piece.into())).map_err(Into::into))
        })
    }
}

/// An iterator of pieces as a body; each poll hands out one.
struct Pieces<I> {
    pieces: I,
}

// The iterator is never pinned, only moved out of.
impl<I> Unpin for Pieces<I> {}

impl<I, T> HttpBody for Pieces<I>
where
    I: Iterator<Item = T>,
    T: Into<Bytes>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        Poll::Ready(self.pieces.next().map(|piece| Ok(Frame::data(piece.into()))))
    }
}
