//! Why the program stopped: one decision a stop, and one word to the clients.
//!
//! lldb-dap tells of every thread by itself, in any order, and also of threads at a breakpoint whose
//! condition does not hold. So its `stopped` events are passed over; what counts is the report that
//! our script makes of each stop as a whole (`report` in `lldb/carafe_stops.py`).

use std::collections::VecDeque;

use serde_json::{Value, json};

use super::lldb;
use super::points;
use super::session::Session;
use super::steps::{Sight, Step};

/// What the script says of a stop.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Report {
    /// Counts the stops of a process; work that lldb does in between counts as well.
    stop: i64,
    /// The program ran on before anybody looked.
    running: bool,
    /// Some thread, for a stop that is no thread's.
    first: i64,
    threads: Vec<Reason>,
}

/// Why one thread is stopped.
#[derive(Clone, Debug, PartialEq)]
struct Reason {
    thread: i64,
    why: String,
    text: String,
    breakpoints: Value,
}

impl Report {
    /// The report in what lldb printed.
    pub(super) fn find(printed: &str) -> Option<Report> {
        let line = printed.lines().find(|line| line.starts_with(lldb::MARK))?;
        Report::parse(&lldb::answer(line).ok()?)
    }

    pub(super) fn parse(value: &Value) -> Option<Report> {
        let threads = value["threads"].as_array()?.iter().map(|reason| {
            let text = |key: &str| reason[key].as_str().unwrap_or_default().to_owned();
            Some(Reason {
                thread: reason["thread"].as_i64()?,
                why: text("why"),
                text: text("text"),
                breakpoints: reason["breakpoints"].clone(),
            })
        });
        Some(Report {
            stop: value["stop"].as_i64()?,
            running: value["running"] == true,
            first: value["first"].as_i64().unwrap_or_default(),
            threads: threads.collect::<Option<_>>()?,
        })
    }

    /// Whether a thread came to the end of what the adapter calls a step.
    pub(super) fn has_stepped(&self, thread: i64) -> bool {
        self.threads.iter().any(|reason| reason.thread == thread && reason.why == "step")
    }

    /// The thread that came to a breakpoint of the step that is under way.
    pub(super) fn arrived(&self) -> Option<i64> {
        self.threads.iter().find(|reason| reason.why == "arrived").map(|reason| reason.thread)
    }

    /// What clients are to see whatever else goes on, as bodies of `stopped`; with the steps of a
    /// console that they are not told of otherwise.
    fn shown(&self, with_steps: bool) -> VecDeque<Value> {
        let counts = |reason: &&Reason| match reason.why.as_str() {
            "breakpoint" | "exception" | "other" => true,
            "step" => with_steps,
            _ => false,
        };
        self.threads.iter().filter(counts).map(Reason::body).collect()
    }
}

impl Reason {
    fn body(&self) -> Value {
        let reason = if self.why == "other" { "pause" } else { &self.why };
        let mut body = body(reason, self.thread);
        // lldb numbers breakpoints as its own, such as `1.1`, which says nothing to people.
        if reason != "breakpoint" {
            body["description"] = json!(self.text);
        }
        if reason == "exception" {
            body["text"] = json!(self.text);
        }
        if self.breakpoints.is_array() {
            body["hitBreakpointIds"] = self.breakpoints.clone();
        }
        body
    }
}

fn body(reason: &str, thread: i64) -> Value {
    json!({"reason": reason, "threadId": thread, "allThreadsStopped": true})
}

/// Decides what a stop means: the clients are told once, or the program runs on.
pub(super) fn decide(session: &Session, report: &Report) {
    if report.running || !session.is_new_stop(report.stop) {
        return;
    }
    let step = session.take_step();
    let mut shown = report.shown(step.is_none() && session.has_console());
    let sight = match &step {
        Some(step) => step.look(session, report).unwrap_or_else(|words| {
            session.say(&words);
            Sight::Nothing
        }),
        None => Sight::Nothing,
    };
    if let Sight::Arrived(thread) = sight {
        let own = shown.iter().position(|body| body["threadId"] == thread);
        let first = own.and_then(|own| shown.remove(own));
        shown.push_front(first.unwrap_or_else(|| body("step", thread)));
    }
    let pause = match shown.is_empty() {
        true => session.take_pausing(),
        false => None,
    };
    if let Some(reason) = pause {
        let thread = report.threads.first().map_or(report.first, |reason| reason.thread);
        shown.push_back(body(reason, thread));
    }
    let went_on = if shown.is_empty() { go_on(session, step, &sight) } else { end(session, step) };
    if let Err(words) = went_on {
        session.say(&words);
    }
    let mut once = Vec::new();
    for body in shown.iter_mut().filter(|body| body["hitBreakpointIds"].is_array()) {
        once.extend(session.known_ids(&mut body["hitBreakpointIds"]));
    }
    session.have_served(&once);
    if let Some(first) = shown.pop_front() {
        session.stopped_at(first, shown);
    }
}

/// Lets the program run, and the step with it: lldb keeps what it had planned for a thread.
fn go_on(session: &Session, step: Option<Step>, sight: &Sight) -> Result<(), String> {
    let Some(mut step) = step else { return session.resume("continue", 0) };
    let (command, goes_on) = match sight {
        Sight::Passing(command) => (step.turn(command), true),
        Sight::Away => ("continue", step.wait_for_return(session)?),
        Sight::Nothing | Sight::Arrived(_) => ("continue", true),
    };
    let thread = step.thread;
    // Where the app has nothing more to do for this request, the step ends as `continue` would.
    session.set_step(goes_on.then_some(step));
    session.resume(command, thread)
}

fn end(session: &Session, step: Option<Step>) -> Result<(), String> {
    step.map_or(Ok(()), |step| step.forget(session))
}

/// A stop as an adapter without our script tells it.
pub(super) fn plain(session: &Session, mut body: Value) {
    let once = match body["hitBreakpointIds"].is_array() {
        true => session.known_ids(&mut body["hitBreakpointIds"]),
        false => Vec::new(),
    };
    session.have_served(&once);
    let thread = body["threadId"].as_i64();
    let frames = thread.and_then(|thread| session.frames(thread).ok()).unwrap_or_default();
    let top = frames.first().and_then(|frame| frame["name"].as_str()).unwrap_or_default();
    let exceptions =
        [(points::PANIC, "the app panicked"), (points::SERVER_ERROR, "an answer of 5xx")];
    if let Some((_, words)) = exceptions.iter().find(|(function, _)| top.contains(function)) {
        body["reason"] = json!("exception");
        body["description"] = json!(words);
        body["text"] = json!(words);
    }
    session.stopped_at(body, VecDeque::new());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_report_in_what_lldb_prints() {
        let printed = "Running stopCommands:\n(lldb) script carafe_lldb.report()\n\
            carafe-lldb {\"stop\": 4, \"threads\": [{\"thread\": 7, \"why\": \"step\", \"text\": \"x\"}], \"first\": 1}\n";
        let report = Report::find(printed).unwrap();
        assert_eq!((report.stop, report.running, report.first), (4, false, 1));
        assert!(report.has_stepped(7) && !report.has_stepped(8));
        assert_eq!(Report::find("carafe-lldb [1]\n"), None);
        assert_eq!(Report::find("hello"), None);
    }

    #[test]
    fn shows_what_counts() {
        let check = |why: &str, with_steps: bool, expected: &str| {
            let threads = json!([{"thread": 7, "why": why, "text": "words"}]);
            let report = Report::parse(&json!({"stop": 1, "threads": threads})).unwrap();
            let shown = report.shown(with_steps);
            let reason = shown.front().map_or("", |body| body["reason"].as_str().unwrap());
            assert_eq!(reason, expected, "{why}");
        };
        check("breakpoint", false, "breakpoint");
        check("exception", false, "exception");
        check("other", false, "pause");
        check("step", false, "");
        check("step", true, "step");
        check("interrupt", false, "");
        check("arrived", false, "");
    }
}
