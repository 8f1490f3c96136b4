//! What the adapter tells, on its way to the clients.

use std::sync::Arc;
use std::sync::mpsc::Receiver;

use serde_json::{Value, json};

use crate::dap::Told;

use super::lldb;
use super::session::Session;
use super::stops::{self, Report};

/// Passes everything on until the adapter ends, or another run of the program has begun.
pub(super) fn pump(session: &Arc<Session>, run: u64, told: &Receiver<Told>) {
    let mut why = None;
    while let Ok(told) = told.recv() {
        if !session.is_run(run) {
            return;
        }
        match told {
            Told::Event(event, body) => heard(session, &event, body),
            Told::Ended(words) => {
                why = words;
                break;
            }
        }
    }
    // Some adapters abort instead of saying goodbye; to a client that is the end, and no more.
    if session.is_run(run) {
        session.adapter_is_gone(why);
    }
}

fn heard(session: &Arc<Session>, event: &str, body: Value) {
    match event {
        "initialized" => session.is_ready(),
        "stopped" if !session.is_lldb() => stops::plain(session, body),
        "stopped" => unreported(session, body),
        "continued" => session.continued_by_itself(&body),
        "output" => output(session, &body),
        "breakpoint" => session.breakpoint_changed(&body),
        "exited" => session.set_exit_code(body["exitCode"].as_i64().unwrap_or_default()),
        "terminated" => session.has_terminated(),
        "process" => {
            session.has_process(&body);
            session.tell(event, &body);
        }
        // Nobody asked for these, and there are hundreds.
        "module" | "loadedSource" => {}
        _ => session.tell(event, &body),
    }
}

fn output(session: &Session, body: &Value) {
    let text = body["output"].as_str().unwrap_or_default();
    // What the program itself prints is no report, whatever it says.
    let by_program = body["category"] == "stdout" || body["category"] == "stderr";
    if !by_program && let Some(report) = Report::find(text) {
        session.has_reported();
        return stops::decide(session, &report);
    }
    let is_chatter = text.starts_with("Running ")
        || text.starts_with("Process ") && text.contains(" exited with status")
        || text.contains("(lldb) ")
        || text.starts_with(lldb::MARK)
        || text.trim().is_empty();
    if by_program || !is_chatter {
        session.tell("output", body);
    }
}

/// A stop of an lldb that makes no reports by itself: it is asked, and believed if it has no script.
fn unreported(session: &Session, body: Value) {
    if session.makes_reports() {
        return;
    }
    let report = session.link().and_then(|link| lldb::script(&link, "report", &json!([])));
    match report.ok().as_ref().and_then(Report::parse) {
        Some(report) => stops::decide(session, &report),
        None => stops::plain(session, body),
    }
}
