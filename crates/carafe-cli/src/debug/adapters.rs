//! The debuggers that speak DAP: which there is on this machine, and how it is started.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::child;
use crate::dap::{Link, Told};

use super::advice::Facts;

/// Older ones cannot show Rust's values, or know no DAP.
pub(super) const OLDEST_LLDB: u32 = 17;
const NEWEST_LLDB: u32 = 40;
pub(super) const OLDEST_GDB: u32 = 14;

/// What kind of debugger stands behind an adapter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Lldb,
    Gdb,
}

/// A debugger that can be started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Adapter {
    pub(crate) kind: Kind,
    pub(crate) program: PathBuf,
}

/// A debugger that runs.
pub(crate) struct Running {
    pub(crate) kind: Kind,
    pub(crate) link: Arc<Link>,
    pub(crate) told: Receiver<Told>,
    pub(crate) child: Child,
    pub(crate) complaints: Complaints,
}

/// The last that a debugger said on its standard error: why it could not start, for instance.
#[derive(Clone, Default)]
pub(crate) struct Complaints(Arc<(Mutex<Heard>, Condvar)>);

#[derive(Default)]
struct Heard {
    lines: VecDeque<String>,
    /// Somebody reads, and has not come to the end.
    listening: bool,
}

impl Complaints {
    const MOST_LINES: usize = 8;
    const LONGEST_LINE: u64 = 400;

    /// How long what was said may take to arrive; what the debugger has started may hold the stream open.
    const LATE: Duration = Duration::from_secs(2);

    /// Reads until the stream ends, so that the debugger never waits for somebody to read.
    fn listen(&self, stream: impl Read + Send + 'static) {
        self.heard().listening = true;
        let kept = self.clone();
        std::thread::spawn(move || {
            let mut stream = BufReader::new(stream);
            let mut line = Vec::new();
            while let Ok(1..) =
                stream.by_ref().take(Self::LONGEST_LINE).read_until(b'\n', &mut line)
            {
                let mut heard = kept.heard();
                heard.lines.push_back(String::from_utf8_lossy(&line).trim_end().to_owned());
                if heard.lines.len() > Self::MOST_LINES {
                    heard.lines.pop_front();
                }
                line.clear();
            }
            kept.heard().listening = false;
            kept.0.1.notify_all();
        });
    }

    /// All that a debugger said that is gone, in one line; empty when it said nothing.
    pub(crate) fn told(&self) -> String {
        // Its last words may still be on their way when its other stream has ended.
        let heard = self.0.1.wait_timeout_while(self.heard(), Self::LATE, |heard| heard.listening);
        let (heard, _) = heard.unwrap_or_else(PoisonError::into_inner);
        let lines = heard.lines.iter().map(|line| line.trim()).filter(|line| !line.is_empty());
        lines.collect::<Vec<_>>().join("; ")
    }

    fn heard(&self) -> MutexGuard<'_, Heard> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Finds a debugger: the one that was named, else lldb-dap in the newest version, else gdb.
///
/// # Errors
/// What to install, when there is none.
pub(crate) fn find(named: Option<&Path>) -> Result<Adapter, String> {
    if let Some(program) = named {
        let is_gdb = program.file_name().is_some_and(|name| name.to_string_lossy().contains("gdb"));
        let kind = if is_gdb { Kind::Gdb } else { Kind::Lldb };
        return Ok(Adapter { kind, program: program.to_owned() });
    }
    lldb().or_else(gdb).ok_or_else(|| Facts::gather().nothing_found())
}

fn lldb() -> Option<Adapter> {
    let numbered = (OLDEST_LLDB..=NEWEST_LLDB).rev().map(|version| format!("lldb-dap-{version}"));
    let on_path =
        std::iter::once("lldb-dap".to_owned()).chain(numbered).find_map(|name| which(&name));
    let program = on_path.or_else(of_xcode)?;
    Some(Adapter { kind: Kind::Lldb, program })
}

/// Where Xcode's command line tools keep theirs.
fn of_xcode() -> Option<PathBuf> {
    if !cfg!(target_os = "macos") {
        return None;
    }
    let output = Command::new("xcrun").args(["-f", "lldb-dap"]).output().ok()?;
    let path = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| PathBuf::from(path.trim()))
}

fn gdb() -> Option<Adapter> {
    let program = which("gdb")?;
    let output = Command::new(&program).arg("--version").output().ok()?;
    let version = String::from_utf8_lossy(&output.stdout).into_owned();
    let is_new = gdb_version(&version).is_some_and(|version| version >= OLDEST_GDB);
    is_new.then_some(Adapter { kind: Kind::Gdb, program })
}

/// The major version in `GNU gdb (Debian 16.3-1) 16.3`.
fn gdb_version(text: &str) -> Option<u32> {
    let last = text.lines().next()?.split_whitespace().last()?;
    last.split('.').next()?.parse().ok()
}

fn which(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

impl Adapter {
    /// Starts the debugger, with a variable by which all that it starts is known; it speaks on its
    /// standard streams.
    ///
    /// # Errors
    /// When the program cannot be started.
    pub(crate) fn start(&self, rust_etc: &Path, mark: (&str, &str)) -> Result<Running, String> {
        let cannot =
            |error| format!("the debugger `{}` cannot be started: {error}", self.program.display());
        let mut command = child::command(&self.program).map_err(cannot)?;
        command.env(mark.0, mark.1);
        if self.kind == Kind::Gdb {
            let etc = rust_etc.display();
            command.args(["--nx", "-i", "dap", "-iex", "set debuginfod enabled off", "-iex"]);
            command.arg(format!("add-auto-load-safe-path {etc}")).arg(format!("--directory={etc}"));
            command.env("PYTHONPATH", rust_etc);
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = child::spawn(command).map_err(cannot)?;
        let (Some(from), Some(to)) = (child.stdout.take(), child.stdin.take()) else {
            return Err("the debugger has no standard streams".to_owned());
        };
        let complaints = Complaints::default();
        if let Some(stream) = child.stderr.take() {
            complaints.listen(stream);
        }
        let (link, told) = Link::new(BufReader::new(from), to);
        Ok(Running { kind: self.kind, link, told, child, complaints })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_gdbs_version() {
        assert_eq!(gdb_version("GNU gdb (Debian 13.1-3) 13.1\nCopyright"), Some(13));
        assert_eq!(gdb_version("GNU gdb (GDB) 16.3"), Some(16));
        assert_eq!(gdb_version(""), None);
    }
}
