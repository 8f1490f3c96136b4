//! What is said to the tool, as JSON.

use std::sync::Arc;

use ::http::request::Parts;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::channel::{self, LONGEST_LINE};
use crate::app::Site;
use crate::explain::rule_json;
use crate::http::Peer;
use crate::trace::{Panicked, Record};

/// The version of what is said here.
const VERSION: u32 = 1;

/// Says that the app listens: where, and which routes it has.
pub(crate) fn hello(site: &Arc<Site>, urls: Vec<String>) {
    let Some(tool) = channel::tool() else { return };
    let site = site.clone();
    tool.send(move || {
        let core = &site.core;
        let root = std::path::absolute(&core.folder).unwrap_or_else(|_| core.folder.clone());
        let routes: Vec<Value> =
            site.shared.router.rules().map(|rule| rule_json(core, rule)).collect();
        json!({
            "event": "hello",
            "version": VERSION,
            "pid": std::process::id(),
            "app": core.name,
            "root": root.to_string_lossy(),
            "urls": urls,
            "routes": routes,
        })
    });
}

/// Says that a request came. Its values are as they came: the tool masks what it shows.
pub(super) fn begin(record: &Record, parts: &Parts, peer: &Peer) -> Value {
    let text = |value: &::http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers: Vec<(&str, String)> =
        parts.headers.iter().map(|(name, value)| (name.as_str(), text(value))).collect();
    json!({
        "event": "begin",
        "id": record.id,
        "at": record.at,
        "method": parts.method.as_str(),
        "target": parts.uri.path_and_query().map_or("/", |target| target.as_str()),
        "host": parts.headers.get(::http::header::HOST).map(text),
        "remote": peer.remote.map(|remote| remote.to_string()),
        "thread": thread(),
        "headers": headers,
    })
}

/// How a request ended.
#[derive(Default)]
pub(super) struct End {
    /// None where the client left before there was one.
    pub(super) status: Option<u16>,
    pub(super) micros: u64,
    pub(super) kind: Option<String>,
    pub(super) bytes: Option<u64>,
}

/// Says how a request was answered, and all that happened on the way.
pub(super) fn end(record: &Record, end: &End) -> Value {
    let (spans, lost) = record.spans();
    let spans: Vec<Value> = spans.iter().map(|span| span.json()).collect();
    let (body, body_cut) = record.body();
    let none = crate::trace::Matched::default();
    let matched = record.matched().unwrap_or(&none);
    let mut message = json!({
        "event": "end",
        "id": record.id,
        "status": end.status,
        "micros": end.micros,
        "type": end.kind,
        "bytes": end.bytes,
        "rule": matched.rule,
        "endpoint": matched.endpoint,
        "handler": matched.handler,
        "file": matched.place.map(|place| place.0),
        "line": matched.place.map(|place| place.1),
        "values": matched.values,
        "body": STANDARD.encode(body),
        "body_cut": body_cut,
        "error": null,
        "spans": spans,
    });
    if lost > 0 {
        message["spans_lost"] = json!(lost);
    }
    let failure = record.failure();
    if let Some(error) = &failure.error {
        message["error"] = error.clone();
    }
    if let Some(ticket) = &failure.ticket {
        message["ticket"] = json!(ticket);
    }
    message
}

/// Says that a panic happened, in a request or outside of one.
pub(super) fn panic(panic: &Panicked, id: Option<u64>) -> Value {
    json!({
        "event": "panic",
        "message": panic.message,
        "file": panic.place.as_ref().map(|place| &place.0),
        "line": panic.place.as_ref().map(|place| place.1),
        "id": id,
    })
}

/// A message as a line that is not too long: else its last spans go, then their details.
pub(super) fn line(mut message: Value) -> String {
    let mut text = message.to_string();
    while text.len() >= LONGEST_LINE {
        message["cut"] = json!(true);
        let longest = if message["spans"].as_array().is_some_and(|spans| !spans.is_empty()) {
            "spans"
        } else if message["routes"].as_array().is_some_and(|routes| !routes.is_empty()) {
            "routes"
        } else {
            // A head has a limit far below, so this is nothing that is said here.
            message = json!({"event": message["event"], "id": message["id"], "cut": true});
            text = message.to_string();
            break;
        };
        if let Some(all) = message[longest].as_array_mut() {
            all.truncate(all.len() / 2);
        }
        text = message.to_string();
    }
    text.push('\n');
    text
}

/// The system's number for this thread, where it has one.
fn thread() -> Option<u64> {
    thread_local! {
        static ID: Option<u64> = std::fs::read_link("/proc/thread-self")
            .ok()
            .and_then(|path| path.file_name()?.to_str()?.parse().ok());
    }
    ID.with(|id| *id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_cut_to_their_longest() {
        let span = json!({"detail": "x".repeat(4000)});
        let long = json!({"event": "end", "id": 1, "spans": vec![span; 1000]});
        let line = line(long);
        assert!(line.len() <= LONGEST_LINE && line.ends_with('\n'));
        let read: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(read["cut"], true);
        assert!(read["spans"].as_array().unwrap().len() >= 100);
    }

    #[test]
    fn short_lines_stay() {
        assert_eq!(line(json!({"event": "x"})), "{\"event\":\"x\"}\n");
    }
}
