//! What a path's placeholders turned into: typed values, kept without allocation.

use std::any::Any;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use uuid::Uuid;

/// Bytes of the decoded path that was matched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// The first byte.
    pub start: u32,
    /// The byte behind the last.
    pub end: u32,
}

impl Span {
    /// `text` must be shorter than 4 GiB, as every path is.
    #[expect(clippy::cast_possible_truncation, reason = "a path is far shorter than 4 GiB")]
    pub(crate) fn new(range: Range<usize>) -> Self {
        Self { start: range.start as u32, end: range.end as u32 }
    }

    pub(crate) fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// The value of one placeholder or default.
#[derive(Clone)]
#[non_exhaustive]
pub enum PathValue {
    /// A whole number.
    Int(i64),
    /// A whole number above `i64::MAX`.
    UInt(u64),
    /// A number with a point; always finite.
    Float(f64),
    /// A truth value; only defaults have them.
    Bool(bool),
    /// Text that stands in the decoded path.
    Text(Span),
    /// Text from a default or from the host.
    Owned(Arc<str>),
    /// A UUID.
    Uuid(Uuid),
    /// What a converter of the app made.
    Other(Arc<dyn Any + Send + Sync>),
}

impl PathValue {
    /// The text of a text value; `path` is the decoded path that was matched.
    #[must_use]
    pub fn text<'a>(&'a self, path: &'a str) -> Option<&'a str> {
        match self {
            Self::Text(span) => path.get(span.range()),
            Self::Owned(text) => Some(text),
            _ => None,
        }
    }
}

impl fmt::Debug for PathValue {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int(value) => write!(f, "Int({value})"),
            Self::UInt(value) => write!(f, "UInt({value})"),
            Self::Float(value) => write!(f, "Float({value:?})"),
            Self::Bool(value) => write!(f, "Bool({value})"),
            Self::Text(span) => write!(f, "Text({}..{})", span.start, span.end),
            Self::Owned(value) => write!(f, "Owned({value:?})"),
            Self::Uuid(value) => write!(f, "Uuid({value})"),
            Self::Other(_) => f.write_str("Other(..)"),
        }
    }
}

/// A default of a rule: the value that a name has without standing in the path.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum DefaultValue {
    /// A whole number.
    Int(i64),
    /// A number with a point.
    Float(f64),
    /// A truth value.
    Bool(bool),
    /// Text.
    Text(Arc<str>),
    /// A UUID.
    Uuid(Uuid),
}

impl DefaultValue {
    pub(crate) fn to_path_value(&self) -> PathValue {
        match self {
            Self::Int(value) => PathValue::Int(*value),
            Self::Float(value) => PathValue::Float(*value),
            Self::Bool(value) => PathValue::Bool(*value),
            Self::Text(value) => PathValue::Owned(value.clone()),
            Self::Uuid(value) => PathValue::Uuid(*value),
        }
    }

    /// Whether a matched value is this default; whole numbers and floats compare by value.
    pub(crate) fn equals(&self, value: &PathValue, path: &str) -> bool {
        match (self, value) {
            (Self::Int(a), PathValue::Int(b)) => a == b,
            (Self::Float(a), PathValue::Float(b)) => a == b,
            (Self::Bool(a), PathValue::Bool(b)) => a == b,
            (Self::Uuid(a), PathValue::Uuid(b)) => a == b,
            (Self::Text(a), value) => value.text(path) == Some(a),
            _ => false,
        }
    }
}

impl From<i64> for DefaultValue {
    #[inline]
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<i32> for DefaultValue {
    #[inline]
    fn from(value: i32) -> Self {
        Self::Int(value.into())
    }
}

impl From<f64> for DefaultValue {
    #[inline]
    fn from(value: f64) -> Self {
        Self::Float(value)
    }
}

impl From<bool> for DefaultValue {
    #[inline]
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<&str> for DefaultValue {
    #[inline]
    fn from(value: &str) -> Self {
        Self::Text(value.into())
    }
}

impl From<String> for DefaultValue {
    #[inline]
    fn from(value: String) -> Self {
        Self::Text(value.into())
    }
}

impl From<Uuid> for DefaultValue {
    #[inline]
    fn from(value: Uuid) -> Self {
        Self::Uuid(value)
    }
}

/// How many values fit without allocation.
const INLINE: usize = 4;

/// The values of a match: the rule's placeholders in order, those of the host first, then the
/// defaults that no placeholder names. [`Rule::position`](super::Rule::position) tells the index
/// of a name. Up to four values need no allocation.
#[derive(Clone, Default)]
pub struct Values(Store);

#[derive(Clone, Default)]
enum Store {
    #[default]
    Empty,
    Inline(u8, [PathValue; INLINE]),
    Many(Vec<PathValue>),
}

impl Values {
    pub(crate) fn with_capacity(count: usize) -> Self {
        Self(match count {
            0 => Store::Empty,
            1..=INLINE => Store::Inline(0, [const { PathValue::Int(0) }; INLINE]),
            _ => Store::Many(Vec::with_capacity(count)),
        })
    }

    /// Adds a value; the capacity must have been announced.
    #[inline(always)]
    pub(crate) fn push(&mut self, value: PathValue) {
        match &mut self.0 {
            Store::Empty => self.0 = Store::Many(vec![value]),
            Store::Inline(count, values) => {
                if let Some(slot) = values.get_mut(usize::from(*count)) {
                    *slot = value;
                    *count += 1;
                } else {
                    self.0 = Store::Many(values.iter().cloned().chain([value]).collect());
                }
            }
            Store::Many(values) => values.push(value),
        }
    }

    pub(crate) fn set(&mut self, index: usize, value: PathValue) {
        let slot = match &mut self.0 {
            Store::Empty => None,
            Store::Inline(count, values) => values[..usize::from(*count)].get_mut(index),
            Store::Many(values) => values.get_mut(index),
        };
        if let Some(slot) = slot {
            *slot = value;
        }
    }

    /// All values, in order.
    #[must_use]
    pub fn as_slice(&self) -> &[PathValue] {
        match &self.0 {
            Store::Empty => &[],
            Store::Inline(count, values) => &values[..usize::from(*count)],
            Store::Many(values) => values,
        }
    }

    /// The value at `index`.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<&PathValue> {
        self.as_slice().get(index)
    }

    /// How many values there are.
    #[must_use]
    #[inline]
    pub fn len(&self) -> usize {
        self.as_slice().len()
    }

    /// Whether the rule has neither placeholders nor defaults.
    #[must_use]
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The values in order.
    pub fn iter(&self) -> std::slice::Iter<'_, PathValue> {
        self.as_slice().iter()
    }
}

impl<'a> IntoIterator for &'a Values {
    type Item = &'a PathValue;
    type IntoIter = std::slice::Iter<'a, PathValue>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Debug for Values {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_keep_their_order() {
        for count in 0..8_u8 {
            let mut values = Values::with_capacity(usize::from(count));
            for value in 0..count {
                values.push(PathValue::Int(value.into()));
            }
            assert_eq!(values.len(), usize::from(count));
            for (index, value) in values.iter().enumerate() {
                assert!(matches!(value, PathValue::Int(n) if *n == index as i64), "{values:?}");
            }
            assert!(values.get(usize::from(count)).is_none());
        }
    }

    #[test]
    fn stays_small() {
        assert!(size_of::<PathValue>() <= 24);
        assert!(size_of::<Values>() <= 104);
    }

    #[test]
    fn defaults_equal_values() {
        let check = |default: DefaultValue, value: PathValue, expected: bool| {
            assert_eq!(default.equals(&value, "/abc"), expected, "{default:?} {value:?}");
        };
        check(1.into(), PathValue::Int(1), true);
        check(1.into(), PathValue::Int(2), false);
        check("abc".into(), PathValue::Text(Span { start: 1, end: 4 }), true);
        check("abc".into(), PathValue::Owned("abc".into()), true);
        check("1".into(), PathValue::Int(1), false);
        check(true.into(), PathValue::Bool(true), true);
    }
}
