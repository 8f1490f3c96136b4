//! The app's side: the socket at which it answers.

use std::fs;
use std::io::{self, Write};
use std::os::fd::BorrowedFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::folder::control_folder;
use super::line::Lines;
use super::sockets;

/// How long a caller may take to say what it wants, and to take the answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// Bytes of what a caller may want.
const LINE: usize = 400;

/// The socket at which this process answers questions about itself.
#[derive(Debug)]
pub struct ControlSocket {
    listener: UnixListener,
    path: PathBuf,
}

impl ControlSocket {
    /// Opens `<pid>.sock` in the [`control_folder`].
    ///
    /// # Errors
    /// When there is no such folder, or the system makes no socket in it.
    pub fn open() -> io::Result<ControlSocket> {
        ControlSocket::open_in(&control_folder()?)
    }

    fn open_in(folder: &Path) -> io::Result<ControlSocket> {
        let pid = std::process::id();
        let (unready, path) =
            (folder.join(format!("{pid}.new")), folder.join(format!("{pid}.sock")));
        // Left behind by a process that had our number.
        let _ = fs::remove_file(&unready);
        let listener = UnixListener::bind(&unready)?;
        // Only now does it answer: whoever meets a socket that does not may remove it.
        fs::rename(&unready, &path)?;
        Ok(ControlSocket { listener, path })
    }

    /// Waits for someone who may ask: this user, or root.
    ///
    /// # Errors
    /// When the system gives no connection.
    pub fn accept(&self) -> io::Result<Caller> {
        loop {
            let (stream, _unnamed) = self.listener.accept()?;
            // Whoever it may not be, or has gone, is not worth ending for.
            if let Ok(Some(pid)) = permitted(&stream) {
                stream.set_write_timeout(Some(PATIENCE))?;
                return Ok(Caller { pid, lines: Lines::new(stream) });
            }
        }
    }

    /// Takes the socket away from where others look for it. Who has it still gets an answer.
    pub fn retire(&self) {
        let _ = fs::remove_file(&self.path);
    }

    /// Whether it still is where others look for it: a runtime folder ends with its user's session.
    pub fn is_there(&self) -> bool {
        self.path.symlink_metadata().is_ok()
    }
}

/// The process at the other side, unless it is another user's. The folder keeps those out already.
/// One of another container, whose number means nothing here, is not answered.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) fn permitted(stream: &UnixStream) -> io::Result<Option<u32>> {
    let peer = rustix::net::sockopt::socket_peercred(stream)?;
    let own = rustix::process::geteuid();
    let pid = u32::try_from(peer.pid.as_raw_nonzero().get()).unwrap_or_default();
    Ok((peer.uid == own || peer.uid.is_root()).then_some(pid))
}

/// Here the folder alone keeps other users out, and the process is not known.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(super) fn permitted(_stream: &UnixStream) -> io::Result<Option<u32>> {
    Ok(Some(0))
}

/// Someone who asks.
#[derive(Debug)]
pub struct Caller {
    pid: u32,
    lines: Lines,
}

impl Caller {
    /// The process that asks; 0 where the system does not say.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// What it wants, in at most 400 bytes and two seconds.
    ///
    /// # Errors
    /// When nothing came, or too much.
    pub fn line(&mut self) -> io::Result<String> {
        self.lines.next(LINE, Some(PATIENCE))
    }

    /// What it says next, however long that takes.
    ///
    /// # Errors
    /// When it is gone, or said too much.
    pub fn next_line(&mut self) -> io::Result<String> {
        self.lines.next(LINE, None)
    }

    /// Answers with one line.
    ///
    /// # Errors
    /// When the caller is gone, or takes nothing for two seconds.
    pub fn answer(&mut self, line: &str) -> io::Result<()> {
        self.lines.stream.write_all(format!("{line}\n").as_bytes())
    }

    /// Answers with one line and with sockets, which the caller then has too.
    ///
    /// # Errors
    /// As [`answer`](Caller::answer), and with more than 64 sockets.
    pub fn answer_with(&mut self, line: &str, sockets: &[BorrowedFd<'_>]) -> io::Result<()> {
        let line = format!("{line}\n");
        let sent = sockets::send(&self.lines.stream, line.as_bytes(), sockets)?;
        self.lines.stream.write_all(&line.as_bytes()[sent..])
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::os::fd::AsFd;
    use std::thread;

    use super::super::app::apps_in;
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("carafe-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    #[test]
    fn an_app_is_found_and_answers() {
        let folder = folder("found");
        let socket = ControlSocket::open_in(&folder).unwrap();
        // One that a dead app left, and what is none at all.
        drop(UnixListener::bind(folder.join("2147483647.sock")).unwrap());
        fs::write(folder.join("notes.txt"), "").unwrap();
        drop(UnixListener::bind(folder.join("2147483647.new")).unwrap());
        let apps = thread::scope(|scope| {
            scope.spawn(|| {
                // The look whether it answers, and the question.
                socket.accept().unwrap().line().unwrap_err();
                let mut caller = socket.accept().unwrap();
                let question = caller.line().unwrap();
                caller.answer(&format!("{{\"asked\":\"{question}\"}}")).unwrap();
            });
            let apps = apps_in(&folder);
            assert_eq!(apps[0].ask("status").unwrap(), "{\"asked\":\"status\"}");
            apps
        });
        assert_eq!(apps.iter().map(|app| app.pid).collect::<Vec<_>>(), [std::process::id()]);
        assert!(!folder.join("2147483647.sock").exists(), "a stale socket stays");
        assert!(!folder.join("2147483647.new").exists(), "a socket that never was ready stays");
        assert!(socket.is_there());
        socket.retire();
        assert!(!socket.is_there());
        assert!(apps_in(&folder).is_empty());
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn sockets_are_handed_on() {
        let folder = folder("handed");
        let socket = ControlSocket::open_in(&folder).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::scope(|scope| {
            let server = scope.spawn(|| {
                socket.accept().unwrap().line().unwrap_err();
                let mut caller = socket.accept().unwrap();
                assert_eq!(caller.line().unwrap(), "take-over");
                assert_eq!(caller.pid(), std::process::id());
                // A long line comes in more than one piece.
                let line = "x".repeat(10_000);
                caller.answer_with(&line, &[listener.as_fd(), listener.as_fd()]).unwrap();
                caller.next_line()
            });
            let taken = apps_in(&folder)[0].take_over().unwrap();
            assert_eq!((taken.answer().len(), taken.sockets().len()), (10_000, 2));
            let (mut sockets, ready) = taken.into_parts();
            let taken = TcpListener::from(sockets.remove(0));
            assert_eq!(taken.local_addr().unwrap(), address);
            ready.tell().unwrap();
            assert_eq!(server.join().unwrap().unwrap(), "ready");
        });
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn one_that_says_nothing_is_not_waited_for() {
        let folder = folder("silent");
        let _socket = ControlSocket::open_in(&folder).unwrap();
        let app = &apps_in(&folder)[0];
        let error = app.ask_within("status", Duration::from_millis(50)).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        fs::remove_dir_all(folder).unwrap();
    }
}
