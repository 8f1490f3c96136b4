//! Serving HTTP: from sockets to a function from request to response, and back.
//!
//! It knows nothing of apps. hyper's HTTP/1 engine is driven by one single-threaded runtime per
//! worker; the engine can be replaced here without touching anything above.

mod connection;
mod deadline;
mod door;
mod io;
mod listener;
mod outbox;
mod shutdown;
mod timekeeper;
mod worker;

use std::future::Future;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use ::http::request::Parts;

use crate::http::Peer;
use crate::http::{Body, Response};

#[cfg(unix)]
pub(crate) use self::listener::BACKLOG;
pub(crate) use self::listener::{ListenAddress, Listener};
pub(crate) use self::shutdown::{Drain, Signal, Signals};
pub(crate) use self::worker::{local_runtime, serve};

/// What the server calls for each request. One is made on each worker's own thread.
pub(crate) trait Service: 'static {
    /// Answers a request; it has to turn every failure into a response.
    fn call(
        self: Rc<Self>,
        parts: Parts,
        body: Body,
        peer: Arc<Peer>,
    ) -> impl Future<Output = Response> + 'static;
}

/// Deadlines and caps; all durations are wall-clock, checked once a second.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// From the first byte of a request's head to its last.
    pub(crate) header_read_timeout: Duration,
    /// How long a connection may wait for its next request.
    pub(crate) keep_alive_timeout: Duration,
    /// How long a request's body, or a response's reader, may make no progress.
    pub(crate) stall_timeout: Duration,
    /// How long open requests may take after a shutdown was asked for.
    pub(crate) shutdown_timeout: Duration,
    /// Connections open at once over all workers; above it, new ones wait in the kernel's queue.
    pub(crate) max_connections: usize,
    /// Bytes of one request's head.
    pub(crate) max_header_size: usize,
    /// Header fields of one request.
    pub(crate) max_headers: usize,
}
