//! `session` in templates: read when asked, so that a page without it is not marked as personal.

use std::sync::Arc;

use minijinja::Value;
use minijinja::value::{Enumerator, Object, ObjectRepr};

use super::super::serialize::to_value;
use crate::request::Request;

#[derive(Debug)]
pub(super) struct SessionObject(pub(super) Request);

impl Object for SessionObject {
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
        let session = self.0.session();
        match session.get_value(key) {
            Some(value) => Some(to_value(&value)),
            None => match key {
                "new" => Some(Value::from(session.is_new())),
                "modified" => Some(Value::from(session.is_modified())),
                "permanent" => Some(Value::from(session.is_permanent())),
                _ => None,
            },
        }
    }

    #[inline]
    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.0.session().keys().into_iter().map(Value::from).collect())
    }
}
