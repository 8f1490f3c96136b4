//! Taking a connection over after `101 Switching Protocols`: what websockets are made of.

use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use ::http::header;
use hyper::rt::{Read as _, Write as _};
use hyper::upgrade::OnUpgrade;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::error::{Error, Result};
use crate::http::{Body, Response, Status};

use super::Request;

/// A connection that left HTTP: bytes in, bytes out; see [`Request::upgrade`].
///
/// Reading gives what the client sends from the end of its request on. It ends when the client
/// closes its side, and also when the server begins to stop: whoever reads may still say goodbye
/// then, within `shutdown_timeout`. Carafe's own deadlines do not apply any more.
pub struct Upgraded(hyper::upgrade::Upgraded);

impl Request {
    /// Answers `101 Switching Protocols`, and gives the connection to `talk` once that is sent.
    ///
    /// For an `async fn` handler. What the protocol wants in the answer (a websocket's
    /// `Sec-WebSocket-Accept`) is added to the response. `talk` runs by itself, beside the requests of
    /// its worker; the connection is closed when it ends, and an error it ends with is logged.
    ///
    /// ```
    /// use carafe::prelude::*;
    /// use tokio::io::{AsyncReadExt, AsyncWriteExt};
    ///
    /// #[get("/echo")]
    /// async fn echo(request: &Request) -> Result<Response> {
    ///     request
    ///         .upgrade("echo", async |mut connection| {
    ///             let mut bytes = [0; 1024];
    ///             loop {
    ///                 match connection.read(&mut bytes).await? {
    ///                     0 => return Ok(()),
    ///                     length => connection.write_all(&bytes[..length]).await?,
    ///                 }
    ///             }
    ///         })
    ///         .await
    /// }
    ///
    /// let client = App::new().routes(routes![echo]).test_client();
    /// assert_eq!(client.get("/echo").send().status(), 426);
    /// ```
    ///
    /// # Errors
    /// 426 when the request does not ask for this protocol (`Connection: upgrade`, `Upgrade: name`);
    /// 500 when the connection was taken before, or there is none, as with a test client.
    pub async fn upgrade<F, Fut>(&self, protocol: &'static str, talk: F) -> Result<Response>
    where
        F: FnOnce(Upgraded) -> Fut + 'static,
        Fut: Future<Output = Result<()>> + 'static,
    {
        if !self.asks_for(protocol) {
            let words = format!(
                "this address speaks `{protocol}` only: the request has to ask for an upgrade"
            );
            return Err(Error::new(Status::UPGRADE_REQUIRED)
                .describe(words)
                .with_header("upgrade", protocol)
                .with_header("connection", "upgrade"));
        }
        let connection = self.extension::<OnUpgrade>().ok_or_else(|| {
            Error::new(500)
                .caused_by("there is no connection to be upgraded: a test client has none")
        })?;
        let path = self.path().escape_debug().to_string();
        tokio::task::spawn_local(async move {
            // The client may be gone before the 101 is sent.
            let Ok(connection) = connection.await else { return };
            if let Err(error) = talk(Upgraded(connection)).await {
                tracing::warn!(target: "carafe", "the upgraded connection of {path} ended: {error}");
            }
        });
        Ok(Response::new(Body::empty())
            .with_status(Status::SWITCHING_PROTOCOLS)
            .with_header("connection", "upgrade")
            .with_header("upgrade", protocol))
    }

    /// Whether the client wants to go on with this protocol (RFC 9110 section 7.8).
    #[inline]
    fn asks_for(&self, protocol: &str) -> bool {
        let names = |name: header::HeaderName, wanted: &str| {
            let lines = self.headers().get_all(name).into_iter();
            let mut items =
                lines.filter_map(|line| line.to_str().ok()).flat_map(|line| line.split(','));
            items.any(|item| item.trim().eq_ignore_ascii_case(wanted))
        };
        names(header::CONNECTION, "upgrade") && names(header::UPGRADE, protocol)
    }
}

impl AsyncRead for Upgraded {
    #[inline]
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let mut inner = hyper::rt::ReadBuf::new(buffer.initialize_unfilled());
        let poll = Pin::new(&mut self.0).poll_read(cx, inner.unfilled());
        let length = inner.filled().len();
        if poll.is_ready() {
            buffer.advance(length);
        }
        poll
    }
}

impl AsyncWrite for Upgraded {
    #[inline]
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    #[inline]
    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write_vectored(cx, slices)
    }

    #[inline]
    fn is_write_vectored(&self) -> bool {
        self.0.is_write_vectored()
    }

    #[inline]
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    #[inline]
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

impl fmt::Debug for Upgraded {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Upgraded")
    }
}
