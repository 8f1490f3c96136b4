//! Builds: begun by a save, stopped by the next, and what follows when one is done.

use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use super::super::holding::State;
use super::super::screen::seconds;
use super::super::settings;
use super::apps::Stamp;
use super::{Event, Machine, short};
use crate::app::build::{self, Build, Outcome, Told};

/// A build that runs.
pub(super) struct Building {
    number: u64,
    /// Stopped when this is dropped.
    _build: Build,
    pub(super) since: Instant,
    pub(super) reported: Instant,
    pub(super) done: u32,
    pub(super) all: u32,
}

impl Machine<'_> {
    /// Builds anew; a build that runs is outdated.
    pub(super) fn rebuild(&mut self) {
        if self.ending.is_some() {
            return;
        }
        if let Err(words) = self.build() {
            self.screen.say(&format!("error: {words}"));
            self.fail(words, Vec::new());
        }
    }

    /// Begins a build.
    pub(super) fn build(&mut self) -> Result<(), String> {
        // Its compilers are gone before the new ones come.
        self.building = None;
        self.builds += 1;
        self.diagnostics.clear();
        let (number, tell) = (self.builds, self.tell.clone());
        let build = Build::start(&self.project, &self.how, move |told| {
            let _ = tell.send(Event::Build(number, told));
        })?;
        let now = Instant::now();
        self.building =
            Some(Building { number, _build: build, since: now, reported: now, done: 0, all: 0 });
        if !self.screen.is_seen() && self.program.is_none() {
            self.screen.say(&format!("building {}", self.project.program));
        }
        if self.apps.serves() {
            self.channel.send(&json!({"command": "build", "state": "building"}));
        } else {
            self.hold(State::Building(0, 0));
        }
        Ok(())
    }

    pub(super) fn build_told(&mut self, number: u64, told: Told) {
        let Some(building) = self.building.as_mut().filter(|building| building.number == number)
        else {
            return;
        };
        match told {
            Told::Progress(done, all) => {
                (building.done, building.all) = (done, all);
                if let Some(holding) = &self.holding {
                    holding.set(State::Building(done, all));
                }
            }
            Told::Words(words) => self.screen.say(&words),
            Told::Diagnostic(mut diagnostic) => {
                self.screen.say(&diagnostic.rendered);
                if let Some((file, ..)) = &mut diagnostic.place {
                    *file = self.project.workspace.join(&*file).display().to_string();
                }
                self.diagnostics.push(diagnostic);
            }
            Told::Done(outcome) => {
                let took = building.since.elapsed();
                self.building = None;
                self.built(outcome, took);
            }
        }
    }

    fn built(&mut self, outcome: Outcome, took: Duration) {
        match outcome {
            Outcome::Stopped => {}
            Outcome::Failed(words) => {
                let name = &self.project.program;
                let why = match self.diagnostics.iter().any(|one| one.is_error()) {
                    true => format!("{name} does not compile"),
                    false => format!("{name} cannot be built"),
                };
                if !self.diagnostics.iter().any(|one| one.is_error()) {
                    self.screen.say(&words);
                }
                let still = if self.apps.serves() { "; the last build serves on" } else { "" };
                self.screen.say(&format!("{why} ({}){still}", seconds(took)));
                let words = if words.is_empty() { Vec::new() } else { vec![words] };
                let last = if self.diagnostics.iter().any(|one| one.is_error()) {
                    Vec::new()
                } else {
                    words
                };
                self.fail(why, last);
                self.give_up_without_reload();
            }
            Outcome::Built { program, .. } => {
                let stamp = Stamp::of(&program);
                let is_new = self.program.as_ref().is_none_or(|(_, known)| *known != stamp);
                let is_first = self.program.is_none();
                self.program = Some((program.clone(), stamp));
                if is_new {
                    self.tell_sources(program);
                }
                if is_new || self.forced || !self.apps.serves() {
                    self.took(took, is_first);
                    self.restart();
                } else {
                    self.screen.say(&format!("nothing has changed ({})", seconds(took)));
                    self.clear_failure();
                }
            }
        }
    }

    fn took(&mut self, took: Duration, is_first: bool) {
        let words = match is_first {
            true => "built",
            false => "rebuilt",
        };
        let saved =
            self.saved.take().map(|path| format!(" ({})", short(&path))).unwrap_or_default();
        self.screen.progress("");
        // At the next start it is said how long it took until the app was ready.
        self.apps.built = Some(format!("{words} in {}{saved}", seconds(took)));
        if is_first {
            self.screen.say(&self.apps.built.take().unwrap_or_default());
        }
    }

    /// Where nothing is followed, no save will mend it.
    pub(super) fn give_up_without_reload(&mut self) {
        if !self.args.follows() && self.keys.is_none() {
            self.stop(1);
        }
    }

    /// The newest state serves.
    pub(super) fn clear_failure(&mut self) {
        self.failure = None;
        self.channel.send(&json!({"command": "build", "state": "ok"}));
    }

    /// Starts the program, first at a place that it asks for.
    pub(super) fn restart(&mut self) {
        let Some((program, _)) = self.program.clone() else { return };
        let sets = self.args.sets(self.lang);
        if self.apps.serves() {
            // No request waits for the answer to this: it hardly ever is another one.
            let tell = self.tell.clone();
            thread::spawn(move || {
                if let Some(place) = settings::ask(&program, &sets) {
                    let _ = tell.send(Event::Asked(Box::new(place)));
                }
            });
        } else if let Some(place) = settings::ask(&program, &sets)
            && settings::differ(&self.place, &place)
        {
            self.move_to(place);
            return;
        }
        self.start_app();
    }

    /// What the program is made of is watched, too.
    fn tell_sources(&self, program: PathBuf) {
        let Some(watch) = &self.watch else { return };
        watch.set_sources(build::sources(&program));
        let (project, tell) = (self.project.clone(), self.tell.clone());
        if self.builds == 1 {
            thread::spawn(move || {
                if let Ok(folders) = project.source_folders() {
                    let _ = tell.send(Event::Folders(folders));
                }
            });
        }
    }
}
