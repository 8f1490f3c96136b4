//! Deadlines of a connection, at the price of a few stores a request: each connection notes what it
//! waits for and since when, and one thread looks at all of them once a second.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Waker;

use super::Limits;

/// Seconds that a connection may stay idle after another process took over: a client that asks
/// once more meanwhile is answered, and told not to ask again.
const GRACE: u32 = 4;

/// What a connection waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(super) enum Phase {
    /// The first byte of a new connection.
    Fresh,
    /// The socket, to take a whole response, then the next request.
    Responding,
    /// The rest of a request's head.
    Head,
    /// The handler.
    Handling,
    /// The handler again: its response is a stream.
    Streaming,
    /// Nothing of HTTP any more: after a 101, whoever took the connection over.
    Upgraded,
}

const PHASES: [Phase; 6] = [
    Phase::Fresh,
    Phase::Responding,
    Phase::Head,
    Phase::Handling,
    Phase::Streaming,
    Phase::Upgraded,
];

/// How a connection is to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(super) enum Ending {
    /// It is not.
    Never,
    /// With its next answer, or when it was idle for long enough.
    Gently,
    /// After the request that it is at, else now. What was upgraded stays.
    Soon,
    /// The same, and whoever reads an upgraded one sees its end.
    Now,
}

/// Seconds since the worker began, shared by its connections.
#[derive(Debug, Default)]
pub(super) struct Clock(AtomicU32);

impl Clock {
    pub(super) fn tick(&self, seconds: u32) {
        self.0.store(seconds, Relaxed);
    }

    fn now(&self) -> u32 {
        self.0.load(Relaxed)
    }
}

/// What one connection waits for, and since when. Atomics, because an upgraded socket may move to
/// another thread; all accesses are relaxed, so on the way they cost what plain cells would.
#[derive(Debug)]
pub(super) struct Watch {
    clock: Arc<Clock>,
    phase: AtomicU8,
    since: AtomicU32,
    reading_body: AtomicBool,
    body_since: AtomicU32,
    body_expired: AtomicBool,
    write_blocked: AtomicBool,
    write_since: AtomicU32,
    closing: AtomicBool,
    ending: AtomicU8,
    ending_since: AtomicU32,
    /// Whether the engine asked for more bytes and there were none.
    dry: AtomicBool,
    waker: Mutex<Option<Waker>>,
}

impl Watch {
    pub(super) fn new(clock: Arc<Clock>) -> Watch {
        let now = clock.now();
        Watch {
            clock,
            phase: AtomicU8::new(Phase::Fresh as u8),
            since: AtomicU32::new(now),
            reading_body: AtomicBool::new(false),
            body_since: AtomicU32::new(now),
            body_expired: AtomicBool::new(false),
            write_blocked: AtomicBool::new(false),
            write_since: AtomicU32::new(now),
            closing: AtomicBool::new(false),
            ending: AtomicU8::new(Ending::Never as u8),
            ending_since: AtomicU32::new(now),
            dry: AtomicBool::new(false),
            waker: Mutex::new(None),
        }
    }

    pub(super) fn phase(&self) -> Phase {
        PHASES[usize::from(self.phase.load(Relaxed)) % PHASES.len()]
    }

    pub(super) fn enter(&self, phase: Phase) {
        self.phase.store(phase as u8, Relaxed);
        self.since.store(self.clock.now(), Relaxed);
    }

    /// Bytes came in.
    pub(super) fn read(&self) {
        // Fresh or responding: one comparison on every request's way.
        if self.phase.load(Relaxed) <= Phase::Responding as u8 {
            self.enter(Phase::Head);
        }
        self.dry.store(false, Relaxed);
    }

    /// No bytes came, though the engine asked for some.
    pub(super) fn read_nothing(&self) {
        self.dry.store(true, Relaxed);
    }

    /// Whether the answer that is ready has to be this connection's last.
    ///
    /// Of requests that were sent ahead all are answered: the engine asks the socket for more only
    /// when it holds no further request, so if it asked in vain, this is the last one.
    pub(super) fn is_last_answer(&self) -> bool {
        self.ends(Ending::Gently) && (self.dry.load(Relaxed) || self.ends(Ending::Soon))
    }

    fn is_at(&self, phase: Phase) -> bool {
        self.phase.load(Relaxed) == phase as u8
    }

    pub(super) fn is_upgraded(&self) -> bool {
        self.is_at(Phase::Upgraded)
    }

    /// Whether an upgraded connection is to end now; whoever reads it sees its end then. Otherwise
    /// `waker` is told when that changes.
    pub(super) fn is_over(&self, waker: &Waker) -> bool {
        if !self.is_upgraded() {
            return false;
        }
        self.set_waker(waker);
        self.ends(Ending::Now)
    }

    /// The socket takes no more bytes for now, or takes them again.
    pub(super) fn write_blocked(&self, blocked: bool) {
        if blocked != self.is_write_blocked() {
            self.write_blocked.store(blocked, Relaxed);
            self.write_since.store(self.clock.now(), Relaxed);
            if self.is_at(Phase::Responding) {
                self.enter(Phase::Responding);
            }
        }
    }

    pub(super) fn is_write_blocked(&self) -> bool {
        self.write_blocked.load(Relaxed)
    }

    /// The handler waits for more of the request's body, or got some.
    pub(super) fn reading_body(&self, waiting: bool) {
        if waiting && !self.reading_body.load(Relaxed) {
            self.body_since.store(self.clock.now(), Relaxed);
        }
        self.reading_body.store(waiting, Relaxed);
    }

    pub(super) fn body_expired(&self) -> bool {
        self.body_expired.load(Relaxed)
    }

    pub(super) fn is_closing(&self) -> bool {
        self.closing.load(Relaxed)
    }

    /// Whether it is to end in this way, or sooner.
    pub(super) fn ends(&self, ending: Ending) -> bool {
        self.ending.load(Relaxed) >= ending as u8
    }

    /// Whether the engine has to be told that there is no further request after this one.
    pub(super) fn stops_asking(&self) -> bool {
        // Of a request that has begun to come, the rest is waited for, if there is time.
        self.ends(Ending::Soon) && (self.ends(Ending::Now) || !self.is_at(Phase::Head))
    }

    /// Remembers whom to wake when the deadline has passed.
    pub(super) fn set_waker(&self, waker: &Waker) {
        *self.waker.lock().unwrap_or_else(PoisonError::into_inner) = Some(waker.clone());
    }

    fn wake(&self) {
        if let Some(waker) = &*self.waker.lock().unwrap_or_else(PoisonError::into_inner) {
            waker.wake_by_ref();
        }
    }

    /// Whether there is time for the client to close first.
    pub(super) fn may_linger(&self) -> bool {
        let gently = self.ends(Ending::Gently) && !self.ends(Ending::Now);
        gently && !self.is_upgraded() && !self.is_closing()
    }

    /// Asks the connection to end in this way; what was asked before is never taken back.
    pub(super) fn end(&self, ending: Ending) {
        if self.ending.fetch_max(ending as u8, Relaxed) < ending as u8 {
            self.ending_since.store(self.clock.now(), Relaxed);
            self.wake();
        }
    }

    /// Closes the connection, or fails its body, if a deadline has passed.
    pub(super) fn check(&self, limits: &Limits) {
        let now = self.clock.now();
        let over = |since: &AtomicU32, limit: std::time::Duration| {
            u64::from(now.saturating_sub(since.load(Relaxed))) > limit.as_secs()
        };
        let blocked = self.is_write_blocked();
        let late = match self.phase() {
            Phase::Upgraded => false,
            _ if blocked => over(&self.write_since, limits.stall_timeout),
            Phase::Fresh | Phase::Head => over(&self.since, limits.header_read_timeout),
            Phase::Responding => over(&self.since, limits.keep_alive_timeout),
            Phase::Handling | Phase::Streaming => false,
        };
        if late {
            self.closing.store(true, Relaxed);
            self.wake();
        } else if self.reading_body.load(Relaxed) && over(&self.body_since, limits.stall_timeout) {
            self.body_expired.store(true, Relaxed);
            self.wake();
        } else if self.ends(Ending::Gently) && self.phase() <= Phase::Responding && !blocked {
            let since = self.since.load(Relaxed).max(self.ending_since.load(Relaxed));
            if now.saturating_sub(since) > GRACE {
                self.end(Ending::Soon);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const LIMITS: Limits = Limits {
        header_read_timeout: Duration::from_secs(30),
        keep_alive_timeout: Duration::from_secs(75),
        stall_timeout: Duration::from_secs(30),
        shutdown_timeout: Duration::from_secs(30),
        max_connections: 1,
        max_header_size: 8192,
        max_headers: 100,
    };

    /// What is said of a connection, so many seconds after it came to this phase and was asked to end
    /// gently.
    fn check(phase: Phase, seconds: u32, stops_asking: bool) {
        let clock = Arc::new(Clock::default());
        clock.tick(10);
        let watch = Watch::new(clock.clone());
        watch.enter(phase);
        watch.end(Ending::Gently);
        assert!(!watch.stops_asking());
        clock.tick(10 + seconds);
        watch.check(&LIMITS);
        assert_eq!(watch.stops_asking(), stops_asking, "{phase:?} after {seconds} s");
        watch.end(Ending::Now);
        assert!(watch.stops_asking() && watch.ends(Ending::Gently));
    }

    #[test]
    fn idle_connections_have_a_time_of_grace() {
        for phase in [Phase::Fresh, Phase::Responding] {
            check(phase, GRACE, false);
            check(phase, GRACE + 1, true);
        }
        for phase in [Phase::Head, Phase::Handling, Phase::Streaming, Phase::Upgraded] {
            check(phase, GRACE + 1, false);
        }
    }

    #[test]
    fn the_last_answer_is_the_one_behind_which_nothing_came() {
        let watch = Watch::new(Arc::default());
        watch.read();
        watch.read_nothing();
        assert!(!watch.is_last_answer());
        watch.end(Ending::Gently);
        assert!(watch.is_last_answer());
        watch.read();
        assert!(!watch.is_last_answer());
    }
}
