//! The process that is to end, held so that no other one is hit.

use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::process::{Pid, Signal, kill_process};

use super::{AFTER_KILL, StopError, Stopped};
use crate::{Process, System, process};

#[cfg(target_os = "linux")]
use {
    rustix::event::{PollFd, PollFlags, Timespec, poll},
    rustix::fd::OwnedFd,
    rustix::process::{PidfdFlags, pidfd_open, pidfd_send_signal},
};

/// How often we look again where the system cannot wake us when a process ends.
const LOOK_AGAIN: Duration = Duration::from_millis(10);

pub(super) struct Target {
    pid: Pid,
    start: u64,
    /// Stands for this very process, whoever gets its id later. Linux has it since 5.3.
    #[cfg(target_os = "linux")]
    handle: Option<OwnedFd>,
}

impl Target {
    /// Takes hold of the process, if it is still the one that was seen.
    pub(super) fn open(process: &Process) -> Result<Target, StopError> {
        let pid = i32::try_from(process.pid).ok().and_then(Pid::from_raw).ok_or(StopError::Gone)?;
        let target = Target {
            pid,
            start: process.start,
            #[cfg(target_os = "linux")]
            handle: match pidfd_open(pid, PidfdFlags::empty()) {
                Ok(handle) => Some(handle),
                Err(Errno::SRCH) => return Err(StopError::Gone),
                // An old kernel, or a sandbox that does not offer it.
                Err(_) => None,
            },
        };
        // After the handle was opened: from here on the two cannot part.
        if target.is_there() { Ok(target) } else { Err(StopError::Gone) }
    }

    pub(super) fn stop(&self, grace: Duration) -> Result<Stopped, StopError> {
        self.signal(Signal::TERM)?;
        // One that was suspended by Ctrl-Z hears of nothing until it is woken.
        self.signal(Signal::CONT)?;
        if self.ends_within(grace) {
            return Ok(Stopped::OnTerm);
        }
        self.signal(Signal::KILL)?;
        if self.ends_within(AFTER_KILL) { Ok(Stopped::OnKill) } else { Err(StopError::StillThere) }
    }

    /// Sends a signal; it is no error that the process has just ended.
    fn signal(&self, signal: Signal) -> Result<(), StopError> {
        let sent = match self.send_by_handle(signal) {
            Some(sent) => sent,
            None if self.is_there() => kill_process(self.pid, signal),
            None => Ok(()),
        };
        match sent {
            Ok(()) | Err(Errno::SRCH) => Ok(()),
            Err(error) => Err(StopError::Refused(error.into())),
        }
    }

    fn ends_within(&self, time: Duration) -> bool {
        let deadline = Instant::now() + time;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let ended = self.wait_by_handle(left).unwrap_or_else(|| {
                std::thread::sleep(left.min(LOOK_AGAIN));
                !self.is_there()
            });
            if ended || left.is_zero() {
                return ended;
            }
        }
    }

    /// Whether it runs, and is the one that was seen.
    fn is_there(&self) -> bool {
        let pid = self.pid.as_raw_pid().unsigned_abs();
        // One that has ended, and whose parent has not asked how, has no words any more.
        process(&System::this(), pid)
            .is_some_and(|now| now.start == self.start && !now.command.is_empty())
    }

    #[cfg(target_os = "linux")]
    fn send_by_handle(&self, signal: Signal) -> Option<Result<(), Errno>> {
        Some(pidfd_send_signal(self.handle.as_ref()?, signal))
    }

    /// Waits until it ends, and whether it has; `None` when that needs looking.
    #[cfg(target_os = "linux")]
    fn wait_by_handle(&self, time: Duration) -> Option<bool> {
        let handle = self.handle.as_ref()?;
        let time = Timespec::try_from(time).ok()?;
        // A signal to us ends the wait early; the caller comes again.
        Some(poll(&mut [PollFd::new(handle, PollFlags::IN)], Some(&time)).is_ok_and(|n| n > 0))
    }

    #[cfg(not(target_os = "linux"))]
    fn send_by_handle(&self, _signal: Signal) -> Option<Result<(), Errno>> {
        None
    }

    #[cfg(not(target_os = "linux"))]
    fn wait_by_handle(&self, _time: Duration) -> Option<bool> {
        None
    }
}
