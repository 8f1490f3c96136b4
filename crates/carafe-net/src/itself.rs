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

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_debugger_is_seen() {
        let check = |text: &str, pid: Option<u32>| {
            let root = tempfile::tempdir().unwrap();
            fs::create_dir_all(root.path().join("proc/self")).unwrap();
            fs::write(root.path().join("proc/self/status"), text).unwrap();
            assert_eq!(tracer(&System::at(root.path())), pid, "{text}");
        };
        check("Name:\tshop\nPPid:\t1\nTracerPid:\t4711\nUid:\t0\n", Some(4711));
        check("Name:\tshop\nTracerPid:\t0\n", None);
        check("Name:\tTracerPid: 5\n", None);
        check("", None);
        assert_eq!(tracer(&System::at("/nonexistent")), None);
    }
}
