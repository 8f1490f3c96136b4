//! [`Context`]: the values that one rendering gets.

use std::borrow::Cow;
use std::sync::Arc;

use minijinja::Value;
use serde::Serialize;

use super::serialize::to_value;
use crate::request::Request;

/// A function that adds values to the context of every template; see
/// [`App::context_processor`](crate::App::context_processor).
pub type ContextProcessor = Arc<dyn Fn(&Request) -> Context + Send + Sync>;

/// The values that one rendering gets, by name. A name that is given twice has its last value.
///
/// ```
/// use carafe::templates::Context;
///
/// #[derive(serde::Serialize)]
/// struct User {
///     name: &'static str,
/// }
///
/// let context = Context::new().with("user", User { name: "Ann" }).with("page", 2);
/// assert_eq!(format!("{context:?}"), r#"{"user": {'name': 'Ann'}, "page": 2}"#);
/// ```
#[derive(Clone, Default)]
pub struct Context {
    values: Vec<(Cow<'static, str>, Value)>,
}

impl Context {
    /// No values. It owns no memory.
    pub const fn new() -> Context {
        Context { values: Vec::new() }
    }

    /// Adds anything that serde can serialize; the fields of a struct keep their order.
    ///
    /// What fails to serialize fails the template that uses it, with the reason.
    #[must_use]
    pub fn with(self, name: impl Into<Cow<'static, str>>, value: impl Serialize) -> Context {
        self.value(name, to_value(&value))
    }

    /// Adds a value of the template engine's own kind, such as an object that is asked lazily.
    #[must_use]
    pub fn value(mut self, name: impl Into<Cow<'static, str>>, value: Value) -> Context {
        self.values.push((name.into(), value));
        self
    }

    /// Adds the values of another context; they win over earlier ones.
    #[inline]
    pub fn extend(&mut self, other: Context) {
        if self.values.is_empty() {
            self.values = other.values;
        } else {
            self.values.extend(other.values);
        }
    }

    /// The value of a name.
    #[inline]
    pub fn get(&self, name: &str) -> Option<&Value> {
        // Contexts are short: comparing names in a row is faster than hashing one.
        self.values.iter().rev().find(|(own, _)| own == name).map(|(_, value)| value)
    }

    /// What is shown of the values to whoever develops: each cut, secrets hidden.
    #[cfg(debug_assertions)]
    pub(crate) fn shown(&self) -> serde_json::Value {
        const LONGEST: usize = 200;
        let shown = self.values.iter().map(|(name, value)| {
            let text = match value.as_str() {
                Some(text) => text.to_owned(),
                // Asked for a part at a time, as a long list is.
                None => format!("{value:?}"),
            };
            let text = crate::masking::text(name, &text);
            (name.to_string(), crate::trace::cut(&text, LONGEST).into())
        });
        serde_json::Value::Object(shown.collect())
    }

    /// The names, in the order they were given.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.values.iter().map(|(name, _)| &**name)
    }
}

impl std::fmt::Debug for Context {
    #[inline]
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_map().entries(self.values.iter().map(|(name, value)| (name, value))).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_value_wins() {
        let mut context = Context::new().with("a", 1).with("b", 2).with("a", 3);
        context.extend(Context::new().with("b", 4));
        assert_eq!(context.get("a"), Some(&Value::from(3)));
        assert_eq!(context.get("b"), Some(&Value::from(4)));
        assert_eq!(context.get("c"), None);
    }
}
