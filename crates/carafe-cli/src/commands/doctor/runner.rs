//! Runs the system's programs that tell about firewalls, none for longer than a moment.

use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

/// What became of a program that was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ran {
    /// It said this.
    Output(String),
    /// It is not installed.
    Missing,
    /// Only root is told.
    NeedsRoot,
    /// It failed with these words, or took too long.
    Failed(String),
}

impl Ran {
    /// What it said; `None` when it did not.
    pub(crate) fn output(&self) -> Option<&str> {
        match self {
            Ran::Output(text) => Some(text),
            _ => None,
        }
    }
}

/// How long a program may take.
const PATIENCE: Duration = Duration::from_millis(1_200);
/// How much of its output is read.
const CAP: u64 = 16 << 20;
/// Where root's programs are, which are not on everybody's `PATH`.
const FOLDERS: [&str; 4] = ["/usr/sbin", "/sbin", "/usr/bin", "/usr/libexec/ApplicationFirewall"];

/// Runs a program; it changes nothing that is run here.
pub(crate) fn run(program: &str, arguments: &[&str]) -> Ran {
    let found = start(program, arguments).or_else(|| {
        FOLDERS.iter().find_map(|folder| start(&format!("{folder}/{program}"), arguments))
    });
    match found {
        None => Ran::Missing,
        Some(Err(error)) => Ran::Failed(error.to_string()),
        Some(Ok(child)) => wait(child),
    }
}

/// `None` when there is no such program.
fn start(program: &str, arguments: &[&str]) -> Option<std::io::Result<Child>> {
    let mut command = Command::new(program);
    command.args(arguments).env("LC_ALL", "C");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    match command.spawn() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        started => Some(started),
    }
}

fn wait(mut child: Child) -> Ran {
    let output = read(child.stdout.take());
    let talk = read(child.stderr.take());
    let deadline = Instant::now() + PATIENCE;
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if Instant::now() < deadline => thread::sleep(Duration::from_millis(3)),
            Ok(None) | Err(_) => {
                let _ = child.kill();
                let _ = child.wait();
                return Ran::Failed("it did not answer in time".to_owned());
            }
        }
    };
    // A child of its own may hold the pipe open for longer than it lived.
    let text = |pipe: &Receiver<String>| pipe.recv_timeout(PATIENCE / 4).unwrap_or_default();
    let (output, talk) = (text(&output), text(&talk));
    if status.success() { Ran::Output(output) } else { failure(&output, &talk) }
}

/// What comes out of a pipe until its end.
fn read(pipe: Option<impl Read + Send + 'static>) -> Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut text = Vec::new();
        if let Some(pipe) = pipe {
            // What was read until it broke off is told all the same.
            let _ = pipe.take(CAP).read_to_end(&mut text);
        }
        let _ = sender.send(String::from_utf8_lossy(&text).into_owned());
    });
    receiver
}

/// Tells a lack of rights from other failures, by what these programs say of it.
fn failure(output: &str, talk: &str) -> Ran {
    const RIGHTS: [&str; 6] = [
        "not permitted",
        "ermission denied",
        "must be root",
        "need to be root",
        "uthorization failed",
        "must be run as root",
    ];
    if RIGHTS.iter().any(|words| talk.contains(words) || output.contains(words)) {
        return Ran::NeedsRoot;
    }
    let line = talk.lines().chain(output.lines()).find(|line| !line.trim().is_empty());
    Ran::Failed(line.unwrap_or("it failed without a word").trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_how_a_program_went() {
        let shell = |script: &str| run("sh", &["-c", script]);
        assert_eq!(shell("echo yes"), Ran::Output("yes\n".to_owned()));
        assert_eq!(run("no-such-program-here", &[]), Ran::Missing);
        assert_eq!(
            shell("echo 'Operation not permitted (you must be root)' >&2; exit 1"),
            Ran::NeedsRoot
        );
        assert_eq!(shell("echo oh >&2; exit 3"), Ran::Failed("oh".to_owned()));
        let before = Instant::now();
        assert_eq!(shell("exec sleep 60"), Ran::Failed("it did not answer in time".to_owned()));
        assert!(before.elapsed() < Duration::from_secs(3));
    }
}
