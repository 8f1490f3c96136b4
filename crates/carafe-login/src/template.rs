//! `current_user` in templates.

use std::fmt;
use std::sync::Arc;

use carafe::Request;
use carafe::templates::minijinja::value::{Enumerator, Object, ObjectRepr};
use carafe::templates::minijinja::{Error, ErrorKind, State};
use carafe::templates::{Context, Value};

use crate::current::{Current, Known};

/// Adds `current_user` to every template.
pub(crate) fn add(request: &Request) -> Context {
    let known = request.existing_slot::<Current>().and_then(|current| current.0.clone());
    let fields = known.as_ref().map(|known| known.account.for_templates());
    Context::new().value(
        "current_user",
        Value::from_object(CurrentUser { known, fields: fields.unwrap_or_default() }),
    )
}

/// The visitor; false where a condition asks, when nobody is signed in.
struct CurrentUser {
    known: Option<Arc<Known>>,
    fields: Context,
}

impl fmt::Debug for CurrentUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CurrentUser")
    }
}

impl Object for CurrentUser {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Map
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let key = key.as_str()?;
        let known = self.known.as_ref();
        match key {
            "is_authenticated" => Some(known.is_some().into()),
            "is_anonymous" => Some(known.is_none().into()),
            "is_active" => Some(known.is_some_and(|known| known.account.is_active()).into()),
            "is_fresh" => Some(known.is_some_and(|known| known.fresh).into()),
            "id" => known.map(|known| Value::from(known.id.as_str())),
            _ => self.fields.get(key).cloned(),
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        // As many as make it true or false: somebody, or nobody.
        match self.known {
            Some(_) => {
                Enumerator::Values(self.fields.names().chain(["id"]).map(Value::from).collect())
            }
            None => Enumerator::Empty,
        }
    }

    fn call_method(
        self: &Arc<Self>,
        _state: &mut State<'_, '_>,
        method: &str,
        arguments: &[Value],
    ) -> Result<Value, Error> {
        let [name] = arguments else { return Err(Error::from(ErrorKind::UnknownMethod)) };
        let name = name.as_str().unwrap_or_default();
        let asks = |ask: fn(&Known, &str) -> bool| {
            Ok(self.known.as_ref().is_some_and(|known| ask(known, name)).into())
        };
        match method {
            "has_role" => asks(|known, name| known.account.has_role(name)),
            "has_permission" => asks(|known, name| known.account.has_permission(name)),
            _ => Err(Error::from(ErrorKind::UnknownMethod)),
        }
    }
}
