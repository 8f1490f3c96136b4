//! [`TestCookie`]: a `Set-Cookie` header, read as browsers do (RFC 6265 section 5.2).

use std::time::{Duration, SystemTime};

use crate::http::values::{SetCookie, parse_cookies, parse_date};

/// A cookie that a response has set, with its attributes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TestCookie {
    name: String,
    /// As it stands on the wire, where it may be quoted.
    pub(super) raw: String,
    domain: Option<String>,
    path: Option<String>,
    expires: Option<SystemTime>,
    /// Seconds; zero and below delete.
    max_age: Option<i64>,
    secure: bool,
    http_only: bool,
    same_site: Option<String>,
    partitioned: bool,
}

impl TestCookie {
    /// Reads a header; `None` when it names no cookie.
    #[inline]
    pub(super) fn parse(header: &str) -> Option<TestCookie> {
        let mut parts = header.split(';').map(str::trim);
        let (name, raw) = parts.next()?.split_once('=')?;
        if name.trim().is_empty() {
            return None;
        }
        let mut cookie = TestCookie {
            name: name.trim().to_owned(),
            raw: raw.trim().to_owned(),
            ..TestCookie::default()
        };
        for part in parts {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            cookie.read_attribute(&name.trim().to_ascii_lowercase(), value.trim());
        }
        Some(cookie)
    }

    #[inline]
    fn read_attribute(&mut self, name: &str, value: &str) {
        match name {
            "domain" => self.domain = some(value.trim_start_matches('.')),
            "path" => self.path = some(value),
            "expires" => self.expires = parse_date(value),
            "max-age" => self.max_age = value.parse().ok(),
            "samesite" => self.same_site = some(value),
            "secure" => self.secure = true,
            "httponly" => self.http_only = true,
            "partitioned" => self.partitioned = true,
            _ => {}
        }
    }

    /// A cookie as a test sets it.
    #[inline]
    pub(super) fn new(name: &str, value: &str) -> Option<TestCookie> {
        let header = SetCookie::new(name, value).to_header_value(SystemTime::UNIX_EPOCH).ok()?;
        TestCookie::parse(header.to_str().ok()?)
    }

    /// The name.
    #[inline]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The value as an app reads it.
    #[inline]
    pub fn value(&self) -> String {
        let pair = format!("v={}", self.raw);
        parse_cookies(pair.as_bytes()).get("v").unwrap_or(&self.raw).to_owned()
    }

    /// The `Domain`, without a leading dot.
    #[inline]
    pub fn domain(&self) -> Option<&str> {
        self.domain.as_deref()
    }

    /// The `Path`.
    #[inline]
    pub fn path(&self) -> Option<&str> {
        self.path.as_deref()
    }

    /// The `Expires` date.
    #[inline]
    pub fn expires(&self) -> Option<SystemTime> {
        self.expires
    }

    /// The `Max-Age` in seconds.
    #[inline]
    pub fn max_age(&self) -> Option<i64> {
        self.max_age
    }

    /// Whether it is sent over https only.
    #[inline]
    pub fn secure(&self) -> bool {
        self.secure
    }

    /// Whether scripts cannot read it.
    #[inline]
    pub fn http_only(&self) -> bool {
        self.http_only
    }

    /// The `SameSite` attribute, such as `Lax`.
    #[inline]
    pub fn same_site(&self) -> Option<&str> {
        self.same_site.as_deref()
    }

    /// Whether it is kept apart for each embedding site.
    #[inline]
    pub fn partitioned(&self) -> bool {
        self.partitioned
    }

    /// Whether the header tells the browser to forget the cookie.
    #[inline]
    pub fn is_deletion(&self) -> bool {
        let now = SystemTime::now();
        self.ends(now).is_some_and(|end| end <= now)
    }

    /// When the cookie ends; `None` for when the browser is closed. `Max-Age` wins.
    #[inline]
    pub(super) fn ends(&self, now: SystemTime) -> Option<SystemTime> {
        match self.max_age.map(u64::try_from) {
            Some(Ok(seconds)) => now.checked_add(Duration::from_secs(seconds)),
            Some(Err(_negative)) => Some(SystemTime::UNIX_EPOCH),
            None => self.expires,
        }
    }
}

#[inline]
fn some(value: &str) -> Option<String> {
    (!value.is_empty()).then(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_attributes() {
        let cookie = TestCookie::parse(
            "a=\"b\\073\"; Domain=.x.y; Path=/p; Max-Age=5; secure; HttpOnly; SameSite=Lax; New",
        );
        let cookie = cookie.unwrap();
        assert_eq!((cookie.name(), cookie.value().as_str()), ("a", "b;"));
        assert_eq!((cookie.domain(), cookie.path()), (Some("x.y"), Some("/p")));
        assert_eq!((cookie.max_age(), cookie.same_site()), (Some(5), Some("Lax")));
        assert!(cookie.secure() && cookie.http_only() && !cookie.partitioned());
        assert!(!cookie.is_deletion());
        assert_eq!(TestCookie::parse("a"), None);
        assert_eq!(TestCookie::parse("=a"), None);
    }

    #[test]
    fn deletions() {
        let check = |attributes: &str, is: bool| {
            let cookie = TestCookie::parse(&format!("a=; {attributes}")).unwrap();
            assert_eq!(cookie.is_deletion(), is, "{attributes}");
        };
        check("Max-Age=0", true);
        check("Max-Age=-1", true);
        check("Expires=Thu, 01 Jan 1970 00:00:00 GMT", true);
        check("Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=9", false);
        check("Expires=nonsense", false);
        check("", false);
    }
}
