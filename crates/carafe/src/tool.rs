//! What the tool `carafe` uses of the framework. Nothing here is API: it changes with the tool.
#![doc(hidden)]

use std::borrow::Cow;

/// Whether a name is one of a secret, such as `password`.
#[inline]
pub fn is_secret(name: &str) -> bool {
    crate::config::is_secret(name)
}

/// A text with the passwords of URLs and parameters in it hidden.
#[inline]
pub fn hide_passwords(text: &str) -> Cow<'_, str> {
    crate::config::hide_passwords(text)
}
