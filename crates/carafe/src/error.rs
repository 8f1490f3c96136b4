//! [`Error`]: what a handler, a hook or an extractor fails with, and [`abort`].
//!
//! An error is a status with words, or any other error (which is a 500). Turning it into a page is
//! the work of `hooks` (the app's error handlers) and `respond` (the default page).

use std::borrow::Cow;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use ::http::{HeaderMap, HeaderName, HeaderValue};

use crate::http::{BoxError, IntoStatus, Response, Status, reason_words};

/// The result of a handler, a hook or an extractor.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a request is not answered in the normal way.
///
/// Any error of the standard kind becomes one by `?` and is then a 500; [`abort`] makes one with a
/// status of its own.
///
/// ```
/// use carafe::{abort, Result};
///
/// fn half(n: i64) -> Result<i64> {
///     if n % 2 == 1 {
///         return Err(abort(422).describe("only even numbers have a half"));
///     }
///     Ok(n / 2)
/// }
/// assert_eq!(half(3).unwrap_err().status(), 422);
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    status: Status,
    description: Option<Cow<'static, str>>,
    field: Option<String>,
    headers: HeaderMap,
    /// Behind a lock only because a body's stream cannot be shared between threads, and errors can.
    response: Option<Mutex<Response>>,
    source: Option<BoxError>,
    panicked: bool,
    /// What stands in the log beside this error, once it was logged.
    id: Option<ErrorId>,
    #[cfg(debug_assertions)]
    origin: Origin,
}

/// Where an error was made, and by which functions: only in debug builds.
#[cfg(debug_assertions)]
pub(crate) struct Origin {
    pub(crate) place: &'static std::panic::Location<'static>,
    /// Of answers of 5xx only.
    pub(crate) backtrace: std::backtrace::Backtrace,
    /// The type of the error that this one was made from.
    pub(crate) type_name: Option<&'static str>,
}

#[cfg(debug_assertions)]
impl Origin {
    #[track_caller]
    fn here(status: Status) -> Origin {
        let backtrace = match status.is_server_error() {
            // Names are found only when somebody reads them.
            true => std::backtrace::Backtrace::force_capture(),
            false => std::backtrace::Backtrace::disabled(),
        };
        Origin { place: std::panic::Location::caller(), backtrace, type_name: None }
    }
}

/// An error with this status: `abort(404)` is Flask's `abort(404)`.
///
/// Return it (`return Err(abort(404))`), or use [`abort!`](crate::abort!) which returns it for you.
#[cfg_attr(debug_assertions, track_caller)]
pub fn abort(status: impl IntoStatus) -> Error {
    Error::new(status)
}

/// Where a debugger stops for every answer of 5xx, by this name: where the error comes up, which is
/// often a `?` of the app's. Only in debug builds.
#[cfg(debug_assertions)]
#[inline(never)]
pub(crate) fn carafe_server_error(status: u16) {
    std::hint::black_box(status);
}

impl Error {
    /// An error with this status, told in the default words for it.
    ///
    /// One with a status below 400 is no error, so asking for it is a mistake of the program: a 500.
    #[cfg_attr(debug_assertions, track_caller)]
    pub fn new(status: impl IntoStatus) -> Error {
        let status = status.into_status();
        if status.as_u16() < 400 {
            let words = format!("an error cannot have the status {}", status.as_u16());
            return Error::of(Status::INTERNAL_SERVER_ERROR).caused_by(words);
        }
        Error::of(status)
    }

    #[cfg_attr(debug_assertions, track_caller)]
    fn of(status: Status) -> Error {
        #[cfg(debug_assertions)]
        if status.as_u16() >= 500 {
            carafe_server_error(status.as_u16());
        }
        Error(Box::new(Inner {
            status,
            description: None,
            field: None,
            headers: HeaderMap::new(),
            response: None,
            source: None,
            panicked: false,
            id: None,
            #[cfg(debug_assertions)]
            origin: Origin::here(status),
        }))
    }

    /// An error that is answered with exactly this response, unless an error handler takes its status.
    #[cfg_attr(debug_assertions, track_caller)]
    #[inline]
    pub fn from_response(response: Response) -> Error {
        let mut error = Error::of(response.status());
        error.0.response = Some(Mutex::new(response));
        error
    }

    /// A panic, caught: a 500 with the panic's message as its cause.
    pub(crate) fn from_panic(payload: &(dyn std::any::Any + Send)) -> Error {
        let message = payload
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
            .or_else(|| payload.downcast_ref::<String>().cloned())
            .unwrap_or_else(|| "a value that is not text".to_owned());
        let mut error = Error::new(Status::INTERNAL_SERVER_ERROR);
        error.0.source = Some(Box::new(Panic(message)));
        error.0.panicked = true;
        error
    }

    /// Says in words what went wrong; shown to the client.
    #[must_use]
    pub fn describe(mut self, description: impl Into<Cow<'static, str>>) -> Error {
        self.0.description = Some(description.into());
        self
    }

    /// Names the field of the input that was refused; shown to the client.
    #[must_use]
    pub fn in_field(mut self, field: impl Into<String>) -> Error {
        self.0.field = Some(field.into());
        self
    }

    /// Adds a header to the response, such as `WWW-Authenticate` or `Retry-After`.
    #[must_use]
    pub fn with_header(mut self, name: impl AsRef<str>, value: impl AsRef<str>) -> Error {
        if let (Ok(name), Ok(value)) =
            (HeaderName::try_from(name.as_ref()), HeaderValue::try_from(value.as_ref()))
        {
            self.0.headers.append(name, value);
        }
        self
    }

    /// Keeps the error that led to this one, for the log and for error handlers by type.
    #[must_use]
    pub fn caused_by<E: Into<BoxError>>(mut self, source: E) -> Error {
        self.0.source = Some(source.into());
        #[cfg(debug_assertions)]
        {
            self.0.origin.type_name = Some(std::any::type_name::<E>());
        }
        self
    }

    /// The status that the client will see.
    pub fn status(&self) -> Status {
        self.0.status
    }

    /// The words for the client: the error's own, or the default ones for its status.
    pub fn description(&self) -> &str {
        self.0.description.as_deref().unwrap_or_else(|| reason_words(self.0.status))
    }

    /// The words that it was given, when it was.
    #[cfg(debug_assertions)]
    pub(crate) fn own_description(&self) -> Option<&str> {
        self.0.description.as_deref()
    }

    /// The field of the input that was refused, when there is one.
    pub fn field(&self) -> Option<&str> {
        self.0.field.as_deref()
    }

    /// The headers that go with the response.
    pub fn headers(&self) -> &HeaderMap {
        &self.0.headers
    }

    /// The error that led to this one: Flask's `original_exception`.
    pub fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }

    /// The first error of this type among the causes.
    pub fn find<E: std::error::Error + 'static>(&self) -> Option<&E> {
        let mut next = self.source();
        while let Some(error) = next {
            if let Some(found) = error.downcast_ref() {
                return Some(found);
            }
            next = error.source();
        }
        None
    }

    /// Whether a panic was caught.
    pub fn is_panic(&self) -> bool {
        self.0.panicked
    }

    /// What the log calls this error by: eight letters and digits, which the default page for a 500
    /// shows too, so that a visitor can tell them. `None` until it was logged.
    ///
    /// ```
    /// use carafe::prelude::*;
    ///
    /// #[error(500)]
    /// async fn failed(error: &Error) -> String {
    ///     format!("That went wrong. Tell us this number: {}", error.id().unwrap_or("none"))
    /// }
    /// ```
    pub fn id(&self) -> Option<&str> {
        self.0.id.as_ref().map(ErrorId::as_str)
    }

    /// Gives the error an id, unless it has one.
    pub(crate) fn name(&mut self) -> &str {
        self.0.id.get_or_insert_with(ErrorId::new).as_str()
    }

    /// Where it was made.
    #[cfg(debug_assertions)]
    pub(crate) fn origin(&self) -> &Origin {
        &self.0.origin
    }

    pub(crate) fn take_response(&mut self) -> Option<Response> {
        let response = self.0.response.take()?;
        Some(response.into_inner().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A name for one error that nobody else's has.
struct ErrorId([u8; 8]);

impl ErrorId {
    fn new() -> ErrorId {
        // Without those that are taken for each other when they are read aloud.
        const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
        let mut bytes = [0; 8];
        // Without randomness there is a name all the same; two errors may then have one.
        let _ = getrandom::fill(&mut bytes);
        ErrorId(bytes.map(|byte| LETTERS[usize::from(byte % 32)]))
    }

    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl<E: std::error::Error + Send + Sync + 'static> From<E> for Error {
    #[cfg_attr(debug_assertions, track_caller)]
    fn from(error: E) -> Error {
        Error::new(Status::INTERNAL_SERVER_ERROR).caused_by(error)
    }
}

impl fmt::Display for Error {
    /// The words, then those of each cause; a cause that only repeats what led to it is left out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = match (&self.0.description, &self.0.source) {
            (None, Some(source)) => source.to_string(),
            _ => self.description().to_owned(),
        };
        let mut next = self.source();
        while let Some(cause) = next {
            let words = cause.to_string();
            // Some errors tell their causes themselves.
            if !text.contains(&words) {
                text.push_str(": ");
                text.push_str(&words);
            }
            next = cause.source();
        }
        f.write_str(&text)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {self}", self.0.status)
    }
}

/// A panic's message as an error.
#[derive(Debug)]
struct Panic(String);

impl fmt::Display for Panic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "panicked: {}", self.0)
    }
}

impl std::error::Error for Panic {}

/// `or_404` and `or_abort` on options and results.
pub trait OrAbort: Sized {
    /// What is inside on the good way.
    type Value;

    /// The value, or an error with this status.
    ///
    /// # Errors
    /// The status, with the original error as its cause.
    #[cfg_attr(debug_assertions, track_caller)]
    fn or_abort(self, status: impl IntoStatus) -> Result<Self::Value>;

    /// The value, or `404 Not Found`.
    ///
    /// # Errors
    /// As [`OrAbort::or_abort`].
    #[cfg_attr(debug_assertions, track_caller)]
    fn or_404(self) -> Result<Self::Value> {
        self.or_abort(Status::NOT_FOUND)
    }
}

impl<T> OrAbort for Option<T> {
    type Value = T;

    #[cfg_attr(debug_assertions, track_caller)]
    fn or_abort(self, status: impl IntoStatus) -> Result<T> {
        // Not in a closure, whose caller would be the standard library.
        match self {
            Some(value) => Ok(value),
            None => Err(Error::new(status)),
        }
    }
}

impl<T, E: Into<BoxError>> OrAbort for std::result::Result<T, E> {
    type Value = T;

    #[cfg_attr(debug_assertions, track_caller)]
    fn or_abort(self, status: impl IntoStatus) -> Result<T> {
        match self {
            Ok(value) => Ok(value),
            Err(error) => Err(Error::new(status).caused_by(error)),
        }
    }
}

/// Returns from the function with an error of this status.
///
/// ```
/// use carafe::{abort, Result};
///
/// fn find(id: i64) -> Result<&'static str> {
///     if id != 1 {
///         abort!(404, "there is no user {id}");
///     }
///     Ok("Ann")
/// }
/// assert_eq!(find(2).unwrap_err().description(), "there is no user 2");
/// ```
#[macro_export]
macro_rules! abort {
    ($status:expr) => {
        return ::core::result::Result::Err(::core::convert::Into::into($crate::abort($status)))
    };
    ($status:expr, $($words:tt)+) => {
        return ::core::result::Result::Err(::core::convert::Into::into(
            $crate::abort($status).describe(::std::format!($($words)+)),
        ))
    };
}
