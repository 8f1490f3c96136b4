//! [`Watches`]: someone at the control socket waits for one request, to be told what arrived and
//! what the app made of it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ::http::HeaderMap;
use ::http::request::Parts;
use serde_json::{Value, json};

use crate::few::Handover;
use crate::http::Peer;
use crate::http::values::{field, host_is_trusted};
use crate::request::{ScriptRoot, host_of};

/// How long a watcher waits.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);
/// How many may wait at once; one person asks one question.
const MOST: usize = 8;
/// The longest nonce, in bytes.
const LONGEST_NONCE: usize = 64;
/// The most characters of a header's value that are told.
const SHOWN: usize = 1_000;

/// The query's key that marks a request.
const KEY: &str = "carafe-proxy-check=";

/// Where the answer goes; `null` when this is dropped without one, so that nobody waits in vain.
struct Seen(Arc<Handover<Value>>);

impl Drop for Seen {
    fn drop(&mut self) {
        self.0.give(Value::Null);
    }
}

struct Waiting {
    nonce: String,
    seen: Seen,
}

/// Who waits for which request.
#[derive(Default)]
pub(super) struct Watches(Mutex<Vec<Waiting>>);

impl Watches {
    fn lock(&self) -> MutexGuard<'_, Vec<Waiting>> {
        // Nothing under the lock can fail halfway, so a poisoned one is still whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins to wait; `None` when the nonce is not one or is waited for already, or too many wait.
    pub(super) fn add(&self, nonce: &str) -> Option<Arc<Handover<Value>>> {
        let is_nonce = !nonce.is_empty()
            && nonce.len() <= LONGEST_NONCE
            && nonce.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let mut waiting = self.lock();
        let is_new = waiting.iter().all(|one| one.nonce != nonce);
        if !is_nonce || !is_new || waiting.len() >= MOST {
            return None;
        }
        let seen = Arc::new(Handover::default());
        waiting.push(Waiting { nonce: nonce.to_owned(), seen: Seen(seen.clone()) });
        Some(seen)
    }

    /// Ends a wait; whether anyone else still waits.
    pub(super) fn remove(&self, nonce: &str) -> bool {
        let mut waiting = self.lock();
        waiting.retain(|one| one.nonce != nonce);
        !waiting.is_empty()
    }

    /// Whether someone waits for this one.
    pub(super) fn has(&self, nonce: &str) -> bool {
        self.lock().iter().any(|one| one.nonce == nonce)
    }

    /// The first half of the answer, when someone waits for this request: what arrived.
    pub(super) fn arrived(&self, parts: &Parts, peer: &Peer) -> Option<Arrived> {
        let nonce = nonce_of(parts.uri.query()?)?;
        let mut waiting = self.lock();
        let place = waiting.iter().position(|one| one.nonce == nonce)?;
        let seen = waiting.swap_remove(place).seen;
        Some(Arrived { seen, told: arrived(parts, peer) })
    }
}

/// A request that is being watched.
pub(super) struct Arrived {
    seen: Seen,
    told: Value,
}

impl Arrived {
    /// Tells the rest: what the app made of the request.
    pub(super) fn tell(
        self,
        parts: &Parts,
        peer: &Peer,
        trusted: bool,
        hosts: &[String],
        root: &str,
    ) {
        let host = host_of(&parts.uri, &parts.headers, peer.secure);
        let believed = json!({
            "trusted": trusted,
            "client": peer.remote.map(|remote| remote.ip().to_canonical().to_string()),
            "scheme": if peer.secure { "https" } else { "http" },
            "host": host,
            "prefix": parts.extensions.get().map_or(root, |ScriptRoot(root)| root),
            "host_is_trusted": hosts.is_empty() || host_is_trusted(host, hosts),
        });
        self.seen.0.give(json!({ "arrived": self.told, "believed": believed }));
    }
}

/// The nonce in a query such as `a=b&carafe-proxy-check=n0nce`.
fn nonce_of(query: &str) -> Option<&str> {
    query.split('&').find_map(|pair| pair.strip_prefix(KEY))
}

fn arrived(parts: &Parts, peer: &Peer) -> Value {
    json!({
        "peer": peer.remote.map_or("unix".to_owned(), |remote| remote.to_string()),
        "scheme": if peer.secure { "https" } else { "http" },
        "target": parts.uri.path(),
        "host": host_of(&parts.uri, &parts.headers, peer.secure),
        "headers": headers(&parts.headers),
    })
}

/// What proxies add: each header's lines joined.
fn headers(all: &HeaderMap) -> Value {
    let of_proxies = |name: &&::http::HeaderName| {
        let name = name.as_str();
        name.starts_with("x-forwarded-") || matches!(name, "forwarded" | "x-real-ip" | "via")
    };
    let told = all.keys().filter(of_proxies).map(|name| {
        let value = field(all, name).unwrap_or_default();
        (name.to_string(), Value::from(value.chars().take(SHOWN).collect::<String>()))
    });
    told.collect::<serde_json::Map<_, _>>().into()
}
