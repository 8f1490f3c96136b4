//! `g` in templates: the values that hooks and handlers gave a name with `request.g().set_value`.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};

use minijinja::Value;
use minijinja::value::{Enumerator, Object, ObjectRepr};
use serde::Serialize;

use super::super::context::Context;
use crate::few;
use crate::request::{Globals, Request};

/// One request's named values.
#[derive(Default)]
struct Named(Mutex<Context>);

impl Named {
    fn with<T>(&self, work: impl FnOnce(&mut Context) -> T) -> T {
        // A change is a single push, so the values of a poisoned lock are still whole.
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Globals<'_> {
    /// Gives templates a value under a name: `g.name`. The last one of a name counts.
    ///
    /// ```
    /// # fn demo(request: &carafe::Request) {
    /// request.g().set_value("user", "Ann");
    /// # }
    /// ```
    pub fn set_value(&self, name: impl Into<Cow<'static, str>>, value: impl Serialize) {
        let context = Context::new().with(name, value);
        self.setdefault(Named::default).with(|named| named.extend(context));
    }

    /// The value that templates see as `g.name`.
    #[inline]
    pub fn value(&self, name: &str) -> Option<Value> {
        self.get::<Named>()?.with(|named| named.get(name).cloned())
    }
}

#[derive(Debug)]
pub(super) struct GlobalsObject(pub(super) Request);

impl Object for GlobalsObject {
    #[inline]
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Map
    }

    #[inline]
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    #[inline]
    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        self.0.g().value(key)
    }

    #[inline]
    fn enumerate(self: &Arc<Self>) -> Enumerator {
        let names =
            self.0.g().get::<Named>().map(|named| {
                named.with(|named| named.names().map(str::to_owned).collect::<Vec<_>>())
            });
        let mut names = names.unwrap_or_default();
        few::sort_and_dedup(&mut names);
        Enumerator::Values(names.into_iter().map(Value::from).collect())
    }
}
