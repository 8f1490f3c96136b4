//! An app as the tool sees it: its package, its build, its process, and its files as they change.

#[cfg(unix)]
pub(crate) mod build;
pub(crate) mod change;
pub(crate) mod diagnostic;
#[cfg(unix)]
pub(crate) mod process;
#[cfg(unix)]
pub(crate) mod progress;
pub(crate) mod project;
#[cfg(unix)]
pub(crate) mod watch;
