//! The values that URLs are built from.

use std::any::Any;
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use uuid::Uuid;

use super::value::{DefaultValue, PathValue};

/// A value for a placeholder or for the query. Made from integers, floats, text, `bool`, UUIDs,
/// options and lists by `into()`.
///
/// ```
/// use carafe::routing::UrlValue;
///
/// assert_eq!(UrlValue::from(5_u8), UrlValue::Int(5));
/// assert_eq!(UrlValue::from(None::<i32>), UrlValue::None);
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub enum UrlValue<'a> {
    /// A whole number.
    Int(i64),
    /// A whole number above `i64::MAX`.
    UInt(u64),
    /// A number; written with a point.
    Float(f64),
    /// `true` or `false`.
    Bool(bool),
    /// Text, not yet encoded.
    Str(Cow<'a, str>),
    /// Several values of one name in the query.
    List(Vec<UrlValue<'a>>),
    /// As if the name were not given.
    None,
    /// A UUID.
    Uuid(Uuid),
    /// A value for a converter of the app.
    Other(Arc<dyn Any + Send + Sync>),
}

impl<'a> UrlValue<'a> {
    /// A value for a converter of the app; its type must be the converter's `Value`.
    pub fn other<T: Send + Sync + 'static>(value: T) -> Self {
        Self::Other(Arc::new(value))
    }

    /// The plain text of a single value; `None` for lists, nothing and the app's own types.
    pub(crate) fn to_text(&self) -> Option<String> {
        Some(match self {
            Self::Int(value) => value.to_string(),
            Self::UInt(value) => value.to_string(),
            Self::Float(value) => float_text(*value),
            Self::Bool(value) => value.to_string(),
            Self::Str(value) => value.clone().into_owned(),
            Self::Uuid(value) => value.to_string(),
            Self::List(_) | Self::None | Self::Other(_) => return None,
        })
    }

    pub(crate) fn from_path(value: &PathValue, path: &'a str) -> Self {
        match value {
            PathValue::Int(value) => Self::Int(*value),
            PathValue::UInt(value) => Self::UInt(*value),
            PathValue::Float(value) => Self::Float(*value),
            PathValue::Bool(value) => Self::Bool(*value),
            PathValue::Text(span) => path.get(span.range()).unwrap_or_default().into(),
            PathValue::Owned(text) => text.to_string().into(),
            PathValue::Uuid(value) => Self::Uuid(*value),
            PathValue::Other(value) => Self::Other(value.clone()),
        }
    }

    pub(crate) fn from_default(value: &'a DefaultValue) -> Self {
        match value {
            DefaultValue::Int(value) => Self::Int(*value),
            DefaultValue::Float(value) => Self::Float(*value),
            DefaultValue::Bool(value) => Self::Bool(*value),
            DefaultValue::Text(value) => Self::Str(Cow::Borrowed(value)),
            DefaultValue::Uuid(value) => Self::Uuid(*value),
        }
    }
}

/// A float as the `float` converter reads it: digits, a point, digits.
pub(crate) fn float_text(value: f64) -> String {
    let text = value.to_string();
    if text.contains('.') || !value.is_finite() { text } else { format!("{text}.0") }
}

impl PartialEq for UrlValue<'_> {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Int(a), Self::Int(b)) => a == b,
            (Self::UInt(a), Self::UInt(b)) => a == b,
            (Self::Float(a), Self::Float(b)) => a == b,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Str(a), Self::Str(b)) => a == b,
            (Self::List(a), Self::List(b)) => a == b,
            (Self::None, Self::None) => true,
            (Self::Uuid(a), Self::Uuid(b)) => a == b,
            (Self::Other(a), Self::Other(b)) => Arc::ptr_eq(a, b),
            _ => false,
        }
    }
}

impl fmt::Debug for UrlValue<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Str(value) => write!(f, "{value:?}"),
            Self::List(values) => f.debug_list().entries(values).finish(),
            Self::None => f.write_str("None"),
            Self::Other(_) => f.write_str("Other(..)"),
            _ => f.write_str(&self.to_text().unwrap_or_default()),
        }
    }
}

/// The value as an error shows it: text without quotes.
impl fmt::Display for UrlValue<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.to_text() {
            Some(text) => f.write_str(&text),
            None => write!(f, "{self:?}"),
        }
    }
}

macro_rules! from_int {
    ($($int:ty)*) => {$(
        impl From<$int> for UrlValue<'_> {
            fn from(value: $int) -> Self {
                Self::Int(value.into())
            }
        }
    )*};
}

from_int!(i8 i16 i32 i64 u8 u16 u32);

impl From<u64> for UrlValue<'_> {
    fn from(value: u64) -> Self {
        i64::try_from(value).map_or(Self::UInt(value), Self::Int)
    }
}

impl From<usize> for UrlValue<'_> {
    fn from(value: usize) -> Self {
        <Self as From<u64>>::from(value as u64)
    }
}

impl From<isize> for UrlValue<'_> {
    fn from(value: isize) -> Self {
        Self::Int(value as i64)
    }
}

impl From<f64> for UrlValue<'_> {
    fn from(value: f64) -> Self {
        Self::Float(value)
    }
}

impl From<f32> for UrlValue<'_> {
    fn from(value: f32) -> Self {
        Self::Float(value.into())
    }
}

impl From<bool> for UrlValue<'_> {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl<'a> From<&'a str> for UrlValue<'a> {
    fn from(value: &'a str) -> Self {
        Self::Str(Cow::Borrowed(value))
    }
}

impl From<String> for UrlValue<'_> {
    fn from(value: String) -> Self {
        Self::Str(Cow::Owned(value))
    }
}

impl<'a> From<Cow<'a, str>> for UrlValue<'a> {
    fn from(value: Cow<'a, str>) -> Self {
        Self::Str(value)
    }
}

impl From<char> for UrlValue<'_> {
    fn from(value: char) -> Self {
        value.to_string().into()
    }
}

impl From<Uuid> for UrlValue<'_> {
    fn from(value: Uuid) -> Self {
        Self::Uuid(value)
    }
}

impl<'a, T: Into<UrlValue<'a>>> From<Option<T>> for UrlValue<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::None, Into::into)
    }
}

impl<'a, T: Into<UrlValue<'a>>> From<Vec<T>> for UrlValue<'a> {
    fn from(values: Vec<T>) -> Self {
        Self::List(values.into_iter().map(Into::into).collect())
    }
}

impl<'a> From<&'a String> for UrlValue<'a> {
    fn from(value: &'a String) -> Self {
        Self::Str(Cow::Borrowed(value))
    }
}

impl<'a> From<&UrlValue<'a>> for UrlValue<'a> {
    fn from(value: &UrlValue<'a>) -> Self {
        value.clone()
    }
}

macro_rules! from_copy {
    ($($plain:ty)*) => {$(
        impl From<&$plain> for UrlValue<'_> {
            fn from(value: &$plain) -> Self {
                (*value).into()
            }
        }
    )*};
}

from_copy!(i8 i16 i32 i64 isize u8 u16 u32 u64 usize f32 f64 bool char Uuid);

impl<'a, T: Clone + Into<UrlValue<'a>>> From<&Option<T>> for UrlValue<'a> {
    fn from(value: &Option<T>) -> Self {
        value.clone().into()
    }
}

impl<'a, T: Clone + Into<UrlValue<'a>>> From<&[T]> for UrlValue<'a> {
    fn from(values: &[T]) -> Self {
        Self::List(values.iter().cloned().map(Into::into).collect())
    }
}

impl<'a, T: Clone + Into<UrlValue<'a>>> From<&Vec<T>> for UrlValue<'a> {
    fn from(values: &Vec<T>) -> Self {
        values.as_slice().into()
    }
}

/// Named values for [`Router::build`](super::Router::build), in the order given, which is the
/// order of the query. A name has one value; a list repeats it.
///
/// ```
/// use carafe::routing::BuildValues;
///
/// let values = BuildValues::new().with("id", 5).with("tag", vec!["a", "b"]);
/// assert_eq!(values.iter().count(), 2);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BuildValues<'a> {
    list: Vec<(Cow<'a, str>, UrlValue<'a>)>,
}

impl<'a> BuildValues<'a> {
    /// No values.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// These values and one more; see [`Self::set`].
    #[must_use]
    pub fn with(mut self, name: impl Into<Cow<'a, str>>, value: impl Into<UrlValue<'a>>) -> Self {
        self.set(name, value);
        self
    }

    /// Gives `name` a value, in place of the one that it had.
    pub fn set(&mut self, name: impl Into<Cow<'a, str>>, value: impl Into<UrlValue<'a>>) {
        let (name, value) = (name.into(), value.into());
        match self.list.iter_mut().find(|(other, _)| *other == name) {
            Some((_, old)) => *old = value,
            None => self.list.push((name, value)),
        }
    }

    /// Gives `name` a value unless it has one.
    pub fn set_default(&mut self, name: impl Into<Cow<'a, str>>, value: impl Into<UrlValue<'a>>) {
        let name = name.into();
        if !self.list.iter().any(|(other, _)| *other == name) {
            self.list.push((name, value.into()));
        }
    }

    /// The value of `name`; [`UrlValue::None`] counts as none.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&UrlValue<'a>> {
        let (_, value) = self.list.iter().find(|(other, _)| other == name)?;
        (!matches!(value, UrlValue::None)).then_some(value)
    }

    /// Names and values in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &UrlValue<'a>)> {
        self.list.iter().map(|(name, value)| (name.as_ref(), value))
    }
}

impl<'a, N: Into<Cow<'a, str>>, V: Into<UrlValue<'a>>> FromIterator<(N, V)> for BuildValues<'a> {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        let mut values = Self::new();
        for (name, value) in pairs {
            values.set(name, value);
        }
        values
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn from_rust_values() {
        let check = |value: UrlValue<'_>, shown: &str| assert_eq!(value.to_string(), shown);
        check(5_u8.into(), "5");
        check((-5_i64).into(), "-5");
        check(u64::MAX.into(), "18446744073709551615");
        check(1.0_f64.into(), "1.0");
        check(1e16_f64.into(), "10000000000000000.0");
        check("a b".into(), "a b");
        check((&String::from("a")).into(), "a");
        check(Some(true).into(), "true");
        check(None::<i32>.into(), "None");
        check((&Some(7)).into(), "7");
        check(vec![1, 2].into(), "[1, 2]");
        check(["a", "b"].map(String::from).as_slice().into(), "[\"a\", \"b\"]");
        assert_eq!(UrlValue::from(5_u64), UrlValue::from(5_i8));
    }

    #[test]
    fn one_value_a_name() {
        let mut values = BuildValues::from_iter([("a", 1), ("b", 2), ("a", 3)]);
        values.set_default("b", 5);
        values.set_default("c", None::<i32>);
        assert_eq!(values.get("a"), Some(&UrlValue::Int(3)));
        assert_eq!(values.get("b"), Some(&UrlValue::Int(2)));
        assert_eq!(values.get("c"), None);
        assert_eq!(values.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["a", "b", "c"]);
    }
}
