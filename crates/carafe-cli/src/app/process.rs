//! The app's process: started on sockets of the tool, heard, and ended in order.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::io::{self, BufRead, BufReader, Read};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixDatagram;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use command_fds::{CommandFdExt as _, FdMapping};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};

use crate::child;

/// The number of the first socket that is handed over; see sd_listen_fds(3).
const FIRST_SOCKET: i32 = 3;
/// The longest line that is passed on in one piece.
const LONGEST: u64 = 64 << 10;
/// Lines of its last words that are kept.
const KEPT: usize = 40;
/// What its watcher sends to the socket where the app says that it is ready.
const ENDED: &[u8] = b"carafe: it has ended";

/// What to start.
#[derive(Debug)]
pub(crate) struct Launch<'a> {
    pub(crate) program: &'a Path,
    pub(crate) arguments: &'a [OsString],
    pub(crate) env: Vec<(&'static str, OsString)>,
    /// The listening sockets, which the app gets as `LISTEN_FDS`.
    pub(crate) sockets: Vec<OwnedFd>,
    /// A folder that only this user can enter.
    pub(crate) folder: &'a Path,
    /// Whether its output is heard, and kept for when it ends; else it goes where the tool's goes.
    pub(crate) heard: bool,
}

/// What an app tells.
#[derive(Debug)]
pub(crate) enum Said {
    /// A line of its standard output, without its end.
    Out(String),
    /// A line of its standard error, without its end.
    Err(String),
    /// It takes connections.
    Ready,
    /// Its end; nothing follows.
    Ended(End),
}

/// How it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct End {
    /// `exit status 1`, `it panicked at src/main.rs:7:5`, or `killed by signal 11 (SIGSEGV)`.
    pub(crate) how: String,
    /// The status as shells have it: a signal is 128 and its number.
    pub(crate) code: u8,
    /// The last lines of its standard error.
    pub(crate) last: Vec<String>,
}

/// An app that was started.
pub(crate) struct App {
    pid: u32,
    child: Arc<Mutex<Running>>,
}

struct Running {
    child: Child,
    ended: bool,
}

impl App {
    /// Starts it; `hear` is called from other threads.
    ///
    /// # Errors
    /// What the system says.
    pub(crate) fn start(
        launch: Launch<'_>,
        hear: impl Fn(Said) + Send + Sync + 'static,
    ) -> io::Result<App> {
        let (notify, path) = notify_socket(launch.folder)?;
        let heard = launch.heard;
        let mut child = child::spawn(command(launch, &path)?)?;
        let hear = Arc::new(hear);
        let last = Arc::new(Mutex::new(VecDeque::new()));
        let mut readers = Vec::new();
        if heard {
            let keep = |line: &str, last: &Mutex<VecDeque<String>>| {
                let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
                last.push_back(line.to_owned());
                if last.len() > KEPT {
                    last.pop_front();
                }
            };
            let (out, err) = (child.stdout.take(), child.stderr.take());
            let (told, kept) = (hear.clone(), last.clone());
            readers.extend(out.map(|out| pass_on(out, move |line| told(Said::Out(line)))));
            let told = hear.clone();
            readers.extend(err.map(|err| {
                pass_on(err, move |line| {
                    keep(&line, &kept);
                    told(Said::Err(line));
                })
            }));
        }
        let pid = child.id();
        let child = Arc::new(Mutex::new(Running { child, ended: false }));
        let told = hear.clone();
        let ready = thread::spawn(move || wait_for_ready(&notify, || told(Said::Ready)));
        let watched = child.clone();
        thread::spawn(move || {
            let status = wait(pid, &watched);
            if let Ok(own) = UnixDatagram::unbound() {
                let _ = own.send_to(ENDED, &path);
            }
            let _ = std::fs::remove_file(&path);
            readers.into_iter().chain([ready]).for_each(|thread| drop(thread.join()));
            let last = last.lock().unwrap_or_else(PoisonError::into_inner).drain(..).collect();
            hear(Said::Ended(end(status, last)));
        });
        Ok(App { pid, child })
    }

    /// Its process id.
    pub(crate) fn pid(&self) -> u32 {
        self.pid
    }

    /// Asks it to finish its requests and end.
    pub(crate) fn ask_to_end(&self) {
        self.signal(Signal::TERM);
    }

    /// Ends it at once.
    pub(crate) fn kill(&self) {
        self.signal(Signal::KILL);
    }

    /// While the lock is held and it was not waited for, its number is its own.
    fn signal(&self, signal: Signal) {
        let running = lock(&self.child);
        if let Some(pid) = pid_of(self.pid).filter(|_| !running.ended) {
            let _ = kill_process(pid, signal);
        }
    }
}

impl Drop for App {
    fn drop(&mut self) {
        self.kill();
    }
}

fn lock(child: &Mutex<Running>) -> std::sync::MutexGuard<'_, Running> {
    child.lock().unwrap_or_else(PoisonError::into_inner)
}

fn pid_of(pid: u32) -> Option<Pid> {
    i32::try_from(pid).ok().and_then(Pid::from_raw)
}

/// A socket for `READY=1` (sd_notify(3)), which belongs to this one process.
fn notify_socket(folder: &Path) -> io::Result<(UnixDatagram, PathBuf)> {
    static NUMBER: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let path = folder.join(format!("ready-{number}"));
    Ok((UnixDatagram::bind(&path)?, path))
}

fn command(launch: Launch<'_>, notify: &Path) -> io::Result<std::process::Command> {
    let mut command = child::command(launch.program)?;
    command.args(launch.arguments).envs(launch.env).env("NOTIFY_SOCKET", notify);
    // Signals of the terminal are the tool's, which passes on what they mean.
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command.stdin(Stdio::null());
    if launch.heard {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
    }
    command.env_remove("LISTEN_PID").env("LISTEN_FDS", launch.sockets.len().to_string());
    let names = vec![carafe::__tool::SOCKET_NAME; launch.sockets.len()];
    command.env("LISTEN_FDNAMES", names.join(":"));
    let mappings = (FIRST_SOCKET..).zip(launch.sockets);
    let mappings = mappings.map(|(child_fd, parent_fd)| FdMapping { parent_fd, child_fd });
    command.fd_mappings(mappings.collect()).map_err(io::Error::other)?;
    Ok(command)
}

fn pass_on(
    out: impl Read + Send + 'static,
    take: impl Fn(String) + Send + 'static,
) -> JoinHandle<()> {
    thread::spawn(move || {
        let mut out = BufReader::new(out);
        loop {
            let mut line = Vec::new();
            match out.by_ref().take(LONGEST).read_until(b'\n', &mut line) {
                Ok(1..) => {
                    take(String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_owned())
                }
                _ => return,
            }
        }
    })
}

/// Waits for the first word that it is ready, then for the end.
fn wait_for_ready(socket: &UnixDatagram, ready: impl Fn()) {
    let (mut bytes, mut told) = ([0; 4096], false);
    while let Ok(length) = socket.recv(&mut bytes) {
        let words = &bytes[..length];
        if words == ENDED {
            return;
        }
        if !told && words.split(|byte| *byte == b'\n').any(|line| line == b"READY=1") {
            told = true;
            ready();
        }
    }
}

fn wait(pid: u32, child: &Mutex<Running>) -> io::Result<ExitStatus> {
    // Waits without reaping, so that nobody signals another process of the same number meanwhile.
    if let Some(pid) = pid_of(pid) {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        while waitid(WaitId::Pid(pid), options).err() == Some(rustix::io::Errno::INTR) {}
    }
    let mut running = lock(child);
    running.ended = true;
    running.child.wait()
}

fn end(status: io::Result<ExitStatus>, last: Vec<String>) -> End {
    let status = match status {
        Ok(status) => status,
        Err(error) => {
            return End { how: format!("it cannot be waited for: {error}"), code: 1, last };
        }
    };
    match (status.code(), status.signal()) {
        (Some(code), _) => {
            let code = u8::try_from(code).unwrap_or(1);
            let panic = if code == PANICKED { panicked_at(&last) } else { None };
            let how = match panic {
                Some(place) => format!("it panicked at {place}"),
                None => format!("exit status {code}"),
            };
            End { how, code, last }
        }
        (None, signal) => {
            let signal = signal.unwrap_or_default();
            let code = u8::try_from(signal).map_or(1, |signal| signal.saturating_add(128));
            End { how: format!("killed by signal {signal}{}", name(signal)), code, last }
        }
    }
}

/// The exit status of a program whose main thread panicked.
const PANICKED: u8 = 101;

/// Where the last panic was, as the standard library has said it.
fn panicked_at(last: &[String]) -> Option<&str> {
    let place =
        |line: &'_ String| line.starts_with("thread '").then(|| line.rfind(" panicked at "))?;
    let line = last.iter().rev().find(|line| place(line).is_some())?;
    line.get(place(line)? + " panicked at ".len()..)?.strip_suffix(':')
}

/// The name of a signal that ends programs, and what it usually means.
fn name(signal: i32) -> &'static str {
    match signal {
        4 => " (SIGILL: an illegal instruction)",
        6 => " (SIGABRT: it aborted itself)",
        7 | 10 if signal == Signal::BUS.as_raw() => " (SIGBUS: a bus error)",
        9 => " (SIGKILL: by another program, or for want of memory)",
        11 => " (SIGSEGV: an access to memory that is not its own, or a stack overflow)",
        15 => " (SIGTERM: by another program)",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, channel};
    use std::time::Duration;

    use super::*;

    fn start(script: &str) -> (App, Receiver<Said>, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let (said, heard) = channel();
        let said = Mutex::new(said);
        let launch = Launch {
            program: Path::new("/bin/sh"),
            arguments: &["-c".into(), script.into()],
            env: vec![("WORD", "through".into())],
            sockets: vec![std::net::TcpListener::bind("127.0.0.1:0").unwrap().into()],
            folder: folder.path(),
            heard: true,
        };
        let app = App::start(launch, move |said_now| drop(said.lock().unwrap().send(said_now)));
        (app.unwrap(), heard, folder)
    }

    fn end_of(heard: &Receiver<Said>) -> (Vec<String>, End) {
        let mut lines = Vec::new();
        loop {
            match heard.recv_timeout(Duration::from_secs(20)).unwrap() {
                Said::Out(line) | Said::Err(line) => lines.push(line),
                Said::Ready => lines.push("READY".to_owned()),
                Said::Ended(end) => return (lines, end),
            }
        }
    }

    #[test]
    fn where_it_panicked() {
        let check = |last: &[&str], expected: Option<&str>| {
            let last: Vec<String> = last.iter().map(|line| (*line).to_owned()).collect();
            assert_eq!(panicked_at(&last), expected, "{last:?}");
        };
        let place = Some("src/main.rs:7:5");
        check(&["thread 'main' (42) panicked at src/main.rs:7:5:", "no database"], place);
        check(
            &["thread 'a' panicked at a.rs:1:1:", "thread 'main' panicked at src/main.rs:7:5:"],
            place,
        );
        check(&["it panicked at noon:"], None);
        check(&["thread 'main' panicked at", ""], None);
    }

    #[test]
    fn gets_sockets_and_variables_and_is_heard() {
        let script =
            "echo $WORD $LISTEN_FDS $LISTEN_FDNAMES; ls -l /proc/$$/fd/3 | grep -c socket; exit 3";
        let (_app, heard, _folder) = start(script);
        let (lines, end) = end_of(&heard);
        assert_eq!(lines, ["through 1 carafe-run", "1"]);
        assert_eq!(end, End { how: "exit status 3".to_owned(), code: 3, last: vec![] });
    }

    #[test]
    fn its_last_words_are_kept() {
        let (_app, heard, _folder) =
            start("for i in $(seq 100); do echo $i >&2; done; kill -SEGV $$");
        let (lines, end) = end_of(&heard);
        assert_eq!((lines.len(), end.last.len(), end.code), (100, KEPT, 139));
        assert_eq!(end.last.last().unwrap(), "100");
        assert!(end.how.starts_with("killed by signal 11 (SIGSEGV"), "{}", end.how);
    }

    #[test]
    fn ends_when_it_is_asked_to() {
        let (app, heard, _folder) =
            start("trap 'echo asked; exit 0' TERM; echo up; while :; do sleep 0.01; done");
        assert!(
            matches!(heard.recv_timeout(Duration::from_secs(20)), Ok(Said::Out(line)) if line == "up")
        );
        app.ask_to_end();
        let (lines, end) = end_of(&heard);
        assert_eq!((lines, end.code), (vec!["asked".to_owned()], 0));
        // Its number may be another's now.
        app.kill();
    }
}
