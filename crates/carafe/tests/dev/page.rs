//! What the development error page says, beside what it should say. `UPDATE_SNAPSHOTS=1 cargo test`
//! writes `snapshots/` anew. Numbers that change have names there.

use std::path::Path;

use serde_json::Value;

use crate::process::client::Reply;
use crate::tool::Tool;

const CURL: &str = "User-Agent: curl/8.0\r\nAccept: */*\r\n";
const BROWSER: &str = "Accept: text/html\r\nAccept-Language: en\r\nSec-Fetch-Dest: document\r\n";

/// Compares with the snapshot of this name.
fn check(name: &str, said: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dev/snapshots").join(name);
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(file, said).unwrap();
        return;
    }
    let expected = std::fs::read_to_string(file).unwrap_or_default();
    assert!(said == expected, "{name} says\n{said}\nand not\n{expected}");
}

/// The page without what changes from run to run.
fn steady(tool: &Tool, page: &str) -> String {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap();
    let workspace = workspace.to_str().unwrap();
    let mut text = page.replace(&tool.address().port().to_string(), "{port}");
    text = text.replace(workspace.trim_start_matches('/'), "{workspace}");
    for (before, after, name) in [
        ("(error ", ")", "{id}"),
        ("error <code>", "</code>", "{id}"),
        ("client: 127.0.0.1:", "\n", "{port}"),
        ("client</th><td>127.0.0.1:", "<", "{port}"),
        ("<ol>\n<li>", "</ol>", "{functions}"),
        ("style=\"left:", "\"", "{time}"),
        ("<td class=took>", "</td>", "{time}"),
        ("data-version=\"", "\"", "{version}"),
    ] {
        text = between(&text, before, after, name);
    }
    text.lines().map(|line| without_count(&without_time(line)) + "\n").collect()
}

/// How many functions the standard library has on the way hangs on the compiler.
fn without_count(line: &str) -> String {
    let Some((before, after)) = line.split_once(" functions of the framework") else {
        return line.to_owned();
    };
    let before = before.trim_end_matches(|c: char| c.is_ascii_digit());
    format!("{before}{{count}} functions of the framework{after}")
}

/// Puts a name wherever something stands between two texts.
fn between(text: &str, before: &str, after: &str, name: &str) -> String {
    let mut parts = text.split(before);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str(before);
        match part.find(after) {
            Some(end) => out.push_str(&format!("{name}{}", &part[end..])),
            None => out.push_str(part),
        }
    }
    out
}

fn without_time(line: &str) -> String {
    match line.split_once(" ms  ") {
        Some((time, rest)) if time.trim().parse::<f64>().is_ok() => format!("  {{time}}  {rest}"),
        _ => line.to_owned(),
    }
}

fn tool() -> Tool {
    Tool::start_at_site(|command| {
        command.env("CARAFE_MAX_CONTENT_LENGTH", "100");
    })
}

fn post(tool: &Tool, path: &str, kind: &str, body: &str) -> Reply {
    let length = body.len();
    let headers = format!("{CURL}Content-Type: {kind}\r\nContent-Length: {length}\r\n\r\n{body}");
    // The head's own end is in it.
    tool.ask("POST", path, headers.strip_suffix("\r\n").unwrap_or(&headers))
}

#[test]
fn as_text() {
    let tool = tool();
    let get = |path: &str| {
        let cookies = "Cookie: session=abc; theme=dark\r\nAuthorization: Basic YTpi\r\n";
        tool.ask("GET", path, &format!("{CURL}{cookies}"))
    };
    let form = "application/x-www-form-urlencoded";
    for (name, reply) in [
        ("panic.txt", get("/panic?token=hunter2&page=1")),
        ("error.txt", get("/io")),
        ("template.txt", get("/broken-template")),
        ("404.txt", get("/usrs/7")),
        ("404_by_handler.txt", get("/item/7")),
        ("405.txt", post(&tool, "/users/7", form, "")),
        ("400.txt", post(&tool, "/form", form, "name=Ann&stars=many&password=hunter2")),
        ("413.txt", post(&tool, "/echo", "text/plain", &"x".repeat(101))),
        ("415.txt", post(&tool, "/json", form, "name=Ann")),
    ] {
        assert_eq!(reply.header("content-type"), Some("text/plain; charset=utf-8"));
        assert!(!reply.body.contains("hunter2") && !reply.body.contains("YTpi"), "{}", reply.body);
        check(name, &steady(&tool, &reply.body));
    }
}

#[test]
fn as_html() {
    let tool = tool();
    for (name, path) in
        [("panic.html", "/panic"), ("404.html", "/usrs/7"), ("template.html", "/broken-template")]
    {
        let page = tool.ask("GET", path, BROWSER);
        assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
        assert_eq!(page.header("cache-control"), Some("no-store"));
        assert!(page.header("content-security-policy").unwrap().contains("default-src 'none'"));
        // The styles are a file of their own.
        let (head, rest) = page.body.split_once("<style>").unwrap();
        let (_, body) = rest.split_once("</style>").unwrap();
        check(name, &steady(&tool, &format!("{head}{body}")));
    }
    let korean = Tool::start_at_site(|command| {
        command.env("CARAFE_LANG", "ko");
    });
    let page = korean.ask("GET", "/usrs/7", BROWSER).body;
    assert!(page.contains("<html lang=ko>") && page.contains("<h2>이유</h2>"), "{page}");
}

#[test]
fn as_json() {
    let tool = tool();
    let reply = tool.ask("GET", "/io", "Accept: application/json\r\n");
    assert_eq!(reply.header("content-type"), Some("application/json"));
    let page: Value = serde_json::from_str(&reply.body).unwrap();
    let error = &page["error"];
    assert_eq!((&error["status"], &error["title"]), (&500.into(), &"Internal Server Error".into()));
    assert_eq!(error["type"], "std::io::error::Error");
    assert_eq!(error["description"], "No such file or directory (os error 2)");
    let frames = error["frames"].as_array().unwrap();
    let own = frames.iter().find(|frame| frame["function"].is_string()).unwrap();
    assert_eq!(own["function"], "test_apps::developed::io");
    assert!(own["source"].as_array().unwrap().iter().any(|line| line[0] == own["line"]), "{own}");
    assert_eq!(error["ran"][0]["name"], "before_request load_user");
    let page: Value =
        serde_json::from_str(&tool.ask("GET", "/usrs/7", "Accept: application/json\r\n").body)
            .unwrap();
    let tried = &page["error"]["rules"]["tried"];
    assert!(
        tried.as_array().unwrap().iter().any(|tried| tried["rule"] == "GET /users/<int:id>"),
        "{tried}"
    );
}

#[test]
fn strangers_see_the_plain_page() {
    let tool = tool();
    for headers in ["X-Forwarded-For: 1.1.1.1\r\n", "Forwarded: for=1.1.1.1\r\n"] {
        let page = tool.ask("GET", "/panic", &format!("{BROWSER}{headers}")).body;
        assert!(!page.contains("stop here") && !page.contains("developed"), "{page}");
        assert!(page.contains("<p>Error <code>"), "{page}");
    }
    // A page of another site may ask, and where the app's CORS lets it also read.
    let page = tool.ask("GET", "/panic", "Accept: */*\r\nOrigin: http://evil.test\r\n").body;
    assert!(!page.contains("stop here"), "{page}");
    // DNS rebinding: the address is ours, the name is not.
    let mut client = crate::process::client::Client::connect(tool.address());
    let page =
        client.send(format!("GET /panic HTTP/1.1\r\nHost: evil.test\r\n{BROWSER}\r\n")).reply();
    assert!(page.status == 500 && !page.body.contains("stop here"), "{page:?}");
}

#[test]
fn the_tool_learns_of_the_error() {
    let tool = tool();
    let id = |page: &str| page.split("(error ").nth(1).unwrap()[..8].to_owned();
    let page = tool.ask("GET", "/io", CURL).body;
    let end = tool.event("end");
    let error = &end["error"];
    assert_eq!(error["type"], "std::io::error::Error");
    assert_eq!(error["message"], "No such file or directory (os error 2)");
    assert_eq!(error["id"], id(&page));
    assert!(error["file"].as_str().unwrap().ends_with("tests/apps/developed.rs"), "{error}");
    assert!(error["line"].as_u64().unwrap() > 10, "{error}");
    // Without a page of the tool there is no ticket.
    assert_eq!(end["ticket"], Value::Null);
    tool.ask("GET", "/panic", CURL);
    let error = tool.event("end")["error"].clone();
    assert_eq!((&error["type"], &error["message"]), (&"panic".into(), &"stop here".into()));
    // What the client is to blame for is no error of the app's.
    tool.ask("GET", "/item/7", CURL);
    assert_eq!(tool.event("end")["error"], Value::Null);
}
