//! The built guestbook as a process, as its user starts and stops it.

use std::env;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// A running guestbook; it is killed when dropped.
pub(crate) struct Server {
    child: Child,
    /// The first URL that it printed.
    pub(crate) url: String,
    /// All of them.
    pub(crate) urls: Vec<String>,
}

/// Runs one of the guestbook's commands and gives what it printed.
pub(crate) fn run(data: &Path, command: &str) -> String {
    let done = guestbook(data).arg(command).output().unwrap();
    let words = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "`guestbook {command}` failed: {words}");
    String::from_utf8(done.stdout).unwrap()
}

/// The program, with this test's settings and no others.
fn guestbook(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_guestbook"));
    for (name, _) in
        env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("CARAFE_"))
    {
        command.env_remove(name);
    }
    command
        .current_dir(data)
        .env("CARAFE_GUESTBOOK__DATA", data)
        .env("CARAFE_SECRET_KEY", "only for this test, 0123456789abcdef");
    command
}

impl Server {
    /// Starts the guestbook; port 0 is any free one.
    pub(crate) fn start(data: &Path, port: u16) -> Server {
        Server::start_with(data, port, &[])
    }

    /// Starts it with more options.
    pub(crate) fn start_with(data: &Path, port: u16, options: &[&str]) -> Server {
        let mut child = guestbook(data)
            .args(options)
            .env("CARAFE_PORT", port.to_string())
            .env("LC_ALL", "C")
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        let mut said = Vec::new();
        for line in lines.by_ref() {
            said.push(line);
            if said.last().is_some_and(|line| line.contains("Ctrl+C stops")) {
                break;
            }
        }
        let starts = said.iter().map(|line| line.trim_start());
        let ways = starts.filter(|line| line.starts_with("http://") && !line.contains(" is "));
        let urls: Vec<String> =
            ways.filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect();
        // Read on, so that the pipe does not fill up.
        thread::spawn(move || lines.for_each(|line| println!("guestbook: {line}")));
        let Some(url) = urls.first().cloned() else {
            let _ = child.kill();
            panic!("the guestbook printed no URL:\n{}", said.join("\n"));
        };
        Server { child, url, urls }
    }

    pub(crate) fn port(&self) -> u16 {
        self.url.rsplit(':').next().unwrap().trim_end_matches('/').parse().unwrap()
    }

    /// Asks it to end, as a service manager does, and waits for it.
    pub(crate) fn stop(mut self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        let deadline = Instant::now() + Duration::from_secs(20);
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(Instant::now() < deadline, "SIGTERM did not end the guestbook in 20 seconds");
            thread::sleep(Duration::from_millis(20));
        };
        assert!(status.success(), "the guestbook ended with {status}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
