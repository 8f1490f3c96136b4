//! [`Account`]: what an app says of its users. Everything else here works with any type that says it.

use std::any::{Any, type_name};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use carafe::templates::Context;
use carafe::{Request, Result};

/// A user of the app: Flask-Login's `UserMixin`, `user_loader` and `request_loader` in one.
///
/// Two methods are needed: what a user is known by, and how one is found by it, in whatever storage the app has. The
/// others have an answer that suits most.
///
/// ```
/// use carafe::{Request, Result};
/// use carafe_db::{Db, FromRow};
/// use carafe::FromRequest;
/// use carafe_login::Account;
///
/// #[derive(FromRow)]
/// struct Member {
///     id: i64,
///     name: String,
///     is_admin: bool,
/// }
///
/// impl Account for Member {
///     fn id(&self) -> String {
///         self.id.to_string()
///     }
///
///     async fn load(request: &Request, id: &str) -> Result<Option<Member>> {
///         let Ok(id) = id.parse::<i64>() else { return Ok(None) };
///         let db = Db::from_request(request).await?;
///         Ok(db.query_one("select id, name, is_admin from members where id = ?", [id]).await?)
///     }
///
///     fn has_role(&self, role: &str) -> bool {
///         role == "admin" && self.is_admin
///     }
/// }
/// ```
pub trait Account: Send + Sync + Sized + 'static {
    /// What the user is known by for good: a number or another text that never belongs to somebody else.
    fn id(&self) -> String;

    /// The user of this id; `None` when there is none (any more), which ends the visitor's sign-in.
    ///
    /// It is asked at most once a request, and only for visitors who are signed in.
    ///
    /// # Errors
    /// What the storage failed with; the request fails with it.
    fn load(request: &Request, id: &str) -> impl Future<Output = Result<Option<Self>>>;

    /// Whether the user may sign in, and stay so. Default: true.
    fn is_active(&self) -> bool {
        true
    }

    /// Whether the user has this role, for [`roles`](macro@crate::roles). Default: none.
    fn has_role(&self, _role: &str) -> bool {
        false
    }

    /// Whether the user may do this, for [`permissions`](macro@crate::permissions). Default: nothing.
    fn has_permission(&self, _permission: &str) -> bool {
        false
    }

    /// What templates see of `current_user` beside `id`, `is_authenticated`, `is_active`, `is_fresh`, `has_role(name)` and
    /// `has_permission(name)`. Default: nothing, as no field should be shown that nobody meant to show.
    ///
    /// ```
    /// # use carafe::{Request, Result};
    /// # struct Member { name: String }
    /// # impl carafe_login::Account for Member {
    /// #     fn id(&self) -> String { String::new() }
    /// #     async fn load(_: &Request, _: &str) -> Result<Option<Member>> { Ok(None) }
    /// fn for_templates(&self) -> carafe::templates::Context {
    ///     carafe::context!(name: self.name)
    /// }
    /// # }
    /// ```
    fn for_templates(&self) -> Context {
        Context::new()
    }

    /// The user of a name and a password that came with the request (HTTP Basic), where
    /// [`LoginManager::basic`](crate::LoginManager::basic) is on; see [`Login::check_password`](crate::Login::check_password).
    ///
    /// # Errors
    /// What the request fails with.
    fn from_basic(
        _request: &Request,
        _name: &str,
        _password: &str,
    ) -> impl Future<Output = Result<Option<Self>>> {
        async { Ok(None) }
    }

    /// The user of a token that came with the request (`Authorization: Bearer`), where
    /// [`LoginManager::bearer`](crate::LoginManager::bearer) is on; see [`ApiToken`](crate::ApiToken).
    ///
    /// # Errors
    /// What the request fails with.
    fn from_bearer(_request: &Request, _token: &str) -> impl Future<Output = Result<Option<Self>>> {
        async { Ok(None) }
    }

    /// The user whom a provider of OpenID Connect vouches for, where [`LoginManager::oidc`](crate::LoginManager::oidc) is on; `None` for one
    /// who has no account here. An app that wants so makes the account now.
    ///
    /// # Errors
    /// What the request fails with.
    #[cfg(feature = "oidc")]
    fn from_identity(
        _request: &Request,
        _identity: &crate::Identity,
    ) -> impl Future<Output = Result<Option<Self>>> {
        async { Ok(None) }
    }

    /// The user by anything else of the request: Flask-Login's `request_loader`. It is asked last.
    ///
    /// # Errors
    /// What the request fails with.
    fn from_other(_request: &Request) -> impl Future<Output = Result<Option<Self>>> {
        async { Ok(None) }
    }
}

/// An account whose type is known to the app only.
pub(crate) trait AnyAccount: Any + Send + Sync {
    fn id(&self) -> String;
    fn is_active(&self) -> bool;
    fn has_role(&self, role: &str) -> bool;
    fn has_permission(&self, permission: &str) -> bool;
    fn for_templates(&self) -> Context;
}

pub(crate) type Erased = Arc<dyn AnyAccount + Send + Sync>;

impl<T: Account> AnyAccount for T {
    fn id(&self) -> String {
        Account::id(self)
    }

    fn is_active(&self) -> bool {
        Account::is_active(self)
    }

    fn has_role(&self, role: &str) -> bool {
        Account::has_role(self, role)
    }

    fn has_permission(&self, permission: &str) -> bool {
        Account::has_permission(self, permission)
    }

    fn for_templates(&self) -> Context {
        Account::for_templates(self)
    }
}

pub(crate) type LocalFuture<T> = Pin<Box<dyn Future<Output = T>>>;
type Found = LocalFuture<Result<Option<Erased>>>;

/// An [`Account`]'s ways to be found.
#[derive(Clone, Copy)]
pub(crate) struct Loaders {
    pub(crate) by_id: fn(Request, String) -> Found,
    pub(crate) by_basic: fn(Request, String, String) -> Found,
    pub(crate) by_bearer: fn(Request, String) -> Found,
    pub(crate) by_other: fn(Request) -> Found,
    #[cfg(feature = "oidc")]
    pub(crate) by_identity: fn(Request, crate::Identity) -> Found,
    pub(crate) type_name: fn() -> &'static str,
}

fn erase<T: Account>(account: Option<T>) -> Option<Erased> {
    account.map(|account| Arc::new(account) as Erased)
}

impl Loaders {
    pub(crate) fn of<T: Account>() -> Loaders {
        Loaders {
            by_id: |request, id| Box::pin(async move { Ok(erase(T::load(&request, &id).await?)) }),
            by_basic: |request, name, password| {
                Box::pin(async move { Ok(erase(T::from_basic(&request, &name, &password).await?)) })
            },
            by_bearer: |request, token| {
                Box::pin(async move { Ok(erase(T::from_bearer(&request, &token).await?)) })
            },
            by_other: |request| Box::pin(async move { Ok(erase(T::from_other(&request).await?)) }),
            #[cfg(feature = "oidc")]
            by_identity: |request, identity| {
                Box::pin(async move { Ok(erase(T::from_identity(&request, &identity).await?)) })
            },
            type_name: type_name::<T>,
        }
    }
}
