//! [`Rows`]: a result that is read row by row, so that it may be larger than memory.

use std::fmt;
use std::future::{Future, poll_fn};
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_core::Stream;
use tokio::sync::mpsc::{Receiver, channel};

use crate::background::{Background, Inside};
use crate::connection::Record;
use crate::error::Result;

/// How many rows are read ahead.
const AHEAD: usize = 32;

type Work = Pin<Box<dyn Future<Output = Result<u64>> + Send>>;

/// The rows of a result, as they come; see [`Db::stream`](crate::Db::stream).
///
/// It is a [`Stream`]; in a plain `fn`, `for row in rows.wait()` reads it. Until it is read to its end, or dropped, it
/// keeps its connection.
#[must_use = "nothing is asked until it is read"]
pub struct Rows<T> {
    /// Fills the channel, on whichever thread reads from it.
    work: Option<Inside<Work>>,
    received: Receiver<T>,
    runtime: Arc<Background>,
    ended: bool,
}

impl<T: Record> Rows<T> {
    pub(crate) fn new<F>(
        runtime: Arc<Background>,
        work: impl FnOnce(tokio::sync::mpsc::Sender<T>) -> F,
    ) -> Rows<T>
    where
        F: Future<Output = Result<u64>> + Send + 'static,
    {
        let (sender, received) = channel(AHEAD);
        let work: Work = Box::pin(work(sender));
        let work = Some(Inside::new(work, runtime.clone()));
        Rows { work, received, runtime, ended: false }
    }

    /// The next row; `None` after the last, and after an error.
    pub async fn next(&mut self) -> Option<Result<T>> {
        poll_fn(|cx| self.poll_row(cx)).await
    }

    /// Reads it on this thread, as a plain `fn` may.
    pub fn wait(self) -> WaitedRows<T> {
        WaitedRows { rows: self, _row: PhantomData }
    }

    fn poll_row(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<T>>> {
        loop {
            if let Ok(row) = self.received.try_recv() {
                return Poll::Ready(Some(Ok(row)));
            }
            if self.ended {
                return Poll::Ready(None);
            }
            let Some(work) = &mut self.work else {
                self.ended = true;
                continue;
            };
            match Pin::new(work).poll(cx) {
                Poll::Ready(Ok(_count)) => self.work = None,
                Poll::Ready(Err(error)) => {
                    (self.work, self.ended) = (None, true);
                    return Poll::Ready(Some(Err(error)));
                }
                Poll::Pending => {
                    // It may have sent some before it had to wait. Being empty, the channel wakes nobody: the work does.
                    return match self.received.try_recv() {
                        Ok(row) => Poll::Ready(Some(Ok(row))),
                        Err(_) => Poll::Pending,
                    };
                }
            }
        }
    }
}

impl<T: Record> Stream for Rows<T> {
    type Item = Result<T>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<T>>> {
        self.poll_row(cx)
    }
}

impl<T> fmt::Debug for Rows<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Rows")
    }
}

/// [`Rows`] for a plain `fn`.
#[derive(Debug)]
pub struct WaitedRows<T> {
    rows: Rows<T>,
    _row: PhantomData<T>,
}

impl<T: Record> Iterator for WaitedRows<T> {
    type Item = Result<T>;

    fn next(&mut self) -> Option<Result<T>> {
        let runtime = self.rows.runtime.clone();
        match runtime.wait(self.rows.next()) {
            Ok(row) => row,
            Err(_misuse) if self.rows.ended => None,
            Err(misuse) => {
                self.rows.ended = true;
                Some(Err(misuse))
            }
        }
    }
}
