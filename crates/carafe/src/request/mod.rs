//! [`Request`]: one HTTP request as an object, with Flask's attributes.
//!
//! A `Request` is a cheap handle: clones share one request. What needs an app (session, templates,
//! `url_for`) is added to it by the modules above.

mod body;
mod headers;
mod limits;
mod negotiate;
mod slots;
mod upgrade;
mod url;

use std::any::Any;
use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, OnceLock};

use ::http::request::Parts;
use ::http::{HeaderMap, Method, Uri, Version, header};

use crate::http::values::MultiDict;
use crate::http::{Body, Peer};
use crate::routing::{Match, Matched, Outcome, PathValue, Router, Rule};

use self::body::BodyState;
pub(crate) use self::body::broken;
pub(crate) use self::headers::missing_key;
pub use self::limits::Limits;
use self::slots::Slots;
pub use self::upgrade::Upgraded;
pub(crate) use self::url::{decode_path, host_of};

/// What an app gives to every request: its limits, and itself for the modules above.
pub(crate) struct Shared {
    pub(crate) router: Router,
    pub(crate) limits: Limits,
    pub(crate) preferred_scheme: String,
    pub(crate) script_root: String,
    pub(crate) json: crate::respond::JsonStyle,
    pub(crate) states: crate::extract::States,
    pub(crate) pool: crate::handler::Pool,
    pub(crate) app: Arc<dyn Any + Send + Sync>,
}

/// The path prefix that a proxy told, among a request's extensions.
#[derive(Clone)]
pub(crate) struct ScriptRoot(pub(crate) Box<str>);

/// One HTTP request.
///
/// Handlers take `&Request`, or the parts they need by type (see [`FromRequest`](crate::FromRequest)).
#[derive(Clone)]
pub struct Request(Arc<Inner>);

struct Inner {
    method: Method,
    uri: Uri,
    version: Version,
    headers: HeaderMap,
    /// The decoded path when it differs from the one on the wire.
    decoded_path: Option<String>,
    outcome: Outcome,
    peer: Arc<Peer>,
    shared: Arc<Shared>,
    /// The path prefix, where a proxy says another one than the configuration.
    script_root: Option<Box<str>>,
    body: Mutex<BodyState>,
    /// The query, parsed when it is first asked for.
    args: OnceLock<MultiDict>,
    slots: Slots,
    /// What a debugger tells how long the request has run by.
    #[cfg(debug_assertions)]
    started: std::time::Instant,
    /// What happens meanwhile, where somebody wants to know.
    #[cfg(debug_assertions)]
    record: Option<Arc<crate::trace::Record>>,
}

impl Request {
    pub(crate) fn new(
        mut parts: Parts,
        body: Body,
        decoded_path: Option<String>,
        outcome: Outcome,
        peer: Arc<Peer>,
        shared: Arc<Shared>,
    ) -> Request {
        let script_root = parts.extensions.remove::<ScriptRoot>().map(|root| root.0);
        #[cfg(debug_assertions)]
        let record = parts.extensions.remove::<Arc<crate::trace::Record>>();
        let slots = Slots::from_extensions(parts.extensions);
        Request(Arc::new(Inner {
            method: parts.method,
            uri: parts.uri,
            version: parts.version,
            headers: parts.headers,
            decoded_path,
            outcome,
            peer,
            shared,
            script_root,
            body: Mutex::new(BodyState::Fresh(body)),
            args: OnceLock::new(),
            slots,
            #[cfg(debug_assertions)]
            started: std::time::Instant::now(),
            #[cfg(debug_assertions)]
            record,
        }))
    }

    /// What is kept of what happens while it is answered.
    #[cfg(debug_assertions)]
    pub(crate) fn record(&self) -> Option<&Arc<crate::trace::Record>> {
        self.0.record.as_ref()
    }

    /// When the request came in.
    #[cfg(debug_assertions)]
    pub(crate) fn started(&self) -> std::time::Instant {
        self.0.started
    }

    /// The method, such as `GET`.
    pub fn method(&self) -> &Method {
        &self.0.method
    }

    /// The target as it came over the wire.
    pub fn uri(&self) -> &Uri {
        &self.0.uri
    }

    /// The version of HTTP.
    pub fn version(&self) -> Version {
        self.0.version
    }

    /// All headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.0.headers
    }

    /// The text of one header; `None` when it is absent or not visible ASCII.
    pub fn header(&self, name: impl header::AsHeaderName) -> Option<&str> {
        self.0.headers.get(name)?.to_str().ok()
    }

    /// The client's address: who is connected, or whom a trusted proxy names.
    ///
    /// Behind a proxy that nobody said to trust this is the proxy; see the guide's
    /// [behind a proxy](crate::guide::behind_a_proxy). The port is 0 where the proxy told none. `None`
    /// for a Unix socket, and where a trusted proxy does not say who the client is, or says it so
    /// that it cannot be read.
    pub fn remote_addr(&self) -> Option<SocketAddr> {
        self.0.peer.remote
    }

    /// Both ends of the connection, as far as proxies are believed.
    pub(crate) fn peer(&self) -> &Peer {
        &self.0.peer
    }

    /// The address of this server's side of the connection.
    pub fn local_addr(&self) -> Option<SocketAddr> {
        self.0.peer.local
    }

    /// The rule that matched; `None` when none did (a 404, 405 or redirect).
    pub fn url_rule(&self) -> Option<&Rule> {
        self.matched().map(|found| self.0.shared.router.rule(found.rule))
    }

    /// The endpoint that matched, such as `admin.index`.
    #[inline]
    pub fn endpoint(&self) -> Option<&str> {
        self.url_rule().map(|rule| &**rule.endpoint())
    }

    /// The blueprint that the endpoint belongs to, such as `admin` or `admin.users`.
    #[inline]
    pub fn blueprint(&self) -> Option<&str> {
        self.endpoint()?.rsplit_once('.').map(|(blueprint, _)| blueprint)
    }

    /// The names of the blueprints that the endpoint belongs to, the innermost first: `admin.users`,
    /// then `admin`.
    #[inline]
    pub fn blueprints(&self) -> impl Iterator<Item = &str> {
        std::iter::successors(self.blueprint(), |name| {
            name.rsplit_once('.').map(|(parent, _)| parent)
        })
    }

    /// The value that the path has for `<name>`: one of Flask's `view_args`.
    pub fn path_value(&self, name: &str) -> Option<&PathValue> {
        let position = self.url_rule()?.position(name)?;
        self.matched()?.values.get(position)
    }

    /// All path values with their names, as text.
    #[inline]
    pub fn path_values(&self) -> Vec<(&str, String)> {
        let (Some(rule), Some(found)) = (self.url_rule(), self.matched()) else {
            return Vec::new();
        };
        let matched = Matched { rule, values: &found.values, path: self.path() };
        rule.names().filter_map(|name| Some((name, matched.value_text(name)?))).collect()
    }

    pub(crate) fn matched(&self) -> Option<&Match> {
        match &self.0.outcome {
            Outcome::Found(found) => Some(found),
            _ => None,
        }
    }

    pub(crate) fn outcome(&self) -> &Outcome {
        &self.0.outcome
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.0.shared
    }

    /// The value of this type that belongs to this request, made on first use.
    ///
    /// This is how a hook or an extension keeps something of its own for the length of a request;
    /// [`Request::g`] is the same for an app's values.
    pub fn slot<T: Any + Send + Sync>(&self, make: impl FnOnce() -> T) -> Arc<T> {
        self.0.slots.get_or_insert_with(make)
    }

    /// Whether anything was kept with this request.
    pub(crate) fn has_slots(&self) -> bool {
        !self.0.slots.is_empty()
    }

    /// The value of this type, when there is one already.
    pub fn existing_slot<T: Any + Send + Sync>(&self) -> Option<Arc<T>> {
        self.0.slots.get()
    }

    /// Sets or replaces the value of this type.
    pub fn set_slot<T: Any + Send + Sync>(&self, value: T) {
        self.0.slots.set(value);
    }

    /// The values that hooks and handlers share for the length of this request: Flask's `g`, typed.
    ///
    /// ```
    /// # use carafe::{App, Request, Response};
    /// struct User(String);
    ///
    /// # fn demo(request: &Request) {
    /// request.g().set(User("Ann".into()));
    /// assert_eq!(request.g().get::<User>().unwrap().0, "Ann");
    /// # }
    /// ```
    pub fn g(&self) -> Globals<'_> {
        Globals { slots: &self.0.slots }
    }
}

/// The typed values of one request; see [`Request::g`].
pub struct Globals<'a> {
    slots: &'a Slots,
}

impl Globals<'_> {
    /// The value of this type, when a hook or handler has set one.
    pub fn get<T: Any + Send + Sync>(&self) -> Option<Arc<T>> {
        self.slots.get()
    }

    /// Sets or replaces the value of this type.
    pub fn set<T: Any + Send + Sync>(&self, value: T) {
        self.slots.set(value);
    }

    /// Takes the value of this type out.
    pub fn pop<T: Any + Send + Sync>(&self) -> Option<Arc<T>> {
        self.slots.remove()
    }

    /// The value of this type, made now if there is none.
    pub fn setdefault<T: Any + Send + Sync>(&self, make: impl FnOnce() -> T) -> Arc<T> {
        self.slots.get_or_insert_with(make)
    }
}

impl fmt::Debug for Request {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Headers and values may hold secrets; they are printed where someone asks for them.
        write!(f, "Request({} {})", self.0.method, self.path())
    }
}
