//! [`User`]: the visitor, as an argument of handlers.

use std::any::{Any, type_name};
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;

use carafe::{FromRequest, Provided, Request, Result, abort};

use crate::account::Account;
use crate::current::{By, Known, current};
use crate::machine::Machine;
use crate::refusal;

/// The user who is signed in, as the app's own type: Flask-Login's `current_user`.
///
/// A handler that takes a `User<T>` is for users only: others are sent to sign in, or answered 401, as with
/// [`login_required`](macro@crate::login_required). One that takes an `Option<User<T>>` is for everybody; it fails
/// where the storage does, rather than take a user for a stranger.
///
/// It works in `async fn` and plain `fn` alike, and reads as the type itself.
///
/// ```
/// use carafe::prelude::*;
/// use carafe_login::User;
/// # struct Member { name: String }
/// # impl carafe_login::Account for Member {
/// #     fn id(&self) -> String { String::new() }
/// #     async fn load(_: &Request, _: &str) -> Result<Option<Member>> { Ok(None) }
/// # }
///
/// #[get("/me")]
/// async fn me(user: User<Member>) -> String {
///     user.name.clone()
/// }
/// ```
pub struct User<T> {
    account: Arc<T>,
    known: Arc<Known>,
}

impl<T> User<T> {
    /// Whether the user proved who they are in this session, or with this request, and not only by a remember-me cookie.
    pub fn is_fresh(&self) -> bool {
        self.known.fresh
    }

    /// Whether the user came by HTTP Basic, a bearer token or anything else of the request, and not by a session.
    pub fn is_from_request(&self) -> bool {
        matches!(self.known.by, By::Request)
    }

    /// The account, to be kept.
    pub fn into_inner(self) -> Arc<T> {
        self.account
    }
}

impl<T> Clone for User<T> {
    fn clone(&self) -> User<T> {
        User { account: self.account.clone(), known: self.known.clone() }
    }
}

impl<T> Deref for User<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.account
    }
}

impl<T> fmt::Debug for User<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // An account may hold a hash of its password.
        write!(f, "User({:?})", self.known.id)
    }
}

/// Stands for the type of an app's users, among what it provides.
pub(crate) struct UsersAre<T>(pub(crate) PhantomData<fn() -> T>);

impl<T: Account> FromRequest for User<T> {
    async fn from_request(request: &Request) -> Result<User<T>> {
        let machine = Machine::of(request).await?;
        match Self::optional(request).await? {
            Some(user) => Ok(user),
            None => Err(refusal::as_error(refusal::unauthorized(&machine, request).await)),
        }
    }

    async fn optional(request: &Request) -> Result<Option<User<T>>> {
        let machine = Machine::of(request).await?;
        let Some(known) = current(&machine, request).await? else { return Ok(None) };
        let account: Arc<dyn Any + Send + Sync> = known.account.clone();
        let account = account.downcast::<T>().map_err(|_| wrong_type::<T>(&machine))?;
        Ok(Some(User { account, known }))
    }

    fn missing(provided: &Provided) -> Option<String> {
        let name = type_name::<T>();
        Machine::missing(provided, &format!("`User<{name}>`")).or_else(|| {
            (!provided.has::<UsersAre<T>>())
                .then(|| format!("`User<{name}>`: the app's `LoginManager` is of another type"))
        })
    }
}

fn wrong_type<T>(machine: &Machine) -> carafe::Error {
    let (wanted, own) = (type_name::<T>(), (machine.plan().loaders.type_name)());
    abort(500).caused_by(format!("the users of this app are `{own}`, not `{wanted}`"))
}
