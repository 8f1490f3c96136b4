//! `carafe debug --tui`: a debugging session in a terminal, for people on ssh.
//!
//! One session, one desk (`desk`), two views: `screen` takes the whole terminal, `plain` reads and
//! writes lines, so that a script or a test can drive it.

mod answers;
mod command;
mod desk;
mod held;
mod plain;
mod points;
mod screen;
mod sources;

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

use serde_json::{Value, json};

use crate::channel::Channel;
use crate::debug::{Client, Seat, Session};

use desk::Desk;

/// What a terminal shows, and how.
pub(crate) struct Terminal {
    pub(crate) session: Arc<Session>,
    /// Where the app tells of its requests; without it none are listed.
    pub(crate) channel: Option<Arc<Channel>>,
    /// What opens the page of the same session.
    pub(crate) page: String,
    /// The arguments of `launch`.
    pub(crate) launch: Value,
    /// The folder that paths are shown relative to.
    pub(crate) folder: PathBuf,
    /// Hears of a signal that ends the tool.
    pub(crate) ended: Receiver<()>,
    /// Lines, also on a terminal.
    pub(crate) plain: bool,
}

/// What reaches a view's loop.
enum Heard {
    /// The session tells something.
    Event(String, Value),
    /// `launch` or `restart` was answered.
    Started(Result<(), String>),
    /// An app told of a request.
    Request,
    /// A line was typed; `None` at the end of the input.
    Line(Option<String>),
    /// A key was pressed, or the terminal has another size.
    Terminal(ratatui::crossterm::event::Event),
    /// What the screen is to show.
    Scene(Box<screen::Scene>),
    /// The system asks this program to end.
    End,
}

/// The session's voice into a view's loop.
struct Ear(Sender<Heard>);

impl Client for Ear {
    fn tell(&self, event: &str, body: &Value) {
        let _ = self.0.send(Heard::Event(event.to_owned(), body.clone()));
    }

    fn is_tool(&self) -> bool {
        true
    }
}

/// Starts the app and serves the terminal until its user leaves; the app ends with that.
///
/// The exit status is 1 where the app could not be started.
pub(crate) fn run(terminal: Terminal) -> ExitCode {
    let is_plain =
        terminal.plain || !std::io::stdout().is_terminal() || !std::io::stdin().is_terminal();
    let Terminal { session, channel: requests, launch, folder, ended, page, .. } = terminal;
    let (sender, heard) = channel();
    let seat = Arc::new(session.join(Arc::new(Ear(sender.clone()))));
    if let Some(requests) = &requests {
        let sender = sender.clone();
        requests.hear(move |_| drop(sender.send(Heard::Request)));
    }
    let hint = json!({"output": format!("the same in a browser: {page}\n")});
    let _ = sender.send(Heard::Event("output".to_owned(), hint));
    let signal = sender.clone();
    std::thread::spawn(move || {
        while ended.recv().is_ok() {
            let _ = signal.send(Heard::End);
        }
    });
    let desk = Desk::new(seat.clone(), requests, folder);
    start(&seat, "launch", launch, sender.clone());
    let code = match is_plain {
        true => plain::run(desk, &sender, &heard),
        false => screen::run(desk, &sender, &heard),
    };
    session.stop();
    code
}

/// Asks for something that is answered when the program runs.
fn start(seat: &Arc<Seat>, command: &'static str, arguments: Value, sender: Sender<Heard>) {
    let seat = seat.clone();
    std::thread::spawn(move || {
        seat.request(command, &arguments, |result| {
            let result = result.as_ref().map(drop).map_err(Clone::clone);
            let _ = sender.send(Heard::Started(result));
        });
    });
}
