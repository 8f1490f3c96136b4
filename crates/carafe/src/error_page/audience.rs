//! Who may see the details of errors: whoever sits at this computer, unless the app was opened to all.
//!
//! It is asked only when there is an error, and only where `debug` is on.

use std::sync::atomic::Ordering;

use ::http::HeaderMap;

use crate::app::Core;
use crate::http::Peer;

/// Whether a client may see details. `headers` are those that came over the wire.
pub(crate) fn sees_details(core: &Core, headers: &HeaderMap, peer: &Peer) -> bool {
    core.debug && (core.details_for_all.load(Ordering::Relaxed) || is_here(headers, peer))
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
