//! The session's cookie: where it is found, and with which attributes it is set.

use std::time::{Duration, SystemTime};

use ::http::header::{COOKIE, SET_COOKIE, VARY};
use ::http::{HeaderMap, HeaderValue};

use crate::app::Core;
use crate::config::{CookieSameSite, CookieSecure, Settings};
use crate::http::Response;
use crate::http::values::{InvalidValue, SameSite, SetCookie};
use crate::request::Request;

use super::Session;

/// The `session_cookie_*` keys of the configuration, and the lifetime.
pub(super) struct Attributes {
    pub(super) name: String,
    domain: Option<String>,
    path: String,
    /// Whether a prefix that a trusted proxy tells stands in the place of `path`. Behind `ProxyFix` it
    /// does not, as in Flask.
    follows_prefix: bool,
    http_only: bool,
    secure: CookieSecure,
    same_site: Option<SameSite>,
    partitioned: bool,
    pub(super) lifetime: Duration,
    pub(super) refreshes: bool,
    max_size: u64,
}

impl Attributes {
    pub(super) fn new(settings: &Settings) -> Attributes {
        Attributes {
            name: settings.session_cookie_name.clone(),
            domain: settings.session_cookie_domain.clone(),
            path: settings.cookie_path().to_owned(),
            follows_prefix: settings.session_cookie_path.is_none()
                && !settings.trusted_proxies.from.is_empty(),
            http_only: settings.session_cookie_httponly,
            secure: settings.session_cookie_secure,
            same_site: match settings.session_cookie_samesite {
                CookieSameSite::Lax => Some(SameSite::Lax),
                CookieSameSite::Strict => Some(SameSite::Strict),
                CookieSameSite::None => Some(SameSite::None),
                CookieSameSite::Unset => None,
            },
            partitioned: settings.session_cookie_partitioned,
            lifetime: settings.permanent_session_lifetime.duration(),
            refreshes: settings.session_refresh_each_request,
            max_size: settings.max_cookie_size.get(),
        }
    }

    /// Whether a cookie can be printed with these attributes at all.
    pub(super) fn check(&self) -> Result<(), InvalidValue> {
        let cookie = self.dress(SetCookie::new(&*self.name, ""), &self.path, false);
        cookie.to_header_value(SystemTime::UNIX_EPOCH).map(drop)
    }

    /// The attributes, on a cookie that is set or deleted.
    fn dress(&self, cookie: SetCookie, path: &str, secure_request: bool) -> SetCookie {
        let secure = match self.secure {
            CookieSecure::Always => true,
            CookieSecure::Never => false,
            CookieSecure::Auto => secure_request,
        };
        let cookie = cookie
            .path(path)
            .secure(secure)
            .http_only(self.http_only)
            .partitioned(self.partitioned);
        let cookie = match &self.domain {
            Some(domain) => cookie.domain(domain),
            None => cookie,
        };
        match self.same_site {
            Some(same_site) => cookie.same_site(same_site),
            None => cookie,
        }
    }

    /// Under a prefix that a proxy told, the cookie belongs to what is below it.
    fn path_for<'a>(&'a self, request: &'a Request) -> &'a str {
        match request.told_prefix() {
            Some("") if self.follows_prefix => "/",
            Some(prefix) if self.follows_prefix => prefix,
            _ => &self.path,
        }
    }

    pub(super) fn set(
        &self,
        request: &Request,
        response: &mut Response,
        value: String,
        permanent: bool,
        now: SystemTime,
    ) {
        let mut cookie = SetCookie::new(&*self.name, value);
        if permanent {
            cookie = cookie.expires(now + self.lifetime);
        }
        let size = self.append(request, response, cookie, now);
        if self.max_size != 0 && size as u64 > self.max_size {
            tracing::warn!(
                target: "carafe",
                "the session cookie `{}` has {size} bytes; browsers may drop one of more than {} without a word",
                self.name,
                self.max_size
            );
        }
    }

    pub(super) fn delete(&self, request: &Request, response: &mut Response, now: SystemTime) {
        self.append(request, response, SetCookie::delete(&*self.name), now);
    }

    /// Adds the header; gives back its length in bytes.
    fn append(
        &self,
        request: &Request,
        response: &mut Response,
        cookie: SetCookie,
        now: SystemTime,
    ) -> usize {
        match self.dress(cookie, self.path_for(request), request.is_secure()).to_header_value(now) {
            Ok(value) => {
                let size = value.len();
                response.headers_mut().append(SET_COOKIE, value);
                size
            }
            // `check` saw these attributes before serving.
            Err(error) => {
                tracing::error!(target: "carafe", "the session was left out: {error}");
                0
            }
        }
    }
}

/// The session's cookie, for a [`SessionInterface`](crate::SessionInterface): its name, path and
/// other attributes are those of the configuration.
///
/// See [`Request::session_cookie`].
pub struct SessionCookie<'a> {
    request: &'a Request,
    attributes: &'a Attributes,
}

impl Request {
    /// The session's cookie, to be read and set by a [`SessionInterface`](crate::SessionInterface).
    pub fn session_cookie(&self) -> SessionCookie<'_> {
        SessionCookie { request: self, attributes: Core::of(self).sessions.attributes() }
    }
}

impl SessionCookie<'_> {
    /// What the visitor sent; not to be trusted. The first one, where there are several.
    #[inline]
    pub fn value(&self) -> Option<&str> {
        values(self.request.headers(), &self.attributes.name).next()
    }

    /// How long a session is kept: config key `permanent_session_lifetime`.
    pub fn lifetime(&self) -> Duration {
        self.attributes.lifetime
    }

    /// Whether the cookie is to be set again: the session was changed, or it is permanent and
    /// refreshed with each request. Flask's `should_set_cookie`.
    #[inline]
    pub fn is_due(&self, session: &Session) -> bool {
        session.is_modified() || (self.attributes.refreshes && session.lasts())
    }

    /// Sets the cookie, to outlive the browser where the session is permanent.
    pub fn set(&self, response: &mut Response, value: impl Into<String>, session: &Session) {
        let permanent = session.lasts();
        self.attributes.set(self.request, response, value.into(), permanent, SystemTime::now());
    }

    /// Makes the browser forget the cookie.
    pub fn delete(&self, response: &mut Response) {
        self.attributes.delete(self.request, response, SystemTime::now());
    }
}

/// The values of all cookies of this name, without parsing the others.
#[inline]
pub(super) fn values<'a>(headers: &'a HeaderMap, name: &str) -> impl Iterator<Item = &'a str> {
    let headers = headers.get_all(COOKIE).iter().filter_map(|header| header.to_str().ok());
    headers.flat_map(|header| header.split(';')).filter_map(move |cookie| {
        let (found, value) = cookie.split_once('=')?;
        (found.trim() == name).then(|| value.trim())
    })
}

/// Tells caches that the response is for visitors with the same cookies only.
pub(super) fn vary_by_cookie(response: &mut Response) {
    let varies = response.headers().get_all(VARY).iter().any(|header| {
        let names = header.to_str().unwrap_or_default().split(',').map(str::trim);
        names.into_iter().any(|name| name == "*" || name.eq_ignore_ascii_case("cookie"))
    });
    if !varies {
        response.headers_mut().append(VARY, HeaderValue::from_static("Cookie"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_its_cookies() {
        let check = |headers: &[&str], found: &[&str]| {
            let mut map = HeaderMap::new();
            for header in headers {
                map.append(COOKIE, HeaderValue::from_bytes(header.as_bytes()).unwrap());
            }
            assert_eq!(values(&map, "session").collect::<Vec<_>>(), found, "{headers:?}");
        };
        check(&[], &[]);
        check(&["session=a"], &["a"]);
        check(&["x=session; session = a ;y=1"], &["a"]);
        check(&["session=a; session=b", "session=c"], &["a", "b", "c"]);
        check(&["xsession=a; sessionx=b; session"], &[]);
        check(&["session=a=b"], &["a=b"]);
        check(&["session=é", "session=b"], &["b"]);
    }

    #[test]
    fn varies_once() {
        let check = |before: &[&str], after: &[&str]| {
            let mut response = Response::text("");
            for value in before {
                response.headers_mut().append(VARY, HeaderValue::from_str(value).unwrap());
            }
            vary_by_cookie(&mut response);
            let all: Vec<_> = response.headers().get_all(VARY).iter().collect();
            assert_eq!(all, after);
        };
        check(&[], &["Cookie"]);
        check(&["Accept"], &["Accept", "Cookie"]);
        check(&["Accept, cookie"], &["Accept, cookie"]);
        check(&["Accept", "Cookie"], &["Accept", "Cookie"]);
        check(&["*"], &["*"]);
    }
}
