//! What the system knows of this very process: who debugs it, and whether it may read the terminal.
//!
//! Linux tells both in `/proc/self`; elsewhere nothing is known.

use crate::System;

/// The process that traces this one, such as a debugger; `None` for none, and where it is not known.
pub fn tracer(system: &System) -> Option<u32> {
    let status = std::fs::read_to_string(system.path("proc/self/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("TracerPid:"))?;
    line.trim().parse().ok().filter(|pid| *pid != 0)
}

/// Whether this process is in the foreground of its terminal, so that a read from it does not stop
/// the process (SIGTTIN); `None` where it is not known.
pub fn in_foreground(system: &System) -> Option<bool> {
    let stat = std::fs::read_to_string(system.path("proc/self/stat")).ok()?;
    // The second field is the program's name in parentheses and may hold anything, also a `)`.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_ascii_whitespace().skip(2);
    let group: i32 = fields.next()?.parse().ok()?;
    let foreground: i32 = fields.nth(2)?.parse().ok()?;
    // -1: it has no controlling terminal, and none that stops it.
    Some(foreground == -1 || foreground == group)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn system(name: &str, text: &str) -> (tempfile::TempDir, System) {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("proc/self")).unwrap();
        fs::write(root.path().join("proc/self").join(name), text).unwrap();
        let system = System::at(root.path());
        (root, system)
    }

    #[test]
    fn a_debugger_is_seen() {
        let check = |text: &str, pid: Option<u32>| {
            let (_root, system) = system("status", text);
            assert_eq!(tracer(&system), pid, "{text}");
        };
        check("Name:\tshop\nPPid:\t1\nTracerPid:\t4711\nUid:\t0\n", Some(4711));
        check("Name:\tshop\nTracerPid:\t0\n", None);
        check("Name:\tTracerPid: 5\n", None);
        check("", None);
        assert_eq!(tracer(&System::at("/nonexistent")), None);
    }

    #[test]
    fn the_foreground_is_told_from_the_background() {
        let check = |text: &str, expected: Option<bool>| {
            let (_root, system) = system("stat", text);
            assert_eq!(in_foreground(&system), expected, "{text}");
        };
        check("70 (shop) S 60 70 60 34816 70 4194304", Some(true));
        check("70 (shop) S 60 70 60 34816 60 4194304", Some(false));
        check("70 (a ) S 1 1) S 60 70 60 34816 70 4194304", Some(true));
        check("70 (shop) S 60 70 60 0 -1 4194304", Some(true));
        check("70 (shop) S 60", None);
        check("", None);
        if cfg!(target_os = "linux") {
            assert!(in_foreground(&System::this()).is_some());
        }
    }
}
