//! An app whose processes follow each other; all of them write to one pipe.

use std::fs;
use std::io::{BufRead, BufReader, PipeWriter};
use std::net::SocketAddr;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use crate::process::client::Client;
use crate::process::{PATIENCE, command, program};

/// An app, its folder, and what its processes say.
pub(crate) struct App {
    pub(crate) root: tempfile::TempDir,
    pub(crate) address: SocketAddr,
    /// The process that serves.
    pub(crate) pid: u32,
    settings: Vec<String>,
    program: Option<PathBuf>,
    writer: PipeWriter,
    lines: Receiver<String>,
    seen: Vec<String>,
    started: Vec<Child>,
}

impl App {
    /// Serves it on a free port.
    pub(crate) fn start(settings: &[&str]) -> App {
        let mut app = App::prepare(settings);
        app.run(&["--host", "127.0.0.1", "--port", "0"], |_| {});
        app
    }

    /// Makes its folder and its pipe.
    pub(crate) fn prepare(settings: &[&str]) -> App {
        let (reader, writer) = std::io::pipe().unwrap();
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(reader).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        App {
            root: tempfile::tempdir().unwrap(),
            address: SocketAddr::from(([0, 0, 0, 0], 0)),
            pid: 0,
            settings: settings.iter().map(|setting| (*setting).to_owned()).collect(),
            program: None,
            writer,
            lines,
            seen: Vec::new(),
            started: Vec::new(),
        }
    }

    /// Puts a copy of the program at this path, to be run from there.
    pub(crate) fn run_from(&mut self, path: &Path) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::copy(program(), path).unwrap();
        self.program = Some(path.to_owned());
    }

    /// Starts the first process, and waits until it serves.
    pub(crate) fn run(&mut self, arguments: &[&str], change: impl FnOnce(&mut Command)) {
        let mut first = self.command(arguments);
        change(&mut first);
        self.run_command(first);
    }

    /// Starts the first process in another way, and waits until it serves.
    pub(crate) fn run_command(&mut self, first: Command) {
        self.pid = self.spawn(first);
        self.wait_for("Ctrl+C stops");
        // An app at a socket file has no address.
        if let Some((_, address)) = self.seen.iter().find_map(|line| line.split_once("http://")) {
            self.address = address.split([' ', '"']).next().unwrap().parse().unwrap();
        }
    }

    /// A process of this app, with these arguments.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut all = vec!["run", "--set", "access_log=off", "--set", "debug=false"];
        for setting in &self.settings {
            all.extend(["--set", setting]);
        }
        all.extend(arguments);
        let mut command = command("restarts", self.root.path(), &all);
        if let Some(program) = &self.program {
            let mut copy = Command::new(program);
            copy.args(command.get_args());
            for (name, value) in command.get_envs() {
                match value {
                    Some(value) => copy.env(name, value),
                    None => copy.env_remove(name),
                };
            }
            command = copy;
        }
        command.stdin(Stdio::null()).stdout(self.pipe()).stderr(self.pipe());
        command
    }

    /// Where its processes write to.
    pub(crate) fn pipe(&self) -> Stdio {
        Stdio::from(self.writer.try_clone().unwrap())
    }

    pub(crate) fn spawn(&mut self, mut command: Command) -> u32 {
        let child = command.spawn().unwrap();
        let pid = child.id();
        self.started.push(child);
        pid
    }

    /// Starts a second process that is to take over.
    pub(crate) fn take_over(&mut self, change: impl FnOnce(&mut Command)) -> u32 {
        // One that has just begun to serve cannot be asked yet.
        wait_until("the control socket is there", || self.socket().exists());
        let port = self.address.port().to_string();
        let mut second = self.command(&["--host", "127.0.0.1", "--port", &port, "--take-over"]);
        change(&mut second);
        self.spawn(second)
    }

    /// Waits until the old process says that another one has taken over.
    pub(crate) fn wait_for_successor(&mut self) {
        let line = self.wait_for("has taken over");
        self.pid = number(&line, "process ");
    }

    /// Restarts it by SIGHUP, and waits for that.
    pub(crate) fn restart(&mut self) {
        self.signal("HUP");
        self.wait_for_successor();
    }

    /// Sends a signal to the process that serves.
    pub(crate) fn signal(&self, name: &str) {
        assert!(signal(self.pid, name));
    }

    pub(crate) fn connect(&self) -> Client {
        Client::connect(self.address)
    }

    /// Waits until the process that took over answers: for a moment both do.
    #[track_caller]
    pub(crate) fn is_replaced(&self) {
        wait_until("the new process answers", || self.serving() == self.pid);
    }

    /// The process that answers.
    pub(crate) fn serving(&self) -> u32 {
        self.connect().get("/pid").body.parse().unwrap()
    }

    /// How the next process is to start: `panic`, `fail` or `hang`; empty starts well.
    pub(crate) fn next_start(&self, how: &str) {
        fs::write(self.root.path().join("start"), how).unwrap();
    }

    /// The first line with these words, of those that were not waited for yet.
    pub(crate) fn wait_for(&mut self, words: &str) -> String {
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) => {
                    self.seen.push(line.clone());
                    if line.contains(words) {
                        return line;
                    }
                }
                Err(error) => panic!("no line with `{words}` came ({error}): {:#?}", self.seen),
            }
        }
    }

    /// All that was said up to now.
    pub(crate) fn all_said(&mut self) -> &[String] {
        self.seen.extend(self.lines.try_iter());
        &self.seen
    }

    /// The control socket of the process that serves.
    pub(crate) fn socket(&self) -> PathBuf {
        self.root.path().join("carafe").join(format!("{}.sock", self.pid))
    }

    /// What a line is answered with, at the control socket.
    pub(crate) fn ask(&self, line: &str) -> String {
        wait_until("the control socket is there", || self.socket().exists());
        ask(&self.socket(), line)
    }

    /// Waits for the end of a process that was started here; its exit status.
    pub(crate) fn wait(&mut self, pid: u32) -> Option<i32> {
        let child = self.started.iter_mut().find(|child| child.id() == pid).unwrap();
        let mut status = None;
        wait_until("the process ends", || {
            status = child.try_wait().unwrap();
            status.is_some()
        });
        status.unwrap().code()
    }
}

impl Drop for App {
    fn drop(&mut self) {
        // Every process that it may have started: those that said so, and those that can be asked.
        let said =
            |line: &String| Some(line.split_once("process ")?.1.split(' ').next()?.parse::<u32>());
        let mut pids: Vec<u32> = self.all_said().iter().filter_map(said).flatten().collect();
        let entries = fs::read_dir(self.root.path().join("carafe")).into_iter().flatten();
        pids.push(self.pid);
        let stem = |path: PathBuf| path.file_stem()?.to_str()?.parse::<u32>().ok();
        pids.extend(entries.flatten().filter_map(|entry| stem(entry.path())));
        // Only what surely is a process of this app.
        for pid in pids.into_iter().filter(|pid| is_of(*pid, self.root.path())) {
            signal(pid, "KILL");
        }
        for child in &mut self.started {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Whether a process was started with this folder in its environment.
fn is_of(pid: u32, root: &Path) -> bool {
    let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
    let wanted = format!("TEST_ROOT={}", root.display());
    environment.split(|byte| *byte == 0).any(|variable| variable == wanted.as_bytes())
}

/// The number behind these words.
pub(crate) fn number(line: &str, words: &str) -> u32 {
    let (_, rest) = line.split_once(words).unwrap();
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap()
}

/// Sends a signal by its name; whether there is such a process.
pub(crate) fn signal(pid: u32, name: &str) -> bool {
    Command::new("kill").args(["-s", name, &pid.to_string()]).status().unwrap().success()
}

/// Whether a process is there and no zombie.
pub(crate) fn is_alive(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with('Z'))
}

/// Waits for something to become true.
#[track_caller]
pub(crate) fn wait_until(what: &str, mut is_true: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is_true() {
        assert!(Instant::now() < deadline, "never: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// What a line is answered with, at a control socket.
fn ask(socket: &Path, line: &str) -> String {
    use std::io::{Read, Write};
    let mut stream = UnixStream::connect(socket).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(line.as_bytes()).unwrap();
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    answer
}
