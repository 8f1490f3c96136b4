//! A terminal for the tool.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, tcgetattr};

use crate::package::Package;
use crate::session::{LONG, command};

/// A terminal: what is typed, and what is seen.
pub(crate) struct Terminal {
    keyboard: File,
    seen: Arc<Mutex<String>>,
    line: File,
}

impl Terminal {
    pub(crate) fn new() -> Terminal {
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

    /// Starts the tool with the terminal as its own, as a shell would. The browser is a program that
    /// notes the URL in the package's file `url`.
    pub(crate) fn start(&self, package: &Package, line: &[&str]) -> Child {
        let run = command(package, line);
        let mut shell = Command::new("setsid");
        shell.args(["--ctty", "--wait"]).arg(run.get_program()).args(run.get_args());
        shell.current_dir(package.folder());
        for (name, value) in run.get_envs() {
            match value {
                Some(value) => shell.env(name, value),
                None => shell.env_remove(name),
            };
        }
        let browser = package.path("browser");
        let script = format!("#!/bin/sh\necho $1 > {}/url\n", package.folder().display());
        std::fs::write(&browser, script).unwrap();
        std::fs::set_permissions(&browser, std::os::unix::fs::PermissionsExt::from_mode(0o755))
            .unwrap();
        shell.env("BROWSER", &browser).env("TERM", "xterm");
        shell.stdin(self.stdio()).stdout(self.stdio()).stderr(self.stdio());
        shell.spawn().unwrap()
    }

    /// Another handle for a program.
    fn stdio(&self) -> Stdio {
        OwnedFd::from(self.line.try_clone().unwrap()).into()
    }

    pub(crate) fn seen(&self) -> String {
        self.seen.lock().unwrap().clone()
    }

    #[track_caller]
    pub(crate) fn wait_for(&self, words: &str, times: usize) {
        let deadline = Instant::now() + LONG;
        while self.seen().matches(words).count() < times {
            assert!(Instant::now() < deadline, "`{words}` did not come:\n{}", self.seen());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    pub(crate) fn press(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
    }

    /// Whether lines are typed, and seen while they are.
    pub(crate) fn takes_lines(&self) -> bool {
        tcgetattr(&self.line).unwrap().local_modes.contains(LocalModes::ICANON | LocalModes::ECHO)
    }
}
