//! What goes wrong is said in the terminal and in the browser, and is over when it is mended.

use crate::package::Package;
use crate::session::{BROWSER, Session, ask, get};

#[test]
fn a_build_error_while_the_last_build_serves() {
    let package = Package::new("run-wrong");
    let session = Session::start(&package, &[]);
    let address = session.address();
    package.write("src/main.rs", "fn main() { let x: u32 = \"\"; }\n");
    session.wait_for("run-wrong does not compile", 1);
    assert!(session.said().contains("error[E0308]: mismatched types"), "{}", session.said());
    assert!(session.said().contains("; the last build serves on"), "{}", session.said());
    assert_eq!(get(address, "/").unwrap(), (200, "one".to_owned()));
    package.main("two", "");
    session.wait_for_answer(address, "two");
}

#[test]
fn a_build_error_at_the_first_start() {
    let package = Package::new("run-wrong-first");
    package.write("src/main.rs", "fn main() { let x: u32 = \"\"; }\n");
    let place = package.path("app.sock");
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop((listener, place));
    let port = address.port().to_string();
    let line = ["--host", "127.0.0.1", "--port", &port];
    let session = Session::with(crate::session::command(&package, &line));
    session.wait_for("run-wrong-first does not compile", 1);
    let (status, page) = ask(address, "/any", BROWSER).unwrap();
    assert_eq!(status, 500);
    assert!(page.contains("run-wrong-first does not compile"), "{page}");
    assert!(page.contains("error[E0308]: mismatched types"), "{page}");
    let file = package.path("src/main.rs");
    assert!(page.contains(&format!("vscode://file{}:1:", file.display())), "{page}");
    let (status, text) = get(address, "/any").unwrap();
    assert!(status == 500 && text.contains("error[E0308]: mismatched types"), "{text}");
    package.main("one", "");
    session.wait_for_answer(address, "one");
}

#[test]
fn an_app_that_panics_at_its_start() {
    let package = Package::new("run-panics");
    let session = Session::start(&package, &[]);
    let address = session.address();
    package.main("two", "if true { panic!(\"no database\"); }");
    session.wait_for("run-panics has ended at its start: it panicked at src/main.rs:", 1);
    session.wait_for("; the build before it serves on", 1);
    assert!(session.said().contains("no database"), "{}", session.said());
    assert_eq!(get(address, "/").unwrap(), (200, "one".to_owned()));
    package.main("three", "");
    session.wait_for_answer(address, "three");
}

#[test]
fn an_app_that_ends() {
    let package = Package::new("run-ends");
    package.main("one", "if true { panic!(\"no database\"); }");
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let port = address.port().to_string();
    let line = ["--host", "127.0.0.1", "--port", &port];
    let session = Session::with(crate::session::command(&package, &line));
    session.wait_for("run-ends has ended at its start: it panicked at src/main.rs:", 1);
    session.wait_for("; it is started again", 1);
    let (status, page) = ask(address, "/", BROWSER).unwrap();
    assert_eq!(status, 500);
    assert!(
        page.contains("run-ends has ended at its start: it panicked at src/main.rs:"),
        "{page}"
    );
    assert!(page.contains("no database"), "{page}");
    package.main("two", "std::thread::spawn(|| { std::io::Read::read(&mut std::fs::File::open(std::env::current_dir().unwrap().join(\"fifo\")).unwrap(), &mut [0]).unwrap(); std::process::abort() });");
    let fifo = package.path("fifo");
    assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    session.wait_for_answer(address, "two");
    // Whoever opens it for writing lets the app go on to its end.
    std::fs::write(&fifo, "x").unwrap();
    session.wait_for("run-ends has ended: killed by signal 6 (SIGABRT", 1);
    let (_, page) = ask(address, "/", BROWSER).unwrap();
    assert!(page.contains("killed by signal 6"), "{page}");
    package.main("three", "");
    session.wait_for_answer(address, "three");
}
