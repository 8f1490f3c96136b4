//! `carafe run` as a process, and requests to its app.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::package::{Package, target};

/// A first build compiles the framework, on a machine that may do much else.
pub(crate) const LONG: Duration = Duration::from_secs(400);

/// The tool as it runs; ended with the test.
pub(crate) struct Session {
    pub(crate) tool: Child,
    said: Arc<Mutex<String>>,
    /// Found in the environment of all processes that come of it.
    pub(crate) mark: String,
}

/// The tool's command line, in a package's folder.
pub(crate) fn command(package: &Package, line: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_carafe"));
    command.arg("run").args(line).current_dir(package.folder());
    command.env("CARGO_TARGET_DIR", target()).env("CARGO_NET_OFFLINE", "true");
    // Those of the `cargo test` that runs this are not for another package.
    let own = std::env::vars().map(|(name, _)| name);
    own.filter(|name| name.starts_with("CARGO_PKG") || name.starts_with("CARAFE_")).for_each(
        |name| {
            command.env_remove(name);
        },
    );
    command.env_remove("RUSTFLAGS").env_remove("CARGO");
    command.env("LANG", "C");
    command
}

impl Session {
    /// Starts it on a free port of one address.
    pub(crate) fn start(package: &Package, line: &[&str]) -> Session {
        let all: Vec<&str> =
            ["--host", "127.0.0.1", "--port", "0"].iter().chain(line).copied().collect();
        Session::with(command(package, &all))
    }

    pub(crate) fn with(mut command: Command) -> Session {
        static COUNT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        let count = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let mark = format!("RUN_TEST_MARK={}-{count}", std::process::id());
        let (name, value) = mark.split_once('=').unwrap();
        command.env(name, value);
        let mut tool = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let said = Arc::new(Mutex::new(String::new()));
        let (all, err) = (said.clone(), tool.stderr.take().unwrap());
        std::thread::spawn(move || {
            for line in BufReader::new(err).lines().map_while(Result::ok) {
                all.lock().unwrap().push_str(&format!("{line}\n"));
            }
        });
        Session { tool, said, mark }
    }

    /// All that it has said.
    pub(crate) fn said(&self) -> String {
        self.said.lock().unwrap().clone()
    }

    /// Waits until it has said this so many times.
    #[track_caller]
    pub(crate) fn wait_for(&self, words: &str, times: usize) {
        self.wait(&format!("`{words}`"), || self.said().matches(words).count() >= times);
    }

    /// Waits until something is so.
    #[track_caller]
    pub(crate) fn wait(&self, what: &str, is: impl Fn() -> bool) {
        let deadline = Instant::now() + LONG;
        while !is() {
            assert!(Instant::now() < deadline, "{what} did not come; it said:\n{}", self.said());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Where the app listens, once it has said so.
    #[track_caller]
    pub(crate) fn address(&self) -> SocketAddr {
        self.wait("the banner", || self.said().contains("Ctrl+C stops"));
        let said = self.said();
        let url = said.rsplit("http://").next().unwrap();
        url.split_whitespace().next().unwrap().parse().unwrap()
    }

    /// Waits until `/` answers this.
    #[track_caller]
    pub(crate) fn wait_for_answer(&self, address: SocketAddr, answer: &str) {
        self.wait(&format!("the answer `{answer}`"), || {
            get(address, "/").is_ok_and(|(status, body)| status == 200 && body == answer)
        });
    }

    /// Asks it to end, as by a key or a service manager, and gives its status.
    #[track_caller]
    pub(crate) fn end(&mut self, signal: &str) -> ExitStatus {
        let pid = self.tool.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
        self.wait_for_end()
    }

    #[track_caller]
    pub(crate) fn wait_for_end(&mut self) -> ExitStatus {
        let deadline = Instant::now() + LONG;
        loop {
            if let Some(status) = self.tool.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < deadline, "it does not end; it said:\n{}", self.said());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits until no process is left that came of it, and the port can be had.
    #[track_caller]
    pub(crate) fn check_nothing_left(&self, address: Option<SocketAddr>) {
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            let left = processes(&self.mark);
            let free = address.is_none_or(carafe_net::is_free);
            if left.is_empty() && free {
                return;
            }
            assert!(Instant::now() < deadline, "left: {left:?}, the port is free: {free}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.tool.kill();
        let _ = self.tool.wait();
    }
}

/// The processes that have this in their environment, with their command lines.
pub(crate) fn processes(mark: &str) -> Vec<String> {
    let entries = std::fs::read_dir("/proc").unwrap().filter_map(Result::ok);
    let pids = entries.filter(|entry| entry.file_name().to_string_lossy().parse::<u32>().is_ok());
    pids.filter_map(|entry| {
        let read = |name: &str| std::fs::read(entry.path().join(name)).ok();
        let environment = read("environ")?;
        let marked = environment.split(|byte| *byte == 0).any(|own| own == mark.as_bytes());
        marked.then(|| {
            String::from_utf8_lossy(&read("cmdline").unwrap_or_default()).replace('\0', " ")
        })
    })
    .collect()
}

/// One request on a connection of its own: the status and the body.
pub(crate) fn get(address: SocketAddr, path: &str) -> io::Result<(u16, String)> {
    ask(address, path, "")
}

pub(crate) fn ask(address: SocketAddr, path: &str, headers: &str) -> io::Result<(u16, String)> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(LONG))?;
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{headers}\r\n");
    stream.write_all(request.as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").ok_or(io::ErrorKind::UnexpectedEof)?;
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    Ok((status.ok_or(io::ErrorKind::InvalidData)?, body.to_owned()))
}

/// What a browser sends when somebody opens a page.
pub(crate) const BROWSER: &str = "Accept: text/html\r\n";
