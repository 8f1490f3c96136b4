//! An app that runs: whatever it writes is read by line.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

use crate::process::PATIENCE;

/// A process that ends when this is dropped.
pub(crate) struct Running {
    pub(crate) child: Child,
    lines: Receiver<String>,
    pub(crate) seen: Vec<String>,
}

impl Running {
    /// Starts a command whose standard error is what is looked at.
    pub(crate) fn start(mut command: Command) -> Running {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let output = child.stderr.take().unwrap();
        Running::reading(child, output)
    }

    pub(crate) fn reading(child: Child, output: impl Read + Send + 'static) -> Running {
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).split(b'\n').map_while(Result::ok) {
                let line = String::from_utf8_lossy(&line).trim_end_matches('\r').to_owned();
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Running { child, lines, seen: Vec::new() }
    }

    /// The next line with these words.
    #[track_caller]
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

    /// The banner up to its last line.
    #[track_caller]
    pub(crate) fn banner(&mut self) -> String {
        self.wait_for("Ctrl+C");
        self.seen.join("\n")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The first URL in a text whose host begins like this.
#[track_caller]
pub(crate) fn url(text: &str, host: &str) -> String {
    let start = format!("http://{host}");
    let found = text.split_whitespace().find(|word| word.starts_with(&start));
    found.unwrap_or_else(|| panic!("no URL of `{host}` in\n{text}")).to_owned()
}
