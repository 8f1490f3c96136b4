//! [`RunError`]: why an app is not served.

use std::fmt;
use std::io;

use crate::error::Error;

/// Why the app is not served any more, or never was.
#[derive(Debug)]
pub(crate) enum RunError {
    /// It cannot or must not be: the reason, then what to do about it, in words for people.
    Refused(String),
    /// A start-up step failed.
    Startup(Error),
    /// The system refused something else.
    Io(io::Error),
}

impl From<io::Error> for RunError {
    fn from(error: io::Error) -> RunError {
        RunError::Io(error)
    }
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RunError::Refused(words) => f.write_str(words),
            RunError::Startup(error) => write!(f, "a start-up step failed: {error}"),
            RunError::Io(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for RunError {}

/// A reason with the hints that follow it, as every refusal is written.
pub(super) fn refused(reason: &str, hints: &[String]) -> RunError {
    let mut words = format!("{}\n", reason.trim_end());
    for hint in hints {
        words.push_str(&format!("\nhint: {hint}"));
    }
    RunError::Refused(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hints_stand_apart() {
        let check = |hints: &[&str], wanted: &str| {
            let hints: Vec<String> = hints.iter().map(|&hint| hint.to_owned()).collect();
            assert_eq!(refused("it is so", &hints).to_string().trim_end(), wanted);
        };
        check(&[], "it is so");
        check(&["a", "b"], "it is so\n\nhint: a\nhint: b");
    }
}
