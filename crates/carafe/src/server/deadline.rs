//! Deadlines of a connection, at the price of a few stores a request: each connection notes what it
//! waits for and since when, and one thread looks at all of them once a second.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Waker;

use super::Limits;

/// What a connection waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Phase {
    /// The rest of a request's head (or the first byte of a new connection).
    Head,
    /// The handler.
    Handling,
    /// The socket, to take a whole response, then the next request.
    Responding,
    /// The handler again: its response is a stream.
    Streaming,
    /// Nothing of HTTP any more: after a 101, whoever took the connection over.
    Upgraded,
}

const PHASES: [Phase; 5] =
    [Phase::Head, Phase::Handling, Phase::Responding, Phase::Streaming, Phase::Upgraded];

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
    draining: AtomicBool,
    waker: Mutex<Option<Waker>>,
}

impl Watch {
    pub(super) fn new(clock: Arc<Clock>) -> Watch {
        let now = clock.now();
        Watch {
            clock,
            phase: AtomicU8::new(Phase::Head as u8),
            since: AtomicU32::new(now),
            reading_body: AtomicBool::new(false),
            body_since: AtomicU32::new(now),
            body_expired: AtomicBool::new(false),
            write_blocked: AtomicBool::new(false),
            write_since: AtomicU32::new(now),
            closing: AtomicBool::new(false),
            draining: AtomicBool::new(false),
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
        if self.is_at(Phase::Responding) {
            self.enter(Phase::Head);
        }
    }

    fn is_at(&self, phase: Phase) -> bool {
        self.phase.load(Relaxed) == phase as u8
    }

    pub(super) fn is_upgraded(&self) -> bool {
        self.is_at(Phase::Upgraded)
    }

    /// Whether an upgraded connection is to end because the worker drains; whoever reads it sees its
    /// end then. Otherwise `waker` is told when the drain begins.
    pub(super) fn is_over(&self, waker: &Waker) -> bool {
        if !self.is_upgraded() {
            return false;
        }
        self.set_waker(waker);
        self.is_draining()
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

    pub(super) fn is_draining(&self) -> bool {
        self.draining.load(Relaxed)
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

    /// Asks the connection to end after the request that it is at.
    pub(super) fn drain(&self) {
        self.draining.store(true, Relaxed);
        self.wake();
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
            Phase::Head => over(&self.since, limits.header_read_timeout),
            Phase::Responding => over(&self.since, limits.keep_alive_timeout),
            Phase::Handling | Phase::Streaming => false,
        };
        if late {
            self.closing.store(true, Relaxed);
            self.wake();
        } else if self.reading_body.load(Relaxed) && over(&self.body_since, limits.stall_timeout) {
            self.body_expired.store(true, Relaxed);
            self.wake();
        }
    }
}
