//! Query arguments, form fields and cookies in templates: `request.args.name`, `.get`, `.getlist`.

use std::sync::Arc;

use minijinja::value::{Enumerator, Object, ObjectRepr};
use minijinja::{Error, ErrorKind, State, Value};

use crate::http::values::MultiDict;

/// A `MultiDict` as a map whose values are the first ones.
#[derive(Debug)]
pub(super) struct Pairs(pub(super) MultiDict);

impl Pairs {
    #[inline]
    fn all(&self, key: &str) -> Value {
        self.0.getlist(key).map(Value::from).collect()
    }
}

impl Object for Pairs {
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
        self.0.get(key).map(Value::from)
    }

    #[inline]
    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.0.keys().map(Value::from).collect())
    }

    #[inline]
    fn call_method(
        self: &Arc<Self>,
        _state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        match (method, args.first().and_then(Value::as_str)) {
            ("getlist", Some(key)) => Ok(self.all(key)),
            _ => Err(Error::from(ErrorKind::UnknownMethod)),
        }
    }
}
