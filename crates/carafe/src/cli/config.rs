//! `config`: each key, its value, and where it came from. Secrets are hidden.

use std::process::ExitCode;

use clap::ArgMatches;
use serde_json::json;

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
    let entries: Vec<Entry> = config
        .entries()
        .into_iter()
        .filter(|entry| all || !entry.is_default)
        .collect();
    if matches.get_flag("json") {
        let rows: Vec<_> = entries
            .iter()
            .map(|entry| {
                json!({"key": entry.key, "value": entry.value, "source": entry.source.to_string()})
            })
            .collect();
        return tell(&format!("{:#}\n", serde_json::Value::from(rows)));
    }
    let rows: Vec<[String; 3]> = entries
        .iter()
        .map(|entry| {
            [
                entry.key.clone(),
                entry.value.clone(),
                entry.source.to_string(),
            ]
        })
        .collect();
    let mut text = format!("profile: {}\n\n", config.profile().name());
    text.push_str(&match rows.is_empty() {
        true => "every key has its default; `config --all` lists them\n".to_owned(),
        false => table(["Key", "Value", "From"], &rows),
    });
    tell(&text)
}
