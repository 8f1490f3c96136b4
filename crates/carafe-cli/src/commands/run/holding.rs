//! What answers on the app's sockets while no app does: a page that says why and reloads itself.
//!
//! A browser gets the page at once. Any other request of this computer waits for the app and is passed on
//! to it, bytes as they are. Requests of other computers are told to come back: passed on from here
//! they would look like this computer's own, which is shown more.

mod answer;
mod head;
mod page;
mod relay;

use std::io;
use std::net::TcpStream;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::net::{SocketFlags, accept_with};

use crate::app::diagnostic::Diagnostic;

/// Connections at once; each has a thread.
const MOST: usize = 128;

/// Why no app answers.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum State {
    /// It is being built or started: crates that are done, and all.
    Building(u32, u32),
    /// It cannot be built or does not run: a sentence, what the compiler said, and the last lines of the app.
    Failed { why: String, diagnostics: Vec<Diagnostic>, last: Vec<String> },
}

/// What the threads share.
struct Shared {
    app: String,
    state: Mutex<(u64, Phase)>,
    changed: Condvar,
    open: AtomicUsize,
}

#[derive(Clone, Debug)]
enum Phase {
    Holding(State),
    /// An app takes the connections.
    Served,
}

/// The thread that accepts, until it is dropped.
pub(crate) struct Holding {
    shared: Arc<Shared>,
    wake: UnixStream,
    accepting: Option<JoinHandle<()>>,
}

impl Holding {
    /// Begins to take connections.
    ///
    /// # Errors
    /// When the system has no files or threads left.
    pub(crate) fn start(app: &str, sockets: Vec<OwnedFd>, state: State) -> io::Result<Holding> {
        for socket in &sockets {
            // Several processes may take from one queue, and each may find it empty.
            rustix::io::ioctl_fionbio(socket, true)?;
        }
        let (wake, woken) = UnixStream::pair()?;
        let shared = Arc::new(Shared {
            app: app.to_owned(),
            state: Mutex::new((0, Phase::Holding(state))),
            changed: Condvar::new(),
            open: AtomicUsize::new(0),
        });
        let known = shared.clone();
        let accepting = thread::Builder::new().spawn(move || accept(&sockets, &woken, &known))?;
        Ok(Holding { shared, wake, accepting: Some(accepting) })
    }

    /// Says why there is no app.
    pub(crate) fn set(&self, state: State) {
        self.shared.set(Phase::Holding(state));
    }
}

impl Drop for Holding {
    /// An app takes the connections now: no further one is taken here, and those that wait go on to it.
    fn drop(&mut self) {
        let _ = self.wake.shutdown(std::net::Shutdown::Both);
        if let Some(thread) = self.accepting.take() {
            let _ = thread.join();
        }
        self.shared.set(Phase::Served);
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, (u64, Phase)> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, phase: Phase) {
        let mut state = self.lock();
        state.0 += 1;
        state.1 = phase;
        self.changed.notify_all();
    }

    /// What is so now, and its number.
    fn now(&self) -> (u64, Phase) {
        self.lock().clone()
    }

    /// Waits for something newer than this number, for at most this long.
    fn newer(&self, than: u64, patience: Duration) -> Option<(u64, Phase)> {
        let state = self.lock();
        let (state, _) = self
            .changed
            .wait_timeout_while(state, patience, |state| state.0 == than)
            .unwrap_or_else(PoisonError::into_inner);
        (state.0 != than).then(|| state.clone())
    }
}

fn accept(sockets: &[OwnedFd], woken: &UnixStream, shared: &Arc<Shared>) {
    loop {
        let mut ready: Vec<PollFd<'_>> =
            sockets.iter().map(|socket| PollFd::new(socket, PollFlags::IN)).collect();
        ready.push(PollFd::new(woken, PollFlags::IN));
        let polled = poll(&mut ready, None);
        if ready.pop().is_some_and(|woken| !woken.revents().is_empty()) {
            return;
        }
        if polled.is_err() {
            continue;
        }
        for (socket, ready) in sockets.iter().zip(&ready) {
            if ready.revents().is_empty() {
                continue;
            }
            match accept_with(socket, SocketFlags::CLOEXEC) {
                Ok(connection) => greet(connection, shared),
                Err(rustix::io::Errno::AGAIN | rustix::io::Errno::CONNABORTED) => {}
                // Out of files, most likely: the connection stays in the queue.
                Err(_) => thread::sleep(Duration::from_millis(50)),
            }
        }
    }
}

/// Gives the connection a thread. One of a Unix socket is read and written like one of TCP.
fn greet(connection: OwnedFd, shared: &Arc<Shared>) {
    let stream = TcpStream::from(connection);
    // On some systems it would be as the listening socket is.
    let _ = stream.set_nonblocking(false);
    if shared.open.fetch_add(1, Ordering::Relaxed) >= MOST {
        shared.open.fetch_sub(1, Ordering::Relaxed);
        return;
    }
    let known = shared.clone();
    let started = thread::Builder::new().spawn(move || {
        // Whoever hangs up needs no answer.
        let _ = answer::answer(stream, &known);
        known.open.fetch_sub(1, Ordering::Relaxed);
    });
    if started.is_err() {
        shared.open.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests;
