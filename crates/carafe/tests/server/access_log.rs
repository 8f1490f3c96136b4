//! Lines for requests and for failures, as they reach standard error.

use crate::process::Server;

/// A line without the time that the request took, which is its last word.
fn without_time(line: &str) -> &str {
    line.rsplit_once(' ').unwrap().0
}

#[test]
fn a_line_of_text_for_each_request() {
    let mut server = Server::start(&["access_log=text"]);
    let mut client = server.connect();
    let mut check = |path: &str, expected: &str| {
        client.get(path);
        assert_eq!(without_time(&server.wait_for("127.0.0.1 ")), expected);
    };
    check("/", "127.0.0.1 GET / 200 5");
    check("/?a=b", "127.0.0.1 GET /?a=b 200 5");
    check("/stream", "127.0.0.1 GET /stream 200 -");
    check("/nowhere/%1b[31m%0a", "127.0.0.1 GET /nowhere/%1b[31m%0a 404 120");
}

#[test]
fn the_client_that_a_trusted_proxy_names() {
    let line = |settings: &[&str], forwarded: &str| {
        let mut server = Server::start(settings);
        let head = "GET / HTTP/1.1\r\nHost: localhost\r\n";
        server.connect().send(format!("{head}X-Forwarded-For: {forwarded}\r\n\r\n")).reply();
        without_time(&server.wait_for("GET /")).to_owned()
    };
    let trusted = ["access_log=text", "trusted_proxies=loopback"];
    assert_eq!(line(&trusted, "1.1.1.1, 2001:db8::1"), "2001:db8::1 GET / 200 5");
    assert_eq!(line(&trusted, "unknown"), "- GET / 200 5");
    assert_eq!(line(&["access_log=text"], "192.0.2.7"), "127.0.0.1 GET / 200 5");
}

#[test]
fn a_line_of_json_for_each_request() {
    let mut server = Server::start(&["access_log=json"]);
    server.connect().get("/?a=b");
    let mut line: serde_json::Value = serde_json::from_str(&server.wait_for("{")).unwrap();
    assert!(line["time"].as_f64().unwrap() > 1.7e9);
    assert!(line["micros"].is_u64());
    line["time"] = 0.into();
    line["micros"] = 0.into();
    let expected = serde_json::json!({
        "time": 0, "level": "info", "target": "carafe::access", "remote": "127.0.0.1",
        "method": "GET", "path": "/?a=b", "status": 200, "bytes": 5, "micros": 0,
    });
    assert_eq!(line, expected);
    server.connect().get("/failed/disk");
    let line: serde_json::Value = serde_json::from_str(&server.wait_for("error")).unwrap();
    assert_eq!(line["message"], "exception on /failed/disk [GET]: no disk");
    assert_eq!(line["id"].as_str().unwrap().len(), 8);
}

#[test]
fn nothing_but_json_among_lines_of_json() {
    let mut server = Server::start(&["access_log=json"]);
    server.connect().get("/");
    server.signal("TERM");
    let lines = server.wait().1;
    let of_carafe = lines.iter().filter(|line| *line != "the shut-down step ran");
    let messages: Vec<String> = of_carafe
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .map(|line| line["message"].as_str().unwrap_or_default().to_owned())
        .collect();
    let stopping = "SIGTERM: finishing open requests (once more ends them)";
    assert_eq!(messages, ["shop 1.2.3 is running", "", stopping]);
}

#[test]
fn silence_when_it_is_off() {
    let mut server = Server::start(&["access_log=off"]);
    server.connect().get("/");
    server.signal("TERM");
    let lines = server.wait().1;
    assert_eq!(
        lines[7..],
        ["SIGTERM: finishing open requests (once more ends them)", "the shut-down step ran"]
    );
}

#[test]
fn what_a_client_sends_cannot_forge_a_line() {
    let mut server = Server::start(&[]);
    server.connect().get("/failed/x%0aerror:%20forged%1b[31m%00");
    server.signal("TERM");
    let lines = server.wait().1;
    let (first, id) = lines[7].split_once(" id=").unwrap();
    assert_eq!(id.len(), 10, "{id}");
    assert_eq!(first, "error: exception on /failed/x\\nerror: forged\\u{1b}[31m\\0 [GET]: no x");
    assert_eq!(lines[8], "  error: forged\\u{1b}[31m\\0");
}
