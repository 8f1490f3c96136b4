//! Systems without Unix sockets: there, apps cannot be asked, and this says so.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// A Carafe app that runs; on this system none is ever found.
#[derive(Clone, Debug)]
pub struct RunningApp {
    /// Its process id.
    pub pid: u32,
}

impl RunningApp {
    /// Asks the app.
    ///
    /// # Errors
    /// Always, on this system.
    pub fn ask(&self, _line: &str) -> io::Result<String> {
        Err(unsupported())
    }

    /// Asks the app.
    ///
    /// # Errors
    /// Always, on this system.
    pub fn ask_within(&self, _line: &str, _limit: Duration) -> io::Result<String> {
        Err(unsupported())
    }
}

/// The apps that can be asked: none.
pub fn running() -> Vec<RunningApp> {
    Vec::new()
}

/// The folder of the sockets.
///
/// # Errors
/// Always, on this system.
pub fn control_folder() -> io::Result<PathBuf> {
    Err(unsupported())
}

fn unsupported() -> io::Error {
    io::Error::new(io::ErrorKind::Unsupported, "running apps can be asked on Unix only")
}
