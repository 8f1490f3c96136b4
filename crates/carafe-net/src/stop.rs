//! Ending a process: it is asked first, and made to after a time of grace.

#[cfg(unix)]
mod target;

use std::fmt;
use std::io;
use std::time::Duration;

use crate::{Lang, Process, WhyNot};

/// What it took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stopped {
    /// It ended when it was asked to.
    OnTerm,
    /// It ended only when the system ended it: it could not tidy up.
    OnKill,
}

/// Why a process was not ended.
#[derive(Debug)]
#[non_exhaustive]
pub enum StopError {
    /// There is no such process any more; its id may be another one's by now.
    Gone,
    /// Such a process is never ended.
    MayNot(WhyNot),
    /// The system refused.
    Refused(io::Error),
    /// It is still there, seconds after the system was told to end it: it hangs in the kernel.
    StillThere,
}

/// How long the system may take to end a process that has no say in it.
const AFTER_KILL: Duration = Duration::from_secs(5);

/// Ends a process: asks it to (`SIGTERM`), waits for this long, then makes it (`SIGKILL`).
///
/// Never ends a process of another user (not for root either), process 1, this program, or one that
/// started later and got the same id. A suspended process is woken, so that it can end in order.
/// On Windows, where nothing asks a program without a window to end, it is ended at once.
///
/// # Errors
///
/// It is gone already, may not be ended, or does not end.
pub fn stop(process: &Process, grace: Duration) -> Result<Stopped, StopError> {
    WhyNot::of(process).map_or(Ok(()), |why| Err(StopError::MayNot(why)))?;
    #[cfg(windows)]
    return crate::windows::stop(process, AFTER_KILL.max(grace));
    #[cfg(unix)]
    target::Target::open(process)?.stop(grace)
}

impl StopError {
    /// The reason in a sentence without its full stop.
    pub fn describe(&self, lang: Lang) -> String {
        match self {
            StopError::Gone => lang.pick("it has ended already", "이미 종료되었습니다").to_owned(),
            StopError::MayNot(why) => why.reason(lang).to_owned(),
            StopError::Refused(error) => match lang {
                Lang::English => format!("the system refused: {error}"),
                Lang::Korean => format!("시스템이 거부했습니다: {error}"),
            },
            StopError::StillThere => lang
                .pick(
                    "it does not end, not even by force: it waits for a disk or a device",
                    "강제로도 종료되지 않습니다. 디스크나 장치를 기다리고 있습니다",
                )
                .to_owned(),
        }
    }
}

impl fmt::Display for StopError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.describe(Lang::English))
    }
}

impl std::error::Error for StopError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            StopError::Refused(error) => Some(error),
            _ => None,
        }
    }
}
