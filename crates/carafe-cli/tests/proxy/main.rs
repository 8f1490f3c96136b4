//! `carafe proxy`: what it prints, and that real web servers do with it what it promises.
//!
//! Debian's nginx, Apache and Caddy run as processes of their own, from a folder that is gone
//! afterwards, on free ports of the loopback, in front of the guestbook and of `tests/apps/probe.rs`.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a helper of tests fails loudly")]
#![expect(clippy::print_stdout, reason = "what servers say belongs to a failed test")]

mod apps;
mod front;
mod printed;
mod served;
mod units;
mod wire;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// How long a test waits for anything before it fails.
const PATIENCE: Duration = Duration::from_secs(10);

/// A command in an environment without Carafe's settings, and in English.
fn clean(program: impl AsRef<Path>) -> Command {
    let mut command = Command::new(program.as_ref());
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("CARAFE_") {
            command.env_remove(name);
        }
    }
    command.env("LC_ALL", "C").stdin(Stdio::null());
    command
}

/// What `carafe` prints; it has to succeed. `settings` are the app's, in its environment.
fn carafe(arguments: &[&str], settings: &[(&str, &str)]) -> String {
    let (code, printed, words) = attempt(arguments, settings);
    assert_eq!(code, Some(0), "`carafe {}`: {words}", arguments.join(" "));
    printed
}

/// The exit status, standard output and standard error of `carafe`.
fn attempt(arguments: &[&str], settings: &[(&str, &str)]) -> (Option<i32>, String, String) {
    let mut command = clean(env!("CARGO_BIN_EXE_carafe"));
    let output = command.envs(settings.iter().copied()).args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// A program that has to be installed.
fn tool(name: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/sbin".into()]);
    let found = folders.map(|folder| folder.join(name)).find(|path| path.is_file());
    found.unwrap_or_else(|| {
        panic!("`{name}` is not installed; `cargo xtask test` installs what the tests need")
    })
}
