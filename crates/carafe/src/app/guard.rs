//! [`Guarded`]: what an attribute of an extension, such as `#[login_required]`, does to a handler that has it.
//!
//! The attribute does not see the handler's rule, nor the rule's attribute the other one; they meet in the type that
//! stands beside the function. It costs a handler without a guard nothing: there the guard is `None` when routes
//! are set up.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;

use crate::error::Result;
use crate::extract::Provided;
use crate::handler::{LocalFuture, View};
use crate::http::Response;
use crate::request::Request;

use super::route::Need;

type Check = Arc<dyn Fn(Request) -> LocalFuture<Result<Option<Response>>> + Send + Sync>;

/// Runs before a handler and its arguments, after all `before_request` hooks; it may answer in its place.
///
/// ```
/// use carafe::prelude::*;
/// use carafe::{Guard, Guarded};
///
/// #[get("/")]
/// async fn index() -> &'static str {
///     "for those who know"
/// }
///
/// // What an attribute above the function would write:
/// impl Guarded for index {
///     fn guard() -> Guard {
///         Guard::new(|request| async move {
///             if request.header("x-word") != Some("please") {
///                 return Err(abort(403));
///             }
///             Ok(None)
///         })
///     }
/// }
///
/// let client = App::new().routes(routes![index]).test_client();
/// assert_eq!(client.get("/").send().status(), 403);
/// assert_eq!(client.get("/").header("x-word", "please").send().status(), 200);
/// ```
#[derive(Clone)]
pub struct Guard {
    check: Check,
    needs: Option<Need>,
}

impl Guard {
    /// Wraps a function that lets the request pass (`None`), answers it, or refuses it.
    pub fn new<F, Fut>(check: F) -> Guard
    where
        F: Fn(Request) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Option<Response>>> + 'static,
    {
        Guard { check: Arc::new(move |request| Box::pin(check(request))), needs: None }
    }

    /// Says before serving what the app lacks for it, as [`FromRequest::missing`](crate::FromRequest::missing)
    /// does for arguments.
    #[must_use]
    pub fn needs(mut self, missing: fn(&Provided) -> Option<String>) -> Guard {
        self.needs = Some(missing);
        self
    }

    pub(super) fn need(&self) -> Option<Need> {
        self.needs
    }

    /// The view behind the guard.
    pub(super) fn before(self, view: View) -> View {
        View::boxed(move |request| {
            let (check, view) = (self.check.clone(), view.clone());
            Box::pin(async move {
                match check(request.clone()).await? {
                    Some(response) => Ok(response),
                    None => view.call(request).await,
                }
            })
        })
    }
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Guard")
    }
}

/// A handler with a [`Guard`]. The attribute of an extension implements it for the type that `#[get]` and its kin
/// make beside the function, of the same name.
pub trait Guarded: 'static {
    /// The guard; asked for once, when the handler's route is set up.
    fn guard() -> Guard;
}

/// Asks whether a handler has a guard: where it has, its own method is found first, else that of [`Unguarded`].
#[doc(hidden)]
pub struct GuardOf<T>(PhantomData<T>, Unguarded);

/// Stands for no guard.
#[doc(hidden)]
pub struct Unguarded;

impl<T> GuardOf<T> {
    /// The question.
    pub const ASK: GuardOf<T> = GuardOf(PhantomData, Unguarded);
}

impl<T: Guarded> GuardOf<T> {
    /// The guard.
    pub fn guard(&self) -> Option<Guard> {
        Some(T::guard())
    }
}

impl Unguarded {
    /// None.
    #[inline]
    pub fn guard(&self) -> Option<Guard> {
        None
    }
}

impl<T> Deref for GuardOf<T> {
    type Target = Unguarded;

    #[inline]
    fn deref(&self) -> &Unguarded {
        &self.1
    }
}
