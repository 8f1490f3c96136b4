//! The one thread that looks at every connection's deadline, once a second.
//!
//! Not a timer of the workers' runtimes: a runtime with a pending timer reads the clock whenever it
//! waits, which costs each request some 300 instructions.

use std::io;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use crate::few;

use super::Limits;
use super::deadline::{Clock, Ending, Watch};

/// How often deadlines are looked at.
const TICK: Duration = Duration::from_secs(1);

/// The connections of one worker.
#[derive(Debug, Default)]
pub(super) struct Watches {
    clock: Arc<Clock>,
    open: Mutex<Vec<Weak<Watch>>>,
}

impl Watches {
    /// The watch of a new connection; it is looked at for as long as someone holds it.
    pub(super) fn watch(&self) -> Arc<Watch> {
        let watch = Arc::new(Watch::new(self.clock.clone()));
        self.lock().push(Arc::downgrade(&watch));
        watch
    }

    /// Asks every connection to end in this way.
    pub(super) fn end(&self, ending: Ending) {
        self.lock().iter().filter_map(Weak::upgrade).for_each(|watch| watch.end(ending));
    }

    /// Whether a connection is left.
    pub(super) fn any_open(&self) -> bool {
        self.lock().iter().any(|watch| watch.strong_count() > 0)
    }

    fn check(&self, limits: &Limits) {
        self.lock().retain(|watch| match watch.upgrade() {
            Some(watch) => {
                watch.check(limits);
                true
            }
            None => false,
        });
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Weak<Watch>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// All workers' connections, under one clock.
#[derive(Default)]
pub(super) struct Timekeeper {
    clock: Arc<Clock>,
    workers: Vec<Arc<Watches>>,
}

impl Timekeeper {
    /// The watches of one more worker.
    pub(super) fn add_worker(&mut self) -> Arc<Watches> {
        let watches = Arc::new(Watches { clock: self.clock.clone(), ..Watches::default() });
        self.workers.push(watches.clone());
        watches
    }

    /// Starts the thread; it ends when what this gives back is dropped.
    ///
    /// # Errors
    /// When the system makes no thread.
    pub(super) fn start(self, limits: Limits) -> io::Result<Sender<()>> {
        let (end, ended) = channel();
        let began = Instant::now();
        let keep = move || {
            while ended.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
                self.clock.tick(u32::try_from(began.elapsed().as_secs()).unwrap_or(u32::MAX));
                self.workers.iter().for_each(|worker| worker.check(&limits));
            }
        };
        few::spawn("carafe-time", Box::new(keep))?;
        Ok(end)
    }
}
