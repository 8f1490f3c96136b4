//! An app's configuration: defaults, code, `carafe.toml`, `.env`, `CARAFE_*` variables and the command line, merged
//! into one typed [`Config`] whose every value knows where it came from.
//!
//! Later places win, leaf by leaf:
//!
//! | place | example |
//! |---|---|
//! | defaults | [`Settings::default`] |
//! | code | `App::config("port", 8000)` |
//! | `carafe.toml` | `port = 8000` |
//! | the active profile's section | `[profile.release]`, then `port = 80` |
//! | `.env` | `CARAFE_PORT=8000` |
//! | the environment | `CARAFE_PORT=8000`, or nested: `CARAFE_DATABASE__POOL__MAX=5` |
//! | the command line | `--port 8000` |
//!
//! `CARAFE_PROFILE` chooses the [`Profile`] and `CARAFE_CONFIG` another file than `carafe.toml`; names that begin with
//! `CARAFE_TOOL_` belong to the `carafe` tool and are passed over. The text of a variable is read as JSON when it is
//! valid JSON; where a string is wanted, a text such as `123` stays as it was written. A list may also be written
//! with commas: `CARAFE_TRUSTED_HOSTS=example.com,example.org`.
//!
//! In `.env`, `$NAME` and `${NAME}` stand for the value of that variable, in the environment or further up; single quotes
//! keep a `$` as it is.
//!
//! Unknown keys and wrong types are errors. All errors of one load are shown together, each with its place.
//!
//! ```
//! use carafe::config::Loader;
//!
//! let config = Loader::in_memory()
//!     .text("carafe.toml", "port = 8000\n[database]\nurl = \"sqlite:app.db\"\n")
//!     .env([("CARAFE_PORT", "9000")])
//!     .load()
//!     .unwrap();
//! assert_eq!(config.settings().port, 9000);
//! assert_eq!(config.source("port").unwrap().to_string(), "the environment variable CARAFE_PORT");
//! assert_eq!(config.get::<String>("database.url").unwrap(), "sqlite:app.db");
//! ```

mod access;
mod checks;
mod choices;
mod de;
mod dotenv;
mod env;
mod error;
mod failure;
mod files;
mod host;
mod load;
mod loaded;
mod port;
mod profile;
mod proxies;
mod report;
mod secret;
pub(crate) mod secret_file;
mod setting;
mod settings;
mod show;
mod source;
mod suggest;
mod toml;
mod toml_file;
mod tree;
mod units;
mod unknown;

pub use choices::{AccessLog, CookieSameSite, CookieSecure, Limit};
pub use error::{ConfigError, ConfigErrors};
pub use host::{Host, Hosts};
pub use load::Loader;
pub use loaded::{Config, Entry};
pub use port::Port;
pub use profile::Profile;
pub use proxies::{Hops, InvalidPeer, TrustedPeer, TrustedProxies};
pub use secret::SecretKey;
pub(crate) use secret::{hide_passwords, is_secret};
pub use settings::Settings;
pub use source::Source;
pub(crate) use suggest::closest;
pub use units::{Bytes, Seconds};

#[cfg(test)]
mod tests;
