//! SIGHUP: the app starts its own program once more, which takes over.

use std::process::Child;
use std::thread::JoinHandle;
use std::time::Duration;

use carafe_net::System;
use tokio::sync::mpsc::UnboundedSender;

use crate::few;
use crate::run::control::Control;

use super::origin::Origin;
use super::{Event, Step, systemd};

/// How long a successor that is not needed any more has to end.
const GRACE: Duration = Duration::from_secs(5);

/// The successor that is being started, if one is.
#[derive(Default)]
pub(super) struct Hangup {
    successor: Option<u32>,
    /// The last one that failed.
    failed: Option<u32>,
    /// This process was taken over.
    over: bool,
    events: Option<UnboundedSender<Event>>,
    /// Ends the successor that was called off.
    ending: Option<JoinHandle<()>>,
}

impl Hangup {
    /// Whom to tell of the successor's end.
    pub(super) fn tell(&mut self, events: UnboundedSender<Event>) {
        self.events = Some(events);
    }

    /// SIGHUP came.
    pub(super) fn came(&mut self, origin: &Origin, control: &mut Control) -> Step {
        if origin.has_lost_terminal() {
            if origin.is_nohup() {
                tracing::info!(target: "carafe", "SIGHUP: the terminal is gone; the app goes on, as it was started by nohup");
                return Step::GoOn;
            }
            return Step::Stop("the terminal was closed");
        }
        if self.over {
            return Step::GoOn;
        }
        if let Some(pid) = self.successor.or_else(|| control.successor()) {
            tracing::warn!(target: "carafe", "SIGHUP: ignored, process {pid} is about to take over already");
            return Step::GoOn;
        }
        if let Err(why) = self.start(origin, control) {
            tracing::error!(target: "carafe", "SIGHUP: no new process was started: {why}; this one serves on");
            systemd::still_here();
        }
        Step::GoOn
    }

    fn start(&mut self, origin: &Origin, control: &mut Control) -> Result<(), String> {
        if std::process::id() == 1 {
            return Err("this one is process 1 of a container, which ends with it".to_owned());
        }
        control.open().map_err(|error| format!("there is no control socket: {error}"))?;
        systemd::reloading();
        let child = origin.start_again().map_err(|error| error.to_string())?;
        let pid = child.id();
        tracing::info!(target: "carafe", "SIGHUP: process {pid} is started to take over");
        self.successor = Some(pid);
        self.watch(child)
    }

    /// Waits for the successor's end, on a thread of its own.
    fn watch(&self, mut child: Child) -> Result<(), String> {
        let events = self.events.clone();
        let wait = move || {
            let pid = child.id();
            if let (Ok(status), Some(events)) = (child.wait(), events) {
                let _ = events.send(Event::SuccessorEnded(pid, status));
            }
        };
        let thread = few::spawn("carafe-successor", Box::new(wait));
        thread.map(|_running| ()).map_err(|error| error.to_string())
    }

    /// Whether this is the successor that is being started, or that has just failed.
    pub(super) fn is_of(&self, pid: u32) -> bool {
        self.successor == Some(pid) || self.failed == Some(pid)
    }

    /// A process has taken over.
    pub(super) fn succeeded(&mut self) {
        self.over = true;
        self.successor = None;
    }

    /// Whether one has.
    pub(super) fn is_over(&self) -> bool {
        self.over
    }

    /// A successor has ended; whether it had not taken over.
    pub(super) fn ended(&mut self, pid: u32) -> bool {
        let ended = self.successor.take_if(|successor| *successor == pid);
        self.failed = ended.or(self.failed);
        ended.is_some()
    }

    /// The app is to end, and so is the successor that is starting up.
    pub(super) fn call_off(&mut self) {
        let successor = self.successor.take();
        let Some(process) = successor.and_then(|pid| carafe_net::process(&System::this(), pid))
        else {
            return;
        };
        let end = move || {
            if let Err(error) = carafe_net::stop(&process, GRACE) {
                tracing::debug!(target: "carafe", "process {} was not ended: {error:?}", process.pid);
            }
        };
        self.ending = few::spawn("carafe-ending", Box::new(end)).ok();
    }
}

impl Drop for Hangup {
    /// This process does not end before the successor that it called off.
    fn drop(&mut self) {
        if let Some(thread) = self.ending.take() {
            let _ = thread.join();
        }
    }
}
