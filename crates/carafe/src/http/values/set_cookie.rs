//! The `Set-Cookie` header, printed byte for byte as Werkzeug's `dump_cookie` does.

use super::date::http_date;
use super::invalid::InvalidValue;
use super::syntax::is_token;
use http::HeaderValue;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::fmt::{self, Write};
use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Browsers may drop a cookie whose header is longer, in bytes, without a word.
pub const COOKIE_SIZE_LIMIT: usize = 4093;

/// What a path may hold: the URL standard's path characters, `%` of what is encoded already, but
/// no semicolon.
#[rustfmt::skip]
const PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'%').remove(b'!').remove(b'$').remove(b'&').remove(b'\'').remove(b'(').remove(b')')
    .remove(b'*').remove(b'+').remove(b',').remove(b'/').remove(b':').remove(b'=').remove(b'@')
    .remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Which requests from other sites carry a cookie (RFC 6265bis section 4.1.2.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SameSite {
    /// None of them.
    Strict,
    /// Links followed to this site.
    Lax,
    /// All of them; browsers ask for `Secure` too.
    None,
}

/// Reads `lax`, `Strict`, `NONE`.
impl FromStr for SameSite {
    type Err = InvalidValue;

    #[inline]
    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        [SameSite::Strict, SameSite::Lax, SameSite::None]
            .into_iter()
            .find(|same_site| same_site.name().eq_ignore_ascii_case(text))
            .ok_or_else(|| InvalidValue::new("`Strict`, `Lax` or `None`", text))
    }
}

impl SameSite {
    fn name(self) -> &'static str {
        match self {
            SameSite::Strict => "Strict",
            SameSite::Lax => "Lax",
            SameSite::None => "None",
        }
    }
}

impl fmt::Display for SameSite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A cookie to be set. Names and domains are checked when it is printed, values are escaped: no
/// text can add an attribute or a header.
///
/// ```
/// use carafe::http::values::{SameSite, SetCookie};
/// use std::time::{Duration, SystemTime};
/// let cookie = SetCookie::new("theme", "dark; or not").http_only(true).same_site(SameSite::Lax);
/// assert_eq!(
///     cookie.to_header_value(SystemTime::now())?,
///     r#"theme="dark\073 or not"; HttpOnly; Path=/; SameSite=Lax"#,
/// );
/// assert!(SetCookie::new("a;b", "").to_header_value(SystemTime::now()).is_err());
/// # Ok::<(), carafe::http::values::InvalidValue>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct SetCookie {
    name: String,
    value: String,
    domain: Option<String>,
    path: Option<String>,
    expires: Option<SystemTime>,
    max_age: Option<Duration>,
    secure: bool,
    http_only: bool,
    same_site: Option<SameSite>,
    partitioned: bool,
}

impl SetCookie {
    /// A cookie for the whole site that lasts until the browser closes.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        SetCookie {
            name: name.into(),
            value: value.into(),
            domain: None,
            path: Some("/".to_owned()),
            expires: None,
            max_age: None,
            secure: false,
            http_only: false,
            same_site: None,
            partitioned: false,
        }
    }

    /// Tells the browser to forget a cookie. Domain and path must be those it was set with.
    pub fn delete(name: impl Into<String>) -> Self {
        Self::new(name, "").max_age(Duration::ZERO).expires(UNIX_EPOCH)
    }

    /// The cookie's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The cookie's value, not escaped.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// How long the cookie lives, in whole seconds; `Expires` follows from it unless it is set.
    pub fn max_age(mut self, max_age: Duration) -> Self {
        self.max_age = Some(max_age);
        self
    }

    /// When the cookie ends.
    pub fn expires(mut self, expires: SystemTime) -> Self {
        self.expires = Some(expires);
        self
    }

    /// Limits the cookie to a path; characters a path cannot hold are percent-encoded.
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// Leaves `Path` out: the browser takes the path of the request.
    #[inline]
    pub fn without_path(mut self) -> Self {
        self.path = None;
        self
    }

    /// Lets subdomains of `domain` see the cookie too. A leading dot and a port are dropped; an
    /// international name must be in its `xn--` form.
    pub fn domain(mut self, domain: impl Into<String>) -> Self {
        self.domain = Some(domain.into());
        self
    }

    /// Sent over HTTPS only.
    pub fn secure(mut self, secure: bool) -> Self {
        self.secure = secure;
        self
    }

    /// Hidden from JavaScript.
    pub fn http_only(mut self, http_only: bool) -> Self {
        self.http_only = http_only;
        self
    }

    /// Which requests from other sites carry it.
    pub fn same_site(mut self, same_site: SameSite) -> Self {
        self.same_site = Some(same_site);
        self
    }

    /// One jar for each embedding site (CHIPS); implies `Secure`.
    pub fn partitioned(mut self, partitioned: bool) -> Self {
        self.partitioned = partitioned;
        self
    }

    /// The header's value. `now` turns `max_age` into `Expires`. Fails when the name is no token
    /// (RFC 6265 section 4.1.1) or the domain no ASCII host name.
    pub fn to_header_value(&self, now: SystemTime) -> Result<HeaderValue, InvalidValue> {
        let text = self.print(now)?;
        HeaderValue::try_from(text).map_err(|_| InvalidValue::secret("a cookie"))
    }

    /// The printed length in bytes, 0 for a cookie that cannot be printed. Over
    /// [`COOKIE_SIZE_LIMIT`] a warning is due: browsers may ignore the cookie silently.
    #[inline]
    pub fn len(&self, now: SystemTime) -> usize {
        self.print(now).map_or(0, |text| text.len())
    }

    fn print(&self, now: SystemTime) -> Result<String, InvalidValue> {
        if !is_token(&self.name) {
            return Err(InvalidValue::new("a cookie name", &self.name));
        }
        let mut out = format!("{}=", self.name);
        push_cookie_value(&mut out, &self.value);
        self.push_lifetime(&mut out, now)?;
        if self.secure || self.partitioned {
            out.push_str("; Secure");
        }
        if self.http_only {
            out.push_str("; HttpOnly");
        }
        if let Some(path) = &self.path {
            push(&mut out, "Path", utf8_percent_encode(path, PATH));
        }
        if let Some(same_site) = self.same_site {
            push(&mut out, "SameSite", same_site);
        }
        if self.partitioned {
            out.push_str("; Partitioned");
        }
        Ok(out)
    }

    /// `Domain`, `Expires`, `Max-Age`: the part that can fail or needs the time.
    fn push_lifetime(&self, out: &mut String, now: SystemTime) -> Result<(), InvalidValue> {
        if let Some(domain) = self.domain.as_deref().map(host_only).transpose()?.flatten() {
            push(out, "Domain", domain);
        }
        // A lifetime past the end of `SystemTime` is cut by `http_date` either way.
        let ends = |age| now.checked_add(age).unwrap_or(UNIX_EPOCH + Duration::from_secs(1 << 40));
        if let Some(expires) = self.expires.or(self.max_age.map(ends)) {
            push(out, "Expires", http_date(expires));
        }
        if let Some(max_age) = self.max_age {
            push(out, "Max-Age", max_age.as_secs());
        }
        Ok(())
    }
}

/// The value may be a session: not for logs.
impl fmt::Debug for SetCookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SetCookie").field("name", &self.name).finish_non_exhaustive()
    }
}

fn push(out: &mut String, name: &str, value: impl fmt::Display) {
    // Writing to a String cannot fail.
    let _ = write!(out, "; {name}={value}");
}

/// `.example.com:80` to `example.com`; `None` when nothing is left.
fn host_only(domain: &str) -> Result<Option<&str>, InvalidValue> {
    let host = domain.split(':').next().unwrap_or("").trim_start_matches('.');
    let is_host = |b: u8| b.is_ascii_alphanumeric() || b"-._".contains(&b);
    if !host.bytes().all(is_host) || host.len() > 253 {
        return Err(InvalidValue::new("a cookie domain", domain));
    }
    Ok(Some(host).filter(|host| !host.is_empty()))
}

/// Characters outside RFC 6265's need quotes; quotes, separators, controls and non-ASCII bytes
/// inside them are octal escapes, which Werkzeug and Python's `http.cookies` read back.
fn push_cookie_value(out: &mut String, value: &str) {
    let plain = |b: u8| matches!(b, b'!'..=b'~') && !matches!(b, b'"' | b',' | b';' | b'\\');
    if value.bytes().all(plain) {
        return out.push_str(value);
    }
    out.push('"');
    for byte in value.bytes() {
        match byte {
            b'"' | b'\\' => out.extend(['\\', char::from(byte)]),
            byte if plain(byte) || byte == b' ' => out.push(char::from(byte)),
            byte => {
                let _ = write!(out, "\\{byte:03o}");
            }
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::values::parse_cookies;

    const NOW: SystemTime = UNIX_EPOCH;

    fn print(cookie: SetCookie) -> String {
        cookie.print(NOW).unwrap_or_else(|error| error.to_string())
    }

    /// Expected values are Werkzeug's `dump_cookie`.
    #[test]
    fn prints_as_werkzeug() {
        let check = |cookie, printed: &str| assert_eq!(print(cookie), printed);
        let new = SetCookie::new;
        check(new("a", "b"), "a=b; Path=/");
        check(new("a", "b c;\"é"), "a=\"b c\\073\\\"\\303\\251\"; Path=/");
        check(new("a", ""), "a=; Path=/");
        check(new("a", "a,b\\"), "a=\"a\\054b\\\\\"; Path=/");
        check(new("a", "!#$%&'()*+-./:<=>?@[]^`{|}~_"), "a=!#$%&'()*+-./:<=>?@[]^`{|}~_; Path=/");
        check(new("a", " "), "a=\" \"; Path=/");
        check(
            new("a", "b").max_age(Duration::from_secs(60)),
            "a=b; Expires=Thu, 01 Jan 1970 00:01:00 GMT; Max-Age=60; Path=/",
        );
        check(
            new("a", "b").expires(NOW + Duration::from_secs(86_400)),
            "a=b; Expires=Fri, 02 Jan 1970 00:00:00 GMT; Path=/",
        );
        check(new("a", "b").without_path(), "a=b");
        check(new("a", "b").path("/x y/é;?"), "a=b; Path=/x%20y/%C3%A9%3B%3F");
        check(new("a", "b").path(""), "a=b; Path=");
        check(
            new("a", "b").path("/%20!$&'()*+,:=@-._~#[]"),
            "a=b; Path=/%20!$&'()*+,:=@-._~%23%5B%5D",
        );
        check(new("a", "b").domain(".example.com:80"), "a=b; Domain=example.com; Path=/");
        check(new("a", "b").secure(true).http_only(true), "a=b; Secure; HttpOnly; Path=/");
        check(new("a", "b").same_site(SameSite::None), "a=b; Path=/; SameSite=None");
        check(new("a", "b").partitioned(true), "a=b; Secure; Path=/; Partitioned");
        check(
            SetCookie::delete("a"),
            "a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/",
        );
        check(
            new("a", "b")
                .max_age(Duration::from_secs(60))
                .domain("localhost")
                .secure(true)
                .http_only(true)
                .same_site(SameSite::Strict)
                .partitioned(true),
            "a=b; Domain=localhost; Expires=Thu, 01 Jan 1970 00:01:00 GMT; Max-Age=60; Secure; HttpOnly; Path=/; SameSite=Strict; Partitioned",
        );
    }

    #[test]
    fn nothing_can_be_injected() {
        let check = |cookie, printed: &str| assert_eq!(print(cookie), printed);
        check(SetCookie::new("a;b", "c"), "`a;b` is not a cookie name");
        check(SetCookie::new("", "c"), "the value is not a cookie name");
        check(SetCookie::new("é", "c"), "`é` is not a cookie name");
        check(SetCookie::new("a\r\nb", "c"), "`a\\r\\nb` is not a cookie name");
        check(SetCookie::new("a", "b\r\n\u{1b}").without_path(), "a=\"b\\015\\012\\033\"");
        check(SetCookie::new("a", "").domain("x; Secure"), "`x; Secure` is not a cookie domain");
        check(SetCookie::new("a", "").domain("한.kr"), "`한.kr` is not a cookie domain");
        check(SetCookie::new("a", "").domain(".").path("/;\n"), "a=; Path=/%3B%0A");
    }

    #[test]
    fn values_come_back() {
        for value in ["", "x", "a b", "\"q\"", "\\", ";,=", "é한\u{1f600}", "\0\u{1f}\u{7f}\r\n"]
        {
            let header = print(SetCookie::new("a", value).without_path());
            assert_eq!(parse_cookies(header.as_bytes()).get("a"), Some(value), "{header}");
        }
    }

    #[test]
    fn lifetimes_beyond_the_calendar() {
        let cookie = SetCookie::new("a", "").max_age(Duration::MAX).without_path();
        assert!(print(cookie).contains("31 Dec 9999"));
        assert_eq!("lax".parse::<SameSite>(), Ok(SameSite::Lax));
        assert!("loose".parse::<SameSite>().is_err());
        assert_eq!(SetCookie::new("a", "b").len(NOW), "a=b; Path=/".len());
    }
}
