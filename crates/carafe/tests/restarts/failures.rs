//! A new process that fails leaves the old one serving, and nobody notices but the log.

use std::fs;
use std::io::Write;
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use crate::app::{App, is_alive, number, signal, wait_until};
use crate::load::{Load, Place};
use crate::process::program;
use crate::take_overs::check;

/// Has a take-over fail under load; the process that served is the one that still does.
fn fails(fail: impl FnOnce(&mut App)) {
    let mut app = App::start(&["workers=2"]);
    let pid = app.pid;
    let load = Load::start(&Place::Tcp(app.address));
    load.wait_for(200);
    fail(&mut app);
    load.wait_for(500);
    check(&load.finish());
    assert_eq!(app.serving(), pid);
    // And the next one may do better.
    app.next_start("");
    let _ = fs::remove_file(app.root.path().join("carafe.toml"));
    app.restart();
    app.is_replaced();
}

#[test]
fn a_start_up_step_that_panics() {
    fails(|app| {
        app.next_start("panic");
        app.signal("HUP");
        app.wait_for("the start-up step panicked");
        app.wait_for("ended before it was ready (exit status: 101): this one serves on");
    });
}

#[test]
fn a_start_up_step_that_fails() {
    fails(|app| {
        app.next_start("fail");
        app.signal("HUP");
        app.wait_for("error: a start-up step failed: the database does not answer");
        app.wait_for("ended before it was ready (exit status: 1): this one serves on");
    });
}

#[test]
fn a_configuration_with_mistakes() {
    fails(|app| {
        fs::write(app.root.path().join("carafe.toml"), "max_headers = \"many\"\n").unwrap();
        app.signal("HUP");
        app.wait_for("1 mistake in the configuration");
        app.wait_for("ended before it was ready (exit status: 1): this one serves on");
    });
}

#[test]
fn a_second_process_with_mistakes_in_its_environment() {
    fails(|app| {
        let second = app.take_over(|command| {
            command.env("CARAFE_MAX_HEADERS", "many");
        });
        assert_eq!(app.wait(second), Some(1));
    });
}

#[test]
fn a_second_process_that_fails_with_the_sockets_in_hand() {
    fails(|app| {
        app.next_start("fail");
        let second = app.take_over(|_| {});
        assert_eq!(app.wait(second), Some(1));
        let words = "was to take over, but ended before it was ready: this one serves on";
        assert_eq!(number(&app.wait_for(words), "process "), second);
    });
}

#[test]
fn a_successor_that_is_killed() {
    fails(|app| {
        app.next_start("hang");
        app.signal("HUP");
        let successor = number(&app.wait_for("hanging in process"), "process ");
        // Once more changes nothing, and neither does anyone else.
        app.signal("HUP");
        app.wait_for(&format!("SIGHUP: ignored, process {successor} is about to take over"));
        let second = app.take_over(|_| {});
        app.wait_for(&format!("process {successor} is taking over already"));
        assert_eq!(app.wait(second), Some(1));
        assert!(signal(successor, "KILL"));
        app.wait_for("ended before it was ready (signal: 9 (SIGKILL)): this one serves on");
    });
}

#[test]
fn a_second_process_that_is_killed() {
    fails(|app| {
        app.next_start("hang");
        let second = app.take_over(|_| {});
        app.wait_for("hanging in process");
        assert!(signal(second, "KILL"));
        app.wait_for("ended before it was ready: this one serves on");
    });
}

#[test]
fn a_program_that_cannot_be_run() {
    let mut app = App::prepare(&[]);
    let path = app.root.path().join("bin/app");
    app.run_from(&path);
    app.run(&["--port", "0", "--host", "127.0.0.1"], |_| {});
    let pid = app.pid;
    // A new file is put in its place, as a deployment does it.
    let replace = |text: &str, mode: u32| {
        let new = path.with_extension("new");
        fs::write(&new, text).unwrap();
        fs::set_permissions(&new, PermissionsExt::from_mode(mode)).unwrap();
        fs::rename(new, &path).unwrap();
    };
    replace("no program", 0o644);
    app.signal("HUP");
    let line = app.wait_for("SIGHUP: no new process was started");
    assert!(line.contains("bin/app`: Permission denied"), "{line}");
    assert_eq!(app.serving(), pid);
    replace("#!/bin/sh\nexit 3\n", 0o755);
    app.signal("HUP");
    app.wait_for("ended before it was ready (exit status: 3)");
    replace(
        &format!("#!/bin/sh\necho the new release\nexec {} \"$@\"\n", program().display()),
        0o755,
    );
    app.signal("HUP");
    app.wait_for("the new release");
    app.wait_for_successor();
    app.is_replaced();
}

#[test]
fn whoever_is_stopped_takes_its_successor_along() {
    let mut app = App::start(&[]);
    app.next_start("hang");
    app.signal("HUP");
    let successor = number(&app.wait_for("hanging in process"), "process ");
    app.signal("TERM");
    assert_eq!(app.wait(app.pid), Some(0));
    wait_until("the successor ends", || !is_alive(successor));
    wait_until("the port is closed", || TcpStream::connect(app.address).is_err());
}

/// In a container, the app is process 1, and the container ends with it.
#[test]
fn process_1_is_not_replaced() {
    let alone = ["unshare", "--fork", "--pid", "--kill-child"];
    let may = Command::new(alone[0]).args(&alone[1..]).arg("true").status();
    if !may.is_ok_and(|status| status.success()) {
        let words = "not tested: this user may make no namespace of processes";
        let _ = writeln!(std::io::stderr(), "{words}");
        return;
    }
    let mut app = App::prepare(&[]);
    let inner = app.command(&["--host", "127.0.0.1", "--port", "0"]);
    let mut container = Command::new(alone[0]);
    container.args(&alone[1..]).arg(inner.get_program()).args(inner.get_args());
    container.envs(inner.get_envs().filter_map(|(name, value)| Some((name, value?))));
    container.stdin(Stdio::null()).stdout(app.pipe()).stderr(app.pipe());
    app.run_command(container);
    let children = format!("/proc/{0}/task/{0}/children", app.pid);
    app.pid = fs::read_to_string(children).unwrap().trim().parse().unwrap();
    app.signal("HUP");
    app.wait_for("SIGHUP: no new process was started: this one is process 1 of a container");
    let socket = app.root.path().join("carafe/1.sock");
    wait_until("it can be asked", || socket.exists());
    let port = app.address.port().to_string();
    let inner = app.command(&["--host", "127.0.0.1", "--port", &port, "--take-over"]);
    let mut second = Command::new("nsenter");
    second.args(["--target", &app.pid.to_string(), "--pid"]);
    second.arg(inner.get_program()).args(inner.get_args());
    second.envs(inner.get_envs().filter_map(|(name, value)| Some((name, value?))));
    second.stdin(Stdio::null()).stdout(app.pipe()).stderr(app.pipe());
    let second = app.spawn(second);
    app.wait_for("error: the running app did not hand its sockets over: this app is process 1");
    assert_eq!(app.wait(second), Some(1));
    assert_eq!(app.serving(), 1);
}
