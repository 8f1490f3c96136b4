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

/// Waits for Ctrl+C or SIGTERM, and says which it was.
pub(crate) async fn signalled() -> io::Result<&'static str> {
    #[cfg(unix)]
    {
        use std::future::poll_fn;
        use std::task::Poll;
        use tokio::signal::unix::{SignalKind, signal};

        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        Ok(poll_fn(|cx| {
            if interrupt.poll_recv(cx).is_ready() {
                Poll::Ready("Ctrl+C")
            } else if terminate.poll_recv(cx).is_ready() {
                Poll::Ready("SIGTERM")
            } else {
                Poll::Pending
            }
        })
        .await)
    }
    #[cfg(not(unix))]
    {
        tokio::signal::ctrl_c().await?;
        Ok("Ctrl+C")
    }
}
