//! [`TestRequest`]: a request being put together, then sent.

use std::fmt::Display;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{Duration, SystemTime};

use ::http::header::{
    ACCEPT, AUTHORIZATION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, LOCATION,
    SET_COOKIE, TRANSFER_ENCODING, USER_AGENT,
};
use ::http::{HeaderMap, HeaderName, HeaderValue, Method};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::Serialize;

use crate::error::Result;
use crate::http::Response;
use crate::request::Request;
use crate::session::Session;

use super::client::TestClient;
use super::context::TestContext;
use super::cookie::TestCookie;
use super::exchange::{Outgoing, Payload};
use super::multipart::TestMultipart;
use super::response::TestResponse;

/// Redirects that are followed before giving up, as browsers do.
const MAX_REDIRECTS: usize = 20;
/// How long an answer may take with its body.
const DEADLINE: Duration = Duration::from_secs(30);
/// The longest body that is read, in bytes.
const MAX_BODY: usize = 64 * 1024 * 1024;

/// A request to be sent by a [`TestClient`].
///
/// ```
/// # use carafe::prelude::*;
/// # let client = App::new().test_client();
/// let response = client
///     .post("/users")
///     .query(&[("draft", "yes")])
///     .header("accept-language", "ko")
///     .json(&["Ann", "Bob"])
///     .follow_redirects()
///     .send();
/// # assert_eq!(response.status(), 404);
/// ```
#[must_use = "the request goes out with `.send()`"]
pub struct TestRequest<'a> {
    client: &'a TestClient,
    outgoing: Outgoing,
    cookies: Vec<(String, String)>,
    follows: bool,
}

impl<'a> TestRequest<'a> {
    pub(super) fn new(client: &'a TestClient, method: Method, path: &str) -> TestRequest<'a> {
        let agent = HeaderValue::from_static(concat!("carafe-test/", env!("CARGO_PKG_VERSION")));
        TestRequest {
            client,
            outgoing: Outgoing {
                method,
                target: client.base.ask(path),
                headers: HeaderMap::from_iter([(USER_AGENT, agent)]),
                payload: Payload::None,
                remote: Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 50_000))),
                deadline: DEADLINE,
                max_body: MAX_BODY,
            },
            cookies: Vec::new(),
            follows: false,
        }
    }

    /// Adds to the query: `.query(&[("page", 2)])`.
    pub fn query<K: AsRef<str>, V: Display>(mut self, pairs: &[(K, V)]) -> TestRequest<'a> {
        self.outgoing.target.add_query(&form_encoded(pairs));
        self
    }

    /// Adds a header, beside those of the same name; `User-Agent` is replaced.
    ///
    /// # Panics
    /// When the name or the value has a character that HTTP does not allow.
    #[track_caller]
    pub fn header(mut self, name: &str, value: impl AsRef<str>) -> TestRequest<'a> {
        let value = value.as_ref();
        match (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            (Ok(name), Ok(value)) if name == USER_AGENT => {
                self.outgoing.headers.insert(name, value);
            }
            (Ok(name), Ok(value)) => {
                self.outgoing.headers.append(name, value);
            }
            (Err(_), _) => panic!("`{name}` is not the name of a header"),
            (_, Err(_)) => panic!("`{value:?}` cannot be the value of the header `{name}`"),
        }
        self
    }

    #[track_caller]
    fn set(mut self, name: HeaderName, value: &str) -> TestRequest<'a> {
        self.outgoing.headers.remove(&name);
        self.header(name.as_str(), value)
    }

    /// Says what the body is.
    #[track_caller]
    pub fn content_type(self, content_type: &str) -> TestRequest<'a> {
        self.set(CONTENT_TYPE, content_type)
    }

    /// Says what the client wants: `.accept("application/json")`.
    #[track_caller]
    pub fn accept(self, accept: &str) -> TestRequest<'a> {
        self.set(ACCEPT, accept)
    }

    /// The body, as bytes.
    pub fn body(mut self, body: impl Into<Bytes>) -> TestRequest<'a> {
        self.outgoing.payload = Payload::Whole(body.into());
        self
    }

    /// The body piece by piece, without an announced length, as a chunked upload comes.
    pub fn pieces<T: Into<Bytes>>(mut self, pieces: impl IntoIterator<Item = T>) -> TestRequest<'a> {
        self.outgoing.payload = Payload::Pieces(pieces.into_iter().map(Into::into).collect());
        self
    }

    /// A body of plain text.
    pub fn text(self, text: impl Into<String>) -> TestRequest<'a> {
        self.content_type("text/plain; charset=utf-8").body(text.into())
    }

    /// A JSON body.
    ///
    /// # Panics
    /// When the value cannot be written as JSON.
    #[track_caller]
    pub fn json(self, value: &(impl Serialize + ?Sized)) -> TestRequest<'a> {
        match serde_json::to_vec(value) {
            Ok(json) => self.content_type("application/json").body(json),
            Err(error) => panic!("the body cannot be written as JSON: {error}"),
        }
    }

    /// A form without files: `.form(&[("name", "Ann")])`.
    pub fn form<K: AsRef<str>, V: Display>(self, fields: &[(K, V)]) -> TestRequest<'a> {
        self.content_type("application/x-www-form-urlencoded").body(form_encoded(fields))
    }

    /// A form with files.
    ///
    /// ```
    /// # let client = carafe::App::new().test_client();
    /// client.post("/pictures").multipart(|form| {
    ///     form.field("title", "Cat").file("picture", "cat.png", "image/png", &b"\x89PNG"[..])
    /// });
    /// ```
    pub fn multipart(self, fill: impl FnOnce(TestMultipart) -> TestMultipart) -> TestRequest<'a> {
        let (content_type, body) = fill(TestMultipart::default()).finish();
        self.content_type(&content_type).body(body)
    }

    /// Logs in with a name and a password (RFC 7617).
    pub fn basic_auth(self, user: &str, password: &str) -> TestRequest<'a> {
        let credentials = STANDARD.encode(format!("{user}:{password}"));
        self.set(AUTHORIZATION, &format!("Basic {credentials}"))
    }

    /// Logs in with a token (RFC 6750).
    #[track_caller]
    pub fn bearer(self, token: &str) -> TestRequest<'a> {
        self.set(AUTHORIZATION, &format!("Bearer {token}"))
    }

    /// Another scheme and host: `.base_url("https://shop.example")`.
    pub fn base_url(mut self, url: &str) -> TestRequest<'a> {
        let base = self.outgoing.target.ask(url);
        self.outgoing.target.secure = base.secure;
        self.outgoing.target.host = base.host;
        self
    }

    /// A subdomain of the host: `.subdomain("api")`.
    pub fn subdomain(mut self, subdomain: &str) -> TestRequest<'a> {
        self.outgoing.target.host = format!("{subdomain}.{}", self.outgoing.target.host);
        self
    }

    /// The address that the request seems to come from; 127.0.0.1 by default.
    pub fn remote_addr(mut self, address: impl Into<IpAddr>) -> TestRequest<'a> {
        self.outgoing.remote = Some(SocketAddr::new(address.into(), 50_000));
        self
    }

    /// A cookie for this request alone; it wins over a kept one of the same name.
    pub fn cookie(mut self, name: &str, value: &str) -> TestRequest<'a> {
        self.cookies.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Follows redirects to the answer; those before are its [history](TestResponse::history).
    pub fn follow_redirects(mut self) -> TestRequest<'a> {
        self.follows = true;
        self
    }

    /// How long the answer may take with its body; 30 seconds by default. What came of an endless
    /// stream by then is the body.
    pub fn deadline(mut self, deadline: Duration) -> TestRequest<'a> {
        self.outgoing.deadline = deadline;
        self
    }

    /// The most bytes of the body that are read; 64 MiB by default.
    pub fn max_body(mut self, bytes: usize) -> TestRequest<'a> {
        self.outgoing.max_body = bytes;
        self
    }

    /// Sends the request and waits for the answer.
    ///
    /// A handler's error is a response of status 500 whose [`error`](TestResponse::error) says what
    /// happened; see [`TestClient::propagate_errors`] for a panic instead.
    ///
    /// # Panics
    /// When there is no answer in time, or redirects lead to another site or in a circle.
    #[track_caller]
    pub fn send(mut self) -> TestResponse {
        let mut history = Vec::new();
        loop {
            let mut response = self.send_once();
            let next = self.follows.then(|| self.redirected(&response)).flatten();
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
    fn whole_path(&self) -> String {
        format!("{}{}", self.client.stage.site.shared.script_root, self.outgoing.target.path)
    }

    /// The request with a `Cookie` header, unless the test wrote its own.
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
        let pairs: Vec<String> =
            own.iter().chain(kept).map(|cookie| format!("{}={}", cookie.name(), cookie.raw)).collect();
        if let (false, Ok(value)) = (pairs.is_empty(), HeaderValue::try_from(pairs.join("; "))) {
            outgoing.headers.insert(COOKIE, value);
        }
        outgoing
    }

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
    pub(super) fn open(&self) -> Result<Request> {
        let stage = &self.client.stage;
        let request = stage.request(&self.with_cookies());
        stage.wait(stage.site.core.sessions.open(&request))?;
        Ok(request)
    }

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
    pub fn context(self) -> TestContext {
        match self.open() {
            Ok(request) => TestContext::new(self.client.stage.clone(), request),
            Err(error) => panic!("the session cannot be opened: {error}"),
        }
    }
}

/// Whether a redirect stays with the app: the same host, or the base and its subdomains.
fn is_same_site(from: &str, to: &str, base: &str) -> bool {
    let is_in_base = |host: &str| {
        host == base || host.strip_suffix(base).is_some_and(|rest| rest.ends_with('.'))
    };
    from == to || (is_in_base(from) && is_in_base(to))
}

fn form_encoded<K: AsRef<str>, V: Display>(pairs: &[(K, V)]) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    for (name, value) in pairs {
        form.append_pair(name.as_ref(), &value.to_string());
    }
    form.finish()
}
