//! [`Process`]: what the system tells of a program that runs.

mod stat;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::System;

/// A program that runs. What this user may not see is empty or `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Process {
    /// Its process id.
    pub pid: u32,
    /// Its short name, such as `python3`; the kernel keeps 15 bytes of it.
    pub name: String,
    /// The words that it was started with, the program first.
    pub command: Vec<String>,
    /// The file that it runs. When that was removed or built anew since, its path ends with
    /// ` (deleted)` on Linux.
    pub exe: Option<PathBuf>,
    /// Its working folder.
    pub folder: Option<PathBuf>,
    /// The user whose rights it has.
    pub uid: u32,
    /// That user's name, or its number where it has none here.
    pub user: String,
    /// How long it has run.
    pub age: Option<Duration>,
    /// Whether it was suspended, as by Ctrl-Z: it holds what it has and answers nobody.
    pub suspended: bool,
    /// The process that started it.
    pub parent: u32,
    /// When it started, in the system's own measure: tells it from a later process with its id.
    pub start: u64,
}

/// The process with this id; `None` when there is none (any more).
pub fn process(system: &System, pid: u32) -> Option<Process> {
    #[cfg(target_os = "macos")]
    if system.is_this() {
        return crate::macos::process(pid);
    }
    #[cfg(windows)]
    if system.is_this() {
        return crate::windows::process(pid);
    }
    from_proc(system, pid)
}

/// The user whose rights this program has: its effective user id. 0 is root; always 0 on Windows.
pub fn my_uid() -> u32 {
    #[cfg(unix)]
    return rustix::process::geteuid().as_raw();
    #[cfg(not(unix))]
    return 0;
}

/// The ids of all processes that can be seen, lowest first, each with its user.
pub(crate) fn all(system: &System) -> Vec<(u32, u32)> {
    let Ok(entries) = fs::read_dir(system.path("proc")) else { return Vec::new() };
    let process = |entry: fs::DirEntry| {
        let pid = entry.file_name().to_str()?.parse().ok()?;
        Some((pid, owner(&entry.metadata().ok()?)))
    };
    let mut all: Vec<(u32, u32)> = entries.flatten().filter_map(process).collect();
    all.sort_unstable();
    all
}

/// The name of a user, or its number where `etc/passwd` has none.
pub(crate) fn user_name(system: &System, uid: u32) -> String {
    let number = uid.to_string();
    let passwd = fs::read_to_string(system.path("etc/passwd")).unwrap_or_default();
    // name:password:uid:..
    let name = |line: &str| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == number && !name.is_empty()).then(|| name.to_owned())
    };
    passwd.lines().find_map(name).unwrap_or(number)
}

/// The words that a process was started with; none for the kernel's own, and for one that ended.
pub(crate) fn command(system: &System, pid: u32) -> Vec<String> {
    let bytes = fs::read(system.path(format!("proc/{pid}/cmdline"))).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    // Programs that write their title over their arguments leave many NULs behind it.
    let text = text.trim_end_matches('\0');
    if text.is_empty() { Vec::new() } else { text.split('\0').map(str::to_owned).collect() }
}

fn from_proc(system: &System, pid: u32) -> Option<Process> {
    let folder = system.path(format!("proc/{pid}"));
    let stat = stat::parse(&read_lossy(&folder.join("stat"))?)?;
    let uid = effective_uid(&read_lossy(&folder.join("status"))?)?;
    Some(Process {
        pid,
        name: stat.name,
        command: command(system, pid),
        exe: fs::read_link(folder.join("exe")).ok(),
        folder: fs::read_link(folder.join("cwd")).ok(),
        uid,
        user: user_name(system, uid),
        age: stat::age(system, stat.start),
        suspended: stat.suspended,
        parent: stat.parent,
        start: stat.start,
    })
}

/// A process's name may hold any bytes.
fn read_lossy(path: &Path) -> Option<String> {
    Some(String::from_utf8_lossy(&fs::read(path).ok()?).into_owned())
}

/// `Uid:  real effective saved file-system`
fn effective_uid(status: &str) -> Option<u32> {
    let ids = status.lines().find_map(|line| line.strip_prefix("Uid:"))?;
    ids.split_ascii_whitespace().nth(1)?.parse().ok()
}

#[cfg(unix)]
fn owner(metadata: &fs::Metadata) -> u32 {
    std::os::unix::fs::MetadataExt::uid(metadata)
}

#[cfg(not(unix))]
fn owner(_metadata: &fs::Metadata) -> u32 {
    0
}
