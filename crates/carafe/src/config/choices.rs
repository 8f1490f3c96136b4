//! Settings that are a choice among a few words.

use std::fmt;

use serde::de::{Deserializer, Error, Unexpected, Visitor};
use serde::{Deserialize, Serialize, Serializer};

use super::Bytes;

/// How a line for each request is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum AccessLog {
    /// Not at all.
    Off,
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// The `SameSite` attribute of the session cookie.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum CookieSameSite {
    /// Sent when a visitor follows a link to the app, not with another site's forms.
    #[default]
    Lax,
    /// Sent only from the app's own pages.
    Strict,
    /// Sent from everywhere; browsers then want `secure` too.
    None,
    /// The attribute is left out, and the browser decides.
    Unset,
}

/// The `Secure` attribute of the session cookie: `"auto"`, `true` or `false`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum CookieSecure {
    /// Set when the request came over https.
    #[default]
    Auto,
    /// Always set.
    Always,
    /// Never set.
    Never,
}

impl Serialize for CookieSecure {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            CookieSecure::Auto => serializer.serialize_str("auto"),
            CookieSecure::Always => serializer.serialize_bool(true),
            CookieSecure::Never => serializer.serialize_bool(false),
        }
    }
}

impl<'de> Deserialize<'de> for CookieSecure {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<CookieSecure, D::Error> {
        struct Choice;
        impl Visitor<'_> for Choice {
            type Value = CookieSecure;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("`true`, `false` or `\"auto\"`")
            }

            fn visit_bool<E: Error>(self, value: bool) -> Result<CookieSecure, E> {
                Ok(if value { CookieSecure::Always } else { CookieSecure::Never })
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<CookieSecure, E> {
                match text {
                    "auto" => Ok(CookieSecure::Auto),
                    _ => Err(E::invalid_value(Unexpected::Str(text), &self)),
                }
            }
        }
        deserializer.deserialize_any(Choice)
    }
}

/// The most bytes that are accepted, or `"unlimited"`.
///
/// Zero is refused: to some it means nothing, to others no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Limit {
    /// At most so many.
    Bytes(Bytes),
    /// As many as come.
    Unlimited,
}

impl Limit {
    /// The number of bytes, if there is a limit.
    pub fn bytes(self) -> Option<u64> {
        match self {
            Limit::Bytes(bytes) => Some(bytes.get()),
            Limit::Unlimited => None,
        }
    }
}

impl Serialize for Limit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Limit::Bytes(bytes) => bytes.serialize(serializer),
            Limit::Unlimited => serializer.serialize_str("unlimited"),
        }
    }
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Limit, D::Error> {
        struct Size;
        impl Visitor<'_> for Size {
            type Value = Limit;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}, or `unlimited`", Bytes::EXPECTED)
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Limit, E> {
                match Bytes::parse(text) {
                    Some(bytes) => self.visit_u64(bytes.get()),
                    None if text == "unlimited" => Ok(Limit::Unlimited),
                    None => Err(E::invalid_value(Unexpected::Str(text), &self)),
                }
            }

            fn visit_u64<E: Error>(self, bytes: u64) -> Result<Limit, E> {
                match bytes {
                    0 => Err(E::invalid_value(Unexpected::Unsigned(0), &self)),
                    _ => Ok(Limit::Bytes(Bytes::new(bytes))),
                }
            }
        }
        deserializer.deserialize_any(Size)
    }
}
