//! The app's processes: the one that serves, the next one that starts beside it, and those that finish.

use std::ffi::OsString;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use serde_json::{Value, json};

use super::super::holding::State;
use super::super::screen::seconds;
use super::{Event, Machine};
use crate::app::process::{App, End, Launch, Said};
use crate::channel::{self, Channel};
use crate::page;

/// How long connections that are in use are given to end by themselves, with their next answer, before idle
/// ones are closed. A browser would otherwise ask the old build once more.
const GENTLE: Duration = Duration::from_millis(60);

/// How long the app has to pass `reload` on to its pages. One that misses it finds the new app by itself,
/// a quarter of a second later.
const TOLD: Duration = Duration::from_millis(10);

/// What tells one program from another in the same place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp(Option<(SystemTime, u64)>);

impl Stamp {
    pub(super) fn of(program: &Path) -> Stamp {
        let metadata = program.metadata().ok();
        Stamp(metadata.and_then(|metadata| Some((metadata.modified().ok()?, metadata.len()))))
    }
}

/// A process.
struct Process {
    number: u64,
    app: Arc<App>,
    since: Instant,
}

/// All processes of the app.
#[derive(Default)]
pub(super) struct Apps {
    count: u64,
    /// The one that takes requests.
    current: Option<Process>,
    /// One that is not ready yet.
    next: Option<Process>,
    /// Those that finish their requests.
    leaving: Vec<Process>,
    /// Whether the banner has been shown.
    has_banner: bool,
    /// How the build went, to be said when its app is ready.
    pub(super) built: Option<String>,
    routes: Value,
}

impl Apps {
    /// Whether one takes requests.
    pub(super) fn serves(&self) -> bool {
        self.current.is_some()
    }

    pub(super) fn starts(&self) -> bool {
        self.next.is_some()
    }

    pub(super) fn starting_for(&self) -> Option<Duration> {
        self.next.as_ref().map(|next| next.since.elapsed())
    }

    /// Whether none is left.
    pub(super) fn are_gone(&self) -> bool {
        self.current.is_none() && self.next.is_none() && self.leaving.is_empty()
    }

    /// Whether a process is one of them.
    pub(super) fn has(&self, pid: u32) -> bool {
        let one = self.current.iter().chain(&self.next).chain(&self.leaving);
        one.into_iter().any(|process| process.app.pid() == pid)
    }

    /// Asks all of them to finish.
    pub(super) fn end(&mut self) {
        let all = self.current.take().into_iter().chain(self.next.take());
        for process in all {
            process.app.ask_to_end();
            self.leaving.push(process);
        }
    }

    /// Ends all of them at once.
    pub(super) fn kill(&mut self) {
        self.end();
        self.leaving.iter().for_each(|process| process.app.kill());
    }

    /// The next app tells where it is.
    pub(super) fn forget_banner(&mut self) {
        self.has_banner = false;
    }

    /// An app has told of itself.
    pub(super) fn met(&mut self, app: &channel::App) {
        self.routes = app.routes.clone();
    }

    /// Where the app serves its folder `static`, by the rule of that endpoint.
    pub(super) fn static_path(&self) -> &str {
        let mut routes = self.routes.as_array().into_iter().flatten();
        let rule = routes.find(|route| route["endpoint"] == "static");
        let rule = rule.and_then(|route| route["rule"].as_str()).unwrap_or("/static/");
        rule.split('<').next().unwrap_or(rule)
    }
}

impl Machine<'_> {
    /// Starts the program that was built last, on the same sockets, beside the one that serves.
    pub(super) fn start_app(&mut self) {
        let Some((program, _)) = self.program.clone() else { return };
        if let Some(outdated) = self.apps.next.take() {
            outdated.app.kill();
            self.apps.leaving.push(outdated);
        }
        self.forced = false;
        self.apps.count += 1;
        let (number, tell) = (self.apps.count, self.tell.clone());
        let started = self.handles().and_then(|sockets| {
            let launch = Launch {
                program: &program,
                arguments: &self.args.app(self.lang),
                env: self.env(),
                sockets,
                folder: self.channel.path().parent().unwrap_or(Path::new("/")),
                // A full speed no line goes through another process.
                heard: !self.how.release,
            };
            App::start(launch, move |said| drop(tell.send(Event::App(number, said))))
        });
        match started {
            Ok(app) => {
                self.apps.next =
                    Some(Process { number, app: Arc::new(app), since: Instant::now() });
            }
            Err(error) => {
                let why = format!("{} cannot be started: {error}", self.project.program);
                self.screen.say(&why);
                self.fail(why, Vec::new());
            }
        }
    }

    fn env(&self) -> Vec<(&'static str, OsString)> {
        let mut env = Vec::new();
        // A release build reads nothing of the tool's.
        if !self.how.release {
            env.push((channel::VARIABLE, self.channel.path().into()));
            env.extend(self.page.iter().map(|page| (page::VARIABLE, page.origin().into())));
            env.extend(self.told_of_screen());
        }
        env
    }

    /// What an app's lines are to be, and whether its banner was seen.
    pub(super) fn told_of_screen(&self) -> Vec<(&'static str, OsString)> {
        let all = [
            ("CARAFE_TOOL_REBUILT", self.apps.has_banner),
            ("CARAFE_TOOL_COLOUR", self.screen.has_colour()),
        ];
        all.into_iter().filter(|(_, is)| *is).map(|(name, _)| (name, "1".into())).collect()
    }

    pub(super) fn app_said(&mut self, number: u64, said: Said) {
        match said {
            Said::Out(line) => self.screen.pass_on(&line),
            Said::Err(line) => self.screen.say(&line),
            Said::Ready => self.ready(number),
            Said::Ended(end) => self.app_ended(number, &end),
        }
    }

    /// A new app takes connections: the old one finishes.
    fn ready(&mut self, number: u64) {
        let Some(next) = self.apps.next.take_if(|next| next.number == number) else { return };
        self.holding = None;
        let is_first = !std::mem::replace(&mut self.apps.has_banner, true);
        let took = next.since.elapsed();
        let old = self.apps.current.replace(next);
        self.failure = None;
        self.screen.progress("");
        match self.apps.built.take() {
            Some(built) => self.screen.say(&format!("{built}, ready after {} more", seconds(took))),
            None if !is_first => self.screen.say(&format!("restarted in {}", seconds(took))),
            None => {}
        }
        match old {
            Some(old) => self.leave(old),
            None => self.clear_failure(),
        }
        if is_first {
            self.greet();
        }
    }

    /// Has an app finish that another one has taken the place of.
    fn leave(&mut self, old: Process) {
        let (app, channel) = (old.app.clone(), self.channel.clone());
        self.apps.leaving.push(old);
        thread::spawn(move || hand_over(&app, &channel));
    }

    /// None of these apps is to take requests any more: a debugged one does.
    pub(super) fn leave_current(&mut self) {
        if let Some(next) = self.apps.next.take() {
            next.app.kill();
            self.apps.leaving.push(next);
        }
        if let Some(current) = self.apps.current.take() {
            self.leave(current);
        }
    }

    /// What is worth knowing once.
    fn greet(&mut self) {
        if self.args.qr {
            self.screen.say(&self.sockets.code());
        }
        if self.keys.is_some() {
            self.screen.say("  r rebuilds, o opens the browser, h lists all keys\n");
        }
        if self.args.open {
            self.open();
        }
    }

    fn app_ended(&mut self, number: u64, end: &End) {
        let is = |process: &mut Process| process.number == number;
        let name = &self.project.program;
        let why = if self.apps.next.take_if(is).is_some() {
            format!("{name} has ended at its start: {}", end.how)
        } else if self.apps.current.take_if(is).is_some() {
            format!("{name} has ended: {}", end.how)
        } else {
            self.apps.leaving.retain(|process| process.number != number);
            if self.moving.is_some() && self.apps.are_gone() {
                self.moved();
            }
            return;
        };
        if self.ending.is_some() {
            return;
        }
        if !self.args.follows() && !self.apps.serves() && self.keys.is_none() {
            // Nobody can mend it here: whoever started the tool learns how it went.
            self.screen.say(&why);
            self.stop(end.code);
            return;
        }
        let still = match (self.apps.serves(), self.args.follows()) {
            (true, _) => "; the build before it serves on",
            (false, true) => "; it is started again after the next save, or by the key r",
            (false, false) => "; the key r starts it again",
        };
        self.screen.say(&format!("{why}{still}"));
        if !self.apps.serves() {
            self.hold(State::Building(0, 0));
        }
        self.fail(why, end.last.clone());
    }
}

/// Has the old process finish: connections in use end with their next answer, then idle ones at once.
/// Pages that it has shown are told to reload when none of their connections leads to it any more.
fn hand_over(app: &App, channel: &Channel) {
    let running = carafe_net::running().into_iter().find(|running| running.pid == app.pid());
    let told = running.and_then(|running| {
        let (_sockets, ready) = running.take_over().ok()?.into_parts();
        ready.tell().ok()
    });
    if told.is_some() {
        thread::sleep(GENTLE);
    }
    channel.send_to(app.pid(), &json!({"command": "reload"}));
    thread::sleep(TOLD);
    app.ask_to_end();
}
