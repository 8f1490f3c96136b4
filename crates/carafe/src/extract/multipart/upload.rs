//! [`Upload`]: a file of a form, whole.

use std::fmt;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ::http::{HeaderMap, header};
use bytes::Bytes;

use crate::error::{Error, Result};
use crate::http::values::secure_filename;

use super::read_at::{read_at, read_some_at};
use super::spool::Content;
use super::temp_file::Beside;

/// A file that came with a form: Flask's `FileStorage`. Clones share one file.
///
/// Up to 500 kB it is in memory, past that in a temporary file that is gone with the last clone.
#[derive(Clone)]
pub struct Upload(Arc<Inner>);

struct Inner {
    field: String,
    filename: String,
    headers: HeaderMap,
    content: Content,
    size: u64,
}

impl Upload {
    #[inline]
    pub(super) fn new(
        field: String,
        filename: String,
        headers: HeaderMap,
        content: Content,
        size: u64,
    ) -> Upload {
        Upload(Arc::new(Inner { field, filename, headers, content, size }))
    }

    /// The name of the form's field.
    #[inline]
    pub fn field(&self) -> &str {
        &self.0.field
    }

    /// The file's name as it was sent. Anybody can send `../../etc/passwd`: never use it as a path.
    #[inline]
    pub fn filename(&self) -> &str {
        &self.0.filename
    }

    /// The file's name, safe as the name of one file: ASCII letters, digits, `.`, `_` and `-`.
    ///
    /// Empty when nothing is left; then choose a name yourself.
    #[inline]
    pub fn safe_filename(&self) -> String {
        secure_filename(&self.0.filename)
    }

    /// The `Content-Type` that the client says it has; nothing has checked it.
    #[inline]
    pub fn content_type(&self) -> Option<&str> {
        self.0.headers.get(header::CONTENT_TYPE)?.to_str().ok()
    }

    /// The media type without parameters, in lower case; empty when there is none.
    #[inline]
    pub fn mimetype(&self) -> String {
        let content_type = self.content_type().unwrap_or_default();
        content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }

    /// The part's own headers.
    #[inline]
    pub fn headers(&self) -> &HeaderMap {
        &self.0.headers
    }

    /// The size in bytes.
    #[inline]
    pub fn size(&self) -> u64 {
        self.0.size
    }

    /// Whether the visitor chose a file: browsers send an empty one without a name for none.
    #[inline]
    pub(crate) fn is_chosen(&self) -> bool {
        !self.0.filename.is_empty() || self.0.size > 0
    }

    /// The whole content.
    ///
    /// # Errors
    /// 500 when the temporary file cannot be read.
    #[inline]
    pub async fn read(&self) -> Result<Bytes> {
        match &self.0.content {
            Content::Memory(bytes) => Ok(bytes.clone()),
            Content::File(_) => self.on_a_thread(|upload| upload.read_blocking()).await,
        }
    }

    /// As [`Upload::read`], for plain `fn` handlers.
    ///
    /// # Errors
    /// When the temporary file cannot be read.
    #[inline]
    pub fn read_blocking(&self) -> io::Result<Bytes> {
        match &self.0.content {
            Content::Memory(bytes) => Ok(bytes.clone()),
            Content::File(file) => read_at(file, 0, self.0.size as usize),
        }
    }

    /// The content as a file that is open for reading, from its beginning. Its reads may block.
    #[inline]
    pub fn open(&self) -> UploadReader {
        UploadReader { upload: self.clone(), place: 0 }
    }

    /// Saves the content as `path`, in place of a file that is there already.
    ///
    /// It is written beside it first, so that nobody sees half of it, and nothing stays behind when
    /// the disk is full.
    ///
    /// # Errors
    /// 500 when the folder is missing or cannot be written to.
    #[inline]
    pub async fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let path: PathBuf = path.as_ref().to_owned();
        self.on_a_thread(move |upload| upload.save_blocking(path)).await
    }

    /// As [`Upload::save`], for plain `fn` handlers.
    ///
    /// # Errors
    /// When the folder is missing or cannot be written to.
    #[inline]
    pub fn save_blocking(&self, path: impl AsRef<Path>) -> io::Result<()> {
        let path = path.as_ref();
        let mut beside = Beside::new(path).map_err(|error| at(path, &error))?;
        io::copy(&mut self.open(), &mut beside.file).map_err(|error| at(path, &error))?;
        beside.persist(path).map_err(|error| at(path, &error))
    }

    #[inline]
    async fn on_a_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Upload) -> io::Result<T> + Send + 'static,
    ) -> Result<T> {
        let upload = self.clone();
        let done = tokio::task::spawn_blocking(move || work(&upload)).await;
        Ok(done.map_err(Error::from)??)
    }
}

#[inline]
fn at(path: &Path, error: &io::Error) -> io::Error {
    let words = format!("could not save an upload as `{}`: {error}", path.display());
    io::Error::new(error.kind(), words)
}

impl fmt::Debug for Upload {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Upload({:?}, {:?}, {} bytes)", self.0.field, self.0.filename, self.0.size)
    }
}

/// An [`Upload`]'s content, open for reading; made by [`Upload::open`].
pub struct UploadReader {
    upload: Upload,
    place: u64,
}

impl Read for UploadReader {
    #[inline]
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = match &self.upload.0.content {
            Content::Memory(bytes) => {
                let rest = bytes.get(self.place as usize..).unwrap_or_default();
                let count = rest.len().min(buffer.len());
                buffer[..count].copy_from_slice(&rest[..count]);
                count
            }
            Content::File(file) => read_some_at(file, buffer, self.place)?,
        };
        self.place += count as u64;
        Ok(count)
    }
}

impl Seek for UploadReader {
    #[inline]
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let place = match to {
            SeekFrom::Start(place) => Some(place),
            SeekFrom::End(offset) => self.upload.0.size.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.place.checked_add_signed(offset),
        };
        let before = || io::Error::new(io::ErrorKind::InvalidInput, "a place before the beginning");
        self.place = place.ok_or_else(before)?;
        Ok(self.place)
    }
}
