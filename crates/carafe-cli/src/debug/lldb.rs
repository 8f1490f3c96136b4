//! What is particular about lldb: the script that mends its view of Rust, and commands behind DAP.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};

use crate::dap::Link;

/// Loaded into lldb, by the names of their files; the first brings in the others.
const SCRIPTS: [(&str, &str); 4] = [
    (MODULE, include_str!("lldb/carafe_lldb.py")),
    ("carafe_rules", include_str!("lldb/carafe_rules.py")),
    ("carafe_stops", include_str!("lldb/carafe_stops.py")),
    ("carafe_request", include_str!("lldb/carafe_request.py")),
];
/// The module that has the command by which [`script`] calls functions.
const MODULE: &str = "carafe_lldb";
/// What lldb runs at each stop.
pub(super) const REPORT: &str = "carafe report";
/// What an answer of the script begins with.
pub(super) const MARK: &str = "carafe-lldb ";
/// lldb answers at once, unless it is busy reading debug information.
const LIMIT: Duration = Duration::from_secs(10);

/// Writes the scripts into a folder, and gives the commands that load them.
///
/// # Errors
/// When a file cannot be written.
pub(crate) fn init_commands(folder: &Path, rust_etc: &Path) -> Result<Vec<String>, String> {
    for (name, script) in SCRIPTS {
        let file = folder.join(format!("{name}.py"));
        std::fs::write(&file, script)
            .map_err(|error| format!("`{}` cannot be written: {error}", file.display()))?;
    }
    let file = folder.join(format!("{MODULE}.py"));
    Ok(vec![
        format!(
            "script import os; os.environ['CARAFE_TOOL_RUST_ETC'] = {:?}",
            rust_etc.to_string_lossy()
        ),
        format!("command script import {}", quoted(&file.to_string_lossy())),
        // lldb knows no Rust: C++ reads its debug information best.
        "settings set target.language c++".to_owned(),
        // Stepping into a call should not end in the standard library.
        "settings set target.process.thread.step-avoid-regexp ^(core|std|alloc)::".to_owned(),
    ])
}

/// Where rustc keeps its formatters.
///
/// # Errors
/// When there is no rustc.
pub(crate) fn rust_etc() -> Result<PathBuf, String> {
    let output = std::process::Command::new("rustc").args(["--print", "sysroot"]).output();
    let output =
        output.map_err(|error| format!("`rustc` cannot be asked for its folder: {error}"))?;
    let root = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    Ok(Path::new(&root).join("lib/rustlib/etc"))
}

/// What a command printed: lldb repeats the command behind its prompt first.
fn printed(text: &str) -> &str {
    let rest = text.strip_prefix("(lldb) ").and_then(|text| text.split_once('\n'));
    rest.map_or(text, |(_, rest)| rest)
}

/// Calls a function of the script, with the elements of a list as its arguments.
pub(crate) fn script(link: &Link, function: &str, arguments: &Value) -> Result<Value, String> {
    script_in(link, &Value::Null, function, arguments)
}

/// As [`script`], with the frame of this DAP id selected.
pub(crate) fn script_in(
    link: &Link,
    frame: &Value,
    function: &str,
    arguments: &Value,
) -> Result<Value, String> {
    let mut asked = json!({"expression": call(function, arguments), "context": "repl"});
    if !frame.is_null() {
        asked["frameId"] = frame.clone();
    }
    let body = link.call("evaluate", &asked, LIMIT).map_err(|error| error.to_string())?;
    answer(body["result"].as_str().unwrap_or_default())
}

/// What a console is to evaluate for a call of the script.
fn call(function: &str, arguments: &Value) -> String {
    format!("`carafe {function} {arguments}")
}

/// The JSON in what a function of the script printed.
pub(crate) fn answer(text: &str) -> Result<Value, String> {
    let text = printed(text).trim();
    let answer = text.strip_prefix(MARK).and_then(|json| serde_json::from_str(json).ok());
    answer.ok_or_else(|| format!("lldb answered `{text}`"))
}

/// One argument of an lldb command.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_stay_one_word() {
        assert_eq!(quoted(r#"a "b" \c"#), r#""a \"b\" \\c""#);
    }

    #[test]
    fn reads_what_the_script_answers() {
        assert_eq!(answer("(lldb) carafe x\ncarafe-lldb [1]\n"), Ok(json!([1])));
        assert_eq!(answer("carafe-lldb 5"), Ok(json!(5)));
        assert_eq!(answer("error: x"), Err("lldb answered `error: x`".to_owned()));
    }
}
