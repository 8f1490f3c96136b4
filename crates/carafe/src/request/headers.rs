//! A request's query and headers, read: Flask's attributes by Flask's names.
//!
//! `X-Forwarded-For` and its kin are not read here: anybody can send them.

use std::borrow::Cow;
use std::time::SystemTime;

use ::http::header::{self, HeaderName};

use crate::error::{Error, Result};
use crate::http::values::{
    Authorization, CacheControl, Conditions, ETags, HeaderSet, IfRange, MediaType, MultiDict,
    Range, field, parse_date,
};

use super::Request;

impl Request {
    /// The query's keys and values.
    ///
    /// ```
    /// # fn demo(request: &carafe::Request) {
    /// let page = request.args().get_or("page", 1);
    /// # }
    /// ```
    #[inline]
    pub fn args(&self) -> &MultiDict {
        // A query is never longer than `max_header_size`, so its fields need no cap of their own.
        self.0.args.get_or_init(|| {
            let query = self.query_string().as_bytes();
            MultiDict::parse_with_limit(query, usize::MAX).unwrap_or_default()
        })
    }

    /// A value that the query must have: Flask's `args[key]`.
    ///
    /// # Errors
    /// 400 when it is missing.
    #[inline]
    pub fn arg(&self, key: &str) -> Result<&str> {
        self.args().get(key).ok_or_else(|| missing_key(key, "query"))
    }

    /// The `Content-Type` header as it was sent.
    #[inline]
    pub fn content_type(&self) -> Option<&str> {
        self.header(header::CONTENT_TYPE)
    }

    /// The body's media type in lower case, without parameters; empty when there is none.
    #[inline]
    pub fn mimetype(&self) -> Cow<'_, str> {
        let sent = self.content_type().unwrap_or_default();
        let mimetype = sent.split(';').next().unwrap_or_default().trim();
        if mimetype.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Cow::Owned(mimetype.to_ascii_lowercase());
        }
        Cow::Borrowed(mimetype)
    }

    /// The parameters of the body's media type, such as its charset; `None` when it cannot be read.
    #[inline]
    pub fn mimetype_params(&self) -> Option<MediaType> {
        self.content_type()?.parse().ok()
    }

    /// Whether the body says that it is JSON: `application/json` or `application/*+json`.
    #[inline]
    pub fn is_json(&self) -> bool {
        let mimetype = self.mimetype();
        match mimetype.strip_prefix("application/") {
            Some(subtype) => subtype == "json" || subtype.ends_with("+json"),
            None => false,
        }
    }

    /// How the body is encoded, such as `gzip` (`Content-Encoding`).
    #[inline]
    pub fn content_encoding(&self) -> Option<&str> {
        self.header(header::CONTENT_ENCODING)
    }

    /// Who the client says it is (`Authorization`); `None` also when it cannot be read.
    #[inline]
    pub fn authorization(&self) -> Option<Authorization> {
        self.header(header::AUTHORIZATION)?.parse().ok()
    }

    /// The user name of Basic authorization. Nothing has checked the password.
    #[inline]
    pub fn remote_user(&self) -> Option<String> {
        self.authorization()?.username().map(str::to_owned)
    }

    /// The client's program (`User-Agent`).
    #[inline]
    pub fn user_agent(&self) -> Option<&str> {
        self.header(header::USER_AGENT)
    }

    /// The page that led here (`Referer`).
    #[inline]
    pub fn referrer(&self) -> Option<&str> {
        self.header(header::REFERER)
    }

    /// The site whose page sent the request (`Origin`).
    #[inline]
    pub fn origin(&self) -> Option<&str> {
        self.header(header::ORIGIN)
    }

    /// All conditions together (RFC 9110 section 13).
    #[inline]
    pub fn conditions(&self) -> Conditions {
        Conditions::from_headers(self.headers())
    }

    /// `If-Match`; empty when absent.
    #[inline]
    pub fn if_match(&self) -> ETags {
        ETags::parse(&self.list(header::IF_MATCH))
    }

    /// `If-None-Match`; empty when absent.
    #[inline]
    pub fn if_none_match(&self) -> ETags {
        ETags::parse(&self.list(header::IF_NONE_MATCH))
    }

    /// `If-Modified-Since`; `None` when absent or no date.
    #[inline]
    pub fn if_modified_since(&self) -> Option<SystemTime> {
        self.time(header::IF_MODIFIED_SINCE)
    }

    /// `If-Unmodified-Since`; `None` when absent or no date.
    #[inline]
    pub fn if_unmodified_since(&self) -> Option<SystemTime> {
        self.time(header::IF_UNMODIFIED_SINCE)
    }

    /// `If-Range`; `None` when absent.
    #[inline]
    pub fn if_range(&self) -> Option<IfRange> {
        self.header(header::IF_RANGE).map(IfRange::parse)
    }

    /// `Range`; `None` when absent or not understood.
    #[inline]
    pub fn range(&self) -> Option<Range> {
        self.header(header::RANGE)?.parse().ok()
    }

    /// What the client asks of caches (`Cache-Control`).
    #[inline]
    pub fn cache_control(&self) -> CacheControl {
        CacheControl::parse(&self.list(header::CACHE_CONTROL))
    }

    /// `Pragma`, a set of names; `no-cache` is the only one in use.
    #[inline]
    pub fn pragma(&self) -> HeaderSet {
        HeaderSet::parse(&self.list(header::PRAGMA))
    }

    /// When the client sent the request, by its own clock (`Date`).
    #[inline]
    pub fn date(&self) -> Option<SystemTime> {
        self.time(header::DATE)
    }

    /// Through how many more proxies a TRACE or OPTIONS may go (`Max-Forwards`).
    #[inline]
    pub fn max_forwards(&self) -> Option<u64> {
        self.header(header::MAX_FORWARDS)?.trim().parse().ok()
    }

    /// The headers that a page of another site wants to send (CORS preflight).
    #[inline]
    pub fn access_control_request_headers(&self) -> HeaderSet {
        HeaderSet::parse(&self.list(header::ACCESS_CONTROL_REQUEST_HEADERS))
    }

    /// The method that a page of another site wants to use (CORS preflight).
    #[inline]
    pub fn access_control_request_method(&self) -> Option<&str> {
        self.header(header::ACCESS_CONTROL_REQUEST_METHOD)
    }

    #[inline]
    fn list(&self, name: HeaderName) -> Cow<'_, str> {
        field(self.headers(), name).unwrap_or_default()
    }

    #[inline]
    fn time(&self, name: HeaderName) -> Option<SystemTime> {
        parse_date(self.header(name)?)
    }
}

/// The error for a key that a handler needs: 400, naming it.
#[inline]
pub(crate) fn missing_key(key: &str, place: &str) -> Error {
    Error::new(400).describe(format!("`{key}` is missing in the {place}")).in_field(key)
}
