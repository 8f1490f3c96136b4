//! What browsers see while the app does not run, or not in its newest state.

use std::os::fd::OwnedFd;

use serde_json::json;

use super::super::holding::{Holding, State};
use super::Machine;
use crate::app::diagnostic::Diagnostic;

impl Machine<'_> {
    /// Answers on the sockets, as no app does.
    pub(super) fn hold(&mut self, state: State) {
        match &self.holding {
            Some(holding) => holding.set(state),
            None => match self
                .handles()
                .and_then(|sockets| Holding::start(&self.project.program, sockets, state))
            {
                Ok(holding) => self.holding = Some(holding),
                Err(error) => self.screen.say(&format!("nobody answers meanwhile: {error}")),
            },
        }
    }

    /// The sockets once more, for another process or thread.
    pub(super) fn handles(&self) -> std::io::Result<Vec<OwnedFd>> {
        self.sockets.handles().map(|socket| socket.try_clone_to_owned()).collect()
    }

    /// Why the app does not run, or not in its newest state: in browsers. The terminal has been told.
    pub(super) fn fail(&mut self, why: String, last: Vec<String>) {
        let diagnostics = self.diagnostics.clone();
        let state = State::Failed { why, diagnostics, last };
        self.failure = Some(state.clone());
        if self.apps.serves() {
            self.tell_failure();
        } else {
            self.hold(state);
        }
    }

    pub(super) fn tell_failure(&self) {
        let Some(State::Failed { why, diagnostics, last }) = &self.failure else { return };
        let mut all: Vec<_> =
            diagnostics.iter().filter(|one| one.is_error()).map(Diagnostic::to_json).collect();
        if all.is_empty() {
            let rendered = format!("{why}\n{}\n", last.join("\n"));
            let told = Diagnostic {
                level: "error".to_owned(),
                message: why.clone(),
                rendered,
                place: None,
            };
            all.push(told.to_json());
        }
        self.channel.send(&json!({"command": "build", "state": "failed", "diagnostics": all}));
    }
}
