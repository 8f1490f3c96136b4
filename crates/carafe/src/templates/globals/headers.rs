//! A request's headers in templates: names in any case, `request.headers["User-Agent"]`.

use std::sync::Arc;

use minijinja::Value;
use minijinja::value::{Enumerator, Object, ObjectRepr};

use crate::request::Request;

#[derive(Debug)]
pub(super) struct HeadersObject(pub(super) Request);

impl Object for HeadersObject {
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
        self.0.header(key).map(Value::from)
    }

    #[inline]
    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.0.headers().keys().map(|name| Value::from(name.as_str())).collect())
    }
}
