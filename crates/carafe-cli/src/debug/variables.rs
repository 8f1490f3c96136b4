//! Values: asked for with a deadline, and without the compiler's own variables.

use std::time::Duration;

use serde_json::{Value, json};

use crate::dap::{Link, LinkError};

use super::lldb;

/// A debugger that looks into garbage may look for ever.
const LIMIT: Duration = Duration::from_secs(3);

/// The variables behind a reference; when the debugger does not answer, one that says so.
pub(super) fn list(link: &Link, arguments: &Value) -> Result<Value, String> {
    match link.call("variables", arguments, LIMIT) {
        Ok(mut body) => {
            let variables = body["variables"].take();
            let shown = variables.as_array().into_iter().flatten();
            let shown = shown.filter(|variable| !is_noise(variable)).cloned().map(tidy).collect();
            Ok(json!({"variables": innermost(shown)}))
        }
        Err(LinkError::Late(_)) => Ok(json!({"variables": [{
            "name": "…",
            "value": "the debugger did not answer within 3 s: the value may not be initialised yet, or was moved away",
            "variablesReference": 0,
        }]})),
        Err(error) => Err(error.to_string()),
    }
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

/// A value without what only repeats its type.
fn tidy(mut variable: Value) -> Value {
    let repeats = match (variable["value"].as_str(), variable["type"].as_str()) {
        (Some(value), Some(kind)) => {
            value.split_once(" @ 0x").is_some_and(|(name, _)| name == kind)
        }
        _ => false,
    };
    if repeats {
        variable["value"] = json!(short_type(variable["type"].as_str().unwrap_or_default()));
    }
    variable
}

/// A type's name without the paths of modules: `State<Store>`.
fn short_type(name: &str) -> String {
    let mut short = String::new();
    let mut word = String::new();
    for c in name.chars() {
        match c {
            ':' => word.clear(),
            c if c.is_alphanumeric() || c == '_' => word.push(c),
            c => {
                short.push_str(&word);
                word.clear();
                short.push(c);
            }
        }
    }
    short + &word
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

/// A watch: paths by the debugger itself, `.len()`, comparisons and the like by our script.
pub(super) fn evaluate(link: &Link, is_lldb: bool, arguments: &Value) -> Result<Value, String> {
    let expression = arguments["expression"].as_str().unwrap_or_default().trim();
    let is_repl = arguments["context"] == "repl";
    if !is_lldb || is_repl || is_path(expression) {
        let body = link.call("evaluate", arguments, LIMIT).map_err(|error| error.to_string())?;
        return Ok(body);
    }
    let answer = lldb::script_in(link, &arguments["frameId"], "value", &json!([expression]))?;
    match answer["error"].as_str() {
        Some(words) => Err(words.to_owned()),
        None => Ok(json!({"result": answer["value"], "variablesReference": 0})),
    }
}

/// Whether an expression is only a path such as `user.name` or `items[3]`.
fn is_path(expression: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '[' | ']');
    expression.chars().next().is_some_and(|c| c.is_alphabetic() || c == '_')
        && expression.chars().all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_short() {
        let check = |name: &str, expected: &str| assert_eq!(short_type(name), expected);
        check("carafe::extract::state::State<guestbook::store::Store>", "State<Store>");
        check("alloc::vec::Vec<&str, alloc::alloc::Global>", "Vec<&str, Global>");
        check("u8", "u8");
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

    #[test]
    fn tells_paths_from_expressions() {
        let check = |text: &str, path: bool| assert_eq!(is_path(text), path, "{text}");
        check("user.name", true);
        check("items[3].id", true);
        check("items.len()", false);
        check("a + 1", false);
        check("5", false);
    }
}
