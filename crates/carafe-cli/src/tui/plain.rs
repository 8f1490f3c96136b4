//! Lines in, lines out: the debugger for scripts, tests, and terminals that can nothing else.
//!
//! A line is done when the one before it is: steps are waited for, and so is the program's start, so
//! that a script needs `wait` only where a request has to come first.

use std::collections::VecDeque;
use std::io::{self, BufRead as _, IsTerminal as _};
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::output::{print, prompt};

use super::command::{Command, parse};
use super::desk::{Answer, Desk, Phase};
use super::{Heard, start};

/// A step that has not come to its end by now goes on while other lines are done.
const STEP_LIMIT: Duration = Duration::from_secs(3);

/// The view.
struct Lines<'a> {
    desk: Desk,
    sender: &'a Sender<Heard>,
    /// Typed, and not done yet.
    waiting: VecDeque<Option<String>>,
    /// Until when the lines wait for the program to be held.
    until: Option<Instant>,
    /// The program is built or started.
    starting: bool,
    /// What an empty line does again.
    again: Option<String>,
    prompts: bool,
    failed: bool,
}

pub(super) fn run(desk: Desk, sender: &Sender<Heard>, heard: &Receiver<Heard>) -> ExitCode {
    read_lines(sender.clone());
    let mut lines = Lines {
        desk,
        sender,
        waiting: VecDeque::new(),
        until: None,
        starting: true,
        again: None,
        prompts: io::stdin().is_terminal() && io::stdout().is_terminal(),
        failed: false,
    };
    let known = lines.desk.look();
    lines.tell(known);
    loop {
        let left = lines.until.map(|until| until.saturating_duration_since(Instant::now()));
        let next = match left {
            Some(left) => heard.recv_timeout(left),
            None => heard.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        match next {
            Ok(Heard::End) | Err(RecvTimeoutError::Disconnected) => break,
            Ok(heard) => lines.hear(heard),
            Err(RecvTimeoutError::Timeout) => lines.waited(),
        }
        if !lines.work() {
            break;
        }
    }
    if lines.failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn read_lines(sender: Sender<Heard>) {
    std::thread::spawn(move || {
        for line in io::stdin().lock().lines() {
            if sender.send(Heard::Line(line.ok())).is_err() {
                return;
            }
        }
        let _ = sender.send(Heard::Line(None));
    });
}

impl Lines<'_> {
    fn hear(&mut self, heard: Heard) {
        match heard {
            Heard::Line(line) => self.waiting.push_back(line),
            Heard::Event(event, body) => {
                let answer = self.desk.hear(&event, &body);
                if matches!(event.as_str(), "stopped" | "terminated") {
                    self.until = None;
                }
                self.tell(answer);
            }
            Heard::Started(result) => {
                self.starting = false;
                match result {
                    Ok(()) => self.failed = false,
                    Err(words) => {
                        self.failed = true;
                        self.tell(Err(words));
                    }
                }
                self.prompt();
            }
            Heard::Request | Heard::Terminal(_) | Heard::Scene(_) | Heard::End => {}
        }
    }

    /// Nothing held the program in time.
    fn waited(&mut self) {
        self.until = None;
        self.tell(Ok(vec!["the app runs on".to_owned()]));
    }

    /// Does the lines whose turn it is; `false` when the last one was to leave.
    fn work(&mut self) -> bool {
        loop {
            // Whoever leaves does not wait for a build.
            let leaves = self.waiting.iter().flatten().any(|line| is_quit(line));
            if self.starting && leaves && self.prompts {
                return false;
            }
            if self.starting || self.until.is_some() {
                return true;
            }
            let Some(line) = self.waiting.pop_front() else { return true };
            let Some(line) = line else { return false };
            if !self.line(&line) {
                return false;
            }
            self.prompt();
        }
    }

    fn line(&mut self, line: &str) -> bool {
        let line = match line.trim() {
            "" => self.again.clone().unwrap_or_default(),
            typed => typed.to_owned(),
        };
        let command = match parse(&line) {
            Ok(None) => return true,
            Ok(Some(command)) => command,
            Err(words) => {
                self.tell(Err(words));
                return true;
            }
        };
        let repeats = matches!(command, Command::Step(_) | Command::Continue | Command::List(None));
        self.again = repeats.then_some(line);
        match command {
            Command::Quit => return false,
            Command::Restart => {
                self.starting = true;
                start(&self.desk.seat, "restart", json!({}), self.sender.clone());
            }
            Command::Wait(seconds) => {
                if self.desk.phase == Phase::Running {
                    self.until = Some(Instant::now() + Duration::from_secs(seconds));
                }
            }
            command => {
                let waits = matches!(command, Command::Step(_) | Command::Pause);
                let answer = self.desk.run(command);
                if waits && answer.is_ok() {
                    self.until = Some(Instant::now() + STEP_LIMIT);
                }
                self.tell(answer);
            }
        }
        true
    }

    /// Prints an answer; what cannot be done is an answer too.
    fn tell(&mut self, answer: Answer) {
        let lines = match answer {
            Ok(lines) => lines,
            Err(words) => vec![format!("error: {words}")],
        };
        if lines.is_empty() {
            return;
        }
        let text = lines.iter().fold(String::new(), |text, line| text + line + "\n");
        print(&text);
    }

    fn prompt(&self) {
        if self.prompts && !self.starting && self.until.is_none() && self.waiting.is_empty() {
            prompt("(carafe) ");
        }
    }
}

fn is_quit(line: &str) -> bool {
    matches!(parse(line), Ok(Some(Command::Quit)))
}
