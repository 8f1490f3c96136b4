//! Workers: one thread, one single-threaded runtime, one accept loop each, over shared sockets.

use std::future::{Future, poll_fn};
use std::io;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::task::Poll;
use std::thread;
use std::time::{Duration, Instant};

use tokio::net::TcpStream;
use tokio::runtime::{Builder, LocalOptions, LocalRuntime};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::http::Peer;

use super::deadline::{Ending, Watch};
use super::door::Doors;
use super::io::Io;
use super::timekeeper::{Timekeeper, Watches};
use super::{Drain, Limits, Listener, Service, connection};

/// How long upgraded connections have to say goodbye, before the end of a drain after a take-over.
const GOODBYE: Duration = Duration::from_secs(1);

/// Serves `listeners` with this many workers until the drain is over. Calls `accepting` once all of
/// them take connections.
///
/// # Errors
/// When a runtime or a copy of a socket cannot be made.
pub(crate) fn serve<S: Service>(
    listeners: Vec<Listener>,
    workers: usize,
    limits: Limits,
    drain: &Drain,
    make: impl Fn() -> S + Sync,
    accepting: impl FnOnce(),
) -> io::Result<()> {
    let permits = Arc::new(Semaphore::new(limits.max_connections.max(1)));
    let mut keeper = Timekeeper::default();
    let (opened, open) = channel();
    thread::scope(|scope| {
        let mut running = Vec::new();
        for number in 0..workers.max(1) {
            let sockets =
                listeners.iter().map(Listener::try_clone).collect::<io::Result<Vec<_>>>()?;
            let (make, permits) = (&make, permits.clone());
            let (watches, opened) = (keeper.add_worker(), opened.clone());
            let worker = thread::Builder::new().name(format!("carafe-{number}"));
            running.push(worker.spawn_scoped(scope, move || {
                let worker = Worker::new(limits, permits, watches, Rc::new(make()));
                worker.work(sockets, drain, opened)
            })?);
        }
        // Only the workers hold the sockets now: when the last one lets go, clients are refused.
        drop((listeners, opened));
        let _keeper = keeper.start(limits)?;
        match open.iter().take(running.len()).count() == running.len() {
            true => accepting(),
            // One worker cannot work, so the others need not begin.
            false => drain.begin(),
        }
        running.into_iter().try_for_each(|worker| {
            worker.join().unwrap_or_else(|_| Err(io::Error::other("a worker thread panicked")))
        })
    })
}

/// A runtime whose tasks stay on this thread, so that handlers' futures need not be `Send`.
pub(crate) fn local_runtime() -> io::Result<LocalRuntime> {
    Builder::new_current_thread().enable_all().build_local(LocalOptions::default())
}

/// What the tasks of one worker share.
struct Worker<S> {
    limits: Limits,
    permits: Arc<Semaphore>,
    service: Rc<S>,
    engine: hyper::server::conn::http1::Builder,
    watches: Arc<Watches>,
}

impl<S: Service> Worker<S> {
    fn new(
        limits: Limits,
        permits: Arc<Semaphore>,
        watches: Arc<Watches>,
        service: Rc<S>,
    ) -> Rc<Worker<S>> {
        Rc::new(Worker { limits, permits, service, engine: connection::engine(&limits), watches })
    }

    /// The worker's life on its thread; `opened` is told once it takes connections.
    fn work(
        self: Rc<Self>,
        sockets: Vec<Listener>,
        drain: &Drain,
        opened: Sender<()>,
    ) -> io::Result<()> {
        local_runtime()?.block_on(async {
            let doors = Doors::new(sockets)?;
            tokio::task::spawn_local(self.clone().accept(doors, drain.clone()));
            let _ = opened.send(());
            drop(opened);
            drain.begun().await;
            self.finish(drain).await;
            Ok(())
        })
    }

    /// Takes connections until the drain begins.
    async fn accept(self: Rc<Self>, doors: Doors, drain: Drain) {
        let mut begun = pin!(drain.begun());
        loop {
            let accepted = async {
                let permit = self.permits.clone().acquire_owned().await;
                let permit = permit.map_err(io::Error::other)?;
                doors.accept().await.map(|(stream, remote)| (stream, remote, permit))
            };
            let mut accepted = pin!(accepted);
            let accepted = poll_fn(|cx| match begun.as_mut().poll(cx) {
                Poll::Ready(()) => Poll::Ready(None),
                Poll::Pending => accepted.as_mut().poll(cx).map(Some),
            });
            match accepted.await {
                None => return,
                Some(Ok((stream, remote, permit))) => {
                    let peer = Peer { remote, local: None, secure: false };
                    // Made here, so that a drain that begins now knows of the connection.
                    let watch = self.watches.watch();
                    tokio::task::spawn_local(self.clone().serve(stream, peer, permit, watch));
                }
                Some(Err(error)) => back_off(&error).await,
            }
        }
    }

    async fn serve(
        self: Rc<Self>,
        stream: TcpStream,
        mut peer: Peer,
        permit: OwnedSemaphorePermit,
        watch: Arc<Watch>,
    ) {
        // Small answers must not wait for the acknowledgement of earlier ones. A Unix socket has
        // neither this nor an address, and refuses both.
        let _ = stream.set_nodelay(true);
        peer.local = stream.local_addr().ok();
        let io = Io::new(stream, watch.clone(), permit);
        let service = self.service.clone();
        connection::serve(&self.engine, io, Arc::new(peer), service, watch).await;
    }

    /// Lets the open connections end, all of them at the timeout.
    async fn finish(&self, drain: &Drain) {
        let begun = Instant::now();
        let timeout = self.limits.shutdown_timeout;
        let goodbye = timeout.saturating_sub(GOODBYE.min(timeout / 4));
        let mut told = Ending::Never;
        loop {
            let over = begun.elapsed();
            let stopping = drain.is_stopping() || over >= goodbye;
            let ending = if stopping { Ending::Now } else { Ending::Gently };
            if ending > told {
                self.watches.end(ending);
                told = ending;
            }
            if !self.watches.any_open() {
                return;
            }
            if over >= timeout {
                tracing::warn!(target: "carafe", "requests were cut off: the shutdown timeout is over");
                return;
            }
            // A process that was taken over may stay for long: it looks less and less often.
            let pause = (over / 16).clamp(Duration::from_millis(5), Duration::from_millis(100));
            tokio::time::sleep(pause).await;
        }
    }
}

/// Waits before the next accept where the system ran out of something; a client's failure is none.
async fn back_off(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
        return;
    }
    tracing::error!(target: "carafe", "no connection could be accepted: {error}");
    tokio::time::sleep(Duration::from_millis(200)).await;
}
