//! The life of a served app, from its first connection to its end.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;

use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::app::Site;
use crate::server::{Drain, Listener, Signal, Signals};
use crate::{banner, server};

use super::succession::{Event, Step, Succession};
use super::{RunError, serve_in_threads};

/// What came next.
enum Next {
    /// The workers ended.
    Served(Result<(), RunError>),
    Signal(Signal),
    Event(Event),
}

/// Serves until someone asks for the end, or until another process has taken over.
pub(super) async fn live(
    site: &Arc<Site>,
    listeners: Vec<Listener>,
    workers: usize,
    mut signals: Signals,
    succession: &mut Succession,
) -> Result<(), RunError> {
    let (tell, mut events) = unbounded_channel();
    succession.offer(&listeners, &tell)?;
    #[cfg(debug_assertions)]
    let mut tool = super::tool::Tool::new(site, &listeners, &tell);
    let drain = Drain::new();
    let accepting = move || {
        let _ = tell.send(Event::Accepting);
    };
    let served = serve_in_threads(site.clone(), listeners, workers, drain.clone(), accepting);
    let mut served = pin!(served);
    let mut stopping = false;
    loop {
        let step = match next(served.as_mut(), &mut signals, &mut events).await {
            // They end by themselves only when they cannot work.
            Next::Served(result) => return result,
            Next::Event(_) if stopping => Step::GoOn,
            #[cfg(debug_assertions)]
            Next::Event(event) if tool.ends_by(&event) => Step::Stop("the carafe tool has ended"),
            Next::Event(event) => succession.happened(event),
            #[cfg(unix)]
            Next::Signal(Signal::Hangup) if stopping => Step::GoOn,
            #[cfg(unix)]
            Next::Signal(Signal::Hangup) => succession.hangup(),
            Next::Signal(_) if stopping => {
                banner::print_stopped(site);
                return Ok(());
            }
            Next::Signal(signal) => Step::Stop(signal.name()),
        };
        #[cfg(debug_assertions)]
        leave_pages(&step);
        match step {
            Step::GoOn => {}
            Step::HandOver(pid) => {
                drain.begin_gently();
                // The tool says itself that a new build serves.
                if !banner::is_tools() {
                    tracing::info!(target: "carafe", "process {pid} has taken over: finishing open requests");
                }
            }
            Step::Stop(why) => {
                stopping = true;
                succession.stopping();
                // Whoever has read that it ends finds it so.
                drain.begin();
                banner::print_stopping(site, why);
            }
        }
    }
}

/// Ends the streams to pages. Of a new build that has taken over, the tool tells them itself, once none
/// of their connections leads here any more.
#[cfg(debug_assertions)]
fn leave_pages(step: &Step) {
    if matches!(step, Step::Stop(_)) || (*step != Step::GoOn && !banner::is_tools()) {
        crate::dev::close();
    }
}

/// Waits for the next thing to happen.
async fn next(
    mut served: Pin<&mut impl Future<Output = Result<(), RunError>>>,
    signals: &mut server::Signals,
    events: &mut UnboundedReceiver<Event>,
) -> Next {
    let mut signal = pin!(signals.next());
    poll_fn(|cx| {
        if let Poll::Ready(result) = served.as_mut().poll(cx) {
            return Poll::Ready(Next::Served(result));
        }
        if let Poll::Ready(signal) = signal.as_mut().poll(cx) {
            return Poll::Ready(Next::Signal(signal));
        }
        match events.poll_recv(cx) {
            Poll::Ready(Some(event)) => Poll::Ready(Next::Event(event)),
            _ => Poll::Pending,
        }
    })
    .await
}
