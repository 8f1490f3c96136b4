//! Keys at a terminal, and the terminal afterwards.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, tcgetattr};

use crate::package::Package;
use crate::session::{LONG, command, get};

/// A terminal: what is typed, and what is seen.
struct Terminal {
    keyboard: File,
    seen: Arc<Mutex<String>>,
    line: File,
}

impl Terminal {
    fn new() -> Terminal {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap();
        let line = File::options().read(true).write(true).open(name.to_str().unwrap()).unwrap();
        let (keyboard, seen) = (File::from(master), Arc::new(Mutex::new(String::new())));
        let (mut screen, all) = (keyboard.try_clone().unwrap(), seen.clone());
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(length @ 1..) = screen.read(&mut bytes) {
                all.lock().unwrap().push_str(&String::from_utf8_lossy(&bytes[..length]));
            }
        });
        Terminal { keyboard, seen, line }
    }

    /// Another handle for a program.
    fn stdio(&self) -> Stdio {
        OwnedFd::from(self.line.try_clone().unwrap()).into()
    }

    fn seen(&self) -> String {
        self.seen.lock().unwrap().clone()
    }

    #[track_caller]
    fn wait_for(&self, words: &str, times: usize) {
        let deadline = Instant::now() + LONG;
        while self.seen().matches(words).count() < times {
            assert!(Instant::now() < deadline, "`{words}` did not come:\n{}", self.seen());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn press(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
    }

    /// Whether lines are typed, and seen while they are.
    fn takes_lines(&self) -> bool {
        tcgetattr(&self.line).unwrap().local_modes.contains(LocalModes::ICANON | LocalModes::ECHO)
    }
}

#[test]
fn keys_do_what_the_help_says() {
    let package = Package::new("run-keys");
    let mut terminal = Terminal::new();
    let run = command(&package, &["--host", "127.0.0.1", "--port", "0"]);
    // With the terminal as its own, as a shell would start it.
    let mut shell = Command::new("setsid");
    shell.args(["--ctty", "--wait"]).arg(run.get_program()).args(run.get_args());
    shell.current_dir(package.folder());
    for (name, value) in run.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    // The browser is a program that notes the URL.
    let browser = package.path("browser");
    std::fs::write(&browser, format!("#!/bin/sh\necho $1 > {}/url\n", package.folder().display()))
        .unwrap();
    std::fs::set_permissions(&browser, std::os::unix::fs::PermissionsExt::from_mode(0o755))
        .unwrap();
    shell.env("BROWSER", &browser).env("TERM", "xterm");
    shell.stdin(terminal.stdio()).stdout(terminal.stdio()).stderr(terminal.stdio());
    let mut tool = shell.spawn().unwrap();
    terminal.wait_for("h lists all keys", 1);
    assert!(terminal.seen().contains("building run-keys"), "{}", terminal.seen());
    assert!(!terminal.takes_lines());
    terminal.press("h");
    terminal.wait_for("d  switch to debugging", 1);
    terminal.press("r");
    terminal.wait_for("rebuilt in", 1);
    // The same key on a Korean keyboard.
    terminal.press("ㄱ");
    terminal.wait_for("rebuilt in", 2);
    terminal.press("q");
    terminal.wait_for("no QR code: only this computer can reach the app", 1);
    terminal.press("o");
    terminal.wait_for("opened http://127.0.0.1:", 1);
    let seen = terminal.seen();
    let url = seen.rsplit("opened ").next().unwrap().split_whitespace().next().unwrap();
    let deadline = Instant::now() + LONG;
    while std::fs::read_to_string(package.path("url")).unwrap_or_default() != format!("{url}\n") {
        assert!(Instant::now() < deadline, "the browser was not started");
        std::thread::sleep(Duration::from_millis(5));
    }
    let address = url.trim_start_matches("http://").parse().unwrap();
    assert_eq!(get(address, "/").unwrap(), (200, "one".to_owned()));
    terminal.press("c");
    terminal.wait_for("\u{1b}[2J", 1);
    // Ctrl+C, as the terminal makes a signal of it.
    terminal.press("\u{3}");
    assert_eq!(tool.wait().unwrap().code(), Some(0));
    assert!(terminal.takes_lines());
}
