//! The Unix socket: a folder of its own, a thread that accepts, and two for each app.

use std::fs::{self, DirBuilder, Permissions};
use std::io::{BufReader, Write as _};
use std::net::Shutdown;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Receiver;
use std::time::Duration;

use super::{Shared, line};

/// The most apps at once: a rebuild has two for a moment.
const MOST: usize = 64;
/// How long an app may leave a command unread before it is given up.
const WRITE_LIMIT: Duration = Duration::from_secs(5);

/// The listening socket.
pub(super) struct Door {
    folder: PathBuf,
    path: PathBuf,
    closed: Arc<AtomicBool>,
}

impl Door {
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Takes no more apps, and removes the socket.
    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
        // Wakes the thread that waits for the next app.
        let _ = UnixStream::connect(&self.path);
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Listens, and serves apps on threads.
pub(super) fn open(shared: &Arc<Shared>) -> Result<Door, String> {
    let folder = folder()?;
    let path = folder.join("channel");
    let listener = UnixListener::bind(&path)
        .map_err(|error| format!("`{}` cannot be made: {error}", path.display()))?;
    fs::set_permissions(&path, Permissions::from_mode(0o600))
        .map_err(|error| format!("`{}` cannot be protected: {error}", path.display()))?;
    let closed = Arc::new(AtomicBool::new(false));
    let (shared, ends) = (shared.clone(), closed.clone());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            if ends.load(Ordering::SeqCst) {
                return;
            }
            if let Ok(stream) = stream {
                welcome(&shared, stream);
            }
        }
    });
    Ok(Door { folder, path, closed })
}

/// A new folder, for this user alone. What a tool that was killed left behind is removed.
fn folder() -> Result<PathBuf, String> {
    const PREFIX: &str = "carafe-tool-";
    // Short, for a socket's path has a hundred bytes.
    let home = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    let home = home.filter(|home| home.is_dir()).unwrap_or_else(std::env::temp_dir);
    for entry in fs::read_dir(&home).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let id = name.to_str().and_then(|name| name.strip_prefix(PREFIX)?.split('-').next());
        let id = id.and_then(|id| id.parse().ok());
        if id.is_some_and(|id| carafe_net::process(&carafe_net::System::this(), id).is_none()) {
            // Others' folders refuse this.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let nanos = now.map_or(0, |since| since.subsec_nanos());
    let folder = home.join(format!("{PREFIX}{}-{nanos:x}", std::process::id()));
    DirBuilder::new()
        .mode(0o700)
        .create(&folder)
        .map_err(|error| format!("`{}` cannot be made: {error}", folder.display()))?;
    Ok(folder)
}

fn welcome(shared: &Arc<Shared>, stream: UnixStream) {
    if super::lock(&shared.connections).len() >= MOST {
        return;
    }
    let Ok(writer) = stream.try_clone() else { return };
    let (number, commands) = shared.joined();
    std::thread::spawn(move || write(&writer, &commands));
    let shared = shared.clone();
    std::thread::spawn(move || {
        read(&shared, number, &stream);
        let _ = stream.shutdown(Shutdown::Both);
        shared.left(number);
    });
}

/// Sends commands until there can be none any more, and then says goodbye.
fn write(mut stream: &UnixStream, commands: &Receiver<Arc<str>>) {
    let _ = stream.set_write_timeout(Some(WRITE_LIMIT));
    for command in commands {
        if stream.write_all(command.as_bytes()).is_err() {
            break;
        }
    }
    let _ = stream.shutdown(Shutdown::Both);
}

fn read(shared: &Shared, number: u64, stream: &UnixStream) {
    let mut from = BufReader::with_capacity(64 << 10, stream);
    let mut bytes = Vec::new();
    while line::next(&mut from, &mut bytes).unwrap_or(false) {
        if let Ok(text) = std::str::from_utf8(&bytes) {
            shared.take(number, text);
        }
    }
}
