//! `url_for('endpoint', id=5, _external=true)` in templates.

use std::sync::Arc;

use minijinja::value::{Kwargs, Object, ObjectRepr, ValueKind, from_args};
use minijinja::{Error, ErrorKind, State, Value};

use super::super::error::Hint;
use crate::app::UrlFor;
use crate::request::Request;
use crate::routing::{BuildError, UrlValue};

#[derive(Debug)]
pub(super) struct UrlForObject(pub(super) Request);

impl Object for UrlForObject {
    #[inline]
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    #[inline]
    fn call(self: &Arc<Self>, _state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        let (endpoint, named): (&str, Kwargs) = from_args(args)?;
        let mut options = UrlFor::new();
        for name in named.args() {
            options = with_option(options, name, named.get(name)?)?;
        }
        let url = self.0.url_for(endpoint, options);
        url.map(Value::from).map_err(|error| told(&error))
    }
}

/// The engine's form of an error, with the router's hint.
#[inline]
fn told(error: &crate::Error) -> Error {
    let Some(built) = error.find::<BuildError>() else {
        return Error::new(ErrorKind::InvalidOperation, error.to_string());
    };
    let told = Error::new(ErrorKind::InvalidOperation, built.message().to_owned());
    match built.hint() {
        Some(hint) => told.with_source(Hint(hint.to_owned())),
        None => told,
    }
}

#[inline]
fn with_option(options: UrlFor, name: &str, value: Value) -> Result<UrlFor, Error> {
    let text = |value: &Value| value.to_string();
    let is_given = !value.is_none() && !value.is_undefined();
    Ok(match name {
        "_external" if is_given => options.external(value.is_true()),
        "_anchor" if is_given => options.anchor(text(&value)),
        "_scheme" if is_given => options.scheme(text(&value)),
        "_method" if is_given => options.method(&text(&value)),
        "_external" | "_anchor" | "_scheme" | "_method" => options,
        _ => options.named(name.to_owned(), url_value(name, &value)?),
    })
}

#[inline]
fn url_value(name: &str, value: &Value) -> Result<UrlValue<'static>, Error> {
    Ok(match value.kind() {
        ValueKind::None | ValueKind::Undefined => UrlValue::None,
        ValueKind::Bool => UrlValue::Bool(value.is_true()),
        ValueKind::Number if value.is_integer() => match value.as_i64() {
            Some(number) => UrlValue::Int(number),
            None => u64::try_from(value.clone())
                .map_or(UrlValue::Str(value.to_string().into()), UrlValue::UInt),
        },
        ValueKind::Number => UrlValue::Float(f64::try_from(value.clone())?),
        ValueKind::Seq | ValueKind::Iterable => {
            let items = value.try_iter()?.map(|item| url_value(name, &item));
            UrlValue::List(items.collect::<Result<_, _>>()?)
        }
        ValueKind::String => UrlValue::Str(value.to_string().into()),
        kind => {
            let words = format!("`{name}` cannot be part of a URL: it is a {kind}");
            return Err(Error::new(ErrorKind::InvalidOperation, words));
        }
    })
}
