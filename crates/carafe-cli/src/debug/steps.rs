//! Steps that stay in the app: over an `.await`, and into no framework.

use serde_json::{Value, json};

use super::session::Session;
use super::{lldb, variables};

/// How often a step into may be turned around before it is left where it is.
const MOST_TURNS: u32 = 40;

/// A step under way.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) thread: i64,
    kind: Kind,
    /// Where it may come out again, as `plan` noted it.
    notes: Value,
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

/// What becomes of a stop during a step.
#[derive(Debug, PartialEq)]
pub(super) enum Outcome {
    /// The clients are told; as a step.
    Arrived,
    /// The program runs on, and the step with it.
    RunsOn,
    /// The program runs on; the step is over.
    Gone,
}

impl Step {
    /// Notes where the thread is, before the adapter is told to step.
    pub(super) fn begin(session: &Session, command: &str, thread: i64) -> Result<Step, String> {
        let kind = match command {
            "stepIn" => Kind::Into,
            "stepOut" => Kind::Out,
            _ => Kind::Over,
        };
        let frames = session.frames(thread)?;
        let own: Vec<usize> = (0..frames.len()).filter(|at| session.is_own(&frames[*at])).collect();
        let link = session.link()?;
        // The script looks at the selected thread: asking in a frame selects it.
        session.select(&frames)?;
        let mut notes = lldb::script(&link, &format!("plan({own:?})"))?;
        if kind == Kind::Out
            && own.first() == Some(&0)
            && let Some(notes) = notes.as_array_mut()
            && !notes.is_empty()
        {
            // Out of this function: only its callers' lines count.
            notes.remove(0);
        }
        Ok(Step { thread, kind, notes, began: place(&frames), turns: 0, expecting: false })
    }

    /// Looks at where the adapter's step ended, and goes on where that is not in the app.
    pub(super) fn stopped(&mut self, session: &Session, reason: &str) -> Result<Outcome, String> {
        let link = session.link()?;
        let frames = session.frames(self.thread)?;
        if self.expecting {
            lldb::script(&link, "forget()")?;
            self.expecting = false;
            return Ok(Outcome::Arrived);
        }
        let is_own = frames.first().is_some_and(|frame| session.is_own(frame));
        let moved = place(&frames) != self.began;
        if reason != "step" || is_own && (moved || self.kind == Kind::Out) {
            return Ok(Outcome::Arrived);
        }
        self.turns += 1;
        if self.turns > MOST_TURNS {
            return Ok(Outcome::Arrived);
        }
        let went_in =
            frames.iter().any(|frame| session.is_own(frame)) && self.is_below(&frames, session);
        match (self.kind, is_own, went_in) {
            // Still on the line where it began: the rest of it, or the next call in it.
            (Kind::Over, true, _) => session.resume("next", self.thread)?,
            (Kind::Into, true, _) => session.resume("stepIn", self.thread)?,
            // In a function of somebody else's, called from the app: out of it.
            (Kind::Into, false, true) => session.resume("stepOut", self.thread)?,
            // In whoever called the app: it will be called again, or not.
            _ => return self.wait_for_return(session, &frames),
        }
        Ok(Outcome::RunsOn)
    }

    /// Whether the frame where it began is still there, under the one where it is now.
    fn is_below(&self, frames: &[Value], session: &Session) -> bool {
        let first_own = frames.iter().find(|frame| session.is_own(frame));
        first_own.is_some_and(|frame| frame_place(frame).0 == self.began.0)
    }

    /// Waits where the app goes on: in a future that is polled again, or in a caller still on the stack.
    fn wait_for_return(&mut self, session: &Session, frames: &[Value]) -> Result<Outcome, String> {
        let link = session.link()?;
        session.select(frames)?;
        let own: Vec<usize> = (0..frames.len()).filter(|at| session.is_own(&frames[*at])).collect();
        let callers = lldb::script(&link, &format!("plan({own:?})"))?;
        let is_future = |note: &&Value| note["future"] != 0;
        let futures = self.notes.as_array().into_iter().flatten().filter(is_future);
        let notes: Vec<&Value> = futures.chain(callers.as_array().into_iter().flatten()).collect();
        let places = lldb::script(&link, &format!("expect({})", json!(notes)))?;
        self.expecting = places.as_i64().is_some_and(|places| places > 0);
        session.resume("continue", self.thread)?;
        // Where the app has nothing more to do for this request, the step ends as `continue` would.
        Ok(if self.expecting { Outcome::RunsOn } else { Outcome::Gone })
    }
}

fn place(frames: &[Value]) -> (String, i64) {
    frames.first().map(frame_place).unwrap_or_default()
}

fn frame_place(frame: &Value) -> (String, i64) {
    let file = frame["source"]["path"].as_str().unwrap_or_default();
    (file.to_owned(), frame["line"].as_i64().unwrap_or_default())
}

impl Session {
    /// `next`, `stepIn` or `stepOut`, as a client asks for it.
    pub(super) fn step(&self, command: &str, arguments: &Value) -> Result<Value, String> {
        let thread = arguments["threadId"].as_i64().unwrap_or_default();
        self.forget_step()?;
        if self.is_lldb() {
            let step = Step::begin(self, command, thread)?;
            self.set_step(Some(step));
        }
        let link = self.link()?;
        let mut asked = arguments.clone();
        if let Some(map) = asked.as_object_mut() {
            map.insert("granularity".to_owned(), json!("line"));
        }
        link.call(command, &asked, super::session::LIMIT).map_err(|error| {
            self.set_step(None);
            error.to_string()
        })
    }

    /// Ends a step that is still under way, since a client wants something else.
    pub(super) fn forget_step(&self) -> Result<(), String> {
        match self.take_step() {
            Some(step) if step.expecting => lldb::script(&*self.link()?, "forget()").map(drop),
            _ => Ok(()),
        }
    }

    /// Selects the thread of these frames, for scripts.
    fn select(&self, frames: &[Value]) -> Result<(), String> {
        let Some(frame) = frames.first() else { return Ok(()) };
        let asked =
            json!({"expression": "`frame select 0", "context": "repl", "frameId": frame["id"]});
        variables::evaluate(&*self.link()?, true, &asked).map(drop)
    }
}
