//! What `carafe run` leaves to `carafe debug` when it becomes that: where its page is and who was let in,
//! so that pages that are open go on, and the request that is to be debugged.
//!
//! It is a file that only this user can read, and that is gone as soon as it was read.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::channel::Record;

use super::guard::Keys;

/// What one tool leaves to the next.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Handover {
    pub(super) keys: Keys,
    /// Whether a browser shows the page, so that none has to be opened.
    pub(crate) is_watched: bool,
    /// The request that is to be debugged, in the app's own words.
    pub(super) request: Option<(String, String)>,
}

impl Handover {
    pub(super) fn new(keys: Keys, is_watched: bool, record: Option<&Record>) -> Handover {
        let request = record.and_then(|record| {
            let (begin, end) = record.lines();
            Some((begin.to_owned(), end?.to_owned()))
        });
        Handover { keys, is_watched, request }
    }

    /// Writes it where only this user can read it.
    ///
    /// # Errors
    /// When no file can be made.
    pub(super) fn write(&self) -> Result<PathBuf, String> {
        let name = format!("carafe-handover-{}-{}", std::process::id(), self.keys.folder());
        let path = std::env::temp_dir().join(name);
        let failed = |error: std::io::Error| format!("`{}`: {error}", path.display());
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let text = serde_json::to_string(self).map_err(|error| error.to_string())?;
        let mut file = options.open(&path).map_err(failed)?;
        file.write_all(text.as_bytes()).map_err(failed)?;
        Ok(path)
    }

    /// Reads it, and removes it.
    ///
    /// # Errors
    /// When there is no such file, or it is none of ours.
    pub(crate) fn read(path: &Path) -> Result<Handover, String> {
        let text = fs::read_to_string(path)
            .map_err(|error| format!("`{}` cannot be read: {error}", path.display()))?;
        let _ = fs::remove_file(path);
        serde_json::from_str(&text)
            .map_err(|error| format!("`{}` is not from `carafe run`: {error}", path.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_read_once() {
        let keys = Keys::new(9173).unwrap();
        let url = keys.url();
        let path = Handover::new(keys, true, None).write().unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        }
        let read = Handover::read(&path).unwrap();
        assert_eq!((read.keys.url(), read.is_watched, read.request), (url, true, None));
        assert!(Handover::read(&path).unwrap_err().contains("cannot be read"));
    }
}
