//! [`Stage`]: a frozen app on a runtime of its own, and one request through it.

use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ::http::header::{CONTENT_LENGTH, HOST};
use ::http::request::Parts;
use ::http::{HeaderMap, HeaderValue, Method, Uri};
use bytes::{Bytes, BytesMut};
use tokio::runtime::{Builder, Handle, LocalOptions, LocalRuntime};
use tokio::time::{Instant, timeout_at};

use crate::app::{App, SetupError, Site};
use crate::config::Loader;
use crate::dispatch;
use crate::error::Result;
use crate::http::{Body, Peer, Response, Status};
use crate::layers::LayerInner;
use crate::request::Request;
use crate::signals::Signal;

use super::target::Target;

/// The app, and what it takes to run it.
pub(super) struct Stage {
    pub(super) site: Arc<Site>,
    layered: Option<LayerInner>,
    runtime: LocalRuntime,
    /// The error behind the last 500, as the app's signal tells it.
    failure: Arc<Mutex<Option<String>>>,
}

/// One request, ready to be sent as often as redirects want it.
#[derive(Clone)]
pub(super) struct Outgoing {
    pub(super) method: Method,
    pub(super) target: Target,
    pub(super) headers: HeaderMap,
    pub(super) payload: Payload,
    pub(super) remote: Option<SocketAddr>,
    pub(super) deadline: Duration,
    pub(super) max_body: usize,
}

/// A body that can be sent again.
#[derive(Clone)]
pub(super) enum Payload {
    None,
    Whole(Bytes),
    /// Arrives piece by piece, without an announced length.
    Pieces(Vec<Bytes>),
}

/// What came back.
pub(super) struct Incoming {
    pub(super) status: Status,
    pub(super) headers: HeaderMap,
    pub(super) bytes: Bytes,
    /// Why the body is not whole, when it is not.
    pub(super) cut: Option<String>,
    /// The error behind a 500.
    pub(super) error: Option<String>,
}

impl Stage {
    #[inline]
    pub(super) fn new(mut app: App, loader: Loader) -> Result<Stage, SetupError> {
        if Handle::try_current().is_ok() {
            // The runtime would panic too, but without saying what to do.
            panic!(
                "a test client waits by itself: use it in a plain `#[test] fn`, not in an async one"
            );
        }
        let failure = Arc::new(Mutex::new(None));
        let noted = failure.clone();
        app.listeners.add_of_errors(move |signal| {
            if let Signal::GotRequestException { error, .. } = signal {
                *noted.lock().unwrap_or_else(PoisonError::into_inner) = Some(error.to_string());
            }
        });
        let site = app.build(loader)?;
        #[cfg(debug_assertions)]
        crate::dev::begin(&site);
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build_local(LocalOptions::default())
            .map_err(|error| SetupError::of_start(&error.into()))?;
        runtime.block_on(site.start(None)).map_err(|error| SetupError::of_start(&error))?;
        let layered = dispatch::layered(&site);
        Ok(Stage { site, layered, runtime, failure })
    }

    /// Waits for a future on the app's runtime.
    #[inline]
    pub(super) fn wait<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    /// Sends a request through the app and reads the answer whole.
    ///
    /// # Panics
    /// When the answer does not begin before the deadline.
    #[track_caller]
    #[inline]
    pub(super) fn exchange(&self, outgoing: &Outgoing) -> Incoming {
        self.take_failure();
        let (request, peer) = outgoing.to_http();
        let method = &outgoing.method;
        let incoming = self.wait(async {
            let deadline = Instant::now() + outgoing.deadline;
            let response = timeout_at(deadline, self.answer(request, peer)).await.ok()?;
            Some(read(method, response, deadline, outgoing.max_body).await)
        });
        let Some(mut incoming) = incoming else {
            panic!("{method} {} was not answered within {:?}", outgoing.target, outgoing.deadline);
        };
        incoming.error = self.take_failure().or(incoming.cut.clone());
        incoming
    }

    #[inline]
    async fn answer(&self, request: ::http::Request<Body>, peer: Arc<Peer>) -> Response {
        let (parts, body) = request.into_parts();
        #[cfg(debug_assertions)]
        {
            let answer = |parts, body, peer| self.answer_unseen(parts, body, peer);
            crate::dev::observe(&self.site, parts, body, peer, answer).await
        }
        #[cfg(not(debug_assertions))]
        self.answer_unseen(parts, body, peer).await
    }

    #[inline]
    async fn answer_unseen(&self, parts: Parts, body: Body, peer: Arc<Peer>) -> Response {
        match &self.layered {
            None => dispatch::dispatch(&self.site, parts, body, peer).await,
            Some(layered) => dispatch::through_layers(&self.site, layered, parts, body, peer).await,
        }
    }

    /// A request as handlers see it, which is not sent.
    #[inline]
    pub(super) fn request(&self, outgoing: &Outgoing) -> Request {
        let (request, peer) = outgoing.to_http();
        let (parts, body) = request.into_parts();
        dispatch::match_request(&self.site, parts, body, peer)
    }

    #[inline]
    fn take_failure(&self) -> Option<String> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Drop for Stage {
    #[inline]
    fn drop(&mut self) {
        if Handle::try_current().is_err() {
            self.runtime.block_on(self.site.stop(None));
        }
    }
}

impl Outgoing {
    #[inline]
    fn to_http(&self) -> (::http::Request<Body>, Arc<Peer>) {
        let (length, body) = match &self.payload {
            Payload::None => (None, Body::empty()),
            Payload::Whole(bytes) => (Some(bytes.len()), Body::from(bytes.clone())),
            Payload::Pieces(pieces) => (None, Body::iter(pieces.clone())),
        };
        let mut request = ::http::Request::new(body);
        *request.method_mut() = self.method.clone();
        // `Target` escaped what a URI cannot hold.
        *request.uri_mut() = Uri::try_from(self.target.path_and_query()).unwrap_or_default();
        *request.headers_mut() = self.headers.clone();
        let headers = request.headers_mut();
        if let (false, Ok(host)) =
            (headers.contains_key(HOST), HeaderValue::try_from(&*self.target.host))
        {
            headers.insert(HOST, host);
        }
        if let (false, Some(length)) = (headers.contains_key(CONTENT_LENGTH), length) {
            headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
        }
        let port = if self.target.secure { 443 } else { 80 };
        let local = Some(SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
        (request, Arc::new(Peer { remote: self.remote, local, secure: self.target.secure }))
    }
}

/// Reads a body to its end, its cap or the deadline; an endless stream gives what came so far.
#[inline]
async fn read(method: &Method, mut response: Response, deadline: Instant, cap: usize) -> Incoming {
    let status = response.status();
    dispatch::strip_head_body(method, &mut response);
    // RFC 9110 section 6.4.1: these have no body, whatever the app put there.
    let bodiless = method == Method::HEAD
        || status.is_informational()
        || matches!(status, Status::NO_CONTENT | Status::NOT_MODIFIED);
    let mut body = response.take_body();
    if !bodiless
        && let Some(length) = body.as_bytes().map(<[u8]>::len)
        && !response.headers().contains_key(CONTENT_LENGTH)
    {
        response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    let mut bytes = BytesMut::new();
    let mut cut = None;
    while !bodiless && cut.is_none() {
        match timeout_at(deadline, body.next()).await {
            Ok(None) => break,
            Ok(Some(Ok(piece))) if bytes.len() + piece.len() <= cap => {
                bytes.extend_from_slice(&piece)
            }
            Ok(Some(Ok(_))) => cut = Some(format!("the body is longer than {cap} bytes")),
            Ok(Some(Err(error))) => cut = Some(format!("the body broke off: {error}")),
            Err(_elapsed) => cut = Some("the body did not end before the deadline".to_owned()),
        }
    }
    let headers = std::mem::take(response.headers_mut());
    Incoming { status, headers, bytes: bytes.freeze(), cut, error: None }
}
