//! What the app tells the tool.

use serde_json::{Value, json};

use crate::process::{PATIENCE, command};
use crate::tool::{Tool, events, listen};

fn names<'a>(event: &'a Value, kind: &str) -> Vec<&'a str> {
    let spans = event["spans"].as_array().unwrap().iter();
    spans.filter(|span| span["kind"] == kind).map(|span| span["name"].as_str().unwrap()).collect()
}

fn detail<'a>(event: &'a Value, kind: &str) -> &'a Value {
    let spans = event["spans"].as_array().unwrap();
    &spans.iter().find(|span| span["kind"] == kind).unwrap()["detail"]
}

#[test]
fn says_hello_once_it_listens() {
    let tool = Tool::start();
    let hello = tool.event("hello");
    assert_eq!((&hello["version"], &hello["app"]), (&json!(1), &json!("shop")));
    assert_eq!(hello["pid"], tool.app.pid());
    assert_eq!(hello["urls"], json!([format!("http://{}/", tool.address())]));
    let routes = hello["routes"].as_array().unwrap();
    let user = routes.iter().find(|route| route["endpoint"] == "user").unwrap();
    assert_eq!((&user["rule"], &user["methods"][0]), (&json!("/users/<int:id>"), &json!("GET")));
    assert!(user["file"].as_str().unwrap().ends_with("tests/apps/developed.rs"), "{user}");
    assert!(user["line"].as_u64().unwrap() > 10, "{user}");
}

#[test]
fn tells_of_a_request_with_what_happened_meanwhile() {
    let tool = Tool::start();
    assert_eq!(tool.ask("GET", "/users/7?x=1", "X-A: b\r\n").body, "<p>Ann</p>");
    let begin = tool.event("begin");
    assert_eq!((&begin["method"], &begin["target"]), (&json!("GET"), &json!("/users/7?x=1")));
    assert_eq!(begin["host"], tool.address().to_string());
    assert!(begin["remote"].as_str().unwrap().starts_with("127.0.0.1:"), "{begin}");
    assert!(begin["headers"].as_array().unwrap().contains(&json!(["x-a", "b"])), "{begin}");
    assert!(begin["at"].as_f64().unwrap() > 1e12, "{begin}");
    let end = tool.event("end");
    assert_eq!((&end["id"], &end["status"]), (&begin["id"], &json!(200)));
    assert_eq!((&end["rule"], &end["endpoint"]), (&json!("/users/<int:id>"), &json!("user")));
    assert_eq!((&end["values"], &end["bytes"]), (&json!([["id", "7"]]), &json!(10)));
    assert!(end["handler"].as_str().unwrap().ends_with("developed::user"), "{end}");
    assert_eq!(names(&end, "hook"), ["before_request load_user", "after_request count"]);
    assert_eq!(names(&end, "teardown"), ["teardown_request"]);
    assert_eq!(names(&end, "session"), ["save the session"]);
    assert_eq!(names(&end, "handler").len(), 1);
    let sql = json!({"sql": "select name from users where id = ?", "rows": 1});
    assert_eq!(detail(&end, "query"), &sql);
    let variables = json!({"name": "Ann", "password": "(hidden)", "id": "7"});
    assert_eq!(detail(&end, "template"), &variables);
}

#[test]
fn tells_of_bodies_and_log_lines() {
    let tool = Tool::start();
    let reply = tool.ask("POST", "/echo", "Content-Length: 5\r\n\r\nhello");
    assert_eq!(reply.body, "HELLO");
    let end = tool.event("end");
    assert_eq!((&end["body"], &end["body_cut"]), (&json!("aGVsbG8="), &json!(false)));
    assert_eq!(names(&end, "extract"), ["read the body"]);
    assert_eq!(names(&end, "log"), ["an echo"]);
    assert_eq!(detail(&end, "log")["level"], "warn");
    assert_eq!(detail(&end, "other"), &json!({"volume": 11, "token": "(hidden)"}));
    // What nobody read is not known.
    tool.ask("POST", "/nowhere", "Content-Length: 5\r\n\r\nhello");
    let end = tool.event("end");
    assert_eq!((&end["status"], &end["body_cut"]), (&json!(404), &json!(true)));
}

#[test]
fn tells_of_panics_inside_and_outside_of_requests() {
    let tool = Tool::start();
    assert_eq!(tool.browse("/panic").status, 500);
    let panic = tool.event("panic");
    assert_eq!(panic["message"], "stop here");
    assert!(panic["file"].as_str().unwrap().ends_with("developed.rs"), "{panic}");
    assert_eq!(tool.event("end")["status"], 500);

    let root = tempfile::tempdir().unwrap();
    let (listener, path) = listen(root.path());
    let mut command = command("panics", root.path(), &["run"]);
    command.env("CARAFE_TOOL_CHANNEL", path).stderr(std::process::Stdio::null());
    let mut child = command.spawn().unwrap();
    let (_stream, events) = events(listener);
    let event = events.recv_timeout(PATIENCE).unwrap();
    assert_eq!(
        (&event["event"], &event["message"]),
        (&json!("panic"), &json!("the app is not made"))
    );
    assert!(!child.wait().unwrap().success());
}

#[test]
fn ends_with_the_tool() {
    let tool = Tool::start();
    tool.event("hello");
    let mut app = tool.hang_up();
    let (status, lines) = app.wait();
    assert!(status.success(), "{status} {lines:?}");
}

#[test]
fn other_commands_do_not_connect() {
    let root = tempfile::tempdir().unwrap();
    let (listener, path) = listen(root.path());
    listener.set_nonblocking(true).unwrap();
    let mut command = command("developed", root.path(), &["routes"]);
    command.env("CARAFE_TOOL_CHANNEL", path);
    assert!(command.output().unwrap().status.success());
    assert_eq!(listener.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
}
