//! The one error of this folder: a text that is not what its place asks for.

use std::fmt;

/// A text that cannot be read as, or printed into, the header it is meant for.
///
/// The message is one line and quotes at most 60 characters of the text.
///
/// ```
/// use carafe::http::values::MediaType;
/// let error = "text".parse::<MediaType>().unwrap_err();
/// assert_eq!(error.to_string(), "`text` is not a media type");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct InvalidValue {
    expected: &'static str,
    text: String,
}

/// A log line is read by people; a hostile header can be 64 KiB.
const SHOWN: usize = 60;

impl InvalidValue {
    /// `expected` completes the sentence "`text` is not ...".
    pub(super) fn new(expected: &'static str, text: &str) -> Self {
        let mut shown: String = text.chars().take(SHOWN).flat_map(char::escape_debug).collect();
        if text.chars().nth(SHOWN).is_some() {
            shown.push_str("...");
        }
        InvalidValue { expected, text: shown }
    }

    /// Like [`InvalidValue::new`] for values that may hold a password or a token.
    pub(super) fn secret(expected: &'static str) -> Self {
        InvalidValue { expected, text: String::new() }
    }

    /// What the text should have been, such as `a media type`.
    pub fn expected(&self) -> &'static str {
        self.expected
    }
}

impl fmt::Display for InvalidValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.text.is_empty() {
            write!(f, "the value is not {}", self.expected)
        } else {
            write!(f, "`{}` is not {}", self.text, self.expected)
        }
    }
}

impl fmt::Debug for InvalidValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "InvalidValue({self})")
    }
}

impl std::error::Error for InvalidValue {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_one_short_line() {
        let long = InvalidValue::new("a host", &"x\n".repeat(1000)).to_string();
        assert!(long.len() < 200 && !long.contains('\n'), "{long}");
        assert_eq!(InvalidValue::secret("a token").to_string(), "the value is not a token");
    }
}
