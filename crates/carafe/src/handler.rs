//! From a user's function to something that the dispatcher can call: [`View`], and the thread pool
//! for plain `fn`s.

use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use crate::context;
use crate::error::{Error, Result};
use crate::http::Response;
use crate::request::Request;
use crate::respond::IntoResponse;

/// A future that stays on its worker's thread.
pub(crate) type LocalFuture<T> = Pin<Box<dyn Future<Output = T>>>;

/// What a view gives back.
pub type ViewFuture = LocalFuture<Result<Response>>;

/// A view function: from a request to a response.
///
/// `#[get]` and its kin make one from an ordinary function; a closure is one too.
#[derive(Clone)]
pub struct View(Arc<dyn Fn(Request) -> ViewFuture + Send + Sync>);

impl View {
    /// Wraps an async function or closure that takes the request.
    ///
    /// ```
    /// use carafe::{Request, View};
    ///
    /// let view = View::new(|request: Request| async move { format!("this is {}", request.path()) });
    /// ```
    pub fn new<F, Fut>(view: F) -> View
    where
        F: Fn(Request) -> Fut + Send + Sync + 'static,
        Fut: Future<Output: IntoResponse> + 'static,
    {
        View(Arc::new(move |request| {
            let answer = view(request.clone());
            Box::pin(async move { answer.await.into_response(&request) })
        }))
    }

    /// Wraps a function that makes the boxed future itself, as the macros do: one allocation less.
    pub fn boxed(view: impl Fn(Request) -> ViewFuture + Send + Sync + 'static) -> View {
        View(Arc::new(view))
    }

    /// Whether this is a clone of `other`, and not only a view that does the same.
    pub(crate) fn is(&self, other: &View) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    pub(crate) fn call(&self, request: Request) -> ViewFuture {
        (self.0)(request)
    }
}

/// Runs a future, turning a panic in it into an error.
pub(crate) fn catch_panic<'a, T>(
    future: Pin<Box<dyn Future<Output = Result<T>> + 'a>>,
) -> CatchPanic<'a, T> {
    CatchPanic(future)
}

/// See [`catch_panic`]. Not an `async fn`, which would move each answer once more.
pub(crate) struct CatchPanic<'a, T>(Pin<Box<dyn Future<Output = Result<T>> + 'a>>);

impl<T> Future for CatchPanic<'_, T> {
    type Output = Result<T>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<T>> {
        match catch_unwind(AssertUnwindSafe(|| self.0.as_mut().poll(cx))) {
            Ok(poll) => poll,
            Err(payload) => Poll::Ready(Err(Error::from_panic(&*payload))),
        }
    }
}

/// Calls a function, turning a panic in it into an error.
pub(crate) fn catch_panic_of<T>(call: impl FnOnce() -> T) -> Result<T> {
    catch_unwind(AssertUnwindSafe(call)).map_err(|payload| Error::from_panic(&*payload))
}

/// The threads on which plain `fn` handlers run, so that they may block.
///
/// At most `threads` (config) run at once; the others wait their turn in order.
pub(crate) struct Pool(Option<tokio::runtime::Runtime>);

impl Pool {
    pub(crate) fn new(threads: usize) -> std::io::Result<Pool> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .max_blocking_threads(threads.max(1))
            .thread_name("carafe-fn")
            .build()?;
        Ok(Pool(Some(runtime)))
    }

    /// Runs blocking work on a thread of the pool, inside the request's context.
    pub(crate) fn run<T: Send + 'static>(
        &self,
        request: Request,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Blocking<T> {
        let start = |runtime: &tokio::runtime::Runtime| {
            runtime.spawn_blocking(move || context::enter(&request, work))
        };
        Blocking(self.0.as_ref().map(start))
    }
}

/// Blocking work that was begun; `await` it for what it gives.
///
/// It has a name because an `impl Future` would carry the work's type along, and with it a second
/// error wherever an argument cannot be sent to the pool.
#[must_use = "the work is done, but nobody waits for it"]
pub struct Blocking<T>(Option<tokio::task::JoinHandle<T>>);

impl<T> Future for Blocking<T> {
    type Output = Result<T>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<T>> {
        let Some(task) = &mut self.0 else {
            return Poll::Ready(Err(shutting_down()));
        };
        Pin::new(task).poll(cx).map_err(|error| match error.try_into_panic() {
            Ok(payload) => Error::from_panic(&*payload as &(dyn Any + Send)),
            Err(_cancelled) => shutting_down(),
        })
    }
}

#[inline]
fn shutting_down() -> Error {
    Error::new(503).describe("the server is shutting down")
}

impl Pool {
    /// Has a thread of the pool do blocking work inside the request's context, and does not wait.
    pub(crate) fn spawn(
        &self,
        request: Request,
        work: impl FnOnce() + Send + 'static,
    ) -> Result<()> {
        let runtime = self.0.as_ref().ok_or_else(shutting_down)?;
        runtime.spawn_blocking(move || context::enter(&request, work));
        Ok(())
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        // A runtime may not be waited for inside another one.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

impl Request {
    /// Runs blocking work on the app's thread pool; waiting for it does not block the reactor.
    ///
    /// The work begins at once, whether it is waited for or not. A plain `fn` handler runs this way by itself.
    ///
    /// # Errors
    /// 500 when the work panics, 503 when the server is shutting down.
    pub fn run_blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Blocking<T> {
        self.shared().pool.run(self.clone(), work)
    }
}
