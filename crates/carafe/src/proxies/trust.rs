//! [`Trust`]: the config key `trusted_proxies`, laid out for the looking.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use ::http::HeaderMap;
use ::http::request::Parts;

use crate::config::{TrustedPeer, TrustedProxies};
use crate::http::Peer;
use crate::http::values::IpNetwork;

use super::hint::Hint;
use super::told::{Client, Told};
use super::{rfc7239, x_forwarded};

/// Who is believed, and how much.
pub(super) struct Trust {
    pub(super) rules: TrustedProxies,
    /// A few networks: looking at each is faster than anything cleverer.
    networks: Box<[IpNetwork]>,
    unix: bool,
    /// Only in development.
    hint: Option<Hint>,
}

impl Trust {
    pub(super) fn new(rules: &TrustedProxies, hint: Option<Hint>) -> Trust {
        Trust {
            networks: rules.from.iter().flat_map(|peer| peer.networks()).collect(),
            unix: rules.from.contains(&TrustedPeer::Unix),
            rules: rules.clone(),
            hint,
        }
    }

    /// Whether the one who is connected is a trusted proxy; without an address it is a Unix socket.
    pub(super) fn trusts(&self, remote: Option<SocketAddr>) -> bool {
        remote.map_or(self.unix, |remote| self.trusts_address(remote.ip()))
    }

    pub(super) fn trusts_address(&self, address: IpAddr) -> bool {
        self.networks.iter().any(|network| network.contains(address))
    }

    /// The request as it is when those who are trusted are believed, and nobody else.
    pub(super) fn apply(&self, parts: &mut Parts, peer: Arc<Peer>) -> Arc<Peer> {
        let found = Families::among(&parts.headers);
        if !found.x_forwarded && !found.forwarded {
            return peer;
        }
        let trusted = self.trusts(peer.remote);
        let chosen = if self.rules.forwarded { found.forwarded } else { found.x_forwarded };
        if let Some(hint) = self.hint.as_ref().filter(|_| !trusted || !chosen) {
            hint.tell(&self.rules, &parts.headers, peer.remote, trusted);
        }
        if !trusted || !chosen {
            return peer;
        }
        self.told(&parts.headers).put(parts, peer)
    }

    /// Who the client is, when only that is asked.
    pub(super) fn client(&self, headers: &HeaderMap, peer: &Peer) -> Client {
        match self.trusts(peer.remote) {
            true => self.told(headers).client,
            false => Client::Connected,
        }
    }

    fn told(&self, headers: &HeaderMap) -> Told {
        match self.rules.forwarded {
            true => rfc7239::told(self, headers),
            false => x_forwarded::told(self, headers),
        }
    }
}

/// Which of the two families of headers a request has.
struct Families {
    x_forwarded: bool,
    forwarded: bool,
}

impl Families {
    /// A look at each name is cheaper than a lookup for each header: requests have few.
    fn among(headers: &HeaderMap) -> Families {
        let mut found = Families { x_forwarded: false, forwarded: false };
        for name in headers.keys() {
            found.x_forwarded |= name.as_str().starts_with("x-forwarded-");
            found.forwarded |= *name == ::http::header::FORWARDED;
        }
        found
    }
}

/// Says in the log that a value was not used, for those who look for the reason.
pub(super) fn ignored(name: &str, value: &str) {
    let value: String = value.chars().take(60).flat_map(char::escape_debug).collect();
    tracing::debug!(target: "carafe::proxies", "`{name}` cannot be read and is not used: `{value}`");
}
