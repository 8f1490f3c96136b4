//! A file system with little space, which nobody else sees.

use std::path::Path;
use std::process::Command;

const INSIDE: &str = "CARAFE_DB_TEST_DISK";

/// Runs a part of a test in a process whose mounts are its own, with a folder of so many MiB (and what PostgreSQL needs
/// for itself, where the tests run on it).
pub(crate) fn in_small_disk(test: &str, size: u32, work: impl FnOnce(&Path)) {
    if let Some(folder) = std::env::var_os(INSIDE) {
        return work(Path::new(&folder));
    }
    let folder = tempfile::tempdir().unwrap();
    let size = if super::super::common::server().is_some() { 64 + size } else { size };
    let script = format!(
        "mount -t tmpfs -o size={size}m,mode=777 tmpfs \"$1\" && exec \"$2\" \"$3\" --exact --nocapture"
    );
    let mut command = Command::new("unshare");
    let root = Command::new("id").arg("-u").output().unwrap().stdout.starts_with(b"0\n");
    if !root {
        command.arg("--map-root-user");
    }
    command.args(["--mount", "sh", "-c", &script, "sh"]).arg(folder.path());
    command.arg(std::env::current_exe().unwrap()).arg(test).env(INSIDE, folder.path());
    let output = command.output().unwrap();
    let (stdout, stderr) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && stdout.contains("1 passed"), "{stdout}\n{stderr}");
}
