//! Python programs that hold a port.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use crate::app::{lines, open_folder};
use crate::process::PATIENCE;

/// Listens at an address and a port (0: any) with some habits, says where, and waits for its end.
const SCRIPT: &str = r#"
import signal, socket, sys

address, port, habits = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
family = socket.AF_INET6 if ":" in address else socket.AF_INET
server = socket.socket(family, socket.SOCK_STREAM)
if "stubborn" in habits:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
if family == socket.AF_INET6:
    server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
server.bind((address, port))
if "silent" not in habits:
    server.listen()
print(server.getsockname()[1], flush=True)
if "time-wait" in habits:
    client = socket.create_connection(server.getsockname()[:2])
    one, _ = server.accept()
    one.close()
    client.recv(1)
    client.close()
    server.close()
    print("closed", flush=True)
sys.stdin.read()
"#;

/// A program that holds a port until this is dropped.
pub(crate) struct Holder {
    child: Child,
    pub(crate) port: u16,
    pub(crate) folder: PathBuf,
    _script: tempfile::TempDir,
}

/// The system's Python, which every user may run.
pub(crate) fn python() -> &'static str {
    "/usr/bin/python3"
}

impl Holder {
    /// Takes any port at an address.
    pub(crate) fn at(address: &str) -> Holder {
        Holder::start(&[], address, 0, &[])
    }

    /// Takes a port at an address, as another user perhaps, with habits perhaps.
    pub(crate) fn start(before: &[String], address: &str, port: u16, habits: &[&str]) -> Holder {
        let script = open_folder();
        let folder = script.path().to_owned();
        std::fs::write(folder.join("holder.py"), SCRIPT).unwrap();
        let port = port.to_string();
        let mut words: Vec<&str> = before.iter().map(String::as_str).collect();
        words.extend([python(), "holder.py", address, &port]);
        words.extend(habits);
        let mut child = Command::new(words[0])
            .args(&words[1..])
            .current_dir(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = lines(child.stdout.take().unwrap());
        let port = lines.recv_timeout(PATIENCE).unwrap().parse().unwrap();
        if habits.contains(&"time-wait") {
            assert_eq!(lines.recv_timeout(PATIENCE).unwrap(), "closed");
        }
        Holder { child, port, folder, _script: script }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Whether it runs.
    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
