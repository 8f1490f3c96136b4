//! SIGHUP has an older meaning: the terminal is gone.

use std::io::Write;
use std::process::{Child, Command, Stdio};

use crate::app::App;

/// Runs a program on a terminal of its own, in which its output goes elsewhere; a line of input
/// closes the terminal. At its end the program's exit status is printed.
const TERMINAL: &str = "
import os, pty, signal, sys
# These tests may themselves be run by nohup.
signal.signal(signal.SIGHUP, signal.SIG_DFL)
output = os.dup(1)
pid, terminal = pty.fork()
if pid == 0:
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.execvp(sys.argv[1], sys.argv[1:])
sys.stdin.readline()
os.close(terminal)
print('exit status', os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
";

/// Serves the app on a terminal; the program that is the terminal.
fn on_terminal(app: &mut App, before: &[&str]) -> Child {
    let inner = app.command(&["--host", "127.0.0.1", "--port", "0"]);
    let mut python = Command::new("python3");
    python.args(["-c", TERMINAL]).args(before).arg(inner.get_program()).args(inner.get_args());
    for (name, value) in inner.get_envs() {
        match value {
            Some(value) => python.env(name, value),
            None => python.env_remove(name),
        };
    }
    python.stdin(Stdio::piped()).stdout(app.pipe()).stderr(app.pipe());
    let python = python.spawn().unwrap();
    let line = app.wait_for("http://");
    app.address = line.split_once("http://").unwrap().1.split(' ').next().unwrap().parse().unwrap();
    app.wait_for("Ctrl+C stops");
    app.pid = app.serving();
    python
}

fn close(mut terminal: Child) {
    terminal.stdin.take().unwrap().write_all(b"close\n").unwrap();
    std::thread::spawn(move || terminal.wait());
}

#[test]
fn when_the_terminal_closes_the_app_ends() {
    let mut app = App::prepare(&[]);
    let terminal = on_terminal(&mut app, &[]);
    close(terminal);
    app.wait_for("the terminal was closed: finishing open requests");
    app.wait_for("the shut-down step ran");
    app.wait_for("exit status 0");
}

#[test]
fn nohup_keeps_its_word() {
    let mut app = App::prepare(&[]);
    let terminal = on_terminal(&mut app, &["nohup"]);
    close(terminal);
    app.wait_for("SIGHUP: the terminal is gone; the app goes on, as it was started by nohup");
    app.is_replaced();
}

#[test]
fn on_a_terminal_that_is_there_sighup_restarts() {
    let mut app = App::prepare(&[]);
    let terminal = on_terminal(&mut app, &[]);
    app.restart();
    // The first process was the terminal's; with its end the terminal is nobody's.
    app.wait_for("the shut-down step ran");
    close(terminal);
    app.wait_for("exit status 0");
    app.is_replaced();
    app.restart();
    app.is_replaced();
}
