//! What goes wrong while a tree becomes a type: first without a place, then located by the node it happened at.

use std::fmt;

use serde::de::{Error, Expected, Unexpected};

use super::secret::is_secret;
use super::show::{found, quoted};
use super::suggest::closest;
use super::tree::{Node, Value, join};
use super::{ConfigError, Source};

/// An error of the deserializer.
#[derive(Debug)]
pub(super) enum Failure {
    /// Raised by serde or by a type; the place is not known yet.
    Loose(Loose),
    /// With its place.
    Located(Box<Located>),
}

/// What was wrong, without the place.
#[derive(Debug)]
pub(super) enum Loose {
    /// Something else was wanted.
    Expected(String),
    /// One of some words was wanted.
    OneOf(Vec<String>),
    /// A list of another length was wanted.
    Length { found: usize, expected: String },
    /// A key that must be set is not.
    Missing(String),
    /// A type has its own words.
    Other(String),
}

/// A failure and the key of the value that failed.
#[derive(Debug)]
pub(super) struct Located {
    pub(super) key: String,
    /// The key below it that is missing, if that is what failed.
    pub(super) missing: Option<String>,
    pub(super) error: ConfigError,
}

impl Failure {
    pub(super) fn expected(what: impl Into<String>) -> Failure {
        Failure::Loose(Loose::Expected(what.into()))
    }

    /// Says where it happened. The first place, which is the innermost, stays.
    #[inline]
    pub(super) fn locate(self, key: &str, node: &Node) -> Box<Located> {
        let loose = match self {
            Failure::Located(located) => return located,
            Failure::Loose(loose) => loose,
        };
        let missing = match &loose {
            Loose::Missing(field) => Some(join(key, field)),
            _ => None,
        };
        Box::new(Located { key: key.to_owned(), missing, error: loose.at(key, node) })
    }
}

impl Loose {
    pub(super) fn at(self, key: &str, node: &Node) -> ConfigError {
        let found = found(key, node);
        let error = |what: String| ConfigError::at(key, &node.source, &format!("`{key}` {what}"));
        match self {
            Loose::Expected(_) if is_unset(node) => missing(key),
            Loose::Missing(field) => missing(&join(key, &field)),
            Loose::Expected(expected) => {
                let hint = quoting_hint(key, node, &expected);
                let error = error(format!("must be {expected}, but is {found}"));
                hint.into_iter().fold(error, ConfigError::with_hint)
            }
            Loose::OneOf(words) => {
                let near = closest(node.as_text().unwrap_or(""), words.iter().map(String::as_str));
                let hint = near.map(|near| format!("did you mean `{near}`?"));
                let error = error(format!("must be {}, but is {found}", one_of(&words)));
                hint.into_iter().fold(error, ConfigError::with_hint)
            }
            Loose::Length { found, expected } => {
                error(format!("must be {expected}, but has {found} entries"))
            }
            // The type's own words may quote the value.
            Loose::Other(_) if is_secret(key) => error("is not valid".to_owned()),
            Loose::Other(words) => error(format!("is not valid: {words}")),
        }
    }
}

fn is_unset(node: &Node) -> bool {
    matches!((&node.value, &node.source), (Value::Null, Source::Default))
}

/// A key that must be set and is not, with the ways to set it.
pub(super) fn missing(key: &str) -> ConfigError {
    let name = super::env::name_of(key);
    let error = ConfigError::new(format!("`{key}` is not set")).with_key(key);
    if is_secret(key) {
        return error.with_hint(format!("set {name} in the environment or in .env"));
    }
    let line = match key.rsplit_once('.') {
        Some((section, key)) => format!("`{key} = ...` under [{section}]"),
        None => format!("`{key} = ...`"),
    };
    error.with_hint(format!("add {line} in carafe.toml, or set {name} in the environment"))
}

/// For files, in which quotes matter.
fn quoting_hint(key: &str, node: &Node, expected: &str) -> Option<String> {
    let Source::File { .. } = node.source else {
        return None;
    };
    let last = key.rsplit('.').next().unwrap_or(key);
    match &node.value {
        Value::Text(text) if !is_secret(key) => {
            let number = expected.contains("number") && text.parse::<f64>().is_ok();
            let truth = expected.contains("`true`") && matches!(text.as_str(), "true" | "false");
            (number || truth).then(|| format!("write it without quotes: `{last} = {text}`"))
        }
        Value::Bool(_) | Value::Integer(_) | Value::Float(_) if expected.contains("string") => {
            let text = super::show::shown(key, node);
            Some(format!("put it in quotes: `{last} = {}`", quoted(&text)))
        }
        _ => None,
    }
}

/// "`a`, `b` or `c`"
pub(super) fn one_of(words: &[String]) -> String {
    let quoted: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => "nothing".to_owned(),
    }
}

impl Error for Failure {
    fn custom<T: fmt::Display>(words: T) -> Failure {
        Failure::Loose(Loose::Other(words.to_string()))
    }

    #[inline]
    fn invalid_type(_: Unexpected<'_>, expected: &dyn Expected) -> Failure {
        Failure::expected(expected.to_string())
    }

    #[inline]
    fn invalid_value(_: Unexpected<'_>, expected: &dyn Expected) -> Failure {
        Failure::expected(expected.to_string())
    }

    #[inline]
    fn invalid_length(found: usize, expected: &dyn Expected) -> Failure {
        Failure::Loose(Loose::Length { found, expected: expected.to_string() })
    }

    #[inline]
    fn unknown_variant(_: &str, words: &'static [&'static str]) -> Failure {
        Failure::Loose(Loose::OneOf(words.iter().map(|word| (*word).to_owned()).collect()))
    }

    #[inline]
    fn missing_field(field: &'static str) -> Failure {
        Failure::Loose(Loose::Missing(field.to_owned()))
    }
}

impl fmt::Display for Failure {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Loose(_) => f.write_str("a value of the configuration is not valid"),
            Failure::Located(located) => located.error.fmt(f),
        }
    }
}

impl std::error::Error for Failure {}
