//! [`TestServer`]: an app on a real socket, for tests that the test client is too near for.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use super::{SiteService, limits, server};
use crate::app::{App, SetupError, Site};
use crate::config::{Loader, Profile};
use crate::error::Error;

/// How long requests that are being answered may take when the server is dropped: a test waits.
const SHUTDOWN: Duration = Duration::from_secs(1);

/// An app that is served on a free port of this machine; dropped, it stops. See
/// [`App::test_server`].
#[must_use = "dropped, the server stops"]
pub struct TestServer {
    addr: SocketAddr,
    drain: server::Drain,
    thread: Option<JoinHandle<()>>,
}

impl App {
    /// Serves this app on a thread of its own, on a free port of `127.0.0.1`, for tests.
    ///
    /// For what only a socket shows: another HTTP client, a browser, the bytes on the wire. Where
    /// that does not matter, [`App::test_client`] is faster. The app runs under the testing profile
    /// as it does there. Start-up steps have run when this returns; shut-down steps run when the
    /// server is dropped, after requests that are being answered had a second to end.
    ///
    /// ```
    /// use std::io::{Read, Write};
    /// use carafe::prelude::*;
    ///
    /// #[get("/")]
    /// async fn index() -> &'static str {
    ///     "hello"
    /// }
    ///
    /// let server = App::new().routes(routes![index]).test_server();
    /// let mut stream = std::net::TcpStream::connect(server.addr()).unwrap();
    /// stream.write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").unwrap();
    /// let mut answer = String::new();
    /// stream.read_to_string(&mut answer).unwrap();
    /// assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("hello"));
    /// ```
    ///
    /// # Panics
    /// With every mistake of the setup, when the app cannot be served.
    #[track_caller]
    #[inline]
    pub fn test_server(self) -> TestServer {
        match self.try_test_server() {
            Ok(server) => server,
            Err(error) => panic!("{error}"),
        }
    }

    /// As [`App::test_server`], to test the mistakes themselves.
    ///
    /// # Errors
    /// Every mistake of the setup and of the configuration, together; or the start-up step that failed.
    #[inline]
    pub fn try_test_server(self) -> Result<TestServer, SetupError> {
        let loader = Loader::new(self.root_folder()).text(".env", "").profile(Profile::Testing);
        let site = self.build(loader)?;
        start(site).map_err(|error| SetupError::of_start(&error))
    }
}

#[inline]
fn start(site: Arc<Site>) -> Result<TestServer, Error> {
    let listener = server::Listener::tcp(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
    let address = listener.address()?.tcp();
    let addr = address.ok_or_else(|| Error::new(500).describe("a TCP socket has an address"))?;
    let drain = server::Drain::new();
    let (started, start) = channel();
    let thread = {
        let drain = drain.clone();
        std::thread::Builder::new()
            .name("carafe-test-server".to_owned())
            .spawn(move || live(&site, listener, &drain, &started))?
    };
    match start.recv() {
        Ok(Ok(())) => Ok(TestServer { addr, drain, thread: Some(thread) }),
        Ok(Err(error)) => Err(error),
        Err(_gone) => Err(Error::new(500).caused_by("a start-up step panicked")),
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
        tracing::error!(target: "carafe", "the test server failed: {error}");
    }
    runtime.block_on(site.stop(None));
}

#[inline]
fn serve(site: &Arc<Site>, listener: server::Listener, drain: &server::Drain) -> io::Result<()> {
    let mut limits = limits(site.core.config.settings());
    limits.shutdown_timeout = limits.shutdown_timeout.min(SHUTDOWN);
    server::serve(vec![listener], 1, limits, drain, || SiteService::new(site.clone()), || {})
}

impl TestServer {
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

impl Drop for TestServer {
    #[inline]
    fn drop(&mut self) {
        self.drain.begin();
        if let Some(thread) = self.thread.take() {
            // A panic of the server's thread has been told already.
            let _ = thread.join();
        }
    }
}

impl std::fmt::Debug for TestServer {
    #[inline]
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TestServer({})", self.url())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use crate::{App, Error};

    #[test]
    fn runs_the_shut_down_steps() {
        let stopped = Arc::new(AtomicBool::new(false));
        let noted = stopped.clone();
        let app = App::new().on_shutdown(move |_running| {
            noted.store(true, Ordering::SeqCst);
            async {}
        });
        let server = app.test_server();
        assert_eq!(server.url(), format!("http://{}", server.addr()));
        drop(server);
        assert!(stopped.load(Ordering::SeqCst));
    }

    #[test]
    fn tells_of_a_start_up_step_that_failed() {
        let app = App::new()
            .on_startup(|_running| async { Err(Error::new(500).describe("no database")) });
        let error = app.try_test_server().expect_err("the step fails").to_string();
        assert!(error.contains("no database"), "{error}");
    }
}
