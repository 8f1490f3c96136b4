//! Steps that stay in the app: over an `.await`, and into no framework.

use serde_json::{Value, json};

use super::lldb;
use super::session::Session;
use super::stops::Report;

/// How often a step may be turned around before it is left where it is.
const MOST_TURNS: u32 = 40;

/// A step under way.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) thread: i64,
    kind: Kind,
    /// Where it may come out again, as `plan` noted it.
    notes: Vec<Value>,
    /// Where it began: file and line of the innermost frame.
    began: (String, i64),
    turns: u32,
    /// Whether breakpoints were set for it.
    expecting: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Over,
    Into,
    Out,
}

/// What a stop means to a step.
#[derive(Debug, PartialEq)]
pub(super) enum Sight {
    /// The stop is not the step's.
    Nothing,
    /// The step is done, in this thread.
    Arrived(i64),
    /// The step is somewhere it should not stay, and goes on by this request.
    Passing(&'static str),
    /// The step left the app, for whoever called it.
    Away,
}

impl Step {
    /// Notes where the thread is, before the adapter is told to step.
    fn begin(session: &Session, command: &str, thread: i64) -> Result<Step, String> {
        let kind = match command {
            "stepIn" => Kind::Into,
            "stepOut" => Kind::Out,
            _ => Kind::Over,
        };
        let frames = session.stack(thread)?;
        let notes = plan(session, thread, &frames)?;
        Ok(Step { thread, kind, notes, began: place(&frames), turns: 0, expecting: false })
    }

    /// Out of an `async fn`: it may wait many times before it is done, so only its callers' lines
    /// count. Gives whether there is one.
    fn leave_future(&mut self, session: &Session, own: bool) -> Result<Option<bool>, String> {
        if self.kind != Kind::Out || !own || self.notes.is_empty() {
            return Ok(None);
        }
        let left = self.notes.remove(0);
        if left["future"] == 0 {
            return Ok(None);
        }
        self.expect(session, &self.notes.clone()).map(Some)
    }

    /// What a stop means to this step.
    pub(super) fn look(&self, session: &Session, report: &Report) -> Result<Sight, String> {
        if self.expecting {
            return Ok(report.arrived().map_or(Sight::Nothing, Sight::Arrived));
        }
        if !report.has_stepped(self.thread) {
            return Ok(Sight::Nothing);
        }
        let frames = session.stack(self.thread)?;
        let is_own = frames.first().is_some_and(|frame| session.is_own(frame));
        if self.turns >= MOST_TURNS {
            return Ok(Sight::Arrived(self.thread));
        }
        if is_own && self.kind != Kind::Out && self.left_waiting(session, &frames)? {
            return Ok(Sight::Away);
        }
        let moved = place(&frames) != self.began;
        Ok(match (self.kind, is_own, passing(&frames)) {
            (Kind::Into, true, "constructor") => Sight::Passing("stepOut"),
            (Kind::Into, true, "entry") => Sight::Passing("next"),
            (kind, true, _) if moved || kind == Kind::Out => Sight::Arrived(self.thread),
            // Still on the line where it began: the rest of it, or the next call in it.
            (Kind::Into, true, _) => Sight::Passing("stepIn"),
            (_, true, _) => Sight::Passing("next"),
            // In a function of somebody else's, called from the app: out of it.
            (Kind::Into, false, _) if self.is_below(&frames, session) => Sight::Passing("stepOut"),
            // In whoever called the app: it will be called again, or not.
            _ => Sight::Away,
        })
    }

    /// Whether the function where it began only waits, and what is seen is whoever waits for it.
    fn left_waiting(&self, session: &Session, frames: &[Value]) -> Result<bool, String> {
        let Some(began) = self.notes.first().filter(|note| note["future"] != 0) else {
            return Ok(false);
        };
        if frames.iter().any(|frame| frame["name"] == began["name"]) {
            return Ok(false);
        }
        let waits = lldb::script(&*session.link()?, "waits", &json!([began]))?;
        Ok(waits == true)
    }

    /// Counts a turn, so that they come to an end.
    pub(super) fn turn(&mut self, command: &'static str) -> &'static str {
        self.turns += 1;
        command
    }

    /// Whether the frame where it began is still there, under the one where it is now.
    fn is_below(&self, frames: &[Value], session: &Session) -> bool {
        let first_own = frames.iter().find(|frame| session.is_own(frame));
        first_own.is_some_and(|frame| frame_place(frame).0 == self.began.0)
    }

    /// Waits where the app goes on: in a future that is polled again, or in a caller that is still on
    /// the stack. Gives whether there is such a place.
    pub(super) fn wait_for_return(&mut self, session: &Session) -> Result<bool, String> {
        let frames = session.stack(self.thread)?;
        let callers = plan(session, self.thread, &frames)?;
        let futures = self.notes.iter().filter(|note| note["future"] != 0).cloned();
        let notes: Vec<Value> = futures.chain(callers).collect();
        self.expect(session, &notes)
    }

    fn expect(&mut self, session: &Session, notes: &[Value]) -> Result<bool, String> {
        let places = lldb::script(&*session.link()?, "expect", &json!([notes]))?;
        self.expecting = true;
        Ok(places.as_i64().is_some_and(|places| places > 0))
    }

    /// Removes what was set for it, since it is over.
    pub(super) fn forget(&self, session: &Session) -> Result<(), String> {
        match self.expecting {
            true => lldb::script(&*session.link()?, "forget", &json!([])).map(drop),
            false => Ok(()),
        }
    }
}

/// Notes of the app's frames, the innermost first.
fn plan(session: &Session, thread: i64, frames: &[Value]) -> Result<Vec<Value>, String> {
    let own: Vec<usize> = (0..frames.len()).filter(|at| session.is_own(&frames[*at])).collect();
    let notes = lldb::script(&*session.link()?, "plan", &json!([thread, own]))?;
    Ok(notes.as_array().cloned().unwrap_or_default())
}

fn place(frames: &[Value]) -> (String, i64) {
    frames.first().map(frame_place).unwrap_or_default()
}

fn frame_place(frame: &Value) -> (String, i64) {
    let file = frame["source"]["path"].as_str().unwrap_or_default();
    (file.to_owned(), frame["line"].as_i64().unwrap_or_default())
}

/// Why nobody wants to stop in the innermost frame, though it is the app's.
fn passing(frames: &[Value]) -> &str {
    frames.first().and_then(|frame| frame["passing"].as_str()).unwrap_or_default()
}

impl Session {
    /// `next`, `stepIn` or `stepOut`, as a client asks for it.
    pub(super) fn step(&self, command: &str, arguments: &Value) -> Result<Value, String> {
        let thread = arguments["threadId"].as_i64().unwrap_or_default();
        self.forget_step()?;
        let mut asked = arguments.clone();
        if let Some(map) = asked.as_object_mut() {
            map.insert("granularity".to_owned(), json!("line"));
        }
        let mut command = command;
        if self.is_lldb() {
            let mut step = Step::begin(self, command, thread)?;
            let own = self.stack(thread)?.first().is_some_and(|frame| self.is_own(frame));
            let left = step.leave_future(self, own)?;
            if left.is_some() {
                command = "continue";
            }
            self.set_step((left != Some(false)).then_some(step));
        }
        self.running(|| self.forward(command, &asked).inspect_err(|_| self.set_step(None)))
    }

    /// Ends a step that is still under way, since a client wants something else.
    pub(super) fn forget_step(&self) -> Result<(), String> {
        self.take_step().map_or(Ok(()), |step| step.forget(self))
    }

    /// The frames of a thread as the script tells them: all that steps ask for, in one go.
    fn stack(&self, thread: i64) -> Result<Vec<Value>, String> {
        let frames = lldb::script(&*self.link()?, "stack", &json!([thread]))?;
        Ok(frames.as_array().cloned().unwrap_or_default())
    }
}
