//! Path values: what `<int:id>` matched, as a handler's argument.
//!
//! Which Rust types fit which converter is known to the compiler through [`FromConverter`].

use std::any::{Any, type_name};
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::request::Request;
use crate::routing::{IntRange, PathValue};

/// The built-in converters as types, for the compiler's checks.
pub mod converter {
    /// `<name>` and `<string:name>`.
    pub struct StringConverter;
    /// `<int:name>`.
    pub struct IntConverter;
    /// `<float:name>`.
    pub struct FloatConverter;
    /// `<path:name>`.
    pub struct PathConverter;
    /// `<any(..):name>`.
    pub struct AnyConverter;
    /// `<uuid:name>`.
    pub struct UuidConverter;
    /// A converter that the app registers.
    pub struct Custom;
}
use converter::{
    AnyConverter, FloatConverter, IntConverter, PathConverter, StringConverter,
    UuidConverter,
};

/// A type that can hold a path value.
pub trait FromPathValue: Sized {
    /// Takes the value; `path` is the decoded path that text points into. `None` if it does not fit.
    fn from_path_value(value: &PathValue, path: &str) -> Option<Self>;
}

/// A type that can hold what the converter `C` matches.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot hold what `{C}` matches",
    label = "wrong type for this path value",
    note = "`<int:..>` gives any integer type, `<float:..>` gives f64, `<uuid:..>` gives `carafe::Uuid`, the others give `String`"
)]
pub trait FromConverter<C>: FromPathValue {
    /// The whole numbers that fit, where the type holds fewer than the converter matches.
    const RANGE: Option<IntRange> = None;
}

macro_rules! integers {
    ($($int:ty),*) => {$(
        impl FromConverter<IntConverter> for $int {
            const RANGE: Option<IntRange> =
                Some(IntRange { min: <$int>::MIN as i128, max: <$int>::MAX as i128 });
        }

        impl FromPathValue for $int {
            fn from_path_value(value: &PathValue, _path: &str) -> Option<$int> {
                match *value {
                    PathValue::Int(value) => value.try_into().ok(),
                    PathValue::UInt(value) => value.try_into().ok(),
                    _ => None,
                }
            }
        }
    )*};
}
integers!(i8, i16, i32, i64, isize, u8, u16, u32, u64, usize);

impl FromConverter<IntConverter> for i128 {}
impl FromPathValue for i128 {
    fn from_path_value(value: &PathValue, _path: &str) -> Option<i128> {
        match *value {
            PathValue::Int(value) => Some(value.into()),
            PathValue::UInt(value) => Some(value.into()),
            _ => None,
        }
    }
}

impl FromConverter<FloatConverter> for f64 {}
impl FromPathValue for f64 {
    fn from_path_value(value: &PathValue, _path: &str) -> Option<f64> {
        match *value {
            PathValue::Float(value) => Some(value),
            PathValue::Int(value) => Some(value as f64),
            _ => None,
        }
    }
}

impl FromConverter<FloatConverter> for f32 {}
impl FromPathValue for f32 {
    fn from_path_value(value: &PathValue, path: &str) -> Option<f32> {
        f64::from_path_value(value, path).map(|value| value as f32)
    }
}

impl FromConverter<UuidConverter> for uuid::Uuid {}
impl FromPathValue for uuid::Uuid {
    fn from_path_value(value: &PathValue, _path: &str) -> Option<uuid::Uuid> {
        match *value {
            PathValue::Uuid(value) => Some(value),
            _ => None,
        }
    }
}

macro_rules! texts {
    ($($text:ty),*) => {$(
        impl FromConverter<StringConverter> for $text {}
        impl FromConverter<PathConverter> for $text {}
        impl FromConverter<AnyConverter> for $text {}

        impl FromPathValue for $text {
            fn from_path_value(value: &PathValue, path: &str) -> Option<$text> {
                value.text(path).map(Into::into)
            }
        }
    )*};
}
texts!(String, Box<str>, Arc<str>);

/// The path value of this name as a handler's argument.
///
/// # Errors
/// 404 when the rule has no such value or it does not fit, which the checks before serving rule out.
pub fn path_value<T: FromPathValue>(request: &Request, name: &str) -> Result<T> {
    request
        .path_value(name)
        .and_then(|value| T::from_path_value(value, request.path()))
        .ok_or_else(|| {
            Error::new(404).caused_by(format!(
                "the path value `{name}` does not fit the type `{}`",
                type_name::<T>()
            ))
        })
}

/// As [`path_value`], for a converter that the app registered.
///
/// # Errors
/// As [`path_value`].
pub fn custom_path_value<T: Any + Clone + Send + Sync>(
    request: &Request,
    name: &str,
) -> Result<T> {
    let found = match request.path_value(name) {
        Some(PathValue::Other(value)) => value.downcast_ref::<T>().cloned(),
        _ => None,
    };
    found.ok_or_else(|| {
        Error::new(404).caused_by(format!(
            "the path value `{name}` is not of type `{}`",
            type_name::<T>()
        ))
    })
}
