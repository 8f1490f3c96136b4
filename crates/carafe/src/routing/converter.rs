//! Converters of the app: types that read a placeholder's text and write it back into URLs.

use std::any::{Any, TypeId};
use std::fmt;
use std::sync::Arc;

pub use carafe_rule::{Argument, ArgumentValue, Arguments};

use super::url_value::UrlValue;
use crate::few::SortedMap;

/// Reads the text of a placeholder into a value, and writes such a value into a URL.
///
/// ```
/// use carafe::routing::{Arguments, Converter, Converters};
///
/// struct List;
///
/// impl Converter for List {
///     type Value = Vec<String>;
///
///     fn parse(&self, text: &str) -> Option<Vec<String>> {
///         Some(text.split('+').map(str::to_owned).collect())
///     }
///
///     fn build(&self, value: &Vec<String>) -> String {
///         value.join("+")
///     }
/// }
///
/// let mut converters = Converters::default();
/// converters.register("list", |_: &Arguments| Ok(List)); // `/tags/<list:tags>`
/// ```
pub trait Converter: Send + Sync + 'static {
    /// What the view gets.
    type Value: Send + Sync + 'static;

    /// Reads percent-decoded text of at least one character. `None` lets the next rule try.
    fn parse(&self, text: &str) -> Option<Self::Value>;

    /// Writes a value as plain text; the router percent-encodes it, except for slashes.
    fn build(&self, value: &Self::Value) -> String;

    /// Where several placeholders could take a segment, the one with the smallest weight is tried
    /// first: `int` and `float` have 50, `path` 200, the others 100.
    fn weight(&self) -> i32 {
        100
    }

    /// Whether the text stays within one segment. If not, it may contain slashes (but not start
    /// with one), and takes as little as it can.
    fn part_isolating(&self) -> bool {
        true
    }
}

/// The converters that an app has registered, by name. They come before the built-in ones.
#[derive(Default)]
pub struct Converters {
    factories: SortedMap<String, Factory>,
}

type Factory = Box<dyn Fn(&Arguments) -> Result<Box<dyn Erased>, String> + Send + Sync>;

impl Converters {
    /// Registers a converter under `name`; `factory` makes one for each placeholder from its
    /// arguments, or says in one line what is wrong with them. Rules added before do not see it.
    pub fn register<C: Converter>(
        &mut self,
        name: &str,
        factory: impl Fn(&Arguments) -> Result<C, String> + Send + Sync + 'static,
    ) {
        let erased = move |arguments: &Arguments| {
            factory(arguments).map(|converter| Box::new(converter) as Box<dyn Erased>)
        };
        self.factories.insert(name.to_owned(), Box::new(erased));
    }

    /// The names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.factories.iter().map(|(name, _)| name.as_str())
    }

    /// The converter for a placeholder, unless there is none called `name`.
    pub(crate) fn make(&self, name: &str, arguments: &Arguments) -> Option<Result<Custom, String>> {
        let factory = self.factories.get(name)?;
        Some(factory(arguments).map(|erased| Custom {
            key: format!("{name}({arguments})").into(),
            erased: erased.into(),
        }))
    }
}

impl fmt::Debug for Converters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}

/// A converter of the app behind its name and arguments, which tell it from others.
#[derive(Clone)]
pub(crate) struct Custom {
    pub(crate) key: Arc<str>,
    pub(crate) erased: Arc<dyn Erased>,
}

impl fmt::Debug for Custom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.key)
    }
}

/// A converter without its value's type.
pub(crate) trait Erased: Send + Sync {
    fn parse(&self, text: &str) -> Option<Arc<dyn Any + Send + Sync>>;
    /// `None` if the value is of no type that the converter takes.
    fn build(&self, value: &UrlValue<'_>) -> Option<String>;
    fn build_any(&self, value: &(dyn Any + Send + Sync)) -> Option<String>;
    fn weight(&self) -> i32;
    fn part_isolating(&self) -> bool;
    fn value_type(&self) -> ValueType;
}

impl<C: Converter> Erased for C {
    fn parse(&self, text: &str) -> Option<Arc<dyn Any + Send + Sync>> {
        Converter::parse(self, text).map(|value| Arc::new(value) as Arc<dyn Any + Send + Sync>)
    }

    fn build(&self, value: &UrlValue<'_>) -> Option<String> {
        let typed = match value {
            UrlValue::Other(any) => return self.build_any(&**any),
            UrlValue::Int(value) => self.build_any(value),
            UrlValue::UInt(value) => self.build_any(value),
            UrlValue::Float(value) => self.build_any(value),
            UrlValue::Bool(value) => self.build_any(value),
            UrlValue::Uuid(value) => self.build_any(value),
            UrlValue::Str(text) => self.build_any(&text.clone().into_owned()),
            UrlValue::List(values) => return build_list(self, values),
            UrlValue::None => return None,
        };
        // A plain value is as good as a typed one if the converter would read its text.
        typed.or_else(|| value.to_text().filter(|text| Converter::parse(self, text).is_some()))
    }

    fn build_any(&self, value: &(dyn Any + Send + Sync)) -> Option<String> {
        value.downcast_ref().map(|value| Converter::build(self, value))
    }

    fn weight(&self) -> i32 {
        Converter::weight(self)
    }

    fn part_isolating(&self) -> bool {
        Converter::part_isolating(self)
    }

    fn value_type(&self) -> ValueType {
        ValueType::Custom { id: TypeId::of::<C::Value>(), name: std::any::type_name::<C::Value>() }
    }
}

/// Most converters of lists have lists of text or of whole numbers.
#[inline]
fn build_list(converter: &dyn Erased, values: &[UrlValue<'_>]) -> Option<String> {
    let texts: Option<Vec<String>> = values.iter().map(UrlValue::to_text).collect();
    if let Some(text) = converter.build_any(&texts?) {
        return Some(text);
    }
    let whole = |value: &UrlValue<'_>| match value {
        UrlValue::Int(number) => Some(*number),
        _ => None,
    };
    converter.build_any(&values.iter().map(whole).collect::<Option<Vec<i64>>>()?)
}

/// The type of the value that a placeholder or a default gives, so that setting up can check the
/// arguments of a view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ValueType {
    /// [`PathValue::Int`](super::PathValue::Int), or `UInt` above `i64::MAX`.
    Int,
    /// [`PathValue::Float`](super::PathValue::Float).
    Float,
    /// [`PathValue::Bool`](super::PathValue::Bool).
    Bool,
    /// [`PathValue::Text`](super::PathValue::Text) or `Owned`.
    Text,
    /// [`PathValue::Uuid`](super::PathValue::Uuid).
    Uuid,
    /// [`PathValue::Other`](super::PathValue::Other) with a value of this type.
    Custom {
        /// The type.
        id: TypeId,
        /// Its name, for messages.
        name: &'static str,
    },
}
