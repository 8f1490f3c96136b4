//! [`Spool`]: an upload's content while it arrives; past a size it goes to a temporary file.

use std::fs::File;
use std::io::{self, Write};
use std::sync::Arc;

use bytes::Bytes;

use super::temp_file;

/// Uploads up to this many bytes stay in memory, as in Flask.
pub(super) const IN_MEMORY: usize = 500_000;
/// How much is written at a time past that.
const WRITE: usize = 256 * 1024;

/// Where an upload's content is.
pub(super) enum Content {
    Memory(Bytes),
    /// A file that has no name, so it is gone when it is closed, whatever happens.
    File(Arc<File>),
}

#[derive(Default)]
pub(super) struct Spool {
    pending: Vec<u8>,
    file: Option<File>,
    size: u64,
}

impl Spool {
    #[inline]
    pub(super) async fn write(&mut self, piece: Bytes) -> io::Result<()> {
        self.size += piece.len() as u64;
        self.pending.extend_from_slice(&piece);
        let most = if self.file.is_some() { WRITE } else { IN_MEMORY };
        if self.pending.len() > most { self.flush().await } else { Ok(()) }
    }

    /// The content and its size in bytes.
    #[inline]
    pub(super) async fn finish(mut self) -> io::Result<(Content, u64)> {
        if self.file.is_some() && !self.pending.is_empty() {
            self.flush().await?;
        }
        let content = match self.file {
            Some(file) => Content::File(Arc::new(file)),
            None => Content::Memory(self.pending.into()),
        };
        Ok((content, self.size))
    }

    /// Writes what is pending, on a thread that may block.
    #[inline]
    async fn flush(&mut self) -> io::Result<()> {
        let pending = std::mem::take(&mut self.pending);
        let file = self.file.take();
        let work = move || {
            let mut file = match file {
                Some(file) => file,
                None => temp_file::unnamed()?,
            };
            file.write_all(&pending)?;
            Ok::<_, io::Error>((file, pending))
        };
        let (file, mut pending) =
            tokio::task::spawn_blocking(work).await.map_err(io::Error::other)??;
        pending.clear();
        self.file = Some(file);
        self.pending = pending;
        Ok(())
    }
}
