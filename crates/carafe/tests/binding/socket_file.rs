//! `--host unix:PATH`: requests over a socket file, and the file itself.

use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::process::Command;

use crate::app::{Running, end_of, open_folder, shop};
use crate::process::PATIENCE;
use crate::snapshot::{self, Names};

fn start(path: &Path, more: &[&str]) -> Running {
    let host = format!("unix:{}", path.display());
    let mut arguments = vec!["--host", &host];
    arguments.extend(more);
    let mut app = Running::start(shop(&[], &arguments));
    app.wait_for("Ctrl+C");
    app
}

fn connect(path: &Path) -> UnixStream {
    let stream = UnixStream::connect(path).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// The answer to these bytes, until the server closes the connection.
fn answer(path: &Path, request: &[u8]) -> String {
    let mut stream = connect(path);
    stream.write_all(request).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn requests_are_served_over_it() {
    let folder = open_folder();
    let path = folder.path().join("app.sock");
    let mut app = start(&path, &["--set", "access_log=text"]);
    let hello = answer(&path, b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assert!(hello.starts_with("HTTP/1.1 200 OK\r\n") && hello.ends_with("hello"), "{hello}");
    // There is no address of the other side.
    assert!(app.wait_for("GET /").contains("- GET / 200"));

    // Many requests over one connection, sent ahead, with a body.
    let two = b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc\
                GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let answers = answer(&path, two);
    assert!(answers.contains("abc") && answers.ends_with("hello"), "{answers}");

    let curl = Command::new("curl")
        .args(["--silent", "--max-time", "5", "--unix-socket"])
        .arg(&path)
        .arg("http://localhost/")
        .output()
        .unwrap();
    assert_eq!(String::from_utf8(curl.stdout).unwrap(), "hello");
}

#[test]
fn it_may_stand_beside_a_port() {
    let folder = open_folder();
    let path = folder.path().join("app.sock");
    let host = format!("127.0.0.1,unix:{}", path.display());
    let mut app = Running::start(shop(&[], &["--host", &host, "--port", "0"]));
    let urls = app.urls();
    assert!(urls.iter().any(|url| url.starts_with("http://127.0.0.1:")), "{urls:?}");
    let hello = answer(&path, b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assert!(hello.ends_with("hello"));
}

#[test]
fn the_file_is_there_as_long_as_the_app() {
    let folder = open_folder();
    let path = folder.path().join("app.sock");
    let mut app = start(&path, &[]);
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o666);
    app.stop();
    assert!(!path.exists());

    // One that had no time to tidy up leaves it, and the next one takes its place.
    let mut app = start(&path, &[]);
    app.child.kill().unwrap();
    app.wait();
    assert!(path.exists());
    let mut app = start(&path, &[]);
    assert!(answer(&path, b"GET / HTTP/1.0\r\n\r\n").ends_with("hello"));
    app.stop();
    assert!(!path.exists());
}

#[test]
fn files_of_others_stay() {
    let folder = open_folder();
    let check = |name: &str, path: &Path| {
        let host = format!("unix:{}", path.display());
        for lang in ["en", "ko"] {
            let (said, code) = end_of(shop(&[], &["--host", &host, "--lang", lang]));
            assert_eq!(code, Some(1), "{said}");
            let names = Names::default().with(folder.path().display(), "{folder}");
            snapshot::check(&format!("unix-{name}-{lang}"), &said, &names);
        }
    };
    let alive = folder.path().join("alive.sock");
    let _server = UnixListener::bind(&alive).unwrap();
    check("alive", &alive);
    let text = folder.path().join("notes.txt");
    std::fs::write(&text, "mine").unwrap();
    check("no-socket", &text);
    assert_eq!(std::fs::read_to_string(&text).unwrap(), "mine");
    check("no-folder", &folder.path().join("nowhere/app.sock"));
    check("too-long", Path::new(&format!("/tmp/{}.sock", "long-".repeat(21))));
}

#[test]
fn a_file_of_another_users_server_stays() {
    if !crate::app::is_root() {
        return;
    }
    let folder = open_folder();
    let path = folder.path().join("app.sock");
    drop(UnixListener::bind(&path).unwrap());
    std::os::unix::fs::chown(&path, Some(65534), None).unwrap();
    let host = format!("unix:{}", path.display());
    for lang in ["en", "ko"] {
        let (said, code) = end_of(shop(&[], &["--host", &host, "--lang", lang]));
        assert_eq!(code, Some(1));
        let names = Names::default().with(folder.path().display(), "{folder}");
        snapshot::check(&format!("unix-foreign-{lang}"), &said, &names);
    }
    assert!(path.exists());
}

#[test]
fn it_is_handed_on_with_its_file() {
    let folder = open_folder();
    let runtime = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.sock");
    let host = format!("unix:{}", path.display());
    let app = |name: &str, more: &[&str]| {
        let mut arguments = vec!["--host", &host];
        arguments.extend(more);
        let mut app = shop(&[], &arguments);
        app.env("XDG_RUNTIME_DIR", runtime.path()).env("TEST_APP", name);
        app
    };
    let request = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let mut first = Running::start(app("served", &[]));
    first.wait_for("Ctrl+C");

    // One that fails before it is ready leaves the first one's file.
    let (said, code) = end_of(app("failing-start", &["--take-over"]));
    assert_eq!(code, Some(1), "{said}");
    assert!(answer(&path, request).ends_with("hello"));

    let mut second = Running::start(app("served", &["--take-over"]));
    second.wait_for("took over from process");
    first.wait();
    assert!(answer(&path, request).ends_with("hello"));
    second.stop();
    assert!(!path.exists());
}
