//! `carafe ports`: the real binary, beside real programs that hold ports.
//!
//! A case is a line here and a file in `snapshots/`, written by `UPDATE_SNAPSHOTS=1 cargo test`.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a helper of tests fails loudly")]

mod child;

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::time::Duration;

use child::{Child, NOBODY, Outcome, Tool, is_root};

const ENGLISH: &str = "C.UTF-8";
const KOREAN: &str = "ko_KR.UTF-8";

/// Compares what a command did with the snapshot of that name; `child` tells what differs each
/// time.
fn check(name: &str, outcome: &Outcome, child: &Child) {
    let text = outcome.normal(child);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ports/snapshots");
    let file = folder.join(format!("{name}.txt"));
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        fs::write(file, text).unwrap();
        return;
    }
    let expected = fs::read_to_string(file).unwrap_or_default();
    assert_eq!(text, expected, "{name}");
}

#[test]
fn help() {
    let nobody = Child::none();
    for (name, arguments) in [
        ("help", &["ports", "--help"][..]),
        ("help-free", &["ports", "free", "--help"]),
        ("help-stop", &["ports", "stop", "--help"]),
    ] {
        check(name, &Tool::new(ENGLISH).run(arguments), &nobody);
    }
}

#[test]
fn one_port() {
    let server = Child::server();
    let port = server.port();
    check("one", &Tool::new(ENGLISH).run(&["ports", &port]), &server);
    check("one-ko", &Tool::new(KOREAN).run(&["ports", &port]), &server);
    // The option is before the system's language.
    let asked = Tool::new(KOREAN).run(&["ports", &port, "--lang", "en"]);
    check("one", &asked, &server);
    let mut server = server;
    server.end();
    check("nobody", &Tool::new(ENGLISH).run(&["ports", &port]), &server);
    check("nobody-ko", &Tool::new(KOREAN).run(&["ports", &port]), &server);
    let json = Tool::new(ENGLISH).run(&["ports", &port, "--json"]);
    assert_eq!((json.code, json.stdout.as_str()), (1, "[]\n"));
}

#[test]
fn a_port_that_is_none() {
    for wrong in ["0", "65536", "http", "-1"] {
        let outcome = Tool::new(ENGLISH).run(&["ports", wrong]);
        assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""), "{outcome:?}");
    }
}

#[test]
fn json_has_the_promised_fields() {
    let server = Child::server();
    let outcome = Tool::new(KOREAN).run(&["ports", &server.port(), "--json"]);
    check("json", &outcome, &server);
    let all = Tool::new(ENGLISH).run(&["ports", "--json"]);
    let rows: Vec<serde_json::Value> = serde_json::from_str(&all.stdout).unwrap();
    let row = rows.iter().find(|row| row["port"] == server.port).unwrap();
    assert_eq!(
        (row["pid"].as_u64(), row["kind"].as_str()),
        (Some(server.pid().into()), Some("program"))
    );
    // Each of them is told by the help, in a line that begins with its name or names.
    let fields: Vec<&String> = row.as_object().unwrap().keys().collect();
    let help = Tool::new(ENGLISH).run(&["ports", "--help"]).stdout;
    let names = |line| str::trim(line).split("  ").next().unwrap_or_default().split(", ");
    let told: Vec<&str> = help.lines().flat_map(names).collect();
    let untold = fields.iter().filter(|field| !told.contains(&field.as_str()));
    assert_eq!(untold.count(), 0, "{fields:?} in {help}");
}

#[test]
fn the_table() {
    let server = Child::server();
    let table = Tool::new(ENGLISH).run(&["ports"]);
    assert_eq!(table.code, 0);
    assert!(table.stdout.starts_with("Port "), "{}", table.stdout);
    let words = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let line = table.stdout.lines().find(|line| line.starts_with(&server.port())).unwrap();
    let (port, pid) = (server.port(), server.pid().to_string());
    assert_eq!(words(line)[..5], [port.as_str(), "127.0.0.1", "python3", &pid, &server.user()]);
    let table = Tool::new(KOREAN).run(&["ports"]);
    assert!(table.stdout.starts_with("포트 "), "{}", table.stdout);
    // Who reads only the first lines of it does not make it fail.
    let piped = child::shell(&format!("{} ports | head -n 1", Tool::path().display()));
    assert_eq!((piped.stdout.lines().count(), piped.stderr.as_str()), (1, ""));
}

#[test]
fn apps_are_named() {
    // What an app does for this: see `carafe_net::ControlSocket`.
    let control = "\
import json, sys
os.umask(0o077)
os.makedirs('run/carafe')
c = socket.socket(socket.AF_UNIX)
c.bind(f'run/carafe/{os.getpid()}.sock')
c.listen()
def answer():
    while True:
        a = c.accept()[0]
        if a.recv(100) == b'status\\n':
            a.sendall(json.dumps({'pid': os.getpid(), 'name': 'my shop'}).encode() + b'\\n')
        a.close()
import threading
threading.Thread(target=answer, daemon=True).start()";
    let app = Child::python("", control);
    let runtime = app.folder().join("run");
    let run = |lang, arguments: &[&str]| Tool::new(lang).runtime(&runtime).run(arguments);
    check("app", &run(ENGLISH, &["ports", &app.port()]), &app);
    check("app-ko", &run(KOREAN, &["ports", &app.port()]), &app);
    let table = run(ENGLISH, &["ports"]).stdout;
    assert!(table.lines().next().unwrap().ends_with("  Carafe app"), "{table}");
    let line = table.lines().find(|line| line.starts_with(&app.port())).unwrap();
    assert!(line.ends_with("  my shop"), "{table}");
    let json = run(ENGLISH, &["ports", &app.port(), "--json"]).stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json[0]["kind"], &json[0]["app"]), (&"carafe-app".into(), &"my shop".into()));
    let ended = run(ENGLISH, &["ports", "stop", &app.port(), "--yes"]);
    assert_eq!(ended.code, 0, "{ended:?}");
}

#[test]
fn a_free_port() {
    let taken = TcpListener::bind("[::1]:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let outcome = Tool::new(ENGLISH).run(&["ports", "free", &port.to_string()]);
    let free: u16 = outcome.stdout.trim().parse().unwrap();
    assert!(free > port, "{outcome:?}");
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""));
    TcpListener::bind(("127.0.0.1", free)).unwrap();
    let outcome = Tool::new(ENGLISH).run(&["ports", "free"]);
    assert!(outcome.stdout.trim().parse::<u16>().unwrap() >= 8000, "{outcome:?}");
    // Whoever else has it, it is not free.
    let _last = TcpListener::bind("127.0.0.1:65535");
    let none = Child::none();
    check("free-none", &Tool::new(ENGLISH).run(&["ports", "free", "65535"]), &none);
    check("free-none-ko", &Tool::new(KOREAN).run(&["ports", "free", "65535"]), &none);
    for arguments in [&["ports", "free", "0"][..], &["ports", "shop"], &["ports", "stop", "65536"]]
    {
        let outcome = Tool::new(ENGLISH).run(arguments);
        assert_eq!(outcome.code, 2, "{outcome:?}");
        assert!(outcome.stderr.contains(": a port is a number from 1 to 65535\n"), "{outcome:?}");
    }
}

#[test]
fn stopping_without_a_terminal() {
    let mut server = Child::server();
    let port = server.port();
    check("stop-unasked", &Tool::new(ENGLISH).run(&["ports", "stop", &port]), &server);
    check("stop-unasked-ko", &Tool::new(KOREAN).run(&["ports", "stop", &port]), &server);
    assert!(server.runs());
    check("stop-yes", &Tool::new(ENGLISH).run(&["ports", "stop", &port, "--yes"]), &server);
    assert!(!server.runs());
    check("stop-free", &Tool::new(ENGLISH).run(&["ports", "stop", &port, "--yes"]), &server);
    check("stop-free-ko", &Tool::new(KOREAN).run(&["ports", "stop", &port]), &server);
    let server = Child::server();
    let ended = Tool::new(KOREAN).run(&["ports", "stop", &server.port(), "-y"]);
    check("stop-yes-ko", &ended, &server);
}

#[test]
fn stopping_at_a_terminal() {
    let mut server = Child::server();
    let stop = ["ports", "stop", &server.port()];
    for no in ["n", "", "what"] {
        let outcome = Tool::new(ENGLISH).answering(no, &stop);
        assert_eq!(outcome.code, 1, "{outcome:?}");
        assert!(outcome.stdout.contains("nothing was stopped"), "{outcome:?}");
        assert!(server.runs());
    }
    check("ask-no", &Tool::new(ENGLISH).answering("n", &stop), &server);
    check("ask-yes", &Tool::new(ENGLISH).answering("y", &stop), &server);
    assert!(!server.runs());
    let server = Child::server();
    let stop = ["ports", "stop", &server.port()];
    check("ask-no-ko", &Tool::new(KOREAN).answering("n", &stop), &server);
    check("ask-yes-ko", &Tool::new(KOREAN).answering("네", &stop), &server);
}

#[test]
fn stopping_one_that_does_not_listen() {
    let script = "signal.signal(signal.SIGTERM, signal.SIG_IGN)";
    let server = Child::python(script, "");
    let stop = ["ports", "stop", &server.port(), "--yes", "--grace", "1"];
    check("stop-force", &Tool::new(ENGLISH).run(&stop), &server);
    let server = Child::python(script, "");
    let stop = ["ports", "stop", &server.port(), "--yes", "--grace", "0"];
    check("stop-force-ko", &Tool::new(KOREAN).run(&stop), &server);
}

#[test]
fn workers_that_share_the_port_end_too() {
    // Their parent does not tell them.
    let forks = "[os.fork() or time.sleep(120) for _ in range(2)]";
    let server = Child::python("", forks);
    let outcome = Tool::new(ENGLISH).answering("y", &["ports", "stop", &server.port()]);
    let asked = format!("(pid {}) and 2 processes that share the port? [y/N]", server.pid());
    assert!(outcome.stdout.contains(&asked), "{outcome:?}");
    assert_eq!(
        (outcome.code, outcome.stdout.matches("\nstopped `").count()),
        (0, 3),
        "{outcome:?}"
    );
    assert_eq!(Tool::new(ENGLISH).run(&["ports", &server.port()]).code, 1);
}

#[test]
fn a_successor_is_told() {
    // It leaves the port to a child of its own when it is asked to end.
    let script = "signal.signal(signal.SIGTERM, lambda *_: os.fork() and os._exit(0) or \
                  signal.signal(signal.SIGTERM, signal.SIG_DFL))";
    let server = Child::python(script, "");
    let outcome = Tool::new(ENGLISH).run(&["ports", "stop", &server.port(), "--yes"]);
    assert_eq!(outcome.code, 1, "{outcome:?}");
    let ended = "error: the program has ended, and another one has the port now\nport ";
    assert!(outcome.stderr.contains(ended), "{outcome:?}");
    let left = carafe_net::listening_on(&carafe_net::System::this(), server.port).unwrap();
    let left = carafe_net::process(&carafe_net::System::this(), left[0].pids[0]).unwrap();
    assert_ne!(left.pid, server.pid());
    carafe_net::stop(&left, Duration::ZERO).unwrap();
}

#[test]
fn what_belongs_to_others() {
    if !is_root() {
        return;
    }
    let mut theirs = Child::server_of(NOBODY);
    let stop = ["ports", "stop", &theirs.port(), "--yes"];
    check("others-as-root", &Tool::new(ENGLISH).run(&stop), &theirs);
    check("others-as-root-ko", &Tool::new(KOREAN).run(&stop), &theirs);
    assert!(theirs.runs());

    let mut ours = Child::server();
    let port = ours.port();
    let nobody = |lang| Tool::new(lang).user(NOBODY);
    check("unseen", &nobody(ENGLISH).run(&["ports", &port]), &ours);
    check("unseen-ko", &nobody(KOREAN).run(&["ports", &port]), &ours);
    check("unseen-stop", &nobody(ENGLISH).run(&["ports", "stop", &port, "--yes"]), &ours);
    check("unseen-stop-ko", &nobody(KOREAN).run(&["ports", "stop", &port, "--yes"]), &ours);
    check("unseen-json", &nobody(ENGLISH).run(&["ports", &port, "--json"]), &ours);
    assert!(ours.runs());
    let table = nobody(ENGLISH).run(&["ports"]);
    let line = table.stdout.lines().find(|line| line.starts_with(&port)).unwrap();
    let words: Vec<&str> = line.split_whitespace().collect();
    assert_eq!(words[..5], [&port, "127.0.0.1", "-", "-", "root"]);
    assert!(table.stderr.contains("cannot be seen; `sudo carafe ports` names"), "{table:?}");
    // They end their own.
    let theirs = Child::server_of(NOBODY);
    let ended = nobody(ENGLISH).run(&["ports", "stop", &theirs.port(), "--yes"]);
    check("stop-yes", &ended, &theirs);
}

#[test]
fn process_1_is_never_ended() {
    // In a world of its own, where the server is process 1. Containers may refuse to make one.
    let apart = ["--pid", "--fork", "--mount-proc"];
    let made = child::run(std::process::Command::new("unshare").args(apart).arg("true"));
    if made.code != 0 {
        return;
    }
    let script = format!(
        "import os, socket, subprocess, sys\n\
         s = socket.create_server(('127.0.0.1', 0))\n\
         port = str(s.getsockname()[1])\n\
         done = subprocess.run([{:?}, 'ports', 'stop', port, '--yes'])\n\
         print('still here', os.getpid(), done.returncode)",
        Tool::path()
    );
    let outcome = child::run(
        std::process::Command::new("unshare")
            .args(apart)
            .args(["/usr/bin/python3", "-c", &script])
            .env("LC_ALL", ENGLISH),
    );
    assert_eq!(outcome.stdout, "still here 1 1\n", "{outcome:?}");
    assert!(outcome.stderr.contains("process 1 keeps the whole system running"), "{outcome:?}");
}
