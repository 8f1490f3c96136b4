//! What the adapter tells, on its way to the clients.

use std::sync::Arc;
use std::sync::mpsc::Receiver;

use serde_json::{Value, json};

use crate::dap::Told;

use super::lldb;
use super::session::Session;
use super::steps::Outcome;

/// Passes everything on until the adapter ends.
pub(super) fn pump(session: &Arc<Session>, told: &Receiver<Told>) {
    while let Ok(told) = told.recv() {
        match told {
            Told::Event(event, body) => heard(session, &event, body),
            Told::Ended(why) => {
                // An adapter that broke off in the middle of a message has something to be told of.
                if let Some(words) = why {
                    session.say(&format!("the debugger broke off: {words}"));
                }
                break;
            }
        }
    }
    // Some adapters abort instead of saying goodbye; to a client that is the end, and no more.
    session.ended(None);
}

fn heard(session: &Arc<Session>, event: &str, body: Value) {
    match event {
        "initialized" => session.is_ready(),
        "stopped" => stopped(session, body),
        // A step that runs on by itself is none of the clients' business.
        "continued" if session.is_stepping() => {}
        "output" if is_chatter(&body) => {}
        "exited" => session.set_exit_code(body["exitCode"].as_i64().unwrap_or_default()),
        "terminated" => session.ended(None),
        // Nobody asked for these, and there are hundreds.
        "module" | "loadedSource" => {}
        _ => session.tell(event, &body),
    }
}

/// What the adapter says of its own commands.
fn is_chatter(body: &Value) -> bool {
    let text = body["output"].as_str().unwrap_or_default();
    let of_lldb =
        body["category"] == "console" && (text.starts_with("Running ") || text.contains("(lldb) "));
    of_lldb || text.starts_with(lldb::MARK)
}

fn stopped(session: &Arc<Session>, mut body: Value) {
    let reason = body["reason"].as_str().unwrap_or_default().to_owned();
    let thread = body["threadId"].as_i64();
    if reason == "breakpoint" && !has_reason(session, thread) {
        return;
    }
    let by_signal = is_sigstop(&body);
    if by_signal && !session.take_pausing() {
        // lldb interrupted the program for its own work.
        let _ = session.resume("continue", thread.unwrap_or_default());
        return;
    }
    if let Some(mut step) = session.take_step() {
        match step.stopped(session, &reason) {
            Ok(Outcome::RunsOn) => return session.set_step(Some(step)),
            Ok(Outcome::Gone) => {
                return session.tell(
                    "continued",
                    &json!({"threadId": step.thread, "allThreadsContinued": true}),
                );
            }
            Ok(Outcome::Arrived) if Some(step.thread) == thread || reason == "step" => {
                body["reason"] = json!("step");
            }
            Ok(Outcome::Arrived) => {}
            Err(words) => session.say(&words),
        }
    }
    explain(&mut body, session, thread);
    session.tell("stopped", &body);
}

/// Whether a thread at a breakpoint is to be shown; lets the program go on when no thread is.
fn has_reason(session: &Session, thread: Option<i64>) -> bool {
    if !session.is_lldb() {
        return true;
    }
    let Ok(link) = session.link() else { return true };
    let Ok(threads) = lldb::script(&link, "judge()") else { return true };
    let threads: Vec<i64> =
        threads.as_array().into_iter().flatten().filter_map(Value::as_i64).collect();
    if threads.is_empty() {
        // The program may have been let go already, by whoever heard of another thread.
        let _ = session.resume("continue", thread.unwrap_or_default());
    }
    thread.is_none_or(|thread| threads.contains(&thread))
}

/// Says in the clients' words why the program stopped.
fn explain(body: &mut Value, session: &Arc<Session>, thread: Option<i64>) {
    let frames = thread.and_then(|thread| session.frames(thread).ok()).unwrap_or_default();
    let in_panic = frames.first().is_some_and(|frame| {
        let name = frame["name"].as_str().unwrap_or_default();
        name == super::breakpoints::PANIC || name.contains("rust_panic")
    });
    if in_panic {
        body["reason"] = json!("exception");
        body["description"] = json!("the app panicked");
        body["text"] = json!("the app panicked");
    } else if is_sigstop(body) {
        body["reason"] = json!("pause");
        body["description"] = json!("paused");
        if let Some(map) = body.as_object_mut() {
            map.remove("text");
        }
    }
}

/// lldb pauses a program by a signal, and calls that an exception.
fn is_sigstop(body: &Value) -> bool {
    let says = |key: &str| body[key].as_str().is_some_and(|text| text.contains("SIGSTOP"));
    body["reason"] == "exception" && (says("description") || says("text"))
}
