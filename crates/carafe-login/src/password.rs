//! Passwords: hashed with argon2id, verified in that format and in Werkzeug's.

mod argon;
mod werkzeug;
mod worker;

use std::fmt;

pub(crate) use argon::Cost;
pub(crate) use worker::Worker;

/// What verifying a password found.
#[derive(Clone, PartialEq, Eq)]
#[must_use = "whether the password was right is in it"]
pub enum Verified {
    /// It is wrong, or there is no such account.
    No,
    /// It is right.
    Yes,
    /// It is right, and here is a better hash of it to keep in place of the old one.
    Upgrade(String),
}

impl Verified {
    /// Whether the password is right.
    pub fn is_right(&self) -> bool {
        !matches!(self, Verified::No)
    }

    /// The hash to keep in place of the old one, if there is one.
    pub fn upgrade(&self) -> Option<&str> {
        match self {
            Verified::Upgrade(hash) => Some(hash),
            _ => None,
        }
    }
}

impl fmt::Debug for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A hash is not for logs.
        f.write_str(match self {
            Verified::No => "No",
            Verified::Yes => "Yes",
            Verified::Upgrade(_) => "Upgrade(..)",
        })
    }
}

/// Hashes a password, on this thread.
pub(crate) fn hash(password: &str, cost: Cost) -> carafe::Result<String> {
    argon::hash(password, cost)
}

/// Verifies a password, on this thread. Without a hash as much is computed as with one, and the answer is no.
pub(crate) fn verify(password: &str, hash: Option<&str>, cost: Cost) -> carafe::Result<Verified> {
    let Some(hash) = hash else {
        argon::spend(password, cost);
        return Ok(Verified::No);
    };
    let (right, current) = match hash.starts_with("$argon2") {
        true => argon::verify(password, hash, cost)?,
        false => (werkzeug::verify(password, hash)?, false),
    };
    match (right, current) {
        (false, _) => Ok(Verified::No),
        (true, true) => Ok(Verified::Yes),
        (true, false) => argon::hash(password, cost).map(Verified::Upgrade),
    }
}

/// A hash that cannot be read is a mistake of the app's data, not a wrong password.
fn unreadable(what: &str) -> carafe::Error {
    carafe::abort(500).caused_by(format!(
        "a stored password hash cannot be read: {what}; known are `$argon2id$..`, and Werkzeug's `scrypt:..` and `pbkdf2:sha256:..`"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHEAP: Cost = Cost { memory: 8, iterations: 1 };

    #[test]
    fn hashes_verify() {
        let kept = hash("correct horse", CHEAP).unwrap();
        assert!(kept.starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{kept}");
        assert_ne!(kept, hash("correct horse", CHEAP).unwrap());
        assert_eq!(verify("correct horse", Some(&kept), CHEAP).unwrap(), Verified::Yes);
        assert_eq!(verify("correct horsf", Some(&kept), CHEAP).unwrap(), Verified::No);
        assert_eq!(verify("", Some(&kept), CHEAP).unwrap(), Verified::No);
        assert_eq!(verify("correct horse", None, CHEAP).unwrap(), Verified::No);
    }

    #[test]
    fn weaker_hashes_are_upgraded() {
        let dearer = Cost { memory: 16, iterations: 1 };
        let kept = hash("pw", CHEAP).unwrap();
        let Verified::Upgrade(better) = verify("pw", Some(&kept), dearer).unwrap() else {
            panic!("no upgrade")
        };
        assert_eq!(verify("pw", Some(&better), dearer).unwrap(), Verified::Yes);
        // One that is dearer than asked for stays.
        assert_eq!(verify("pw", Some(&better), CHEAP).unwrap(), Verified::Yes);
        assert_eq!(format!("{:?}", Verified::Upgrade(better)), "Upgrade(..)");
    }

    #[test]
    fn what_is_no_hash_is_an_error() {
        for kept in [
            "",
            "plain",
            "$argon2id$v=19$m=8",
            "md5$a$b",
            "scrypt:3:8:1$a$00",
            "pbkdf2:sha256:x$a$00",
        ] {
            let error = verify("pw", Some(kept), CHEAP).unwrap_err();
            assert_eq!(error.status(), 500, "{kept}");
            // Nothing of the hash is told.
            assert!(kept.is_empty() || !format!("{error} {error:?}").contains(kept), "{error}");
        }
    }
}
