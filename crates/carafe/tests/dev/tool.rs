//! A tool for an app under test: it listens on the channel, reads what comes and sends commands.

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::process::Command;
use std::sync::mpsc::{Receiver, channel};

use serde_json::Value;

use crate::process::client::{Client, Reply};
use crate::process::{PATIENCE, Server, command};

/// The tool, with the app that it started.
pub(crate) struct Tool {
    pub(crate) app: Server,
    stream: UnixStream,
    events: Receiver<Value>,
}

/// A socket for the channel in a folder.
pub(crate) fn listen(root: &Path) -> (UnixListener, std::path::PathBuf) {
    let path = root.join("tool.sock");
    (UnixListener::bind(&path).unwrap(), path)
}

/// What an app says on its channel, as it comes.
pub(crate) fn events(listener: UnixListener) -> (UnixStream, Receiver<Value>) {
    let (stream, _) = listener.accept().unwrap();
    let (sender, events) = channel();
    let reader = BufReader::new(stream.try_clone().unwrap());
    std::thread::spawn(move || {
        for line in reader.lines().map_while(Result::ok) {
            let _ = sender.send(serde_json::from_str(&line).unwrap());
        }
    });
    (stream, events)
}

impl Tool {
    /// Starts the app of `tests/apps/developed.rs`.
    pub(crate) fn start() -> Tool {
        Tool::start_with(|_, _| {})
    }

    /// The app with the folder `tests/dev/site`, whose errors show their source.
    pub(crate) fn start_at_site(change: impl FnOnce(&mut Command)) -> Tool {
        Tool::start_with(|command, _| {
            command.env("TEST_ROOT", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/dev/site"));
            // So that none is written there.
            command.env("CARAFE_SECRET_KEY", "0123456789abcdef0123456789abcdef");
            change(command);
        })
    }

    /// Starts it after a change, which is told the app's folder.
    pub(crate) fn start_with(change: impl FnOnce(&mut Command, &Path)) -> Tool {
        let root = tempfile::tempdir().unwrap();
        let (listener, path) = listen(root.path());
        let mut command = command("developed", root.path(), &["run", "--host", "127.0.0.1"]);
        command.env("CARAFE_TOOL_CHANNEL", path).env("CARAFE_PORT", "0").env("CARAFE_LANG", "en");
        change(&mut command, root.path());
        let waiting = std::thread::spawn(move || events(listener));
        let app = Server::of(command, root);
        let (stream, events) = waiting.join().unwrap();
        Tool { app, stream, events }
    }

    /// The next event of this name; others are passed over.
    pub(crate) fn event(&self, name: &str) -> Value {
        loop {
            let event = self.events.recv_timeout(PATIENCE).unwrap();
            if event["event"] == name {
                return event;
            }
        }
    }

    pub(crate) fn command(&mut self, command: &Value) {
        writeln!(self.stream, "{command}").unwrap();
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.app.address
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address())
    }

    /// Asks for a page as a browser does.
    pub(crate) fn browse(&self, path: &str) -> Reply {
        self.ask("GET", path, "Accept: text/html\r\nSec-Fetch-Dest: document\r\n")
    }

    pub(crate) fn ask(&self, method: &str, path: &str, headers: &str) -> Reply {
        let host = self.address();
        Client::connect(host)
            .send(format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\n{headers}\r\n"))
            .reply_to(method)
    }

    /// Lets go of the channel, as a tool does that was killed.
    pub(crate) fn hang_up(self) -> Server {
        self.stream.shutdown(std::net::Shutdown::Both).unwrap();
        self.app
    }
}
