//! Websockets at the level of bytes: the handshake, the frames, the refusals.

use crate::process::Server;

const HANDSHAKE: &str = "GET /socket HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

/// A masked frame of text, as clients send it (RFC 6455 section 5.2).
fn frame(text: &str) -> Vec<u8> {
    let mask = [1, 2, 3, 4];
    let mut frame = vec![0x81, 0x80 | text.len() as u8];
    frame.extend(mask);
    frame.extend(text.bytes().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    frame
}

#[test]
fn frames_go_both_ways() {
    let mut server = Server::start(&[]);
    let mut client = server.connect();
    // The first frame comes together with the request.
    client.send([HANDSHAKE.as_bytes(), &frame("first")].concat());
    let reply = client.reply();
    assert_eq!(reply.status, 101);
    assert_eq!(reply.header("connection"), Some("upgrade"));
    assert_eq!(reply.header("upgrade"), Some("websocket"));
    assert_eq!(reply.header("sec-websocket-accept"), Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    assert_eq!(client.bytes(7), b"\x81\x05first");
    for text in ["second", "", "third"] {
        client.send(frame(text));
        let expected = [&[0x81, text.len() as u8], text.as_bytes()].concat();
        assert_eq!(client.bytes(expected.len()), expected);
    }
    client.close();
    server.wait_for("said goodbye");
    assert_eq!(server.connect().get("/").status, 200);
}

#[test]
fn deadlines_of_http_do_not_close_it() {
    let server =
        Server::start(&["header_read_timeout=1", "keep_alive_timeout=1", "body_read_timeout=1"]);
    let mut client = server.connect();
    assert_eq!(client.send(HANDSHAKE).reply().status, 101);
    // Another connection shows that all of these deadlines have passed.
    assert!(server.connect().is_closed());
    let mut idle = server.connect();
    idle.get("/");
    assert!(idle.is_closed());
    client.send(frame("still here"));
    assert_eq!(client.bytes(12), b"\x81\x0astill here");
}

#[test]
fn it_says_goodbye_when_the_server_stops() {
    let mut server = Server::start(&[]);
    let mut client = server.connect();
    assert_eq!(client.send(HANDSHAKE).reply().status, 101);
    server.wait_for("upgraded");
    server.signal("TERM");
    assert_eq!(client.bytes(2), [0x88, 0]);
    assert!(client.is_closed());
    assert_eq!(server.wait().0.code(), Some(0));
}

#[test]
fn it_counts_among_the_connections() {
    let server = Server::start(&["max_connections=1"]);
    let mut client = server.connect();
    assert_eq!(client.send(HANDSHAKE).reply().status, 101);
    let mut second = server.connect();
    second.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    client.send(frame("a"));
    assert_eq!(client.bytes(3), b"\x81\x01a");
    client.close();
    assert_eq!(second.reply().status, 200);
}

#[test]
fn a_wrong_kind_of_request_is_told() {
    let server = Server::start(&[]);
    let check = |request: &str, status: u16, words: &str| {
        let reply = server.connect().send(request).reply();
        assert_eq!(reply.status, status, "{request}");
        assert!(reply.body.contains(words), "{}", reply.body);
    };
    let upgrade = "Connection: upgrade\r\nUpgrade: websocket\r\n";
    let words = "<p>this address is for websockets only</p>";
    check("GET /socket HTTP/1.1\r\nHost: x\r\n\r\n", 400, words);
    let words = "<p>this address is not for websockets</p>";
    check(&format!("GET / HTTP/1.1\r\nHost: x\r\n{upgrade}\r\n"), 400, words);
    let words = "<p>this address speaks `echo` only: the request has to ask for an upgrade</p>";
    check("GET /echo-protocol HTTP/1.1\r\nHost: x\r\n\r\n", 426, words);
    check(
        "GET /echo-protocol HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: other\r\n\r\n",
        426,
        words,
    );
    check("GET /echo-protocol HTTP/1.1\r\nHost: x\r\nUpgrade: echo\r\n\r\n", 426, words);
}

#[test]
fn any_protocol_may_take_over() {
    let server = Server::start(&[]);
    let mut client = server.connect();
    client.send(
        "GET /echo-protocol HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: ECHO\r\n\r\n",
    );
    assert_eq!(client.reply().status, 101);
    assert_eq!(client.send("x").rest(), "x");
}
