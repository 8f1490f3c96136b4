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

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};

use serde_json::Value;

use crate::channel::Channel;
use crate::debug::{Client, Session};

use desk::Desk;

/// What a terminal shows, and how.
pub(crate) struct Terminal {
    pub(crate) session: Arc<Session>,
    /// Where the app tells of its requests; without it none are listed.
    pub(crate) channel: Option<Arc<Channel>>,
    /// The arguments of `launch`.
    pub(crate) launch: Value,
    /// The folder that paths are shown relative to.
    pub(crate) folder: PathBuf,
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
}

/// Starts the app and serves the terminal until its user leaves; the app ends with that.
///
/// The exit status is 1 where the app could not be started.
pub(crate) fn run(terminal: Terminal) -> ExitCode {
    use std::io::IsTerminal as _;
    let is_plain =
        terminal.plain || !std::io::stdout().is_terminal() || !std::io::stdin().is_terminal();
    let Terminal { session, channel: requests, launch, folder, .. } = terminal;
    let (sender, heard) = channel();
    session.join(Arc::new(Ear(sender.clone())));
    if let Some(requests) = &requests {
        let sender = sender.clone();
        requests.hear(move |_| drop(sender.send(Heard::Request)));
    }
    let ends = signals(sender.clone());
    let desk = Desk::new(session.clone(), requests, folder);
    start(&session, "launch", launch, sender.clone());
    let code = match is_plain {
        true => plain::run(desk, &sender, &heard),
        false => screen::run(desk, &sender, &heard),
    };
    session.stop();
    if let Ok(ends) = ends {
        ends.close();
    }
    code
}

/// Has the signals that end a program heard in turn, so that the terminal is put right first.
fn signals(sender: Sender<Heard>) -> std::io::Result<signal_hook::iterator::Handle> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    let mut signals = signal_hook::iterator::Signals::new([SIGHUP, SIGINT, SIGTERM])?;
    let handle = signals.handle();
    std::thread::spawn(move || {
        for _ in signals.forever() {
            if sender.send(Heard::End).is_err() {
                break;
            }
        }
    });
    Ok(handle)
}

/// Asks for something that is answered when the program runs.
fn start(session: &Arc<Session>, command: &'static str, arguments: Value, sender: Sender<Heard>) {
    let session = session.clone();
    std::thread::spawn(move || {
        session.request(command, &arguments, |result| {
            let result = result.as_ref().map(drop).map_err(Clone::clone);
            let _ = sender.send(Heard::Started(result));
        });
    });
}

/// Asks the session for something and waits for its answer.
fn ask(session: &Arc<Session>, command: &str, arguments: &Value) -> Result<Value, String> {
    let mut answer = Err("the session does not answer".to_owned());
    session.request(command, arguments, |result| answer = result.clone());
    answer
}
