//! One process after another on the same sockets: an app that takes another's over, that hands its
//! own on, and that starts its successor itself.
//!
//! The order, which loses no request: the new process receives the listening sockets, starts up, and
//! takes connections from the same queue as the old one; only then it says that it is ready, and the
//! old one stops accepting, finishes and ends. Until that word the old one serves, whatever happens.

#[cfg(not(unix))]
mod elsewhere;
#[cfg(unix)]
mod hangup;
#[cfg(unix)]
mod here;
#[cfg(unix)]
mod origin;
#[cfg(unix)]
mod predecessor;
#[cfg(unix)]
mod systemd;

#[cfg(not(unix))]
pub(super) use self::elsewhere::Succession;
#[cfg(unix)]
pub(super) use self::here::Succession;
#[cfg(unix)]
pub(super) use self::origin::Origin;

/// What a running app is told besides signals.
#[derive(Debug)]
pub(super) enum Event {
    /// All workers take connections.
    Accepting,
    /// The tool that this process belongs to has ended.
    #[cfg(debug_assertions)]
    ToolGone,
    /// This process has the sockets too, and is ready.
    #[cfg(unix)]
    TakenOver(u32),
    /// This process had the sockets, and gave up.
    #[cfg(unix)]
    GaveUp(u32),
    /// The process that was started as successor has ended.
    #[cfg(unix)]
    SuccessorEnded(u32, std::process::ExitStatus),
}

/// What follows from something that happened.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    GoOn,
    /// This process serves from now on: finish.
    HandOver(u32),
    /// End, for this reason.
    Stop(&'static str),
}
