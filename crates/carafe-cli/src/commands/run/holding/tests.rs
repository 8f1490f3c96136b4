//! The holding page over sockets, as browsers and other clients meet it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;

use super::*;

fn held(state: State) -> (Holding, TcpListener) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let socket = OwnedFd::from(listener.try_clone().unwrap());
    (Holding::start("shop", vec![socket], state).unwrap(), listener)
}

fn failed() -> State {
    let diagnostic = Diagnostic {
        level: "error".to_owned(),
        message: "mismatched".to_owned(),
        rendered: "\u{1b}[31merror\u{1b}[0m: a < b\n".to_owned(),
        place: Some(("/w/src/main.rs".to_owned(), 7, 5)),
    };
    let why = "shop does not compile".to_owned();
    State::Failed { why, diagnostics: vec![diagnostic], last: vec!["last words".to_owned()] }
}

fn send(listener: &TcpListener, request: &str) -> TcpStream {
    let mut stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    stream
}

fn ask(listener: &TcpListener, request: &str) -> String {
    let mut answer = String::new();
    send(listener, request).read_to_string(&mut answer).unwrap();
    answer
}

const BROWSER: &str = "GET / HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\n\r\n";
const CLIENT: &str = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

#[test]
fn a_browser_gets_the_page() {
    let (holding, listener) = held(State::Building(3, 9));
    let answer = ask(&listener, BROWSER);
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    assert!(answer.contains("<progress id=\"bar\" value=\"3\" max=\"9\">"), "{answer}");
    holding.set(failed());
    let answer = ask(&listener, BROWSER);
    assert!(answer.starts_with("HTTP/1.1 500 "), "{answer}");
    assert!(answer.contains("<pre>error: a &lt; b\n</pre>"), "{answer}");
    assert!(answer.contains("<a href=\"vscode://file/w/src/main.rs:7:5\">"), "{answer}");
    assert!(answer.contains("last words"), "{answer}");
    let head = ask(&listener, &BROWSER.replace("GET", "HEAD"));
    assert!(head.starts_with("HTTP/1.1 500 ") && head.ends_with("\r\n\r\n"), "{head}");
}

#[test]
fn a_program_is_told_why() {
    let (_holding, listener) = held(failed());
    let answer = ask(&listener, CLIENT);
    let expected = "\r\n\r\nshop does not compile\n\nerror: a < b\n\nlast words\n";
    assert!(answer.ends_with(expected), "{answer}");
}

#[test]
fn a_rebound_name_sees_no_details() {
    let (_holding, listener) = held(failed());
    for request in [BROWSER, CLIENT] {
        let answer = ask(&listener, &request.replace("localhost", "evil.example"));
        assert!(answer.starts_with("HTTP/1.1 500 "), "{answer}");
        assert!(!answer.contains("a < b") && !answer.contains("a &lt; b"), "{answer}");
    }
    let live = "GET /__carafe__/live HTTP/1.1\r\nHost: evil.example\r\n\r\n";
    assert!(ask(&listener, live).starts_with("HTTP/1.1 404 "));
}

#[test]
fn others_wait_for_the_app() {
    let (holding, listener) = held(State::Building(0, 0));
    let request =
        "POST /x HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\nContent-Length: 4\r\n\r\nbo";
    let mut waiting = send(&listener, request);
    // Connections are taken in order: when this one has its page, that one has been taken.
    assert!(ask(&listener, BROWSER).starts_with("HTTP/1.1 503 "));
    drop(holding);
    waiting.write_all(b"dy").unwrap();
    listener.set_nonblocking(false).unwrap();
    let (mut app, _) = listener.accept().unwrap();
    let mut received = vec![0; request.len() + 2];
    app.read_exact(&mut received).unwrap();
    assert_eq!(String::from_utf8(received).unwrap(), format!("{request}dy"));
    app.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").unwrap();
    drop(app);
    let mut answer = String::new();
    waiting.read_to_string(&mut answer).unwrap();
    assert_eq!(answer, "HTTP/1.1 204 No Content\r\n\r\n");
}

#[test]
fn events_follow_the_build() {
    let (holding, listener) = held(State::Building(1, 2));
    let stream = send(&listener, "GET /__carafe__/live HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    let mut lines = BufReader::new(stream).lines().map(Result::unwrap);
    let mut next = || lines.find(|line| line.starts_with("event") || line.starts_with("data"));
    assert_eq!(next().unwrap(), "event: build");
    assert_eq!(next().unwrap(), r#"data: {"all":2,"done":1,"state":"building"}"#);
    holding.set(failed());
    assert_eq!(next().unwrap(), "event: build");
    assert!(next().unwrap().contains(r#""rendered":"error: a < b\n""#));
    drop(holding);
    assert_eq!(next().unwrap(), "event: reload");
}

#[test]
fn whoever_sends_nothing_or_too_much_is_left() {
    let (_holding, listener) = held(failed());
    drop(TcpStream::connect(listener.local_addr().unwrap()).unwrap());
    let long = format!("GET / HTTP/1.1\r\nX: {}\r\n\r\n", "x".repeat(70 << 10));
    let mut stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    // It may be closed before all of it was written.
    let _ = stream.write_all(long.as_bytes());
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    assert!(!answer.starts_with(b"HTTP/1.1 200"));
    assert!(ask(&listener, CLIENT).starts_with("HTTP/1.1 500 "));
}
