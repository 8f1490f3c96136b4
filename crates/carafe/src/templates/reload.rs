//! Whether a template that was read from the disk is still what stands there.

use std::fs::{self, Metadata};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

/// File systems note the time of a change in steps; two saves within one look alike.
const CLOCK_STEP: Duration = Duration::from_secs(2);

/// A file as it was when it was read.
#[derive(Debug)]
pub(super) struct Watch {
    path: PathBuf,
    /// Where the template would be found instead, if there was one.
    earlier: Vec<PathBuf>,
    stamp: Option<(SystemTime, u64)>,
    content: u64,
    /// The file is old enough for its time of change to tell any other change.
    settled: AtomicBool,
}

impl Watch {
    /// Watches a file that was just read.
    pub(super) fn new(
        path: &Path,
        earlier: Vec<PathBuf>,
        before: Option<&Metadata>,
        text: &str,
    ) -> Watch {
        Watch {
            path: path.to_owned(),
            earlier,
            stamp: before.and_then(stamp),
            content: hash(text.as_bytes()),
            settled: AtomicBool::new(false),
        }
    }

    /// A look at the file's data, and at its content only while it is fresh.
    pub(super) fn is_current(&self) -> bool {
        if self.earlier.iter().any(|path| path.is_file()) {
            return false;
        }
        let Ok(now) = fs::metadata(&self.path) else {
            return false;
        };
        if self.stamp.is_none() || stamp(&now) != self.stamp {
            return false;
        }
        if self.settled.load(Ordering::Relaxed) {
            return true;
        }
        let is_old = |time: SystemTime| time.elapsed().is_ok_and(|age| age > CLOCK_STEP);
        // Whether it is old is asked before it is read: a change after that has another time.
        let settles = self.stamp.is_some_and(|(time, _)| is_old(time));
        let same = fs::read(&self.path).is_ok_and(|bytes| hash(&bytes) == self.content);
        self.settled.store(same && settles, Ordering::Relaxed);
        same
    }
}

fn stamp(metadata: &Metadata) -> Option<(SystemTime, u64)> {
    Some((metadata.modified().ok()?, metadata.len()))
}

fn hash(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    hasher.finish()
}
