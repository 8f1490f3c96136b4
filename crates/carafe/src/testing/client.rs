//! [`TestClient`]: a visitor with a browser's memory, and the app it visits.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::SystemTime;

use ::http::Method;
use serde::de::DeserializeOwned;

use crate::app::{App, SetupError};
use crate::config::{Loader, Profile};
use crate::session::Session;

use super::cookie::TestCookie;
use super::exchange::Stage;
use super::jar::Jar;
use super::request::TestRequest;
use super::target::Target;

/// Sends requests to an app without a socket, and keeps cookies in between; see
/// [`App::test_client`].
///
/// ```
/// use carafe::prelude::*;
///
/// #[get("/")]
/// async fn index(request: &Request) -> String {
///     format!("hello, {}", request.query_string())
/// }
///
/// let client = App::new().routes(routes![index]).test_client();
/// let response = client.get("/").query(&[("page", 2)]).header("accept", "text/plain").send();
/// assert_eq!(response.status(), 200);
/// assert_eq!(response.text(), "hello, page=2");
/// ```
pub struct TestClient {
    pub(super) stage: Rc<Stage>,
    pub(super) jar: RefCell<Jar>,
    pub(super) base: Target,
    pub(super) propagates: bool,
}

impl App {
    /// A client that sends requests to this app, for tests.
    ///
    /// The app runs under the testing profile: `testing` is true and `[profile.testing]` of
    /// `carafe.toml` is in force; `.env` and the environment are not read, so that tests are the
    /// same everywhere. Start-up steps run now, shut-down steps when the last client is dropped.
    ///
    /// # Panics
    /// With every mistake of the setup, when the app cannot be served; and inside an async test,
    /// because the client waits by itself: write a plain `#[test] fn`.
    #[track_caller]
    #[inline]
    pub fn test_client(self) -> TestClient {
        match self.try_test_client() {
            Ok(client) => client,
            Err(error) => panic!("{error}"),
        }
    }

    /// As [`App::test_client`], to test the mistakes themselves.
    ///
    /// # Errors
    /// Every mistake of the setup and of the configuration, together; or the start-up step that failed.
    #[inline]
    pub fn try_test_client(self) -> Result<TestClient, SetupError> {
        let loader = Loader::new(self.root_folder()).text(".env", "").profile(Profile::Testing);
        let stage = Rc::new(Stage::new(self, loader)?);
        let settings = stage.site.core.config.settings();
        let host = settings.server_name.as_deref().unwrap_or("localhost");
        let base = Target::root(settings.preferred_url_scheme == "https", host);
        Ok(TestClient { stage, jar: RefCell::default(), base, propagates: false })
    }
}

macro_rules! methods {
    ($($name:ident $method:ident)*) => {$(
        #[doc = concat!("A `", stringify!($method), "` request, to be added to and sent.")]
        #[track_caller]
        #[inline]
        pub fn $name(&self, path: &str) -> TestRequest<'_> {
            TestRequest::new(self, Method::$method, path)
        }
    )*};
}

impl TestClient {
    methods! { get GET post POST put PUT patch PATCH delete DELETE head HEAD options OPTIONS trace TRACE }

    /// A request of any method, to be added to and sent.
    ///
    /// The path may have a query, and may be a whole URL; what a URL cannot hold is escaped.
    ///
    /// # Panics
    /// When the method has a character that HTTP does not allow.
    #[track_caller]
    #[inline]
    pub fn request(&self, method: &str, path: &str) -> TestRequest<'_> {
        match Method::from_bytes(method.as_bytes()) {
            Ok(method) => TestRequest::new(self, method, path),
            Err(_) => panic!("`{method}` is not an HTTP method"),
        }
    }

    /// Another visitor of the same app, without cookies.
    ///
    /// ```
    /// # use carafe::App;
    /// let ann = App::new().test_client();
    /// let bob = ann.another();
    /// ann.set_cookie("name", "Ann");
    /// assert_eq!(bob.cookie("name"), None);
    /// ```
    #[must_use]
    #[inline]
    pub fn another(&self) -> TestClient {
        TestClient {
            stage: self.stage.clone(),
            jar: RefCell::default(),
            base: self.base.clone(),
            propagates: self.propagates,
        }
    }

    /// The scheme and the host of all requests; by default `http://localhost`, or what the config
    /// keys `preferred_url_scheme` and `server_name` say.
    #[must_use]
    #[inline]
    pub fn base_url(mut self, url: &str) -> TestClient {
        self.base = self.base.ask(url);
        self
    }

    /// Makes each request panic with the error when one ends in a 500, as Flask's client does.
    #[must_use]
    #[inline]
    pub fn propagate_errors(mut self) -> TestClient {
        self.propagates = true;
        self
    }

    /// The value of a cookie that is kept.
    #[inline]
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.jar.borrow().find(name, SystemTime::now()).map(TestCookie::value)
    }

    /// Keeps a cookie for the whole site.
    ///
    /// # Panics
    /// When the name has a character that HTTP does not allow.
    #[track_caller]
    #[inline]
    pub fn set_cookie(&self, name: &str, value: &str) {
        match TestCookie::new(name, value) {
            Some(cookie) => self.jar.borrow_mut().keep(cookie, &self.base, "/", SystemTime::now()),
            None => panic!("`{name}` cannot be the name of a cookie"),
        }
    }

    /// Forgets all cookies of this name.
    #[inline]
    pub fn delete_cookie(&self, name: &str) {
        self.jar.borrow_mut().delete(name);
    }

    /// Forgets all cookies.
    #[inline]
    pub fn clear_cookies(&self) {
        self.jar.borrow_mut().clear();
    }

    /// Reads and changes the visitor's session: Flask's `session_transaction`.
    ///
    /// ```
    /// # use carafe::App;
    /// let client = App::new().test_client();
    /// client.session(|session| session.set("user", 5)).unwrap();
    /// assert_eq!(client.session_get("user"), Some(5));
    /// ```
    ///
    /// # Panics
    /// When the session cannot be opened or saved.
    #[track_caller]
    #[inline]
    pub fn session<T>(&self, change: impl FnOnce(&Session) -> T) -> T {
        match TestRequest::new(self, Method::GET, "/").change_session(change) {
            Ok(result) => result,
            Err(error) => panic!("the session cannot be changed: {error}"),
        }
    }

    /// A value of the visitor's session; `None` when there is none, or it is not a `T`.
    #[track_caller]
    #[inline]
    pub fn session_get<T: DeserializeOwned>(&self, key: &str) -> Option<T> {
        self.session(|session| session.get(key))
    }
}
