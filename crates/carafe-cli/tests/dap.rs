//! `carafe dap` as an editor drives it: a real lldb-dap, a real app, real requests.

#[path = "dap/editor.rs"]
mod editor;

use std::thread::JoinHandle;

use serde_json::{Value, json};

use editor::{Editor, Stop, line_of};

/// Starts the app under the debugger with these breakpoints on routes; gives its URL.
fn debug(breakpoints: &Value) -> (Editor, String) {
    let mut editor = Editor::start();
    let launch = editor.launch(json!({}));
    editor.wait_for("initialized");
    let set = editor.call("setFunctionBreakpoints", json!({"breakpoints": breakpoints}));
    for point in set["breakpoints"].as_array().unwrap() {
        assert_eq!(point["verified"], true, "{set}");
    }
    editor.call("setExceptionBreakpoints", json!({"filters": ["panic"]}));
    editor.call("configurationDone", json!({}));
    editor.answer(launch);
    let url = editor.url();
    (editor, url)
}

fn get(url: &str, path: &str) -> JoinHandle<String> {
    let (address, path) = (url.trim_start_matches("http://").to_owned(), path.to_owned());
    std::thread::spawn(move || editor::get(&address, &path))
}

/// Where a stop is: the app's innermost function and its line.
fn place(stop: &Stop) -> (String, i64) {
    let frame = stop.own.first().expect("a frame of the app");
    (frame["name"].as_str().unwrap().to_owned(), frame["line"].as_i64().unwrap())
}

#[test]
fn a_route_stops_in_its_handler_and_shows_values() {
    let condition = json!([{"name": "GET /plain/<int:id>", "condition": "id == 7"}]);
    let (mut editor, url) = debug(&condition);
    let (other, seventh) = (get(&url, "/plain/3"), get(&url, "/plain/7"));
    let stop = editor.stopped();
    assert_eq!(place(&stop), ("debuggee::plain".to_owned(), line_of("let user = user(id);")));
    assert_eq!(stop.own.len(), 1, "only the handler is the app's: {:?}", stop.own);
    assert_eq!(stop.variable("id")["value"], "7");

    let stop = editor.step("next", &stop);
    assert_eq!(place(&stop).1, line_of("let length = describe(&user);"));
    let cases = [
        ("user.tags.len()", "2"),
        ("user.name", "\"user 7\""),
        ("user.tags[1]", "\"bc\""),
        ("user.nickname.is_none()", "true"),
        ("id == 7 && user.id > 6", "true"),
        ("user.name.len() * 2 + 1", "13"),
    ];
    for (expression, expected) in cases {
        assert_eq!(editor.watch(&stop, expression), Ok(expected.to_owned()), "{expression}");
    }
    let words = editor.watch(&stop, "a b").unwrap_err();
    assert!(words.starts_with("`a b` cannot be evaluated: a watch knows paths"), "{words}");

    // Into the app's own function, not into what it calls of the library; and out again.
    let stop = editor.step("stepIn", &stop);
    assert_eq!(place(&stop).0, "debuggee::describe");
    let stop = editor.step("stepOut", &stop);
    assert_eq!(place(&stop).0, "debuggee::plain");
    editor.call("continue", json!({"threadId": stop.thread}));
    assert!(seventh.join().unwrap().ends_with("user 7 8"));
    assert!(other.join().unwrap().ends_with("user 3 8"));
    editor.leave();
}

#[test]
fn a_step_over_an_await_stays_with_its_request() {
    let (mut editor, url) = debug(&json!([{"name": "slow", "condition": "id == 7"}]));
    let seventh = get(&url, "/slow/7");
    let mut stop = editor.stopped();
    let others: Vec<_> = (0..20).map(|id| get(&url, &format!("/slow/{}", id + 100))).collect();
    assert_eq!(place(&stop), ("debuggee::slow".to_owned(), line_of("let none: Option<String>")));
    let lines = [
        "let mut counts",
        "counts.insert(",
        "tokio::time::sleep(",
        "let moved = counts;",
        "let after =",
    ];
    for line in lines {
        stop = editor.step("next", &stop);
        assert_eq!(place(&stop), ("debuggee::slow".to_owned(), line_of(line)), "{line}");
    }
    // What lldb's and rustc's own formatters get wrong, or hang on.
    let none = stop.variable("none")["value"].as_str().unwrap().to_owned();
    assert!(none.starts_with("None"), "{none}");
    let moved = stop.variable("moved")["value"].as_str().unwrap().to_owned();
    assert!(moved.contains("size=1"), "{moved}");
    editor.call("continue", json!({"threadId": stop.thread}));
    assert!(seventh.join().unwrap().ends_with("7 1 true"));
    for other in others {
        assert!(other.join().unwrap().ends_with(" 1 true"));
    }
    editor.leave();
}

#[test]
fn stops_at_a_panic_and_says_so() {
    let (mut editor, url) = debug(&json!([]));
    let request = get(&url, "/panic");
    let stop = editor.stopped();
    assert_eq!(stop.body["reason"], "exception", "{}", stop.body);
    assert_eq!(stop.body["description"], "the app panicked");
    assert_eq!(place(&stop), ("debuggee::panics".to_owned(), line_of("expect(\"no nickname\")")));
    editor.call("continue", json!({"threadId": stop.thread}));
    assert!(request.join().unwrap().starts_with("HTTP/1.1 500"));
    editor.leave();
}

#[test]
fn a_log_point_prints_and_goes_on() {
    let (mut editor, url) = debug(&json!([]));
    let line = line_of("let length = describe(&user);");
    let points = json!([{"line": line, "logMessage": "user {user.id} has {user.tags.len()} tags"}]);
    let source = json!({"path": editor::debuggee()});
    let set = editor.call("setBreakpoints", json!({"source": source, "breakpoints": points}));
    assert_eq!(set["breakpoints"][0]["verified"], true, "{set}");
    assert!(get(&url, "/plain/5").join().unwrap().ends_with("user 5 8"));
    editor.wait_for_output("user 5 has 2 tags");
    editor.leave();
}

#[test]
fn without_debugging_nothing_traces_the_program() {
    let mut editor = Editor::start();
    let launch = editor.launch(json!({"noDebug": true}));
    editor.wait_for("initialized");
    let set = editor.call("setFunctionBreakpoints", json!({"breakpoints": [{"name": "plain"}]}));
    assert_eq!(set["breakpoints"][0]["verified"], false);
    editor.call("configurationDone", json!({}));
    editor.answer(launch);
    let url = editor.url();
    let process = editor.wait_for("process");
    let pid = process["systemProcessId"].as_u64().unwrap();
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    assert!(status.contains("TracerPid:\t0"), "{status}");
    assert!(get(&url, "/plain/7").join().unwrap().ends_with("user 7 8"));
    editor.leave();
    let gone = || !std::path::Path::new(&format!("/proc/{pid}")).exists();
    // Whoever inherits the process may need a moment to take note of its end.
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(5);
    while !gone() {
        assert!(std::time::Instant::now() < deadline, "the app was left behind");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
}

#[test]
fn an_editor_that_goes_away_leaves_nothing_behind() {
    let mut editor = Editor::start();
    let launch = editor.launch(json!({}));
    editor.wait_for("initialized");
    editor.call("configurationDone", json!({}));
    editor.answer(launch);
    let url = editor.url();
    editor.vanish();
    let address = url.trim_start_matches("http://").to_owned();
    assert!(std::net::TcpStream::connect(address).is_err(), "the app still listens");
}
