//! The channel to the `carafe` tool: a Unix socket with a JSON line for each message, in both directions.
//!
//! Two threads of its own write and read. A request puts its messages into a queue that has an end:
//! when the tool is slow, messages are dropped and counted, and no request waits.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};

use super::{live, messages};
use crate::few;

/// Names the tool's socket.
const VARIABLE: &str = "CARAFE_TOOL_CHANNEL";
/// Messages that wait for the tool.
const WAITING: usize = 1024;
/// A line has at most so many bytes, in both directions.
pub(super) const LONGEST_LINE: usize = 1 << 20;
/// What SIGTERM ends a process with, as a shell tells it.
const TERMINATED: i32 = 128 + 15;

/// A message, made on the thread that writes it.
type Message = Box<dyn FnOnce() -> Value + Send>;

/// The way to the tool.
pub(super) struct Channel {
    queue: SyncSender<Item>,
    dropped: AtomicU64,
}

enum Item {
    Message(Message),
    /// Tells whoever waits that all before it was written.
    Flush(SyncSender<()>),
}

static CHANNEL: OnceLock<Channel> = OnceLock::new();

/// What ends the app, once it serves.
static END: Mutex<Option<Box<dyn Fn() + Send>>> = Mutex::new(None);
static GONE: AtomicBool = AtomicBool::new(false);

/// The tool, where there is one.
pub(super) fn tool() -> Option<&'static Channel> {
    CHANNEL.get()
}

impl Channel {
    /// Sends a message when its turn comes; drops it when too many wait.
    pub(super) fn send(&self, message: impl FnOnce() -> Value + Send + 'static) {
        if self.queue.try_send(Item::Message(Box::new(message))).is_err() {
            self.dropped.fetch_add(1, Relaxed);
        }
    }
}

/// Connects to the tool that started this process, if one did.
///
/// A tool that cannot be reached has ended already, and then so does the app.
pub(crate) fn connect() {
    let Some(path) = std::env::var_os(VARIABLE).filter(|path| !path.is_empty()) else { return };
    if let Err(error) = open(Path::new(&path)) {
        tracing::error!(target: "carafe", "`{VARIABLE}` cannot be reached: {error}");
        end();
    }
}

#[cfg(unix)]
fn open(path: &Path) -> std::io::Result<()> {
    let stream = std::os::unix::net::UnixStream::connect(path)?;
    let reading = stream.try_clone()?;
    let (queue, items) = sync_channel(WAITING);
    if CHANNEL.set(Channel { queue, dropped: AtomicU64::new(0) }).is_err() {
        return Ok(());
    }
    super::panics::install();
    few::spawn("carafe-tool-out", Box::new(move || write_all(&items, stream)))?;
    few::spawn("carafe-tool-in", Box::new(move || read_all(reading)))?;
    Ok(())
}

/// The tool speaks over Unix sockets only.
#[cfg(not(unix))]
fn open(_path: &Path) -> std::io::Result<()> {
    let _ = (few::spawn, write_all::<Vec<u8>>, read_all::<&[u8]>, sync_channel::<Item>);
    Err(std::io::Error::other("the tool's channel needs Unix sockets"))
}

/// Waits a little until what was sent is written: before the process ends.
pub(crate) fn flush() {
    const PATIENCE: Duration = Duration::from_millis(300);
    let Some(channel) = tool() else { return };
    let (done, wait) = sync_channel(1);
    if channel.queue.try_send(Item::Flush(done)).is_ok() {
        let _: Result<(), RecvTimeoutError> = wait.recv_timeout(PATIENCE);
    }
}

/// Calls `end` when the tool has gone; at once, when it has already.
pub(crate) fn on_end(end: impl Fn() + Send + 'static) {
    let mut slot = END.lock().unwrap_or_else(PoisonError::into_inner);
    if GONE.load(Relaxed) {
        end();
    }
    *slot = Some(Box::new(end));
}

/// Ends the app as SIGTERM does: a server drains, a program that does not serve yet is over.
fn end() {
    let slot = END.lock().unwrap_or_else(PoisonError::into_inner);
    GONE.store(true, Relaxed);
    match &*slot {
        Some(end) => end(),
        None => std::process::exit(TERMINATED),
    }
}

fn write_all(items: &Receiver<Item>, mut stream: impl Write) {
    for item in items {
        let message = match item {
            Item::Message(message) => message(),
            Item::Flush(done) => {
                let _ = done.try_send(());
                continue;
            }
        };
        let mut lines = messages::line(message);
        let dropped = tool().map_or(0, |channel| channel.dropped.swap(0, Relaxed));
        if dropped > 0 {
            lines.push_str(&messages::line(json!({"event": "dropped", "count": dropped})));
        }
        // The thread that reads sees that the tool has gone. What is in the queue still is let go.
        if stream.write_all(lines.as_bytes()).is_err() {
            continue;
        }
    }
}

fn read_all(stream: impl Read) {
    let mut reader = BufReader::new(stream);
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = (&mut reader).take(LONGEST_LINE as u64 + 1).read_until(b'\n', &mut line);
        match read {
            Ok(0) | Err(_) => return end(),
            Ok(_) if line.len() > LONGEST_LINE => {
                tracing::error!(target: "carafe", "the tool sent a line of more than 1 MiB");
                return end();
            }
            Ok(_) => command(&line),
        }
    }
}

fn command(line: &[u8]) {
    let Ok(message) = serde_json::from_slice::<Value>(line) else {
        return tracing::warn!(target: "carafe", "the tool sent what is no JSON");
    };
    match message["command"].as_str() {
        Some("reload") => live::state().reload(),
        Some("css") => live::state().css(message["path"].as_str().unwrap_or_default()),
        Some("build") => live::state().build(message),
        // A newer tool may know more.
        _ => tracing::debug!(target: "carafe", "the tool sent a command that is not known"),
    }
}
