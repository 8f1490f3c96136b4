//! The profile an app runs under, which chooses a section of `carafe.toml`.

use std::fmt;
use std::str::FromStr;

use super::suggest::closest;

/// The profile an app runs under: chooses the `[profile.<name>]` section of `carafe.toml` and a few defaults.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Profile {
    /// On a developer's machine: `debug` is on.
    Development,
    /// In production: nothing about the app's inside reaches a visitor.
    #[default]
    Release,
    /// Under the test client: `testing` is on.
    Testing,
}

impl Profile {
    pub(super) const ALL: [Profile; 3] = [Profile::Development, Profile::Release, Profile::Testing];

    /// Development when compiled with `debug_assertions`, else release.
    pub fn of_build() -> Profile {
        if cfg!(debug_assertions) { Profile::Development } else { Profile::Release }
    }

    /// The name that `CARAFE_PROFILE` and `carafe.toml` use: `development`, `release` or `testing`.
    pub fn name(self) -> &'static str {
        match self {
            Profile::Development => "development",
            Profile::Release => "release",
            Profile::Testing => "testing",
        }
    }

    pub(super) fn closest(name: &str) -> Option<&'static str> {
        closest(name, Profile::ALL.map(Profile::name))
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Profile {
    type Err = String;

    /// The error is one line that lists the profiles there are.
    fn from_str(name: &str) -> Result<Profile, String> {
        let found = Profile::ALL.into_iter().find(|profile| profile.name() == name);
        found.ok_or_else(|| {
            format!("the profile must be `development`, `release` or `testing`, but is `{name}`")
        })
    }
}
