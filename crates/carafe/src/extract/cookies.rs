//! [`Cookies`]: the cookies that the visitor sent.

use std::fmt;
use std::sync::Arc;

use ::http::header::COOKIE;

use crate::error::Result;
use crate::http::values::{MultiDict, parse_cookies};
use crate::request::Request;

use super::FromRequest;

/// The cookies of a request, parsed when first asked for.
///
/// ```
/// use carafe::prelude::*;
/// use carafe::Cookies;
///
/// #[get("/")]
/// async fn theme(cookies: Cookies) -> String {
///     cookies.get("theme").unwrap_or("light").to_owned()
/// }
///
/// let client = App::new().routes(routes![theme]).test_client();
/// assert_eq!(client.get("/").send().text(), "light");
/// assert_eq!(client.get("/").cookie("theme", "dark").send().text(), "dark");
/// ```
#[derive(Clone)]
pub struct Cookies(Arc<Parsed>);

/// The slot's type, so that nobody else's `MultiDict` is taken for the cookies.
struct Parsed(MultiDict);

impl Cookies {
    /// The value of the first cookie of this name.
    #[inline]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.0.get(name)
    }

    /// The values of all cookies of this name, which may differ in path or domain.
    #[inline]
    pub fn getlist<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.0.0.getlist(name)
    }

    /// Whether there is a cookie of this name.
    #[inline]
    pub fn contains(&self, name: &str) -> bool {
        self.0.0.contains(name)
    }

    /// All names and values, in the order they were sent.
    #[inline]
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.0.iter()
    }

    /// How many cookies there are.
    #[inline]
    pub fn len(&self) -> usize {
        self.0.0.len()
    }

    /// Whether there are none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.0.0.is_empty()
    }
}

impl fmt::Debug for Cookies {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Values may be secret: not for logs.
        f.debug_list().entries(self.iter().map(|(name, _)| name)).finish()
    }
}

impl Request {
    /// The cookies that the visitor sent.
    #[inline]
    pub fn cookies(&self) -> Cookies {
        Cookies(self.slot(|| Parsed(parse(self))))
    }
}

/// HTTP/2 may send several headers; they are one list (RFC 9113 section 8.2.3).
#[inline]
fn parse(request: &Request) -> MultiDict {
    let mut headers = request.headers().get_all(COOKIE).iter();
    let Some(first) = headers.next() else {
        return MultiDict::new();
    };
    let mut cookies = parse_cookies(first.as_bytes());
    for more in headers {
        cookies.extend(parse_cookies(more.as_bytes()));
    }
    cookies
}

impl FromRequest for Cookies {
    #[inline]
    async fn from_request(request: &Request) -> Result<Cookies> {
        Ok(request.cookies())
    }
}
