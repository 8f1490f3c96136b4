//! What a debugger asks of a request, while all threads are held: the scope `Request` of `carafe dap`.
//!
//! Only in debug builds. A program calls nothing of it by itself; the debugger calls [`describe`] on
//! the thread it holds, so that a program that runs pays nothing.

use serde_json::{Value, json};

use crate::config::hide_passwords;
use crate::masking;
use crate::request::Request;

/// More of a body than this is of no use to somebody who debugs.
const MOST_BODY: usize = 4 << 10;

/// Keeps [`carafe_describe_request`] in the program, for whoever calls it by its address.
pub(crate) fn stays() {
    std::hint::black_box(carafe_describe_request as fn(&Request) -> &'static u8);
}

/// The request as a JSON text: a list of names and values; what it points to ends in a zero.
///
/// The text is never freed: a debugger reads it when it pleases.
#[inline(never)]
fn carafe_describe_request(request: &Request) -> &'static u8 {
    let mut text = describe(request).to_string();
    text.push('\0');
    text.leak().as_bytes().first().unwrap_or(&0)
}

fn describe(request: &Request) -> Value {
    let mut rows = vec![
        // By which the tool knows it among those that it was told of.
        ("number", json!(request.record().map(|record| record.id.to_string()))),
        ("method", json!(request.method().as_str())),
        ("url", json!(hide_passwords(&request.url()))),
        ("rule", json!(request.url_rule().map(|rule| rule.text()))),
        ("endpoint", json!(request.endpoint())),
        ("running", json!(format!("{:.1?}", request.started().elapsed()))),
        ("path values", pairs(request.path_values())),
        ("args", pairs(request.args().iter())),
        ("headers", headers(request)),
    ];
    if let Some(form) = request.form_if_read() {
        rows.push(("form", pairs(form.fields().iter())));
    }
    if let Some(body) = request.body_if_kept() {
        rows.push(("body", json!(masking::body(&body, MOST_BODY))));
    }
    if let Some(session) = request.session_if_open() {
        let shown = session.iter().map(|(key, value)| row(key, masking::value(key, value.clone())));
        rows.push(("session", shown.collect()));
    }
    let g = request.slot_places().into_iter().filter(|(name, _)| !is_frameworks(name));
    rows.push(("g", g.map(|(name, address)| json!({"type": name, "address": address})).collect()));
    rows.retain(|(_, value)| {
        !value.is_null() && value.as_array().is_none_or(|all| !all.is_empty())
    });
    rows.into_iter().map(|(name, value)| row(name, value)).collect()
}

fn row(name: &str, value: Value) -> Value {
    json!([name, value])
}

fn pairs<K: AsRef<str>, V: AsRef<str>>(all: impl IntoIterator<Item = (K, V)>) -> Value {
    let shown = |(name, value): (K, V)| {
        row(name.as_ref(), json!(masking::text(name.as_ref(), value.as_ref())))
    };
    all.into_iter().map(shown).collect()
}

fn headers(request: &Request) -> Value {
    let shown = request.headers().iter().map(|(name, value)| {
        row(name.as_str(), json!(masking::header(name.as_str(), value.as_bytes())))
    });
    shown.collect()
}

/// Whether a slot is the framework's own and none of the app's `g`.
pub(crate) fn is_frameworks(name: &str) -> bool {
    name.contains("carafe::") || name.starts_with("core::") || name.starts_with("http::")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn describes_without_secrets() {
        let shown = pairs([("name", "Ann"), ("password", "x"), ("to", "postgres://a:b@c/d")]);
        let expected =
            json!([["name", "Ann"], ["password", "(hidden)"], ["to", "postgres://a:(hidden)@c/d"]]);
        assert_eq!(shown, expected);
        assert!(is_frameworks("carafe::session::handle::Inner") && !is_frameworks("app::User"));
    }
}
