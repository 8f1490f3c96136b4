//! What comes from outside meets a cap.

use crate::process::Server;
use crate::process::client::Client;

/// A GET whose head has exactly this many bytes.
fn head_of(bytes: usize) -> String {
    let (start, end) = ("GET / HTTP/1.1\r\nHost: x\r\nX-Long: ", "\r\n\r\n");
    format!("{start}{}{end}", "y".repeat(bytes - start.len() - end.len()))
}

/// A GET with this many headers.
fn with_headers(count: usize) -> String {
    let more: String = (1..count).map(|i| format!("x-{i}: y\r\n")).collect();
    format!("GET / HTTP/1.1\r\nHost: x\r\n{more}\r\n")
}

fn status(mut client: Client, request: String) -> u16 {
    client.send(request).reply().status
}

#[test]
fn heads_have_a_cap() {
    let server = Server::start(&["max_header_size=16 KiB"]);
    assert_eq!(status(server.connect(), head_of(16 * 1024)), 200);
    // What a socket gives at once is taken before it is counted: at most 16 KiB more.
    assert_eq!(status(server.connect(), head_of(32 * 1024 + 1)), 431);
    // The same is true of a URL.
    let path = "y".repeat(15 * 1024);
    assert_eq!(status(server.connect(), format!("GET /{path} HTTP/1.1\r\nHost: x\r\n\r\n")), 404);
    let path = "y".repeat(33 * 1024);
    assert_eq!(status(server.connect(), format!("GET /{path} HTTP/1.1\r\nHost: x\r\n\r\n")), 431);
}

#[test]
fn headers_are_counted() {
    let server = Server::start(&["max_headers=20"]);
    assert_eq!(status(server.connect(), with_headers(20)), 200);
    assert_eq!(status(server.connect(), with_headers(21)), 431);
}

#[test]
fn a_url_has_a_cap_of_its_own() {
    let server = Server::start(&["max_header_size=1 MiB"]);
    let path = "y".repeat(70_000);
    assert_eq!(status(server.connect(), format!("GET /{path} HTTP/1.1\r\nHost: x\r\n\r\n")), 414);
}

#[test]
fn bodies_have_a_cap() {
    let server = Server::start(&["max_content_length=1000"]);
    let announced = |length: usize| {
        let body = "y".repeat(length);
        format!("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n{body}")
    };
    assert_eq!(status(server.connect(), announced(1000)), 200);
    let reply = server.connect().send(announced(1001)).reply();
    assert_eq!(reply.status, 413);
    assert_eq!(
        reply.body,
        "<!doctype html>\n<html lang=en>\n<title>413 Request Entity Too Large</title>\n<h1>Request Entity Too Large</h1>\n\
         <p>the body is larger than `max_content_length` of 1000 bytes</p>\n"
    );
    let chunked = |length: usize| {
        let head = "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
        let chunks = "1\r\ny\r\n".repeat(length);
        format!("{head}{chunks}0\r\n\r\n")
    };
    assert_eq!(status(server.connect(), chunked(1000)), 200);
    assert_eq!(status(server.connect(), chunked(1001)), 413);
}

#[test]
fn a_refusal_reaches_a_client_that_goes_on_sending() {
    let server = Server::start(&["max_content_length=1000"]);
    let mut client = server.connect();
    client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n");
    assert_eq!(client.send("y".repeat(100_000)).reply().status, 413);
}

#[test]
fn connections_above_the_cap_wait() {
    let server = Server::start(&["max_connections=1", "workers=2"]);
    let mut first = server.connect();
    assert_eq!(first.get("/").status, 200);
    let mut second = server.connect();
    second.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_eq!(first.get("/").status, 200);
    first.close();
    assert_eq!(second.reply().status, 200);
}

#[test]
fn two_workers_share_the_port() {
    let server = Server::start(&["workers=2"]);
    let mut seen = std::collections::BTreeSet::new();
    // Which worker takes a connection is the system's choice; each gets some of many.
    for _ in 0..2000 {
        seen.insert(server.connect().get("/thread").body);
        if seen.len() == 2 {
            break;
        }
    }
    let seen: Vec<String> = seen.into_iter().collect();
    assert_eq!(seen, ["carafe-0", "carafe-1"]);
}

#[test]
fn one_place_is_enough_for_several_addresses() {
    let server = Server::start(&["max_connections=1", "workers=2", "host=127.0.0.1,127.0.0.2"]);
    let other = std::net::SocketAddr::from(([127, 0, 0, 2], server.address.port()));
    for address in [server.address, other, server.address, other] {
        let mut client = Client::connect(address);
        assert_eq!(client.get("/").status, 200);
        client.close();
    }
}
