//! [`TestContext`]: a request that is not sent, for code that needs one around it.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;

use crate::app::{App, UrlFor};
use crate::context;
use crate::error::Result;
use crate::http::Response;
use crate::request::Request;
use crate::templates::{Context, TemplateName};

use super::exchange::Stage;

/// A request's context without a handler: Flask's `test_request_context`.
///
/// ```
/// use carafe::prelude::*;
/// use carafe::UrlFor;
///
/// #[get("/users/<int:id>")]
/// async fn user(id: i64) -> String {
///     id.to_string()
/// }
///
/// let context = App::new().routes(routes![user]).test_request("/users/1?tab=photos");
/// assert_eq!(context.request().endpoint(), Some("user"));
/// assert_eq!(context.url_for("user", UrlFor::new().value("id", 5)).unwrap(), "/users/5");
/// assert_eq!(context.enter(|_request| url_for!(user, id = 7)), "/users/7");
/// ```
pub struct TestContext {
    stage: Rc<Stage>,
    request: Request,
}

impl App {
    /// The context of a `GET` request to this path; no hook and no handler runs.
    ///
    /// Another request's context comes from [`TestRequest::context`](super::TestRequest::context).
    ///
    /// # Panics
    /// As [`App::test_client`].
    #[track_caller]
    #[inline]
    pub fn test_request(self, path: &str) -> TestContext {
        self.test_client().get(path).context()
    }
}

impl TestContext {
    #[inline]
    pub(super) fn new(stage: Rc<Stage>, request: Request) -> TestContext {
        TestContext { stage, request }
    }

    /// The request.
    #[inline]
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// Runs a function as if it was called by a handler.
    #[inline]
    pub fn enter<T>(&self, function: impl FnOnce(&Request) -> T) -> T {
        context::enter(&self.request, || function(&self.request))
    }

    /// Waits for a future as if a handler did.
    ///
    /// ```
    /// # let context = carafe::App::new().test_client().post("/").text("hello").context();
    /// assert_eq!(context.wait(context.request().text()).unwrap(), "hello");
    /// ```
    #[inline]
    pub fn wait<T>(&self, future: impl Future<Output = T>) -> T {
        let mut future = pin!(future);
        self.stage.wait(poll_fn(|cx| context::enter(&self.request, || future.as_mut().poll(cx))))
    }

    /// Runs the hooks that run before a handler; one of them may answer.
    ///
    /// # Errors
    /// What a hook refused the request with.
    #[inline]
    pub fn preprocess(&self) -> Result<Option<Response>> {
        self.wait(crate::dispatch::preprocess(&self.stage.site.core, &self.request))
    }

    /// The URL of an endpoint, as seen from this request.
    ///
    /// # Errors
    /// As [`Request::url_for`].
    #[inline]
    pub fn url_for(&self, endpoint: &str, options: UrlFor) -> Result<String> {
        self.request.url_for(endpoint, options)
    }

    /// The text of a template, as a handler of this request would render it.
    ///
    /// # Errors
    /// As [`Request::render`].
    #[inline]
    pub fn render(&self, name: impl TemplateName, context: Context) -> Result<String> {
        self.enter(|request| request.render(name, context)).map(|html| html.0)
    }

    /// The text of a template that is given as text.
    ///
    /// # Errors
    /// As [`Request::render_string`].
    #[inline]
    pub fn render_string(&self, source: &str, context: Context) -> Result<String> {
        self.enter(|request| request.render_string(source, context)).map(|html| html.0)
    }
}

impl fmt::Debug for TestContext {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TestContext").field(&self.request).finish()
    }
}
