//! A tool for an app under test: it listens on the channel, reads what comes and sends commands.

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::os::unix::net::{UnixListener, UnixStream};
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
pub(crate) fn listen(root: &std::path::Path) -> (UnixListener, std::path::PathBuf) {
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
        Tool::start_with(|_| {})
    }

    pub(crate) fn start_with(change: impl FnOnce(&mut Command)) -> Tool {
        let root = tempfile::tempdir().unwrap();
        let (listener, path) = listen(root.path());
        let arguments = ["run", "--host", "127.0.0.1", "--port", "0"];
        let mut command = command("developed", root.path(), &arguments);
        command.env("CARAFE_TOOL_CHANNEL", path);
        change(&mut command);
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
