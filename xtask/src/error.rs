//! The one error of the tool: a line for people, and hints.

use std::fmt;

pub(crate) type Result<T> = std::result::Result<T, Error>;

/// What went wrong in one lower-case line, then what to do about it.
#[derive(Debug)]
pub(crate) struct Error {
    message: String,
    hints: Vec<String>,
}

impl Error {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hints: Vec::new() }
    }

    /// Adds the next step, shown on a line of its own.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        for hint in &self.hints {
            write!(f, "\n  hint: {hint}")?;
        }
        Ok(())
    }
}
