//! What comes from outside meets a deadline. Deadlines are whole seconds, looked at once a second.

use crate::process::Server;

#[test]
fn a_head_has_to_arrive_in_time() {
    let server = Server::start(&["header_read_timeout=1"]);
    let mut silent = server.connect();
    let mut slow = server.connect();
    slow.send("GET / HTTP/1.1\r\nHo");
    let mut late = server.connect();
    assert_eq!(late.get("/").status, 200);
    late.send("GET / HT");
    assert!(silent.is_closed());
    assert!(slow.is_closed());
    assert!(late.is_closed());
    assert_eq!(server.connect().get("/").status, 200);
}

#[test]
fn an_idle_connection_is_closed() {
    let server = Server::start(&["keep_alive_timeout=1"]);
    let mut client = server.connect();
    assert_eq!(client.get("/").status, 200);
    assert!(client.is_closed());
}

#[test]
fn no_connection_is_kept_where_none_may_be_idle() {
    let server = Server::start(&["keep_alive_timeout=0"]);
    let mut client = server.connect();
    assert_eq!(client.get("/").header("connection"), Some("close"));
    assert!(client.is_closed());
}

#[test]
fn a_body_has_to_go_on() {
    let server = Server::start(&["body_read_timeout=1"]);
    let mut client = server.connect();
    client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf");
    let reply = client.reply();
    assert_eq!(reply.status, 408);
    assert_eq!(
        reply.body,
        "<!doctype html>\n<html lang=en>\n<title>408 Request Timeout</title>\n<h1>Request Timeout</h1>\n\
         <p>nothing of the body came for longer than `body_read_timeout`</p>\n"
    );
    assert!(client.is_closed());
    assert_eq!(server.connect().get("/").status, 200);
}

#[test]
fn a_client_has_to_read() {
    let mut server = Server::start(&["body_read_timeout=1", "access_log=text"]);
    for path in ["/large", "/endless"] {
        let mut client = server.connect();
        client.send(format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n"));
        server.wait_for(path);
        // Nothing is read until the server has given up; then the rest is not there.
        let mut idle = server.connect();
        idle.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n");
        assert_eq!(idle.reply().status, 408);
        let mut idle = server.connect();
        idle.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n");
        assert_eq!(idle.reply().status, 408);
        assert!(client.rest().len() < 64 << 20, "{path}");
    }
}

#[test]
fn a_request_may_have_a_deadline() {
    let mut server = Server::start(&["request_timeout=1"]);
    let mut client = server.connect();
    let reply = client.get("/gate");
    assert_eq!(reply.status, 503);
    assert_eq!(
        reply.body,
        "<!doctype html>\n<html lang=en>\n<title>503 Service Unavailable</title>\n<h1>Service Unavailable</h1>\n\
         <p>the answer took too long</p>\n"
    );
    server.wait_for("teardown of /gate");
    assert_eq!(client.get("/").status, 200);
}
