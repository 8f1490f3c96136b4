//! [`TestServer`]: an app on a real socket, for tests that the test client is too near for.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use super::BackgroundServer;
use crate::app::{App, SetupError};
use crate::config::{Loader, Profile};
use crate::error::Error;

/// An app that is served on a free port of this machine; dropped, it stops. See
/// [`App::test_server`].
#[must_use = "dropped, the server stops"]
pub struct TestServer(BackgroundServer);

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
        #[cfg(debug_assertions)]
        crate::dev::begin(&site);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(Error::from);
        listener
            .and_then(|listener| BackgroundServer::start(site, listener, "carafe-test-server"))
            .map(TestServer)
            .map_err(|error| SetupError::of_start(&error))
    }
}

impl TestServer {
    /// Where it listens.
    #[inline]
    pub fn addr(&self) -> SocketAddr {
        self.0.addr()
    }

    /// The URL of its root, such as `http://127.0.0.1:40123`; a path is put behind it.
    #[inline]
    pub fn url(&self) -> String {
        self.0.url()
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
