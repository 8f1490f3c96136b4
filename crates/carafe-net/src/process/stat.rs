//! `/proc/PID/stat`: the name, the parent and the start of a process.

use std::time::{Duration, SystemTime};

use crate::System;

/// What we read of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Stat {
    pub(super) name: String,
    pub(super) suspended: bool,
    pub(super) parent: u32,
    /// In ticks since the system started.
    pub(super) start: u64,
}

/// Ticks a second in `/proc`: `USER_HZ`, which is 100 on every architecture that Rust's std runs
/// Linux on.
const TICKS: u64 = 100;

/// `pid (name) state ppid .. starttime ..`: the name may hold spaces and parentheses, so that
/// the last `)` ends it.
pub(super) fn parse(text: &str) -> Option<Stat> {
    let (before, after) = text.rsplit_once(')')?;
    let (_, name) = before.split_once('(')?;
    let mut fields = after.split_ascii_whitespace();
    let suspended = fields.next()? == "T";
    let parent = fields.next()?.parse().ok()?;
    // The 22nd field of the line.
    let start = fields.nth(17)?.parse().ok()?;
    Some(Stat { name: name.to_owned(), suspended, parent, start })
}

/// How long ago a process started.
pub(super) fn age(system: &System, start: u64) -> Option<Duration> {
    let started = Duration::from_millis(start.checked_mul(1000 / TICKS)?);
    // The time since the start of the system stays right when somebody sets the clock.
    if let Some(age) = up(system).and_then(|up| up.checked_sub(started)) {
        return Some(age);
    }
    // Containers may show an `uptime` of their own, shorter than the ages of their processes.
    let since_boot = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).ok()?;
    since_boot.checked_sub(boot(system)?)?.checked_sub(started)
}

/// `11798.86 8372.86`: seconds since the start, and those without work.
fn up(system: &System) -> Option<Duration> {
    let text = std::fs::read_to_string(system.path("proc/uptime")).ok()?;
    let seconds = text.split_ascii_whitespace().next()?.parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}

/// `btime 1751500000`: when the system started, in seconds of Unix time.
fn boot(system: &System) -> Option<Duration> {
    let text = std::fs::read_to_string(system.path("proc/stat")).ok()?;
    let seconds = text.lines().find_map(|line| line.strip_prefix("btime "))?;
    Some(Duration::from_secs(seconds.trim().parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(name: &str) -> String {
        format!("4211 ({name}) S 17 4211 17 34816 4211 4194304 1 2 3 4 5 6 7 8 20 0 1 0 98765 1 2")
    }

    #[test]
    fn names_may_hold_anything() {
        for name in ["python3", "a b", "a) S 1 (b", "((", "))", ""] {
            let stat = Stat { name: name.to_owned(), suspended: false, parent: 17, start: 98765 };
            assert_eq!(parse(&line(name)), Some(stat), "{name}");
        }
    }

    #[test]
    fn what_is_cut_off_is_no_process() {
        let whole = line("python3");
        for end in 0..whole.find("98765").unwrap() {
            assert_eq!(parse(&whole[..end]), None, "{}", &whole[..end]);
        }
    }

    #[test]
    fn ages() {
        let folder = tempfile::tempdir().unwrap();
        let system = System::at(folder.path());
        std::fs::create_dir(system.path("proc")).unwrap();
        assert_eq!(age(&system, 100), None);
        std::fs::write(system.path("proc/uptime"), "1000.50 3.00\n").unwrap();
        assert_eq!(age(&system, 98_050), Some(Duration::from_secs(20)));
        // Later than `uptime` knows: the time of the start and the clock decide.
        assert_eq!(age(&system, 200_000), None);
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
        std::fs::write(system.path("proc/stat"), format!("cpu 1\nbtime {}\n", now - 2060)).unwrap();
        let found = age(&system, 200_000).unwrap().as_secs();
        assert!((60..120).contains(&found), "{found}");
        assert_eq!(age(&system, u64::MAX), None);
    }
}
