//! `request` in templates: Flask's attributes, each worked out when it is asked for.

use std::sync::Arc;

use ::http::header;
use minijinja::Value;
use minijinja::value::{Enumerator, Object, ObjectRepr};

use super::super::record::Record;
use super::headers::HeadersObject;
use super::pairs::Pairs;
use crate::http::values::{MultiDict, parse_cookies};
use crate::request::Request;
use crate::routing::PathValue;

#[derive(Debug)]
pub(super) struct RequestObject(pub(super) Request);

const NAMES: &[&str] = &[
    "args",
    "base_url",
    "blueprint",
    "blueprints",
    "content_length",
    "content_type",
    "cookies",
    "endpoint",
    "form",
    "full_path",
    "headers",
    "host",
    "host_url",
    "is_json",
    "is_secure",
    "method",
    "mimetype",
    "path",
    "query_string",
    "referrer",
    "remote_addr",
    "root_path",
    "root_url",
    "scheme",
    "script_root",
    "url",
    "url_root",
    "url_rule",
    "user_agent",
    "values",
    "view_args",
];

impl Object for RequestObject {
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
        let request = &self.0;
        let header = |name| request.header(name).map_or(Value::from(()), Value::from);
        Some(match key {
            "method" => Value::from(request.method().as_str()),
            "path" => Value::from(request.path()),
            "full_path" => Value::from(request.full_path()),
            "url" => Value::from(request.url()),
            "base_url" => Value::from(request.base_url()),
            "root_url" | "url_root" => Value::from(request.root_url()),
            "host_url" => Value::from(request.host_url()),
            "host" => Value::from(request.host()),
            "scheme" => Value::from(request.scheme()),
            "is_secure" => Value::from(request.is_secure()),
            "root_path" | "script_root" => Value::from(request.root_path()),
            "query_string" => Value::from(request.query_string()),
            "args" => Value::from_object(Pairs(request.args().clone())),
            "cookies" => Value::from_object(Pairs(cookies(request))),
            "form" => Value::from_object(Pairs(form(request))),
            "values" => Value::from_object(Pairs(values(request))),
            "headers" => Value::from_object(HeadersObject(request.clone())),
            "content_length" => request.content_length().map_or(Value::from(()), Value::from),
            "content_type" => header(header::CONTENT_TYPE),
            "mimetype" => Value::from(mimetype(request)),
            "is_json" => Value::from(is_json(&mimetype(request))),
            "referrer" => header(header::REFERER),
            "user_agent" => header(header::USER_AGENT),
            "remote_addr" => request
                .remote_addr()
                .map_or(Value::from(()), |addr| Value::from(addr.ip().to_string())),
            "endpoint" => request.endpoint().map_or(Value::from(()), Value::from),
            "blueprint" => request.blueprint().map_or(Value::from(()), Value::from),
            "blueprints" => blueprints(request),
            "url_rule" => {
                request.url_rule().map_or(Value::from(()), |rule| Value::from(rule.text()))
            }
            "view_args" => view_args(request),
            _ => return None,
        })
    }

    #[inline]
    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Str(NAMES)
    }
}

#[inline]
fn cookies(request: &Request) -> MultiDict {
    let mut cookies = MultiDict::new();
    for line in request.headers().get_all(header::COOKIE) {
        for (name, value) in parse_cookies(line.as_bytes()).iter() {
            cookies.add(name, value);
        }
    }
    cookies
}

/// The form, when the handler has read it; a template cannot wait for the body.
#[inline]
fn form(request: &Request) -> MultiDict {
    request.form_if_read().map(|form| form.fields().clone()).unwrap_or_default()
}

/// The query's arguments, then the form's fields.
#[inline]
fn values(request: &Request) -> MultiDict {
    let mut values = request.args().clone();
    for (name, value) in form(request).iter() {
        values.add(name, value);
    }
    values
}

#[inline]
fn mimetype(request: &Request) -> String {
    let content_type = request.header(header::CONTENT_TYPE).unwrap_or_default();
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

#[inline]
fn is_json(mimetype: &str) -> bool {
    mimetype == "application/json"
        || (mimetype.starts_with("application/") && mimetype.ends_with("+json"))
}

/// The innermost blueprint first, then those around it.
#[inline]
fn blueprints(request: &Request) -> Value {
    let mut name = request.blueprint();
    let names = std::iter::from_fn(|| {
        let current = name?;
        name = current.rsplit_once('.').map(|(outer, _)| outer);
        Some(Value::from(current))
    });
    names.collect()
}

#[inline]
fn view_args(request: &Request) -> Value {
    let Some(rule) = request.url_rule() else {
        return Value::from(());
    };
    let values = rule.names().filter_map(|name| {
        Some((Value::from(name), path_value(request.path_value(name)?, request)))
    });
    Value::from_object(Record::new(values.collect()))
}

#[inline]
fn path_value(value: &PathValue, request: &Request) -> Value {
    match value {
        PathValue::Int(number) => Value::from(*number),
        PathValue::UInt(number) => Value::from(*number),
        PathValue::Float(number) => Value::from(*number),
        PathValue::Bool(flag) => Value::from(*flag),
        PathValue::Uuid(uuid) => Value::from(uuid.to_string()),
        text => text.text(request.path()).map_or(Value::from(()), Value::from),
    }
}
