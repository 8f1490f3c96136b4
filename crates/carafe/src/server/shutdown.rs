//! Ending well: [`Drain`] asks the workers to finish what they have, and signals ask for a drain.

use std::io;
use std::sync::Arc;

use tokio::sync::watch;

/// Asks workers to stop taking connections and to finish the open ones.
#[derive(Clone, Debug)]
pub(crate) struct Drain(Arc<watch::Sender<bool>>);

impl Drain {
    pub(crate) fn new() -> Drain {
        Drain(Arc::new(watch::Sender::new(false)))
    }

    /// Begins the drain; further calls change nothing.
    pub(crate) fn begin(&self) {
        self.0.send_replace(true);
    }

    /// Waits until the drain has begun.
    pub(crate) async fn begun(&self) {
        // The sender lives as long as `self`, so waiting cannot fail.
        let _ = self.0.subscribe().wait_for(|begun| *begun).await;
    }
}

/// Ctrl+C and SIGTERM, caught from when this is made.
pub(crate) struct Signals {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

impl Signals {
    /// Begins to catch them.
    ///
    /// # Errors
    /// When the system does not let them be caught.
    pub(crate) fn new() -> io::Result<Signals> {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            let interrupt = signal(SignalKind::interrupt())?;
            let terminate = signal(SignalKind::terminate())?;
            Ok(Signals { interrupt, terminate })
        }
        #[cfg(not(unix))]
        Ok(Signals {})
    }

    /// Waits for the next one, and says which it was.
    pub(crate) async fn next(&mut self) -> &'static str {
        #[cfg(unix)]
        {
            use std::future::poll_fn;
            use std::task::Poll;
            poll_fn(|cx| {
                if self.interrupt.poll_recv(cx).is_ready() {
                    Poll::Ready("Ctrl+C")
                } else if self.terminate.poll_recv(cx).is_ready() {
                    Poll::Ready("SIGTERM")
                } else {
                    Poll::Pending
                }
            })
            .await
        }
        #[cfg(not(unix))]
        {
            if tokio::signal::ctrl_c().await.is_err() {
                std::future::pending::<()>().await;
            }
            "Ctrl+C"
        }
    }
}
