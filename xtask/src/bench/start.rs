//! From the command to the app's first answer, with nothing left to build: the guestbook under `carafe
//! run` and under `carafe debug`, by turns.

use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::median;
use super::reload::{ask, failed, free, guestbook, until};
use crate::error::{Error, Result};
use crate::workspace::Workspace;

pub(super) const TURNS: usize = 11;
/// What the tool has started ends with it, a moment later.
const END: Duration = Duration::from_secs(10);

const MODES: [(&str, &[&str]); 2] = [
    ("carafe run", &["run", "--set", "access_log=off"]),
    ("carafe debug", &["debug", "--no-open", "--page-port", "0"]),
];

/// Starts in turns and prints a table.
pub(super) fn print(workspace: &Workspace, turns: usize) -> Result<()> {
    let (folder, tool) = guestbook(workspace, "guestbook")?;
    let target = workspace.target().join("bench-reload/target");
    let mut times = [const { Vec::new() }; MODES.len()];
    // The first turn builds.
    for turn in 0..=turns {
        for ((_, line), times) in MODES.iter().zip(&mut times) {
            let took = start(&tool, line, &folder, &target)?;
            if turn > 0 {
                times.push(took.as_secs_f64());
            }
        }
    }
    println!("From the command to the first answer, nothing to build, medians of {turns}\n");
    println!("| command | s | fastest | slowest |\n|---|--:|--:|--:|");
    for ((name, _), times) in MODES.iter().zip(times) {
        let least = times.iter().copied().fold(f64::INFINITY, f64::min);
        let most = times.iter().copied().fold(0.0, f64::max);
        println!("| `{name}` | {:.2} | {least:.2} | {most:.2} |", median(times));
    }
    Ok(())
}

/// The time until the app answers; it has ended when this returns.
fn start(tool: &PathBuf, line: &[&str], folder: &Path, target: &Path) -> Result<Duration> {
    let address = free(folder)?;
    let mut command = Command::new(tool);
    command.args(line).args(["--host", "127.0.0.1", "--port", &address.port().to_string()]);
    command.current_dir(folder).env("CARGO_TARGET_DIR", target);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let begin = Instant::now();
    let mut tool = command.spawn().map_err(failed(folder))?;
    let answered = until(|| ask(address, "/"), "HTTP/1.1 200");
    let took = begin.elapsed();
    let _ = tool.kill();
    let _ = tool.wait();
    answered?;
    while TcpStream::connect(address).is_ok() {
        if begin.elapsed() > took + END {
            return Err(Error::new(format!("something still listens on {address}")));
        }
        thread::sleep(Duration::from_millis(5));
    }
    Ok(took)
}
