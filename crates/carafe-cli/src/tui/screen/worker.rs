//! The desk on a thread of its own, so that the screen never waits for a debugger: jobs go in, and
//! after each the scene to draw comes out.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender};

use serde_json::Value;

use super::super::Heard;
use super::super::answers;
use super::super::command::Command;
use super::super::desk::{Answer, Desk, Phase};
use super::super::sources::Lines;
use super::values::{Row, Values};

/// Requests that the screen lists.
const LISTED: usize = 200;

/// What the desk is to do.
pub(super) enum Job {
    Event(String, Value),
    Started(Result<(), String>),
    Command(Command),
    /// Set a breakpoint on a line, or take it away.
    Toggle(PathBuf, usize),
    /// The same for a route.
    ToggleRoute(String),
    /// Open or close a value.
    Open(String),
    /// Only look again: requests came in.
    Look,
}

/// All that is drawn.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scene {
    pub(super) state: String,
    pub(super) held: bool,
    pub(super) ended: bool,
    /// Counts the stops: the screen goes to the line of a new one.
    pub(super) stop: u64,
    pub(super) source: Option<Source>,
    pub(super) values: Vec<Row>,
    /// Frames as lines; each with its number, where it is one.
    pub(super) frames: Vec<(Option<usize>, String)>,
    pub(super) frame: usize,
    pub(super) requests: Vec<String>,
    pub(super) routes: Vec<RouteRow>,
    /// Lines of output since the last scene.
    pub(super) said: Vec<String>,
}

/// The file that is shown.
#[derive(Clone, Debug, Default)]
pub(super) struct Source {
    pub(super) path: PathBuf,
    pub(super) name: String,
    pub(super) lines: Lines,
    /// The line to show.
    pub(super) line: usize,
    /// Where the program is held.
    pub(super) current: Option<usize>,
    /// Lines with a breakpoint, and the sign of each.
    pub(super) marks: Vec<(usize, char)>,
}

/// A route, and its switch.
#[derive(Clone, Debug, Default)]
pub(super) struct RouteRow {
    /// The name of its breakpoint.
    pub(super) name: String,
    pub(super) handler: String,
    pub(super) on: bool,
}

/// Does jobs until nobody asks any more.
pub(super) fn work(desk: Desk, jobs: &Receiver<Job>, scenes: &Sender<Heard>) {
    let mut worker =
        Worker { desk, values: Values::new(), stop: 0, said: Vec::new(), shown: false };
    while let Ok(job) = jobs.recv() {
        worker.handle(job);
        // What came in between needs no picture of its own.
        while let Ok(job) = jobs.try_recv() {
            worker.handle(job);
        }
        if scenes.send(Heard::Scene(Box::new(worker.scene()))).is_err() {
            return;
        }
    }
}

struct Worker {
    desk: Desk,
    values: Values,
    stop: u64,
    said: Vec<String>,
    /// The screen has a file to show.
    shown: bool,
}

impl Worker {
    fn handle(&mut self, job: Job) {
        let answer = match job {
            Job::Event(event, body) => {
                let answer = self.desk.hear(&event, &body);
                if event == "stopped" {
                    self.stop += 1;
                    self.values.stopped();
                }
                answer
            }
            Job::Started(result) => result.map(|()| Vec::new()),
            Job::Command(command) => self.command(command),
            Job::Toggle(file, line) => self.desk.toggle(file, line),
            Job::ToggleRoute(name) => self.desk.toggle_route(name),
            Job::Open(key) => {
                self.values.toggle(key);
                Ok(Vec::new())
            }
            Job::Look if self.stop == 0 => self.desk.look(),
            Job::Look => Ok(Vec::new()),
        };
        self.tell(answer);
        self.show_a_file();
    }

    fn command(&mut self, command: Command) -> Answer {
        let moves = matches!(command, Command::Frame(_) | Command::List(_));
        let answer = self.desk.run(command);
        match moves && answer.is_ok() {
            // The source shows where it went to.
            true => {
                self.stop += 1;
                Ok(Vec::new())
            }
            false => answer,
        }
    }

    fn tell(&mut self, answer: Answer) {
        match answer {
            Ok(lines) => self.said.extend(lines),
            Err(words) => {
                let lines = words.lines().filter(|line| !line.is_empty());
                self.said.extend(lines.enumerate().map(|(at, line)| match at {
                    0 => format!("error: {line}"),
                    _ => line.to_owned(),
                }));
            }
        }
    }

    /// Until the program stops somewhere, its first handler is shown.
    fn show_a_file(&mut self) {
        if self.shown || self.desk.shown.is_some() {
            self.shown = true;
            return;
        }
        let first = self.desk.points.routes.iter().find(|route| route.file.is_file());
        if let Some(route) = first {
            self.desk.shown = Some((route.file.clone(), route.body));
            self.stop += 1;
            self.shown = true;
        }
    }

    fn scene(&mut self) -> Scene {
        let requests = answers::last_requests(&self.desk, LISTED).unwrap_or_default();
        let requests = answers::request_lines(&requests);
        let held = self.desk.held().ok().cloned();
        let frames = held.as_ref().map(|held| answers::frame_rows(held, false, &self.desk.sources));
        Scene {
            state: self.state(),
            held: held.is_some(),
            ended: matches!(self.desk.phase, Phase::Ended(_) | Phase::None),
            stop: self.stop,
            values: self.values.rows(&self.desk),
            frames: frames.unwrap_or_default(),
            frame: held.map_or(0, |held| held.at),
            requests: requests.into_iter().rev().collect(),
            routes: self.routes(),
            source: self.source(),
            said: std::mem::take(&mut self.said),
        }
    }

    fn state(&self) -> String {
        match &self.desk.phase {
            Phase::None => "not started".to_owned(),
            Phase::Building => "building".to_owned(),
            Phase::Starting => "starting".to_owned(),
            Phase::Running => "running".to_owned(),
            Phase::Held(held) => {
                let hit = self.desk.points.hit(&held.hit);
                format!("held: {}", answers::reason(held, &hit))
            }
            Phase::Ended(Some(code)) => format!("ended with status {code}"),
            Phase::Ended(None) => "ended".to_owned(),
        }
    }

    fn routes(&self) -> Vec<RouteRow> {
        let points = &self.desk.points;
        let rows = points.routes.iter().map(|route| RouteRow {
            name: route.name.clone(),
            handler: route.endpoint.clone(),
            on: points.of_route(&route.name).is_some_and(|point| point.enabled),
        });
        rows.collect()
    }

    fn source(&mut self) -> Option<Source> {
        let (path, line) = self.desk.shown.clone()?;
        let lines = self.desk.sources.lines(&path)?;
        let frame = self.desk.held().ok().and_then(|held| held.frame());
        let here = frame.and_then(|frame| frame.place());
        let current = here.filter(|(file, _)| *file == path).map(|(_, line)| line);
        let marks = (1..=lines.len()).filter_map(|line| {
            let point = self.desk.points.on_line(&path, line)?;
            let sign = match (point.verified && point.enabled, &point.condition, &point.log) {
                (false, ..) => '○',
                (_, _, Some(_)) => '◆',
                (_, Some(_), _) => '◐',
                _ => '●',
            };
            Some((line, sign))
        });
        let marks = marks.collect();
        let name = self.desk.sources.shown(&path);
        Some(Source { path, name, lines, line, current, marks })
    }
}
