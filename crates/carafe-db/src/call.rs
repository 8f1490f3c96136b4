//! [`Call`]: what every method of [`Db`](crate::Db) gives: await it, or wait for it.

use std::fmt;
use std::future::{Future, ready};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use crate::background::{Background, Inside};
use crate::error::{Error, Result};

type Work<T> = Pin<Box<dyn Future<Output = Result<T>> + Send>>;

/// Something asked of a database. It begins when it is awaited in an `async fn`, or waited for in a plain `fn`.
///
/// ```
/// # use carafe::prelude::*;
/// # use carafe_db::Db;
/// #[get("/async")]
/// async fn one(db: Db) -> Result<String> {
///     Ok(format!("{:?}", db.scalar::<i64>("select cast(1 as bigint)", ()).await?))
/// }
///
/// #[get("/plain")]
/// fn other(db: Db) -> Result<String> {
///     Ok(format!("{:?}", db.scalar::<i64>("select cast(1 as bigint)", ()).wait()?))
/// }
/// # let app = App::new().extension(carafe_db::Database::from_config()).routes(routes![one, other]);
/// # let client = app.test_client();
/// # assert_eq!(client.get("/async").send().text(), "Some(1)");
/// # assert_eq!(client.get("/plain").send().text(), "Some(1)");
/// ```
#[must_use = "nothing is asked until it is awaited (`.await`), or waited for (`.wait()`) in a plain `fn`"]
pub struct Call<T>(Inside<Work<T>>);

impl<T> Call<T> {
    pub(crate) fn new(
        runtime: Arc<Background>,
        work: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Call<T> {
        Call(Inside::new(Box::pin(work), runtime))
    }

    /// A call whose answer is known.
    pub(crate) fn known(runtime: Arc<Background>, answer: Result<T>) -> Call<T>
    where
        T: Send + 'static,
    {
        Call::new(runtime, ready(answer))
    }

    /// Waits on this thread, as a plain `fn` may.
    ///
    /// # Errors
    /// What the database refused; or that this thread serves requests, and must not wait.
    pub fn wait(self) -> Result<T> {
        let runtime = self.0.runtime().clone();
        runtime.wait(self)?
    }
}

impl<T> Future for Call<T> {
    type Output = Result<T, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(cx)
    }
}

impl<T> fmt::Debug for Call<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Call")
    }
}
