//! A real lldb-dap, a real app, real requests.

use std::thread::JoinHandle;

use serde_json::{Value, json};

use crate::editor::{Editor, Stop, line_of};

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
    std::thread::spawn(move || crate::editor::get(&address, &path))
}

/// Where a stop is: the app's innermost function and its line.
fn place(stop: &Stop) -> (String, i64) {
    let frame = stop.own.first().unwrap();
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
    assert_eq!(moved, "{\"one\": 1}");
    // Moved away; what it shows does not matter, but that it shows.
    let _ = stop.variable("counts");
    editor.call("continue", json!({"threadId": stop.thread}));
    assert!(seventh.join().unwrap().ends_with("7 1 true"));
    for other in others {
        assert!(other.join().unwrap().ends_with(" 1 true"));
    }
    editor.leave();
}

/// Steps and checks each stop's function and line.
fn walk(editor: &mut Editor, mut stop: Stop, steps: &[(&str, &str, &str)]) -> Stop {
    for (command, function, line) in steps {
        stop = editor.step(command, &stop);
        let expected = (format!("debuggee::{function}"), line_of(line));
        assert_eq!(place(&stop), expected, "{command}");
    }
    stop
}

#[test]
fn steps_stay_in_the_app_and_with_their_function() {
    let (mut editor, url) = debug(&json!([{"name": "nested"}, {"name": "looped"}]));
    let first = ("nested", "let first =");
    let (second, end) = (("nested", "let second ="), ("nested", "format!(\"{first}"));
    let (twice, wait) =
        (("lookup", "let twice ="), ("lookup", "from_millis(10)).await; // in lookup"));

    // Into an `async fn`: not into what makes its future; over its wait, and not back to who waits.
    let request = get(&url, "/nested/2");
    let stop = editor.stopped();
    assert_eq!(place(&stop), ("debuggee::nested".to_owned(), line_of(first.1)));
    let to = |command, (function, line): (_, _)| (command, function, line);
    let steps = [to("stepIn", twice), to("next", wait), to("next", ("lookup", "twice + 1"))];
    let stop = walk(&mut editor, stop, &steps);
    let stop = walk(&mut editor, stop, &[to("stepOut", second), to("next", end)]);
    let stop = editor.step("next", &stop);
    assert_eq!(place(&stop).1, line_of(end.1) + 1, "the brace");
    // From the last line of a handler there is nothing more to step to: the request is answered.
    editor.call("next", json!({"threadId": stop.thread}));
    assert!(request.join().unwrap().ends_with("5 6"));

    // Out of an `async fn` that still waits: to what comes after it in its caller.
    let request = get(&url, "/nested/4");
    let stop = editor.stopped();
    let stop = walk(&mut editor, stop, &[to("stepIn", twice), to("stepOut", second)]);
    editor.call("stepOut", json!({"threadId": stop.thread}));
    assert!(request.join().unwrap().ends_with("9 10"));

    // A wait in a loop.
    let request = get(&url, "/looped/2");
    let stop = editor.stopped();
    let (head, wait) = (("looped", "for at in 0..count"), ("looped", "from_millis(5)).await;"));
    let add = ("looped", "sum += at;");
    let round = [to("next", head), to("next", wait), to("next", add)];
    let stop = walk(&mut editor, stop, &round);
    let stop = walk(&mut editor, stop, &round);
    let stop =
        walk(&mut editor, stop, &[to("next", head), to("next", ("looped", "sum.to_string()"))]);
    editor.call("continue", json!({"threadId": stop.thread}));
    assert!(request.join().unwrap().ends_with("1"));
    editor.leave();
}

#[test]
fn another_requests_breakpoint_ends_a_step() {
    let (mut editor, url) = debug(&json!([{"name": "slow"}, {"name": "plain"}]));
    let first = get(&url, "/slow/1");
    let stop = editor.stopped();
    let to_the_wait = ["let mut counts", "counts.insert(", "tokio::time::sleep("];
    let stop = walk(&mut editor, stop, &to_the_wait.map(|line| ("next", "slow", line)));
    let other = get(&url, "/plain/2");
    // The step waits some 30 ms; the other request comes in meanwhile, or a little later.
    let mut stop = editor.step("next", &stop);
    while place(&stop).0 != "debuggee::plain" {
        assert_eq!(place(&stop).0, "debuggee::slow");
        editor.call("continue", json!({"threadId": stop.thread}));
        stop = editor.stopped();
    }
    assert_eq!(stop.body["reason"], "breakpoint", "{}", stop.body);
    editor.call("continue", json!({"threadId": stop.thread}));
    assert!(first.join().unwrap().ends_with("1 1 true"));
    assert!(other.join().unwrap().ends_with("user 2 8"));
    editor.leave();
}

#[test]
fn an_argument_stays_right_after_an_await() {
    let (mut editor, url) = debug(&json!([{"name": "copied"}]));
    let request = get(&url, "/copied/21");
    let stop = editor.stopped();
    let steps = ["from_millis(20)).await;", "let shown = text;"];
    let stop = walk(&mut editor, stop, &steps.map(|line| ("next", "copied", line)));
    assert_eq!(stop.variable("id")["value"], "21");
    editor.call("continue", json!({"threadId": stop.thread}));
    assert!(request.join().unwrap().ends_with("GET 21!"));
    editor.leave();
}

#[test]
fn stops_where_an_answer_of_5xx_comes_up() {
    let (mut editor, url) = debug(&json!([]));
    editor.call("setExceptionBreakpoints", json!({"filters": ["panic", "5xx"]}));
    let request = get(&url, "/fails/3");
    let stop = editor.stopped();
    assert_eq!(stop.body["reason"], "exception", "{}", stop.body);
    assert_eq!(stop.body["description"], "500 in GET /fails/<int:id>");
    assert_eq!(place(&stop), ("debuggee::fails".to_owned(), line_of("\"x\".parse()?")));
    editor.call("continue", json!({"threadId": stop.thread}));
    assert!(request.join().unwrap().starts_with("HTTP/1.1 500"));
    let request = get(&url, "/unavailable");
    let stop = editor.wait_for("stopped");
    assert_eq!(stop["description"], "503 in GET /unavailable");
    editor.call("continue", json!({"threadId": stop["threadId"]}));
    assert!(request.join().unwrap().starts_with("HTTP/1.1 503"));
    // A panic is told once, as what it is.
    let request = get(&url, "/panic");
    let stop = editor.stopped();
    assert_eq!(stop.body["description"], "the app panicked");
    editor.call("continue", json!({"threadId": stop.thread}));
    assert!(request.join().unwrap().starts_with("HTTP/1.1 500"));
    editor.leave();
}

#[test]
fn a_scope_shows_the_request_without_its_secrets() {
    let (mut editor, url) = debug(&json!([{"name": "POST /signs/<int:id>"}]));
    let form = "name=Ann&password=pw";
    let address = url.trim_start_matches("http://").to_owned();
    let request =
        std::thread::spawn(move || crate::editor::post(&address, "/signs/7?token=abc&x=1", form));
    let stop = editor.stopped();
    let steps = ["request.g().set(", "let name ="];
    let stop = walk(&mut editor, stop, &steps.map(|line| ("next", "signs", line)));
    let shown = editor.scope(&stop, "Request");
    let value = |path: &str| shown.get(path).map(String::as_str).unwrap_or("(absent)");
    assert!(value("url").ends_with("/signs/7?token=(hidden)&x=1"), "{shown:?}");
    for (path, expected) in [
        ("method", "POST"),
        ("rule", "/signs/<int:id>"),
        ("endpoint", "signs"),
        ("path values/id", "7"),
        ("args/x", "1"),
        ("args/token", "(hidden)"),
        ("headers/authorization", "(hidden)"),
        ("headers/x-thing", "seen"),
        ("form/name", "Ann"),
        ("form/password", "(hidden)"),
        ("body", "(hidden)"),
        ("session/visits", "3"),
    ] {
        assert_eq!(value(path), expected, "{path} in {shown:?}");
    }
    assert!(value("g/User").starts_with("User { id: 7, name: \"user 7\""), "{shown:?}");
    assert!(value("running").ends_with('s'), "{shown:?}");
    editor.call("continue", json!({"threadId": stop.thread}));
    assert!(request.join().unwrap().ends_with("Ann"));
    editor.leave();
}

#[test]
fn stops_at_a_panic_and_says_so() {
    let (mut editor, url) = debug(&json!([]));
    let request = get(&url, "/panic");
    let stop = editor.stopped();
    assert_eq!(stop.body["reason"], "exception", "{}", stop.body);
    assert_eq!(stop.body["description"], "the app panicked");
    assert_eq!(place(&stop), ("debuggee::panics".to_owned(), line_of("panic!(\"no nickname\")")));
    editor.call("continue", json!({"threadId": stop.thread}));
    assert!(request.join().unwrap().starts_with("HTTP/1.1 500"));
    editor.leave();
}

#[test]
fn breakpoints_outlast_a_restart() {
    let (mut editor, url) =
        debug(&json!([{"name": "GET /plain/<int:id>", "condition": "id == 7"}]));
    let line = line_of("twice + 1");
    let source = json!({"path": crate::editor::debuggee()});
    editor.call("setBreakpoints", json!({"source": source, "breakpoints": [{"line": line}]}));
    let request = get(&url, "/plain/7");
    let stop = editor.stopped();
    let ids = stop.body["hitBreakpointIds"].clone();
    assert_eq!(ids.as_array().map(Vec::len), Some(1), "{}", stop.body);
    editor.forget_output();
    editor.call("restart", json!({}));
    // Its connection went away with the program.
    let _ = request.join();
    let url = editor.url();
    let (other, seventh) = (get(&url, "/plain/3"), get(&url, "/plain/7"));
    let stop = editor.stopped();
    assert_eq!(place(&stop).0, "debuggee::plain");
    assert_eq!(stop.variable("id")["value"], "7");
    assert_eq!(stop.body["hitBreakpointIds"], ids, "the clients' ids stay");
    editor.call("continue", json!({"threadId": stop.thread}));
    assert!(seventh.join().unwrap().ends_with("user 7 8"));
    assert!(other.join().unwrap().ends_with("user 3 8"));
    let request = get(&url, "/nested/2");
    let stop = editor.stopped();
    assert_eq!(place(&stop), ("debuggee::lookup".to_owned(), line));
    editor.call("continue", json!({"threadId": stop.thread}));
    assert!(request.join().unwrap().ends_with("5 6"));
    editor.leave();
}

#[test]
fn a_log_point_prints_and_goes_on() {
    let (mut editor, url) = debug(&json!([]));
    let line = line_of("let length = describe(&user);");
    let points = json!([{"line": line, "logMessage": "user {user.id} has {user.tags.len()} tags"}]);
    let source = json!({"path": crate::editor::debuggee()});
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
