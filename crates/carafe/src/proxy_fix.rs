//! [`ProxyFix`]: who the client is and which address it asked for, when a proxy stands in front.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use ::http::HeaderMap;
use ::http::request::Parts;

use crate::app::App;
use crate::hooks::Place;
use crate::http::Peer;
use crate::http::values::field;
use crate::proxies::{Client, Told, host_with_port, is_prefix};

/// How many proxies in front of the app set each `X-Forwarded-` header: Werkzeug's `ProxyFix`.
///
/// Anybody can send these headers, so only the last values are believed, one for each proxy of
/// yours that is known to set it. Say 0 for a header that your proxy does not set. By default one
/// proxy sets `X-Forwarded-For` and `X-Forwarded-Proto`.
///
/// ```
/// use carafe::{App, ProxyFix};
///
/// // nginx sets `X-Forwarded-For`, `-Proto` and `-Host`.
/// let app = App::new().proxy_fix(ProxyFix::new().x_host(1));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProxyFix {
    x_for: usize,
    x_proto: usize,
    x_host: usize,
    x_port: usize,
    x_prefix: usize,
}

impl Default for ProxyFix {
    #[inline]
    fn default() -> ProxyFix {
        ProxyFix { x_for: 1, x_proto: 1, x_host: 0, x_port: 0, x_prefix: 0 }
    }
}

macro_rules! counts {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[must_use]
        #[inline]
        pub fn $name(mut self, proxies: usize) -> ProxyFix {
            self.$name = proxies;
            self
        }
    )*};
}

impl ProxyFix {
    /// One proxy, which sets `X-Forwarded-For` and `X-Forwarded-Proto`.
    #[inline]
    pub fn new() -> ProxyFix {
        ProxyFix::default()
    }

    counts! {
        /// How many proxies add to `X-Forwarded-For`: the client's address. Default: 1.
        x_for;
        /// How many proxies set `X-Forwarded-Proto`: `http` or `https`. Default: 1.
        x_proto;
        /// How many proxies set `X-Forwarded-Host`: the host that the client named. Default: 0.
        x_host;
        /// How many proxies set `X-Forwarded-Port`: the port that the client named. Default: 0.
        x_port;
        /// How many proxies set `X-Forwarded-Prefix`: the path that the proxy took off the front of
        /// the address, such as `/app`. Default: 0.
        x_prefix;
    }

    /// Puts what the proxies say in place of what the connection says.
    #[inline]
    pub(crate) fn apply(&self, parts: &mut Parts, peer: Arc<Peer>) -> Arc<Peer> {
        self.told(&parts.headers).put(parts, peer)
    }

    #[inline]
    pub(crate) fn told(&self, headers: &HeaderMap) -> Told {
        let client = said(headers, "x-forwarded-for", self.x_for);
        let scheme = said(headers, "x-forwarded-proto", self.x_proto);
        let host = said(headers, "x-forwarded-host", self.x_host);
        let port = said(headers, "x-forwarded-port", self.x_port);
        let prefix = said(headers, "x-forwarded-prefix", self.x_prefix);
        Told {
            client: match client {
                None => Client::Connected,
                Some(text) => address(&text).map_or(Client::Unknown, Client::At),
            },
            secure: scheme.map(|scheme| scheme.eq_ignore_ascii_case("https")),
            host: host_with_port(headers, host.as_deref(), port.as_deref()),
            prefix: prefix.filter(|prefix| is_prefix(prefix)).map(Into::into),
        }
    }
}

/// What the `proxies`-th proxy from the app outwards said in a header; `None` when fewer did.
#[inline]
fn said(headers: &HeaderMap, name: &'static str, proxies: usize) -> Option<String> {
    let last = proxies.checked_sub(1)?;
    let text = field(headers, ::http::HeaderName::from_static(name))?;
    let value = text.rsplit(',').nth(last)?.trim().trim_matches('"');
    (!value.is_empty()).then(|| value.to_owned())
}

/// An address, with or without a port; `None` for a name or `unknown`.
#[inline]
fn address(text: &str) -> Option<SocketAddr> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    let ip: Result<IpAddr, _> = bare.parse();
    ip.map(|ip| SocketAddr::new(ip, 0)).or_else(|_| text.parse()).ok()
}

impl App {
    /// Believes what proxies in front of the app say of the client; see [`ProxyFix`].
    ///
    /// Use it only behind proxies that set these headers: to anyone else they are a way to lie. The
    /// config key [`trusted_proxies`](crate::guide::behind_a_proxy) asks who the proxy is, and is the
    /// better choice wherever its address is known; an app has one of the two.
    #[must_use]
    #[inline]
    #[track_caller]
    pub fn proxy_fix(mut self, fix: ProxyFix) -> App {
        self.proxy_fix = Some((fix, Place::caller()));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::ScriptRoot;

    const ALL: ProxyFix = ProxyFix { x_for: 1, x_proto: 1, x_host: 1, x_port: 1, x_prefix: 1 };

    /// The remote address, the scheme, the host and the prefix after these headers.
    fn check(fix: ProxyFix, target: &str, headers: &[(&'static str, &str)], expected: &str) {
        let request = ::http::Request::get(target).header("host", "inner:80");
        let request =
            headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let (mut parts, ()) = request.body(()).unwrap().into_parts();
        let remote = Some("10.0.0.1:5".parse().unwrap());
        let peer = fix.apply(&mut parts, Arc::new(Peer { remote, local: None, secure: false }));
        let got = format!(
            "{} {} {} {} {}",
            peer.remote.map_or("none".to_owned(), |remote| remote.to_string()),
            if peer.secure { "https" } else { "http" },
            parts.headers["host"].to_str().unwrap(),
            parts.extensions.get().map_or("", |ScriptRoot(root)| root),
            parts.uri,
        );
        assert_eq!(got, expected, "{headers:?}");
    }

    #[test]
    fn believes_the_last_values() {
        check(ALL, "/a?b", &[], "10.0.0.1:5 http inner:80  /a?b");
        check(ALL, "/", &[("x-forwarded-for", "1.1.1.1, 2.2.2.2")], "2.2.2.2:0 http inner:80  /");
        let two = ProxyFix::new().x_for(2);
        check(two, "/", &[("x-forwarded-for", "1.1.1.1, 2.2.2.2")], "1.1.1.1:0 http inner:80  /");
        check(two, "/", &[("x-forwarded-for", "2.2.2.2")], "10.0.0.1:5 http inner:80  /");
        let none = ProxyFix::new().x_for(0);
        check(none, "/", &[("x-forwarded-for", "1.1.1.1")], "10.0.0.1:5 http inner:80  /");
        let lines = [("x-forwarded-for", "1.1.1.1"), ("x-forwarded-for", "::1")];
        check(ALL, "/", &lines, "[::1]:0 http inner:80  /");
        check(ALL, "/", &[("x-forwarded-for", "unknown")], "none http inner:80  /");
        check(ALL, "/", &[("x-forwarded-for", "[::1]:9")], "[::1]:9 http inner:80  /");
    }

    #[test]
    fn the_address_that_the_client_asked_for() {
        check(ALL, "/", &[("x-forwarded-proto", "HTTPS")], "10.0.0.1:5 https inner:80  /");
        check(ALL, "/", &[("x-forwarded-host", "a.test:8")], "10.0.0.1:5 http a.test:8  /");
        check(ALL, "/", &[("x-forwarded-host", "a b")], "10.0.0.1:5 http inner:80  /");
        check(
            ALL,
            "http://inner/a",
            &[("x-forwarded-host", "a.test")],
            "10.0.0.1:5 http a.test  /a",
        );
        check(ALL, "/", &[("x-forwarded-port", "8443")], "10.0.0.1:5 http inner:8443  /");
        let both = [("x-forwarded-host", "[::1]"), ("x-forwarded-port", "8443")];
        check(ALL, "/", &both, "10.0.0.1:5 http [::1]:8443  /");
        check(ALL, "/", &[("x-forwarded-prefix", "/app/")], "10.0.0.1:5 http inner:80 /app /");
        check(ALL, "/", &[("x-forwarded-prefix", "//evil.test")], "10.0.0.1:5 http inner:80  /");
        check(ALL, "/", &[("x-forwarded-prefix", "app")], "10.0.0.1:5 http inner:80  /");
        let defaults = [("x-forwarded-host", "a.test"), ("x-forwarded-prefix", "/app")];
        check(ProxyFix::new(), "/", &defaults, "10.0.0.1:5 http inner:80  /");
    }
}
