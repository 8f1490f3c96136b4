//! Handlers that fail, and clients that leave.

use crate::process::Server;

#[test]
fn a_panic_is_a_500_and_the_connection_lives_on() {
    let mut server = Server::start(&[]);
    let page = "<!doctype html>\n<html lang=en>\n<title>500 Internal Server Error</title>\n\
                <h1>Internal Server Error</h1>\n<p>Something went wrong on the server.</p>\n";
    let mut client = server.connect();
    for (path, words) in [
        ("/panic/async", "on the reactor"),
        ("/panic/plain", "on the pool"),
        ("/panic/after", "after this request"),
    ] {
        let reply = client.get(path);
        // What the visitor can tell us is in the log.
        let line = server.wait_for("error: ");
        let (line, id) = line.split_once(" id=").unwrap();
        let id = id.trim_matches('"');
        let page = format!("{page}<p>Error <code>{id}</code></p>\n");
        assert_eq!((reply.status, reply.body.as_str()), (500, &*page), "{path}");
        assert_eq!(line, format!("error: exception on {path} [GET]: panicked: {words}"));
    }
    assert_eq!(client.get("/").body, "hello");
    assert!(server.is_running());
}

#[test]
fn the_end_of_a_request_comes_also_when_the_client_is_gone() {
    let mut server = Server::start(&[]);
    let mut client = server.connect();
    client.send("GET /gate HTTP/1.1\r\nHost: x\r\n\r\n");
    server.wait_for("waiting at the gate");
    client.close();
    server.wait_for("teardown of /gate");
    assert_eq!(server.connect().get("/").status, 200);
}

#[test]
fn a_client_may_leave_in_the_middle_of_a_body() {
    let server = Server::start(&[]);
    for request in [
        "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf",
        "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nha",
    ] {
        let mut client = server.connect();
        client.send(request);
        client.close();
        assert_eq!(server.connect().get("/").status, 200);
    }
}
