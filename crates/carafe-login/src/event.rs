//! [`Event`]: Flask-Login's signals, sent as [`carafe::Signal::Sent`].

/// Something about a visitor's sign-in. It is sent through the app's signals:
///
/// ```
/// use carafe::{App, Signal};
/// use carafe_login::Event;
///
/// let app = App::new().connect(|signal| {
///     if let Signal::Sent { request, event } = signal && let Some(event) = event.downcast_ref::<Event>() {
///         eprintln!("{event:?} from {:?}", request.remote_addr());
///     }
/// });
/// # app.test_client();
/// ```
///
/// | Flask-Login's signal | |
/// |---|---|
/// | `user_logged_in` | [`LoggedIn`](Event::LoggedIn) |
/// | `user_logged_out` | [`LoggedOut`](Event::LoggedOut) |
/// | `user_loaded_from_cookie` | [`LoadedFromCookie`](Event::LoadedFromCookie) |
/// | `user_loaded_from_request` | [`LoadedFromRequest`](Event::LoadedFromRequest) |
/// | `user_login_confirmed` | [`LoginConfirmed`](Event::LoginConfirmed) |
/// | `user_unauthorized` | [`Unauthorized`](Event::Unauthorized) |
/// | `user_needs_refresh` | [`NeedsRefresh`](Event::NeedsRefresh) |
/// | `session_protected` | [`SessionProtected`](Event::SessionProtected) |
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// A user signed in.
    LoggedIn {
        /// The user's id.
        user: String,
        /// Whether a remember-me cookie was set.
        remembered: bool,
    },
    /// A user signed out.
    LoggedOut {
        /// The user's id.
        user: String,
    },
    /// A remember-me cookie began a session.
    LoadedFromCookie {
        /// The user's id.
        user: String,
    },
    /// A user came by HTTP Basic, a bearer token, or anything else of the request.
    LoadedFromRequest {
        /// The user's id.
        user: String,
    },
    /// A user proved again who they are.
    LoginConfirmed {
        /// The user's id.
        user: String,
    },
    /// Somebody asked for what is not for them: not signed in (401), or without the role (403).
    Unauthorized,
    /// A user has to prove again who they are.
    NeedsRefresh {
        /// The user's id.
        user: String,
    },
    /// A session came from another address or browser than it began with.
    SessionProtected {
        /// The user's id.
        user: String,
    },
    /// A password was wrong, or there is no such account.
    PasswordRefused,
    /// There were too many wrong passwords.
    Throttled,
    /// Sign-ins of a user were ended on demand.
    SessionsEnded {
        /// The user's id.
        user: String,
        /// How many.
        count: u64,
    },
}
