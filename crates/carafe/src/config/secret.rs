//! Values that must not be seen: the key type that hides itself, and the rules by which other values are hidden.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Unexpected, Visitor};

/// What is shown in the place of a secret.
pub(super) const HIDDEN: &str = "(hidden)";

/// A secret text that never shows itself: `Debug` and `Display` print `(hidden)`, and there is no `Serialize`.
///
/// ```
/// use carafe::config::SecretKey;
///
/// let key = SecretKey::new("correct horse");
/// assert_eq!(format!("{key} {key:?}"), "(hidden) (hidden)");
/// assert_eq!(key.expose(), "correct horse");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct SecretKey(String);

impl SecretKey {
    /// Takes the text as it is.
    pub fn new(text: impl Into<String>) -> SecretKey {
        SecretKey(text.into())
    }

    /// The text itself. Do not log it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretKey {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HIDDEN)
    }
}

impl fmt::Display for SecretKey {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HIDDEN)
    }
}

impl<'de> Deserialize<'de> for SecretKey {
    /// Any string but the empty one, with which every signature could be forged.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<SecretKey, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = SecretKey;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string that is not empty")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<SecretKey, E> {
                match text {
                    "" => Err(E::invalid_value(Unexpected::Str(text), &self)),
                    _ => Ok(SecretKey::new(text)),
                }
            }
        }
        deserializer.deserialize_str(Text)
    }
}

/// Whether a dotted key names a secret: some part of it ends in a word such as `password`, or starts as `secret_key`.
pub(crate) fn is_secret(key: &str) -> bool {
    key.split('.').any(|part| {
        let part = part.split('[').next().unwrap_or(part).to_ascii_lowercase();
        let word = part.rsplit(['_', '-']).next().unwrap_or(&part);
        part.starts_with("secret_key") || is_secret_word(word)
    })
}

fn is_secret_word(word: &str) -> bool {
    matches!(
        word,
        "key"
            | "secret"
            | "secrets"
            | "token"
            | "tokens"
            | "password"
            | "passwords"
            | "passwd"
            | "pwd"
            | "passphrase"
            | "dsn"
            | "credentials"
            | "apikey"
    )
}

/// `text` with the passwords of the URLs and connection strings in it hidden.
pub(crate) fn hide_passwords(text: &str) -> Cow<'_, str> {
    let mut shown = Cow::Borrowed(text);
    if let Some((start, end)) = url_password(text) {
        shown = Cow::Owned(format!("{}{HIDDEN}{}", &text[..start], &text[end..]));
    }
    match hide_parameters(&shown) {
        Some(hidden) => Cow::Owned(hidden),
        None => shown,
    }
}

/// From the first `:` of the user part to the last `@`. Rather too much than too little: a password may hold `/`,
/// `?` and `@` unescaped, and a text may hold several URLs.
fn url_password(text: &str) -> Option<(usize, usize)> {
    let authority = text.find("://")? + 3;
    let end = authority + text[authority..].rfind('@')?;
    let start = authority + text[authority..end].find(':')? + 1;
    (start < end).then_some((start, end))
}

/// Hides what follows `password=` and its like, up to the next space, `&` or `;`.
fn hide_parameters(text: &str) -> Option<String> {
    let mut hidden = String::new();
    let mut rest = text;
    while let Some(equals) = rest.find('=') {
        let (name, value) = rest.split_at(equals + 1);
        hidden.push_str(name);
        rest = value;
        let word = name[..equals]
            .trim_end()
            .rsplit(|c: char| !c.is_ascii_alphabetic())
            .next()
            .unwrap_or("");
        let word = word.to_ascii_lowercase();
        if is_secret_word(&word) || word.ends_with("key") || word.ends_with("password") {
            rest = value.trim_start();
            hidden.push_str(&value[..value.len() - rest.len()]);
            let end = value_end(rest);
            if end > 0 {
                hidden.push_str(HIDDEN);
            }
            rest = &rest[end..];
        }
    }
    hidden.push_str(rest);
    (hidden != text).then_some(hidden)
}

/// Where a parameter's value ends: at its closing quote, or before the next space, `&` or `;`.
fn value_end(value: &str) -> usize {
    let quote = value.chars().next().filter(|c| matches!(c, '\'' | '"'));
    match quote {
        Some(quote) => value[1..].find(quote).map_or(value.len(), |end| end + 2),
        None => {
            value.find(|c: char| c.is_whitespace() || c == '&' || c == ';').unwrap_or(value.len())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secret_keys_are_known_by_name() {
        for key in [
            "secret_key",
            "secret_key_fallbacks",
            "mail.password",
            "aws.SECRET",
            "api-token",
            "sentry.dsn",
            "stripe_key",
            "secrets.github",
            "hooks.tokens[2]",
        ] {
            assert!(is_secret(key), "{key}");
        }
        for key in ["port", "json_sort_keys", "session_cookie_name", "keyboard", "database.url"] {
            assert!(!is_secret(key), "{key}");
        }
    }

    #[test]
    fn passwords_in_urls_are_hidden() {
        let check = |text: &str, shown: &str| assert_eq!(hide_passwords(text), shown);
        check("postgres://ann:pw@db/app", "postgres://ann:(hidden)@db/app");
        check("redis://:p/w?@1@cache:6379/0", "redis://:(hidden)@cache:6379/0");
        check("postgres://ann@db:5432/app", "postgres://ann@db:5432/app");
        check("https://example.com:8080/a", "https://example.com:8080/a");
        check("pg://db/app?password=pw&ssl=on", "pg://db/app?password=(hidden)&ssl=on");
        check(
            "host=db user=ann password='a b' ssl=on",
            "host=db user=ann password=(hidden) ssl=on",
        );
        check("Endpoint=x;AccountKey=abc==;A=b", "Endpoint=x;AccountKey=(hidden);A=b");
        check("a = b", "a = b");
        check("mail = { password = 'a b', x = 1 }", "mail = { password = (hidden), x = 1 }");
    }
}
