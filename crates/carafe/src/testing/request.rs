//! [`TestRequest`]: a request being put together, then sent.

use std::fmt::Display;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use ::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use ::http::{HeaderMap, HeaderName, HeaderValue, Method};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::Serialize;

use super::client::TestClient;
use super::exchange::{Outgoing, Payload};
use super::multipart::TestMultipart;

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
    pub(super) client: &'a TestClient,
    pub(super) outgoing: Outgoing,
    pub(super) cookies: Vec<(String, String)>,
    pub(super) follows: bool,
}

impl<'a> TestRequest<'a> {
    #[inline]
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
    #[inline]
    pub fn query<K: AsRef<str>, V: Display>(mut self, pairs: &[(K, V)]) -> TestRequest<'a> {
        self.outgoing.target.add_query(&form_encoded(pairs));
        self
    }

    /// Adds a header, beside those of the same name; `User-Agent` is replaced.
    ///
    /// # Panics
    /// When the name or the value has a character that HTTP does not allow.
    #[track_caller]
    #[inline]
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
    #[inline]
    fn set(mut self, name: HeaderName, value: &str) -> TestRequest<'a> {
        self.outgoing.headers.remove(&name);
        self.header(name.as_str(), value)
    }

    /// Says what the body is.
    #[track_caller]
    #[inline]
    pub fn content_type(self, content_type: &str) -> TestRequest<'a> {
        self.set(CONTENT_TYPE, content_type)
    }

    /// Says what the client wants: `.accept("application/json")`.
    #[track_caller]
    #[inline]
    pub fn accept(self, accept: &str) -> TestRequest<'a> {
        self.set(ACCEPT, accept)
    }

    /// The body, as bytes.
    #[inline]
    pub fn body(mut self, body: impl Into<Bytes>) -> TestRequest<'a> {
        self.outgoing.payload = Payload::Whole(body.into());
        self
    }

    /// The body piece by piece, without an announced length, as a chunked upload comes.
    #[inline]
    pub fn pieces<T: Into<Bytes>>(
        mut self,
        pieces: impl IntoIterator<Item = T>,
    ) -> TestRequest<'a> {
        self.outgoing.payload = Payload::Pieces(pieces.into_iter().map(Into::into).collect());
        self
    }

    /// A body of plain text.
    #[inline]
    pub fn text(self, text: impl Into<String>) -> TestRequest<'a> {
        self.content_type("text/plain; charset=utf-8").body(text.into())
    }

    /// A JSON body.
    ///
    /// # Panics
    /// When the value cannot be written as JSON.
    #[track_caller]
    #[inline]
    pub fn json(self, value: &(impl Serialize + ?Sized)) -> TestRequest<'a> {
        match serde_json::to_vec(value) {
            Ok(json) => self.content_type("application/json").body(json),
            Err(error) => panic!("the body cannot be written as JSON: {error}"),
        }
    }

    /// A form without files: `.form(&[("name", "Ann")])`.
    #[inline]
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
    #[inline]
    pub fn multipart(self, fill: impl FnOnce(TestMultipart) -> TestMultipart) -> TestRequest<'a> {
        let (content_type, body) = fill(TestMultipart::default()).finish();
        self.content_type(&content_type).body(body)
    }

    /// Logs in with a name and a password (RFC 7617).
    #[inline]
    pub fn basic_auth(self, user: &str, password: &str) -> TestRequest<'a> {
        let credentials = STANDARD.encode(format!("{user}:{password}"));
        self.set(AUTHORIZATION, &format!("Basic {credentials}"))
    }

    /// Logs in with a token (RFC 6750).
    #[track_caller]
    #[inline]
    pub fn bearer(self, token: &str) -> TestRequest<'a> {
        self.set(AUTHORIZATION, &format!("Bearer {token}"))
    }

    /// Another scheme and host: `.base_url("https://shop.example")`.
    #[inline]
    pub fn base_url(mut self, url: &str) -> TestRequest<'a> {
        let base = self.outgoing.target.ask(url);
        self.outgoing.target.secure = base.secure;
        self.outgoing.target.host = base.host;
        self
    }

    /// A subdomain of the host: `.subdomain("api")`.
    #[inline]
    pub fn subdomain(mut self, subdomain: &str) -> TestRequest<'a> {
        self.outgoing.target.host = format!("{subdomain}.{}", self.outgoing.target.host);
        self
    }

    /// The address that the request seems to come from; 127.0.0.1 by default.
    #[inline]
    pub fn remote_addr(mut self, address: impl Into<IpAddr>) -> TestRequest<'a> {
        self.outgoing.remote = Some(SocketAddr::new(address.into(), 50_000));
        self
    }

    /// A cookie for this request alone; it wins over a kept one of the same name.
    #[inline]
    pub fn cookie(mut self, name: &str, value: &str) -> TestRequest<'a> {
        self.cookies.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Follows redirects to the answer; those before are its [history](crate::testing::TestResponse::history).
    #[inline]
    pub fn follow_redirects(mut self) -> TestRequest<'a> {
        self.follows = true;
        self
    }

    /// How long the answer may take with its body; 30 seconds by default. What came of an endless
    /// stream by then is the body.
    #[inline]
    pub fn deadline(mut self, deadline: Duration) -> TestRequest<'a> {
        self.outgoing.deadline = deadline;
        self
    }

    /// The most bytes of the body that are read; 64 MiB by default.
    #[inline]
    pub fn max_body(mut self, bytes: usize) -> TestRequest<'a> {
        self.outgoing.max_body = bytes;
        self
    }
}

#[inline]
fn form_encoded<K: AsRef<str>, V: Display>(pairs: &[(K, V)]) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    for (name, value) in pairs {
        form.append_pair(name.as_ref(), &value.to_string());
    }
    form.finish()
}
