//! A response's headers by their meaning: Flask's attributes, each read by its name and set by
//! `set_...`.
//!
//! A value that HTTP does not allow is left out and logged, as [`Response::set_header`] does.

use std::time::{Duration, SystemTime};

use ::http::Method;
use ::http::header::{self, HeaderName, HeaderValue};

use super::Response;
use super::values::{
    CacheControl, ContentRange, ContentSecurityPolicy, ETag, HeaderSet, InvalidValue, MediaType,
    WwwAuthenticate, field, http_date, parse_date,
};

/// When a client may try again; see [`Response::set_retry_after`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    /// After so many whole seconds.
    In(Duration),
    /// At this time.
    At(SystemTime),
}

impl From<Duration> for RetryAfter {
    #[inline]
    fn from(wait: Duration) -> RetryAfter {
        RetryAfter::In(wait)
    }
}

impl From<SystemTime> for RetryAfter {
    #[inline]
    fn from(time: SystemTime) -> RetryAfter {
        RetryAfter::At(time)
    }
}

macro_rules! dates {
    ($($(#[$doc:meta])* $name:ident, $set:ident = $header:ident;)*) => {$(
        $(#[$doc])*
        #[inline]
        pub fn $name(&self) -> Option<SystemTime> {
            parse_date(self.header(header::$header)?)
        }

        /// Sets it; fractions of a second are dropped.
        #[inline]
        pub fn $set(&mut self, time: SystemTime) {
            self.put(header::$header, http_date(time));
        }
    )*};
}

macro_rules! sets {
    ($($(#[$doc:meta])* $name:ident, $add:ident = $header:ident;)*) => {$(
        $(#[$doc])*
        #[inline]
        pub fn $name(&self) -> HeaderSet {
            self.set_of(&header::$header)
        }

        /// Adds a name to it, unless it is there already.
        #[inline]
        pub fn $add(&mut self, name: &str) {
            self.add_to(header::$header, name);
        }
    )*};
}

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident, $set:ident = $header:expr;)*) => {$(
        $(#[$doc])*
        #[inline]
        pub fn $name(&self) -> Option<&str> {
            self.header($header)
        }

        /// Sets it.
        #[inline]
        pub fn $set(&mut self, value: impl AsRef<str>) {
            self.put($header, value.as_ref());
        }
    )*};
}

/// Whether a media type is text, so that its charset is said: Werkzeug's list.
#[inline]
pub(crate) fn is_text(mimetype: &str) -> bool {
    const MORE: [&str; 6] = [
        "application/ecmascript",
        "application/javascript",
        "application/sql",
        "application/xml",
        "application/xml-dtd",
        "application/xml-external-parsed-entity",
    ];
    mimetype.starts_with("text/") || mimetype.ends_with("+xml") || MORE.contains(&mimetype)
}

impl Response {
    dates! {
        /// When the content last changed.
        last_modified, set_last_modified = LAST_MODIFIED;
        /// When the content goes stale.
        expires, set_expires = EXPIRES;
        /// When the response was made; by default the server sets it while sending.
        date, set_date = DATE;
    }

    sets! {
        /// The request headers that the content depends on.
        vary, add_vary = VARY;
        /// The methods that the address takes.
        allow, add_allow = ALLOW;
        /// The languages of those whom the content is for.
        content_language, add_content_language = CONTENT_LANGUAGE;
        /// CORS: the methods that pages of other sites may use.
        access_control_allow_methods, add_access_control_allow_method = ACCESS_CONTROL_ALLOW_METHODS;
        /// CORS: the headers that pages of other sites may send.
        access_control_allow_headers, add_access_control_allow_header = ACCESS_CONTROL_ALLOW_HEADERS;
        /// CORS: the headers that pages of other sites may read.
        access_control_expose_headers, add_access_control_expose_header = ACCESS_CONTROL_EXPOSE_HEADERS;
    }

    texts! {
        /// The media type with its parameters.
        content_type, set_content_type = header::CONTENT_TYPE;
        /// How the content is encoded, such as `gzip`.
        content_encoding, set_content_encoding = header::CONTENT_ENCODING;
        /// Where the content is found by itself.
        content_location, set_content_location = header::CONTENT_LOCATION;
        /// Where the client is sent.
        location, set_location = header::LOCATION;
        /// In which unit ranges may be asked for: `bytes` or `none`.
        accept_ranges, set_accept_ranges = header::ACCEPT_RANGES;
        /// CORS: the site whose pages may read the response, or `*`.
        access_control_allow_origin, set_access_control_allow_origin = header::ACCESS_CONTROL_ALLOW_ORIGIN;
        /// Which windows may share a process with the page, such as `same-origin`.
        cross_origin_opener_policy, set_cross_origin_opener_policy =
            HeaderName::from_static("cross-origin-opener-policy");
        /// What the page may embed, such as `require-corp`.
        cross_origin_embedder_policy, set_cross_origin_embedder_policy =
            HeaderName::from_static("cross-origin-embedder-policy");
    }

    /// The media type in lower case, without parameters; empty when there is none.
    #[inline]
    pub fn mimetype(&self) -> String {
        let content_type = self.content_type().unwrap_or_default();
        content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }

    /// The media type with its parameters, read; `None` when it cannot be.
    #[inline]
    pub fn mimetype_params(&self) -> Option<MediaType> {
        self.content_type()?.parse().ok()
    }

    /// Sets the media type; text gets `charset=utf-8`.
    #[inline]
    pub fn set_mimetype(&mut self, mimetype: &str) {
        match is_text(mimetype) && !mimetype.contains(';') {
            true => self.put(header::CONTENT_TYPE, format!("{mimetype}; charset=utf-8")),
            false => self.put(header::CONTENT_TYPE, mimetype),
        }
    }

    /// Whether the body says that it is JSON.
    #[inline]
    pub fn is_json(&self) -> bool {
        self.mimetype_params().is_some_and(|media_type| media_type.is_json())
    }

    /// The name of this state of the content.
    #[inline]
    pub fn etag(&self) -> Option<ETag> {
        self.header(header::ETAG)?.parse().ok()
    }

    /// Sets the name of this state of the content.
    #[inline]
    pub fn set_etag(&mut self, etag: &ETag) {
        self.headers_mut().insert(header::ETAG, etag.to_header_value());
    }

    /// Names this state by a hash of the body, unless it has a name; a stream gets none.
    #[inline]
    pub fn add_etag(&mut self) {
        if self.headers().contains_key(header::ETAG) {
            return;
        }
        if let Some(etag) = self.body().as_bytes().map(ETag::from_content) {
            self.set_etag(&etag);
        }
    }

    /// How old a cached copy is, in whole seconds.
    #[inline]
    pub fn age(&self) -> Option<Duration> {
        self.header(header::AGE)?.trim().parse().ok().map(Duration::from_secs)
    }

    /// Sets how old a cached copy is, in whole seconds.
    #[inline]
    pub fn set_age(&mut self, age: Duration) {
        self.headers_mut().insert(header::AGE, HeaderValue::from(age.as_secs()));
    }

    /// When the client may try again.
    #[inline]
    pub fn retry_after(&self) -> Option<RetryAfter> {
        let text = self.header(header::RETRY_AFTER)?;
        match text.trim().parse() {
            Ok(seconds) => Some(RetryAfter::In(Duration::from_secs(seconds))),
            Err(_) => parse_date(text).map(RetryAfter::At),
        }
    }

    /// Says when the client may try again: after a `Duration` or at a `SystemTime`.
    #[inline]
    pub fn set_retry_after(&mut self, when: impl Into<RetryAfter>) {
        match when.into() {
            RetryAfter::In(wait) => self.put(header::RETRY_AFTER, wait.as_secs().to_string()),
            RetryAfter::At(time) => self.put(header::RETRY_AFTER, http_date(time)),
        }
    }

    /// What caches may do.
    #[inline]
    pub fn cache_control(&self) -> CacheControl {
        CacheControl::parse(&field(self.headers(), header::CACHE_CONTROL).unwrap_or_default())
    }

    /// Changes what caches may do.
    ///
    /// ```
    /// # use carafe::Response;
    /// # use std::time::Duration;
    /// let mut response = Response::text("hello");
    /// response.update_cache_control(|cache| cache.public().max_age(Duration::from_secs(60)));
    /// assert_eq!(response.headers()["cache-control"], "public, max-age=60");
    /// ```
    #[inline]
    pub fn update_cache_control(&mut self, change: impl FnOnce(CacheControl) -> CacheControl) {
        let cache = change(self.cache_control());
        match cache.is_empty() {
            true => drop(self.headers_mut().remove(header::CACHE_CONTROL)),
            false => {
                drop(self.headers_mut().insert(header::CACHE_CONTROL, cache.to_header_value()))
            }
        }
    }

    /// Which part of the content this is.
    #[inline]
    pub fn content_range(&self) -> Option<ContentRange> {
        self.header(header::CONTENT_RANGE)?.parse().ok()
    }

    /// Says which part of the content this is.
    #[inline]
    pub fn set_content_range(&mut self, range: &ContentRange) {
        self.headers_mut().insert(header::CONTENT_RANGE, range.to_header_value());
    }

    /// The challenges of a 401, as far as each has a line of its own.
    #[inline]
    pub fn www_authenticate(&self) -> Vec<WwwAuthenticate> {
        let lines = self.headers().get_all(header::WWW_AUTHENTICATE).iter();
        lines.filter_map(|line| line.to_str().ok()?.parse().ok()).collect()
    }

    /// Adds a challenge.
    #[inline]
    pub fn add_www_authenticate(&mut self, challenge: &WwwAuthenticate) {
        self.headers_mut().append(header::WWW_AUTHENTICATE, challenge.to_header_value());
    }

    /// What the page may load.
    #[inline]
    pub fn content_security_policy(&self) -> Option<ContentSecurityPolicy> {
        self.header(header::CONTENT_SECURITY_POLICY).map(ContentSecurityPolicy::parse)
    }

    /// Says what the page may load.
    ///
    /// # Errors
    /// When a directive or a source has a character that would end it.
    #[inline]
    pub fn set_content_security_policy(
        &mut self,
        policy: &ContentSecurityPolicy,
    ) -> Result<(), InvalidValue> {
        let value = policy.to_header_value()?;
        self.headers_mut().insert(header::CONTENT_SECURITY_POLICY, value);
        Ok(())
    }

    /// As [`Response::set_content_security_policy`], but breaches are only reported.
    ///
    /// # Errors
    /// As there.
    #[inline]
    pub fn set_content_security_policy_report_only(
        &mut self,
        policy: &ContentSecurityPolicy,
    ) -> Result<(), InvalidValue> {
        let value = policy.to_header_value()?;
        self.headers_mut().insert(header::CONTENT_SECURITY_POLICY_REPORT_ONLY, value);
        Ok(())
    }

    /// CORS: whether pages of other sites may read the response together with cookies.
    #[inline]
    pub fn access_control_allow_credentials(&self) -> bool {
        self.header(header::ACCESS_CONTROL_ALLOW_CREDENTIALS) == Some("true")
    }

    /// CORS: sets whether pages of other sites may read the response together with cookies.
    #[inline]
    pub fn set_access_control_allow_credentials(&mut self, allow: bool) {
        const NAME: HeaderName = header::ACCESS_CONTROL_ALLOW_CREDENTIALS;
        match allow {
            true => drop(self.headers_mut().insert(NAME, HeaderValue::from_static("true"))),
            false => drop(self.headers_mut().remove(NAME)),
        }
    }

    /// CORS: sets how long a browser may remember a preflight, in whole seconds.
    #[inline]
    pub fn set_access_control_max_age(&mut self, age: Duration) {
        self.headers_mut().insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from(age.as_secs()));
    }

    /// CORS: lets pages of other sites use these methods, besides the simple ones.
    #[inline]
    pub fn allow_methods(&mut self, methods: impl IntoIterator<Item = Method>) {
        methods
            .into_iter()
            .for_each(|method| self.add_access_control_allow_method(method.as_str()));
    }

    /// Runs a function once the body was sent, or given up.
    ///
    /// ```
    /// # use carafe::Response;
    /// let mut response = Response::text("hello");
    /// response.call_on_close(|| tracing::debug!("sent"));
    /// ```
    #[inline]
    pub fn call_on_close(&mut self, close: impl FnOnce() + Send + 'static) {
        let body = self.take_body();
        self.replace_stream(body.on_close(close));
    }

    #[inline]
    fn put(&mut self, name: HeaderName, value: impl AsRef<str>) {
        match HeaderValue::try_from(value.as_ref()) {
            Ok(value) => drop(self.headers_mut().insert(name, value)),
            Err(_) => tracing::error!(
                target: "carafe",
                "header `{name}` was left out: its value has a character that HTTP does not allow"
            ),
        }
    }

    #[inline]
    fn set_of(&self, name: &HeaderName) -> HeaderSet {
        HeaderSet::parse(&field(self.headers(), name).unwrap_or_default())
    }

    #[inline]
    fn add_to(&mut self, header: HeaderName, name: &str) {
        let mut set = self.set_of(&header);
        set.add(name);
        self.headers_mut().insert(header, set.to_header_value());
    }
}
