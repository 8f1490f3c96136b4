//! The apps behind the web servers, as processes.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::{RecvTimeoutError, channel};

use super::{PATIENCE, clean};

/// Builds a program of the workspace, once for all tests; `kind` is `--bin` or `--example`.
fn build(package: &str, kind: &str, name: &str) -> PathBuf {
    let target = Path::new(env!("CARGO_BIN_EXE_carafe")).parent().unwrap();
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    build.args(["build", "--quiet", "--package", package, kind, name]);
    if target.ends_with("release") {
        build.arg("--release");
    }
    assert!(build.status().unwrap().success());
    if kind == "--example" { target.join("examples").join(name) } else { target.join(name) }
}

pub(crate) fn guestbook() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| build("guestbook", "--bin", "guestbook"))
}

pub(crate) fn probe() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| build("carafe-cli", "--example", "probe"))
}

/// An app that is served, until it is stopped or dropped.
pub(crate) struct App {
    child: Child,
}

impl App {
    /// Serves a program where `host` and `port` say; `settings` go into its environment.
    pub(crate) fn start(program: &Path, folder: &Path, settings: &[(&str, &str)]) -> App {
        let mut command = clean(program);
        command
            .arg("run")
            .current_dir(folder)
            .env("CARAFE_PROFILE", "release")
            .env("CARAFE_SECRET_KEY", "only for this test, 0123456789abcdef")
            .envs(settings.iter().copied())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        let (sender, said) = channel();
        std::thread::spawn(move || {
            for line in lines {
                println!("app: {line}");
                let _ = sender.send(line);
            }
        });
        let app = App { child };
        let mut seen = Vec::new();
        loop {
            match said.recv_timeout(PATIENCE) {
                Ok(line) if line.contains("Ctrl+C") => return app,
                Ok(line) => seen.push(line),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    panic!("the app does not start:\n{}", seen.join("\n"))
                }
            }
        }
    }

    pub(crate) fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for App {
    fn drop(&mut self) {
        self.end();
    }
}
