//! What Carafe's own keys can hold, read from the tree without serde: for some fifty keys, serde's way would be
//! twenty times as much to compile for each app. Types of users are read by [`de`](super::de).

use std::fmt;
use std::path::PathBuf;

use serde::de::{Deserializer, Error, Expected, Unexpected, Visitor};
use serde::ser::{Serialize, Serializer};

use super::failure::Loose;
use super::tree::{Node, Value};
use super::{ConfigErrors, SecretKey, Source};

/// A value without parts.
pub(super) trait Plain: Sized {
    /// What is wrong with a node that is something else.
    fn refusal() -> Loose;

    fn parse(node: &Node) -> Option<Self>;

    fn value(&self) -> Value;
}

/// The type of one of Carafe's own keys.
pub(super) trait Setting: Sized {
    /// Reads the node under `key`; what is wrong with it goes to `errors`.
    fn read(key: &str, node: &Node, errors: &mut ConfigErrors) -> Option<Self>;

    fn to_value(&self) -> Value;
}

impl<T: Plain> Setting for T {
    fn read(key: &str, node: &Node, errors: &mut ConfigErrors) -> Option<T> {
        let value = T::parse(node);
        if value.is_none() {
            errors.push(T::refusal().at(key, node));
        }
        value
    }

    fn to_value(&self) -> Value {
        self.value()
    }
}

impl<T: Plain> Setting for Option<T> {
    fn read(key: &str, node: &Node, errors: &mut ConfigErrors) -> Option<Option<T>> {
        match node.value {
            Value::Null => Some(None),
            _ => T::read(key, node, errors).map(Some),
        }
    }

    fn to_value(&self) -> Value {
        self.as_ref().map_or(Value::Null, Plain::value)
    }
}

impl<T: Plain> Setting for Vec<T> {
    fn read(key: &str, node: &Node, errors: &mut ConfigErrors) -> Option<Vec<T>> {
        let Some(nodes) = node.as_list() else {
            errors.push(Loose::Expected("a list".to_owned()).at(key, node));
            return None;
        };
        let mut items = Vec::with_capacity(nodes.len());
        for (place, node) in nodes.iter().enumerate() {
            items.extend(T::read(&format!("{key}[{place}]"), node, errors));
        }
        Some(items)
    }

    fn to_value(&self) -> Value {
        let node = |item: &T| Node::new(item.value(), Source::Default);
        Value::List(self.iter().map(node).collect())
    }
}

/// Implements [`Plain`]: the words for what is expected, how a node is read, and how the value is shown.
macro_rules! plain {
    ($($type:ty: $expected:expr, $parse:expr, $value:expr;)*) => {$(
        impl $crate::config::setting::Plain for $type {
            fn refusal() -> $crate::config::failure::Loose {
                $crate::config::failure::Loose::Expected(String::from($expected))
            }

            fn parse(node: &$crate::config::tree::Node) -> Option<$type> {
                $parse(node)
            }

            fn value(&self) -> $crate::config::tree::Value {
                $value(self)
            }
        }
    )*};
}

pub(super) use plain;

plain! {
    bool: "`true` or `false`", Node::as_bool, |value: &bool| Value::Bool(*value);
    u16: "a whole number from 0 to 65535", unsigned, |number: &u16| Value::Integer((*number).into());
    u32: "a whole number from 0 to 4294967295", unsigned, |number: &u32| Value::Integer((*number).into());
    String: "a string", text, |text: &String| Value::Text(text.clone());
    PathBuf: "a string", text, |path: &PathBuf| Value::Text(path.to_string_lossy().into_owned());
}

fn unsigned<T: TryFrom<i128>>(node: &Node) -> Option<T> {
    node.as_integer().and_then(|integer| T::try_from(integer).ok())
}

fn text<T: From<String>>(node: &Node) -> Option<T> {
    node.as_text().map(|text| T::from(text.to_owned()))
}

impl Plain for SecretKey {
    fn refusal() -> Loose {
        Loose::Expected("a string that is not empty".to_owned())
    }

    fn parse(node: &Node) -> Option<SecretKey> {
        node.as_text().filter(|text| !text.is_empty()).map(SecretKey::new)
    }

    fn value(&self) -> Value {
        Value::Text(self.expose().to_owned())
    }
}

/// `Deserialize` for a plain type, for those who have it in a section of their own.
pub(super) fn deserialize<'de, T: Plain, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    let value = deserializer.deserialize_any(AnyValue)?;
    let node = Node::new(value, Source::Default);
    T::parse(&node).ok_or_else(|| D::Error::invalid_value(unexpected(&node.value), &T::refusal()))
}

fn unexpected(value: &Value) -> Unexpected<'_> {
    match value {
        Value::Bool(value) => Unexpected::Bool(*value),
        Value::Float(float) => Unexpected::Float(*float),
        Value::Text(text) => Unexpected::Str(text),
        _ => Unexpected::Other("another value"),
    }
}

impl Expected for Loose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Loose::Expected(words) | Loose::Other(words) => f.write_str(words),
            Loose::OneOf(words) => f.write_str(&super::failure::one_of(words)),
            Loose::Length { expected, .. } => f.write_str(expected),
            Loose::Missing(key) => write!(f, "`{key}`"),
        }
    }
}

/// `Serialize` for a plain type.
pub(super) fn serialize<S: Serializer>(
    value: &impl Plain,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match value.value() {
        Value::Bool(value) => serializer.serialize_bool(value),
        Value::Text(text) => serializer.serialize_str(&text),
        Value::Integer(integer) => serializer.serialize_i128(integer),
        _ => ().serialize(serializer),
    }
}

/// Takes a value without parts, whatever it is.
struct AnyValue;

impl Visitor<'_> for AnyValue {
    type Value = Value;

    #[inline]
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, a number, `true` or `false`")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E>(self, integer: u64) -> Result<Value, E> {
        Ok(Value::Integer(integer.into()))
    }

    fn visit_i64<E>(self, integer: i64) -> Result<Value, E> {
        Ok(Value::Integer(integer.into()))
    }

    fn visit_f64<E>(self, float: f64) -> Result<Value, E> {
        Ok(Value::Float(float))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.to_owned()))
    }
}

/// `Serialize` and `Deserialize` by [`Plain`].
macro_rules! serde_by_plain {
    ($($type:ty),*) => {$(
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $crate::config::setting::serialize(self, serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<$type, D::Error> {
                $crate::config::setting::deserialize(deserializer)
            }
        }
    )*};
}

pub(super) use serde_by_plain;
