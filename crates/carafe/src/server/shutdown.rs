//! Ending well: [`Drain`] asks the workers to finish what they have, and signals ask for a drain.

use std::io;
use std::sync::Arc;

use tokio::sync::watch;

/// How the workers are to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    Serving,
    /// Another process takes the new connections: those that are open end with their next answer.
    HandedOver,
    /// Nobody does: idle ones end at once.
    Stopping,
}

/// Asks workers to stop taking connections and to finish the open ones.
#[derive(Clone, Debug)]
pub(crate) struct Drain(Arc<watch::Sender<Phase>>);

impl Drain {
    pub(crate) fn new() -> Drain {
        Drain(Arc::new(watch::Sender::new(Phase::Serving)))
    }

    /// Begins the drain at the end of the service; further calls change nothing.
    pub(crate) fn begin(&self) {
        self.0.send_replace(Phase::Stopping);
    }

    /// Begins the drain where another process has taken over, so that no client needs to be told of
    /// a closed connection before its next answer.
    pub(crate) fn begin_gently(&self) {
        self.0.send_if_modified(|phase| {
            let modified = *phase == Phase::Serving;
            *phase = (*phase).max(Phase::HandedOver);
            modified
        });
    }

    /// Whether it is the end of the service.
    pub(super) fn is_stopping(&self) -> bool {
        *self.0.borrow() == Phase::Stopping
    }

    /// Waits until the drain has begun.
    pub(crate) async fn begun(&self) {
        // The sender lives as long as `self`, so waiting cannot fail.
        let _ = self.0.subscribe().wait_for(|phase| *phase != Phase::Serving).await;
    }
}

/// What the system, or whoever runs the app, asks of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signal {
    /// Ctrl+C.
    Interrupt,
    /// SIGTERM.
    #[cfg(unix)]
    Terminate,
    /// SIGHUP.
    #[cfg(unix)]
    Hangup,
}

impl Signal {
    /// Its name for people.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Signal::Interrupt => "Ctrl+C",
            #[cfg(unix)]
            Signal::Terminate => "SIGTERM",
            #[cfg(unix)]
            Signal::Hangup => "SIGHUP",
        }
    }
}

/// Ctrl+C, SIGTERM and SIGHUP, caught from when this is made.
#[cfg(unix)]
pub(crate) struct Signals {
    caught: [(Signal, tokio::signal::unix::Signal); 3],
}

#[cfg(unix)]
impl Signals {
    /// Begins to catch them.
    ///
    /// # Errors
    /// When the system does not let them be caught.
    pub(crate) fn new() -> io::Result<Signals> {
        use tokio::signal::unix::{SignalKind, signal};
        let caught = [
            (Signal::Interrupt, signal(SignalKind::interrupt())?),
            (Signal::Terminate, signal(SignalKind::terminate())?),
            (Signal::Hangup, signal(SignalKind::hangup())?),
        ];
        Ok(Signals { caught })
    }

    /// Waits for the next one, and says which it was.
    pub(crate) async fn next(&mut self) -> Signal {
        std::future::poll_fn(|cx| {
            let mut caught = self.caught.iter_mut();
            match caught.find_map(|(name, each)| each.poll_recv(cx).is_ready().then_some(*name)) {
                Some(signal) => std::task::Poll::Ready(signal),
                None => std::task::Poll::Pending,
            }
        })
        .await
    }
}

/// Ctrl+C, caught from when it is first waited for.
#[cfg(not(unix))]
pub(crate) struct Signals;

#[cfg(not(unix))]
impl Signals {
    /// Begins to catch it.
    ///
    /// # Errors
    /// Never.
    pub(crate) fn new() -> io::Result<Signals> {
        Ok(Signals)
    }

    /// Waits for it.
    pub(crate) async fn next(&mut self) -> Signal {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        Signal::Interrupt
    }
}
