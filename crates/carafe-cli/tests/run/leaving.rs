//! Nothing is left behind, also when the tool is killed.

use crate::package::Package;
use crate::session::{Session, processes};

#[test]
fn killed_while_it_serves() {
    let package = Package::new("run-killed");
    let mut session = Session::start(&package, &[]);
    let address = session.address();
    assert!(processes(&session.mark).len() >= 2);
    session.end("-KILL");
    session.check_nothing_left(Some(address));
}

#[test]
fn killed_while_it_builds() {
    let package = Package::new("run-killed-building");
    let mut session = Session::start(&package, &[]);
    let compiles = || {
        processes(&session.mark)
            .iter()
            .any(|line| line.contains("--crate-name run_killed_building"))
    };
    session.wait("the compiler", compiles);
    session.end("-KILL");
    session.check_nothing_left(None);
}

#[test]
fn a_request_that_is_open_is_finished() {
    let package = Package::new("run-open");
    package.main("one", "");
    let main = std::fs::read_to_string(package.path("src/main.rs")).unwrap();
    let slow = "#[get(\"/slow\")]\nfn slow() -> String {\n    std::fs::read_to_string(\"fifo\").unwrap()\n}\n\n#[carafe::main]";
    let main = main.replace("#[carafe::main]", slow).replace("routes![", "routes![slow, ");
    package.write("src/main.rs", &main);
    let fifo = package.path("fifo");
    assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let mut session = Session::start(&package, &[]);
    let address = session.address();
    let asking = std::thread::spawn(move || crate::session::get(address, "/slow").unwrap());
    // To open it for writing waits for the handler to have opened it for reading.
    let mut handler = std::fs::OpenOptions::new().write(true).open(&fifo).unwrap();
    let pid = session.tool.id().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    session.wait_for("Ctrl+C: finishing open requests", 1);
    std::io::Write::write_all(&mut handler, b"done").unwrap();
    drop(handler);
    assert_eq!(asking.join().unwrap(), (200, "done".to_owned()));
    assert_eq!(session.wait_for_end().code(), Some(0));
    session.check_nothing_left(Some(address));
}
