//! The family of `X-Forwarded-` headers: lists to which each proxy may add a value at the end.

use std::net::{IpAddr, SocketAddr};

use ::http::HeaderMap;

use crate::config::Hops;

use super::told::{Client, Told, host_with_port, is_prefix};
use super::trust::{Trust, ignored};

const FOR: &str = "x-forwarded-for";
const PROTO: &str = "x-forwarded-proto";
const HOST: &str = "x-forwarded-host";
const PORT: &str = "x-forwarded-port";
const PREFIX: &str = "x-forwarded-prefix";

/// What the headers say, as far as they are believed.
pub(super) fn told(trust: &Trust, headers: &HeaderMap) -> Told {
    let rules = &trust.rules;
    let value = |name, hops: Hops, is_good: fn(&str) -> bool| {
        let value = values(headers, name).nth(hops.last_but()?)?;
        if !is_good(value) {
            ignored(name, value);
            return None;
        }
        Some(value)
    };
    let is_scheme = |text: &str| secure_of(text).is_some();
    let is_port = |text: &str| text.parse::<u16>().is_ok_and(|port| port > 0);
    let host = value(HOST, rules.x_host, crate::http::values::is_valid_host);
    let port = value(PORT, rules.x_port, is_port);
    Told {
        client: client(trust, headers),
        secure: value(PROTO, rules.x_proto, is_scheme).and_then(secure_of),
        host: host_with_port(headers, host, port),
        prefix: value(PREFIX, rules.x_prefix, is_prefix).map(Into::into),
    }
}

/// The client: each address was written by the proxy that the one behind it names, so the walk
/// begins at the end and stops at the first that no trusted proxy has.
fn client(trust: &Trust, headers: &HeaderMap) -> Client {
    let mut addresses = values(headers, FOR).map(read);
    match trust.rules.x_for {
        Hops::Auto => walk(trust, addresses),
        hops => hops.last_but().and_then(|last| addresses.nth(last)).unwrap_or_default(),
    }
}

/// From the nearest address outwards, as long as proxies are trusted.
pub(super) fn walk(trust: &Trust, nodes: impl Iterator<Item = Client>) -> Client {
    let mut client = Client::Connected;
    for node in nodes {
        client = node;
        match node {
            Client::At(address) if trust.trusts_address(address.ip()) => {}
            _ => break,
        }
    }
    client
}

/// `http` or `https`, in any case, or the websocket's names for them.
pub(super) fn secure_of(scheme: &str) -> Option<bool> {
    let known = [("https", true), ("http", false), ("wss", true), ("ws", false)];
    let found = known.iter().find(|(name, _)| scheme.eq_ignore_ascii_case(name));
    found.map(|(_, secure)| *secure)
}

/// The values of a header, the last one first; empty ones are passed over. Bytes that are no text
/// become one that no header allows, and spoil no value but their own.
fn values<'a>(headers: &'a HeaderMap, name: &'static str) -> impl Iterator<Item = &'a str> {
    let lines = headers.get_all(name).iter().rev();
    let values = lines.flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b','));
    values
        .map(|value| std::str::from_utf8(value).unwrap_or("\u{fffd}").trim_matches([' ', '\t']))
        .filter(|value| !value.is_empty())
}

fn read(text: &str) -> Client {
    if text.eq_ignore_ascii_case("unknown") {
        return Client::Unknown;
    }
    address(text).map_or_else(
        || {
            ignored(FOR, text);
            Client::Unknown
        },
        |address| Client::At(SocketAddr::new(address.ip().to_canonical(), address.port())),
    )
}

/// An address with or without a port: `192.0.2.7`, `192.0.2.7:80`, `::1`, `[::1]`, `[::1]:80`.
fn address(text: &str) -> Option<SocketAddr> {
    let bare = match text.strip_prefix('[') {
        Some(inner) => inner.strip_suffix(']').filter(|inner| inner.contains(':')),
        None => Some(text),
    };
    let ip = bare.and_then(|bare| bare.parse::<IpAddr>().ok());
    // A zone (`[fe80::1%2]:80`) means something on the proxy's machine only.
    ip.map(|ip| SocketAddr::new(ip, 0))
        .or_else(|| text.parse().ok().filter(|_| !text.contains('%')))
}
