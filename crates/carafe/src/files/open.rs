//! Finding and opening a file, on a thread that may block.

use std::fs::{self, File, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;

use crate::error::{Error, Result};
use crate::extract::read_at;
use crate::http::values::{ETag, safe_join};

use super::answer::Content;
use super::body::PIECE;

/// Where a file is.
pub(super) enum Place {
    /// At a path that the app chose.
    Exactly(PathBuf),
    /// Somewhere inside a folder, at a path that a visitor chose.
    Inside { folder: PathBuf, path: String },
}

/// A file, open.
pub(super) struct Opened {
    file: File,
    path: PathBuf,
    pub(super) length: u64,
    pub(super) modified: Option<SystemTime>,
    /// The whole content, where it is small and was asked for.
    preloaded: Option<Bytes>,
}

impl Place {
    /// Opens the file. May block.
    ///
    /// # Errors
    /// 404 for what is not a file inside the folder; 500 for what the app chose and cannot be read.
    pub(super) fn open(self, preload: bool) -> Result<Opened> {
        match self {
            Place::Exactly(path) => open_file(&path, path.clone(), preload).map_err(|error| {
                let words = format!("could not send `{}`: {error}", path.display());
                Error::from(io::Error::new(error.kind(), words))
            }),
            Place::Inside { folder, path } => {
                let (path, real) = find_inside(&folder, &path).ok_or_else(|| Error::new(404))?;
                open_file(&real, path, preload).map_err(|error| Error::new(404).caused_by(error))
            }
        }
    }
}

/// The path as it was asked for, and where it really is.
fn find_inside(folder: &Path, path: &str) -> Option<(PathBuf, PathBuf)> {
    let asked = safe_join(folder, path)?;
    let real = fs::canonicalize(&asked).ok()?;
    let real_folder = fs::canonicalize(folder).ok()?;
    real.starts_with(real_folder).then_some((asked, real))
}

fn open_file(real: &Path, path: PathBuf, preload: bool) -> io::Result<Opened> {
    // Before opening: opening a named pipe would wait for its other end.
    refuse_others(&fs::metadata(real)?)?;
    let file = File::open(real)?;
    let metadata = file.metadata()?;
    refuse_others(&metadata)?;
    let length = metadata.len();
    let preloaded = match preload && length <= PIECE {
        true => Some(read_at(&file, 0, length as usize)?),
        false => None,
    };
    Ok(Opened { file, path, length, modified: metadata.modified().ok(), preloaded })
}

fn refuse_others(metadata: &Metadata) -> io::Result<()> {
    if metadata.is_file() {
        return Ok(());
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a file"))
}

impl Opened {
    /// A tag of time, size and path: two files of one name and time in two folders differ.
    pub(super) fn etag(&self) -> Result<ETag> {
        let modified = self.modified.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        let nanos = modified.map_or(0, |since| since.as_nanos());
        let path = fnv1a(self.path.as_os_str().as_encoded_bytes());
        Ok(ETag::strong(format!("{nanos:x}-{:x}-{path:x}", self.length))?)
    }

    /// The absolute path as the text of a header.
    pub(super) fn path_text(&self) -> Result<String> {
        let path = std::path::absolute(&self.path)?;
        let text = path.into_os_string().into_string();
        text.map_err(|_| Error::new(500).caused_by("the path for `X-Sendfile` is not UTF-8"))
    }

    pub(super) fn into_content(self) -> Content {
        match self.preloaded {
            Some(bytes) => Content::Bytes(bytes),
            None => Content::File(Arc::new(self.file)),
        }
    }
}

/// FNV-1a, 64 bits: enough to tell paths apart, and not a secret.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
