//! Values as people read them: as `carafe.toml` would have them, with secrets hidden.

use super::secret::{HIDDEN, hide_passwords, is_secret};
use super::tree::{Node, Value, join};

/// Longer values are cut here in error messages, in characters.
const LONGEST_IN_MESSAGE: usize = 60;

/// A value as `carafe.toml` would have it. `key` decides whether it is a secret.
pub(super) fn shown(key: &str, node: &Node) -> String {
    match &node.value {
        Value::Null => "(not set)".to_owned(),
        Value::List(items) if items.is_empty() => "[]".to_owned(),
        _ if is_secret(key) => HIDDEN.to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Integer(integer) => integer.to_string(),
        Value::Float(float) => format!("{float:?}"),
        Value::Text(text) => quoted(&hide_passwords(text)),
        Value::List(items) => {
            let items: Vec<_> = items.iter().map(|item| shown(key, item)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Table(entries) => {
            let entries: Vec<_> = entries
                .iter()
                .map(|(name, node)| format!("{name} = {}", shown(&join(key, name), node)))
                .collect();
            format!("{{ {} }}", entries.join(", "))
        }
    }
}

/// What an error says a value is: "`eighty`", "a section", "(hidden)".
pub(super) fn found(key: &str, node: &Node) -> String {
    match &node.value {
        Value::Null => return "not set".to_owned(),
        Value::Table(_) => return "a section".to_owned(),
        Value::Text(text) if text.is_empty() => return "empty".to_owned(),
        _ if is_secret(key) => return HIDDEN.to_owned(),
        _ => {}
    }
    match &node.text {
        Some(text) => format!("`{}`", short(&printable(&hide_passwords(text)))),
        None => format!("`{}`", short(&shown(key, node))),
    }
}

/// A TOML basic string. JSON's escapes are all TOML's too.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c.is_control() {
            true => shown.extend(c.escape_default()),
            false => shown.push(c),
        }
    }
    shown
}

fn short(text: &str) -> String {
    match text.char_indices().nth(LONGEST_IN_MESSAGE) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Source;
    use super::*;

    fn check(key: &str, json: serde_json::Value, wanted: &str) {
        assert_eq!(shown(key, &Node::from_json(json, &Source::Default)), wanted);
    }

    #[test]
    fn values_look_like_toml() {
        use serde_json::json;
        check("host", json!("127.0.0.1"), "\"127.0.0.1\"");
        check("port", json!(80), "80");
        check("rate", json!(1.0), "1.0");
        check("hosts", json!(["a", "b\n"]), r#"["a", "b\n"]"#);
        check("server_name", json!(null), "(not set)");
        check("secret_key", json!("x"), "(hidden)");
        check("secret_key", json!(null), "(not set)");
        check("secret_key_fallbacks", json!(["x"]), "(hidden)");
        check("secret_key_fallbacks", json!([]), "[]");
        check(
            "mails",
            json!([{"password": "x", "user": "y"}]),
            r#"[{ password = (hidden), user = "y" }]"#,
        );
        check("url", json!("pg://a:b@c"), "\"pg://a:(hidden)@c\"");
    }

    #[test]
    fn messages_stay_on_one_short_line() {
        let env = |text: String| Node::from_text(text, Source::Env { name: "X".into() });
        assert_eq!(found("a", &env("x\ny".to_owned())), r"`x\ny`");
        assert_eq!(found("a", &env("x".repeat(61))), format!("`{}…`", "x".repeat(60)));
        assert_eq!(found("a", &env(String::new())), "empty");
        assert_eq!(found("a.token", &env("x".to_owned())), "(hidden)");
    }
}
