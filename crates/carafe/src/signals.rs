//! Signals: what an app or an extension may listen to without taking part. Flask's ten.

use std::sync::Arc;

use crate::error::Error;
use crate::handler::catch_panic_of;
use crate::http::Response;
use crate::request::Request;

/// Something that happened; see [`App::connect`](crate::App::connect).
///
/// ```
/// use carafe::{App, Signal};
///
/// let app = App::new().connect(|signal| {
///     if let Signal::GotRequestException { request, error } = signal {
///         eprintln!("{} failed: {error}", request.path());
///     }
/// });
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Signal<'a> {
    /// The app began to work for a request.
    AppcontextPushed {
        /// The request.
        request: &'a Request,
    },
    /// A request begins, before any hook.
    RequestStarted {
        /// The request.
        request: &'a Request,
    },
    /// A template is about to be rendered.
    BeforeRenderTemplate {
        /// The template's name.
        template: &'a str,
    },
    /// A template was rendered.
    TemplateRendered {
        /// The template's name.
        template: &'a str,
    },
    /// A message was flashed.
    MessageFlashed {
        /// The message.
        message: &'a str,
        /// Its category.
        category: &'a str,
    },
    /// An error that is not an HTTP error of its own reached the top: it will be a 500.
    GotRequestException {
        /// The request.
        request: &'a Request,
        /// The error.
        error: &'a Error,
    },
    /// A response is ready, before teardown.
    RequestFinished {
        /// The request.
        request: &'a Request,
        /// Its response.
        response: &'a Response,
    },
    /// An extension says that something happened; see [`Request::signal`](crate::Request::signal).
    Sent {
        /// The request.
        request: &'a Request,
        /// What happened, to be downcast to the extension's own type.
        event: &'a (dyn std::any::Any + Send + Sync),
    },
    /// The teardown functions of a request have run.
    RequestTearingDown {
        /// The request.
        request: &'a Request,
    },
    /// The app is about to let go of a request.
    AppcontextTearingDown {
        /// The request.
        request: &'a Request,
    },
    /// The app let go of a request.
    AppcontextPopped {
        /// The request.
        request: &'a Request,
    },
}

type Listener = Arc<dyn Fn(Signal<'_>) + Send + Sync>;

/// Who listens. With no listener, sending costs one comparison.
#[derive(Clone, Default)]
pub(crate) struct Listeners {
    all: Vec<Listener>,
    /// Those that hear of errors only, so that plain requests keep their plain way.
    of_errors: Vec<Listener>,
}

impl Listeners {
    pub(crate) fn add(&mut self, listener: impl Fn(Signal<'_>) + Send + Sync + 'static) {
        self.all.push(Arc::new(listener));
    }

    /// Calls `listener` with each [`Signal::GotRequestException`] and nothing else.
    pub(crate) fn add_of_errors(&mut self, listener: impl Fn(Signal<'_>) + Send + Sync + 'static) {
        self.of_errors.push(Arc::new(listener));
    }

    /// Whether nobody listens but to errors.
    pub(crate) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    pub(crate) fn send(&self, signal: Signal<'_>) {
        self.all.iter().for_each(|listener| call(listener, signal));
        if let Signal::GotRequestException { .. } = signal {
            self.of_errors.iter().for_each(|listener| call(listener, signal));
        }
    }
}

impl Request {
    /// Tells the app's listeners ([`App::connect`](crate::App::connect)) of an event of an extension's.
    ///
    /// ```
    /// use carafe::prelude::*;
    /// use carafe::Signal;
    ///
    /// struct Paid(u32);
    ///
    /// #[post("/pay")]
    /// async fn pay(request: &Request) {
    ///     request.signal(&Paid(5));
    /// }
    ///
    /// let app = App::new().routes(routes![pay]).connect(|signal| {
    ///     if let Signal::Sent { event, .. } = signal && let Some(Paid(amount)) = event.downcast_ref() {
    ///         assert_eq!(*amount, 5);
    ///     }
    /// });
    /// app.test_client().post("/pay").send();
    /// ```
    #[inline]
    pub fn signal(&self, event: &(dyn std::any::Any + Send + Sync)) {
        crate::app::Core::of(self).listeners.send(Signal::Sent { request: self, event });
    }
}

/// Whoever listens takes no part: a panic of theirs is logged and changes nothing.
fn call(listener: &Listener, signal: Signal<'_>) {
    if let Err(panic) = catch_panic_of(|| listener(signal)) {
        tracing::error!(target: "carafe", "a listener to signals failed: {panic}");
    }
}
