//! A terminal of one's own: `script` from util-linux makes it, and passes on what is typed.

use std::io::Write;
use std::process::{ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

use crate::process::PATIENCE;
use crate::running::Running;

pub(crate) struct Terminal {
    pub(crate) running: Running,
    keyboard: ChildStdin,
}

impl Terminal {
    /// Runs a shell's command line there, with the environment of a command.
    pub(crate) fn start(line: &str, environment: &Command) -> Terminal {
        let mut command = Command::new("script");
        command
            .args(["--quiet", "--flush", "--command", line, "/dev/null"])
            .env("SHELL", "/bin/bash");
        for (name, value) in environment.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let keyboard = child.stdin.take().unwrap();
        let screen = child.stdout.take().unwrap();
        Terminal { running: Running::reading(child, screen), keyboard }
    }

    pub(crate) fn press(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
        self.keyboard.flush().unwrap();
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // Ending `script` alone is not enough where these tests run under nohup, as the app then does too.
        let _ = self.keyboard.write_all(b"\x03\x03").and_then(|()| self.keyboard.flush());
        let deadline = Instant::now() + PATIENCE;
        while matches!(self.running.child.try_wait(), Ok(None)) && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

/// A command as a line for a shell.
pub(crate) fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let quote = |word: &std::ffi::OsStr| format!("'{}'", word.to_str().unwrap());
    words.map(quote).collect::<Vec<_>>().join(" ")
}
