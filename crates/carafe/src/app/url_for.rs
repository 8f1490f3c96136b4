//! Building URLs: `url_for` with an endpoint's name, and `url_for!` with a handler.
//!
//! The router builds paths; here are the request's scheme, host and prefix, and the hooks.

use std::any::TypeId;
use std::sync::Arc;

use ::http::Method;

use crate::context;
use crate::error::{Error, Result};
use crate::request::{Request, Shared};
use crate::routing::{BuildOptions, BuildValues, Map, MapSettings, UrlValue};

use super::core::Core;
use super::route::Endpoint;

/// The values and options of a URL to be built: the arguments of Flask's `url_for`.
///
/// ```
/// use carafe::prelude::*;
/// use carafe::UrlFor;
///
/// #[get("/users/<int:id>")]
/// async fn user(id: i64, request: &Request) -> Result<String> {
///     request.url_for("user", UrlFor::new().value("id", id + 1).value("tab", "photos"))
/// }
///
/// let client = App::new().routes(routes![user]).test_client();
/// assert_eq!(client.get("/users/5").send().text(), "/users/6?tab=photos");
/// ```
#[derive(Clone, Debug, Default)]
pub struct UrlFor {
    values: BuildValues<'static>,
    external: Option<bool>,
    anchor: Option<String>,
    scheme: Option<String>,
    method: Option<Method>,
}

impl UrlFor {
    /// No values, no options.
    #[inline]
    pub fn new() -> UrlFor {
        UrlFor::default()
    }

    /// A value of the path, or of the query when the rule does not name it. `None` counts as absent.
    #[must_use]
    pub fn value(mut self, name: &'static str, value: impl Into<UrlValue<'static>>) -> UrlFor {
        self.values.set(name, value);
        self
    }

    /// As [`UrlFor::value`], for a name that is only known at run time.
    #[must_use]
    pub fn named(mut self, name: String, value: impl Into<UrlValue<'static>>) -> UrlFor {
        self.values.set(name, value);
        self
    }

    /// Whether the URL begins with the scheme and the host: Flask's `_external`.
    #[must_use]
    #[inline]
    pub fn external(mut self, external: bool) -> UrlFor {
        self.external = Some(external);
        self
    }

    /// What follows the `#`: Flask's `_anchor`.
    #[must_use]
    pub fn anchor(mut self, anchor: impl Into<String>) -> UrlFor {
        self.anchor = Some(anchor.into());
        self
    }

    /// Another scheme than the request's, for an external URL: Flask's `_scheme`.
    #[must_use]
    pub fn scheme(mut self, scheme: impl Into<String>) -> UrlFor {
        self.scheme = Some(scheme.into());
        self
    }

    /// The method whose rule is wanted, where an endpoint has several: Flask's `_method`.
    #[must_use]
    #[inline]
    pub fn method(mut self, method: &str) -> UrlFor {
        self.method = Method::from_bytes(method.as_bytes()).ok();
        self
    }
}

impl Request {
    /// The URL of an endpoint, by name; `.name` is one of the current blueprint's.
    ///
    /// # Errors
    /// 500 when there is no such endpoint (with the nearest name as a hint), when a value is
    /// missing, or when a converter does not take a value.
    #[inline]
    pub fn url_for(&self, endpoint: &str, options: UrlFor) -> Result<String> {
        build(self.shared(), Some(self), endpoint, options)
    }
}

/// The URL of an endpoint, by name, for the current request.
///
/// # Errors
/// As [`Request::url_for`], and outside of a request.
#[inline]
pub fn named_url(endpoint: &str, options: UrlFor) -> Result<String> {
    match context::current() {
        Some(request) => request.url_for(endpoint, options),
        None => Err(failed(format!(
            "the URL of `{endpoint}` was asked for outside of a request; use `app.test_request(\"/\")` in a test"
        ))),
    }
}

/// The URL of a handler; what `url_for!(handler, ..)` stands for.
///
/// # Panics
/// When a blueprint's prefix needs a value that was not given, or the handler is not registered:
/// mistakes of the program. Within a request this is a 500.
#[track_caller]
pub fn endpoint_url<E: Endpoint>(options: UrlFor) -> String {
    let built = match context::current() {
        Some(request) => of_request::<E>(&request, options),
        None => alone::<E>(options),
    };
    match built {
        Ok(url) => url,
        Err(error) => panic!("{error}"),
    }
}

fn of_request<E: Endpoint>(request: &Request, options: UrlFor) -> Result<String> {
    let core = Core::of(request);
    let names = core.endpoints.get(&TypeId::of::<E>()).map_or(&[][..], Vec::as_slice);
    // A blueprint that is registered twice links to itself.
    let blueprint = request.blueprint();
    let nearest =
        names.iter().find(|name| name.rsplit_once('.').map(|(left, _)| left) == blueprint);
    match nearest.or(names.first()) {
        Some(name) => request.url_for(name, options),
        None => Err(failed(format!(
            "`{}` is not among the app's routes; add it with `.routes(routes![..])`",
            E::route().handler
        ))),
    }
}

/// The path that a handler's own rule gives, without an app: for unit tests of plain functions.
fn alone<E: Endpoint>(options: UrlFor) -> Result<String> {
    let mut map = Map::new(MapSettings::default());
    let endpoint: Arc<str> = "endpoint".into();
    for rule in E::route().rules {
        map.add(rule.into_spec(endpoint.clone(), 0)).map_err(Error::from)?;
    }
    let router = map.freeze();
    let choice = BuildOptions {
        method: options.method.as_ref(),
        anchor: options.anchor.as_deref(),
        ..BuildOptions::default()
    };
    Ok(router.build(&endpoint, &options.values, &choice)?.path)
}

#[inline]
fn failed(words: String) -> Error {
    Error::new(500).caused_by(words)
}

/// Builds a URL as seen from `request`, or from outside any request.
#[inline]
pub(crate) fn build(
    shared: &Shared,
    request: Option<&Request>,
    endpoint: &str,
    options: UrlFor,
) -> Result<String> {
    let core: &Core = Core::of_shared(shared);
    let endpoint = absolute_name(request, endpoint);
    let UrlFor { mut values, external, anchor, scheme, method } = options;
    core.apply_url_defaults(request, &endpoint, &mut values);
    let own_host = request.map(Request::host);
    let choice = BuildOptions {
        method: method.as_ref(),
        request_method: request.map_or(&Method::GET, Request::method),
        request_host: own_host,
        anchor: anchor.as_deref(),
        ..BuildOptions::default()
    };
    let built = shared.router.build(&endpoint, &values, &choice)?;
    if scheme.is_some() && external == Some(false) {
        return Err(failed("`_scheme` needs `_external=true`".to_owned()));
    }
    let script_root = request.map_or(&*shared.script_root, Request::root_path);
    let path = format!("{script_root}{}", built.path);
    let is_own = |host: &str| own_host.is_some_and(|own| shared.router.is_own_host(host, own));
    let other_host = built.host.as_deref().filter(|host| !is_own(host));
    let wants_whole = external.unwrap_or(request.is_none() || scheme.is_some());
    if !wants_whole && other_host.is_none() && !built.websocket {
        return Ok(path);
    }
    let server_name = core.config.settings().server_name.as_deref();
    let built_host = built.host.as_deref().map(|host| shared.router.with_port(host, own_host));
    let Some(host) = built_host.as_deref().or(own_host).or(server_name) else {
        return Err(failed(format!(
            "the whole URL of `{endpoint}` outside of a request needs the config key `server_name`"
        )));
    };
    let scheme = scheme.as_deref().unwrap_or_else(|| match request {
        Some(request) => request.scheme(),
        None => &shared.preferred_scheme,
    });
    let scheme = match (built.websocket, scheme) {
        (true, "https") => "wss",
        (true, "http") => "ws",
        _ => scheme,
    };
    Ok(format!("{scheme}://{host}{path}"))
}

/// `.name` is the blueprint's own, anything else is a whole name.
#[inline]
fn absolute_name(request: Option<&Request>, endpoint: &str) -> String {
    match endpoint.strip_prefix('.') {
        None => endpoint.to_owned(),
        Some(name) => match request.and_then(Request::blueprint) {
            Some(blueprint) => format!("{blueprint}.{name}"),
            None => name.to_owned(),
        },
    }
}
