//! The built program answers on a real socket, and ends well when it is asked to.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Starts the program on a free port, away from this machine's own configuration.
fn start() -> (Child, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hello"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("CARAFE_") {
            command.env_remove(name);
        }
    }
    let mut child = command.env("CARAFE_PORT", "0").stderr(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(child.stderr.take().unwrap()).lines();
    for line in lines.map_while(Result::ok) {
        if let Some((_, rest)) = line.split_once("http://") {
            let address = rest.split_whitespace().next().unwrap().to_owned();
            return (child, address);
        }
    }
    panic!("the program printed no URL");
}

#[test]
fn says_hello_and_stops() {
    let (mut child, address) = start();
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
