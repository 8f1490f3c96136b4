//! An app as the tool sees it: its package, its build, and its process.

pub(crate) mod build;
#[cfg(unix)]
pub(crate) mod diagnostic;
#[cfg(unix)]
pub(crate) mod process;
pub(crate) mod progress;
pub(crate) mod project;
