//! What an editor asks to be started, in DAP's `launch` request.

use std::path::PathBuf;

use serde_json::Value;

use super::build::Package;

/// What `launch` asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Launch {
    /// The program, or what has to be built first.
    pub(crate) program: Option<PathBuf>,
    pub(crate) package: Option<Package>,
    pub(crate) args: Vec<String>,
    pub(crate) cwd: Option<PathBuf>,
    /// Added to the environment of this process.
    pub(crate) env: Vec<(String, String)>,
    /// Run without a debugger: Ctrl+F5.
    pub(crate) no_debug: bool,
    /// Without a debugger: follow what is saved.
    pub(crate) reload: bool,
    pub(crate) stop_on_entry: bool,
    /// Keep breakpoints and watches in the workspace, for an editor that has no list of its own.
    pub(crate) keep: bool,
    /// The debugger to use; the best one on this machine by default.
    pub(crate) adapter: Option<PathBuf>,
}

impl Launch {
    /// Reads the arguments.
    ///
    /// # Errors
    /// When a key has the wrong type, in words for the editor's user.
    pub(crate) fn parse(arguments: &Value) -> Result<Launch, String> {
        let path = |key: &str| Ok::<_, String>(text(arguments, key)?.map(PathBuf::from));
        Ok(Launch {
            program: path("program")?,
            package: Package::parse(&arguments["cargo"])?,
            args: texts(arguments, "args")?,
            cwd: path("cwd")?,
            env: environment(&arguments["env"])?,
            no_debug: flag(arguments, "noDebug")?,
            reload: arguments["reload"].is_null() || flag(arguments, "reload")?,
            stop_on_entry: flag(arguments, "stopOnEntry")?,
            keep: flag(arguments, "keepBreakpoints")?,
            adapter: path("adapter")?,
        })
    }
}

/// A text that may be absent.
pub(super) fn text(value: &Value, key: &str) -> Result<Option<String>, String> {
    match &value[key] {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text.clone())),
        other => Err(format!("`{key}` has to be a text, but is `{other}`")),
    }
}

/// A list of texts; none when it is absent.
pub(super) fn texts(value: &Value, key: &str) -> Result<Vec<String>, String> {
    let wrong = || format!("`{key}` has to be a list of texts, but is `{}`", value[key]);
    match &value[key] {
        Value::Null => Ok(Vec::new()),
        Value::Array(items) => {
            items.iter().map(|item| item.as_str().map(str::to_owned).ok_or_else(wrong)).collect()
        }
        _ => Err(wrong()),
    }
}

fn flag(value: &Value, key: &str) -> Result<bool, String> {
    match &value[key] {
        Value::Null => Ok(false),
        Value::Bool(flag) => Ok(*flag),
        other => Err(format!("`{key}` has to be true or false, but is `{other}`")),
    }
}

/// Editors send an object, some a list of `KEY=value`.
fn environment(value: &Value) -> Result<Vec<(String, String)>, String> {
    let wrong = || format!("`env` has to be an object of texts, but is `{value}`");
    match value {
        Value::Null => Ok(Vec::new()),
        Value::Object(map) => map
            .iter()
            .map(|(key, value)| match value {
                Value::String(text) => Ok((key.clone(), text.clone())),
                Value::Number(_) | Value::Bool(_) => Ok((key.clone(), value.to_string())),
                _ => Err(wrong()),
            })
            .collect(),
        Value::Array(items) => items
            .iter()
            .map(|item| {
                let (key, value) =
                    item.as_str().and_then(|text| text.split_once('=')).ok_or_else(wrong)?;
                Ok((key.to_owned(), value.to_owned()))
            })
            .collect(),
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn reads_what_editors_send() {
        let launch = Launch::parse(&json!({
            "program": "/a/b", "args": ["--port", "0"], "env": {"A": "1", "B": 2}, "noDebug": true,
            "type": "carafe", "request": "launch", "name": "x", "__sessionId": "y",
        }));
        let env = vec![("A".to_owned(), "1".to_owned()), ("B".to_owned(), "2".to_owned())];
        let expected = Launch {
            program: Some("/a/b".into()),
            args: vec!["--port".to_owned(), "0".to_owned()],
            env,
            no_debug: true,
            reload: true,
            ..Launch::default()
        };
        assert_eq!(launch, Ok(expected));
        let listed = Launch::parse(&json!({"env": ["A=b=c"]})).unwrap().env;
        assert_eq!(listed, [("A".to_owned(), "b=c".to_owned())]);
    }

    #[test]
    fn says_what_is_wrong() {
        let check = |arguments: Value, expected: &str| {
            assert_eq!(Launch::parse(&arguments).unwrap_err(), expected);
        };
        check(json!({"program": 5}), "`program` has to be a text, but is `5`");
        check(json!({"args": "x"}), "`args` has to be a list of texts, but is `\"x\"`");
        check(json!({"args": [1]}), "`args` has to be a list of texts, but is `[1]`");
        check(json!({"noDebug": "no"}), "`noDebug` has to be true or false, but is `\"no\"`");
        check(json!({"env": ["x"]}), "`env` has to be an object of texts, but is `[\"x\"]`");
        check(json!({"cargo": 5}), "`cargo` has to be an object, but is `5`");
    }
}
