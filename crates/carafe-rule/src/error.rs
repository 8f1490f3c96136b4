//! What is wrong with a rule's text, and where.

use std::fmt;
use std::ops::Range;

/// A rule that cannot be read: one line that says what is wrong, the bytes it is about, and what
/// to do next.
///
/// ```
/// let error = carafe_rule::parse("/users/<id").unwrap_err();
/// assert_eq!(error.to_string(), "`<id` is not closed");
/// assert_eq!(error.span(), 7..10);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    message: String,
    span: Range<usize>,
    hint: Option<String>,
}

impl ParseError {
    pub(crate) fn new(span: Range<usize>, message: impl Into<String>) -> Self {
        Self { message: message.into(), span, hint: None }
    }

    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The error for arguments that a converter of the app refused with `message`.
    #[must_use]
    pub fn for_converter(converter: &str, message: &str, span: Range<usize>) -> Self {
        Self::new(span, format!("the converter `{converter}` refuses its arguments: {message}"))
    }

    /// One lower-case line without a period, with the offending text in backticks.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The bytes of the rule's text that the message is about; may be empty at the end.
    #[must_use]
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// The next step, if there is an obvious one.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ParseError {}
