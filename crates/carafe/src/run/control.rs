//! What a running app answers at its control socket: who it is, what reaches it, and its listening
//! sockets.
//!
//! One thread waits for callers and gives each a thread of its own, so that one who dawdles keeps
//! nobody waiting. Nothing of it is on a request's way.

mod handover;
mod status;

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use carafe_net::{Caller, ControlSocket};
use serde_json::json;
use tokio::sync::mpsc::UnboundedSender;

use crate::app::Site;
use crate::few;
use crate::server::Listener;

use super::succession::{Event, Origin};

use self::handover::Sockets;

/// The most callers at once.
const CALLERS: usize = 16;

/// The control socket of this process.
pub(super) struct Control {
    state: Arc<State>,
    socket: Option<Arc<ControlSocket>>,
}

/// What answers are made from.
struct State {
    site: Arc<Site>,
    status: String,
    sockets: Sockets,
    events: UnboundedSender<Event>,
    callers: AtomicUsize,
}

impl Control {
    /// Ready to answer for an app that listens here.
    ///
    /// # Errors
    /// When a socket cannot be copied, or asked for its address.
    pub(super) fn new(
        site: &Arc<Site>,
        origin: &Origin,
        listeners: &[Listener],
        activated: bool,
        events: &UnboundedSender<Event>,
    ) -> io::Result<Control> {
        let sockets = Sockets::new(listeners, activated)?;
        let status = status::line(site, origin, &sockets.addresses());
        let (events, callers) = (events.clone(), AtomicUsize::new(0));
        let state = State { site: site.clone(), status, sockets, events, callers };
        Ok(Control { state: Arc::new(state), socket: None })
    }

    /// Answers from now on.
    ///
    /// # Errors
    /// When there can be no control socket, as on a system that is read-only.
    pub(super) fn open(&mut self) -> io::Result<()> {
        if self.socket.as_ref().is_some_and(|socket| socket.is_there()) {
            return Ok(());
        }
        let socket = Arc::new(ControlSocket::open()?);
        self.socket = Some(socket.clone());
        let state = self.state.clone();
        few::spawn("carafe-control", Box::new(move || answer_all(&state, &socket)))?;
        Ok(())
    }

    /// The process that is taking over now, if one is.
    pub(super) fn successor(&self) -> Option<u32> {
        self.state.sockets.successor()
    }

    /// A process that was taking over has ended. Its connection tells that too, perhaps later.
    pub(super) fn give_up_on(&self, pid: u32) {
        self.state.sockets.take_back_from(pid);
    }

    /// Lets go of the listening sockets, and is not found any more.
    pub(super) fn retire(&mut self) {
        self.state.sockets.let_go();
        if let Some(socket) = self.socket.take() {
            socket.retire();
        }
    }
}

fn answer_all(state: &Arc<State>, socket: &ControlSocket) {
    loop {
        match socket.accept() {
            Ok(caller) => give_thread(state, caller),
            Err(error) => {
                tracing::debug!(target: "carafe", "the control socket takes no caller: {error}");
                // The system ran out of something, most likely open files.
                std::thread::sleep(Duration::from_millis(200));
            }
        }
    }
}

fn give_thread(state: &Arc<State>, mut caller: Caller) {
    if state.callers.fetch_add(1, Relaxed) >= CALLERS {
        state.callers.fetch_sub(1, Relaxed);
        return;
    }
    let shared = state.clone();
    let work = move || {
        if let Err(error) = answer(&shared, &mut caller) {
            tracing::debug!(target: "carafe", "process {} was not answered: {error}", caller.pid());
        }
        shared.callers.fetch_sub(1, Relaxed);
    };
    if few::spawn("carafe-answer", Box::new(work)).is_err() {
        state.callers.fetch_sub(1, Relaxed);
    }
}

/// Answers one caller. Each command is one line here.
fn answer(state: &State, caller: &mut Caller) -> io::Result<()> {
    let line = caller.line()?;
    let (command, argument) = line.split_once(' ').unwrap_or((&line, ""));
    match command {
        "status" => caller.answer(&state.status),
        "watch" => caller.answer(&state.site.entrance.watch(argument).to_string()),
        "watches" | "unwatch" => {
            let entrance = &state.site.entrance;
            if command == "unwatch" {
                entrance.unwatch(argument);
            }
            caller.answer(&json!({ "watches": entrance.watches(argument) }).to_string())
        }
        "take-over" => handover::hand_over(&state.sockets, &state.events, caller),
        _ => refuse(caller, &format!("there is no command `{}`", command.escape_debug())),
    }
}

/// Says why there is no other answer.
fn refuse(caller: &mut Caller, why: &str) -> io::Result<()> {
    caller.answer(&json!({ "error": why }).to_string())
}
