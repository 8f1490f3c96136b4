//! What an app does about the process before it and the process after it.

use std::io;
use std::os::unix::process::parent_id;
use std::process::ExitStatus;
use std::sync::Arc;

use carafe_net::{Lang, Ready};
use tokio::sync::mpsc::UnboundedSender;

use crate::app::Site;
use crate::run::control::Control;
use crate::run::{RunError, lang};
use crate::server::{ListenAddress, Listener};

use super::hangup::Hangup;
use super::origin::Origin;
use super::predecessor::{self, Search};
use super::{Event, Step, systemd};

/// The process before this one, and the one after it.
pub(in crate::run) struct Succession {
    site: Arc<Site>,
    origin: Origin,
    /// Whom this process takes over, and whether it was told yet.
    predecessor: Option<(u32, Ready)>,
    activated: bool,
    handed_over: bool,
    control: Option<Control>,
    hangup: Hangup,
}

impl Succession {
    /// Has to be made before anything changes about the process.
    pub(in crate::run) fn new(site: &Arc<Site>) -> Succession {
        Succession {
            site: site.clone(),
            origin: Origin::note(),
            predecessor: None,
            activated: false,
            handed_over: false,
            control: None,
            hangup: Hangup::default(),
        }
    }

    /// The sockets of the app that runs, if one does: the same app at an address that is wanted.
    pub(in crate::run) fn take_over(
        &mut self,
        wants: &dyn Fn(&ListenAddress) -> bool,
    ) -> Result<Vec<Listener>, RunError> {
        let search = Search {
            name: &self.site.core.name,
            program: self.origin.executable(),
            wants,
            lang: self.lang(),
        };
        let Some(found) = predecessor::take_over(&search)? else { return Ok(Vec::new()) };
        if found.pid == parent_id() {
            self.origin.forget_terminal();
        }
        self.activated = found.activated;
        self.predecessor = Some((found.pid, found.ready));
        Ok(found.listeners)
    }

    /// Whether the service manager opened the sockets that were taken over.
    pub(in crate::run) fn is_activated(&self) -> bool {
        self.activated
    }

    /// Notes whether the service manager opened the sockets: a successor then takes them as they are.
    pub(in crate::run) fn came_from_manager(&mut self, did: bool) {
        self.activated |= did;
    }

    /// Whether the sockets are this process's alone: none is still to end, and none came after it.
    pub(in crate::run) fn owns_sockets(&self) -> bool {
        self.predecessor.is_none() && !self.handed_over
    }

    /// Prepares to hand these sockets on. What happens is told to `events`.
    pub(in crate::run) fn offer(
        &mut self,
        listeners: &[Listener],
        events: &UnboundedSender<Event>,
    ) -> io::Result<()> {
        let control = Control::new(&self.site, &self.origin, listeners, self.activated, events)?;
        self.control = Some(control);
        self.hangup.tell(events.clone());
        Ok(())
    }

    /// This process takes connections: whoever waits for that is told.
    pub(in crate::run) fn serving(&mut self) {
        if let Some(Err(error)) = self.control.as_mut().map(Control::open) {
            tracing::debug!(target: "carafe", "there is no control socket: {error}");
        }
        systemd::ready(self.predecessor.is_some());
        if let Some((pid, ready)) = self.predecessor.take() {
            match ready.tell() {
                Ok(()) => tracing::info!(target: "carafe", "took over from process {pid}"),
                Err(_gone) => tracing::info!(target: "carafe", "process {pid} ended meanwhile"),
            }
        }
    }

    /// SIGHUP.
    pub(in crate::run) fn hangup(&mut self) -> Step {
        match &mut self.control {
            Some(control) => self.hangup.came(&self.origin, control),
            None => Step::GoOn,
        }
    }

    /// What the control socket and the successor tell.
    pub(in crate::run) fn happened(&mut self, event: Event) -> Step {
        match event {
            Event::Accepting => {
                self.serving();
                Step::GoOn
            }
            // `life` knows what follows.
            #[cfg(debug_assertions)]
            Event::ToolGone => Step::GoOn,
            Event::TakenOver(pid) => {
                self.handed_over = true;
                self.hangup.succeeded();
                systemd::handed_over(pid);
                self.retire();
                Step::HandOver(pid)
            }
            Event::GaveUp(pid) => {
                // Of a successor that this process started it is told when it has ended, and how.
                if !self.hangup.is_of(pid) {
                    tracing::error!(target: "carafe", "process {pid} was to take over, but ended before it was ready: this one serves on");
                }
                Step::GoOn
            }
            Event::SuccessorEnded(pid, status) => {
                self.successor_ended(pid, status);
                Step::GoOn
            }
        }
    }

    fn successor_ended(&mut self, pid: u32, status: ExitStatus) {
        if let Some(control) = &self.control {
            control.give_up_on(pid);
        }
        if self.hangup.ended(pid) {
            systemd::still_here();
            tracing::error!(
                target: "carafe",
                "the new process {pid} ended before it was ready ({status}): this one serves on"
            );
        }
    }

    /// The app ends, because someone asked for it.
    pub(in crate::run) fn stopping(&mut self) {
        if !self.hangup.is_over() {
            systemd::stopping();
        }
        self.hangup.call_off();
        self.retire();
    }

    /// Not found any more by those who look for a running app.
    pub(in crate::run) fn retire(&mut self) {
        if let Some(control) = &mut self.control {
            control.retire();
        }
    }

    fn lang(&self) -> Lang {
        lang(self.site.core.config.settings())
    }
}
