//! Settings that are a choice among a few words.

use super::Bytes;
use super::failure::Loose;
use super::setting::{Plain, plain, serde_by_plain};
use super::tree::{Node, Value};

serde_by_plain!(AccessLog, CookieSameSite, CookieSecure, Limit);

/// How a line for each request is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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

plain! {
    CookieSecure: "`true`, `false` or `\"auto\"`", cookie_secure, shown_cookie_secure;
    Limit: format!("{}, or `unlimited`", Bytes::EXPECTED), limit, shown_limit;
}

fn cookie_secure(node: &Node) -> Option<CookieSecure> {
    match node.as_bool() {
        Some(true) => Some(CookieSecure::Always),
        Some(false) => Some(CookieSecure::Never),
        None => (node.as_text()? == "auto").then_some(CookieSecure::Auto),
    }
}

fn shown_cookie_secure(value: &CookieSecure) -> Value {
    match value {
        CookieSecure::Auto => Value::Text("auto".to_owned()),
        CookieSecure::Always => Value::Bool(true),
        CookieSecure::Never => Value::Bool(false),
    }
}

fn limit(node: &Node) -> Option<Limit> {
    match Bytes::parse(node) {
        Some(bytes) if bytes.get() == 0 => None,
        Some(bytes) => Some(Limit::Bytes(bytes)),
        None => (node.as_text()? == "unlimited").then_some(Limit::Unlimited),
    }
}

fn shown_limit(limit: &Limit) -> Value {
    match limit {
        Limit::Bytes(bytes) => bytes.value(),
        Limit::Unlimited => Value::Text("unlimited".to_owned()),
    }
}

/// Implements [`Plain`] for a choice among words, whose case does not count.
macro_rules! words {
    ($($type:ident { $($word:literal => $variant:ident),* })*) => {$(
        impl Plain for $type {
            fn refusal() -> Loose {
                Loose::OneOf(vec![$($word.to_owned()),*])
            }

            fn parse(node: &Node) -> Option<$type> {
                let text = node.as_text()?;
                let known = [$(($word, $type::$variant)),*];
                // `lax` for `Lax`: nobody should have to remember.
                let found = known.into_iter().find(|(word, _)| word.eq_ignore_ascii_case(text));
                found.map(|(_, choice)| choice)
            }

            fn value(&self) -> Value {
                Value::Text(match self { $($type::$variant => $word),* }.to_owned())
            }
        }
    )*};
}

words! {
    AccessLog { "off" => Off, "text" => Text, "json" => Json }
    CookieSameSite { "Lax" => Lax, "Strict" => Strict, "None" => None, "Unset" => Unset }
}
