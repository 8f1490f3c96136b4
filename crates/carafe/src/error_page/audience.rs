//! Who may see the details of errors: whoever sits at this computer, unless the app was opened to all.
//!
//! It is asked only when there is an error, and only where `debug` is on.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::atomic::{AtomicBool, Ordering};

use ::http::HeaderMap;
use ::http::header::HOST;

use crate::app::Core;
use crate::http::Peer;
use crate::http::values::host_is_trusted;

/// Whether a client may see details. `headers` are those that came over the wire.
pub(crate) fn sees_details(core: &Core, headers: &HeaderMap, peer: &Peer) -> bool {
    if !core.debug
        || !(core.details_for_all.load(Ordering::Relaxed) || is_here(headers, peer))
        || is_read_by_others(headers)
    {
        return false;
    }
    let settings = core.config.settings();
    let is_ours = is_ours(headers, &settings.trusted_hosts, settings.server_name.as_deref());
    if !is_ours {
        tell_of_host(headers);
    }
    is_ours
}

/// Whether a page of another site would get to read the answer, where the app lets it (CORS): then a
/// stranger's page in a browser here could ask for a failing address, and read why it fails.
///
/// Pages of this computer's other ports may: that is how a front end of its own is developed.
fn is_read_by_others(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("null"));
    // A page that is shown is not read by the one that leads to it.
    let is_shown = text("sec-fetch-mode") == Some("navigate");
    if text("sec-fetch-site") == Some("cross-site") && !is_shown {
        return true;
    }
    let name = |host: &str| match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _port)) => address.to_ascii_lowercase(),
        None => host.split(':').next().unwrap_or_default().to_ascii_lowercase(),
    };
    let host = name(text("host").unwrap_or_default());
    text("origin").is_some_and(|origin| match origin.split_once("://") {
        Some((_scheme, of)) => name(of) != host,
        None => true,
    })
}

/// Says once why a developer sees no details under a name of their own.
fn tell_of_host(headers: &HeaderMap) {
    static TOLD: AtomicBool = AtomicBool::new(false);
    if !TOLD.swap(true, Ordering::Relaxed) {
        let host = headers.get(HOST).map(|host| String::from_utf8_lossy(host.as_bytes()));
        let host: String = host.unwrap_or_default().escape_debug().take(80).collect();
        tracing::warn!(
            target: "carafe",
            "details of errors are not shown under the host `{host}`: they are under addresses, \
             `localhost`, `server_name` and `trusted_hosts`"
        );
    }
}

/// Whether `Host` is a name that nobody else can make mean this computer: an address, `localhost`,
/// `server_name`, or one of `trusted_hosts`.
///
/// A browser here sends what a page of a stranger asks for, and by DNS rebinding the stranger's
/// own name may lead here (CVE-2024-34069, CVE-2025-24010). The name it then sends is the stranger's.
fn is_ours(headers: &HeaderMap, trusted: &[String], server_name: Option<&str>) -> bool {
    let Some(host) = headers.get(HOST).and_then(|host| host.to_str().ok()) else { return false };
    if !trusted.is_empty() && host_is_trusted(host, trusted) {
        return true;
    }
    let own = server_name.and_then(|name| name.split(':').next()).filter(|name| !name.is_empty());
    if own.is_some_and(|own| host_is_trusted(host, &[format!(".{own}")])) {
        return true;
    }
    // RFC 6761 section 6.3: names under `localhost` are this computer's.
    if host_is_trusted(host, &[".localhost"]) {
        return true;
    }
    match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _port)) => address.parse::<Ipv6Addr>().is_ok(),
        None => host.split(':').next().is_some_and(|name| name.parse::<Ipv4Addr>().is_ok()),
    }
}

/// Whether a request was made on this computer. A proxy or a tunnel is on this computer too; nearly
/// all say in a header that they speak for somebody else.
fn is_here(headers: &HeaderMap, peer: &Peer) -> bool {
    // A Unix socket has no address, and is of this computer.
    let near = peer.remote.is_none_or(|remote| remote.ip().to_canonical().is_loopback());
    near && !headers.keys().any(|name| is_of_a_proxy(name.as_str()))
}

/// RFC 7239, RFC 9110 section 7.6.3, and what proxies, tunnels and clouds are known to send.
fn is_of_a_proxy(name: &str) -> bool {
    const OTHERS: &[&str] = &[
        "forwarded",
        "via",
        "x-real-ip",
        "x-client-ip",
        "x-original-host",
        "true-client-ip",
        "cf-connecting-ip",
        "fly-client-ip",
        "tailscale-user-login",
    ];
    name.starts_with("x-forwarded") || OTHERS.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(remote: Option<&str>, header: Option<&'static str>, expected: bool) {
        let remote = remote.map(|remote| remote.parse().unwrap());
        let peer = Peer { remote, ..Peer::default() };
        let headers = header.map(|name| (name.parse().unwrap(), "x".parse().unwrap()));
        let headers: HeaderMap = headers.into_iter().collect();
        assert_eq!(is_here(&headers, &peer), expected, "{remote:?} {header:?}");
    }

    #[test]
    fn a_strangers_name_shows_nothing() {
        let check = |host: &str, trusted: &[&str], expected: bool| {
            let headers: HeaderMap = [(HOST, host.parse().unwrap())].into_iter().collect();
            let trusted: Vec<String> = trusted.iter().map(ToString::to_string).collect();
            assert_eq!(
                is_ours(&headers, &trusted, Some("shop.test:80")),
                expected,
                "{host} {trusted:?}"
            );
        };
        for ours in ["localhost", "LOCALHOST:8000", "app.localhost:80", "127.0.0.1", "127.0.0.1:1"]
        {
            check(ours, &[], true);
        }
        for ours in ["192.168.0.7:5000", "[::1]", "[::1]:8000", "[fe80::1]:1"] {
            check(ours, &[], true);
        }
        for other in ["evil.test", "localhost.evil.test", "127.0.0.1.evil.test:80", "", "1.2.3"] {
            check(other, &[], false);
        }
        for other in ["[::1", "notlocalhost", "2130706433", "0x7f.1"] {
            check(other, &[], false);
        }
        check("dev.test:5000", &["dev.test"], true);
        check("a.dev.test", &[".dev.test"], true);
        check("evil.test", &["dev.test"], false);
        check("a.shop.test:8000", &[], true);
        assert!(!is_ours(&HeaderMap::new(), &[], None));
    }

    #[test]
    fn other_sites_read_nothing() {
        let check = |told: &[(&'static str, &'static str)], expected: bool| {
            let host = ("host", "localhost:8000");
            let headers: HeaderMap = std::iter::once(&host)
                .chain(told)
                .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
                .collect();
            assert_eq!(is_read_by_others(&headers), expected, "{told:?}");
        };
        check(&[], false);
        check(&[("sec-fetch-site", "none")], false);
        check(&[("sec-fetch-site", "same-origin")], false);
        check(&[("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")], false);
        check(&[("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "cors")], true);
        check(&[("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "no-cors")], true);
        // A front end that is served at another port.
        check(&[("sec-fetch-site", "same-site"), ("origin", "http://localhost:5173")], false);
        check(&[("origin", "http://evil.test")], true);
        check(&[("origin", "http://localhost.evil.test")], true);
        check(&[("origin", "null")], true);
    }

    #[test]
    fn this_computer_is_loopback_without_a_proxy() {
        for here in ["127.0.0.1:5", "127.8.8.8:5", "[::1]:5", "[::ffff:127.0.0.1]:5"] {
            check(Some(here), None, true);
            check(Some(here), Some("accept"), true);
        }
        check(None, None, true);
        for there in ["192.168.0.7:5", "[::ffff:192.168.0.7]:5", "[fe80::1]:5", "1.1.1.1:5"] {
            check(Some(there), None, false);
        }
        for header in ["forwarded", "x-forwarded-for", "x-forwarded-proto", "via", "x-real-ip"] {
            check(Some("127.0.0.1:5"), Some(header), false);
            check(None, Some(header), false);
        }
    }
}
