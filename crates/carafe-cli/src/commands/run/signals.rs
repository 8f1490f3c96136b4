//! The signals that the tool itself answers.

use std::io;
use std::thread;

use tokio::signal::unix::{SignalKind, signal};

/// What somebody asks of the tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signal {
    /// Ctrl+C, SIGTERM, or the terminal is gone.
    End(&'static str),
    /// It goes on after it was suspended.
    Resumed,
}

/// SIGCONT's number is another one on other systems.
fn cont() -> SignalKind {
    SignalKind::from_raw(rustix::process::Signal::CONT.as_raw())
}

/// Catches them from now on, for as long as the tool lives.
///
/// # Errors
/// When the system does not let them be caught.
pub(super) fn catch(tell: impl Fn(Signal) + Send + 'static) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    let entered = runtime.enter();
    let caught = [
        (signal(SignalKind::interrupt())?, Signal::End("Ctrl+C")),
        (signal(SignalKind::terminate())?, Signal::End("SIGTERM")),
        (signal(SignalKind::hangup())?, Signal::End("the terminal is gone")),
        (signal(cont())?, Signal::Resumed),
    ];
    drop(entered);
    thread::Builder::new().spawn(move || {
        runtime.block_on(async {
            let mut caught = caught;
            loop {
                let next = std::future::poll_fn(|cx| {
                    let mut all = caught.iter_mut();
                    let ready =
                        all.find_map(|(each, what)| each.poll_recv(cx).is_ready().then_some(*what));
                    ready.map_or(std::task::Poll::Pending, std::task::Poll::Ready)
                });
                tell(next.await);
            }
        });
    })?;
    Ok(())
}
