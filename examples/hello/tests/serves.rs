//! The built program answers on a real socket, and ends well when it is asked to.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{ChildStderr, Command, Stdio};
use std::time::Duration;

/// The program on a free port, away from this machine's own configuration.
fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hello"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("CARAFE_") {
            command.env_remove(name);
        }
    }
    command.env("CARAFE_PORT", "0").stderr(Stdio::piped());
    command
}

/// The address in the URL that the program prints.
fn address(stderr: ChildStderr) -> String {
    let lines = BufReader::new(stderr).lines().map_while(Result::ok);
    let url = lines.filter_map(|line| Some(line.split_once("http://")?.1.to_owned())).next();
    url.unwrap().split_whitespace().next().unwrap().to_owned()
}

#[test]
fn says_hello_and_stops() {
    let mut child = program().spawn().unwrap();
    let address = address(child.stderr.take().unwrap());
    let mut stream = TcpStream::connect(&address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    write!(stream, "GET / HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.ends_with("\r\n\r\nHello, world!"), "{answer}");

    let stopped = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(stopped.success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
