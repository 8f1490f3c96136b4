//! [`SessionInterface`]: sessions that are kept elsewhere than in a signed cookie.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::app::App;
use crate::error::Result;
use crate::http::Response;
use crate::request::Request;

use super::Session;

/// The values of a session by key.
pub type SessionValues = Map<String, Value>;

/// What the methods of a [`SessionInterface`] give back. It stays on its thread.
pub type SessionFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + 'a>>;

/// Where sessions are kept; set by [`App::session_interface`].
///
/// [`Request::session_cookie`] reads and sets the cookie that tells visitors apart, as the
/// configuration wants it.
///
/// ```
/// use std::collections::HashMap;
/// use std::sync::Mutex;
/// use carafe::{Request, Response, Session, SessionFuture, SessionInterface, SessionValues};
///
/// /// Sessions in this process's memory, by an id that is made with `new_id`.
/// struct InMemory {
///     kept: Mutex<HashMap<String, SessionValues>>,
///     new_id: fn() -> String,
/// }
///
/// impl SessionInterface for InMemory {
///     fn open_session<'a>(
///         &'a self,
///         request: &'a Request,
///     ) -> SessionFuture<'a, Option<SessionValues>> {
///         Box::pin(async move {
///             let kept = self.kept.lock().unwrap();
///             Ok(request.session_cookie().value().and_then(|id| kept.get(id)).cloned())
///         })
///     }
///
///     fn save_session<'a>(
///         &'a self,
///         request: &'a Request,
///         session: &'a Session,
///         response: &'a mut Response,
///     ) -> SessionFuture<'a, ()> {
///         Box::pin(async move {
///             let cookie = request.session_cookie();
///             if cookie.is_due(session) {
///                 // An id is made here and never taken from a visitor who has no session yet.
///                 let known = cookie.value().filter(|_| !session.is_new());
///                 let mut kept = self.kept.lock().unwrap();
///                 // Whoever signs in gets another id: the old one may be known to others.
///                 if let Some(known) = known.filter(|_| session.is_renewed()) {
///                     kept.remove(known);
///                 }
///                 let id = known.filter(|_| !session.is_renewed());
///                 let id = id.map_or_else(self.new_id, str::to_owned);
///                 kept.insert(id.clone(), session.values());
///                 cookie.set(response, id, session);
///             }
///             Ok(())
///         })
///     }
/// }
/// ```
pub trait SessionInterface: Send + Sync + 'static {
    /// Reads a visitor's session before the hooks run; `None` begins a new one.
    ///
    /// # Errors
    /// What the visitor is answered instead, such as a 503 when the store is away.
    fn open_session<'a>(&'a self, request: &'a Request)
    -> SessionFuture<'a, Option<SessionValues>>;

    /// Keeps the session after the hooks ran. It is called for every request: look at
    /// [`Session::is_modified`] first.
    ///
    /// `Vary: Cookie` is added without its help.
    ///
    /// # Errors
    /// What the visitor is answered instead.
    fn save_session<'a>(
        &'a self,
        request: &'a Request,
        session: &'a Session,
        response: &'a mut Response,
    ) -> SessionFuture<'a, ()>;
}

/// How an interface is handed from `App` to `Sessions`.
pub(crate) struct CustomInterface(pub(super) Arc<dyn SessionInterface>);

impl App {
    /// Keeps sessions elsewhere than in a signed cookie; for extensions.
    #[must_use]
    pub fn session_interface(self, interface: impl SessionInterface) -> App {
        self.state(CustomInterface(Arc::new(interface)))
    }
}
