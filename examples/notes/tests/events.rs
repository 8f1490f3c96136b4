//! What the `carafe` tool is told in development: each request with its queries and their time.

#![cfg(unix)]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::net::UnixListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

struct App(Child);

impl Drop for App {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn queries_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("channel");
    let listener = UnixListener::bind(&socket).unwrap();
    let app = Command::new(env!("CARGO_BIN_EXE_notes"))
        .args(["run", "--host", "127.0.0.1", "--port", "0"])
        .env("CARAFE_DB__URL", format!("sqlite:{}/notes.db", folder.path().display()))
        .env("CARAFE_TOOL_CHANNEL", &socket)
        .current_dir(folder.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let _app = App(app);
    let (channel, _) = listener.accept().unwrap();
    channel.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let mut lines = BufReader::new(channel).lines();
    let mut event = |name: &str| {
        let wanted = format!("\"event\":\"{name}\"");
        lines.by_ref().map(|line| line.unwrap()).find(|line| line.contains(&wanted)).unwrap()
    };
    // The tables were made at the start: it is development.
    let hello = event("hello");
    let address = hello.split("http://").nth(1).unwrap().split(['/', '"']).next().unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let head = format!("GET /notes/7 HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");
    let end = event("end");
    assert!(end.contains("\"kind\":\"query\""), "{end}");
    assert!(end.contains("select id, text, likes from notes where id = ?"), "{end}");
    assert!(end.contains("\"rows\":0") && end.contains("\"took\":"), "{end}");
}
