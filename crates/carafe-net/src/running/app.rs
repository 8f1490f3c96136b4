//! The asking side: the apps that run, what they say of themselves, and their sockets.

use std::fs;
use std::io::{self, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::net::sockopt::{Timeout, set_socket_timeout};
use rustix::net::{AddressFamily, SocketAddrUnix, SocketType, connect, socket};
use rustix::process::{Pid, test_kill_process};

use super::folder::control_folders;
use super::line::{Lines, time_left};
use super::sockets;

/// How long an app may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// Bytes of an answer.
const ANSWER: usize = 64 * 1024;

/// The Carafe apps of this user that run now, the lowest process id first. Sockets that dead ones left
/// behind are removed.
pub fn running() -> Vec<RunningApp> {
    let mut apps: Vec<RunningApp> =
        control_folders().iter().flat_map(|folder| apps_in(folder)).collect();
    apps.sort_by_key(|app| app.pid);
    apps
}

pub(super) fn apps_in(folder: &Path) -> Vec<RunningApp> {
    let entries = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    entries
        .filter_map(|entry| {
            remove_unready(&entry.path());
            let pid = entry.file_name().to_str()?.strip_suffix(".sock")?.parse().ok()?;
            let app = RunningApp { pid, socket: entry.path() };
            app.is_alive().then_some(app)
        })
        .collect()
}

/// Removes the socket of a process that ended before it had put it into place.
fn remove_unready(path: &Path) {
    let is_unready = path.extension().is_some_and(|extension| extension == "new");
    let pid = path.file_stem().and_then(|stem| stem.to_str()?.parse().ok());
    if let Some(pid) = pid.filter(|_| is_unready).and_then(Pid::from_raw)
        && test_kill_process(pid) == Err(rustix::io::Errno::SRCH)
    {
        let _ = fs::remove_file(path);
    }
}

/// A Carafe app that runs.
#[derive(Clone, Debug)]
pub struct RunningApp {
    /// Its process id.
    pub pid: u32,
    socket: PathBuf,
}

impl RunningApp {
    /// Asks the app with a line such as `status`, and gives its line of JSON.
    ///
    /// # Errors
    /// When it is gone, or does not answer within two seconds or 64 KiB.
    pub fn ask(&self, line: &str) -> io::Result<String> {
        self.ask_within(line, PATIENCE)
    }

    /// As [`ask`](RunningApp::ask), for what takes the app longer.
    ///
    /// # Errors
    /// As there.
    pub fn ask_within(&self, line: &str, limit: Duration) -> io::Result<String> {
        let deadline = Instant::now() + limit;
        let mut stream = self.connect(limit)?;
        stream.write_all(format!("{line}\n").as_bytes())?;
        Lines::new(stream).next(ANSWER, Some(time_left(deadline)?))
    }

    /// Asks for the app's listening sockets. It serves on until it is told that this process is ready.
    ///
    /// # Errors
    /// As [`ask`](RunningApp::ask). That it refuses is no error here, but said in its answer.
    pub fn take_over(&self) -> io::Result<TakeOver> {
        let deadline = Instant::now() + PATIENCE;
        let mut stream = self.connect(PATIENCE)?;
        stream.write_all(b"take-over\n")?;
        let mut lines = Lines::new(stream);
        let mut sockets = Vec::new();
        loop {
            if let Some(answer) = lines.take_line(ANSWER)? {
                return Ok(TakeOver { answer, sockets, lines });
            }
            lines.stream.set_read_timeout(Some(time_left(deadline)?))?;
            match sockets::receive(&lines.stream) {
                Ok((bytes, _)) if bytes.is_empty() => {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                Ok((bytes, more)) => {
                    lines.rest.extend(bytes);
                    sockets.extend(more);
                }
                // A timeout, of which the deadline tells.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Whether someone listens. A socket at which nobody does is removed.
    fn is_alive(&self) -> bool {
        match self.connect(PATIENCE) {
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
                let _ = fs::remove_file(&self.socket);
                false
            }
            Err(error) => error.kind() != io::ErrorKind::NotFound,
            Ok(_) => true,
        }
    }

    /// Connects; an app that hangs, with more callers than it takes, is not waited for.
    fn connect(&self, limit: Duration) -> io::Result<UnixStream> {
        let fd = socket(AddressFamily::UNIX, SocketType::STREAM, None)?;
        let _ = rustix::io::ioctl_fioclex(fd.as_fd());
        set_socket_timeout(&fd, Timeout::Send, Some(limit))?;
        connect(&fd, &SocketAddrUnix::new(&self.socket)?)?;
        Ok(UnixStream::from(fd))
    }
}

/// An app that is being taken over: what it said, and its listening sockets.
#[derive(Debug)]
pub struct TakeOver {
    answer: String,
    sockets: Vec<OwnedFd>,
    lines: Lines,
}

impl TakeOver {
    /// The app's answer, a line of JSON.
    pub fn answer(&self) -> &str {
        &self.answer
    }

    /// The sockets, in the order of the answer.
    pub fn sockets(&self) -> &[OwnedFd] {
        &self.sockets
    }

    /// The sockets, and the way to say that they are served here. While that is not said, and once
    /// it is dropped unsaid, the app that had them serves on.
    pub fn into_parts(self) -> (Vec<OwnedFd>, Ready) {
        (self.sockets, Ready { lines: self.lines })
    }
}

/// What the app that is taken over waits for.
#[derive(Debug)]
pub struct Ready {
    lines: Lines,
}

impl Ready {
    /// Says that this process serves: the other one stops accepting, finishes and ends.
    ///
    /// # Errors
    /// When the other one is gone.
    pub fn tell(mut self) -> io::Result<()> {
        self.lines.stream.set_write_timeout(Some(PATIENCE))?;
        self.lines.stream.write_all(b"ready\n")
    }
}
