//! [`Watcher`]: the page as a client of a session.

use std::sync::Weak;

use serde_json::{Value, json};

use crate::channel::App;
use crate::debug::Client;

use super::Shared;

/// Hears the session's events for all pages.
pub(super) struct Watcher {
    shared: Weak<Shared>,
}

impl Watcher {
    pub(super) fn new(shared: Weak<Shared>) -> Watcher {
        Watcher { shared }
    }
}

impl Client for Watcher {
    fn tell(&self, event: &str, body: &Value) {
        let Some(shared) = self.shared.upgrade() else { return };
        match event {
            "output" => shared.hub.output(body),
            "carafe/points" => shared.hub.tell("points", body),
            // What pages need of it is in the status.
            "breakpoint" | "initialized" => {}
            _ => shared.hub.hears(event, body),
        }
    }

    fn is_tool(&self) -> bool {
        true
    }
}

/// An app, as pages see it.
pub(super) fn app(app: &App) -> Value {
    json!({
        "number": app.number, "pid": app.pid, "name": app.name, "root": app.root, "urls": app.urls,
        "routes": app.routes,
    })
}
