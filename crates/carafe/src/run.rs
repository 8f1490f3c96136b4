//! Joins an app and the server: the only module that knows both.

mod activation;
mod again;
mod background;
mod busy;
mod command_line;
#[cfg(unix)]
mod control;
mod dialogue;
mod error;
mod guard;
mod lang;
mod life;
mod listen;
mod place;
mod ports;
mod privileged;
mod refusals;
mod socket_file;
mod succession;
mod test_server;
#[cfg(debug_assertions)]
mod tool;

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use ::http::Method;
use ::http::request::Parts;
use http_body::Body as _;

use crate::app::Site;
use crate::config::{AccessLog, Settings};
use crate::error::Error;
use crate::http::{Body, Peer, Response};
use crate::layers::LayerInner;
use crate::{banner, dispatch, error_page, log, server};

pub(crate) use self::error::RunError;
pub(crate) use self::listen::{How, TOOLS_SOCKET, open_own};
pub(crate) use self::socket_file::SocketFile;

use self::succession::Succession;

pub use self::background::BackgroundServer;
pub(crate) use self::guard::Guarded;
pub(crate) use self::lang::lang;
pub use self::test_server::TestServer;

/// What `run` was told that is no configuration: it holds for this once.
#[derive(Clone, Debug, Default)]
pub(crate) struct RunOptions {
    /// End the program of this user that holds the port.
    pub(crate) take_port: bool,
    /// Take the sockets over from the app that runs.
    pub(crate) take_over: bool,
    /// Print a QR code.
    pub(crate) qr: bool,
    /// The token that lets others reach an app that is being debugged.
    pub(crate) allow_remote: Option<String>,
}

/// Serves a frozen app until Ctrl+C or SIGTERM, or until another process has taken over.
pub(crate) fn run(site: &Arc<Site>, options: &RunOptions) -> Result<(), RunError> {
    let mut succession = Succession::new(site);
    let settings = site.core.config.settings();
    log::install(settings.access_log);
    tracing::debug!(target: "carafe", "starting: {options:?}");
    #[cfg(debug_assertions)]
    crate::dev::begin(site);
    // Nobody is asked to give up a port for an app that is refused.
    let allow = |addresses: &[server::ListenAddress]| guard(site, addresses, options).map(drop);
    let opened = listen::open(settings, options, &mut succession, &allow)?;
    // Socket files are removed when this returns, unless they are another process's by then.
    let listen::Opened { listeners, how, mut files } = opened;
    succession.came_from_manager(how == How::Activated);
    let addresses =
        listeners.iter().map(server::Listener::address).collect::<io::Result<Vec<_>>>()?;
    let guarded = guard(site, &addresses, options)?;
    let runtime = server::local_runtime()?;
    let result = runtime.block_on(async {
        site.start(None).await.map_err(RunError::Startup)?;
        let workers = workers(settings);
        // Before anybody is told that it runs, and so may end it.
        let signals = server::Signals::new()?;
        let start = banner::Start { listeners: &listeners, how, guarded, workers, qr: options.qr };
        banner::print(site, &start);
        let result = life::live(site, listeners, workers, signals, &mut succession).await;
        succession.retire();
        site.stop(None).await;
        result
    });
    files.iter_mut().for_each(|file| file.set_owned(succession.owns_sockets()));
    #[cfg(debug_assertions)]
    crate::dev::flush();
    result
}

/// Refuses others while the app is debugged; and lets them see details where that was asked for.
fn guard(
    site: &Site,
    addresses: &[server::ListenAddress],
    options: &RunOptions,
) -> Result<Guarded, RunError> {
    let lang = lang(site.core.config.settings());
    let guarded = guard::check(site, addresses, options.allow_remote.as_deref(), lang)
        .map_err(RunError::Refused)?;
    let for_all = guarded.details == banner::Details::Everyone;
    site.core.details_for_all.store(for_all, Ordering::Relaxed);
    Ok(guarded)
}

/// Runs the workers on their threads; the returned future ends with the last of them.
fn serve_in_threads(
    site: Arc<Site>,
    listeners: Vec<server::Listener>,
    workers: usize,
    drain: server::Drain,
    accepting: impl FnOnce() + Send + 'static,
) -> impl Future<Output = Result<(), RunError>> {
    let (done, wait) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        let limits = limits(site.core.config.settings());
        let make = || SiteService::new(site.clone());
        let _ = done.send(server::serve(listeners, workers, limits, &drain, make, accepting));
    });
    async {
        let served = wait.await.unwrap_or_else(|_| Err(io::Error::other("the server panicked")));
        Ok(served?)
    }
}

fn workers(settings: &Settings) -> usize {
    match settings.workers {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        workers => workers.into(),
    }
}

fn limits(settings: &Settings) -> server::Limits {
    server::Limits {
        header_read_timeout: settings.header_read_timeout.duration(),
        keep_alive_timeout: settings.keep_alive_timeout.duration(),
        stall_timeout: settings.body_read_timeout.duration(),
        shutdown_timeout: settings.shutdown_timeout.duration(),
        max_connections: settings.max_connections as usize,
        max_header_size: settings.max_header_size.get() as usize,
        max_headers: settings.max_headers.into(),
    }
}

/// The app as the server calls it, on one worker.
struct SiteService {
    site: Arc<Site>,
    layered: Option<LayerInner>,
    access: bool,
    timeout: Option<Duration>,
    /// Whether none of these is there.
    plain: bool,
}

impl SiteService {
    fn new(site: Arc<Site>) -> SiteService {
        let settings = site.core.config.settings();
        let access = !matches!(settings.access_log, AccessLog::Off);
        let timeout = settings.request_timeout.map(|timeout| timeout.duration());
        let layered = dispatch::layered(&site);
        let plain = layered.is_none() && !access && timeout.is_none();
        #[cfg(debug_assertions)]
        let plain = plain && !crate::dev::is_on(&site.core);
        SiteService { site, layered, access, timeout, plain }
    }

    /// [`SiteService::answer_with_all`], seen from outside.
    #[cfg(debug_assertions)]
    async fn observed(self: Rc<Self>, parts: Parts, body: Body, peer: Arc<Peer>) -> Response {
        let site = self.site.clone();
        let answer = |parts, body, peer| self.answer_with_all(parts, body, peer);
        crate::dev::observe(&site, parts, body, peer, answer).await
    }

    /// The whole way with everything that may be switched on: layers, a timeout, the access log.
    async fn answer_with_all(
        self: Rc<Self>,
        parts: Parts,
        body: Body,
        peer: Arc<Peer>,
    ) -> Response {
        let remote = || self.site.entrance.client(&parts, &peer);
        let entry = self.access.then(|| AccessEntry::new(&parts, remote()));
        let answer = async {
            match &self.layered {
                None => dispatch::dispatch(&self.site, parts, body, peer).await,
                Some(layered) => {
                    dispatch::through_layers(&self.site, layered, parts, body, peer).await
                }
            }
        };
        let response = match self.timeout {
            None => answer.await,
            Some(limit) => tokio::time::timeout(limit, answer).await.unwrap_or_else(|_elapsed| {
                error_page::bare(&Error::new(503).describe("the answer took too long"))
            }),
        };
        if let Some(entry) = entry {
            entry.log(&response);
        }
        response
    }
}

/// A line of the access log, begun when the request came.
struct AccessEntry {
    began: Instant,
    method: Method,
    path: String,
    remote: Option<SocketAddr>,
}

impl AccessEntry {
    fn new(parts: &Parts, remote: Option<SocketAddr>) -> AccessEntry {
        let path = parts.uri.path_and_query().map_or("", |path| path.as_str()).to_owned();
        let (began, method) = (Instant::now(), parts.method.clone());
        AccessEntry { began, method, path, remote }
    }

    fn log(self, response: &Response) {
        let micros = u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX);
        let bytes = response.body().size_hint().exact();
        tracing::info!(
            target: "carafe::access",
            remote = self.remote.map_or_else(|| "-".to_owned(), |remote| remote.ip().to_string()),
            method = self.method.as_str(),
            path = self.path.as_str(),
            status = u64::from(response.status().as_u16()),
            bytes,
            micros,
        );
    }
}

impl server::Service for SiteService {
    fn call(
        self: Rc<Self>,
        parts: Parts,
        body: Body,
        peer: Arc<Peer>,
    ) -> impl Future<Output = Response> + 'static {
        match self.plain {
            true => Way::Plain { answer: dispatch::dispatch(&self.site, parts, body, peer) },
            #[cfg(debug_assertions)]
            false => Way::Rich { answer: Box::pin(self.observed(parts, body, peer)) },
            #[cfg(not(debug_assertions))]
            false => Way::Rich { answer: Box::pin(self.answer_with_all(parts, body, peer)) },
        }
    }
}

pin_project_lite::pin_project! {
    /// One of two ways to an answer; the plain one carries nothing of the other.
    #[project = WayProjection]
    enum Way<P, R> {
        Plain { #[pin] answer: P },
        Rich { answer: Pin<Box<R>> },
    }
}

impl<P: Future, R: Future<Output = P::Output>> Future for Way<P, R> {
    type Output = P::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<P::Output> {
        match self.project() {
            WayProjection::Plain { answer } => answer.poll(cx),
            WayProjection::Rich { answer } => answer.as_mut().poll(cx),
        }
    }
}
