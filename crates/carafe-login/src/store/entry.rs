//! [`Entry`]: one sign-in, as a store keeps it.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// What a store knows a sign-in by: the SHA-256 of the token that the visitor holds, in hexadecimal digits.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct SessionKey(String);

impl SessionKey {
    /// The key of a token.
    pub(crate) fn of(token: &str) -> SessionKey {
        SessionKey(crate::random::digest(&[token.as_bytes()]))
    }

    /// A key that a store gave out before.
    pub(crate) fn known(digits: String) -> SessionKey {
        SessionKey(digits)
    }

    /// The 64 digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionKey(..)")
    }
}

/// What a visitor holds for an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EntryKind {
    /// A token in the session, until that ends.
    Session,
    /// The remember-me cookie.
    Remember,
}

impl EntryKind {
    /// The kind as a word: `session` or `remember`.
    pub fn as_str(self) -> &'static str {
        match self {
            EntryKind::Session => "session",
            EntryKind::Remember => "remember",
        }
    }

    /// The kind of a word.
    pub fn from_word(word: &str) -> Option<EntryKind> {
        [EntryKind::Session, EntryKind::Remember].into_iter().find(|kind| kind.as_str() == word)
    }
}

/// A sign-in that was not ended. Times are kept to the second.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What the visitor holds.
    pub kind: EntryKind,
    /// The [id](crate::Account::id) of the user.
    pub user: String,
    /// Tells the user's devices apart: a session that a remember-me cookie began has that cookie's.
    pub device: String,
    /// The browser as it introduced itself at sign-in, at most 200 characters.
    pub label: String,
    /// A digest of the visitor's address and browser, for session protection.
    pub identifier: String,
    /// When it began.
    pub created: SystemTime,
    /// When it is over, unless it is used before.
    pub expires: SystemTime,
    /// When the user last proved who they are; `None` when only the remember-me cookie did.
    pub confirmed: Option<SystemTime>,
}

impl Entry {
    /// Whether its time is over.
    pub fn is_over(&self, now: SystemTime) -> bool {
        self.expires <= now
    }
}

/// Whole seconds since 1970.
pub(crate) fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// The time of so many seconds since 1970.
pub(crate) fn time(seconds: u64) -> SystemTime {
    UNIX_EPOCH.checked_add(Duration::from_secs(seconds)).unwrap_or(UNIX_EPOCH)
}

/// The time without fractions of a second.
pub(crate) fn whole_seconds(at: SystemTime) -> SystemTime {
    time(seconds(at))
}
