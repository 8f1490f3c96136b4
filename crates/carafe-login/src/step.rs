//! [`Step`]: what the methods of [`Login`](crate::Login) give: await it, or wait for it.

use std::fmt;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use carafe::{Result, abort};
use tokio::runtime::Handle;

use crate::account::LocalFuture;

/// Something asked of [`Login`](crate::Login). It begins when it is awaited in an `async fn`, or waited for in a plain `fn`.
#[must_use = "nothing is done until it is awaited (`.await`), or waited for (`.wait()`) in a plain `fn`"]
pub struct Step<T>(LocalFuture<Result<T>>);

impl<T> Step<T> {
    pub(crate) fn new(work: impl Future<Output = Result<T>> + 'static) -> Step<T> {
        Step(Box::pin(work))
    }

    /// Waits on this thread, as a plain `fn` may.
    ///
    /// # Errors
    /// What the step fails with; or that this thread serves other requests, and must not wait.
    pub fn wait(self) -> Result<T> {
        // Only a thread that drives a runtime refuses to drive another; others merely know of one.
        if drives_a_runtime() {
            return Err(abort(500).caused_by(
                "`.wait()` in an async function would hold up every other request: write `.await` there",
            ));
        }
        block_on(self.0)
    }
}

/// Whether this thread polls the futures of a runtime.
fn drives_a_runtime() -> bool {
    let Ok(handle) = Handle::try_current() else { return false };
    let probe = std::panic::AssertUnwindSafe(|| handle.block_on(async {}));
    std::panic::catch_unwind(probe).is_err()
}

impl<T> Future for Step<T> {
    type Output = Result<T>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<T>> {
        self.0.as_mut().poll(cx)
    }
}

impl<T> fmt::Debug for Step<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Step")
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Polls a future on this thread until it is done; what it waits for happens on others.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return value;
        }
        thread::park();
    }
}
