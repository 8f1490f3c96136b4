//! What can be wrong with rules and with building URLs.

use std::fmt;

/// A rule that cannot be added: one line that says what is wrong, the place in the app's source
/// that registered the rule, and what to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleError {
    rule: String,
    message: String,
    hint: Option<String>,
    file: &'static str,
    line: u32,
}

impl RuleError {
    pub(crate) fn new(rule: &str, at: (&'static str, u32), message: impl Into<String>) -> Self {
        let (file, line) = at;
        Self { rule: rule.to_owned(), message: message.into(), hint: None, file, line }
    }

    pub(crate) fn with_hint(mut self, hint: Option<impl Into<String>>) -> Self {
        self.hint = hint.map(Into::into);
        self
    }

    /// The rule's text.
    #[must_use]
    pub fn rule(&self) -> &str {
        &self.rule
    }

    /// What is wrong, in one line.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The next step.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// The source file and the line that registered the rule.
    #[must_use]
    pub fn location(&self) -> (&'static str, u32) {
        (self.file, self.line)
    }
}

impl fmt::Display for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rule `{}`: {}", self.rule, self.message)
    }
}

impl std::error::Error for RuleError {}

/// A URL that cannot be built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildError {
    pub(crate) kind: BuildErrorKind,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
}

/// Why a URL cannot be built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BuildErrorKind {
    /// No rule has this endpoint.
    UnknownEndpoint,
    /// No rule of the endpoint has the method asked for.
    Method,
    /// A value is missing, or contradicts a rule's default.
    Values,
    /// A converter does not take its value.
    WrongValue,
}

impl BuildError {
    /// What is wrong, in one line.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Why.
    #[must_use]
    pub fn kind(&self) -> BuildErrorKind {
        self.kind
    }

    /// The next step.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }
}

/// The message, and the hint on a line of its own.
impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.hint {
            Some(hint) => write!(f, "\n  hint: {hint}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for BuildError {}
