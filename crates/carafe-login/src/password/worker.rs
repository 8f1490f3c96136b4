//! Hashing on threads of its own, and never more of it at once than the machine has room for.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use carafe::{Result, abort};
use tokio::runtime::{Builder, Runtime};

/// The threads. Each takes `password_memory` while it hashes, so many at once could take all there is. They are not the app's own
/// pool, whose threads may be waiting for a hash; one that has nothing to do ends after ten seconds.
pub(crate) struct Worker {
    threads: Option<Runtime>,
    /// How many are hashed or wait for it.
    busy: Arc<AtomicUsize>,
    most: usize,
}

impl Worker {
    /// So many threads, and so many more that may wait.
    ///
    /// # Errors
    /// When the system has no room for a runtime.
    pub(crate) fn new(threads: Option<usize>, queue: usize) -> std::io::Result<Worker> {
        let cores = || std::thread::available_parallelism().map_or(1, |cores| cores.get().min(4));
        let threads = threads.unwrap_or_else(cores).max(1);
        let runtime = Builder::new_current_thread()
            .max_blocking_threads(threads)
            .thread_name("carafe-login")
            .build()?;
        let busy = Arc::new(AtomicUsize::new(0));
        Ok(Worker { threads: Some(runtime), busy, most: threads.saturating_add(queue) })
    }

    /// Does the work when a thread is free.
    ///
    /// # Errors
    /// 503 when too many wait already, or the app is shutting down.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let place = Place::take(&self.busy, self.most).ok_or_else(|| {
            abort(503)
                .describe("too many people are signing in just now; please try again")
                .with_header("retry-after", "2")
        })?;
        let stopping = || abort(503).describe("the server is shutting down");
        let threads = self.threads.as_ref().ok_or_else(stopping)?;
        // The place is given back with the work's end, also when nobody waits for that any more.
        let task = threads.spawn_blocking(move || {
            let result = work();
            drop(place);
            result
        });
        task.await.map_err(|_| stopping())?
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // A runtime may not be waited for inside another one.
        if let Some(threads) = self.threads.take() {
            threads.shutdown_background();
        }
    }
}

/// A place in the queue, given back when it is dropped.
struct Place(Arc<AtomicUsize>);

impl Place {
    fn take(busy: &Arc<AtomicUsize>, most: usize) -> Option<Place> {
        let place = Place(busy.clone());
        (busy.fetch_add(1, Ordering::Relaxed) < most).then_some(place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::step::block_on;
    use std::sync::mpsc;

    #[test]
    fn the_queue_has_an_end() {
        let worker = Arc::new(Worker::new(Some(1), 1).unwrap());
        let (go, wait) = mpsc::channel::<()>();
        let (first, second) = (worker.clone(), worker.clone());
        let (began, begins) = mpsc::channel();
        let first = std::thread::spawn(move || {
            block_on(first.run(move || {
                began.send(()).unwrap();
                wait.recv().unwrap();
                Ok(1)
            }))
        });
        begins.recv().unwrap();
        let second = std::thread::spawn(move || block_on(second.run(|| Ok(2))));
        let until = std::time::Instant::now() + std::time::Duration::from_secs(30);
        while worker.busy.load(Ordering::Relaxed) < 2 {
            assert!(std::time::Instant::now() < until);
            std::thread::yield_now();
        }
        let third = block_on(worker.run(|| Ok(3))).unwrap_err();
        assert_eq!(third.status(), 503);
        go.send(()).unwrap();
        assert_eq!(first.join().unwrap().unwrap(), 1);
        assert_eq!(second.join().unwrap().unwrap(), 2);
        assert_eq!(block_on(worker.run(|| Ok(4))).unwrap(), 4);
    }
}
