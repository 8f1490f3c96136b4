//! Sending a [`TestRequest`]: cookies out and in, redirects, and what needs a request but no answer.

use std::time::SystemTime;

use ::http::header::{
    CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE, TRANSFER_ENCODING,
};
use ::http::{HeaderMap, HeaderValue, Method};

use crate::error::Result;
use crate::http::Response;
use crate::request::Request;
use crate::session::Session;

use super::context::TestContext;
use super::cookie::TestCookie;
use super::exchange::{Outgoing, Payload};
use super::request::TestRequest;
use super::response::TestResponse;

/// Redirects that are followed before giving up, as browsers do.
const MAX_REDIRECTS: usize = 20;

impl TestRequest<'_> {
    /// Sends the request and waits for the answer.
    ///
    /// A handler's error is a response of status 500 whose [`error`](TestResponse::error) says what
    /// happened; see
    /// [`propagate_errors`](crate::testing::TestClient::propagate_errors) for a panic instead.
    ///
    /// # Panics
    /// When there is no answer in time, or redirects lead to another site or in a circle.
    #[track_caller]
    #[inline]
    pub fn send(mut self) -> TestResponse {
        let mut history = Vec::new();
        loop {
            let mut response = self.send_once();
            let next = if self.follows { self.redirected(&response) } else { None };
            let Some(next) = next else {
                response.history = history;
                return response;
            };
            history.push(response);
            if history.len() > MAX_REDIRECTS {
                panic!("more than {MAX_REDIRECTS} redirects; the last one led to {}", next.target);
            }
            self.outgoing = next;
        }
    }

    #[track_caller]
    #[inline]
    fn send_once(&self) -> TestResponse {
        let outgoing = self.with_cookies();
        let incoming = self.client.stage.exchange(&outgoing);
        self.keep_cookies(&incoming.headers);
        if let (true, Some(error)) = (self.client.propagates, &incoming.error) {
            panic!("{} {} failed: {error}", outgoing.method, outgoing.target);
        }
        TestResponse::new(outgoing, incoming)
    }

    /// The request that a redirect asks for.
    #[track_caller]
    #[inline]
    fn redirected(&self, response: &TestResponse) -> Option<Outgoing> {
        if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
            return None;
        }
        let location = response.headers().get(LOCATION)?.to_str().ok()?;
        let mut next = self.outgoing.clone();
        next.target = next.target.follow(location);
        let (from, to) = (self.outgoing.target.hostname(), next.target.hostname());
        if !is_same_site(from, to, self.client.base.hostname()) {
            panic!("a redirect leads to another site: {}", next.target);
        }
        // The proxy in front takes the app's prefix off the path, and so does the client.
        let prefix = &self.client.stage.site.shared.script_root;
        if let Some(rest) = next.target.path.strip_prefix(prefix.as_str())
            && rest.starts_with('/')
        {
            next.target.path = rest.to_owned();
        }
        // RFC 9110 section 15.4: only 307 and 308 keep the method; what browsers do with the rest is GET.
        if !matches!(response.status().as_u16(), 307 | 308) {
            if next.method != Method::HEAD {
                next.method = Method::GET;
            }
            next.payload = Payload::None;
            for name in [CONTENT_TYPE, CONTENT_LENGTH, CONTENT_ENCODING, TRANSFER_ENCODING] {
                next.headers.remove(name);
            }
        }
        Some(next)
    }

    /// The path as the browser sees it: under the app's prefix.
    #[inline]
    fn whole_path(&self) -> String {
        format!("{}{}", self.client.stage.site.shared.script_root, self.outgoing.target.path)
    }

    /// The request with a `Cookie` header, unless the test wrote its own.
    #[inline]
    fn with_cookies(&self) -> Outgoing {
        let mut outgoing = self.outgoing.clone();
        if outgoing.headers.contains_key(COOKIE) {
            return outgoing;
        }
        let own = self.cookies.iter().filter_map(|(name, value)| TestCookie::new(name, value));
        let own: Vec<TestCookie> = own.collect();
        let jar = self.client.jar.borrow();
        let kept = jar.matching(&outgoing.target, &self.whole_path(), SystemTime::now());
        let kept = kept.into_iter().filter(|kept| own.iter().all(|own| own.name() != kept.name()));
        let pairs: Vec<String> = own
            .iter()
            .chain(kept)
            .map(|cookie| format!("{}={}", cookie.name(), cookie.raw))
            .collect();
        if let (false, Ok(value)) = (pairs.is_empty(), HeaderValue::try_from(pairs.join("; "))) {
            outgoing.headers.insert(COOKIE, value);
        }
        outgoing
    }

    #[inline]
    fn keep_cookies(&self, headers: &HeaderMap) {
        let (path, now) = (self.whole_path(), SystemTime::now());
        let mut jar = self.client.jar.borrow_mut();
        for cookie in headers.get_all(SET_COOKIE).iter().filter_map(|value| value.to_str().ok()) {
            if let Some(cookie) = TestCookie::parse(cookie) {
                jar.keep(cookie, &self.outgoing.target, &path, now);
            }
        }
    }

    /// The request as handlers see it, with its session open.
    #[inline]
    pub(super) fn open(&self) -> Result<Request> {
        let stage = &self.client.stage;
        let request = stage.request(&self.with_cookies());
        stage.wait(stage.site.core.sessions.open(&request))?;
        Ok(request)
    }

    #[inline]
    pub(super) fn change_session<T>(self, change: impl FnOnce(&Session) -> T) -> Result<T> {
        let request = self.open()?;
        let result = change(&request.session());
        let mut response = Response::text("");
        let stage = &self.client.stage;
        stage.wait(stage.site.core.sessions.save(&request, &mut response))?;
        self.keep_cookies(response.headers());
        Ok(result)
    }

    /// This request as a context for code that is not a handler; it is not sent.
    ///
    /// # Panics
    /// When the session cannot be opened.
    #[track_caller]
    #[inline]
    pub fn context(self) -> TestContext {
        match self.open() {
            Ok(request) => TestContext::new(self.client.stage.clone(), request),
            Err(error) => panic!("the session cannot be opened: {error}"),
        }
    }
}

/// Whether a redirect stays with the app: the same host, or the base and its subdomains.
#[inline]
fn is_same_site(from: &str, to: &str, base: &str) -> bool {
    let is_in_base = |host: &str| {
        host == base || host.strip_suffix(base).is_some_and(|rest| rest.ends_with('.'))
    };
    from == to || (is_in_base(from) && is_in_base(to))
}
