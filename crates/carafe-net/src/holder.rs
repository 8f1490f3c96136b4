//! [`Holder`]: who holds a port, recognised and put in words.

mod app;
mod container;
mod describe;
mod why_not;

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use crate::process::user_name;
use crate::{Listening, Process, RunningApp, System, listening, listening_on, my_uid, process};

pub use self::describe::describe_all;
pub use self::why_not::WhyNot;

/// What kind of program holds a port.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HolderKind {
    /// The program that asks: nearly always an earlier run of the same app.
    ThisProgram,
    /// Another Carafe app, by its name.
    CarafeApp(String),
    /// What passes the port on to a container of Docker or Podman.
    DockerProxy,
    /// AirPlay Receiver, a part of macOS.
    AirPlay,
    /// Some other program.
    Program,
    /// A program of another user, which we may not see.
    OtherUser,
    /// Nothing can be seen of it.
    Unknown,
}

/// One who listens on a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Where it listens.
    pub address: SocketAddr,
    /// What it is.
    pub kind: HolderKind,
    /// Its process, when we may see it.
    pub process: Option<Process>,
    /// The user who opened the port.
    pub uid: u32,
    /// That user's name, or its number where it has none here.
    pub user: String,
}

/// Who listens on this port, on whichever address; nobody, mostly.
///
/// # Errors
///
/// The system does not let its sockets be read.
pub fn holders(system: &System, port: u16) -> io::Result<Vec<Holder>> {
    Ok(recognised(system, listening_on(system, port)?))
}

/// Who listens on all ports, ordered by port.
///
/// # Errors
///
/// The system does not let its sockets be read.
pub fn all_holders(system: &System) -> io::Result<Vec<Holder>> {
    Ok(recognised(system, listening(system)?))
}

impl Holder {
    /// Whether we may end its process. The user has still to say yes.
    ///
    /// # Errors
    ///
    /// It belongs to another user, is process 1, ourselves, or something that ending would not end.
    pub fn may_stop(&self) -> Result<(), WhyNot> {
        WhyNot::of_holder(self).map_or(Ok(()), Err)
    }

    /// The address inside the container that a proxy of Docker's stands for.
    pub fn container(&self) -> Option<SocketAddr> {
        container::target(&self.process.as_ref()?.command)
    }
}

fn recognised(system: &System, sockets: Vec<Listening>) -> Vec<Holder> {
    let mut eyes = Eyes::new(system);
    sockets.into_iter().map(|socket| eyes.holder(socket)).collect()
}

/// What is looked up once for many sockets.
struct Eyes<'a> {
    system: &'a System,
    our_program: Option<PathBuf>,
    processes: HashMap<u32, Option<Process>>,
    proxies: Option<Vec<Process>>,
    apps: Option<Vec<RunningApp>>,
    names: HashMap<u32, String>,
    users: HashMap<u32, String>,
}

impl Eyes<'_> {
    fn new(system: &System) -> Eyes<'_> {
        let own = || std::fs::read_link(system.path("proc/self/exe")).ok();
        Eyes {
            system,
            our_program: if system.is_this() { std::env::current_exe().ok() } else { own() },
            processes: HashMap::new(),
            proxies: None,
            apps: None,
            names: HashMap::new(),
            users: HashMap::new(),
        }
    }

    fn holder(&mut self, socket: Listening) -> Holder {
        let Listening { address, uid, pids, .. } = socket;
        let process = self.first_of(&pids).or_else(|| self.proxy_for(address));
        let kind = match &process {
            Some(process) => self.kind(process, address.port()),
            None if uid == my_uid() => HolderKind::Unknown,
            None => HolderKind::OtherUser,
        };
        let name = || user_name(self.system, uid);
        let user = self.users.entry(uid).or_insert_with(name).clone();
        Holder { address, kind, process, uid, user }
    }

    fn kind(&mut self, process: &Process, port: u16) -> HolderKind {
        if container::engine(&process.name).is_some() {
            return HolderKind::DockerProxy;
        }
        // `lsof` cuts names.
        if matches!(port, 5000 | 7000) && process.name.starts_with("ControlCe") {
            return HolderKind::AirPlay;
        }
        match (&process.exe, &self.our_program) {
            (Some(exe), Some(ours)) if is_same_program(exe, ours) => HolderKind::ThisProgram,
            _ => self.app(process).map_or(HolderKind::Program, HolderKind::CarafeApp),
        }
    }

    /// The name of the Carafe app that this process is, asked once.
    fn app(&mut self, process: &Process) -> Option<String> {
        let system = self.system;
        let apps = self.apps.get_or_insert_with(|| app::apps(system));
        let app = apps.iter().find(|app| app.pid == process.pid)?;
        let name = || app::name(app).unwrap_or_else(|| process.name.clone());
        Some(self.names.entry(app.pid).or_insert_with(name).clone())
    }

    /// Of several processes that share a socket the one that started the others.
    fn first_of(&mut self, pids: &[u32]) -> Option<Process> {
        let seen: Vec<Process> = pids.iter().filter_map(|pid| self.process(*pid)).collect();
        let is_child = |process: &Process| pids.contains(&process.parent);
        seen.iter().find(|process| !is_child(process)).or(seen.first()).cloned()
    }

    fn process(&mut self, pid: u32) -> Option<Process> {
        let system = self.system;
        self.processes.entry(pid).or_insert_with(|| process(system, pid)).clone()
    }

    /// Docker's proxy for an address. It is root's, so that few may see what it holds; but everyone
    /// may read its arguments, and they say it.
    fn proxy_for(&mut self, address: SocketAddr) -> Option<Process> {
        let system = self.system;
        let proxies = self.proxies.get_or_insert_with(|| container::proxies(system));
        let publishes = |process: &&Process| container::publishes(&process.command, address);
        proxies.iter().find(publishes).cloned()
    }
}

/// Whether two files are one program: the same file, also when it was built anew since one was
/// started, or cargo's debug and release build of one program.
fn is_same_program(one: &Path, other: &Path) -> bool {
    let (one, other) = (without_mark(one), without_mark(other));
    one == other || cargo_build(&one).is_some_and(|build| cargo_build(&other) == Some(build))
}

/// The path without the mark that Linux sets behind that of a file that is gone.
fn without_mark(exe: &Path) -> PathBuf {
    let unmarked = exe.to_str().and_then(|path| path.strip_suffix(" (deleted)"));
    unmarked.map_or_else(|| exe.to_owned(), PathBuf::from)
}

/// The folder `target` and the program's name, of `target/PROFILE/NAME`.
fn cargo_build(exe: &Path) -> Option<(&Path, &std::ffi::OsStr)> {
    let target = exe.parent()?.parent()?;
    (target.file_name()? == "target").then_some((target, exe.file_name()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn builds_of_one_program() {
        let check = |one: &str, other: &str, same: bool| {
            assert_eq!(is_same_program(Path::new(one), Path::new(other)), same, "{one} {other}");
        };
        check("/srv/shop", "/srv/shop", true);
        check("/srv/shop (deleted)", "/srv/shop", true);
        check("/srv/shop (deleted)", "/srv/shop (deleted)", true);
        check("/a/target/debug/shop", "/a/target/release/shop", true);
        check("/a/target/debug/shop (deleted)", "/a/target/release/shop", true);
        check("/a/target/debug/shop", "/b/target/debug/shop", false);
        check("/a/target/debug/shop", "/a/target/debug/blog", false);
        check("/srv/debug/shop", "/srv/release/shop", false);
        check("/srv/shop", "/srv/shop2", false);
    }
}
