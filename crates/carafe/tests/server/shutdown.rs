//! Ending well: what is open is finished, what is new is refused.

use std::net::TcpStream;

use crate::process::Server;

fn serves_to_the_end(signal: &str, words: &str) {
    let mut server = Server::start(&["workers=2"]);
    let mut open = server.connect();
    open.send("GET /gate HTTP/1.1\r\nHost: x\r\n\r\n");
    server.wait_for("waiting at the gate");
    let mut idle = server.connect();
    assert_eq!(idle.get("/").status, 200);
    // This one is in the middle of a request, so it is still served.
    let mut opener = server.connect();
    opener.send(
        "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n",
    );
    assert_eq!(opener.reply().status, 100);
    server.signal(signal);
    let line = server.wait_for("finishing");
    assert_eq!(line, format!("{words}: finishing open requests (once more ends them)"));
    assert!(idle.is_closed());
    assert!(refuses(&server), "new connections are still taken");
    assert_eq!(opener.send("x").reply().body, "x");
    assert!(server.is_running());
    open.close();
    let (status, lines) = server.wait();
    assert_eq!(status.code(), Some(0));
    assert_eq!(lines.last().map(String::as_str), Some("the shut-down step ran"));
}

/// Whether the server stops taking connections before long.
fn refuses(server: &Server) -> bool {
    (0..500).any(|_| match TcpStream::connect(server.address) {
        Err(_) => true,
        Ok(_) => {
            std::thread::yield_now();
            false
        }
    })
}

#[test]
fn sigterm_lets_open_requests_finish() {
    serves_to_the_end("TERM", "SIGTERM");
}

#[test]
fn ctrl_c_lets_open_requests_finish() {
    serves_to_the_end("INT", "Ctrl+C");
}

#[test]
fn an_open_request_gets_its_answer() {
    // One worker tells all of its connections at once, two do not.
    let mut server = Server::start(&["workers=1"]);
    let mut waiting = server.connect();
    waiting.send("GET /gate HTTP/1.1\r\nHost: x\r\n\r\n");
    server.wait_for("waiting at the gate");
    // It opens the gate once it has its body, which comes after the signal.
    let mut opener = server.connect();
    opener.send(
        "POST /open HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n",
    );
    assert_eq!(opener.reply().status, 100);
    let mut idle = server.connect();
    assert_eq!(idle.get("/").status, 200);
    server.signal("TERM");
    assert!(idle.is_closed());
    let reply = opener.send("x").reply();
    assert_eq!((reply.body.as_str(), reply.header("connection")), ("open", Some("close")));
    let reply = waiting.reply();
    assert_eq!((reply.status, reply.body.as_str()), (200, "through the gate"));
    assert_eq!(reply.header("connection"), Some("close"));
    assert!(waiting.is_closed());
    assert_eq!(server.wait().0.code(), Some(0));
}

#[test]
fn the_end_does_not_wait_for_ever() {
    let mut server = Server::start(&["shutdown_timeout=1"]);
    let mut open = server.connect();
    open.send("GET /gate HTTP/1.1\r\nHost: x\r\n\r\n");
    server.wait_for("waiting at the gate");
    server.signal("TERM");
    let (status, lines) = server.wait();
    assert_eq!(status.code(), Some(0));
    let expected = [
        "SIGTERM: finishing open requests (once more ends them)",
        "warning: requests were cut off: the shutdown timeout is over",
        "teardown of /gate",
        "the shut-down step ran",
    ];
    assert_eq!(lines[lines.len() - 4..], expected);
    assert!(open.is_closed());
}

#[test]
fn a_second_signal_ends_at_once() {
    let mut server = Server::start(&[]);
    let mut open = server.connect();
    open.send("GET /gate HTTP/1.1\r\nHost: x\r\n\r\n");
    server.wait_for("waiting at the gate");
    server.signal("INT");
    server.wait_for("finishing");
    server.signal("INT");
    server.wait_for("stopped at once");
    assert_eq!(server.wait().0.code(), Some(0));
}
