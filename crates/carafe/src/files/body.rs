//! [`FileBody`]: parts of a file as a response's body, read on threads that may block.

use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use tokio::task::{JoinHandle, spawn_blocking};

use crate::extract::read_at;
use crate::http::{Body, BoxError};

/// Bytes read at a time.
pub(super) const PIECE: u64 = 64 * 1024;

/// A part of a body.
pub(super) enum Segment {
    Text(Bytes),
    /// The bytes from `start` up to, not including, `end`.
    File {
        start: u64,
        end: u64,
    },
}

impl Segment {
    fn length(&self) -> u64 {
        match self {
            Segment::Text(text) => text.len() as u64,
            Segment::File { start, end } => end - start,
        }
    }
}

/// The segments of one file, in order. One piece is read ahead while the one before it is sent.
pub(super) struct FileBody {
    file: Arc<File>,
    segments: VecDeque<Segment>,
    /// Bytes not handed out yet.
    left: u64,
    ahead: Option<JoinHandle<io::Result<Bytes>>>,
}

impl FileBody {
    pub(super) fn new(file: Arc<File>, segments: impl IntoIterator<Item = Segment>) -> FileBody {
        let segments: VecDeque<Segment> = segments.into_iter().collect();
        let left = segments.iter().map(Segment::length).sum();
        FileBody { file, segments, left, ahead: None }
    }

    pub(super) fn into_body(self) -> Body {
        Body::new(self)
    }

    /// Starts to read the next piece, if the next thing to send is in the file.
    fn read_ahead(&mut self) {
        let Some(Segment::File { start, end }) = self.segments.front_mut() else {
            return;
        };
        let (place, length) = (*start, (*end - *start).min(PIECE));
        *start += length;
        if start == end {
            self.segments.pop_front();
        }
        let file = self.file.clone();
        // At most 64 KiB, so it fits any usize.
        self.ahead = Some(spawn_blocking(move || read_at(&file, place, length as usize)));
    }
}

impl HttpBody for FileBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if self.ahead.is_none() {
            if let Some(Segment::Text(_)) = self.segments.front() {
                let Some(Segment::Text(text)) = self.segments.pop_front() else {
                    return Poll::Ready(None);
                };
                self.left -= text.len() as u64;
                self.read_ahead();
                return Poll::Ready(Some(Ok(Frame::data(text))));
            }
            self.read_ahead();
        }
        let Some(reading) = &mut self.ahead else {
            return Poll::Ready(None);
        };
        let piece = ready!(Pin::new(reading).poll(cx));
        self.ahead = None;
        match piece.map_err(BoxError::from).and_then(|piece| piece.map_err(BoxError::from)) {
            Ok(piece) => {
                self.left -= piece.len() as u64;
                self.read_ahead();
                Poll::Ready(Some(Ok(Frame::data(piece))))
            }
            Err(error) => {
                // The length was promised: the connection has to end, not to wait for the rest.
                self.segments.clear();
                Poll::Ready(Some(Err(error)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
