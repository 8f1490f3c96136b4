//! An app that is restarted while it is used: answers that can be checked in full, one that takes its
//! time, and a start that fails when a file says so.

use std::convert::Infallible;
use std::io::Write;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use carafe::Body;
use carafe::prelude::*;
use tokio::time::{Interval, interval};

use crate::served;

#[get("/pid")]
async fn pid() -> String {
    std::process::id().to_string()
}

/// This many bytes, each another one than its neighbours.
#[get("/page/<int:length>")]
async fn page(length: usize) -> Vec<u8> {
    (0..length).map(|at| b'a' + ((at * 7 + length) % 26) as u8).collect()
}

#[post("/length")]
async fn length(request: &Request) -> Result<String> {
    Ok(request.bytes().await?.len().to_string())
}

/// Three seconds of pieces.
struct Pieces {
    left: u32,
    clock: Interval,
}

impl futures_core::Stream for Pieces {
    type Item = Result<String, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        ready!(self.clock.poll_tick(cx));
        self.left -= 1;
        Poll::Ready(Some(Ok(format!("piece {}\n", self.left))))
    }
}

#[get("/slow")]
async fn slow() -> Body {
    Body::stream(Pieces { left: 30, clock: interval(Duration::from_millis(100)) })
}

/// What the file `start` in the app's folder asks for.
async fn begin() -> Result<()> {
    let root = std::env::var_os("TEST_ROOT").unwrap_or_default();
    let how = std::fs::read_to_string(std::path::Path::new(&root).join("start"));
    match how.as_deref().unwrap_or_default() {
        "panic" => panic!("the start-up step panicked"),
        "fail" => Err(abort(500).describe("the database does not answer")),
        "hang" => {
            let _ = writeln!(std::io::stderr(), "hanging in process {}", std::process::id());
            std::future::pending().await
        }
        _ => Ok(()),
    }
}

pub(crate) fn app() -> App {
    served::app().routes(routes![pid, page, length, slow]).on_startup(|_| begin())
}
