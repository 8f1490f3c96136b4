//! [`Background`]: the one runtime that all connections belong to, on a thread of its own.
//!
//! Carafe's workers are single-threaded runtimes that come and go, and a plain `fn` runs on a thread without
//! one. A socket or a timer belongs to the runtime that was current when it was made, and dies with it. So every poll
//! and every drop of what sqlx gave us happens inside [`Background::enter`]: sockets and timers are made here and live
//! until the last user is gone, while the work itself is done on the thread that wants its result.

use std::future::Future;
use std::io;
use std::ops::{Deref, DerefMut};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::runtime::{Builder, EnterGuard, Handle};
use tokio::sync::oneshot;

use crate::error::{Error, Kind};

/// The runtime; it ends when the last clone of its `Arc` is dropped.
pub(crate) struct Background {
    handle: Handle,
    /// Dropped with this, which ends the thread.
    _until: oneshot::Sender<()>,
}

impl Background {
    pub(crate) fn start() -> io::Result<Arc<Background>> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (until, ended) = oneshot::channel::<()>();
        std::thread::Builder::new().name("carafe-db".to_owned()).spawn(move || {
            runtime.block_on(async {
                let _ = ended.await;
            });
        })?;
        Ok(Arc::new(Background { handle, _until: until }))
    }

    /// Makes this the current runtime of the thread, for as long as the guard lives.
    pub(crate) fn enter(&self) -> EnterGuard<'_> {
        self.handle.enter()
    }

    /// Waits for a future on this thread, which must not be one that serves other requests meanwhile.
    pub(crate) fn wait<T>(&self, future: impl Future<Output = T>) -> Result<T, Error> {
        // Only a thread that runs a runtime refuses this; others merely know of one.
        let blocks = Handle::try_current().is_ok()
            && catch_unwind(AssertUnwindSafe(|| self.handle.block_on(async {}))).is_err();
        match blocks {
            true => Err(Error::new(
                Kind::Misuse,
                "`.wait()` in an async function would hold up every other request",
            )
            .hint("write `.await` there; `.wait()` is for a plain `fn`")),
            false => Ok(self.handle.block_on(future)),
        }
    }
}

/// A value that is only touched, and only dropped, inside the runtime.
pub(crate) struct Inside<T> {
    value: Option<T>,
    runtime: Arc<Background>,
}

impl<T> Inside<T> {
    pub(crate) fn new(value: T, runtime: Arc<Background>) -> Inside<T> {
        Inside { value: Some(value), runtime }
    }

    pub(crate) fn runtime(&self) -> &Arc<Background> {
        &self.runtime
    }
}

impl<T> Deref for Inside<T> {
    type Target = T;

    fn deref(&self) -> &T {
        #[expect(clippy::expect_used, reason = "only `drop` empties it")]
        self.value.as_ref().expect("a value until it is dropped")
    }
}

impl<T> DerefMut for Inside<T> {
    fn deref_mut(&mut self) -> &mut T {
        #[expect(clippy::expect_used, reason = "only `drop` empties it")]
        self.value.as_mut().expect("a value until it is dropped")
    }
}

impl<T> Drop for Inside<T> {
    fn drop(&mut self) {
        let _current = self.runtime.handle.enter();
        drop(self.value.take());
    }
}

impl<F: Future + Unpin> Future for Inside<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.get_mut();
        let runtime = this.runtime.clone();
        let _current = runtime.enter();
        Pin::new(&mut **this).poll(cx)
    }
}
