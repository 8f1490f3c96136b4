//! The view that takes the whole terminal, drawn by ratatui.
//!
//! Three threads: one reads keys, one works with the debugger (`worker`), this one draws. The terminal
//! is put right again however the program ends: on leaving, on a signal, on a panic, and while the app
//! is built, which prints by itself.

mod draw;
mod state;
mod values;
mod worker;

use std::process::ExitCode;
use std::sync::mpsc::{Receiver, Sender, channel};

use ratatui::DefaultTerminal;
use ratatui::crossterm::event::{self, Event};
use serde_json::json;

use crate::output::{complain, say};

use super::desk::Desk;
use super::{Heard, start};
use draw::{Look, draw};
use state::{Asked, Screen};
use worker::Job;

pub(super) use worker::Scene;

pub(super) fn run(desk: Desk, sender: &Sender<Heard>, heard: &Receiver<Heard>) -> ExitCode {
    let session = desk.session.clone();
    let (jobs, to_do) = channel();
    let scenes = sender.clone();
    std::thread::spawn(move || worker::work(desk, &to_do, &scenes));
    let colours = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let mut view = View {
        screen: Screen::default(),
        look: Look { colours },
        terminal: None,
        reads_keys: false,
        jobs,
        building: true,
        sender,
    };
    let left = view.serve(heard, || start(&session, "restart", json!({}), sender.clone()));
    view.close();
    match left {
        Ok(()) => ExitCode::SUCCESS,
        Err(words) => complain(&words),
    }
}

struct View<'a> {
    screen: Screen,
    look: Look,
    /// While it is drawn on; the terminal is an ordinary one without.
    terminal: Option<DefaultTerminal>,
    reads_keys: bool,
    jobs: Sender<Job>,
    /// cargo has the terminal.
    building: bool,
    sender: &'a Sender<Heard>,
}

impl View<'_> {
    /// Until its user leaves, or the app does not start at all.
    fn serve(&mut self, heard: &Receiver<Heard>, restart: impl Fn()) -> Result<(), String> {
        while let Ok(next) = heard.recv() {
            match next {
                Heard::End => return Ok(()),
                Heard::Line(_) => {}
                Heard::Request => self.ask(Job::Look),
                Heard::Event(event, body) => {
                    if event == "initialized" {
                        self.open()?;
                    }
                    self.ask(Job::Event(event, body));
                }
                Heard::Started(Err(words))
                    if self.terminal.is_none() && self.screen.scene.stop == 0 =>
                {
                    return Err(words);
                }
                Heard::Started(result) => {
                    self.open()?;
                    self.ask(Job::Started(result));
                }
                Heard::Scene(scene) => self.show(*scene),
                Heard::Terminal(event) => match self.typed(&event) {
                    Asked::Nothing => {}
                    Asked::Job(job) => self.ask(job),
                    Asked::Quit => return Ok(()),
                    Asked::Restart => {
                        self.close();
                        self.building = true;
                        restart();
                    }
                },
            }
            self.draw()?;
        }
        Ok(())
    }

    fn ask(&self, job: Job) {
        let _ = self.jobs.send(job);
    }

    fn typed(&mut self, event: &Event) -> Asked {
        match event {
            // Keys that are typed while cargo builds are for nobody.
            Event::Key(key) if self.terminal.is_some() => self.screen.key(*key),
            _ => Asked::Nothing,
        }
    }

    fn show(&mut self, scene: Scene) {
        if self.building {
            // What the compiler says belongs beside cargo's own words.
            scene.said.iter().for_each(|line| say(line));
        }
        self.screen.show(scene);
    }

    fn draw(&mut self) -> Result<(), String> {
        let Some(terminal) = &mut self.terminal else { return Ok(()) };
        let (screen, look) = (&mut self.screen, self.look);
        let drawn = terminal.draw(|frame| draw(frame, screen, look));
        drawn.map(drop).map_err(|error| format!("the terminal cannot be drawn on: {error}"))
    }

    /// Takes the terminal.
    fn open(&mut self) -> Result<(), String> {
        self.building = false;
        if self.terminal.is_some() {
            return Ok(());
        }
        let opened = ratatui::try_init();
        let terminal = opened.map_err(|error| {
            format!("the terminal cannot be drawn on: {error}\n\nhint: `--plain` needs lines only")
        })?;
        self.terminal = Some(terminal);
        if !std::mem::replace(&mut self.reads_keys, true) {
            read_keys(self.sender.clone());
        }
        Ok(())
    }

    /// Gives the terminal back.
    fn close(&mut self) {
        if let Some(terminal) = self.terminal.take() {
            drop(terminal);
            ratatui::restore();
        }
    }
}

fn read_keys(sender: Sender<Heard>) {
    std::thread::spawn(move || {
        while let Ok(event) = event::read() {
            if sender.send(Heard::Terminal(event)).is_err() {
                return;
            }
        }
        let _ = sender.send(Heard::End);
    });
}
