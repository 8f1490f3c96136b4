//! Starts: the first one, the places that an app asks for, and those that cannot be.

use std::net::TcpListener;

use crate::package::Package;
use crate::session::{BROWSER, Session, ask, command, get};

#[test]
fn waits_for_the_first_build_and_ends_with_nothing_left() {
    let package = Package::new("run-first");
    // A place that is known before there is a program.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let port = address.port().to_string();
    let mut session = Session::with(command(&package, &["--host", "127.0.0.1", "--port", &port]));
    session.wait("a page", || ask(address, "/", BROWSER).is_ok());
    // This one began before there was an app, or not much later; it is answered by the app in any case.
    assert_eq!(get(address, "/").unwrap(), (200, "one".to_owned()));
    session.wait_for("built in", 1);
    assert_eq!(session.address(), address);
    let status = session.end("-INT");
    assert_eq!(status.code(), Some(0));
    assert!(session.said().contains("Ctrl+C: finishing open requests"), "{}", session.said());
    session.check_nothing_left(Some(address));
}

#[test]
fn listens_where_the_code_says() {
    let package = Package::new("run-code");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    package.main("one", &format!("let app = app.config(\"port\", {port});"));
    // An address that nobody has, so that the port that is taken until the program is known is free there.
    let host = format!("127.7.{}.{}", std::process::id() % 250, std::process::id() / 250 % 250 + 1);
    let mut first = Session::with(command(&package, &["--host", &host]));
    let address = first.address();
    assert_eq!(address.port(), port);
    assert!(first.said().contains("the app asks for host"), "{}", first.said());
    first.wait_for_answer(address, "one");
    first.end("-TERM");
    first.check_nothing_left(Some(address));
    // Now the program can be asked before.
    let mut again = Session::with(command(&package, &["--host", &host]));
    assert_eq!(again.address(), address);
    assert!(!again.said().contains("the app asks for"), "{}", again.said());
    // And it may come to say something else.
    let other = TcpListener::bind((host.as_str(), 0)).unwrap().local_addr().unwrap();
    package.main("two", &format!("let app = app.config(\"port\", {});", other.port()));
    again.wait_for("Ctrl+C stops", 2);
    again.wait_for_answer(other, "two");
    again.end("-TERM");
    again.check_nothing_left(Some(other));
}

#[test]
fn a_port_that_is_taken() {
    let package = Package::new("run-taken");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let line = ["--host", "127.0.0.1", "--port", &port];
    let output = command(&package, &line).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let words = String::from_utf8(output.stderr).unwrap();
    assert!(words.starts_with(&format!("error: port {port} is taken by")), "{words}");
    assert!(words.contains("carafe run --host 127.0.0.1 --port "), "{words}");
}

#[test]
fn without_an_app() {
    let package = Package::new("run-library");
    std::fs::rename(package.path("src/main.rs"), package.path("src/lib.rs")).unwrap();
    let check = |line: &[&str], expected: &str| {
        let output = command(&package, line).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert_eq!(String::from_utf8(output.stderr).unwrap(), expected);
    };
    check(
        &[],
        "error: no package here has a program that uses Carafe\n\nhint: `carafe new NAME` makes one\n",
    );
    check(&["--bin", "shop"], "error: no package here has a program `shop`\n");
    check(
        &["--", "--port", "80"],
        "error: `--port` is for the tool, which opens the sockets\n\n\
         hint: put it before `--`: `carafe run --port ..`\n",
    );
    package.write("Cargo.toml", "[package");
    let output = command(&package, &[]).output().unwrap();
    let words = String::from_utf8(output.stderr).unwrap();
    assert!(words.starts_with("error: ") && words.contains("Cargo.toml"), "{words}");
}

#[test]
fn without_following() {
    let package = Package::new("run-still");
    let mut session =
        Session::start(&package, &["--no-reload", "--workers", "1", "--set", "threads=3"]);
    let address = session.address();
    assert!(session.said().contains("1 worker;"), "{}", session.said());
    package.main("two", "");
    session.wait_for_answer(address, "one");
    assert_eq!(session.end("-TERM").code(), Some(0));
    assert!(!session.said().contains("rebuilt"), "{}", session.said());
    session.check_nothing_left(Some(address));
}

#[test]
fn in_release() {
    let package = Package::new("run-release");
    let mut session = Session::start(&package, &["--release"]);
    let address = session.address();
    assert!(session.said().contains("is running (release)"), "{}", session.said());
    // The sockets are the tool's, and the app says nothing of a service manager.
    assert!(!session.said().contains("systemd"), "{}", session.said());
    session.wait_for_answer(address, "one");
    assert_eq!(get(address, "/__carafe__/live").unwrap().0, 404);
    assert_eq!(session.end("-INT").code(), Some(0));
    session.check_nothing_left(Some(address));
}
