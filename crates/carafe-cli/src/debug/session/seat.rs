//! The clients of a session: who they are, and what each is told.

use std::sync::{Arc, PoisonError};

use serde_json::{Value, json};

use super::Session;

/// Whoever watches the session: an editor, a page, a terminal.
pub(crate) trait Client: Send + Sync {
    /// Hears an event.
    fn tell(&self, event: &str, body: &Value);

    /// Whether it belongs to this tool: it hears of `carafe/` events, and gets breakpoints by these
    /// rather than by DAP's `breakpoint`.
    fn is_tool(&self) -> bool {
        false
    }
}

/// Those who are there, each with a number that nobody else ever gets.
#[derive(Default)]
pub(super) struct Seats {
    all: Vec<(u64, Arc<dyn Client>)>,
    last: u64,
}

/// A client's place in a session, until it is dropped.
pub(crate) struct Seat {
    session: Arc<Session>,
    client: Arc<dyn Client>,
    number: u64,
}

impl Seat {
    pub(super) fn new(session: Arc<Session>, client: Arc<dyn Client>) -> Seat {
        let number = {
            let mut seats = session.seats();
            seats.last += 1;
            let number = seats.last;
            seats.all.push((number, client.clone()));
            number
        };
        Seat { session, client, number }
    }

    /// Does what the client asks for and answers it by `reply`; `launch` and `restart` return when the
    /// program runs, all others soon.
    pub(crate) fn request(
        &self,
        command: &str,
        arguments: &Value,
        reply: impl FnOnce(&Result<Value, String>),
    ) {
        self.session.request(self.number, command, arguments, reply);
    }

    /// As [`Seat::request`], giving the answer.
    pub(crate) fn ask(&self, command: &str, arguments: &Value) -> Result<Value, String> {
        let mut answer = Err(String::new());
        self.request(command, arguments, |result| answer = result.clone());
        answer
    }

    /// Tells the client, who came later, what the others know.
    pub(crate) fn catch_up(&self) {
        if !self.session.is_busy() {
            return;
        }
        if !self.client.is_tool() {
            for breakpoint in self.session.told_points(Some(self.number)) {
                self.client.tell("breakpoint", &json!({"reason": "new", "breakpoint": breakpoint}));
            }
        }
        self.client.tell("initialized", &Value::Null);
        let told = self.session.run().told.clone();
        if let Some(told) = told {
            self.client.tell("stopped", &told);
        }
    }

    /// Leaves: nothing is told any more, and a launch that is under way is given up.
    pub(crate) fn leave(&self) {
        self.session.seats().all.retain(|(number, _)| *number != self.number);
        self.session.state().points.leaves(self.number);
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.leave();
    }
}

impl Session {
    fn seats(&self) -> std::sync::MutexGuard<'_, Seats> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a client is still there.
    pub(super) fn has_seat(&self, number: u64) -> bool {
        self.seats().all.iter().any(|(other, _)| *other == number)
    }

    /// Whether a client is the only one.
    pub(super) fn is_alone(&self) -> bool {
        self.seats().all.len() <= 1
    }

    fn told_where(&self, wants: impl Fn(u64, &dyn Client) -> bool, event: &str, body: &Value) {
        let all = self.seats().all.clone();
        for (number, client) in all {
            if wants(number, &*client) {
                client.tell(event, body);
            }
        }
    }

    /// Tells every client.
    pub(in super::super) fn tell(&self, event: &str, body: &Value) {
        self.told_where(|_, _| true, event, body);
    }

    /// Tells editors other than one, who knows already.
    pub(super) fn tell_editors(&self, but: u64, event: &str, body: &Value) {
        self.told_where(|number, client| number != but && !client.is_tool(), event, body);
    }

    /// Tells the clients that belong to this tool.
    pub(in super::super) fn tell_tools(&self, event: &str, body: &Value) {
        self.told_where(|_, client| client.is_tool(), event, body);
    }

    /// Says something to the clients' people.
    pub(in super::super) fn say(&self, words: &str) {
        let line = if words.ends_with('\n') { words.to_owned() } else { format!("{words}\n") };
        self.tell("output", &json!({"category": "console", "output": line}));
    }
}
