//! The channel between the tool and the apps that it starts: a Unix socket on which apps tell about
//! their requests, and the tool asks them to reload.
//!
//! One line of JSON is one word. Whatever an app sends meets a cap: the length of a line, how many
//! requests are kept, and how many bytes they take. What a page makes of it is in `page`.

mod line;
mod log;
#[cfg(unix)]
mod socket;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;

pub(crate) use self::log::{Log, Record, Summary};

/// The variable that names the socket to an app.
pub(crate) const VARIABLE: &str = "CARAFE_TOOL_CHANNEL";
/// Commands that wait for an app that does not read, as one that a debugger holds.
const WAITING: usize = 64;

/// What an app told.
#[derive(Clone, Debug)]
pub(crate) enum Told {
    /// An app listens.
    Hello(App),
    /// A request came in or was answered: something of the log has changed.
    Request,
    /// A panic, also outside requests: `message`, `file`, `line`.
    Panic(Value),
    /// The app with this number has gone.
    Gone(u64),
}

/// An app as it introduced itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct App {
    /// Counts the apps of this channel, from 1 on.
    pub(crate) number: u64,
    pub(crate) pid: u32,
    pub(crate) name: String,
    /// The folder of its manifest.
    pub(crate) root: PathBuf,
    pub(crate) urls: Vec<String>,
    /// A list of objects: `endpoint`, `methods`, `rule`, `handler`, `file`, `line`.
    pub(crate) routes: Value,
}

type Hearer = Arc<dyn Fn(&Told) + Send + Sync>;

/// The tool's end. Dropped, it closes: the apps end as by SIGTERM.
pub(crate) struct Channel {
    path: PathBuf,
    shared: Arc<Shared>,
    #[cfg(unix)]
    door: socket::Door,
}

/// What the connections' threads share.
#[derive(Default)]
struct Shared {
    connections: Mutex<Vec<Connection>>,
    hearers: Mutex<Vec<Hearer>>,
    log: Mutex<Log>,
    count: AtomicU64,
}

/// An app at the other end of a connection.
struct Connection {
    number: u64,
    app: Option<App>,
    commands: SyncSender<Arc<str>>,
}

impl Channel {
    /// Listens on a socket of its own, in a folder that only this user can enter.
    ///
    /// # Errors
    /// When the folder or the socket cannot be made, in words.
    pub(crate) fn open() -> Result<Arc<Channel>, String> {
        let shared = Arc::<Shared>::default();
        #[cfg(unix)]
        {
            let door = socket::open(&shared)?;
            Ok(Arc::new(Channel { path: door.path().to_owned(), shared, door }))
        }
        #[cfg(not(unix))]
        Err("an app's channel needs Unix sockets, which this system lacks".to_owned())
    }

    /// The socket, for [`VARIABLE`] in an app's environment.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Has a function called for everything that apps tell, on the threads that read it: it has to
    /// return soon.
    pub(crate) fn hear(&self, hearer: impl Fn(&Told) + Send + Sync + 'static) {
        lock(&self.shared.hearers).push(Arc::new(hearer));
    }

    /// Sends a command to every app that is connected. It never waits: an app that has not read its
    /// last commands misses this one.
    pub(crate) fn send(&self, command: &Value) {
        let line: Arc<str> = format!("{command}\n").into();
        for connection in lock(&self.shared.connections).iter() {
            let _ = connection.commands.try_send(line.clone());
        }
    }

    /// Sends a command to one app, by its process, if it is connected.
    pub(crate) fn send_to(&self, pid: u32, command: &Value) {
        let is =
            |connection: &&Connection| connection.app.as_ref().is_some_and(|app| app.pid == pid);
        if let Some(connection) = lock(&self.shared.connections).iter().find(is) {
            let _ = connection.commands.try_send(format!("{command}\n").into());
        }
    }

    /// The apps that have said hello and are still connected, the newest last.
    pub(crate) fn apps(&self) -> Vec<App> {
        let connections = lock(&self.shared.connections);
        connections.iter().filter_map(|connection| connection.app.clone()).collect()
    }

    /// The requests that are kept.
    pub(crate) fn log(&self) -> MutexGuard<'_, Log> {
        lock(&self.shared.log)
    }
}

#[cfg(unix)]
impl Drop for Channel {
    fn drop(&mut self) {
        self.door.close();
        // Each one's writer ends with its sender, and closes the connection.
        lock(&self.shared.connections).clear();
    }
}

impl Shared {
    /// A new connection's number, and the commands to send on it.
    fn joined(&self) -> (u64, std::sync::mpsc::Receiver<Arc<str>>) {
        let number = self.count.fetch_add(1, Ordering::Relaxed) + 1;
        let (commands, to_send) = sync_channel(WAITING);
        lock(&self.connections).push(Connection { number, app: None, commands });
        (number, to_send)
    }

    fn left(&self, number: u64) {
        lock(&self.connections).retain(|connection| connection.number != number);
        lock(&self.log).gone(number);
        self.tell(&Told::Request);
        self.tell(&Told::Gone(number));
    }

    /// Takes a line of the app with this number; what is no word of the channel is passed over.
    fn take(&self, number: u64, line: &str) {
        match line::kind(line) {
            Some("begin") if lock(&self.log).begin(number, line) => self.tell(&Told::Request),
            Some("end") if lock(&self.log).end(number, line) => self.tell(&Told::Request),
            Some("hello") => {
                if let Some(app) = line::app(number, line) {
                    let mut connections = lock(&self.connections);
                    if let Some(own) = connections.iter_mut().find(|each| each.number == number) {
                        own.app = Some(app.clone());
                    }
                    drop(connections);
                    self.tell(&Told::Hello(app));
                }
            }
            Some("panic") => {
                if let Ok(panic) = serde_json::from_str(line) {
                    self.tell(&Told::Panic(panic));
                }
            }
            _ => {}
        }
    }

    fn tell(&self, told: &Told) {
        let hearers = lock(&self.hearers).clone();
        for hear in hearers {
            hear(told);
        }
    }
}

/// What a thread left when it panicked is as good as before.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(all(test, unix))]
mod tests;
