//! The listening TCP sockets of this machine, with the processes that hold them.

mod table;

use std::io;
use std::net::SocketAddr;

use self::table::{Entry, State};
use crate::{System, inodes};

/// A socket that listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listening {
    /// Where it listens. An IPv4 address that was bound as an IPv6 one is given as IPv4.
    pub address: SocketAddr,
    /// The socket's number in the kernel; 0 where the system has none.
    pub inode: u64,
    /// The user who opened it.
    pub uid: u32,
    /// The processes that hold it, lowest id first; none when this user may not see them.
    pub pids: Vec<u32>,
}

/// Every listening TCP socket, ordered by port.
///
/// # Errors
///
/// The system does not let its sockets be read.
pub fn listening(system: &System) -> io::Result<Vec<Listening>> {
    #[cfg(target_os = "macos")]
    if system.is_this() {
        return crate::macos::listening(None);
    }
    #[cfg(windows)]
    if system.is_this() {
        return crate::windows::listening();
    }
    from_proc(system, |_| true)
}

/// The sockets that listen on this port. No process is looked at when there are none.
///
/// # Errors
///
/// The system does not let its sockets be read.
pub fn listening_on(system: &System, port: u16) -> io::Result<Vec<Listening>> {
    #[cfg(target_os = "macos")]
    if system.is_this() {
        return crate::macos::listening(Some(port));
    }
    #[cfg(windows)]
    if system.is_this() {
        let mut all = crate::windows::listening()?;
        all.retain(|socket| socket.address.port() == port);
        return Ok(all);
    }
    from_proc(system, |found| found == port)
}

/// How many connections from and to this local port wait in `TIME_WAIT`: closed here, and kept for
/// a minute in case something of them still arrives. Always 0 on macOS and Windows.
///
/// # Errors
///
/// The system does not let its sockets be read.
pub fn time_wait(system: &System, port: u16) -> io::Result<usize> {
    if system.is_this() && cfg!(not(target_os = "linux")) {
        return Ok(0);
    }
    let waiting = table::read(system, State::TimeWait)?;
    Ok(waiting.iter().filter(|entry| entry.address.port() == port).count())
}

/// The lowest port that a program without special rights may open: 1024 where it cannot be read.
/// 0 means that every port is open to everyone, as in many containers.
pub fn lowest_open_port(system: &System) -> u16 {
    let file = system.path("proc/sys/net/ipv4/ip_unprivileged_port_start");
    let text = std::fs::read_to_string(file).unwrap_or_default();
    // Windows has no such rule.
    text.trim().parse().unwrap_or(if cfg!(windows) && system.is_this() { 0 } else { 1024 })
}

fn from_proc(system: &System, wanted: impl Fn(u16) -> bool) -> io::Result<Vec<Listening>> {
    let mut entries = table::read(system, State::Listen)?;
    entries.retain(|entry| wanted(entry.address.port()));
    entries.sort_by_key(|entry| (entry.address.port(), entry.address.is_ipv6(), entry.address));
    let sockets: Vec<_> = entries.iter().map(|entry| (entry.inode, entry.uid)).collect();
    let mut holders = inodes::holders(system, &sockets);
    let with_pids = |Entry { address, inode, uid }| {
        let pids = holders.remove(&inode).unwrap_or_default();
        Listening { address, inode, uid, pids }
    };
    Ok(entries.into_iter().map(with_pids).collect())
}
