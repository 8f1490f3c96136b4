//! The life of `carafe run`: what happens, and what follows from it.
//!
//! One thread decides; all others only tell it what happened. Builds are in `machine/builds.rs`, the app's
//! processes in `machine/apps.rs`, its debugger in `machine/debugging.rs`, and what browsers see while it does
//! not run in `machine/meanwhile.rs`.

mod apps;
mod builds;
mod debugging;
mod ear;
mod meanwhile;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use carafe::__tool::Sockets;
use carafe::config::Config;
use serde_json::json;

use self::apps::{Apps, Stamp};
use self::builds::Building;
use self::debugging::{Asked, Debugging};
use super::holding::{Holding, State};
use super::keys::{HELP, Key, Keys};
use super::screen::{Screen, bar, seconds};
use super::signals::Signal;
use super::{Args, settings, signals};
use crate::app::build::{self, How, Told};
use crate::app::change::Changes;
use crate::app::diagnostic::Diagnostic;
use crate::app::process::Said;
use crate::app::project::{NotFound, Project, Wanted};
use crate::app::watch::Watch;
use crate::channel::{self, Channel};
use crate::output;
use crate::page::Page;

/// What happens.
enum Event {
    /// The build of this number tells.
    Build(u64, Told),
    /// The app of this number tells.
    App(u64, Said),
    /// Files were saved.
    Saved(Changes),
    Key(Key),
    Signal(Signal),
    /// An app is connected.
    Hello(channel::App),
    /// Where the program wants to listen.
    Asked(Box<Config>),
    /// The folders of the packages that the app depends on.
    Folders(Vec<PathBuf>),
    /// The app with this number in the channel is not connected any more.
    Lost(u64),
    /// The app is to be debugged; somebody may wait for it.
    Debug(Option<Asked>),
    /// The session of the debugger tells.
    Debugging(debugging::Told),
}

/// How often the line of progress is drawn anew.
const TICK: Duration = Duration::from_millis(100);
/// A build tells in between where nobody sees the line of progress.
const REPORT: Duration = Duration::from_secs(10);

/// What `carafe run` knows.
struct Machine<'a> {
    args: &'a Args,
    lang: Option<&'a str>,
    project: Project,
    how: How,
    screen: Arc<Screen>,
    tell: Sender<Event>,
    /// Where the sockets are, and the sockets.
    place: Config,
    sockets: Sockets,
    channel: Arc<Channel>,
    /// The page that lists requests.
    page: Option<Page>,
    debugging: Option<Debugging>,
    holding: Option<Holding>,
    keys: Option<Keys>,
    watch: Option<Watch>,
    building: Option<Building>,
    builds: u64,
    /// What the compiler said in the last build, and why there is no newer app than the one that serves.
    diagnostics: Vec<Diagnostic>,
    failure: Option<State>,
    /// A file that the last build is for.
    saved: Option<PathBuf>,
    apps: Apps,
    /// The program that was built last.
    program: Option<(PathBuf, Stamp)>,
    /// The next app is started even if its program is the one that runs.
    forced: bool,
    /// The sockets are to be opened anew, elsewhere, once the app has ended.
    moving: Option<Config>,
    /// The tool ends with this status, when all apps have ended.
    ending: Option<u8>,
}

/// Serves the app until the end.
///
/// # Errors
/// Why it cannot, in words for people.
pub(super) fn run(args: &Args, lang: Option<&str>) -> Result<ExitCode, String> {
    let project = project(args)?;
    let how = How { release: args.release, arguments: args.cargo() };
    let program = build::program(&project, &how);
    // What the last build says is what the next one most likely says, too; see `Event::Asked`.
    let asked = settings::ask(&program, &args.sets(lang));
    let place = match asked {
        Some(place) => place,
        None => settings::read(&project.folder, &args.given(lang), args.release)?,
    };
    let sockets = carafe::__tool::open(&place, args.take_port)?;
    let (tell, told) = channel();
    let events = tell.clone();
    signals::catch(move |signal| drop(events.send(Event::Signal(signal))))
        .map_err(|error| format!("signals cannot be caught: {error}"))?;
    let channel = Channel::open()?;
    let events = tell.clone();
    channel.hear(move |told| {
        let event = match told {
            channel::Told::Hello(app) => Event::Hello(app.clone()),
            channel::Told::Gone(number) => Event::Lost(*number),
            _ => return,
        };
        let _ = events.send(event);
    });
    let page = match args.release {
        true => None,
        false => debugging::page(&project, &channel, &tell),
    };
    let mut machine = Machine {
        args,
        lang,
        project,
        how,
        screen: Arc::new(Screen::new()),
        tell,
        place,
        sockets,
        channel,
        page,
        debugging: None,
        holding: None,
        keys: None,
        watch: None,
        building: None,
        builds: 0,
        diagnostics: Vec::new(),
        failure: None,
        saved: None,
        apps: Apps::default(),
        program: None,
        forced: false,
        moving: None,
        ending: None,
    };
    machine.begin()?;
    let status = machine.live(&told);
    machine.screen.progress("");
    Ok(status.into())
}

/// The app that is meant; where several may be, and somebody can be asked, they are.
fn project(args: &Args) -> Result<Project, String> {
    let here =
        std::env::current_dir().map_err(|error| format!("there is no current folder: {error}"))?;
    let mut wanted = Wanted {
        package: args.package.clone(),
        bin: args.bin.clone(),
        example: args.example.clone(),
    };
    // A package, then a program of it.
    for _ in 0..2 {
        match Project::find(&wanted, &here) {
            Err(NotFound::Several { what, option, names }) if output::can_ask() => {
                let chosen = output::choose(&format!("there are several {what} here"), &names)
                    .ok_or_else(|| NotFound::Several { what, option, names }.words())?;
                match option {
                    "--bin" => wanted.bin = Some(chosen),
                    _ => wanted.package = Some(chosen),
                }
            }
            found => return found.map_err(|error| error.words()),
        }
    }
    Project::find(&wanted, &here).map_err(|error| error.words())
}

impl Machine<'_> {
    fn begin(&mut self) -> Result<(), String> {
        self.hold(State::Building(0, 0));
        if self.args.follows() {
            let tell = self.tell.clone();
            self.watch = Some(Watch::start(&self.project.folder, move |changes| {
                let _ = tell.send(Event::Saved(changes));
            })?);
        }
        self.listen_to_keys();
        self.build()
    }

    /// Until all apps have ended after the tool was to end.
    fn live(&mut self, told: &Receiver<Event>) -> u8 {
        loop {
            if let Some(ending) = self.ending.filter(|_| self.apps.are_gone()) {
                return ending;
            }
            let event = match self.waits_for_something() {
                true => told.recv_timeout(TICK),
                false => told.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            match event {
                Ok(event) => self.happened(event),
                Err(RecvTimeoutError::Timeout) => {}
                // Never, as this machine can tell itself.
                Err(RecvTimeoutError::Disconnected) => return 1,
            }
            self.answer_waiting();
            self.show_progress();
        }
    }

    fn happened(&mut self, event: Event) {
        match event {
            Event::Build(number, told) => self.build_told(number, told),
            Event::App(number, said) => self.app_said(number, said),
            Event::Saved(changes) => self.saved(changes),
            Event::Key(key) => self.pressed(key),
            Event::Signal(Signal::Resumed) => self.keys.iter().for_each(Keys::resume),
            Event::Signal(Signal::End(why)) => self.asked_to_end(why),
            Event::Hello(app) => self.met(&app),
            Event::Asked(place) => self.move_to(*place),
            Event::Lost(number) => self.lost(number),
            Event::Debug(asked) => self.debug(asked),
            Event::Debugging(told) => self.debugging_told(told),
            Event::Folders(folders) => {
                self.watch.iter().for_each(|watch| watch.add(folders.clone()))
            }
        }
    }

    fn saved(&mut self, changes: Changes) {
        if self.ending.is_some() {
            return;
        }
        if self.is_debugged() && (changes.code || changes.config) {
            self.screen.say("saved; the key r builds and starts it again under the debugger");
            return;
        }
        if changes.code {
            self.saved = changes.example;
            self.rebuild();
            return;
        }
        if changes.config {
            self.saved = changes.example;
            self.forced = true;
            // A build that runs ends with a start of its own.
            if self.building.is_none() {
                self.restart();
            }
            return;
        }
        self.refresh(&changes);
    }

    /// Has browsers show what is read for each request.
    fn refresh(&self, changes: &Changes) {
        if changes.pages {
            self.channel.send(&json!({"command": "reload"}));
            return;
        }
        for style in &changes.styles {
            let path = format!("{}{style}", self.apps.static_path());
            self.channel.send(&json!({"command": "css", "path": path}));
        }
    }

    fn pressed(&mut self, key: Key) {
        match key {
            Key::Rebuild if self.is_debugged() => self.rebuild_debugged(),
            Key::Rebuild => {
                self.saved = None;
                self.forced = true;
                self.rebuild();
            }
            Key::Open => self.open(),
            Key::Code => self.screen.say(&self.sockets.code()),
            Key::Page => match &self.page {
                Some(page) => self.show(&page.url()),
                None => self.screen.say("there is no page of requests with `--release`"),
            },
            Key::Debug => self.switch_to_debugging(),
            Key::Clear => self.screen.clear(),
            Key::Help => self.screen.say(HELP),
        }
    }

    fn open(&self) {
        let Some(url) = self.sockets.urls().into_iter().next() else {
            self.screen.say("there is no URL to open: the app listens on a socket file");
            return;
        };
        self.show(&url);
    }

    fn show(&self, url: &str) {
        match super::super::open_in_browser(url) {
            Ok(()) => self.screen.say(&format!("opened {url}")),
            Err(words) => self.screen.say(&words),
        }
    }

    fn met(&mut self, app: &channel::App) {
        self.apps.met(app);
        self.met_debugged(app);
        // It knows nothing of a failure before it was there; one that starts is what mends it.
        if self.failure.is_some() && self.building.is_none() && !self.apps.starts() {
            self.tell_failure();
        }
    }

    /// Ctrl+C: the app finishes its requests; once more ends it.
    fn asked_to_end(&mut self, why: &str) {
        if self.ending.is_some() {
            self.apps.kill();
            return;
        }
        if !self.apps.are_gone() {
            self.screen.say(&format!("{why}: finishing open requests (once more ends them)"));
        }
        self.stop(0);
    }

    fn stop(&mut self, status: u8) {
        self.ending.get_or_insert(status);
        self.building = None;
        self.watch = None;
        self.apps.end();
        self.stop_debugging();
    }

    fn listen_to_keys(&mut self) {
        let tell = self.tell.clone();
        self.keys = Keys::start(move |key| drop(tell.send(Event::Key(key))));
    }

    /// Opens the sockets elsewhere, where the app's code or its files have come to say so.
    fn move_to(&mut self, place: Config) {
        if !settings::differ(&self.place, &place) || self.ending.is_some() || self.is_debugged() {
            return;
        }
        self.screen.say(&format!("the app asks for {}", settings::words(&place)));
        self.moving = Some(place);
        match self.apps.are_gone() {
            true => self.moved(),
            false => self.apps.end(),
        }
    }

    /// The app has ended, so that its sockets can be left.
    fn moved(&mut self) {
        let Some(place) = self.moving.take() else { return };
        self.holding = None;
        // The terminal is for lines while a port is talked over.
        self.keys = None;
        let before = std::mem::replace(&mut self.sockets, Sockets::none());
        drop(before);
        match carafe::__tool::open(&place, self.args.take_port) {
            Ok(sockets) => {
                self.sockets = sockets;
                self.place = place;
                self.listen_to_keys();
                self.hold(State::Building(0, 0));
                self.apps.forget_banner();
                if self.building.is_none() {
                    self.start_app();
                }
            }
            Err(words) => {
                output::complain(&words);
                self.stop(1);
            }
        }
    }

    fn waits_for_something(&self) -> bool {
        self.building.is_some() || self.apps.starts()
    }

    fn show_progress(&mut self) {
        let name = &self.project.program;
        if let Some(building) = &mut self.building {
            let (since, done, all) = (building.since.elapsed(), building.done, building.all);
            self.screen.progress(&bar(&format!("building {name}"), done, all, since));
            if !self.screen.is_seen() && building.reported.elapsed() >= REPORT {
                building.reported = Instant::now();
                self.screen
                    .say(&format!("building {name}: {done} of {all} crates, {}", seconds(since)));
            }
            return;
        }
        match self.apps.starting_for() {
            Some(since) => self.screen.progress(&bar(&format!("starting {name}"), 0, 0, since)),
            None => self.screen.progress(""),
        }
    }
}

/// A path as people read it: from the current folder where it lies inside.
fn short(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(here).unwrap_or(path).display().to_string()
}
