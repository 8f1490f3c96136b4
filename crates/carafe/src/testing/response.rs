//! [`TestResponse`]: an answer that a test looks at.

use std::fmt;

use ::http::header::{AsHeaderName, CONTENT_TYPE, LOCATION, SET_COOKIE};
use ::http::{HeaderMap, Method};
use bytes::Bytes;
use serde::de::DeserializeOwned;

use crate::http::{IntoStatus, Status};

use super::cookie::TestCookie;
use super::exchange::{Incoming, Outgoing};

/// The answer to a [`TestRequest`](crate::testing::TestRequest), read whole.
pub struct TestResponse {
    method: Method,
    url: String,
    incoming: Incoming,
    pub(super) history: Vec<TestResponse>,
}

impl TestResponse {
    #[inline]
    pub(super) fn new(outgoing: Outgoing, incoming: Incoming) -> TestResponse {
        let url = outgoing.target.to_string();
        TestResponse { method: outgoing.method, url, incoming, history: Vec::new() }
    }

    /// The status; it compares with numbers: `assert_eq!(response.status(), 200)`.
    #[inline]
    pub fn status(&self) -> Status {
        self.incoming.status
    }

    /// Panics with the whole response, and the error behind it, unless it has this status.
    ///
    /// ```
    /// # let client = carafe::App::new().test_client();
    /// assert_eq!(client.get("/nowhere").send().assert_status(404).method(), "GET");
    /// ```
    ///
    /// # Panics
    /// When the status is another one.
    #[track_caller]
    #[inline]
    pub fn assert_status(&self, status: impl IntoStatus) -> &TestResponse {
        let wanted = status.into_status();
        assert!(self.status() == wanted, "the status is not {}: {self:?}", wanted.as_u16());
        self
    }

    /// The headers.
    #[inline]
    pub fn headers(&self) -> &HeaderMap {
        &self.incoming.headers
    }

    /// The text of a header; `None` when it is absent or not visible ASCII.
    #[inline]
    pub fn header(&self, name: impl AsHeaderName) -> Option<&str> {
        self.incoming.headers.get(name)?.to_str().ok()
    }

    /// The `Content-Type`.
    #[inline]
    pub fn content_type(&self) -> Option<&str> {
        self.header(CONTENT_TYPE)
    }

    /// The `Content-Type` without its parameters, such as `text/html`; empty when there is none.
    #[inline]
    pub fn mimetype(&self) -> &str {
        self.content_type().unwrap_or_default().split(';').next().unwrap_or_default().trim()
    }

    /// Where a redirect leads, as the app wrote it.
    #[inline]
    pub fn location(&self) -> Option<&str> {
        self.header(LOCATION)
    }

    /// The body.
    #[inline]
    pub fn bytes(&self) -> &Bytes {
        &self.incoming.bytes
    }

    /// The body as text; bytes that are not UTF-8 become U+FFFD.
    #[inline]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.incoming.bytes).into_owned()
    }

    /// The body read as JSON.
    ///
    /// # Panics
    /// With the whole response, when the body is not JSON of this type.
    #[track_caller]
    #[inline]
    pub fn json<T: DeserializeOwned>(&self) -> T {
        match serde_json::from_slice(&self.incoming.bytes) {
            Ok(value) => value,
            Err(error) => panic!("the body cannot be read as this JSON: {error}; {self:?}"),
        }
    }

    /// The cookies that this response sets or deletes, in order.
    #[inline]
    pub fn cookies(&self) -> Vec<TestCookie> {
        let headers = self.incoming.headers.get_all(SET_COOKIE).iter();
        headers.filter_map(|value| TestCookie::parse(value.to_str().ok()?)).collect()
    }

    /// The cookie of this name that the response sets or deletes last.
    #[inline]
    pub fn cookie(&self, name: &str) -> Option<TestCookie> {
        self.cookies().into_iter().rfind(|cookie| cookie.name() == name)
    }

    /// The redirects that led here, when they were followed.
    #[inline]
    pub fn history(&self) -> &[TestResponse] {
        &self.history
    }

    /// The URL that gave this response; another one than was asked for after redirects.
    #[inline]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The method of the request; `GET` after most redirects.
    #[inline]
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// What went wrong: the error behind a 500, with its causes, or why the body is not whole.
    #[inline]
    pub fn error(&self) -> Option<&str> {
        self.incoming.error.as_deref()
    }

    /// Whether the body was cut: by an error in its stream, by the deadline, or by the cap.
    #[inline]
    pub fn is_cut(&self) -> bool {
        self.incoming.cut.is_some()
    }
}

impl fmt::Debug for TestResponse {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} {} gave {}", self.method, self.url, self.status())?;
        if let Some(error) = self.error() {
            writeln!(f, "error: {error}")?;
        }
        for (name, value) in self.headers() {
            writeln!(f, "{name}: {}", String::from_utf8_lossy(value.as_bytes()))?;
        }
        let text = self.text();
        let shown: String = text.chars().take(2000).collect();
        let rest = if shown.len() < text.len() { "\n[..]" } else { "" };
        write!(f, "\n{shown}{rest}")
    }
}
