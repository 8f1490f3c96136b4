//! Programs that end with the tool, also when it is killed: `carafe __child`, a trampoline.
//!
//! [`command`] makes a command that starts this program again as `carafe __child PARENT PROGRAM ..`. The
//! new process asks the system to kill it when its parent dies, sees to it that the parent is
//! still there, and becomes PROGRAM. [`group`] is for programs that start others, such as cargo:
//! there the trampoline stays, leads a process group, and ends all of it when the parent is gone.
//! Linux only; elsewhere the program is started by the same way, and ends when it is told to.

use std::env;
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::Path;
use std::process::{Child, Command, ExitCode};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Mutex, OnceLock, PoisonError};

/// The hidden command of the trampoline.
const NAME: &str = "__child";
/// What follows it where the trampoline stays.
const GROUP: &str = "--group";
/// The exit status of shells for a program that cannot be started.
const CANNOT_START: u8 = 127;

/// A command that becomes the program, which ends when this process ends, however that happens. Has
/// to be started by [`spawn`]. A relative path is seen from the command's folder.
///
/// # Errors
/// When there is no such program.
pub(crate) fn command(program: impl AsRef<OsStr>) -> io::Result<Command> {
    trampoline(program.as_ref(), None)
}

/// As [`command`], for a program that starts others: they end with it. The child that is spawned
/// leads a process group of all of them, and [`end_group`] ends it. Its exit status is the program's,
/// a signal being 128 and its number.
///
/// # Errors
/// When there is no such program.
pub(crate) fn group(program: impl AsRef<OsStr>) -> io::Result<Command> {
    let mut command = trampoline(program.as_ref(), Some(GROUP))?;
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    Ok(command)
}

/// Starts a command from a thread that lives as long as this process: the system binds the child's
/// life to the thread that started it.
///
/// # Errors
/// As [`Command::spawn`].
pub(crate) fn spawn(command: Command) -> io::Result<Child> {
    type Order = (Command, Sender<io::Result<Child>>);
    static STARTER: OnceLock<Mutex<Sender<Order>>> = OnceLock::new();
    let starter = STARTER.get_or_init(|| {
        let (order, orders) = channel::<Order>();
        std::thread::spawn(move || {
            for (mut command, answer) in orders {
                // Whoever asked waits for it.
                let _ = answer.send(command.spawn());
            }
        });
        Mutex::new(order)
    });
    let (answer, answered) = channel();
    let gone = |_| io::Error::other("the thread that starts programs is gone");
    let order = starter.lock().unwrap_or_else(PoisonError::into_inner);
    order.send((command, answer)).map_err(|_| gone(()))?;
    drop(order);
    answered.recv().map_err(|_| gone(()))?
}

/// Ends all programs of a child that [`group`] made, at once.
pub(crate) fn end_group(child: &mut Child) {
    #[cfg(unix)]
    {
        use rustix::process::{Pid, Signal, kill_process_group};
        // Not reaped yet, so the number is still its own.
        let ended = matches!(child.try_wait(), Ok(Some(_)));
        if !ended && let Some(pid) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
            let _ = kill_process_group(pid, Signal::KILL);
        }
    }
    let _ = child.kill();
    let _ = child.wait();
}

/// Does the trampoline's work where this process was started for it.
pub(crate) fn asked(arguments: impl Iterator<Item = OsString>) -> Option<ExitCode> {
    let mut arguments = arguments.skip(1).peekable();
    arguments.next_if(|first| first == NAME)?;
    let stays = arguments.next_if(|next| next == GROUP).is_some();
    let parent = arguments.next().and_then(|text| text.to_str()?.parse().ok());
    let (Some(parent), Some(program)) = (parent, arguments.next()) else {
        return Some(crate::output::complain("`__child` is for the tool itself"));
    };
    Some(jump(parent, &program, arguments, stays))
}

/// Starts this program as the trampoline. The unit tests' program is no `carafe`, so there the
/// program is started by itself.
fn trampoline(program: &OsStr, kind: Option<&str>) -> io::Result<Command> {
    if !is_there(program) {
        return Err(io::ErrorKind::NotFound.into());
    }
    if cfg!(test) {
        return Ok(Command::new(program));
    }
    let mut command = Command::new(this_program()?);
    command.arg(NAME).args(kind).arg(std::process::id().to_string()).arg(program);
    Ok(command)
}

/// This program's file, also when another one has taken its place.
fn this_program() -> io::Result<OsString> {
    let kept = Path::new("/proc/self/exe");
    match cfg!(target_os = "linux") && kept.exists() {
        true => Ok(kept.into()),
        false => env::current_exe().map(Into::into),
    }
}

/// Whether a name without a slash is found in `PATH`. A path may be relative to another folder, so
/// only an absolute one is looked at.
fn is_there(program: &OsStr) -> bool {
    let path = Path::new(program);
    if path.components().count() > 1 {
        return path.is_relative() || path.exists();
    }
    let suffix = env::consts::EXE_SUFFIX.trim_start_matches('.');
    let paths = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&paths)
        .map(|folder| folder.join(program))
        .any(|file| file.is_file() || file.with_extension(suffix).is_file())
}

#[cfg(unix)]
fn jump(
    parent: u32,
    program: &OsStr,
    arguments: impl Iterator<Item = OsString>,
    stays: bool,
) -> ExitCode {
    use std::os::unix::process::CommandExt as _;

    #[cfg(target_os = "linux")]
    if !stays {
        use rustix::process::{Signal, set_parent_process_death_signal};
        let _ = set_parent_process_death_signal(Some(Signal::KILL));
    }
    // It may have ended before the line above.
    if std::os::unix::process::parent_id() != parent {
        return ExitCode::FAILURE;
    }
    let mut command = Command::new(program);
    command.args(arguments);
    // Sockets that are handed on are for the program, which has this process's number: sd_listen_fds(3).
    if !stays && env::var_os("LISTEN_FDS").is_some() {
        command.env("LISTEN_PID", std::process::id().to_string());
    }
    #[cfg(target_os = "linux")]
    if stays {
        return keep::run(parent, command).unwrap_or_else(|error| cannot_start(program, &error));
    }
    cannot_start(program, &command.exec())
}

#[cfg(not(unix))]
fn jump(
    _parent: u32,
    program: &OsStr,
    arguments: impl Iterator<Item = OsString>,
    _stays: bool,
) -> ExitCode {
    match Command::new(program).args(arguments).status() {
        Ok(status) => u8::try_from(status.code().unwrap_or(1)).unwrap_or(1).into(),
        Err(error) => cannot_start(program, &error),
    }
}

fn cannot_start(program: &OsStr, error: &io::Error) -> ExitCode {
    let program = program.display();
    crate::output::complain(&format!("`{program}` cannot be started: {error}"));
    CANNOT_START.into()
}

/// The trampoline that stays.
#[cfg(target_os = "linux")]
mod keep {
    use std::io;
    use std::os::fd::OwnedFd;
    use std::os::unix::process::ExitStatusExt as _;
    use std::process::{Command, ExitCode};

    use rustix::event::{PollFd, PollFlags, poll};
    use rustix::process::{
        Pid, PidfdFlags, Signal, getpgrp, getpid, kill_process_group, pidfd_open,
    };

    /// Runs the command, and ends this process's group when the parent dies or the command has ended.
    pub(super) fn run(parent: u32, mut command: Command) -> io::Result<ExitCode> {
        let parent_end = watch(parent)?;
        // It may have died, and its number may be another's, before it was watched.
        if std::os::unix::process::parent_id() != parent {
            return Ok(ExitCode::FAILURE);
        }
        let mut child = command.spawn()?;
        let child_end = watch(child.id())?;
        let mut ends = [&parent_end, &child_end].map(|fd| PollFd::new(fd, PollFlags::IN));
        while poll(&mut ends, None) == Err(rustix::io::Errno::INTR) {}
        if !ends[0].revents().is_empty() && getpgrp() == getpid() {
            // This process is one of them.
            let _ = kill_process_group(getpgrp(), Signal::KILL);
        }
        let status = child.wait()?;
        let code = status.code().or_else(|| Some(128 + status.signal()?)).unwrap_or(1);
        Ok(u8::try_from(code).unwrap_or(1).into())
    }

    fn watch(process: u32) -> io::Result<OwnedFd> {
        let pid = i32::try_from(process).ok().and_then(Pid::from_raw);
        let pid = pid.ok_or(io::ErrorKind::NotFound)?;
        Ok(pidfd_open(pid, PidfdFlags::empty())?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_is_not_there_is_known_before() {
        let check = |program: &str, there: bool| {
            let found = command(program).map(|_| ()).map_err(|error| error.kind());
            assert_eq!(
                found,
                if there { Ok(()) } else { Err(io::ErrorKind::NotFound) },
                "{program}"
            );
        };
        check("sh", true);
        check("/bin/sh", true);
        check("no-such-program", false);
        check("/no/such/program", false);
    }

    #[test]
    fn other_commands_are_left_alone() {
        let arguments = |line: &str| line.split(' ').map(OsString::from).collect::<Vec<_>>();
        assert!(asked(arguments("carafe run __child").into_iter()).is_none());
        assert!(asked(arguments("carafe").into_iter()).is_none());
    }

    #[test]
    fn the_child_outlives_the_thread_that_asked_for_it() {
        let start = || {
            let mut sleep = command("sleep").unwrap();
            sleep.arg("60");
            spawn(sleep).unwrap()
        };
        let mut child = std::thread::spawn(start).join().unwrap();
        assert!(child.try_wait().unwrap().is_none());
        end_group(&mut child);
    }
}
