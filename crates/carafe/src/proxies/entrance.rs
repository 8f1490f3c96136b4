//! [`Entrance`]: the first step of every request, before the router.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ::http::request::Parts;
use carafe_net::Lang;
use serde_json::{Value, json};

use crate::config::{Config, Profile};
use crate::http::Peer;
use crate::proxy_fix::ProxyFix;

use super::hint::Hint;
use super::trust::Trust;
use super::watch::{PATIENCE, Watches};

/// What is done with a request before anyone looks at it.
pub(crate) struct Entrance {
    /// Whether anything at all is to be done: what a plain app pays is this load.
    busy: AtomicBool,
    /// Whether there is more to do than to watch.
    believes: bool,
    fix: Option<ProxyFix>,
    trust: Trust,
    watches: Watches,
    trusted_hosts: Vec<String>,
    /// The prefix of an app whose proxy tells none.
    application_root: String,
}

impl Entrance {
    pub(crate) fn new(config: &Config, fix: Option<ProxyFix>) -> Entrance {
        let settings = config.settings();
        let develops = config.profile() == Profile::Development && fix.is_none();
        let hint = develops.then(|| Hint::new(lang(settings.lang.as_deref())));
        let believes = develops || fix.is_some() || !settings.trusted_proxies.from.is_empty();
        Entrance {
            busy: AtomicBool::new(believes),
            believes,
            fix,
            trust: Trust::new(&settings.trusted_proxies, hint),
            watches: Watches::default(),
            trusted_hosts: settings.trusted_hosts.clone(),
            application_root: settings.application_root.trim_end_matches('/').to_owned(),
        }
    }

    /// Whether there is anything to do for a request.
    #[inline]
    pub(crate) fn is_busy(&self) -> bool {
        self.busy.load(Ordering::Relaxed)
    }

    /// Lets a request in: what trusted proxies say of it takes the place of what it says itself.
    #[cold]
    pub(crate) fn look(&self, parts: &mut Parts, peer: Arc<Peer>) -> Arc<Peer> {
        let watched = self.watches.arrived(parts, &peer);
        let trusted = self.fix.is_some() || self.trust.trusts(peer.remote);
        let peer = match &self.fix {
            Some(fix) => fix.apply(parts, peer),
            None => self.trust.apply(parts, peer),
        };
        if let Some(watched) = watched {
            let (hosts, root) = (&self.trusted_hosts, &self.application_root);
            watched.tell(parts, &peer, trusted, hosts, root);
        }
        peer
    }

    /// The client of a request that was not let in yet, for the access log.
    pub(crate) fn client(&self, parts: &Parts, peer: &Peer) -> Option<SocketAddr> {
        if !self.is_busy() {
            return peer.remote;
        }
        match &self.fix {
            Some(fix) => fix.told(&parts.headers).client.or_connected(peer),
            None => self.trust.client(&parts.headers, peer).or_connected(peer),
        }
    }

    /// Waits at most 5 seconds for the request whose query has `carafe-proxy-check=NONCE`, and tells
    /// what arrived and what the app made of it; both are `null` when none came.
    ///
    /// It blocks its thread. The request is answered as ever, and only while someone watches are
    /// requests looked at.
    #[cfg_attr(not(any(unix, test)), expect(dead_code, reason = "there is no control socket"))]
    pub(crate) fn watch(&self, nonce: &str) -> Value {
        let nothing = json!({ "arrived": null, "believed": null });
        let Some(wait) = self.watches.add(nonce) else { return nothing };
        self.busy.store(true, Ordering::Relaxed);
        let seen = wait.take_within(PATIENCE);
        // Plain requests get their short way back. Another watcher sets the flag after it was added
        // to those who wait, so whoever finds it among them leaves the flag set, too.
        self.busy.store(self.believes, Ordering::Relaxed);
        if self.watches.remove(nonce) {
            self.busy.store(true, Ordering::Relaxed);
        }
        seen.filter(|seen| !seen.is_null()).unwrap_or(nothing)
    }

    /// Ends the wait of [`Entrance::watch`] for this nonce.
    #[cfg_attr(not(any(unix, test)), expect(dead_code, reason = "there is no control socket"))]
    pub(crate) fn unwatch(&self, nonce: &str) {
        self.watches.remove(nonce);
    }

    /// Whether [`Entrance::watch`] waits for this nonce.
    #[cfg_attr(not(any(unix, test)), expect(dead_code, reason = "there is no control socket"))]
    pub(crate) fn watches(&self, nonce: &str) -> bool {
        self.watches.has(nonce)
    }
}

/// The language of what is said about proxies.
fn lang(asked: Option<&str>) -> Lang {
    let of_system = || Lang::of_system(|name| std::env::var(name).ok());
    asked.and_then(Lang::parse).unwrap_or_else(of_system)
}
