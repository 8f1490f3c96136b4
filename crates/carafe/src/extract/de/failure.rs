//! [`Failure`]: why a field does not fit, as serde tells it and as people read it.

use std::fmt::{self, Display};

use serde::de::{self, Expected, Unexpected};

/// One thing that is wrong with a query or a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) field: Option<String>,
    pub(super) kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The field is not there.
    Missing,
    /// The field is an empty text where an optional value of another type is wanted.
    Empty,
    /// What the field must be or is; completes a sentence that begins with its name.
    Refused(String),
}

impl Failure {
    #[inline]
    pub(super) fn refused(words: String) -> Failure {
        Failure { field: None, kind: Kind::Refused(words) }
    }

    #[inline]
    pub(super) fn missing(field: &str) -> Failure {
        Failure { field: Some(field.to_owned()), kind: Kind::Missing }
    }

    /// `wanted` completes "must be ...".
    #[inline]
    pub(super) fn unfit(wanted: &dyn Display, text: &str) -> Failure {
        Failure::refused(format!("must be {wanted}, but is {}", quoted(text)))
    }

    /// Says which field it is about, unless that is known.
    #[inline]
    pub(super) fn in_field(mut self, field: &str) -> Failure {
        self.field.get_or_insert_with(|| field.to_owned());
        self
    }
}

impl Display for Failure {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.field {
            Some(field) => write!(f, "{} ", quoted(field))?,
            None => f.write_str("the input ")?,
        }
        match &self.kind {
            Kind::Missing => f.write_str("is missing"),
            Kind::Empty => f.write_str("is empty"),
            Kind::Refused(words) => f.write_str(words),
        }
    }
}

impl std::error::Error for Failure {}

impl de::Error for Failure {
    fn custom<T: Display>(message: T) -> Failure {
        Failure::refused(format!("does not fit: {message}"))
    }

    #[inline]
    fn invalid_type(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Failure {
        match unexpected {
            Unexpected::Str(text) => Failure::unfit(&expected, text),
            other => Failure::refused(format!("must be {expected}, but is {other}")),
        }
    }

    #[inline]
    fn invalid_value(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Failure {
        Failure::invalid_type(unexpected, expected)
    }

    #[inline]
    fn invalid_length(length: usize, expected: &dyn Expected) -> Failure {
        Failure::refused(format!("must be {expected}, but has {length} values"))
    }

    #[inline]
    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Failure {
        Failure::unfit(&one_of(expected), variant)
    }

    #[inline]
    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Failure {
        let words = format!("is not a field here; the fields are {}", list(expected));
        Failure::refused(words).in_field(field)
    }

    #[inline]
    fn missing_field(field: &'static str) -> Failure {
        Failure::missing(field)
    }

    #[inline]
    fn duplicate_field(field: &'static str) -> Failure {
        Failure::refused("is there twice".to_owned()).in_field(field)
    }
}

/// A text as messages show it: short, without control characters, in backticks.
#[inline]
fn quoted(text: &str) -> String {
    const SHOWN: usize = 60;
    if text.is_empty() {
        return "empty".to_owned();
    }
    let shown: String = text.chars().take(SHOWN).flat_map(char::escape_debug).collect();
    let more = if text.chars().nth(SHOWN).is_some() { "..." } else { "" };
    format!("`{shown}{more}`")
}

#[inline]
fn one_of(names: &[&str]) -> String {
    match names {
        [name] => format!("`{name}`"),
        _ => format!("one of {}", list(names)),
    }
}

#[inline]
fn list(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
