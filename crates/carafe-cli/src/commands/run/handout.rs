//! The app's listening sockets at a path, for an app that a debugger starts: it inherits no files.

use std::io;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

/// The variable that names the path to an app.
pub(super) const VARIABLE: &str = "CARAFE_TOOL_SOCKETS";

/// Gives the sockets to one process at each [`Handout::allow`], until it is dropped.
pub(super) struct Handout {
    path: PathBuf,
    /// Whether the next one gets them.
    allowed: Arc<AtomicBool>,
    closed: Arc<AtomicBool>,
}

impl Handout {
    /// Waits in a folder that only this user can enter.
    ///
    /// # Errors
    /// When the system makes no socket there.
    pub(super) fn start(folder: &Path, sockets: Vec<OwnedFd>) -> io::Result<Handout> {
        let path = folder.join("sockets");
        let _ = std::fs::remove_file(&path);
        let listener = UnixListener::bind(&path)?;
        let (allowed, closed) =
            (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let (allows, ends) = (allowed.clone(), closed.clone());
        thread::Builder::new().spawn(move || {
            let sockets: Vec<BorrowedFd<'_>> =
                sockets.iter().map(|socket| socket.as_fd()).collect();
            for stream in listener.incoming() {
                if ends.load(Ordering::SeqCst) {
                    return;
                }
                // A program that the app starts has its variables, and gets nothing.
                if let Ok(stream) = stream
                    && allows.swap(false, Ordering::SeqCst)
                {
                    // An app that did not take them opens its own, and says why it cannot.
                    let _ = carafe_net::give_sockets(stream, &sockets);
                }
            }
        })?;
        Ok(Handout { path, allowed, closed })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The next process that asks gets the sockets.
    pub(super) fn allow(&self) {
        self.allowed.store(true, Ordering::SeqCst);
    }
}

impl Drop for Handout {
    fn drop(&mut self) {
        self.closed.store(true, Ordering::SeqCst);
        // Wakes the thread.
        let _ = UnixStream::connect(&self.path);
        let _ = std::fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn each_start_gets_them_once() {
        let folder = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let handout = Handout::start(folder.path(), vec![listener.into()]).unwrap();
        let given = || carafe_net::take_sockets(handout.path()).unwrap().len();
        assert_eq!(given(), 0);
        handout.allow();
        assert_eq!((given(), given()), (1, 0));
        handout.allow();
        assert_eq!(given(), 1);
        let path = handout.path().to_owned();
        drop(handout);
        assert!(!path.exists());
    }
}
