//! The end of a debugged program when this tool is killed: `carafe __guard`, a process that waits for it.
//!
//! A debugger starts the program through a server of its own, so that the system cannot bind the
//! program's life to ours, as `child` does. Where that server is killed, the program even runs on. So
//! everything that is started for a session carries a mark in its environment, and a process apart from
//! ours, which notices our end by a pipe, ends whatever has it. Linux only: elsewhere the
//! debugger's own server ends the program when it has lost its debugger.

use std::ffi::OsString;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitCode, Stdio};

/// The hidden command.
const NAME: &str = "__guard";
/// The variable that has the mark.
const VARIABLE: &str = "CARAFE_TOOL_GUARD";

/// Watches over what is started with its mark; dropped, it ends that.
#[derive(Debug)]
pub(crate) struct Guard {
    mark: String,
    /// Open as long as this process lives.
    pipe: Option<ChildStdin>,
    process: Option<Child>,
}

impl Guard {
    /// Begins to watch; this folder is removed in the end.
    ///
    /// # Errors
    /// When the system gives no random numbers, or no process.
    pub(crate) fn start(folder: &Path) -> Result<Guard, String> {
        let mut random = [0; 16];
        getrandom::fill(&mut random)
            .map_err(|error| format!("the system gives no random numbers: {error}"))?;
        let mark: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
        if !cfg!(target_os = "linux") || cfg!(test) {
            return Ok(Guard { mark, pipe: None, process: None });
        }
        let mut command = Command::new("/proc/self/exe");
        command.arg(NAME).arg(&mark).arg(folder).current_dir("/");
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        // Ctrl-C in the terminal is not meant for it.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let process = command.spawn();
        let mut process = process
            .map_err(|error| format!("a process of this tool cannot be started: {error}"))?;
        Ok(Guard { mark, pipe: process.stdin.take(), process: Some(process) })
    }

    /// The variable that puts a process, and all that it starts, under this guard.
    pub(crate) fn variable(&self) -> (&'static str, &str) {
        (VARIABLE, &self.mark)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        // It sees that the pipe is closed, and does its work.
        self.pipe = None;
        if let Some(process) = &mut self.process {
            let _ = process.wait();
        }
    }
}

/// Does the guard's work where this process was started for it.
pub(crate) fn asked(arguments: impl Iterator<Item = OsString>) -> Option<ExitCode> {
    let mut arguments = arguments.skip(1);
    arguments.next().filter(|first| first == NAME)?;
    let mark = arguments.next().and_then(|mark| mark.into_string().ok());
    let (Some(mark), Some(folder)) = (mark, arguments.next().map(PathBuf::from)) else {
        return Some(crate::output::complain("`__guard` is for the tool itself"));
    };
    // Nothing is ever written: this ends with the tool.
    let _ = std::io::stdin().lock().read_to_end(&mut Vec::new());
    sweep(&mark);
    let _ = std::fs::remove_dir_all(folder);
    Some(ExitCode::SUCCESS)
}

#[cfg(not(target_os = "linux"))]
fn sweep(_mark: &str) {}

/// Ends all processes that have the mark, until none is left.
#[cfg(target_os = "linux")]
fn sweep(mark: &str) {
    use std::time::{Duration, Instant};

    /// The kernel may need a moment to take down a process with much memory.
    const LIMIT: Duration = Duration::from_secs(10);
    const LOOK_AGAIN: Duration = Duration::from_millis(5);
    let entry = format!("{VARIABLE}={mark}");
    let deadline = Instant::now() + LIMIT;
    while linux::end_marked(entry.as_bytes()) && Instant::now() < deadline {
        std::thread::sleep(LOOK_AGAIN);
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use rustix::process::{Pid, PidfdFlags, Signal, getpid, pidfd_open, pidfd_send_signal};

    /// Kills each process with this entry in its environment; gives whether there was one.
    pub(super) fn end_marked(entry: &[u8]) -> bool {
        let Ok(processes) = std::fs::read_dir("/proc") else { return false };
        let ids = processes.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        let others = ids.filter_map(Pid::from_raw).filter(|pid| *pid != getpid());
        others.filter(|pid| has(*pid, entry)).map(|pid| end(pid, entry)).count() > 0
    }

    /// One that has ended has no environment any more, also when nobody has asked for its status.
    fn has(pid: Pid, entry: &[u8]) -> bool {
        let environment = std::fs::read(format!("/proc/{}/environ", pid.as_raw_pid()));
        environment.is_ok_and(|all| all.split(|byte| *byte == 0).any(|one| one == entry))
    }

    fn end(pid: Pid, entry: &[u8]) {
        match pidfd_open(pid, PidfdFlags::empty()) {
            // Looked at again, since from here on the number can be no other process's.
            Ok(process) if has(pid, entry) => {
                let _ = pidfd_send_signal(process, Signal::KILL);
            }
            Ok(_) => {}
            // An old kernel, or a sandbox that does not offer it.
            Err(_) => drop(rustix::process::kill_process(pid, Signal::KILL)),
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn ends_what_has_the_mark_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let guard = Guard::start(folder.path()).unwrap();
        let (name, mark) = guard.variable();
        let start = |mark: &str| Command::new("sleep").arg("60").env(name, mark).spawn().unwrap();
        let (mut marked, mut other) = (start(mark), start("x"));
        sweep(mark);
        assert!(!marked.wait().unwrap().success());
        assert!(other.try_wait().unwrap().is_none());
        other.kill().unwrap();
        other.wait().unwrap();
    }

    #[test]
    fn other_commands_are_left_alone() {
        let arguments = ["carafe", "dap", "__guard"].map(OsString::from);
        assert!(asked(arguments.into_iter()).is_none());
    }
}
