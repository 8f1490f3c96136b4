//! What pages are told: a queue of events that any number of them read at their own pace.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::status::Status;

/// Events that a page may lag behind before it has to begin anew.
const MOST_EVENTS: usize = 4096;
/// The most pieces of output that a new page is shown.
const MOST_OUTPUT: usize = 2000;
/// The longest piece of output, in characters.
const LONGEST_OUTPUT: usize = 64 << 10;

/// The events since the tool began, and what a page has to know that comes later.
#[derive(Debug, Default)]
pub(super) struct Hub {
    inner: Mutex<Inner>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Inner {
    events: VecDeque<Told>,
    /// The number of the last event.
    last: u64,
    output: VecDeque<Value>,
    status: Status,
    /// Whether requests have come or were answered since pages last looked.
    nudges: u64,
    closed: bool,
}

/// An event.
#[derive(Clone, Debug)]
pub(super) struct Told {
    number: u64,
    pub(super) name: &'static str,
    pub(super) data: Arc<str>,
}

impl Told {
    /// Its place among all events.
    pub(super) fn number(&self) -> u64 {
        self.number
    }
}

/// What a page that waits is given.
#[derive(Debug)]
pub(super) enum News {
    /// Events, in order; perhaps none. `nudges` counts on when there is something about requests.
    Events { told: Vec<Told>, nudges: u64 },
    /// It lags behind too far.
    Lost,
    /// The tool ends.
    Closed,
}

impl Hub {
    /// Tells every page.
    pub(super) fn tell(&self, name: &'static str, data: &Value) {
        let mut inner = self.inner();
        inner.push(name, data.to_string().into());
        self.changed.notify_all();
    }

    /// Tells of output, which later pages are shown as well.
    pub(super) fn output(&self, body: &Value) {
        let text: String =
            body["output"].as_str().unwrap_or_default().chars().take(LONGEST_OUTPUT).collect();
        let body = json!({"category": body["category"], "output": text});
        let mut inner = self.inner();
        inner.push("output", body.to_string().into());
        inner.output.push_back(body);
        while inner.output.len() > MOST_OUTPUT {
            inner.output.pop_front();
        }
        self.changed.notify_all();
    }

    /// Changes what is said of the program, and tells.
    pub(super) fn change(&self, change: impl FnOnce(&mut Status)) {
        let mut inner = self.inner();
        change(&mut inner.status);
        let status = inner.status.to_json();
        inner.push("status", status.to_string().into());
        self.changed.notify_all();
    }

    /// Hears an event of the session, and tells where that changes what is said of the program.
    pub(super) fn hears(&self, event: &str, body: &Value) {
        let mut inner = self.inner();
        if inner.status.hears(event, body) {
            let status = inner.status.to_json();
            inner.push("status", status.to_string().into());
            self.changed.notify_all();
        }
    }

    /// Says that something about requests is new.
    pub(super) fn nudge(&self) {
        self.inner().nudges += 1;
        self.changed.notify_all();
    }

    /// What a page has to know that comes now, and the number from which it reads on.
    pub(super) fn now(&self) -> (Value, u64) {
        let inner = self.inner();
        let output: Vec<&Value> = inner.output.iter().collect();
        (json!({"status": inner.status.to_json(), "output": output}), inner.last)
    }

    /// Waits for events after a number, or for a nudge after so many, for as long as `limit`.
    pub(super) fn wait(&self, after: u64, nudges: u64, limit: Duration) -> News {
        let until = Instant::now() + limit;
        let mut inner = self.inner();
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if inner.closed {
                return News::Closed;
            }
            let is_new = inner.last > after || inner.nudges > nudges;
            if is_new || left.is_zero() {
                return inner.news(after);
            }
            let waited = self.changed.wait_timeout(inner, left);
            inner = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Ends every page's stream.
    pub(super) fn close(&self) {
        self.inner().closed = true;
        self.changed.notify_all();
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn push(&mut self, name: &'static str, data: Arc<str>) {
        self.last += 1;
        self.events.push_back(Told { number: self.last, name, data });
        if self.events.len() > MOST_EVENTS {
            self.events.pop_front();
        }
    }

    fn news(&self, after: u64) -> News {
        let first = self.events.front().map_or(self.last + 1, |told| told.number);
        if after + 1 < first {
            return News::Lost;
        }
        let told = self.events.iter().filter(|told| told.number > after).cloned().collect();
        News::Events { told, nudges: self.nudges }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_reads_on_where_it_was() {
        let hub = Hub::default();
        hub.tell("dap", &json!(1));
        let (_, after) = hub.now();
        hub.output(&json!({"category": "stdout", "output": "hello"}));
        hub.nudge();
        let News::Events { told, nudges } = hub.wait(after, 0, Duration::ZERO) else { panic!() };
        assert_eq!((told.len(), told[0].name, nudges), (1, "output", 1));
        let News::Events { told, .. } = hub.wait(after + 1, 1, Duration::ZERO) else { panic!() };
        assert!(told.is_empty());
        assert_eq!(hub.now().0["output"][0]["output"], "hello");
        for _ in 0..=MOST_EVENTS {
            hub.tell("dap", &json!(2));
        }
        assert!(matches!(hub.wait(after, 1, Duration::ZERO), News::Lost));
        hub.close();
        assert!(matches!(hub.wait(after, 1, Duration::ZERO), News::Closed));
    }
}
