//! Values: asked for with a deadline, and without the compiler's own variables.

use std::time::Duration;

use serde_json::{Value, json};

use crate::dap::{Link, LinkError};

use super::{lldb, types};

/// A debugger that looks into garbage may look for ever.
const LIMIT: Duration = Duration::from_secs(3);

/// As many empty values are looked into for what they hold.
const MOST_ENUMS: usize = 50;

/// The variables behind a reference; when the debugger does not answer, one that says so.
pub(super) fn list(link: &Link, arguments: &Value) -> Result<Value, String> {
    match link.call("variables", arguments, LIMIT) {
        Ok(mut body) => {
            let variables = body["variables"].take();
            let shown = variables.as_array().into_iter().flatten();
            let shown = shown.filter(|variable| !is_noise(variable)).cloned().collect();
            let mut shown = innermost(shown);
            show_enums(link, &mut shown);
            Ok(json!({"variables": shown.into_iter().map(tidy).collect::<Vec<_>>()}))
        }
        Err(LinkError::Late(_)) => Ok(json!({"variables": [{
            "name": "…",
            "value": "the debugger did not answer within 3 s: the value may not be initialised yet, or was moved away",
            "variablesReference": 0,
        }]})),
        Err(error) => Err(error.to_string()),
    }
}

/// gdb shows an enum as nothing, with its variant as the one child: that is shown in its place.
fn show_enums(link: &Link, shown: &mut [Value]) {
    let is_empty = |variable: &&mut Value| {
        variable["value"] == "" && variable["variablesReference"].as_i64().is_some_and(|id| id > 0)
    };
    for variable in shown.iter_mut().filter(is_empty).take(MOST_ENUMS) {
        let asked = json!({"variablesReference": variable["variablesReference"]});
        let Ok(inner) = link.call("variables", &asked, LIMIT) else { return };
        let children = inner["variables"].as_array().map(Vec::as_slice).unwrap_or_default();
        match children {
            [only] if only["name"].as_str().is_some_and(is_variant) => {
                let name = only["name"].as_str().unwrap_or_default();
                let value = only["value"].as_str().filter(|value| !value.is_empty());
                variable["value"] = json!(
                    value.map_or_else(|| name.to_owned(), |value| format!("{name}({value})"))
                );
                variable["variablesReference"] = only["variablesReference"].clone();
            }
            // A struct: it gets its type's name.
            _ => {}
        }
    }
}

/// Variants are written with a capital letter, fields are not.
fn is_variant(name: &str) -> bool {
    name.starts_with(char::is_uppercase)
}

/// Variables whose names no author wrote.
fn is_noise(variable: &Value) -> bool {
    let name = variable["name"].as_str().unwrap_or_default();
    let is_compilers =
        |name: &str| name == "_task_context" || name == "__awaitee" || name.starts_with("__");
    name.starts_with('<') || name.starts_with("$") || is_compilers(name)
}

/// One variable a name: lldb calls those that hide each other `id @ main.rs:7`, the innermost last.
fn innermost(variables: Vec<Value>) -> Vec<Value> {
    let mut kept: Vec<Value> = Vec::new();
    for mut variable in variables {
        let name = variable["name"].as_str().unwrap_or_default();
        if let Some((bare, _)) = name.split_once(" @ ") {
            variable["name"] = json!(bare);
        }
        match kept.iter_mut().find(|earlier| earlier["name"] == variable["name"]) {
            Some(earlier) => *earlier = variable,
            None => kept.push(variable),
        }
    }
    kept
}

/// A value as Rust's: without what only repeats its type, and with the type's name in Rust.
pub(super) fn tidy(mut variable: Value) -> Value {
    let kind = variable["type"].as_str().map(types::readable);
    if let (Some(value), Some(kind)) = (variable["value"].as_str(), &kind) {
        let repeats = value.split_once(" @ 0x").is_some_and(|(name, _)| variable["type"] == name);
        let is_address = kind.starts_with('&') && value.starts_with("0x");
        if repeats || is_address || value.is_empty() {
            variable["value"] = json!(kind);
        } else if value.starts_with('"') {
            // A text is no list of bytes to whoever debugs.
            variable["variablesReference"] = json!(0);
        }
    }
    if let Some(kind) = kind {
        variable["type"] = json!(kind);
    }
    variable
}

/// A group of names and values in one line.
pub(super) fn summary(rows: &[Value]) -> String {
    const MOST: usize = 3;
    let shown = rows.iter().take(MOST).map(|row| match &row[1] {
        Value::String(text) => format!("{}: {text}", row[0].as_str().unwrap_or_default()),
        _ => row[0].as_str().unwrap_or_default().to_owned(),
    });
    let more = if rows.len() > MOST { ", …" } else { "" };
    format!("{}{more}", shown.collect::<Vec<_>>().join(", "))
}

/// The scopes of a frame: its locals; globals and registers are there for whoever opens them.
pub(super) fn scopes(link: &Link, arguments: &Value) -> Result<Value, String> {
    let mut body = link.call("scopes", arguments, LIMIT).map_err(|error| error.to_string())?;
    for scope in body["scopes"].as_array_mut().into_iter().flatten() {
        if scope["presentationHint"] != "locals" && scope["name"] != "Locals" {
            scope["expensive"] = json!(true);
        }
    }
    Ok(body)
}

/// A watch, a hover, or a line of the console: by our script, which knows Rust; what the debugger has a
/// name for can be opened. A console also takes the debugger's own commands.
pub(super) fn evaluate(link: &Link, is_lldb: bool, arguments: &Value) -> Result<Value, String> {
    let expression = arguments["expression"].as_str().unwrap_or_default().trim();
    let is_repl = arguments["context"] == "repl";
    let by_debugger = |expression: &str| {
        let mut asked = arguments.clone();
        asked["expression"] = json!(expression);
        link.call("evaluate", &asked, LIMIT).map_err(|error| error.to_string())
    };
    if is_repl && (expression.starts_with('`') || arguments["frameId"].is_null()) {
        return by_debugger(expression);
    }
    if !is_lldb {
        return by_gdb(link, expression, arguments).or_else(|words| match is_repl {
            true => by_debugger(expression),
            false => Err(words),
        });
    }
    let answer = lldb::script_in(link, &arguments["frameId"], "value", &json!([expression]))?;
    if let Some(words) = answer["error"].as_str() {
        // A command of the debugger's, if it is none of our expressions.
        let by_command = if is_repl { by_debugger(expression) } else { Err(String::new()) };
        let is_command = |told: &String| !told.is_empty() && !told.contains("<user expression");
        return by_command.map_err(|told| if is_command(&told) { told } else { words.to_owned() });
    }
    let mut shown = json!({"result": answer["value"], "variablesReference": 0});
    if let Some(kind) = answer["type"].as_str() {
        shown["type"] = json!(types::readable(kind));
    }
    if let Some(name) = answer["name"].as_str() {
        let asked =
            json!({"expression": name, "frameId": arguments["frameId"], "context": "watch"});
        if let Ok(opened) = link.call("evaluate", &asked, LIMIT) {
            shown["variablesReference"] = opened["variablesReference"].clone();
        }
    }
    Ok(shown)
}

/// gdb knows Rust's expressions but calls no methods: those that only look are told by what it shows.
fn by_gdb(link: &Link, expression: &str, arguments: &Value) -> Result<Value, String> {
    let evaluate = |expression: &str| {
        let asked =
            json!({"expression": expression, "frameId": arguments["frameId"], "context": "watch"});
        link.call("evaluate", &asked, LIMIT).map_err(|error| error.to_string())
    };
    let looks = [".len()", ".is_empty()"].into_iter();
    let Some((path, method)) =
        looks.filter_map(|look| Some((expression.strip_suffix(look)?, look))).next()
    else {
        return evaluate(expression);
    };
    let held = evaluate(path)?;
    let shown = held["result"].as_str().unwrap_or_default();
    let length =
        shown_length(shown).ok_or_else(|| format!("`{path}` has no length that gdb tells"))?;
    let result = if method == ".len()" { length.to_string() } else { (length == 0).to_string() };
    Ok(json!({"result": result, "variablesReference": 0}))
}

/// The length in `Vec(size=2)`, or of a text.
fn shown_length(shown: &str) -> Option<usize> {
    if let Some((_, size)) = shown.split_once("(size=") {
        return size.trim_end_matches(')').parse().ok();
    }
    Some(shown.strip_prefix('"')?.strip_suffix('"')?.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_read_of_what_gdb_shows() {
        let check =
            |shown: &str, expected: Option<usize>| assert_eq!(shown_length(shown), expected);
        check("Vec(size=2)", Some(2));
        check("HashMap(size=0)", Some(0));
        check("\"Ann\"", Some(3));
        check("7", None);
        assert!(is_variant("Some") && !is_variant("id"));
    }

    #[test]
    fn values_read_as_rust() {
        let check = |value: &str, kind: &str, expected: &str, opens: i64| {
            let variable =
                json!({"name": "x", "value": value, "type": kind, "variablesReference": 5});
            let shown = tidy(variable);
            assert_eq!(
                (&shown["value"], &shown["variablesReference"]),
                (&json!(expected), &json!(opens))
            );
        };
        check("app::User @ 0x7ff", "app::User", "User", 5);
        check("0x00007ff", "app::User *", "&User", 5);
        check("\"Ann\"", "alloc::string::String", "\"Ann\"", 0);
        check("7", "long", "7", 5);
    }

    #[test]
    fn leaves_out_the_compilers_variables() {
        let check =
            |name: &str, noise: bool| assert_eq!(is_noise(&json!({"name": name})), noise, "{name}");
        check("id", false);
        check("_guard", false);
        check("__awaitee", true);
        check("_task_context", true);
        check("<internal>", true);
        check("$discr$", true);
    }
}
