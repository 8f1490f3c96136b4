//! Which processes hold which sockets: `/proc/PID/fd`, for those that we may look into.

use std::collections::{HashMap, HashSet};
use std::fs;

use crate::{System, process};

/// The processes of each of these sockets (its number in the kernel, and the user who opened it),
/// lowest id first. Sockets whose holders this user may not see are left out.
pub(crate) fn holders(system: &System, sockets: &[(u64, u32)]) -> HashMap<u64, Vec<u32>> {
    let mut found: HashMap<u64, Vec<u32>> = HashMap::new();
    // A socket without a number is the kernel's own, or on its way out.
    let wanted: HashSet<u64> = sockets.iter().map(|socket| socket.0).filter(|i| *i != 0).collect();
    if wanted.is_empty() {
        return found;
    }
    let openers: HashSet<u32> = sockets.iter().map(|socket| socket.1).collect();
    let (likely, unlikely): (Vec<_>, Vec<_>) =
        process::all(system).into_iter().partition(|(_, uid)| openers.contains(uid));
    // Who shares a socket nearly always runs as the user who opened it: the others are looked at
    // only for what is still missing then.
    for group in [likely, unlikely] {
        for (pid, _) in group {
            look_into(system, pid, &wanted, &mut found);
        }
        if found.len() == wanted.len() {
            break;
        }
    }
    for pids in found.values_mut() {
        pids.sort_unstable();
    }
    found
}

/// Notes which of the wanted sockets a process holds. One that has ended meanwhile, or that we may
/// not look into, holds none that we know of.
fn look_into(system: &System, pid: u32, wanted: &HashSet<u64>, found: &mut HashMap<u64, Vec<u32>>) {
    let Ok(descriptors) = fs::read_dir(system.path(format!("proc/{pid}/fd"))) else { return };
    for descriptor in descriptors.flatten() {
        let Ok(target) = fs::read_link(descriptor.path()) else { continue };
        let Some(inode) = target.to_str().and_then(socket_inode) else { continue };
        if wanted.contains(&inode) {
            let pids = found.entry(inode).or_default();
            // One process may hold a socket by several descriptors.
            if pids.last() != Some(&pid) {
                pids.push(pid);
            }
        }
    }
}

/// `socket:[4242]`
fn socket_inode(target: &str) -> Option<u64> {
    target.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptors() {
        assert_eq!(socket_inode("socket:[4242]"), Some(4242));
        for other in ["pipe:[4242]", "/dev/null", "socket:[]", "socket:[42", "socket:[x]"] {
            assert_eq!(socket_inode(other), None, "{other}");
        }
    }
}
