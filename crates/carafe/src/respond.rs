//! From what a handler returns to a [`Response`]: [`IntoResponse`] and its forms.

use std::borrow::Cow;

use ::http::header::{CONTENT_TYPE, LOCATION};
use ::http::{HeaderMap, HeaderName, HeaderValue};
use bytes::Bytes;
use serde::Serialize;

use crate::error::{Error, Result};
use crate::http::{Body, Response, Status};
use crate::request::Request;

/// What a handler may return.
///
/// Text is HTML, as in Flask; `(body, status)`, `(body, headers)` and `(body, status, headers)` set
/// more; `None` is a 404.
///
/// ```
/// use carafe::{IntoResponse, Json, Response, Result, Request};
///
/// // A type of one's own:
/// struct Png(Vec<u8>);
///
/// impl IntoResponse for Png {
///     fn into_response(self, _request: &Request) -> Result<Response> {
///         Ok(Response::typed("image/png", self.0))
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "a handler cannot return `{Self}`",
    label = "cannot be made into a response",
    note = "return text, `Html`, `Json(value)`, `Response`, `(body, status)`, an `Option` or a `Result` of these",
    note = "a status alone is written `((), 204)`"
)]
pub trait IntoResponse {
    /// Makes the response.
    ///
    /// # Errors
    /// Any error; it goes to the app's error handlers.
    fn into_response(self, request: &Request) -> Result<Response>;
}

impl IntoResponse for Response {
    fn into_response(self, _request: &Request) -> Result<Response> {
        Ok(self)
    }
}

impl IntoResponse for ::http::Response<Body> {
    fn into_response(self, _request: &Request) -> Result<Response> {
        Ok(self.into())
    }
}

impl IntoResponse for () {
    fn into_response(self, _request: &Request) -> Result<Response> {
        Ok(Response::new(Body::empty()))
    }
}

macro_rules! html {
    ($($text:ty),*) => {$(
        impl IntoResponse for $text {
            fn into_response(self, _request: &Request) -> Result<Response> {
                Ok(Response::html(self))
            }
        }
    )*};
}
html!(&'static str, String, &'static [u8], Vec<u8>, Bytes);

impl IntoResponse for Cow<'static, str> {
    fn into_response(self, request: &Request) -> Result<Response> {
        match self {
            Cow::Borrowed(text) => text.into_response(request),
            Cow::Owned(text) => text.into_response(request),
        }
    }
}

impl IntoResponse for Body {
    fn into_response(self, _request: &Request) -> Result<Response> {
        Ok(Response::html(self))
    }
}

/// HTML, such as a rendered template.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Html<T = String>(pub T);

impl<T: Into<Body>> IntoResponse for Html<T> {
    fn into_response(self, _request: &Request) -> Result<Response> {
        Ok(Response::html(self.0))
    }
}

/// Plain text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text<T = String>(pub T);

impl<T: Into<Body>> IntoResponse for Text<T> {
    fn into_response(self, _request: &Request) -> Result<Response> {
        Ok(Response::text(self.0))
    }
}

/// JSON: out of a handler, any value that serde can serialize; into one, the request's body.
///
/// As a handler's argument it answers 415 for another content type and 400, with the field's path,
/// for a body that does not fit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Json<T>(pub T);

impl<T> std::ops::Deref for Json<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self, request: &Request) -> Result<Response> {
        let json = request.shared().json;
        Ok(Response::typed("application/json", json.encode(&self.0)?))
    }
}

/// How JSON is printed; config keys `json_sort_keys` and `json_compact`.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct JsonStyle {
    pub(crate) sort_keys: bool,
    pub(crate) indent: bool,
}

impl JsonStyle {
    /// The text, with a line end as in Flask.
    pub(crate) fn encode<T: Serialize + ?Sized>(self, value: &T) -> Result<Vec<u8>> {
        let mut text = Vec::with_capacity(128);
        if self.sort_keys {
            // serde_json's own map is sorted.
            let value = serde_json::to_value(value)?;
            self.write(&mut text, &value)?;
        } else {
            self.write(&mut text, value)?;
        }
        text.push(b'\n');
        Ok(text)
    }

    fn write<T: Serialize + ?Sized>(self, text: &mut Vec<u8>, value: &T) -> Result<()> {
        if self.indent {
            serde_json::to_writer_pretty(text, value)?;
        } else {
            serde_json::to_writer(text, value)?;
        }
        Ok(())
    }
}

/// A redirect; made by [`redirect`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirect {
    location: String,
    status: Status,
}

/// Sends the client to another URL with status 302, as Flask's `redirect` does.
///
/// ```
/// use carafe::redirect;
///
/// let moved = redirect("/new").permanent(); // 308: the method and the body go along
/// let done = redirect("/thanks").see_other(); // 303: go and get this page
/// ```
pub fn redirect(location: impl Into<String>) -> Redirect {
    Redirect { location: location.into(), status: Status::FOUND }
}

impl Redirect {
    /// Status 308: for good, keeping the method.
    #[must_use]
    #[inline]
    pub fn permanent(self) -> Redirect {
        self.with_status(Status::PERMANENT_REDIRECT)
    }

    /// Status 303: go on with GET.
    #[must_use]
    #[inline]
    pub fn see_other(self) -> Redirect {
        self.with_status(Status::SEE_OTHER)
    }

    /// Another status, such as 301 or 307.
    #[must_use]
    pub fn with_status(mut self, status: impl crate::http::IntoStatus) -> Redirect {
        self.status = status.into_status();
        self
    }

    /// Where the client is sent.
    pub fn location(&self) -> &str {
        &self.location
    }
}

impl IntoResponse for Redirect {
    fn into_response(self, _request: &Request) -> Result<Response> {
        let location = location_value(&self.location)?;
        let link = crate::http::escaped(&self.location);
        let mut response = Response::html(format!(
            "<!doctype html>\n<html lang=en>\n<title>Redirecting</title>\n\
             <p>This page is at <a href=\"{link}\">{link}</a>.</p>\n"
        ))
        .with_status(self.status);
        response.headers_mut().insert(LOCATION, location);
        Ok(response)
    }
}

/// A URL as a header's value: what is not visible ASCII is percent-encoded (RFC 3987 section 3.1).
fn location_value(location: &str) -> Result<HeaderValue> {
    use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
    const UNSAFE: &AsciiSet =
        &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'\\').add(b'`');
    Ok(HeaderValue::try_from(utf8_percent_encode(location, UNSAFE).to_string())?)
}

impl<T: IntoResponse> IntoResponse for Option<T> {
    fn into_response(self, request: &Request) -> Result<Response> {
        match self {
            Some(value) => value.into_response(request),
            None => Err(Error::new(Status::NOT_FOUND)),
        }
    }
}

impl<T: IntoResponse, E: Into<Error>> IntoResponse for std::result::Result<T, E> {
    fn into_response(self, request: &Request) -> Result<Response> {
        self.map_err(Into::into)?.into_response(request)
    }
}

impl IntoResponse for Error {
    fn into_response(self, _request: &Request) -> Result<Response> {
        Err(self)
    }
}

impl<T: IntoResponse> IntoResponse for (T, Status) {
    fn into_response(self, request: &Request) -> Result<Response> {
        Ok(self.0.into_response(request)?.with_status(self.1))
    }
}

impl<T: IntoResponse> IntoResponse for (T, u16) {
    fn into_response(self, request: &Request) -> Result<Response> {
        Ok(self.0.into_response(request)?.with_status(self.1))
    }
}

impl<T: IntoResponse> IntoResponse for (Status, T) {
    fn into_response(self, request: &Request) -> Result<Response> {
        (self.1, self.0).into_response(request)
    }
}

/// Headers as a part of a handler's answer: pairs of texts, or a whole `HeaderMap`.
///
/// `content-type` replaces the body's own; every other name is added.
pub trait IntoHeaders {
    /// Puts the headers on the response.
    ///
    /// # Errors
    /// 500 when a name or a value has a character that HTTP does not allow.
    fn apply(self, headers: &mut HeaderMap) -> Result<()>;
}

#[inline]
fn apply_pair(headers: &mut HeaderMap, name: &str, value: &str) -> Result<()> {
    let name = HeaderName::try_from(name)?;
    let value = HeaderValue::try_from(value)?;
    if name == CONTENT_TYPE {
        headers.insert(name, value);
    } else {
        headers.append(name, value);
    }
    Ok(())
}

impl<N: AsRef<str>, V: AsRef<str>, const LEN: usize> IntoHeaders for [(N, V); LEN] {
    #[inline]
    fn apply(self, headers: &mut HeaderMap) -> Result<()> {
        self.iter().try_for_each(|(name, value)| apply_pair(headers, name.as_ref(), value.as_ref()))
    }
}

impl<N: AsRef<str>, V: AsRef<str>> IntoHeaders for Vec<(N, V)> {
    #[inline]
    fn apply(self, headers: &mut HeaderMap) -> Result<()> {
        self.iter().try_for_each(|(name, value)| apply_pair(headers, name.as_ref(), value.as_ref()))
    }
}

impl IntoHeaders for HeaderMap {
    #[inline]
    fn apply(self, headers: &mut HeaderMap) -> Result<()> {
        headers.extend(self);
        Ok(())
    }
}

impl<T: IntoResponse, H: IntoHeaders> IntoResponse for (T, H) {
    fn into_response(self, request: &Request) -> Result<Response> {
        let mut response = self.0.into_response(request)?;
        self.1.apply(response.headers_mut())?;
        Ok(response)
    }
}

impl<T: IntoResponse, S: crate::http::IntoStatus, H: IntoHeaders> IntoResponse for (T, S, H) {
    fn into_response(self, request: &Request) -> Result<Response> {
        (self.0, self.2).into_response(request).map(|response| response.with_status(self.1))
    }
}
