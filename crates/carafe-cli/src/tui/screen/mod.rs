//! The view that takes the whole terminal, drawn by ratatui.
//!
//! Three threads: one reads keys, one works with the debugger (`worker`), this one draws. The terminal
//! is put right again however the program ends: on leaving, on a signal, on a panic.

mod draw;
mod state;
mod values;
mod worker;

use std::process::ExitCode;
use std::sync::mpsc::{Receiver, Sender, channel};

use ratatui::DefaultTerminal;
use ratatui::crossterm::event::{self, Event};
use serde_json::json;

use crate::output::complain;

use super::desk::Desk;
use super::{Heard, start};
use draw::{Look, draw};
use state::{Asked, Screen};
use worker::Job;

pub(super) use worker::Scene;

pub(super) fn run(desk: Desk, sender: &Sender<Heard>, heard: &Receiver<Heard>) -> ExitCode {
    let seat = desk.seat.clone();
    let (jobs, to_do) = channel();
    let scenes = sender.clone();
    std::thread::spawn(move || worker::work(desk, &to_do, &scenes));
    let colours = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let mut view = View { screen: Screen::default(), look: Look { colours }, jobs };
    let left = ratatui::try_init().map_err(|error| {
        format!("the terminal cannot be drawn on: {error}\n\nhint: `--plain` needs lines only")
    });
    let left = left.and_then(|mut terminal| {
        read_keys(sender.clone());
        let served = view.serve(&mut terminal, heard, || {
            start(&seat, "restart", json!({}), sender.clone());
        });
        drop(terminal);
        ratatui::restore();
        served
    });
    match left {
        Ok(()) => ExitCode::SUCCESS,
        Err(words) => complain(&words),
    }
}

struct View {
    screen: Screen,
    look: Look,
    jobs: Sender<Job>,
}

impl View {
    /// Until its user leaves.
    fn serve(
        &mut self,
        terminal: &mut DefaultTerminal,
        heard: &Receiver<Heard>,
        restart: impl Fn(),
    ) -> Result<(), String> {
        self.ask(Job::Look);
        while let Ok(next) = heard.recv() {
            match next {
                Heard::End => return Ok(()),
                Heard::Line(_) => {}
                Heard::Request => self.ask(Job::Look),
                Heard::Event(event, body) => self.ask(Job::Event(event, body)),
                Heard::Started(result) => self.ask(Job::Started(result)),
                Heard::Scene(scene) => self.screen.show(*scene),
                Heard::Terminal(Event::Key(key)) => match self.screen.key(key) {
                    Asked::Nothing => {}
                    Asked::Job(job) => self.ask(job),
                    Asked::Quit => return Ok(()),
                    Asked::Restart => restart(),
                },
                // Another size: drawn again, as after everything.
                Heard::Terminal(_) => {}
            }
            let (screen, look) = (&mut self.screen, self.look);
            terminal
                .draw(|frame| draw(frame, screen, look))
                .map_err(|error| format!("the terminal cannot be drawn on: {error}"))?;
        }
        Ok(())
    }

    fn ask(&self, job: Job) {
        let _ = self.jobs.send(job);
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
