//! Path values: what `<int:id>` matched, as a handler's argument.
//!
//! Which Rust types fit which converter is known to the compiler: there is a trait for each kind of
//! value, so that it can say what is wrong in the words of the rule.

use std::any::{Any, type_name};
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::request::Request;
use crate::routing::{IntRange, PathValue};

/// A type that can hold a path value.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot hold a path value",
    label = "wrong type for a path value",
    note = "take an integer, a float, a `bool`, `carafe::Uuid`, `String` or `&str`"
)]
pub trait FromPathValue: Sized {
    /// Takes the value; `path` is the decoded path that text points into. `None` if it does not fit.
    fn from_path_value(value: &PathValue, path: &str) -> Option<Self>;
}

/// A type that can hold what `<int:..>` matches.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot hold the whole number of an `<int:..>`",
    label = "not an integer type",
    note = "take an `i64`, or any other integer type"
)]
pub trait IntValue: FromPathValue {
    /// The whole numbers that fit, where the type holds fewer than the converter matches.
    const RANGE: Option<IntRange> = None;
}

/// A type that can hold what `<float:..>` matches.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot hold the number of a `<float:..>`",
    label = "not a float type",
    note = "take an `f64` or an `f32`"
)]
pub trait FloatValue: FromPathValue {}

/// A type that can hold what `<uuid:..>` matches.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot hold a `<uuid:..>`",
    label = "not a UUID",
    note = "take a `carafe::Uuid`"
)]
pub trait UuidValue: FromPathValue {}

/// A type that can hold what `<..>`, `<string:..>`, `<path:..>` and `<any(..):..>` match.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot hold the text of a path value",
    label = "not a text type",
    note = "take a `String` or a `&str`; for a whole number write `<int:..>` in the rule"
)]
pub trait TextValue: FromPathValue {}

macro_rules! integers {
    ($($int:ty),*) => {$(
        #[diagnostic::do_not_recommend]
        impl IntValue for $int {
            const RANGE: Option<IntRange> =
                Some(IntRange { min: <$int>::MIN as i128, max: <$int>::MAX as i128 });
        }

        #[diagnostic::do_not_recommend]
        impl FromPathValue for $int {
            #[inline]
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

#[diagnostic::do_not_recommend]
impl IntValue for i128 {}
impl FromPathValue for i128 {
    #[inline]
    fn from_path_value(value: &PathValue, _path: &str) -> Option<i128> {
        match *value {
            PathValue::Int(value) => Some(value.into()),
            PathValue::UInt(value) => Some(value.into()),
            _ => None,
        }
    }
}

impl FloatValue for f64 {}
impl FromPathValue for f64 {
    #[inline]
    fn from_path_value(value: &PathValue, _path: &str) -> Option<f64> {
        match *value {
            PathValue::Float(value) => Some(value),
            PathValue::Int(value) => Some(value as f64),
            _ => None,
        }
    }
}

impl FloatValue for f32 {}
impl FromPathValue for f32 {
    #[inline]
    fn from_path_value(value: &PathValue, path: &str) -> Option<f32> {
        f64::from_path_value(value, path).map(|value| value as f32)
    }
}

impl UuidValue for uuid::Uuid {}
impl FromPathValue for uuid::Uuid {
    #[inline]
    fn from_path_value(value: &PathValue, _path: &str) -> Option<uuid::Uuid> {
        match *value {
            PathValue::Uuid(value) => Some(value),
            _ => None,
        }
    }
}

macro_rules! texts {
    ($($text:ty),*) => {$(
        #[diagnostic::do_not_recommend]
        impl TextValue for $text {}

        #[diagnostic::do_not_recommend]
        impl FromPathValue for $text {
            #[inline]
            fn from_path_value(value: &PathValue, path: &str) -> Option<$text> {
                value.text(path).map(Into::into)
            }
        }
    )*};
}
texts!(String, Box<str>, Arc<str>);

/// A default may be `true` or `false`; no converter matches one.
impl FromPathValue for bool {
    #[inline]
    fn from_path_value(value: &PathValue, _path: &str) -> Option<bool> {
        match *value {
            PathValue::Bool(value) => Some(value),
            _ => None,
        }
    }
}

/// The path value of this name as a handler's argument.
///
/// # Errors
/// 404 when the rule has no such value or it does not fit, which the checks before serving rule out.
pub fn path_value<T: FromPathValue>(request: &Request, name: &str) -> Result<T> {
    request.path_value(name).and_then(|value| T::from_path_value(value, request.path())).ok_or_else(
        || {
            Error::new(404).caused_by(format!(
                "the path value `{name}` does not fit the type `{}`",
                type_name::<T>()
            ))
        },
    )
}

impl Request {
    /// The path value of this name as a type; `None` when the rule has none, or it does not fit.
    ///
    /// Handlers take path values as arguments; this is for hooks and types of one's own.
    ///
    /// ```
    /// # fn demo(request: &carafe::Request) {
    /// let id: Option<i64> = request.view_arg("id");
    /// # }
    /// ```
    pub fn view_arg<T: FromPathValue>(&self, name: &str) -> Option<T> {
        T::from_path_value(self.path_value(name)?, self.path())
    }
}

// Four functions and no macro: the compiler shows them in its errors.

/// What an `<int:..>` matched.
///
/// # Errors
/// As [`path_value`].
pub fn int_value<T: IntValue>(request: &Request, name: &str) -> Result<T> {
    path_value(request, name)
}

/// What a `<float:..>` matched.
///
/// # Errors
/// As [`path_value`].
pub fn float_value<T: FloatValue>(request: &Request, name: &str) -> Result<T> {
    path_value(request, name)
}

/// What a `<uuid:..>` matched.
///
/// # Errors
/// As [`path_value`].
pub fn uuid_value<T: UuidValue>(request: &Request, name: &str) -> Result<T> {
    path_value(request, name)
}

/// What any other built-in converter matched.
///
/// # Errors
/// As [`path_value`].
pub fn text_value<T: TextValue>(request: &Request, name: &str) -> Result<T> {
    path_value(request, name)
}

/// As [`path_value`], for a converter that the app registered.
///
/// # Errors
/// As [`path_value`].
pub fn custom_path_value<T: Any + Clone + Send + Sync>(request: &Request, name: &str) -> Result<T> {
    let found = match request.path_value(name) {
        Some(PathValue::Other(value)) => value.downcast_ref::<T>().cloned(),
        _ => None,
    };
    found.ok_or_else(|| {
        Error::new(404)
            .caused_by(format!("the path value `{name}` is not of type `{}`", type_name::<T>()))
    })
}
