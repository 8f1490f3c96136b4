//! The settings under `login`: Flask-Login's, and those of what it does not have.

use std::time::Duration;

use carafe::config::{CookieSameSite, CookieSecure, Seconds};
use serde::Deserialize;

/// What the configuration says under `login`.
///
/// | key | default | |
/// |---|---|---|
/// | `login_view` | not set | where visitors sign in: an endpoint's name, or a path that begins with `/`; what the code says wins |
/// | `login_message`, `login_message_category` | `Please log in to access this page.`, `message` | flashed on the way there; an empty text flashes nothing |
/// | `refresh_view` | as `login_view` | where they prove again who they are |
/// | `needs_refresh_message`, `needs_refresh_message_category` | `Please reauthenticate to access this page.`, `message` | |
/// | `use_session_for_next` | `false` | keeps `next` in the session, not in the address |
/// | `session_protection` | `basic` | what happens to a session whose address or browser changes: `basic` makes it stale, `strong` ends it, `off` |
/// | `session_lifetime` | `31 days` | a sign-in that is not used for so long is over |
/// | `fresh_lifetime` | not set | how long a sign-in stays fresh; without it, until the session ends |
/// | `remember_cookie_name` | `remember_token` | |
/// | `remember_cookie_duration` | `365 days` | |
/// | `remember_cookie_domain`, `remember_cookie_path` | not set, `/` | |
/// | `remember_cookie_secure` | `auto` | `auto`: where the request came over https |
/// | `remember_cookie_httponly` | `true` | |
/// | `remember_cookie_samesite` | `Lax` | `Lax`, `Strict`, `None` or `Unset` |
/// | `remember_cookie_refresh_each_request` | `false` | sets it again, for its whole duration, with each request |
/// | `load_each_request` | `true` | finds the visitor's user before each handler, so that templates know `current_user`; `false`: only where a handler asks |
/// | `realm` | `app` | of `WWW-Authenticate` |
/// | `attempts_per_account`, `attempts_per_address` | 10, 50 | wrong passwords before 429; 0 is no limit |
/// | `attempts_window` | `15 min` | within so long |
/// | `password_memory`, `password_iterations` | 19456, 2 | argon2id's, in KiB and passes: OWASP's minimum. Under the testing profile, unless set: 8 and 1 |
/// | `password_threads` | the number of cores, at most 4 | passwords hashed at once |
/// | `password_queue` | 64 | more than so many waiting are answered 503 |
/// | `password_max_length` | 1024 | bytes of a password; a longer one is wrong without being hashed |
/// | `oidc.NAME` | | with the feature `oidc`, a provider of OpenID Connect: `issuer` and `client_id`; `client_secret`; `scopes` (`openid`, `email`, `profile`); `redirect_url` (by default `/login/oidc/NAME/callback` at the request's host); `remember` (`false`) |
#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
pub struct Settings {
    pub(crate) login_view: Option<String>,
    pub(crate) login_message: String,
    pub(crate) login_message_category: String,
    pub(crate) refresh_view: Option<String>,
    pub(crate) needs_refresh_message: String,
    pub(crate) needs_refresh_message_category: String,
    pub(crate) use_session_for_next: bool,
    pub(crate) session_protection: Protection,
    pub(crate) session_lifetime: Seconds,
    pub(crate) fresh_lifetime: Option<Seconds>,
    pub(crate) remember_cookie_name: String,
    pub(crate) remember_cookie_duration: Seconds,
    pub(crate) remember_cookie_domain: Option<String>,
    pub(crate) remember_cookie_path: String,
    pub(crate) remember_cookie_secure: CookieSecure,
    pub(crate) remember_cookie_httponly: bool,
    pub(crate) remember_cookie_samesite: CookieSameSite,
    pub(crate) remember_cookie_refresh_each_request: bool,
    pub(crate) load_each_request: bool,
    pub(crate) realm: String,
    pub(crate) attempts_per_account: u32,
    pub(crate) attempts_per_address: u32,
    pub(crate) attempts_window: Seconds,
    pub(crate) password_memory: Option<u32>,
    pub(crate) password_iterations: Option<u32>,
    pub(crate) password_threads: Option<usize>,
    pub(crate) password_queue: usize,
    pub(crate) password_max_length: usize,
    #[cfg(feature = "oidc")]
    pub(crate) oidc: std::collections::BTreeMap<String, crate::oidc::ProviderSettings>,
}

/// What happens to a session whose visitor's address or browser changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub(crate) enum Protection {
    #[default]
    Basic,
    Strong,
    Off,
}

const DAY: u64 = 24 * 60 * 60;

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            login_view: None,
            login_message: "Please log in to access this page.".to_owned(),
            login_message_category: "message".to_owned(),
            refresh_view: None,
            needs_refresh_message: "Please reauthenticate to access this page.".to_owned(),
            needs_refresh_message_category: "message".to_owned(),
            use_session_for_next: false,
            session_protection: Protection::Basic,
            session_lifetime: Seconds::new(31 * DAY),
            fresh_lifetime: None,
            remember_cookie_name: "remember_token".to_owned(),
            remember_cookie_duration: Seconds::new(365 * DAY),
            remember_cookie_domain: None,
            remember_cookie_path: "/".to_owned(),
            remember_cookie_secure: CookieSecure::Auto,
            remember_cookie_httponly: true,
            remember_cookie_samesite: CookieSameSite::Lax,
            remember_cookie_refresh_each_request: false,
            load_each_request: true,
            realm: "app".to_owned(),
            attempts_per_account: 10,
            attempts_per_address: 50,
            attempts_window: Seconds::new(15 * 60),
            password_memory: None,
            password_iterations: None,
            password_threads: None,
            password_queue: 64,
            password_max_length: 1024,
            #[cfg(feature = "oidc")]
            oidc: std::collections::BTreeMap::new(),
        }
    }
}

impl Settings {
    /// What cannot be meant, in words, with the key.
    pub(crate) fn problem(&self) -> Option<String> {
        let too_short = |name: &str, time: Seconds| {
            (time.duration() < Duration::from_secs(1))
                .then(|| format!("`login.{name}` is {time}, but needs at least 1 s"))
        };
        too_short("session_lifetime", self.session_lifetime)
            .or_else(|| too_short("remember_cookie_duration", self.remember_cookie_duration))
            .or_else(|| too_short("attempts_window", self.attempts_window))
            .or_else(|| {
                (self.password_threads == Some(0))
                    .then(|| "`login.password_threads` is 0, but needs at least 1".to_owned())
            })
    }
}
