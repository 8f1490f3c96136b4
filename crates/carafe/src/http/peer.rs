//! [`Peer`]: the two ends of a connection.

use std::net::SocketAddr;

/// Where requests come in: shared by all requests of one connection.
#[derive(Clone, Debug, Default)]
pub struct Peer {
    /// The other side's address; `None` for a Unix socket or a test without one.
    pub remote: Option<SocketAddr>,
    /// This side's address.
    pub local: Option<SocketAddr>,
    /// Whether the connection is encrypted.
    pub secure: bool,
}
