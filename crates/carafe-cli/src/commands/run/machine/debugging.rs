//! From running to debugging, by the key `d` or because the page of requests was asked to debug one of them.
//!
//! The app that serves goes on while it is built once more, with all that a debugger reads. That build is
//! started under the debugger, on the same sockets; when it listens, the other one finishes. What does not
//! compile or start leaves everything as it was. From then on the session decides about the app, and the page
//! shows it; where it ends, this tool answers in its place, and the key `r` runs it as before.

use std::ffi::OsString;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use serde_json::{Value, json};

use super::super::handout::{self, Handout};
use super::super::holding::State;
use super::ear::Ear;
use super::{Event, Machine};
use crate::app::project::Project;
use crate::channel::{self, Channel};
use crate::debug::{Seat, Session};
use crate::output;
use crate::page::{self, Page, Setup};

/// Whoever waits until the app runs under the debugger.
pub(super) type Asked = Sender<Result<(), String>>;

/// What a session tells.
pub(super) enum Told {
    /// The app was not built or not started, for this reason.
    Failed(String),
    /// The app has ended, with this code where the debugger knows it.
    Ended(Option<i64>),
}

/// A session beside the run.
pub(super) struct Debugging {
    session: Arc<Session>,
    seat: Arc<Seat>,
    launch: Value,
    app: Debugged,
    /// It was started once, so that it is started again now.
    again: bool,
    waiting: Vec<Asked>,
}

/// The app of the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Debugged {
    /// It is built or started.
    Comes,
    /// It listens, and has this number in the channel.
    Serves(u64),
    /// There is none.
    Gone,
}

/// The page of requests, from which one of them can be debugged. Without it the app runs as well.
pub(super) fn page(
    project: &Project,
    channel: &Arc<Channel>,
    tell: &Sender<Event>,
) -> Option<Page> {
    let tell = tell.clone();
    let debug = move || {
        let (asked, answered): (Asked, Receiver<_>) = self::channel();
        let gone = "the tool is ending";
        tell.send(Event::Debug(Some(asked))).map_err(|_| gone)?;
        answered.recv().map_err(|_| gone)?
    };
    let setup = Setup {
        channel: Some(channel.clone()),
        workspace: project.workspace.clone(),
        port: None,
        debug: Some(Arc::new(debug)),
    };
    page::start(setup).inspect_err(|words| output::note(words)).ok()
}

impl Machine<'_> {
    /// Whether the app is the session's.
    pub(super) fn is_debugged(&self) -> bool {
        self.debugging.as_ref().is_some_and(|debugging| debugging.app != Debugged::Gone)
    }

    /// Sees to it that the app runs under a debugger.
    pub(super) fn debug(&mut self, asked: Option<Asked>) {
        if self.ending.is_some() {
            return;
        }
        if self.debugging.is_none()
            && let Err(words) = self.begin_debugging()
        {
            self.screen.say(&format!("error: {words}"));
            asked.into_iter().for_each(|asked| drop(asked.send(Err(words.clone()))));
            return;
        }
        if let Some(debugging) = &mut self.debugging {
            debugging.waiting.extend(asked);
            if debugging.app == Debugged::Gone {
                self.building = None;
                debugging.start(&self.tell);
            }
        }
        self.answer_waiting();
    }

    /// The key `d`.
    pub(super) fn switch_to_debugging(&mut self) {
        match self.is_debugged() {
            true => self.screen.say("the app is debugged already"),
            false => {
                self.screen.say("switching to debugging");
                self.debug(None);
            }
        }
        if let Some(page) = self.page.as_ref().filter(|_| self.debugging.is_some()) {
            self.show(&page.url());
        }
    }

    fn begin_debugging(&mut self) -> Result<(), String> {
        let launch = super::super::debug::launch(self.args, &self.project, self.lang)?;
        if self.page.is_none() {
            // A release build has none.
            self.page = page(&self.project, &self.channel, &self.tell);
        }
        let page = self.page.as_ref().ok_or("the debugger's page cannot be served")?;
        let folder = self.channel.path().parent().unwrap_or(std::path::Path::new("/"));
        let handout = self.handles().and_then(|sockets| Handout::start(folder, sockets));
        let handout =
            handout.map_err(|error| format!("the app's sockets cannot be handed on: {error}"))?;
        let session = Session::new();
        session.keep(&self.project.workspace);
        session.always_env(self.debugged_env(page, &handout));
        page.starts_by(&launch);
        let (screen, channel) = (self.screen.clone(), self.channel.clone());
        let workspace = self.project.workspace.clone();
        let seat =
            Ear { screen, channel, workspace, tell: self.tell.clone(), handout }.join(&session);
        page.attach(&session);
        let (app, waiting) = (Debugged::Gone, Vec::new());
        self.debugging = Some(Debugging { session, seat, launch, app, again: false, waiting });
        Ok(())
    }

    fn debugged_env(&self, page: &Page, handout: &Handout) -> Vec<(String, String)> {
        let mut env: Vec<(&str, OsString)> = vec![
            (channel::VARIABLE, self.channel.path().into()),
            (page::VARIABLE, page.origin().into()),
            (handout::VARIABLE, handout.path().into()),
        ];
        env.extend(self.told_of_screen());
        // The paths are our own, of a folder for temporary files.
        let text = |(name, value): (&str, OsString)| {
            (name.to_owned(), value.to_string_lossy().into_owned())
        };
        env.into_iter().map(text).collect()
    }

    /// The key `r`: the session builds and starts anew.
    pub(super) fn rebuild_debugged(&mut self) {
        if let Some(debugging) = &mut self.debugging {
            debugging.start(&self.tell);
        }
    }

    /// An app is connected that the session has started: the other one finishes.
    pub(super) fn met_debugged(&mut self, app: &channel::App) {
        if self.apps.has(app.pid) || self.ending.is_some() {
            return;
        }
        let Some(debugging) = &mut self.debugging else { return };
        (debugging.app, debugging.again) = (Debugged::Serves(app.number), true);
        self.building = None;
        self.holding = None;
        self.failure = None;
        self.screen.progress("");
        self.screen.say("the app runs under the debugger");
        self.leave_current();
    }

    /// An app's connection has ended.
    pub(super) fn lost(&mut self, number: u64) {
        let Some(debugging) = &mut self.debugging else { return };
        if debugging.app == Debugged::Serves(number) {
            // Until the session tells that it has ended, another one comes.
            debugging.app = Debugged::Comes;
            self.hold(State::Building(0, 0));
        }
    }

    pub(super) fn debugging_told(&mut self, told: Told) {
        let Some(debugging) = self.debugging.as_mut().filter(|_| self.ending.is_none()) else {
            return;
        };
        debugging.app = Debugged::Gone;
        let why = match told {
            Told::Failed(words) => {
                self.page.iter().for_each(|page| page.failed(&words));
                words
            }
            Told::Ended(code) => {
                let code = code.map(|code| format!(" with code {code}")).unwrap_or_default();
                format!("{} has ended{code}, under the debugger", self.project.program)
            }
        };
        for asked in debugging.waiting.drain(..) {
            let _ = asked.send(Err(why.clone()));
        }
        if self.apps.serves() {
            self.screen.say(&format!("{why}\n\nit serves on without a debugger"));
            return;
        }
        self.screen.say(&format!("{why}; the key d debugs it again, r runs it without a debugger"));
        self.fail(why, Vec::new());
    }

    /// Those who wait, once no request can reach another app any more.
    pub(super) fn answer_waiting(&mut self) {
        let is_alone = self.apps.are_gone();
        if let Some(debugging) = &mut self.debugging
            && let (Debugged::Serves(_), true) = (debugging.app, is_alone)
        {
            debugging.waiting.drain(..).for_each(|asked| drop(asked.send(Ok(()))));
        }
    }

    /// The debugger and its app end.
    pub(super) fn stop_debugging(&mut self) {
        if let Some(debugging) = self.debugging.take() {
            debugging.session.stop();
            debugging.seat.leave();
        }
    }
}

impl Debugging {
    /// Builds the app and starts it; how that went is told.
    fn start(&mut self, tell: &Sender<Event>) {
        if self.app == Debugged::Gone {
            self.app = Debugged::Comes;
        }
        let (seat, tell) = (self.seat.clone(), tell.clone());
        let (command, arguments) = match self.again {
            true => ("restart", json!({})),
            false => ("launch", self.launch.clone()),
        };
        thread::spawn(move || {
            if let Err(words) = seat.ask(command, &arguments) {
                let _ = tell.send(Event::Debugging(Told::Failed(words)));
            }
        });
    }
}
