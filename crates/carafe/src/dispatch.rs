//! A request's life, from top to bottom. Each step has its name in Flask.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;

use ::http::request::Parts;
use ::http::{Method, header};

use crate::app::{Core, Site};
use crate::context;
#[cfg(debug_assertions)]
use crate::dev;
use crate::error::{Error, Result};
use crate::error_page;
use crate::handler::{ViewFuture, catch_panic, catch_panic_of};
use crate::hooks::{ErrorHandler, Named, Teardown, find_error_handler};
use crate::http::{Body, HeaderValue, Peer, Response, Status};
use crate::layers::LayerInner;
use crate::request::{Request, decode_path};
use crate::routing::Outcome;
use crate::signals::Signal;
use crate::trace::{self, Kind, Span};

/// From a request to a response: Flask's `wsgi_app`. Nothing gets out but a response.
///
/// Matching is done at once, so that the future carries one pointer and not the whole request.
pub(crate) fn dispatch(
    site: &Site,
    parts: Parts,
    body: Body,
    peer: Arc<Peer>,
) -> impl Future<Output = Response> + use<> {
    live(match_request(site, parts, body, peer))
}

/// The rest of a matched request's life, with the request as the current one.
async fn live(request: Request) -> Response {
    let core = Core::of(&request);
    #[cfg(debug_assertions)]
    {
        crate::debugging::stays();
        dev::matched(core, &request);
    }
    let mut life = pin!(full_dispatch(core, &request));
    poll_fn(|cx| context::enter(&request, || life.as_mut().poll(cx))).await
}

/// The app under its tower layers, for one worker; `None` when it has none.
pub(crate) fn layered(site: &Arc<Site>) -> Option<LayerInner> {
    if site.layers.is_empty() {
        return None;
    }
    let inner = site.clone();
    Some(site.layers.wrap(LayerInner::new(move |mut request| {
        let site = inner.clone();
        let peer = request.extensions_mut().remove::<Arc<Peer>>().unwrap_or_default();
        let (parts, body) = request.into_parts();
        let answer = dispatch(&site, parts, body, peer);
        Box::pin(async move { Ok(answer.await.into_http()) })
    })))
}

/// From a request to a response through the app's tower layers.
pub(crate) async fn through_layers(
    site: &Site,
    layered: &LayerInner,
    mut parts: Parts,
    body: Body,
    peer: Arc<Peer>,
) -> Response {
    // What a layer changes in the request does not make it another client's.
    let detailed = error_page::sees_details(&site.core, &parts.headers, &peer);
    parts.extensions.insert(peer);
    let request = ::http::Request::from_parts(parts, body);
    let answer = async {
        let answer = catch_panic_of(|| layered.run(request))?;
        answer.await.map_err(|error| Error::new(500).caused_by(error))
    };
    match catch_panic(Box::pin(answer)).await {
        Ok(response) => response.into(),
        Err(error) => error_page::plain(detailed, error),
    }
}

/// Lets the request in, and finds the rule. A refusal (404, 405, redirect) is kept for its turn, after the hooks.
pub(crate) fn match_request(
    site: &Site,
    mut parts: Parts,
    body: Body,
    mut peer: Arc<Peer>,
) -> Request {
    if site.entrance.is_busy() {
        peer = site.entrance.look(&mut parts, peer);
    }
    let decoded = decode_path(&parts.uri);
    let path = decoded.as_deref().unwrap_or_else(|| parts.uri.path());
    let router = &site.shared.router;
    let host = if router.looks_at_hosts() { host_of(&parts) } else { "" };
    let websocket = router.has_websockets() && is_websocket(&parts);
    let outcome = router.find(host, path, &parts.method, websocket);
    Request::new(parts, body, decoded, outcome, peer, site.shared.clone())
}

fn host_of(parts: &Parts) -> &str {
    match parts.uri.authority() {
        Some(authority) => authority.as_str(),
        None => parts.headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or(""),
    }
}

/// Only GET can begin a websocket (RFC 6455 section 4.1).
fn is_websocket(parts: &Parts) -> bool {
    if parts.method != Method::GET {
        return false;
    }
    let upgrade = parts.headers.get(header::UPGRADE);
    upgrade.is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"))
}

/// The steps in their order. Those that most requests pass by are boxed, so that the future of a
/// plain request stays small: the engine moves it.
async fn full_dispatch(core: &Core, request: &Request) -> Response {
    let hooked = core.target(request).is_none_or(|target| target.hooked);
    let _teardown = hooked.then(|| AtTheEnd { core, request });
    let early = match hooked {
        true => Box::pin(preprocess(core, request)).await,
        false => Ok(None),
    };
    let answer = match early {
        Ok(Some(response)) => Ok(response),
        Ok(None) => {
            let _span = handler_span(core, request);
            match call_view(core, request) {
                Called::Working(view) => catch_panic(view).await,
                Called::Answered(answer) => answer,
            }
        }
        Err(error) => Err(error),
    };
    let response = match answer {
        #[cfg(debug_assertions)]
        Ok(response) if response.status().is_server_error() => {
            // One that no error led to.
            crate::error::carafe_server_error(response.status().as_u16());
            response
        }
        Ok(response) => response,
        Err(error) => Box::pin(handle_error(core, request, error)).await,
    };
    match hooked || request.has_slots() {
        true => Box::pin(process_response(core, request, response)).await,
        false => response,
    }
}

/// The hooks before the handler; a response of theirs is the answer.
pub(crate) async fn preprocess(core: &Core, request: &Request) -> Result<Option<Response>> {
    core.listeners.send(Signal::AppcontextPushed { request });
    core.listeners.send(Signal::RequestStarted { request });
    check_host(core, request)?;
    core.sessions.open(request).await?;
    let chain = core.chain(request);
    for scope in core.scopes_of(chain) {
        for preprocess in &scope.hooks.preprocessors {
            let _span = preprocess.span(request, Kind::HOOK, "url_value_preprocessor");
            catch_panic_of(|| preprocess(request))?;
        }
    }
    for scope in core.scopes_of(chain) {
        for before in &scope.hooks.before {
            let _span = before.span(request, Kind::HOOK, "before_request");
            if let Some(response) = catch_panic(before(request.clone())).await? {
                return Ok(Some(response));
            }
        }
    }
    Ok(None)
}

/// Refuses a `Host` that is not among `trusted_hosts`, when there are any.
fn check_host(core: &Core, request: &Request) -> Result<()> {
    let trusted = &core.config.settings().trusted_hosts;
    if trusted.is_empty() || crate::http::values::host_is_trusted(request.host(), trusted) {
        return Ok(());
    }
    Err(Error::new(Status::BAD_REQUEST)
        .describe("this server does not answer under the host name of the request"))
}

/// The handler's future, or the refusal that routing ended in.
fn call_view(core: &Core, request: &Request) -> Called {
    let Outcome::Found(found) = request.outcome() else {
        return Called::Answered(crate::refusal::answer(request, request.outcome()));
    };
    let rule = request.shared().router.rule(found.rule);
    if request.method() == Method::OPTIONS && rule.automatic_options() {
        return Called::Answered(Ok(automatic_options(request)));
    }
    let Some(target) = core.target_of(rule) else {
        return Called::Answered(Err(Error::new(Status::NOT_FOUND)));
    };
    match catch_panic_of(|| target.view.call(request.clone())) {
        Ok(view) => Called::Working(view),
        Err(error) => Called::Answered(Err(error)),
    }
}

/// The span of the handler's work, where there is a handler.
fn handler_span(core: &Core, request: &Request) -> Option<Span> {
    if !cfg!(debug_assertions) {
        return None;
    }
    let target = core.target(request)?;
    let place = Some((target.place.file, target.place.line));
    Some(trace::of(request, Kind::HANDLER, &target.handler, place))
}

/// What calling a view begins with.
enum Called {
    Working(ViewFuture),
    Answered(Result<Response>),
}

/// The answer to OPTIONS where the app has none of its own.
fn automatic_options(request: &Request) -> Response {
    let allow = request.shared().router.allowed_methods(request.host(), request.path());
    let mut response = Response::html(Body::empty());
    response.headers_mut().insert(header::ALLOW, crate::refusal::allow_value(&allow));
    response
}

/// The nearest error handler, or the default page. The error of a failing error handler may find
/// one more, such as the app's own page for 500.
async fn handle_error(core: &Core, request: &Request, mut error: Error) -> Response {
    let chain = core.chain(request);
    let scopes = core.scopes_of(chain).rev().map(|scope| &scope.hooks);
    let mut failed: Option<&ErrorHandler> = None;
    loop {
        let found = find_error_handler(scopes.clone(), &error);
        #[cfg(debug_assertions)]
        let found = found.filter(|found| !dev::takes_place_of(core, request, &error, found));
        // A handler by type says that the error is expected: it is a part of the app's work.
        if !found.is_some_and(ErrorHandler::is_for_type) {
            report(core, request, &mut error);
        }
        let handler = match found {
            Some(handler) if !failed.is_some_and(|failed| std::ptr::eq(failed, handler)) => handler,
            _ => return default_page(core, request, error),
        };
        let _span = handler.call.span(request, Kind::HOOK, "error_handler");
        let call = catch_panic_of(|| (handler.call)(request.clone(), error));
        error = match call {
            Ok(answer) => match catch_panic(answer).await {
                Ok(mut response) => {
                    crate::refusal::complete(request, &mut response);
                    return response;
                }
                Err(error) => error,
            },
            Err(panic) => panic,
        };
        if failed.is_some() {
            report(core, request, &mut error);
            return default_page(core, request, error);
        }
        failed = Some(handler);
    }
}

/// An error that no error handler took: what the teardown functions see.
struct Failure(Error);

fn default_page(core: &Core, request: &Request, mut error: Error) -> Response {
    #[cfg(debug_assertions)]
    dev::failed(core, request, &error);
    let page = error_page::respond(core, request, &mut error);
    request.set_slot(Failure(error));
    page
}

/// Tells the log and the listeners of an error that nobody meant to be an answer.
fn report(core: &Core, request: &Request, error: &mut Error) {
    if error.status() != Status::INTERNAL_SERVER_ERROR {
        return;
    }
    let id = error.name().to_owned();
    #[cfg(debug_assertions)]
    dev::failed(core, request, error);
    core.listeners.send(Signal::GotRequestException { request, error });
    // A decoded path may hold line breaks, which would forge lines of the log.
    let (method, path) = (request.method(), request.path().escape_debug());
    tracing::error!(target: "carafe", id, "exception on {path} [{method}]: {error}");
}

/// The hooks after the handler, the session, and what HTTP asks of every response.
async fn process_response(core: &Core, request: &Request, response: Response) -> Response {
    let changed = catch_panic_of(|| request.run_after_this(response));
    let mut response = match changed {
        Ok(response) => response,
        Err(error) => handle_error(core, request, error).await,
    };
    let chain = core.chain(request);
    for scope in core.scopes_of(chain).rev() {
        for after in scope.hooks.after.iter().rev() {
            let span = after.span(request, Kind::HOOK, "after_request");
            let answer = match catch_panic_of(|| after(request.clone(), response)) {
                Ok(answer) => catch_panic(answer).await,
                Err(error) => Err(error),
            };
            drop(span);
            response = match answer {
                Ok(response) => response,
                Err(error) => handle_error(core, request, error).await,
            };
        }
    }
    if let Err(error) = core.sessions.save(request, &mut response).await {
        response = handle_error(core, request, error).await;
    }
    core.listeners.send(Signal::RequestFinished { request, response: &response });
    response
}

/// Runs the teardown functions when it is dropped: at the end, after a panic, and also when the
/// client went away and the request's future was dropped in the middle.
struct AtTheEnd<'a> {
    core: &'a Core,
    request: &'a Request,
}

impl Drop for AtTheEnd<'_> {
    fn drop(&mut self) {
        let (core, request) = (self.core, self.request);
        let chain = core.chain(request);
        let failure = request.existing_slot::<Failure>();
        let error = failure.as_ref().map(|failure| &failure.0);
        for scope in core.scopes_of(chain).rev() {
            run_teardown("teardown_request", &scope.hooks.teardown, request, error);
        }
        core.listeners.send(Signal::RequestTearingDown { request });
        for scope in core.scopes_of(chain).rev() {
            run_teardown("teardown_appcontext", &scope.hooks.teardown_app, request, error);
        }
        core.listeners.send(Signal::AppcontextTearingDown { request });
        core.listeners.send(Signal::AppcontextPopped { request });
    }
}

/// Runs teardown functions, the last one first. A panic in one must not keep the others from their
/// work, nor leave a `drop`, where it would end the process.
fn run_teardown(
    what: &str,
    functions: &[Named<Teardown>],
    request: &Request,
    error: Option<&Error>,
) {
    for teardown in functions.iter().rev() {
        let _span = teardown.span(request, Kind::TEARDOWN, what);
        if let Err(panic) = catch_panic_of(|| teardown(request, error)) {
            let path = request.path().escape_debug();
            tracing::error!(target: "carafe", "a teardown function failed on {path}: {panic}");
        }
    }
}

/// What RFC 9110 section 9.3.2 asks of an answer to HEAD: the headers of GET, and no body.
///
/// The HTTP engine does it on a connection; this is for callers without one.
#[inline]
pub(crate) fn strip_head_body(method: &Method, response: &mut Response) {
    if method != Method::HEAD {
        return;
    }
    let length = http_body::Body::size_hint(response.body()).exact();
    drop(response.take_body());
    // Whoever answered without a body may have said how long it would be.
    if let Some(length) = length
        && !response.headers().contains_key(header::CONTENT_LENGTH)
    {
        response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    }
}
