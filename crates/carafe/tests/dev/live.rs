//! Live reload: the script in pages, the events that it hears.

use serde_json::json;

use crate::process::client::Client;
use crate::tool::Tool;

const SCRIPT: &str = "<script src=\"/__carafe__/live.js\" defer data-version=";

/// A connection to the stream of events, after its `hello`; and the version that it told.
fn listen(tool: &Tool) -> (Client, String) {
    let mut client = Client::connect(tool.address());
    let host = tool.address();
    client.send(format!("GET /__carafe__/live HTTP/1.1\r\nHost: {host}\r\n\r\n"));
    let head = client.until("\r\n\r\n");
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
    assert!(head.contains("content-type: text/event-stream\r\n"), "{head}");
    let hello = client.until("\n\n");
    let (_, version) = hello.split_once("{\"version\":\"").unwrap();
    let version = version.split('"').next().unwrap().to_owned();
    (client, version)
}

#[test]
fn pages_get_the_script_and_nothing_else_does() {
    let tool = Tool::start();
    let page = tool.browse("/");
    assert!(page.body.starts_with("<!doctype html><html><body><p>page</p><script "), "{page:?}");
    assert!(page.body.contains(SCRIPT) && page.body.ends_with("</script></body></html>"));
    assert_eq!(page.header("content-length").unwrap(), page.body.len().to_string());
    // HEAD tells the same length.
    let head = tool.ask("HEAD", "/", "Accept: text/html\r\n");
    assert_eq!(head.header("content-length").unwrap(), page.body.len().to_string());
    for path in ["/part", "/plain", "/gzip", "/strict"] {
        let reply = tool.browse(path);
        assert!(!reply.body.contains("__carafe__"), "{reply:?}");
        assert_eq!(reply.header("content-length").unwrap(), reply.body.len().to_string());
    }
    // What a script fetches is not shown by itself; and curl asks for no page.
    for headers in [
        "Accept: text/html\r\nSec-Fetch-Dest: empty\r\n",
        "Accept: text/html\r\nHX-Request: true\r\n",
        "Accept: text/html\r\nX-Requested-With: XMLHttpRequest\r\n",
        "Accept: */*\r\n",
    ] {
        assert!(!tool.ask("GET", "/", headers).body.contains("__carafe__"), "{headers}");
    }
    assert!(tool.browse("/nonce").body.contains(" nonce=\"abc\"></script>"));
    let stream = tool.browse("/stream");
    assert!(stream.body.starts_with("<!doctype html><p>a</p><script "), "{stream:?}");
    // A page with the script in it is not the page that the tag is of.
    assert_eq!(tool.browse("/tagged").header("etag"), None);
    assert_eq!(tool.ask("GET", "/tagged", "Accept: */*\r\n").header("etag"), Some("\"1\""));
    // Error pages reload, too.
    assert!(tool.browse("/nowhere").body.contains(SCRIPT));
}

/// A page in a file: its length, its tags and its parts are those of the file, and not of what is sent.
#[test]
fn a_page_in_a_file_gets_the_script_too() {
    let tool = Tool::start_with(|_, root| {
        std::fs::create_dir_all(root.join("static")).unwrap();
        std::fs::write(root.join("static/a.html"), "<!doctype html><p>file</p>").unwrap();
    });
    let page = tool.browse("/static/a.html");
    assert!(page.body.contains(SCRIPT), "{page:?}");
    assert_eq!(page.header("content-length").unwrap(), page.body.len().to_string());
    for name in ["etag", "last-modified", "accept-ranges"] {
        assert_eq!(page.header(name), None, "{page:?}");
    }
    let head = tool.ask("HEAD", "/static/a.html", "Accept: text/html\r\n");
    assert!(
        head.header("content-length").is_none_or(|length| length == page.body.len().to_string())
    );
    let raw = tool.ask("GET", "/static/a.html", "Accept: */*\r\n");
    assert_eq!(raw.body, "<!doctype html><p>file</p>");
    assert!(raw.header("etag").is_some());
    let part = tool.ask("GET", "/static/a.html", "Accept: text/html\r\nRange: bytes=0-3\r\n");
    assert_eq!((part.status, part.body.as_str()), (206, "<!do"));
}

#[test]
fn a_policy_that_forbids_the_script_is_told_once() {
    let mut tool = Tool::start();
    tool.browse("/strict");
    tool.browse("/strict");
    tool.browse("/panic");
    let line = tool.app.wait_for("pages do not reload by themselves");
    assert!(line.contains("`Content-Security-Policy`"), "{line}");
    tool.app.signal("TERM");
    let (_, lines) = tool.app.wait();
    let told = lines.iter().filter(|line| line.contains("do not reload")).count();
    assert_eq!(told, 1, "{lines:#?}");
}

#[test]
fn commands_reach_pages() {
    let mut tool = Tool::start();
    let (mut events, first) = listen(&tool);
    assert!(tool.browse("/").body.contains(&format!("data-version=\"{first}\"")));
    tool.command(&json!({"command": "reload"}));
    let reload = events.until("\n\n");
    assert!(reload.contains("event: reload\n") && !reload.contains(&first), "{reload}");
    // A page that is made now need not reload.
    let (_other, second) = listen(&tool);
    assert_ne!(second, first);
    assert!(tool.browse("/").body.contains(&format!("data-version=\"{second}\"")));
    tool.command(&json!({"command": "css", "path": "/static/x.css"}));
    let css = events.until("\n\n");
    assert!(css.contains("event: css\ndata: {\"path\":\"/static/x.css\",\"version\":"), "{css}");
    let diagnostic = json!({"level": "error", "message": "mismatched types", "rendered": "error: x",
        "file": "src/main.rs", "line": 3, "column": 5});
    tool.command(&json!({"command": "build", "state": "failed", "diagnostics": [diagnostic]}));
    let failed = events.until("\n\n");
    assert!(failed.contains("event: build\n") && failed.contains("mismatched types"), "{failed}");
    // One that comes later learns it, too.
    let (mut later, _) = listen(&tool);
    assert!(later.until("\n\n").contains("\"state\":\"failed\""));
    tool.command(&json!({"command": "build", "state": "ok"}));
    assert!(later.until("\n\n").contains("data: {\"state\":\"ok\"}\n"));
}

#[test]
fn streams_end_when_the_app_drains() {
    let mut tool = Tool::start();
    let (mut events, _) = listen(&tool);
    tool.app.signal("TERM");
    assert!(events.rest().ends_with("0\r\n\r\n"));
    let (status, lines) = tool.app.wait();
    assert!(status.success(), "{lines:?}");
}

#[test]
fn nobody_else_gets_at_it() {
    let tool = Tool::start();
    for path in ["/__carafe__/live", "/__carafe__/live.js"] {
        let ask = |host: &str, headers: &str| {
            let mut client = Client::connect(tool.address());
            client
                .send(format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n{headers}\r\n"))
                .reply()
                .status
        };
        assert_eq!(ask("evil.test", ""), 404, "{path}");
        assert_eq!(ask("localhost", "Origin: http://evil.test\r\n"), 404, "{path}");
        assert_eq!(ask("localhost", "Sec-Fetch-Site: cross-site\r\n"), 404, "{path}");
        assert_eq!(ask("localhost", "X-Forwarded-For: 1.1.1.1\r\n"), 404, "{path}");
    }
    assert_eq!(tool.ask("POST", "/__carafe__/live", "").status, 405);
    assert_eq!(tool.ask("GET", "/__carafe__/other", "").status, 404);
    let script = tool.ask("GET", "/__carafe__/live.js", "");
    assert_eq!(script.header("cache-control"), Some("no-store"));
    assert!(script.body.contains("EventSource"));
}

#[test]
fn without_a_tool_there_is_nothing_of_it() {
    let server = crate::process::Server::start(&["debug=true"]);
    for path in ["/__carafe__/live", "/__carafe__/live.js"] {
        assert_eq!(server.connect().get(path).status, 404);
    }
}
