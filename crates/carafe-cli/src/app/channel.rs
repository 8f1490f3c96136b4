//! The tool's end of the channel: a Unix socket at which apps in development tell what happens.
//!
//! Both sides write lines of JSON. An app connects once, says `hello`, and ends when the tool is gone.

use std::fs::{self, DirBuilder};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use serde_json::Value;

/// The longest line that an app may write.
const LONGEST: u64 = 1 << 20;
/// An app that does not read for this long is not told.
const PATIENCE: Duration = Duration::from_secs(1);

/// A folder that only this user can enter, for as long as the tool runs.
#[derive(Debug)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// Makes one. Those that killed tools have left behind are removed.
    ///
    /// # Errors
    /// When there is no place for it.
    pub(crate) fn new() -> io::Result<Folder> {
        let parent = carafe_net::control_folder()?;
        remove_old(&parent);
        let path = parent.join(format!("{PREFIX}{}", std::process::id()));
        DirBuilder::new().mode(0o700).recursive(true).create(&path)?;
        Ok(Folder(path))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

const PREFIX: &str = "tool-";

fn remove_old(parent: &Path) {
    for entry in fs::read_dir(parent).into_iter().flatten().filter_map(Result::ok) {
        let name = entry.file_name();
        let pid = name.to_str().and_then(|name| name.strip_prefix(PREFIX)?.parse().ok());
        let pid = pid.and_then(rustix::process::Pid::from_raw);
        if let Some(pid) = pid
            && rustix::process::test_kill_process(pid) == Err(rustix::io::Errno::SRCH)
        {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// The channel, for any number of apps one after another.
pub(crate) struct Channel {
    path: PathBuf,
    apps: Apps,
}

/// Who is connected: the process of each.
type Apps = Arc<Mutex<Vec<(u32, UnixStream)>>>;

impl Channel {
    /// Listens in the folder. `hear` gets each event with the process that it came from, and a `gone`
    /// of the tool's own when a process has hung up; from other threads.
    ///
    /// # Errors
    /// When the socket cannot be made.
    pub(crate) fn open(
        folder: &Folder,
        hear: impl Fn(u32, Value) + Send + Sync + 'static,
    ) -> io::Result<Channel> {
        let path = folder.path().join("channel");
        let listener = UnixListener::bind(&path)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;
        let apps = Apps::default();
        let (known, hear) = (apps.clone(), Arc::new(hear));
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (known, hear) = (known.clone(), hear.clone());
                thread::spawn(move || serve(stream, &known, &*hear));
            }
        });
        Ok(Channel { path, apps })
    }

    /// What the app gets as `CARAFE_TOOL_CHANNEL`.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Tells one app a command; gives whether it is connected.
    pub(crate) fn tell(&self, pid: u32, command: &Value) -> bool {
        let apps = lock(&self.apps);
        let Some((_, stream)) = apps.iter().find(|(known, _)| *known == pid) else { return false };
        // One that hangs up is noticed where it is read.
        let mut line = command.to_string();
        line.push('\n');
        (&*stream).write_all(line.as_bytes()).is_ok()
    }
}

fn lock(apps: &Apps) -> std::sync::MutexGuard<'_, Vec<(u32, UnixStream)>> {
    apps.lock().unwrap_or_else(PoisonError::into_inner)
}

fn serve(stream: UnixStream, apps: &Apps, hear: &(impl Fn(u32, Value) + ?Sized)) {
    let _ = stream.set_write_timeout(Some(PATIENCE));
    let Ok(read) = stream.try_clone() else { return };
    let mut lines = Lines(BufReader::new(read));
    let hello = lines.next();
    let pid = hello.as_ref().filter(|event| event["event"] == "hello");
    let pid = pid.and_then(|event| event["pid"].as_u64()?.try_into().ok());
    let (Some(pid), Some(hello)) = (pid, hello) else { return };
    lock(apps).push((pid, stream));
    hear(pid, hello);
    lines.for_each(|event| hear(pid, event));
    lock(apps).retain(|(known, _)| *known != pid);
    hear(pid, serde_json::json!({ "event": "gone" }));
}

/// Lines of JSON, until the end or the first that is too long or none.
struct Lines<R>(R);

impl<R: BufRead> Iterator for Lines<R> {
    type Item = Value;

    fn next(&mut self) -> Option<Value> {
        let mut line = Vec::new();
        self.0.by_ref().take(LONGEST).read_until(b'\n', &mut line).ok()?;
        serde_json::from_slice(&line).ok()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use serde_json::json;

    use super::*;

    /// A folder of the tool's, without a look at the machine's.
    fn folder() -> (Folder, tempfile::TempDir) {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("tool-1");
        fs::create_dir(&path).unwrap();
        (Folder(path), root)
    }

    #[test]
    fn an_app_tells_and_is_told() {
        let (folder, _root) = folder();
        let (said, heard) = channel();
        let said = Mutex::new(said);
        let channel = Channel::open(&folder, move |pid, event| {
            said.lock().unwrap().send((pid, event)).unwrap();
        });
        let channel = channel.unwrap();
        assert_eq!(fs::metadata(channel.path()).unwrap().permissions().mode() & 0o777, 0o600);
        let mut app = UnixStream::connect(channel.path()).unwrap();
        app.write_all(b"{\"event\":\"hello\",\"pid\":7}\n{\"event\":\"panic\"}\n").unwrap();
        let next = || heard.recv_timeout(Duration::from_secs(20)).unwrap();
        assert_eq!(next(), (7, json!({"event": "hello", "pid": 7})));
        assert_eq!(next(), (7, json!({"event": "panic"})));
        assert!(channel.tell(7, &json!({"command": "reload"})));
        assert!(!channel.tell(8, &json!({"command": "reload"})));
        let mut line = String::new();
        BufReader::new(&app).read_line(&mut line).unwrap();
        assert_eq!(line, "{\"command\":\"reload\"}\n");
        drop(app);
        assert_eq!(next(), (7, json!({"event": "gone"})));
        assert!(!channel.tell(7, &json!({})));
    }

    #[test]
    fn whoever_does_not_say_hello_is_not_heard() {
        let (folder, _root) = folder();
        let channel = Channel::open(&folder, |_, event| panic!("{event}")).unwrap();
        let long = vec![b' '; LONGEST as usize + 1];
        for words in [&b"{\"event\":\"begin\"}\n"[..], b"nonsense\n", &long] {
            let mut app = UnixStream::connect(channel.path()).unwrap();
            // The other side may hang up before all of it was written.
            let _ = app.write_all(words);
            let _ = app.shutdown(std::net::Shutdown::Write);
            let _ = app.read_to_end(&mut Vec::new());
        }
    }

    #[test]
    fn what_a_dead_tool_left_is_removed() {
        let root = tempfile::tempdir().unwrap();
        let own = format!("{PREFIX}{}", std::process::id());
        // No process has a number above the kernel's limit.
        let names = [own.as_str(), "tool-2000000000", "other"];
        names.iter().for_each(|name| fs::create_dir(root.path().join(name)).unwrap());
        remove_old(root.path());
        let left = names.map(|name| root.path().join(name).exists());
        assert_eq!(left, [true, false, true]);
    }
}
