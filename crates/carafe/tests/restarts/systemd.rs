//! What systemd is told, as a Python program hears it.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};

use crate::app::App;

const LISTEN: &str = "
import socket, sys
name = sys.argv[1]
listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
listener.settimeout(60)
listener.bind('\\0' + name[1:] if name.startswith('@') else name)
print('listening', flush=True)
while True:
    print(listener.recv(4096).decode().replace('\\n', ' '), flush=True)
";

/// A service manager that only listens.
struct Manager {
    python: Child,
    lines: BufReader<ChildStdout>,
}

impl Manager {
    fn start(name: &str) -> Manager {
        let mut python = Command::new("python3")
            .args(["-c", LISTEN, name])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut manager = Manager { lines: BufReader::new(python.stdout.take().unwrap()), python };
        assert_eq!(manager.heard(), "listening");
        manager
    }

    fn heard(&mut self) -> String {
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }
}

impl Drop for Manager {
    fn drop(&mut self) {
        let _ = self.python.kill();
        let _ = self.python.wait();
    }
}

/// A service's life: start, a reload that fails, one that does not, a take-over, the end.
fn is_told(app: &mut App, name: &str) {
    let mut manager = Manager::start(name);
    app.run(&["--host", "127.0.0.1", "--port", "0"], |command| {
        command.env("NOTIFY_SOCKET", name);
    });
    assert_eq!(manager.heard(), "READY=1 STATUS=Serving");
    app.next_start("fail");
    app.signal("HUP");
    reloads(&manager.heard());
    assert_eq!(manager.heard(), "READY=1 STATUS=Serving; the new process did not start");
    app.next_start("");
    app.restart();
    reloads(&manager.heard());
    is_replaced(&mut manager, app.pid);
    app.take_over(|command| {
        command.env("NOTIFY_SOCKET", name);
    });
    app.wait_for_successor();
    is_replaced(&mut manager, app.pid);
    app.signal("TERM");
    assert_eq!(manager.heard(), "STOPPING=1 STATUS=Finishing open requests");
}

fn reloads(message: &str) {
    let clock = message.strip_prefix("RELOADING=1 MONOTONIC_USEC=");
    let clock = clock.and_then(|rest| rest.strip_suffix(" STATUS=Starting the new process"));
    assert!(clock.is_some_and(|clock| clock.parse::<u64>().is_ok()), "{message}");
}

/// The new process says so itself, and so does the old one, as systemd may listen to only one.
fn is_replaced(manager: &mut Manager, pid: u32) {
    assert_eq!(manager.heard(), format!("READY=1 STATUS=Serving MAINPID={pid}"));
    assert_eq!(manager.heard(), format!("READY=1 MAINPID={pid}"));
}

#[test]
fn at_a_path() {
    let mut app = App::prepare(&[]);
    let path = app.root.path().join("notify");
    is_told(&mut app, path.to_str().unwrap());
}

#[test]
fn at_a_name_without_a_file() {
    let mut app = App::prepare(&[]);
    is_told(&mut app, &format!("@carafe-test-{}", std::process::id()));
}

#[test]
fn a_manager_that_is_not_there_is_no_reason_to_end() {
    let mut app = App::prepare(&[]);
    app.run(&["--host", "127.0.0.1", "--port", "0"], |command| {
        command.env("NOTIFY_SOCKET", "/nonexistent/notify");
    });
    app.wait_for("systemd could not be told `READY=1");
    app.restart();
    app.is_replaced();
}
