//! How this process was started, so that its successor can be started in the same way.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// The flag that makes a successor of a process.
const TAKE_OVER: &str = "--take-over";

/// The program, its arguments and its folder, as they were at the start.
#[derive(Debug)]
pub(in crate::run) struct Origin {
    /// The file that runs.
    executable: Option<PathBuf>,
    /// Where the program is found, which may be another file by now: that is the point.
    program: io::Result<PathBuf>,
    /// What it was called.
    name: Option<OsString>,
    arguments: Vec<OsString>,
    folder: io::Result<PathBuf>,
    /// Whether it was started on a terminal.
    terminal: bool,
    /// Whether it was started with SIGHUP ignored, as `nohup` does.
    nohup: bool,
}

impl Origin {
    /// Has to be made before signals are caught.
    pub(super) fn note() -> Origin {
        let mut arguments = std::env::args_os();
        let name = arguments.next();
        let folder = std::env::current_dir();
        Origin {
            executable: std::env::current_exe().ok(),
            program: program(name.as_ref(), folder.as_ref().ok()),
            name,
            arguments: arguments.collect(),
            folder,
            terminal: has_terminal(),
            nohup: ignores_hangup(),
        }
    }

    /// The file that runs, as it was called at the start.
    pub(in crate::run) fn executable(&self) -> Option<&Path> {
        self.executable.as_deref()
    }

    /// The folder that it was started in.
    pub(in crate::run) fn folder(&self) -> Option<&Path> {
        self.folder.as_deref().ok()
    }

    /// It was started by its predecessor, away from any terminal.
    pub(super) fn forget_terminal(&mut self) {
        self.terminal = false;
    }

    /// Whether the terminal that it was started on is gone.
    pub(super) fn has_lost_terminal(&self) -> bool {
        self.terminal && !has_terminal()
    }

    /// Whether it is to outlive its terminal.
    pub(super) fn is_nohup(&self) -> bool {
        self.nohup
    }

    /// Starts the program once more, to take over.
    pub(super) fn start_again(&self) -> io::Result<Child> {
        let copy = |error: &io::Error| io::Error::new(error.kind(), error.to_string());
        let program = self.program.as_ref().map_err(copy)?;
        let mut command = Command::new(program);
        if let Some(name) = &self.name {
            command.arg0(name);
        }
        command.args(with_take_over(&self.arguments));
        command.current_dir(self.folder.as_ref().map_err(copy)?);
        // The terminal belongs to the shell again once this process has ended: the new one neither
        // reads from it, nor ends with it.
        command.stdin(Stdio::null()).process_group(0);
        command.spawn().map_err(|error| {
            io::Error::new(error.kind(), format!("`{}`: {error}", program.display()))
        })
    }
}

fn with_take_over(arguments: &[OsString]) -> Vec<OsString> {
    let mut arguments = arguments.to_vec();
    if !arguments.iter().any(|argument| argument == TAKE_OVER) {
        arguments.push(TAKE_OVER.into());
    }
    arguments
}

/// The program's file. As it was written if that leads there, since a new release is often put in
/// place by changing a link on the way.
fn program(name: Option<&OsString>, folder: Option<&PathBuf>) -> io::Result<PathBuf> {
    let exact = std::env::current_exe()?;
    let written = name.filter(|name| name.to_string_lossy().contains('/'));
    let written = written.zip(folder).map(|(name, folder)| folder.join(name));
    let same = |path: &PathBuf| fs::canonicalize(path).is_ok_and(|path| path == exact);
    Ok(written.filter(same).unwrap_or(exact))
}

fn has_terminal() -> bool {
    fs::File::open("/dev/tty").is_ok()
}

/// Whether SIGHUP is ignored. Only Linux tells; elsewhere `nohup` has the usual effect of none.
fn ignores_hangup() -> bool {
    ignored_signals(&fs::read_to_string("/proc/self/status").unwrap_or_default()) & 1 != 0
}

/// The bits of the signals that a process ignores; bit 0 is signal 1, which is SIGHUP.
fn ignored_signals(status: &str) -> u64 {
    let line = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    line.and_then(|bits| u64::from_str_radix(bits.trim(), 16).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flag_is_there_once() {
        let check = |arguments: &[&str], expected: &[&str]| {
            let arguments: Vec<OsString> = arguments.iter().map(OsString::from).collect();
            assert_eq!(with_take_over(&arguments), expected);
        };
        check(&[], &["--take-over"]);
        check(&["run", "--port", "80"], &["run", "--port", "80", "--take-over"]);
        check(&["--take-over", "--port", "80"], &["--take-over", "--port", "80"]);
    }

    #[test]
    fn a_link_on_the_way_to_the_program_is_kept() {
        let exact = std::env::current_exe().unwrap();
        let root = tempfile::tempdir().unwrap();
        let (name, other) = (OsString::from("current/app"), OsString::from("app"));
        let folder = root.path().to_path_buf();
        fs::create_dir(folder.join("one")).unwrap();
        std::os::unix::fs::symlink(&exact, folder.join("one/app")).unwrap();
        std::os::unix::fs::symlink("one", folder.join("current")).unwrap();
        let check = |name: Option<&OsString>, folder: Option<&PathBuf>, expected: &Path| {
            assert_eq!(program(name, folder).unwrap(), expected);
        };
        check(Some(&name), Some(&folder), &folder.join("current/app"));
        check(Some(&other), Some(&folder), &exact);
        check(Some(&name), None, &exact);
        check(None, Some(&folder), &exact);
        check(Some(&"/bin/sh".into()), Some(&folder), &exact);
    }

    #[test]
    fn ignored_signals_are_read() {
        assert_eq!(
            ignored_signals("SigBlk:\t01\nSigIgn:\t0000000000001001\nSigCgt:\t02\n"),
            0x1001
        );
        assert_eq!(ignored_signals("Name:\tapp\n"), 0);
    }
}
