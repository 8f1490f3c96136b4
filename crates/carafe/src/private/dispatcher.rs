//! [`Dispatcher`]: requests through an app without a socket, for the benchmarks.

use std::sync::Arc;

use crate::app::{App, SetupError, Site};
use crate::config::Loader;
use crate::dispatch::dispatch;
use crate::http::{Body, Peer, Response};

/// A frozen app as a worker calls it: what is measured here is all that lies between the server's
/// engine and the handler, and nothing else. Tower layers are left out, as is the access log.
pub struct Dispatcher {
    site: Arc<Site>,
    peer: Arc<Peer>,
}

impl Dispatcher {
    /// Freezes an app, without a look at files or the environment.
    ///
    /// # Errors
    /// Every mistake of the setup.
    #[inline]
    pub fn new(app: App) -> Result<Dispatcher, SetupError> {
        let site = app.build(Loader::in_memory())?;
        Ok(Dispatcher { site, peer: Arc::default() })
    }

    /// Answers a request; wants a tokio runtime, as a worker has one.
    #[inline]
    pub fn call(&self, request: ::http::Request<Body>) -> impl Future<Output = Response> + use<> {
        let (parts, body) = request.into_parts();
        dispatch(&self.site, parts, body, self.peer.clone())
    }
}
