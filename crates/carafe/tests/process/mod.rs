//! Runs the apps of `tests/apps` as processes: their commands, and their server on a free port.

// Each test file that takes this in uses another half of it.
#![allow(dead_code)]

pub(crate) mod client;

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use client::Client;

/// How long a test waits for anything before it fails.
pub(crate) const PATIENCE: Duration = Duration::from_secs(15);

/// The program with the apps: `cargo test --test ..` does not build it, so this makes sure.
pub(crate) fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let test = std::env::current_exe().unwrap();
        let target = test.parent().and_then(Path::parent).unwrap();
        let program = target.join("examples").join("test-apps");
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut build = Command::new(cargo);
        build.args(["build", "--quiet", "--package", "carafe", "--example", "test-apps"]);
        if target.ends_with("release") {
            build.arg("--release");
        }
        assert!(build.status().unwrap().success());
        program
    })
}

/// A command line of an app, in an environment without configuration.
pub(crate) fn command(app: &str, root: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(program());
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("CARAFE_") {
            command.env_remove(name);
        }
    }
    command
        .env_remove("RUST_BACKTRACE")
        .env("TEST_APP", app)
        .env("TEST_ROOT", root)
        // Apps of one test are not found by those of another.
        .env("XDG_RUNTIME_DIR", root)
        .args(arguments);
    command
}

/// What a command wrote, and how it ended.
pub(crate) struct Outcome {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs a command of an app to its end.
pub(crate) fn run(app: &str, root: &Path, arguments: &[&str]) -> Outcome {
    outcome(command(app, root, arguments))
}

pub(crate) fn outcome(mut command: Command) -> Outcome {
    let output = command.stdin(Stdio::null()).output().unwrap();
    Outcome {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// An app that is served, until it is dropped.
pub(crate) struct Server {
    child: Child,
    lines: Receiver<String>,
    seen: Vec<String>,
    pub(crate) address: SocketAddr,
    _root: tempfile::TempDir,
}

impl Server {
    /// Serves the app of `tests/apps/served.rs`, with settings such as `workers=2`.
    pub(crate) fn start(settings: &[&str]) -> Server {
        let root = tempfile::tempdir().unwrap();
        // One address, and one line of the banner for it.
        let mut arguments = vec![
            "run",
            "--host",
            "127.0.0.1",
            "--port",
            "0",
            "--set",
            "access_log=off",
            "--set",
            "debug=false",
        ];
        for setting in settings {
            arguments.extend(["--set", setting]);
        }
        let command = command("served", root.path(), &arguments);
        Server::of(command, root)
    }

    /// Serves by this command, whose folder is `root`.
    pub(crate) fn of(mut command: Command, root: tempfile::TempDir) -> Server {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        let nowhere = SocketAddr::from(([0, 0, 0, 0], 0));
        let mut server = Server { child, lines, seen: Vec::new(), address: nowhere, _root: root };
        let line = server.wait_for("http://");
        let (_, address) = line.split_once("http://").unwrap();
        let address = address.split([' ', '"']).next().unwrap();
        // Both loopbacks are the one name in the banner.
        server.address = address.replace("localhost", "127.0.0.1").parse().unwrap();
        if !line.starts_with('{') {
            server.wait_for("Ctrl+C");
        }
        server
    }

    pub(crate) fn connect(&self) -> Client {
        Client::connect(self.address)
    }

    /// The first line with these words, of those that were not waited for yet.
    pub(crate) fn wait_for(&mut self, words: &str) -> String {
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) => {
                    self.seen.push(line.clone());
                    if line.contains(words) {
                        return line;
                    }
                }
                Err(error) => panic!("no line with `{words}` came ({error}): {:#?}", self.seen),
            }
        }
    }

    /// All lines that were written, once the process has ended.
    pub(crate) fn all_lines(&mut self) -> Vec<String> {
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) => self.seen.push(line),
                Err(RecvTimeoutError::Disconnected) => return self.seen.clone(),
                Err(RecvTimeoutError::Timeout) => {
                    panic!("the server does not end: {:#?}", self.seen)
                }
            }
        }
    }

    /// Sends a signal by its name, such as `TERM`.
    pub(crate) fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &pid]).status().unwrap().success());
    }

    /// Waits for the end of the process.
    pub(crate) fn wait(&mut self) -> (ExitStatus, Vec<String>) {
        let lines = self.all_lines();
        (self.child.wait().unwrap(), lines)
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
