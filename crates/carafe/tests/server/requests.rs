//! HTTP/1 as clients speak it, well and badly.

use crate::process::Server;
use crate::process::client::Reply;

fn post(path: &str, body: &str) -> String {
    let length = body.len();
    format!("POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n{body}")
}

#[test]
fn a_connection_serves_many_requests() {
    let server = Server::start(&[]);
    let mut client = server.connect();
    for _ in 0..3 {
        let reply = client.get("/");
        assert_eq!((reply.status, reply.body.as_str()), (200, "hello"));
        assert_eq!(reply.header("content-length"), Some("5"));
        assert_eq!(reply.header("content-type"), Some("text/html; charset=utf-8"));
        assert!(reply.header("date").is_some());
    }
    let reply = client.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").reply();
    assert_eq!((reply.status, reply.header("connection")), (200, Some("close")));
    assert!(client.is_closed());
}

#[test]
fn requests_may_be_sent_ahead() {
    let server = Server::start(&[]);
    let mut client = server.connect();
    let get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    client.send([get, &post("/echo", "one"), get, &post("/echo", "two")].concat());
    let bodies: Vec<String> = (0..4).map(|_| client.reply().body).collect();
    assert_eq!(bodies, ["hello", "one", "hello", "two"]);
}

/// What follows a request must not hold its answer back.
#[test]
fn an_answer_does_not_wait_for_the_next_request() {
    let server = Server::start(&[]);
    let get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    let waiting = "GET /gate HTTP/1.1\r\nHost: x\r\n\r\n";
    for rest in ["\r\n", "GET / HT", "nonsense\r\n\r\n", waiting] {
        assert_eq!(server.connect().send([get, rest].concat()).reply().body, "hello", "{rest:?}");
    }
    // Old clients end a body with a line break that is not a part of it.
    let mut client = server.connect();
    assert_eq!(client.send(post("/echo", "a") + "\r\n").reply().body, "a");
    assert_eq!(client.get("/").body, "hello");
}

#[test]
fn answers_to_requests_sent_ahead_leave_together() {
    let server = Server::start(&[]);
    let mut client = server.connect();
    let ahead = "GET / HTTP/1.1\r\nHost: x\r\n\r\n".repeat(16);
    for rest in ["", "GET / HT"] {
        let answers = client.send(ahead.clone() + rest).once();
        assert_eq!(answers.matches("HTTP/1.1 200 OK\r\n").count(), 16, "{answers}");
        assert!(answers.ends_with("hello"), "{answers}");
    }
    // A client that ends in the middle of a request gets the answers to those before it.
    let answers = server.connect().send(ahead + "GET / HT").finish().rest();
    assert_eq!(answers.matches("hello").count(), 16, "{answers}");
}

/// Small answers are gathered, large ones are not; none overtakes another.
#[test]
fn answers_of_all_sizes_keep_their_order() {
    let server = Server::start(&[]);
    let mut client = server.connect();
    let sizes = [0, 1, 9_000, 16_383, 16_384, 2, 16_385, 40_000, 65_535, 3, 65_536, 65_537, 4];
    let bodies = sizes.map(|size| size.to_string().repeat(size)[..size].to_owned());
    client.send(bodies.iter().map(|body| post("/echo", body)).collect::<String>());
    for body in &bodies {
        assert!(client.reply().body == *body, "{} bytes", body.len());
    }
    // More than the socket takes at a time, between two that it does.
    let get = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n");
    client.send([get("/"), get("/large"), get("/")].concat());
    let lengths = [(); 3].map(|()| client.reply().body.len());
    assert_eq!(lengths, [5, 64 << 20, 5]);
}

#[test]
fn http_1_0_closes_unless_asked() {
    let server = Server::start(&[]);
    let mut client = server.connect();
    let reply = client.send("GET / HTTP/1.0\r\n\r\n").reply();
    assert_eq!((reply.status, reply.body.as_str()), (200, "hello"));
    assert!(client.is_closed());

    let mut client = server.connect();
    for _ in 0..2 {
        let reply = client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").reply();
        assert_eq!((reply.status, reply.header("connection")), (200, Some("keep-alive")));
    }

    // HTTP/1.0 has no chunks: a stream ends with the connection.
    let reply = server.connect().send("GET /stream HTTP/1.0\r\n\r\n").reply();
    assert_eq!((reply.body.as_str(), reply.header("transfer-encoding")), ("one two three", None));
}

#[test]
fn bodies_come_in_chunks() {
    let server = Server::start(&[]);
    let mut client = server.connect();
    let head = "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    client.send(head).send("3\r\none\r\n").send("4;name=value\r\n two\r\n").send("0\r\n\r\n");
    assert_eq!(client.reply().body, "one two");
    // With trailers, and then the connection goes on.
    client.send(head).send("1\r\nx\r\n0\r\nTrailer: value\r\n\r\n");
    assert_eq!(client.reply().body, "x");
    assert_eq!(client.get("/").status, 200);

    let reply = client.get("/stream");
    assert_eq!(reply.header("transfer-encoding"), Some("chunked"));
    assert_eq!((reply.header("content-length"), reply.body.as_str()), (None, "one two three"));
}

#[test]
fn a_client_may_ask_before_it_sends_a_body() {
    let server = Server::start(&["max_content_length=1000"]);
    let head = |length: u32| {
        format!(
            "POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: {length}\r\n\r\n"
        )
    };
    let mut client = server.connect();
    assert_eq!(client.send(head(3)).reply().status, 100);
    assert_eq!(client.send("abc").reply().body, "abc");
    // The refusal comes at once, in place of "100 Continue".
    assert_eq!(server.connect().send(head(1001)).reply().status, 413);
}

#[test]
fn head_has_the_headers_of_get_and_no_body() {
    let server = Server::start(&[]);
    let mut client = server.connect();
    let head = |path: &str| format!("HEAD {path} HTTP/1.1\r\nHost: x\r\n\r\n");
    let reply = client.send(head("/")).reply_to("HEAD");
    assert_eq!((reply.status, reply.header("content-length")), (200, Some("5")));
    let reply = client.send(head("/stream")).reply_to("HEAD");
    assert_eq!((reply.status, reply.header("content-length")), (200, None));
    let reply = client.send(head("/nowhere")).reply_to("HEAD");
    assert_eq!(reply.status, 404);
    assert_eq!(client.get("/").body, "hello");
}

#[test]
fn a_body_that_nobody_reads_does_not_stand_in_the_way() {
    let server = Server::start(&[]);
    let mut client = server.connect();
    assert_eq!(client.send(post("/unread", "small")).reply().body, "not read");
    assert_eq!(client.get("/").body, "hello");
    // A large one is not waited for; the answer comes all the same.
    let head = "POST /unread HTTP/1.1\r\nHost: x\r\nContent-Length: 10000000\r\n\r\n";
    assert_eq!(server.connect().send(head).reply().body, "not read");
}

#[test]
fn what_is_not_http_is_refused() {
    let server = Server::start(&[]);
    let check = |request: &str, status: u16| {
        let mut client = server.connect();
        let reply = client.send(request).reply();
        assert_eq!(reply.status, status, "{request:?}");
        assert!(client.is_closed(), "{request:?}");
    };
    check("nonsense\r\n\r\n", 400);
    check("GET / HTTP/1.1 extra\r\nHost: x\r\n\r\n", 400);
    check("GET / HTTP/9.9\r\nHost: x\r\n\r\n", 400);
    check("GET /a b HTTP/1.1\r\nHost: x\r\n\r\n", 400);
    check("G\u{7f}T / HTTP/1.1\r\nHost: x\r\n\r\n", 400);
    check("GET / HTTP/1.1\r\nHost: x\r\nA b: c\r\n\r\n", 400);
    check("GET / HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n", 400);
    check("GET / HTTP/1.1\r\nHost: x\r\n folded: y\r\n\r\n", 400);
    check("GET / HTTP/1.1\r\nHost: x\r\nA: b\0c\r\n\r\n", 400);
    check("\x16\x03\x01\x02\x00\x01\x00\x01\r\n\r\n", 400);
}

#[test]
fn a_host_is_named_once() {
    let server = Server::start(&[]);
    let check = |head: &str, expected: Option<&str>| {
        let reply: Reply = server.connect().send(head).reply();
        let words = "an HTTP/1.1 request needs exactly one `Host` header\n";
        match expected {
            Some(body) => assert_eq!((reply.status, reply.body.as_str()), (200, body), "{head:?}"),
            None => assert_eq!((reply.status, reply.body.as_str()), (400, words), "{head:?}"),
        }
    };
    check("GET /host HTTP/1.1\r\nHost: a.example\r\n\r\n", Some("a.example HTTP/1.1"));
    check("GET /host HTTP/1.1\r\nHost: a.example:80\r\n\r\n", Some("a.example HTTP/1.1"));
    check(
        "GET http://b.example/host HTTP/1.1\r\nHost: a.example\r\n\r\n",
        Some("b.example HTTP/1.1"),
    );
    check("GET /host HTTP/1.0\r\nHost: a.example\r\n\r\n", Some("a.example HTTP/1.0"));
    check("GET /host HTTP/1.0\r\n\r\n", Some(" HTTP/1.0"));
    check("GET /host HTTP/1.1\r\n\r\n", None);
    check("GET /host HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", None);
    check("GET /host HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", None);
}

/// RFC 9112 section 6.3: nobody may disagree with a proxy about where a request ends.
#[test]
fn no_request_hides_inside_another() {
    let server = Server::start(&[]);
    let refused = |headers: &str| {
        let mut client = server.connect();
        let hidden = "GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n";
        client
            .send(format!("POST /echo HTTP/1.1\r\nHost: x\r\n{headers}\r\n\r\n0\r\n\r\n{hidden}"));
        assert_eq!(client.reply().status, 400, "{headers}");
        assert!(client.is_closed(), "{headers}");
    };
    refused("Content-Length: 5\r\nContent-Length: 6");
    refused("Content-Length: 5, 6");
    refused("Content-Length: +5");
    refused("Content-Length: -1");
    refused("Content-Length: 0x5");
    refused("Content-Length: 99999999999999999999");
    refused("Content-Length : 5");
    refused("Transfer-Encoding: xchunked");
    refused("Transfer-Encoding: chunked, gzip");
    refused("Transfer-Encoding : chunked");
    refused("Transfer-Encoding:\x0bchunked");

    // With both, the chunks count, and what follows is never taken for a request.
    for headers in [
        "Content-Length: 40\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 3",
    ] {
        let mut client = server.connect();
        let hidden = "GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n";
        client
            .send(format!("POST /echo HTTP/1.1\r\nHost: x\r\n{headers}\r\n\r\n0\r\n\r\n{hidden}"));
        let reply = client.reply();
        assert_eq!((reply.status, reply.header("connection")), (200, Some("close")), "{headers}");
        assert!(client.is_closed(), "{headers}");
    }
    let old = "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    assert_eq!(server.connect().send(old).reply().status, 400);

    // A chunk's size is hexadecimal and fits; nothing else ends a chunk but CR LF.
    for chunks in
        ["+3\r\nabc\r\n0\r\n\r\n", "3\r\nabcd\r\n0\r\n\r\n", "fffffffffffffffff\r\nabc", "x\r\n"]
    {
        let head = "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
        let mut client = server.connect();
        let reply = client.send(head).send(chunks).reply();
        assert_eq!(reply.status, 400, "{chunks:?}");
        assert!(client.is_closed(), "{chunks:?}");
    }
}
