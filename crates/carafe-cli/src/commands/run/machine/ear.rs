//! [`Ear`]: `carafe run` as a client of the session in which its app is debugged.

use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, OnceLock, Weak};
use std::thread;

use serde_json::{Value, json};

use super::super::handout::Handout;
use super::super::screen::Screen;
use super::Event;
use super::debugging::Told;
use crate::channel::Channel;
use crate::debug::{Client, Seat, Session};

/// What a session says is passed on to whoever it concerns: terminal, browsers, the machine.
pub(super) struct Ear {
    pub(super) screen: Arc<Screen>,
    pub(super) channel: Arc<Channel>,
    /// Diagnostics name files from here.
    pub(super) workspace: PathBuf,
    pub(super) tell: Sender<Event>,
    pub(super) handout: Handout,
}

/// No exit code is known.
const NONE: i64 = i64::MIN;

struct Listening {
    ear: Ear,
    seat: OnceLock<Weak<Seat>>,
    code: AtomicI64,
}

impl Ear {
    /// Takes a place in the session.
    pub(super) fn join(self, session: &Arc<Session>) -> Arc<Seat> {
        let (seat, code) = (OnceLock::new(), AtomicI64::new(NONE));
        let listening = Arc::new(Listening { ear: self, seat, code });
        let seat = Arc::new(session.join(listening.clone()));
        let _ = listening.seat.set(Arc::downgrade(&seat));
        seat
    }

    fn output(&self, body: &Value) {
        let text = body["output"].as_str().unwrap_or_default();
        match body["category"].as_str() {
            // Pieces end with their line.
            Some("stdout") => self.screen.pass_on(text.trim_end_matches(['\r', '\n'])),
            _ => self.screen.say(text),
        }
    }

    /// In browsers, as with any build.
    fn build(&self, body: &Value) {
        let mut told = body.clone();
        told["command"] = json!("build");
        if let Some(diagnostics) = told["diagnostics"].as_array_mut() {
            // Warnings are in the terminal.
            diagnostics.retain(|diagnostic| diagnostic["level"] == "error");
        }
        for diagnostic in told["diagnostics"].as_array_mut().into_iter().flatten() {
            if let Some(file) = diagnostic["file"].as_str() {
                diagnostic["file"] = json!(self.workspace.join(file));
            }
        }
        self.channel.send(&told);
    }
}

impl Client for Listening {
    fn tell(&self, event: &str, body: &Value) {
        match event {
            "output" => self.ear.output(body),
            "carafe/build" => self.ear.build(body),
            "carafe/phase" if body["phase"] == "starting" => {
                self.code.store(NONE, Ordering::Relaxed);
                self.ear.handout.allow();
            }
            // Breakpoints are the session's own; nothing has to be waited for.
            "initialized" => {
                let Some(seat) = self.seat.get().and_then(Weak::upgrade) else { return };
                let screen = self.ear.screen.clone();
                thread::spawn(move || {
                    if let Err(words) = seat.ask("configurationDone", &json!({})) {
                        screen.say(&words);
                    }
                });
            }
            "exited" => {
                self.code.store(body["exitCode"].as_i64().unwrap_or(NONE), Ordering::Relaxed);
            }
            "terminated" => {
                let code = Some(self.code.load(Ordering::Relaxed)).filter(|code| *code != NONE);
                let _ = self.ear.tell.send(Event::Debugging(Told::Ended(code)));
            }
            _ => {}
        }
    }

    fn is_tool(&self) -> bool {
        true
    }
}
