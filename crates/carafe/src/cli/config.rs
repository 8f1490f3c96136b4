//! `config`: each key, its value, and where it came from. Secrets are hidden.

use std::process::ExitCode;

use clap::ArgMatches;
use serde_json::{Value, json};

use crate::app::App;
use crate::config::{Entry, Loader};

use super::output::table;
use super::{complain, tell};

pub(super) fn print(
    app: App,
    loader: impl FnOnce(&App) -> Result<Loader, String>,
    matches: &ArgMatches,
) -> ExitCode {
    let config = match loader(&app).map(|loader| app.load_config(loader)) {
        Ok(Ok(config)) => config,
        Ok(Err(errors)) => return complain(&errors.to_string()),
        Err(words) => return complain(&words),
    };
    let all = matches.get_flag("all");
    let entries: Vec<Entry> =
        config.entries().into_iter().filter(|entry| all || !entry.is_default).collect();
    if matches.get_flag("json") {
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
        _ => serde_json::from_str(text).unwrap_or_else(|_| text.into()),
    }
}
