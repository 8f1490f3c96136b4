//! `config`: each key, its value, and where it came from. Secrets are hidden.

use std::process::ExitCode;

use serde_json::{Value, json};

use crate::app::App;
use crate::config::Entry;

use super::line::Line;
use super::output::table;
use super::{complain, loader, tell};

pub(super) fn run(app: App, line: &Line) -> ExitCode {
    let loader = loader(&app, line);
    let config = match app.load_config(loader) {
        Ok(config) => config,
        Err(errors) => return complain(&errors.to_string()),
    };
    let all = line.has("--all");
    let entries: Vec<Entry> =
        config.entries().into_iter().filter(|entry| all || !entry.is_default).collect();
    if line.has("--json") {
        let rows: Vec<_> = entries
            .iter()
            .map(|entry| {
                let (value, source) = (json_value(&entry.value), entry.source.to_string());
                json!({"key": entry.key, "value": value, "source": source})
            })
            .collect();
        return tell(&format!("{:#}\n", Value::from(rows)));
    }
    let rows: Vec<[String; 3]> = entries
        .iter()
        .map(|entry| [entry.key.clone(), entry.value.clone(), entry.source.to_string()])
        .collect();
    let mut text = format!("profile: {}\n\n", config.profile().name());
    text.push_str(&match rows.is_empty() {
        true => "every key has its default; `config --all` lists them\n".to_owned(),
        false => table(["Key", "Value", "From"], &rows),
    });
    tell(&text)
}

/// A value as it is, where its text is JSON; `null` where it is not set.
fn json_value(text: &str) -> Value {
    match text {
        "(not set)" => Value::Null,
        _ => serde_json::from_slice(text.as_bytes()).unwrap_or_else(|_| text.into()),
    }
}
