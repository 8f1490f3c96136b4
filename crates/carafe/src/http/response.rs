//! [`Response`]: status, headers and body, with Flask's setters.
//!
//! What a handler returns becomes one in `respond`; cookies, caching and conditions are printed by
//! `http::values`.

use std::fmt;
use std::time::SystemTime;

use ::http::header::{self, HeaderMap, HeaderName, HeaderValue};

use super::values::SetCookie;
use super::{Body, IntoStatus, Status};

/// An HTTP response.
///
/// ```
/// use carafe::Response;
///
/// let response = Response::text("made").with_status(201).with_header("x-made-by", "carafe");
/// assert_eq!(response.status(), 201);
/// assert_eq!(response.headers()["content-type"], "text/plain; charset=utf-8");
/// ```
pub struct Response(::http::Response<Body>);

impl Response {
    /// A response of status 200 with this body and no headers.
    pub fn new(body: impl Into<Body>) -> Response {
        Response(::http::Response::new(body.into()))
    }

    /// A response with a media type.
    pub fn typed(mimetype: &'static str, body: impl Into<Body>) -> Response {
        Response::with_type(HeaderValue::from_static(mimetype), body.into())
    }

    fn with_type(mimetype: HeaderValue, body: Body) -> Response {
        let mut response = ::http::Response::new(body);
        response.headers_mut().insert(header::CONTENT_TYPE, mimetype);
        Response(response)
    }

    /// Plain text in UTF-8.
    pub fn text(body: impl Into<Body>) -> Response {
        const PLAIN: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
        Response::with_type(PLAIN, body.into())
    }

    /// HTML in UTF-8.
    pub fn html(body: impl Into<Body>) -> Response {
        // A constant is checked by the compiler, not at each request.
        const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
        Response::with_type(HTML, body.into())
    }

    /// The status code.
    pub fn status(&self) -> Status {
        self.0.status()
    }

    /// Sets the status code.
    pub fn set_status(&mut self, status: impl IntoStatus) {
        *self.0.status_mut() = status.into_status();
    }

    /// The headers.
    pub fn headers(&self) -> &HeaderMap {
        self.0.headers()
    }

    /// The headers, to be changed.
    pub fn headers_mut(&mut self) -> &mut HeaderMap {
        self.0.headers_mut()
    }

    /// The text of one header; `None` when it is absent or not visible ASCII.
    pub fn header(&self, name: impl header::AsHeaderName) -> Option<&str> {
        self.0.headers().get(name)?.to_str().ok()
    }

    /// Replaces a header.
    ///
    /// A value that HTTP does not allow (a line break, for one) is left out and logged, so that
    /// nobody can smuggle a header into the response.
    pub fn set_header(&mut self, name: impl AsRef<str>, value: impl AsRef<str>) {
        let name = name.as_ref();
        match (HeaderName::try_from(name), HeaderValue::try_from(value.as_ref())) {
            (Ok(name), Ok(value)) => {
                self.0.headers_mut().insert(name, value);
            }
            _ => tracing::error!(
                target: "carafe",
                "header `{name}` was left out: its name or value has a character that HTTP does not allow"
            ),
        }
    }

    /// Adds a cookie (`Set-Cookie`, RFC 6265).
    #[inline]
    pub fn set_cookie(&mut self, cookie: SetCookie) {
        match cookie.to_header_value(SystemTime::now()) {
            Ok(value) => {
                self.0.headers_mut().append(header::SET_COOKIE, value);
            }
            Err(error) => tracing::error!(target: "carafe", "a cookie was left out: {error}"),
        }
    }

    /// Makes the browser forget the cookie of this name that was set for path `/`.
    #[inline]
    pub fn delete_cookie(&mut self, name: &str) {
        self.set_cookie(SetCookie::delete(name));
    }

    /// This response with another status.
    #[must_use]
    pub fn with_status(mut self, status: impl IntoStatus) -> Response {
        self.set_status(status);
        self
    }

    /// This response with one header replaced.
    #[must_use]
    pub fn with_header(mut self, name: impl AsRef<str>, value: impl AsRef<str>) -> Response {
        self.set_header(name, value);
        self
    }

    /// This response with one cookie more.
    #[must_use]
    #[inline]
    pub fn with_cookie(mut self, cookie: SetCookie) -> Response {
        self.set_cookie(cookie);
        self
    }

    /// The body.
    pub fn body(&self) -> &Body {
        self.0.body()
    }

    /// Replaces the body and gives back the old one.
    pub fn replace_body(&mut self, body: impl Into<Body>) -> Body {
        // The length is the engine's to say, from the body that is really sent.
        self.0.headers_mut().remove(header::CONTENT_LENGTH);
        std::mem::replace(self.0.body_mut(), body.into())
    }

    /// Takes the body and leaves an empty one under the same headers.
    pub(crate) fn take_body(&mut self) -> Body {
        std::mem::take(self.0.body_mut())
    }

    /// Replaces the body under the same headers.
    pub(crate) fn replace_stream(&mut self, body: Body) -> Body {
        std::mem::replace(self.0.body_mut(), body)
    }

    /// The `http` crate's form, as tower's middleware takes it.
    pub fn into_http(self) -> ::http::Response<Body> {
        self.0
    }
}

impl From<::http::Response<Body>> for Response {
    fn from(response: ::http::Response<Body>) -> Response {
        Response(response)
    }
}

impl fmt::Debug for Response {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status().as_u16())
            .field("headers", self.headers())
            .field("body", self.body())
            .finish()
    }
}
