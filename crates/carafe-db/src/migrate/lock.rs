//! One at a time: of several instances that start at once, one migrates and the others wait.

use std::fs::File;
use std::path::Path;
use std::time::Duration;

use crate::error::{Error, Kind, Result};

/// How long the others wait.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// How often a file's lock is tried: the system has no other way to wait that ends.
const PAUSE: Duration = Duration::from_millis(20);

/// A lock on the folder of an SQLite file; the kernel frees it also when this process is killed.
///
/// Not on the file itself: closing any handle of it would end SQLite's own locks (POSIX `fcntl`).
pub(crate) struct FolderLock {
    _file: File,
}

impl FolderLock {
    pub(crate) async fn take(database: &Path) -> Result<FolderLock> {
        let failed = |error: std::io::Error| {
            Error::new(
                Kind::Migration,
                format!("the folder of `{}` cannot be locked", database.display()),
            )
            .caused_by(sqlx::Error::Io(error))
        };
        let file = lockable(database).map_err(failed)?;
        let until = tokio::time::Instant::now() + PATIENCE;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(FolderLock { _file: file }),
                Err(std::fs::TryLockError::Error(error)) => return Err(failed(error)),
                Err(std::fs::TryLockError::WouldBlock) if tokio::time::Instant::now() < until => {
                    tokio::time::sleep(PAUSE).await;
                }
                Err(std::fs::TryLockError::WouldBlock) => return Err(too_long()),
            }
        }
    }
}

pub(crate) fn too_long() -> Error {
    Error::new(
        Kind::Migration,
        format!("another process has been migrating the database for {PATIENCE:?}"),
    )
    .hint("if it hangs, end it; what it did not finish is undone")
}

#[cfg(unix)]
fn lockable(database: &Path) -> std::io::Result<File> {
    let folder = database.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))
}

/// Elsewhere a folder cannot be locked; a file beside the database can.
#[cfg(not(unix))]
fn lockable(database: &Path) -> std::io::Result<File> {
    File::create(database.with_extension("migrating"))
}
