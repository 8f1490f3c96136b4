//! Many take-overs under load.

use std::net::{TcpListener, TcpStream};

use crate::app::{App, wait_until};
use crate::load::{Load, Outcome, Place};
use crate::process::program;

/// Looks at what came of a load.
#[track_caller]
pub(crate) fn check(outcome: &Outcome) {
    let Outcome { answers, failures, took, .. } = outcome;
    assert!(
        failures.is_empty(),
        "{} failures beside {answers} answers in {took:?}: {:#?}",
        failures.len(),
        &failures[..failures.len().min(20)]
    );
}

#[test]
fn twenty_take_overs_lose_nothing() {
    let mut app = App::start(&["workers=2"]);
    let load = Load::start(&Place::Tcp(app.address));
    load.wait_for(500);
    let mut pids = vec![app.pid];
    for round in 0..20 {
        match round % 2 {
            0 => app.restart(),
            _ => {
                let second = app.take_over(|_| {});
                app.wait_for_successor();
                assert_eq!(app.pid, second);
            }
        }
        assert!(!pids.contains(&app.pid));
        pids.push(app.pid);
        load.wait_for(2500);
    }
    let outcome = load.finish();
    check(&outcome);
    assert!(outcome.answers >= 50_000, "{} answers", outcome.answers);
    // Each process has said goodbye to those who stayed with it.
    assert!(outcome.goodbyes >= 20, "{} goodbyes", outcome.goodbyes);
    let least = 1000 * usize::try_from(outcome.took.as_secs()).unwrap();
    assert!(outcome.answers >= least, "{} answers in {:?}", outcome.answers, outcome.took);
    app.is_replaced();
}

#[test]
fn a_socket_file_is_handed_on() {
    let mut app = App::prepare(&["workers=2"]);
    let path = app.root.path().join("app.sock");
    let host = format!("unix:{}", path.display());
    app.run(&["--host", &host], |_| {});
    let load = Load::start(&Place::Unix(path.clone()));
    load.wait_for(200);
    for round in 0..6 {
        match round % 2 {
            0 => app.restart(),
            _ => {
                wait_until("the control socket is there", || app.socket().exists());
                let second = app.command(&["--host", &host, "--take-over"]);
                app.spawn(second);
                app.wait_for_successor();
            }
        }
        load.wait_for(1000);
    }
    let outcome = load.finish();
    check(&outcome);
    assert!(outcome.answers >= 6000, "{} answers", outcome.answers);
    let status: serde_json::Value = serde_json::from_str(&app.ask("status\n")).unwrap();
    assert_eq!(status["addresses"], serde_json::json!([host]));
    // Whoever has it last takes the file away.
    app.signal("TERM");
    wait_until("the socket file is gone", || !path.exists());
}

#[test]
fn sockets_from_the_service_manager_stay_as_they_are() {
    let mut app = App::prepare(&[]);
    let manager = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = manager.local_addr().unwrap();
    // As systemd does it: the socket is descriptor 3, and `LISTEN_PID` is the process's own.
    let inner = app.command(&[]);
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", "LISTEN_PID=$$ LISTEN_FDS=1 exec \"$@\" 3<&0 </dev/null", "sh"]);
    shell.arg(inner.get_program()).args(inner.get_args());
    for (name, value) in inner.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    let stdin = std::os::fd::OwnedFd::from(manager);
    shell.stdin(stdin).stdout(app.pipe()).stderr(app.pipe());
    app.run_command(shell);
    app.address = address;
    for _ in 0..2 {
        app.restart();
        app.is_replaced();
        assert!(app.ask("status\n").contains(&address.to_string()));
    }
}

#[test]
fn an_app_tells_who_it_is() {
    let mut app = App::start(&["trusted_hosts=[\"localhost\"]"]);
    let status: serde_json::Value = serde_json::from_str(&app.ask("status\n")).unwrap();
    assert_eq!(status["pid"], app.pid);
    assert_eq!(status["name"], "shop");
    assert_eq!(status["version"], "1.2.3");
    assert_eq!(status["profile"], "development");
    assert_eq!(status["exe"], program().canonicalize().unwrap().to_str().unwrap());
    assert_eq!(status["addresses"], serde_json::json!([app.address.to_string()]));
    assert_eq!(status["trusted_hosts"], serde_json::json!(["localhost"]));
    assert_eq!(app.ask("sing\n"), "{\"error\":\"there is no command `sing`\"}\n");
    assert_eq!(app.ask("\n"), "{\"error\":\"there is no command ``\"}\n");
    // One that is too long is not even read.
    assert_eq!(app.ask(&"x".repeat(1000)), "");
    let socket = app.socket();
    app.signal("TERM");
    assert_eq!(app.wait(app.pid), Some(0));
    assert!(!socket.exists());
}

#[test]
fn with_nothing_to_take_over_it_just_starts() {
    let mut app = App::prepare(&[]);
    let port = free_port().to_string();
    app.run(&["--host", "127.0.0.1", "--port", &port, "--take-over"], |_| {});
    let said = app.all_said().join("\n");
    assert!(said.contains("there is nothing to take over: starting as usual"), "{said}");
    app.restart();
    app.is_replaced();
}

#[test]
fn of_several_apps_none_is_chosen() {
    let mut app = App::start(&[]);
    let other = app.command(&["--host", "127.0.0.1", "--port", "0"]);
    let other = app.spawn(other);
    app.wait_for("Ctrl+C stops");
    for pid in [app.pid, other] {
        let socket = app.root.path().join("carafe").join(format!("{pid}.sock"));
        wait_until("it can be asked", || socket.exists());
    }
    let third = app.command(&["--host", "127.0.0.1", "--port", "0", "--take-over"]);
    let third = app.spawn(third);
    assert_eq!(app.wait(third), Some(1));
    app.wait_for("error: more than one running app fits `--take-over`");
    for pid in [app.pid.min(other), app.pid.max(other)] {
        app.wait_for(&format!("  shop, process {pid}, 127.0.0.1:"));
    }
    app.wait_for("hint: name the address of one with `--host` and `--port`");
    // Each of them still knows its own successor.
    app.restart();
}

#[test]
fn without_a_place_for_its_socket_an_app_serves_all_the_same() {
    let mut app = App::prepare(&[]);
    std::fs::write(app.root.path().join("carafe"), "no folder").unwrap();
    app.run(&["--host", "127.0.0.1", "--port", "0"], |_| {});
    app.signal("HUP");
    let line = app.wait_for("SIGHUP: no new process was started: there is no control socket");
    assert!(line.contains("carafe` is no folder"), "{line}");
    app.is_replaced();
}

#[test]
fn a_runtime_folder_that_was_removed_is_made_again() {
    let mut app = App::start(&[]);
    app.ask("status\n");
    std::fs::remove_dir_all(app.root.path().join("carafe")).unwrap();
    app.restart();
    app.is_replaced();
}

#[test]
fn a_port_that_is_not_wanted_any_more_is_closed() {
    let mut app = App::prepare(&[]);
    let file = app.root.path().join("carafe.toml");
    let configure = |port: u16| {
        std::fs::write(&file, format!("host = \"127.0.0.1\"\nport = {port}\n")).unwrap();
    };
    configure(free_port());
    app.run(&[], |_| {});
    let (old, new) = (app.address, free_port());
    configure(new);
    app.restart();
    app.address.set_port(new);
    app.is_replaced();
    wait_until("the old port is closed", || TcpStream::connect(old).is_err());
}

/// A port that nobody has at this moment.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
