//! [`Told`]: what proxies say of a request, and how the request looks when it is believed.

use std::net::SocketAddr;
use std::sync::Arc;

use ::http::request::Parts;
use ::http::uri::{PathAndQuery, Uri};
use ::http::{HeaderMap, HeaderValue, header};

use crate::http::Peer;
use crate::http::values::{field, is_valid_host};
use crate::request::ScriptRoot;

/// What proxies say of one request; `None` leaves that part as it came.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) client: Client,
    pub(crate) secure: Option<bool>,
    /// The host as the client named it, with its port.
    pub(crate) host: Option<HeaderValue>,
    /// A path that passed [`is_prefix`].
    pub(crate) prefix: Option<Box<str>>,
}

/// Who the client is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Client {
    /// Whoever is connected.
    #[default]
    Connected,
    /// Behind a proxy that does not say who, or says it so that it cannot be read.
    Unknown,
    /// At this address; port 0 where none was told.
    At(SocketAddr),
}

impl Client {
    /// The client's address, on this connection.
    pub(crate) fn or_connected(self, peer: &Peer) -> Option<SocketAddr> {
        match self {
            Client::Connected => peer.remote,
            Client::Unknown => None,
            Client::At(address) => Some(address),
        }
    }
}

impl Told {
    /// Puts what was told in place of what the connection says.
    pub(crate) fn put(self, parts: &mut Parts, peer: Arc<Peer>) -> Arc<Peer> {
        if let Some(host) = self.host {
            // The target's own authority would win over the header.
            parts.uri = without_authority(&parts.uri);
            parts.headers.insert(header::HOST, host);
        }
        if let Some(prefix) = self.prefix {
            let prefix = prefix.trim_end_matches('/');
            parts.extensions.insert(ScriptRoot(prefix.into()));
        }
        let remote = self.client.or_connected(&peer);
        let secure = self.secure.unwrap_or(peer.secure);
        if remote == peer.remote && secure == peer.secure {
            return peer;
        }
        Arc::new(Peer { remote, local: peer.local, secure })
    }
}

/// A told host with a told port in place of its own; without a told host, that of the request.
/// What is no host or no port is not used.
pub(crate) fn host_with_port(
    headers: &HeaderMap,
    host: Option<&str>,
    port: Option<&str>,
) -> Option<HeaderValue> {
    let host = host.filter(|host| is_valid_host(host));
    let with_port = port.and_then(|port| {
        let own = field(headers, header::HOST);
        let whole = format!("{}:{port}", without_port(host.or(own.as_deref())?));
        is_valid_host(&whole).then_some(whole)
    });
    HeaderValue::try_from(with_port.as_deref().or(host)?).ok()
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        // The last colon of `[::1]` is no port's.
        Some((name, port)) if !port.ends_with(']') => name,
        _ => host,
    }
}

/// A path that stays one in front of any other: not `//host`, and nothing that would end it.
pub(crate) fn is_prefix(prefix: &str) -> bool {
    prefix.starts_with('/')
        && !prefix.starts_with("//")
        && prefix.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"<>?#\\^`{|}".contains(&byte))
}

fn without_authority(uri: &Uri) -> Uri {
    if uri.authority().is_none() {
        return uri.clone();
    }
    let path = uri.path_and_query().cloned();
    Uri::from(path.unwrap_or_else(|| PathAndQuery::from_static("/")))
}
