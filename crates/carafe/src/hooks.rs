//! Functions that run around a handler: before, after, teardown, error handlers, in Flask's order.
//!
//! Here is what a hook is and how a user's function becomes one; `dispatch` says when they run.

use std::any::TypeId;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use crate::error::{Error, Result};
use crate::extract::FromRequest;
use crate::handler::LocalFuture;
use crate::http::{Response, Status};
use crate::request::Request;
use crate::respond::IntoResponse;
use crate::routing::BuildValues;
use crate::trace::{self, Kind, Span};

/// Runs before the handler; a response ends the way there.
pub(crate) type Before =
    Arc<dyn Fn(Request) -> LocalFuture<Result<Option<Response>>> + Send + Sync>;
/// Runs after the handler, also after an error was turned into a response.
pub(crate) type After =
    Arc<dyn Fn(Request, Response) -> LocalFuture<Result<Response>> + Send + Sync>;
/// Runs at the very end, whatever happened.
pub(crate) type Teardown = Arc<dyn Fn(&Request, Option<&Error>) + Send + Sync>;
/// Sees the path values before the hooks.
pub(crate) type Preprocessor = Arc<dyn Fn(&Request) + Send + Sync>;
/// Fills in values when a URL is built.
pub(crate) type UrlDefaults =
    Arc<dyn Fn(Option<&Request>, &str, &mut BuildValues<'static>) + Send + Sync>;

/// A function of the app's; in debug builds with what it is called and where it was added.
#[derive(Clone)]
pub(crate) struct Named<F> {
    function: F,
    #[cfg(debug_assertions)]
    name: &'static str,
    #[cfg(debug_assertions)]
    place: Place,
}

impl<F> Named<F> {
    /// `function` as the user's, of type `U`, is called.
    #[cfg_attr(debug_assertions, track_caller)]
    pub(crate) fn of<U>(_user: std::marker::PhantomData<U>, function: F) -> Named<F> {
        Named {
            function,
            #[cfg(debug_assertions)]
            name: std::any::type_name::<U>(),
            #[cfg(debug_assertions)]
            place: Place::caller(),
        }
    }

    /// Begins a span of this function's run; `what` is Flask's word for its kind.
    #[inline]
    pub(crate) fn span(&self, request: &Request, kind: Kind, what: &str) -> Span {
        #[cfg(debug_assertions)]
        {
            let name = function_name(self.name);
            let place = Some((self.place.file, self.place.line));
            trace::of(request, kind, format!("{what} {name}").trim_end(), place)
        }
        #[cfg(not(debug_assertions))]
        trace::of(request, kind, what, None)
    }
}

/// The last part of a function's path; nothing of a closure, which has no name. Of the handlers
/// that `#[error]` makes (`<app::not_found as ..>::handlers`) it is the type's.
#[cfg(debug_assertions)]
fn function_name(path: &'static str) -> &'static str {
    let path = path.strip_prefix('<').and_then(|path| path.split(" as ").next()).unwrap_or(path);
    let whole = path.split('<').next().unwrap_or(path).trim_end_matches("::");
    let name = whole.rsplit("::").next().unwrap_or(whole);
    if name.starts_with('{') { "" } else { name }
}

impl<F> std::ops::Deref for Named<F> {
    type Target = F;

    fn deref(&self) -> &F {
        &self.function
    }
}

/// The type of a value, for [`Named::of`].
pub(crate) fn type_of<U>(_value: &U) -> std::marker::PhantomData<U> {
    std::marker::PhantomData
}

/// The hooks of the app, or of one registered blueprint.
#[derive(Clone, Default)]
pub(crate) struct Hooks {
    pub(crate) preprocessors: Vec<Named<Preprocessor>>,
    pub(crate) before: Vec<Named<Before>>,
    pub(crate) after: Vec<Named<After>>,
    pub(crate) teardown: Vec<Named<Teardown>>,
    pub(crate) teardown_app: Vec<Named<Teardown>>,
    pub(crate) url_defaults: Vec<UrlDefaults>,
    pub(crate) errors: Vec<ErrorHandler>,
}

impl Hooks {
    /// Whether a request passes by without meeting any hook.
    pub(crate) fn is_idle(&self) -> bool {
        self.preprocessors.is_empty()
            && self.before.is_empty()
            && self.after.is_empty()
            && self.teardown.is_empty()
            && self.teardown_app.is_empty()
    }
}

/// Which errors a handler takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ErrorFilter {
    /// Errors of this status.
    Status(Status),
    /// Errors that were caused by a value of this type.
    Type(TypeId),
    /// Every error that no nearer handler takes.
    Any,
}

/// What an error handler gives back.
pub type ErrorFuture = LocalFuture<Result<Response>>;

/// An error handler, as `#[error(404)]` makes it.
#[derive(Clone)]
pub struct ErrorHandler {
    pub(crate) filter: ErrorFilter,
    pub(crate) matches: fn(&Error) -> bool,
    pub(crate) call: Named<ErrorCall>,
}

type ErrorCall = Arc<dyn Fn(Request, Error) -> ErrorFuture + Send + Sync>;

impl ErrorHandler {
    /// Takes errors of one status.
    #[cfg_attr(debug_assertions, track_caller)]
    pub fn for_status(
        status: impl crate::http::IntoStatus,
        call: impl Fn(Request, Error) -> ErrorFuture + Send + Sync + 'static,
    ) -> ErrorHandler {
        let filter = ErrorFilter::Status(status.into_status());
        ErrorHandler { filter, matches: |_| true, call: named(call) }
    }

    /// Takes errors that were caused by an `E`.
    #[cfg_attr(debug_assertions, track_caller)]
    pub fn for_type<E: std::error::Error + 'static>(
        call: impl Fn(Request, Error) -> ErrorFuture + Send + Sync + 'static,
    ) -> ErrorHandler {
        ErrorHandler {
            filter: ErrorFilter::Type(TypeId::of::<E>()),
            matches: |error| error.find::<E>().is_some(),
            call: named(call),
        }
    }

    pub(crate) fn is_for_type(&self) -> bool {
        matches!(self.filter, ErrorFilter::Type(_))
    }

    /// Takes every error that no handler by status or type takes.
    #[cfg_attr(debug_assertions, track_caller)]
    pub fn for_any(
        call: impl Fn(Request, Error) -> ErrorFuture + Send + Sync + 'static,
    ) -> ErrorHandler {
        let filter = ErrorFilter::Any;
        ErrorHandler { filter, matches: |_| true, call: named(call) }
    }
}

#[cfg_attr(debug_assertions, track_caller)]
fn named(call: impl Fn(Request, Error) -> ErrorFuture + Send + Sync + 'static) -> Named<ErrorCall> {
    let user = type_of(&call);
    Named::of(user, Arc::new(call))
}

/// The error handler that takes `error`, among scopes from the innermost blueprint to the app.
///
/// Flask's order: by status (inner to outer), then by type, then any; an error that is not an HTTP
/// error of its own (a 500 with a cause) is looked up by its type first.
pub(crate) fn find_error_handler<'a>(
    scopes: impl Iterator<Item = &'a Hooks> + Clone,
    error: &Error,
) -> Option<&'a ErrorHandler> {
    let by_status = |handler: &&ErrorHandler| handler.filter == ErrorFilter::Status(error.status());
    let by_type = |handler: &&ErrorHandler| {
        matches!(handler.filter, ErrorFilter::Type(_)) && (handler.matches)(error)
    };
    let by_any = |handler: &&ErrorHandler| handler.filter == ErrorFilter::Any;
    let find = |wanted: &dyn Fn(&&ErrorHandler) -> bool| {
        scopes.clone().find_map(|scope| scope.errors.iter().rev().find(|handler| wanted(handler)))
    };
    let unexpected = error.status() == Status::INTERNAL_SERVER_ERROR && error.source().is_some();
    let found = if unexpected {
        find(&by_type).or_else(|| find(&by_status))
    } else {
        find(&by_status).or_else(|| find(&by_type))
    };
    found.or_else(|| find(&by_any))
}

/// Where in the user's code something was set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The source file, as the compiler names it.
    pub file: &'static str,
    /// The line, from 1.
    pub line: u32,
}

impl Place {
    /// The place of the caller of a `#[track_caller]` function.
    #[track_caller]
    pub fn caller() -> Place {
        let location = std::panic::Location::caller();
        Place { file: location.file(), line: location.line() }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// What a `before_request` function may return.
#[diagnostic::on_unimplemented(
    message = "a before_request function cannot return `{Self}`",
    note = "return nothing, a response in an `Option`, or a `Result` of these"
)]
pub trait BeforeOutcome {
    /// The response that ends the request here, if any.
    ///
    /// # Errors
    /// Any error; it goes to the error handlers.
    fn into_outcome(self, request: &Request) -> Result<Option<Response>>;
}

impl BeforeOutcome for () {
    fn into_outcome(self, _request: &Request) -> Result<Option<Response>> {
        Ok(None)
    }
}

impl<R: IntoResponse> BeforeOutcome for Option<R> {
    fn into_outcome(self, request: &Request) -> Result<Option<Response>> {
        self.map(|answer| answer.into_response(request)).transpose()
    }
}

impl<T: BeforeOutcome, E: Into<Error>> BeforeOutcome for std::result::Result<T, E> {
    fn into_outcome(self, request: &Request) -> Result<Option<Response>> {
        self.map_err(Into::into)?.into_outcome(request)
    }
}

/// A function that may be given to `before_request`: any extractors in, see [`BeforeOutcome`] out.
///
/// An `async fn` runs on the reactor, a plain `fn` on the thread pool, as handlers do.
pub trait BeforeFunction<Marker>: Send + Sync + 'static {
    /// Runs the function.
    fn call(self: Arc<Self>, request: Request) -> LocalFuture<Result<Option<Response>>>;
}

/// Marks async functions; the arguments tell impls apart.
pub struct AsyncMarker<T>(T);
/// Marks plain functions.
pub struct PlainMarker<T>(T);

macro_rules! before_functions {
    ($(($($arg:ident),*))*) => {$(
        impl<F, Fut, $($arg,)*> BeforeFunction<AsyncMarker<($($arg,)* Fut,)>> for F
        where
            F: Fn($($arg),*) -> Fut + Send + Sync + 'static,
            Fut: Future<Output: BeforeOutcome> + 'static,
            $($arg: FromRequest + 'static,)*
        {
            #[allow(non_snake_case)]
            fn call(self: Arc<Self>, request: Request) -> LocalFuture<Result<Option<Response>>> {
                Box::pin(async move {
                    $(let $arg = $arg::from_request(&request).await?;)*
                    (*self)($($arg),*).await.into_outcome(&request)
                })
            }
        }

        impl<F, Out, $($arg,)*> BeforeFunction<PlainMarker<($($arg,)* Out,)>> for F
        where
            F: Fn($($arg),*) -> Out + Send + Sync + 'static,
            Out: BeforeOutcome + Send + 'static,
            $($arg: FromRequest + Send + 'static,)*
        {
            #[allow(non_snake_case)]
            fn call(self: Arc<Self>, request: Request) -> LocalFuture<Result<Option<Response>>> {
                Box::pin(async move {
                    $(let $arg = $arg::from_request(&request).await?;)*
                    let outcome = request.run_blocking(move || (*self)($($arg),*)).await?;
                    outcome.into_outcome(&request)
                })
            }
        }
    )*};
}
before_functions! { () (A) (A, B) (A, B, C) (A, B, C, D) }

/// A function that may be given to `after_request`.
///
/// `Fn(Request, Response)` gives back a `Response` (then it must not block) or a future of one.
pub trait AfterFunction<Marker>: Send + Sync + 'static {
    /// Runs the function.
    fn call(&self, request: Request, response: Response) -> LocalFuture<Result<Response>>;
}

impl<F, Fut> AfterFunction<AsyncMarker<Fut>> for F
where
    F: Fn(Request, Response) -> Fut + Send + Sync + 'static,
    Fut: Future<Output: IntoResponse> + 'static,
{
    fn call(&self, request: Request, response: Response) -> LocalFuture<Result<Response>> {
        let answer = self(request.clone(), response);
        Box::pin(async move { answer.await.into_response(&request) })
    }
}

impl<F, Out> AfterFunction<PlainMarker<Out>> for F
where
    F: Fn(Request, Response) -> Out + Send + Sync + 'static,
    Out: IntoResponse + 'static,
{
    fn call(&self, request: Request, response: Response) -> LocalFuture<Result<Response>> {
        let answer = self(request.clone(), response).into_response(&request);
        Box::pin(std::future::ready(answer))
    }
}

/// Functions that one request asked for with [`Request::after_this_request`].
#[derive(Default)]
struct AfterThis(Mutex<Vec<OnceAfter>>);

type OnceAfter = Box<dyn FnOnce(Response) -> Response + Send>;

impl Request {
    /// Runs `change` on this request's response, before the `after_request` hooks.
    ///
    /// ```
    /// # fn demo(request: &carafe::Request) {
    /// request.after_this_request(|response| response.with_header("x-visited", "yes"));
    /// # }
    /// ```
    pub fn after_this_request(&self, change: impl FnOnce(Response) -> Response + Send + 'static) {
        let wanted = self.slot(AfterThis::default);
        wanted.0.lock().unwrap_or_else(PoisonError::into_inner).push(Box::new(change));
    }

    pub(crate) fn run_after_this(&self, mut response: Response) -> Response {
        let Some(wanted) = self.existing_slot::<AfterThis>() else { return response };
        let changes = std::mem::take(&mut *wanted.0.lock().unwrap_or_else(PoisonError::into_inner));
        for change in changes {
            response = change(response);
        }
        response
    }
}
