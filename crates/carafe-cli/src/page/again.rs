//! Requests that are sent again, as they were or under a breakpoint.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::channel::Record;

use super::Shared;
use super::replay::Replay;

/// How long an app may take to say hello after its start under a debugger.
const START: Duration = Duration::from_secs(60);
/// Between two looks at what another thread does.
const LOOK: Duration = Duration::from_millis(20);

/// How a request is to be sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    AsItWas,
    /// Held at the first line of its handler, or where it failed.
    Debugged,
}

/// Sends a request again, on a thread of its own; pages hear what becomes of it.
///
/// # Errors
/// When it is not kept any more.
pub(super) fn send(shared: &Arc<Shared>, number: u64, way: Way) -> Result<(), String> {
    let channel = shared.channel.as_ref().ok_or("requests are not known here")?;
    let record = channel.log().find(number).cloned();
    let record = record.ok_or("the request is not kept any more")?;
    let shared = shared.clone();
    thread::spawn(move || {
        let said = match again(&shared, &record, way) {
            Ok(status) => json!({"number": number, "status": status}),
            Err(words) => json!({"number": number, "error": words}),
        };
        shared.hub.tell("replayed", &said);
    });
    Ok(())
}

fn again(shared: &Arc<Shared>, record: &Record, way: Way) -> Result<u16, String> {
    if way == Way::Debugged {
        hold(shared, record)?;
    }
    let urls = urls(shared)?;
    let replay = Replay::new(record, &urls)?;
    let said = json!({"number": record.summary.number, "remote": replay.remote()});
    shared.hub.tell("replaying", &said);
    replay.send().map_err(|error| format!("the app gave no answer: {error}"))
}

/// Where the app listens, once it does.
fn urls(shared: &Shared) -> Result<Vec<String>, String> {
    let channel = shared.channel.as_ref().ok_or("requests are not known here")?;
    let until = Instant::now() + START;
    loop {
        if let Some(app) = channel.apps().pop() {
            return Ok(app.urls);
        }
        if Instant::now() >= until {
            return Err("the app does not run".to_owned());
        }
        thread::sleep(LOOK);
    }
}

/// Sees to it that the next request to this one's handler is held.
fn hold(shared: &Shared, record: &Record) -> Result<(), String> {
    if let Some(debug) = &shared.debug {
        debug()?;
    }
    let state = shared.ask("carafe/state", &json!({}))?;
    let (file, line) = place(shared, record, &state)
        .ok_or("no handler took this request, so there is no line to stop at")?;
    shared.ask("carafe/setPoint", &json!({"file": file, "line": line, "once": true})).map(drop)
}

/// Where a request is to be held: on the line of the app that failed, else where its handler begins.
fn place(shared: &Shared, record: &Record, state: &Value) -> Option<(Value, Value)> {
    let end = record.end_value();
    let failed = &end["error"];
    if let (Some(file), Some(_)) = (failed["file"].as_str(), failed["line"].as_i64())
        && let Ok(found) = shared.files.read(file)
    {
        return Some((found["path"].clone(), failed["line"].clone()));
    }
    let mut routes = state["routes"].as_array()?.iter();
    let route = routes.find(|route| {
        route["rule"] == *record.summary.rule && route["endpoint"] == *record.summary.endpoint
    })?;
    Some((route["file"].clone(), route["body"].clone()))
}
