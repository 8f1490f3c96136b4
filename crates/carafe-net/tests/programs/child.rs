//! Programs that hold ports while a test runs, and this program again as another user.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use carafe_net::my_uid;

/// The user of whom every system has one.
pub(crate) const NOBODY: u32 = 65534;

/// Nothing here takes so long.
const DEADLINE: Duration = Duration::from_secs(20);

/// A program that is ended with the test.
pub(crate) struct Child {
    pub(crate) process: std::process::Child,
    pub(crate) port: u16,
}

impl Child {
    /// Python's server on a free port, in this folder.
    pub(crate) fn server(folder: &Path) -> Child {
        Child::start(Command::new("python3"), folder)
    }

    /// The same as another user.
    pub(crate) fn server_of(uid: u32, folder: &Path) -> Child {
        let mut command = Command::new("setpriv");
        let uid = format!("--reuid={uid}");
        // Programs may lie in folders that only root can enter: it keeps their descriptors alone.
        command.args([uid.as_str(), "--clear-groups", "/usr/bin/python3"]);
        Child::start(command, folder)
    }

    fn start(mut command: Command, folder: &Path) -> Child {
        command.args(["-u", "-m", "http.server", "--bind", "127.0.0.1", "0"]);
        command.stderr(Stdio::null()).current_dir(folder);
        Child::spawn(command)
    }

    /// A Python program; waits until it says that it is ready, with a port.
    pub(crate) fn python(script: &str) -> Child {
        let mut command = Command::new("python3");
        command.args(["-u", "-c", script]);
        Child::spawn(command)
    }

    /// The first number of several digits in its first line is the port.
    fn spawn(mut command: Command) -> Child {
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let mut numbers = line.split(|c: char| !c.is_ascii_digit()).filter(|word| word.len() > 3);
        Child { port: numbers.next().unwrap().parse().unwrap(), process }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.process.id()
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A port that nobody has, also not as the port of a connection of its own.
pub(crate) fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// Waits for something that is about to happen.
pub(crate) fn until(mut happened: impl FnMut() -> bool) {
    let deadline = Instant::now() + DEADLINE;
    while !happened() {
        assert!(Instant::now() < deadline, "it did not happen in {DEADLINE:?}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Whether this test may become other users; the rest of such tests is left out when not.
pub(crate) fn is_root() -> bool {
    my_uid() == 0
}

const PART: &str = "CARAFE_TEST_PART";

/// Runs a test of this program, whose name begins with `part_`, as user nobody, with a number.
pub(crate) fn as_nobody(name: &str, number: u16) {
    let folder = tempfile::tempdir().unwrap();
    // A copy, as that user may have no way to the folder of the build.
    let program = folder.path().join("test");
    std::fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    let everyone = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(folder.path(), everyone).unwrap();
    let mut command = Command::new("setpriv");
    command.arg(format!("--reuid={NOBODY}")).arg("--clear-groups").arg(program);
    command.args([name, "--exact", "--nocapture"]).env(PART, number.to_string());
    let output = command.current_dir("/").output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && text.contains("1 passed"), "{text}\n{errors}");
}

/// The number for a part of another test; `None` when it runs as a test of its own.
pub(crate) fn part() -> Option<u16> {
    std::env::var(PART).ok()?.parse().ok()
}
