//! Sign-in for Carafe: Flask-Login's words, sessions that can be ended, passwords, tokens.
//!
#![doc = include_str!("docs/guide.md")]

// The macros name this crate as its users do, also in its own tests.
extern crate self as carafe_login;

mod account;
#[cfg(feature = "commands")]
mod commands;
mod cookie;
mod current;
mod event;
mod extension;
mod guard;
mod login;
mod machine;
mod next;
#[cfg(feature = "oidc")]
mod oidc;
mod password;
mod random;
mod refusal;
mod settings;
mod step;
mod store;
mod template;
mod throttle;
mod tokens;
mod user;

pub use account::Account;
pub use event::Event;
pub use extension::LoginManager;
pub use guard::{fresh_login_required, login_required, permissions, roles};
pub use login::{Login, SignIn, SignedIn};
pub use next::safe_next;
#[cfg(feature = "oidc")]
pub use oidc::Identity;
pub use password::Verified;
pub use settings::Settings;
pub use step::Step;
#[cfg(feature = "db")]
pub use store::DbStore;
pub use store::{
    Caller, Devices, Entry, EntryKind, MemoryStore, SessionKey, SessionStore, StoreFuture,
};
pub use tokens::{ApiToken, Tokens};
pub use user::User;

/// Only for visitors who are signed in: Flask-Login's decorator, above a handler.
///
/// It runs after all `before_request` hooks and before the handler's arguments. Whoever is not signed in is sent to the sign-in page, if
/// the app has one ([`LoginManager::login_view`]) and a browser asks for a page; scripts are answered 401 in JSON. It stands above or
/// below the rule, with others of its kind, on `fn` and `async fn`.
///
/// ```
/// use carafe::prelude::*;
/// use carafe_login::{login_required, roles};
///
/// #[get("/account")]
/// #[login_required]
/// async fn account() -> &'static str {
///     "yours"
/// }
///
/// #[roles("admin", "editor")]
/// #[get("/admin")]
/// fn admin() -> &'static str {
///     "for whoever has one of these roles"
/// }
/// ```
pub use carafe_login_macros::login_required;

/// Only for visitors who proved lately who they are: Flask-Login's decorator, above a handler.
///
/// Whoever came by a remember-me cookie, or is signed in for longer than `login.fresh_lifetime`, is sent to
/// [`LoginManager::refresh_view`]. For what a borrowed browser should not do, such as changing the password.
///
/// ```
/// use carafe::prelude::*;
/// use carafe_login::fresh_login_required;
///
/// #[post("/password")]
/// #[fresh_login_required]
/// async fn change_password() -> &'static str {
///     "changed"
/// }
/// ```
pub use carafe_login_macros::fresh_login_required;

/// Only for users with one of these roles ([`Account::has_role`]); others are answered 403, strangers as with
/// [`login_required`](macro@login_required).
///
/// ```
/// use carafe::prelude::*;
/// use carafe_login::roles;
///
/// #[get("/admin")]
/// #[roles("admin", "editor")]
/// async fn admin() -> &'static str {
///     "admin"
/// }
/// ```
pub use carafe_login_macros::roles;

/// Only for users with all of these permissions ([`Account::has_permission`]); others are answered 403, strangers as with
/// [`login_required`](macro@login_required).
///
/// ```
/// use carafe::prelude::*;
/// use carafe_login::permissions;
///
/// #[post("/posts")]
/// #[permissions("posts.write")]
/// async fn write() -> &'static str {
///     "written"
/// }
/// ```
pub use carafe_login_macros::permissions;

/// Hashes a password with argon2id on this thread, for some tens of milliseconds: for commands and seeds. Handlers use
/// [`Login::hash_password`].
///
/// # Errors
/// 500 when the system gives no random bytes.
pub fn hash_password(password: &str) -> carafe::Result<String> {
    password::hash(password, password::Cost::USUAL)
}

/// What macros expand to.
#[doc(hidden)]
pub mod __private {
    pub use carafe::{Guard, Guarded};

    pub use crate::guard::{Requirement, guard};
}
