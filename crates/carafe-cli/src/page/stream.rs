//! A page's stream of events: what it has to know at first, and then what is new.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use carafe::sse::{self, Event, EventStream, Gone};
use serde_json::{Value, json};

use super::hub::News;
use super::{Shared, client, detail};

/// How long a thread waits before it looks whether its page is still there.
const LOOK: Duration = Duration::from_secs(5);
/// Requests are told in bundles: a page has no use for more than twenty a second.
const BUNDLE: Duration = Duration::from_millis(50);
/// The most requests in one event.
const MOST: usize = 500;

/// Begins a stream, with a thread of its own.
pub(super) fn open(shared: &Arc<Shared>) -> EventStream {
    let (sender, stream) = sse::channel();
    let shared = shared.clone();
    thread::spawn(move || {
        shared.watching.fetch_add(1, Ordering::Relaxed);
        // The page that goes away ends it; so does the tool.
        let _ = Page { shared: &shared, sender: &sender, version: 0 }.serve();
        shared.watching.fetch_sub(1, Ordering::Relaxed);
    });
    stream
}

/// A page that listens.
struct Page<'a> {
    shared: &'a Shared,
    sender: &'a sse::Sender,
    /// What it knows of the requests.
    version: u64,
}

impl Page<'_> {
    fn serve(&mut self) -> Result<(), Gone> {
        let (known, mut after) = self.shared.hub.now();
        self.send("hello", &hello(self.shared, known))?;
        let mut seen = 0;
        self.requests()?;
        loop {
            if self.sender.is_closed() {
                return Err(Gone);
            }
            match self.shared.hub.wait(after, seen, LOOK) {
                News::Closed => return Ok(()),
                // It begins anew, and reads everything from the start.
                News::Lost => return Ok(()),
                News::Events { told, nudges } => {
                    for told in told {
                        after = told.number();
                        self.text(told.name, told.data.to_string())?;
                    }
                    if nudges > seen {
                        seen = nudges;
                        self.requests()?;
                        // More of them are on their way, perhaps thousands.
                        thread::sleep(BUNDLE);
                    }
                }
            }
        }
    }

    /// The requests that are new or have changed.
    fn requests(&mut self) -> Result<(), Gone> {
        let Some(channel) = &self.shared.channel else { return Ok(()) };
        let changed = {
            let log = channel.log();
            let changed = log.changed_since(self.version);
            self.version = log.version();
            changed
        };
        for bundle in changed.chunks(MOST) {
            let shown: Value = bundle.iter().map(detail::summary).collect();
            self.send("requests", &shown)?;
        }
        Ok(())
    }

    fn send(&self, name: &str, data: &Value) -> Result<(), Gone> {
        self.text(name, data.to_string())
    }

    fn text(&self, name: &str, data: String) -> Result<(), Gone> {
        self.sender.send_blocking(Event::data(data).event(name))
    }
}

/// What a page has to know at first.
fn hello(shared: &Shared, mut known: Value) -> Value {
    let apps = shared.channel.as_ref().map(|channel| channel.apps()).unwrap_or_default();
    known["app"] = apps.last().map_or(Value::Null, client::app);
    known["root"] = json!(shared.files.root());
    known["session"] = json!(shared.seat().is_some());
    known["canDebug"] = json!(shared.seat().is_some() || shared.debug.is_some());
    known["points"] = shared.ask("carafe/state", &json!({})).unwrap_or_default();
    known
}
