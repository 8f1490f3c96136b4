//! `carafe dap --port`: for this computer only, for whoever has the token only.
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::editor::Editor;

/// A running `carafe dap --port 0`.
struct Server {
    child: Child,
    port: u16,
    token: String,
}

impl Server {
    fn start() -> Server {
        let mut child = Command::new(env!("CARGO_BIN_EXE_carafe"))
            .args(["dap", "--port", "0"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let told: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(told["host"], "127.0.0.1");
        let port = told["port"].as_u64().unwrap().try_into().unwrap();
        Server { child, port, token: told["token"].as_str().unwrap().to_owned() }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A program that prints a line and waits.
fn program(more: Value) -> Value {
    let script = "echo it runs at http://127.0.0.1:1; exec sleep 100";
    let mut launch =
        json!({"program": "/bin/sh", "args": ["-c", script], "cwd": "/", "noDebug": true});
    for (key, value) in more.as_object().unwrap() {
        launch[key] = value.clone();
    }
    launch
}

#[test]
fn only_who_has_the_token_gets_in() {
    let server = Server::start();
    for token in [json!(null), json!(""), json!("0123"), json!("0".repeat(32))] {
        let mut editor = Editor::connect(server.port);
        let launch = editor.send("launch", program(json!({"token": token})));
        assert!(editor.refusal(launch).starts_with("a token is needed"), "{token}");
        assert!(editor.is_cut_off());
    }
    // Nothing else is answered before it.
    let mut editor = Editor::connect(server.port);
    let threads = editor.send("threads", json!({}));
    assert!(editor.refusal(threads).starts_with("a token is needed"));
    assert!(editor.is_cut_off());
}

#[test]
fn a_page_in_a_browser_gets_no_answer() {
    let server = Server::start();
    let body =
        "Content-Length: 52\r\n\r\n{\"seq\":1,\"type\":\"request\",\"command\":\"initialize\"}";
    let requests = [
        format!("POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 77\r\n\r\n{body}"),
        "GET / HTTP/1.1\r\nHost: rebound.example\r\nUpgrade: websocket\r\n\r\n".to_owned(),
        "Content-Length: 65537\r\n\r\n".to_owned(),
    ];
    for request in requests {
        let mut stream = TcpStream::connect(("127.0.0.1", server.port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        // What was not read any more may reset the connection.
        let _ = stream.read_to_end(&mut answer);
        assert!(answer.is_empty(), "{}", String::from_utf8_lossy(&answer));
    }
}

/// Who says nothing, or half of something, keeps nobody else out, and is sent away in the end.
#[test]
fn who_says_nothing_is_sent_away() {
    let server = Server::start();
    let says = ["", "Content-Length: 40\r\n\r\n{\"seq\":1,", "Content-Le"];
    let silent: Vec<TcpStream> = says
        .iter()
        .map(|words| {
            let mut stream = TcpStream::connect(("127.0.0.1", server.port)).unwrap();
            stream.write_all(words.as_bytes()).unwrap();
            stream.set_read_timeout(Some(Duration::from_secs(40))).unwrap();
            stream
        })
        .collect();
    let mut editor = Editor::connect(server.port);
    let attach = editor.send("attach", json!({"token": server.token}));
    assert!(editor.refusal(attach).starts_with("no program runs yet"));
    for mut stream in silent {
        let mut answer = Vec::new();
        // An error is the end as well, but not that it took too long.
        let end = stream.read_to_end(&mut answer);
        let late = end.is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock);
        assert!(!late && answer.is_empty(), "{}", String::from_utf8_lossy(&answer));
    }
}

/// A page can send any body to a port, but no message of the protocol without an HTTP head before it.
#[test]
fn a_launch_in_a_request_of_a_browser_starts_nothing() {
    let server = Server::start();
    let folder = tempfile::tempdir().unwrap();
    let made = folder.path().join("made");
    let message = json!({"seq": 1, "type": "request", "command": "launch", "arguments": {
        "program": "/bin/touch", "args": [made], "cwd": "/", "noDebug": true, "token": server.token,
    }});
    let (message, length) = (message.to_string(), message.to_string().len());
    let framed = format!("Content-Length: {length}\r\n\r\n{message}");
    let origin = "Origin: http://evil.example\r\nSec-Fetch-Site: cross-site";
    for head in ["POST / HTTP/1.1", "PUT /x HTTP/1.1", "OPTIONS * HTTP/1.1"] {
        let request = format!("{head}\r\nHost: 127.0.0.1\r\n{origin}\r\n{framed}");
        let mut stream = TcpStream::connect(("127.0.0.1", server.port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        assert!(answer.is_empty(), "{}", String::from_utf8_lossy(&answer));
    }
    assert!(!made.exists(), "a browser started a program");
}

#[test]
fn others_join_and_the_owner_ends() {
    let server = Server::start();
    let launched = |editor: &mut Editor| {
        let launch = editor.send("launch", program(json!({"token": server.token})));
        editor.wait_for("initialized");
        editor.call("configurationDone", json!({}));
        editor.answer(launch);
        editor.wait_for_output("it runs");
    };
    let mut nothing = Editor::connect(server.port);
    let attach = nothing.send("attach", json!({"token": server.token}));
    assert!(nothing.refusal(attach).starts_with("no program runs yet"));

    let mut owner = Editor::connect(server.port);
    launched(&mut owner);
    let mut second = Editor::connect(server.port);
    let launch = second.send("launch", program(json!({"token": server.token})));
    assert!(second.refusal(launch).starts_with("a program runs already"));

    let mut guest = Editor::connect(server.port);
    guest.call("attach", json!({"token": server.token}));
    guest.wait_for("initialized");
    guest.call("configurationDone", json!({}));
    // A guest that leaves ends nothing; the owner ends all.
    let mut leaving = Editor::connect(server.port);
    leaving.call("attach", json!({"token": server.token}));
    leaving.call("disconnect", json!({}));
    owner.call("restart", json!({}));
    owner.call("disconnect", json!({}));
    guest.wait_for("terminated");

    // The next one finds everything as if nothing had been.
    let mut next = Editor::connect(server.port);
    launched(&mut next);
    next.call("disconnect", json!({}));
}
