//! [`BackgroundServer`]: an app that is served by a thread of a program that does something else.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use super::{SiteService, limits, server};
use crate::app::{App, SetupError, Site};
use crate::config::Loader;
use crate::error::Error;

/// How long requests that are being answered may take when the server is dropped: somebody waits.
const SHUTDOWN: Duration = Duration::from_secs(1);

/// An app that is served by a thread of this program; dropped, it stops. See
/// [`App::background_server`].
#[must_use = "dropped, the server stops"]
pub struct BackgroundServer {
    addr: SocketAddr,
    drain: server::Drain,
    thread: Option<JoinHandle<()>>,
}

impl App {
    /// Serves this app on a thread of its own, on a socket that listens already: for a program that
    /// is more than its web pages, such as a tool with a page for its settings.
    ///
    /// Nothing but the socket is the app's: it catches no signals, prints nothing, and reads neither
    /// `carafe.toml` nor the environment; configuration is what [`App::config`] says. Start-up steps
    /// have run when this returns; shut-down steps run when the server is dropped, after requests that
    /// are being answered had a second to end.
    ///
    /// ```
    /// use std::net::TcpListener;
    /// use carafe::prelude::*;
    ///
    /// #[get("/")]
    /// async fn index() -> &'static str {
    ///     "settings"
    /// }
    ///
    /// let listener = TcpListener::bind("127.0.0.1:0")?;
    /// let server = App::new().routes(routes![index]).background_server(listener)?;
    /// assert!(server.url().starts_with("http://127.0.0.1:"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Every mistake of the setup and of the configuration, together; or the start-up step that failed.
    #[inline]
    pub fn background_server(self, listener: TcpListener) -> Result<BackgroundServer, SetupError> {
        let site = self.build(Loader::in_memory())?;
        BackgroundServer::start(site, listener, "carafe-background")
            .map_err(|error| SetupError::of_start(&error))
    }
}

impl BackgroundServer {
    #[inline]
    pub(super) fn start(
        site: Arc<Site>,
        listener: TcpListener,
        name: &str,
    ) -> Result<BackgroundServer, Error> {
        let addr = listener.local_addr()?;
        let listener = server::Listener::Tcp(listener);
        let drain = server::Drain::new();
        let (started, start) = channel();
        let thread = {
            let drain = drain.clone();
            std::thread::Builder::new()
                .name(name.to_owned())
                .spawn(move || live(&site, listener, &drain, &started))?
        };
        match start.recv() {
            Ok(Ok(())) => Ok(BackgroundServer { addr, drain, thread: Some(thread) }),
            Ok(Err(error)) => Err(error),
            Err(_gone) => Err(Error::new(500).caused_by("a start-up step panicked")),
        }
    }

    /// Where it listens.
    #[inline]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The URL of its root, such as `http://127.0.0.1:40123`; a path is put behind it.
    #[inline]
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }
}

/// The server's thread from beginning to end.
#[inline]
fn live(
    site: &Arc<Site>,
    listener: server::Listener,
    drain: &server::Drain,
    started: &Sender<Result<(), Error>>,
) {
    let begun = || -> Result<_, Error> {
        let runtime = server::local_runtime()?;
        runtime.block_on(site.start(None))?;
        Ok(runtime)
    };
    let runtime = match begun() {
        Ok(runtime) => runtime,
        Err(error) => {
            // Nobody listens when the starter is gone, and then nobody needs to know.
            let _ = started.send(Err(error));
            return;
        }
    };
    let _ = started.send(Ok(()));
    if let Err(error) = serve(site, listener, drain) {
        tracing::error!(target: "carafe", "a background server failed: {error}");
    }
    runtime.block_on(site.stop(None));
}

#[inline]
fn serve(site: &Arc<Site>, listener: server::Listener, drain: &server::Drain) -> io::Result<()> {
    let mut limits = limits(site.core.config.settings());
    limits.shutdown_timeout = limits.shutdown_timeout.min(SHUTDOWN);
    server::serve(vec![listener], 1, limits, drain, || SiteService::new(site.clone()), || {})
}

impl Drop for BackgroundServer {
    #[inline]
    fn drop(&mut self) {
        self.drain.begin();
        if let Some(thread) = self.thread.take() {
            // A panic of the server's thread has been told already.
            let _ = thread.join();
        }
    }
}

impl std::fmt::Debug for BackgroundServer {
    #[inline]
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "BackgroundServer({})", self.url())
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use crate::App;

    #[test]
    fn serves_on_the_socket_it_is_given() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap();
        let server = App::new().background_server(listener).unwrap();
        assert_eq!((server.addr(), server.url()), (addr, format!("http://{addr}")));
        assert!(std::net::TcpStream::connect(addr).is_ok());
        drop(server);
        assert!(std::net::TcpStream::connect(addr).is_err());
    }

    #[test]
    fn tells_of_a_mistake() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let app = App::new().config("debug", "perhaps");
        let error = app.background_server(listener).expect_err("it is no bool").to_string();
        assert!(error.contains("debug"), "{error}");
    }
}
