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

/// The page is a second client: it sees the same stop, and lets the app go on.
#[test]
fn the_page_joins_the_session_of_an_editor() {
    let mut early = Editor::start();
    let asked = early.send("carafe/page", json!({}));
    assert!(early.refusal(asked).starts_with("no program was started yet"));
    early.leave();

    let (mut editor, url) = debug(&json!([{"name": "GET /plain/<int:id>"}]));
    let page = editor.call("carafe/page", json!({}))["url"].as_str().unwrap().to_owned();
    assert_eq!(editor.call("carafe/page", json!({}))["url"], page, "there is one page");
    let (host, way) = page.trim_start_matches("http://").split_once('/').unwrap();
    let entered = crate::editor::get(host, &format!("/{way}"));
    let folder = entered.split("url=/").nth(1).unwrap().split('/').next().unwrap().to_owned();
    let token = way.split("token=").nth(1).unwrap().to_owned();
    let port = host.rsplit(':').next().unwrap();
    let asks = |command: &str, arguments: Value| {
        let body = json!({"command": command, "arguments": arguments}).to_string();
        let head = format!(
            "POST /{folder}/api/dap HTTP/1.1\r\nhost: {host}\r\ncookie: carafe_debug_{port}={token}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        );
        let mut stream = std::net::TcpStream::connect(host).unwrap();
        std::io::Write::write_all(&mut stream, head.as_bytes()).unwrap();
        let mut answer = String::new();
        std::io::Read::read_to_string(&mut stream, &mut answer).unwrap();
        serde_json::from_str::<Value>(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
    };
    let answer = get(&url, "/plain/7");
    let stop = editor.stopped();
    let seen = asks("carafe/state", json!({}));
    assert_eq!(seen["body"]["phase"], "held", "{seen}");
    assert_eq!(seen["body"]["stopped"]["threadId"], stop.thread);
    asks("continue", json!({"threadId": stop.thread}));
    editor.wait_for("continued");
    assert!(answer.join().unwrap().ends_with("user 7 8"));
    editor.leave();
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

/// Sets breakpoints in the app's source, on the lines with these texts.
fn set(editor: &mut Editor, points: &[(&str, Value)]) -> Value {
    let points: Vec<Value> = points
        .iter()
        .map(|(text, rules)| {
            let mut point = rules.clone();
            point["line"] = json!(line_of(text));
            point
        })
        .collect();
    let source = json!({"path": crate::editor::debuggee()});
    let set = editor.call("setBreakpoints", json!({"source": source, "breakpoints": points}));
    for point in set["breakpoints"].as_array().unwrap() {
        assert_eq!(point["verified"], true, "{set}");
    }
    set
}

#[test]
fn hits_are_counted_and_rules_can_be_taken_back() {
    let (mut editor, url) = debug(&json!([]));
    let line = "let length = describe(&user);";
    let asks = |id: i64| get(&url, &format!("/plain/{id}")).join().unwrap();
    set(&mut editor, &[(line, json!({"condition": "id > 10", "hitCondition": "% 2"}))]);
    // Only those count for which the condition holds.
    for id in [1, 2, 11, 3] {
        assert!(asks(id).ends_with(&format!("user {id} 8")) || id == 11);
    }
    let request = get(&url, "/plain/12");
    let stop = editor.stopped();
    assert_eq!(stop.variable("id")["value"], "12");
    // Asked for again without rules, on the same line.
    set(&mut editor, &[(line, json!({}))]);
    editor.call("continue", json!({"threadId": stop.thread}));
    request.join().unwrap();
    let request = get(&url, "/plain/1");
    let stop = editor.stopped();
    assert_eq!(stop.variable("id")["value"], "1");
    set(&mut editor, &[]);
    editor.call("continue", json!({"threadId": stop.thread}));
    request.join().unwrap();
    assert!(asks(4).ends_with("user 4 8"));
    editor.leave();
}

/// A line of `format!` has several places; a step or `continue` from it does not stop on it again.
#[test]
fn a_line_of_several_places_stops_once() {
    let (mut editor, url) = debug(&json!([]));
    set(&mut editor, &[("let answer = format!(", json!({})), ("let after = format!(", json!({}))]);
    let request = get(&url, "/plain/5");
    let stop = editor.stopped();
    assert_eq!(place(&stop).1, line_of("let answer = format!("));
    let stop = editor.step("next", &stop);
    assert!(place(&stop).1 > line_of("let answer = format!("));
    editor.call("continue", json!({"threadId": stop.thread}));
    assert!(request.join().unwrap().ends_with("user 5 8"));
    let request = get(&url, "/slow/5");
    let stop = editor.stopped();
    assert_eq!(place(&stop).1, line_of("let after = format!("));
    editor.call("continue", json!({"threadId": stop.thread}));
    assert!(request.join().unwrap().ends_with("5 1 true"));
    editor.leave();
}

#[test]
fn values_are_rusts_and_can_be_set() {
    let (mut editor, url) = debug(&json!([{"name": "plain"}]));
    let request = get(&url, "/plain/7");
    let mut stop = editor.stopped();
    let threads = editor.call("threads", json!({}));
    let names: Vec<&str> = threads["threads"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["name"].as_str().unwrap())
        .collect();
    for name in ["main", "worker 0", "plain handler: GET /plain/7"] {
        assert!(names.contains(&name), "{name} in {names:?}");
    }
    stop = editor.step("next", &stop);
    let user = stop.variable("user");
    assert_eq!(
        user["value"],
        "User { id: 7, name: \"user 7\", tags: [\"a\", \"bc\"], nickname: None }"
    );
    assert_eq!((&user["type"], &stop.variable("id")["type"]), (&json!("User"), &json!("i64")));
    // A hover, a watch and the console alike; and what can be opened is opened.
    let frame = stop.own[0]["id"].clone();
    for context in ["hover", "watch", "repl"] {
        let asked = json!({"expression": "user.tags", "frameId": frame, "context": context});
        let shown = editor.call("evaluate", asked);
        assert_eq!(shown["result"], "[\"a\", \"bc\"]", "{context}");
        assert_eq!(shown["type"], "Vec<String>", "{context}");
        let inside = json!({"variablesReference": shown["variablesReference"]});
        assert_eq!(editor.call("variables", inside)["variables"][1]["value"], "\"bc\"");
    }
    let command = json!({"expression": "frame info", "frameId": frame, "context": "repl"});
    let told = editor.call("evaluate", command);
    assert!(told["result"].as_str().unwrap().contains("debuggee.rs"), "{told}");
    let completions = json!({"text": "frame inf", "column": 10, "frameId": frame});
    let found = editor.call("completions", completions);
    assert!(found["targets"].as_array().is_some_and(|found| !found.is_empty()), "{found}");
    // What changes can be set. What cannot, a number above all, the compiler keeps twice.
    stop = editor.step("stepIn", &stop);
    stop = editor.step("next", &stop);
    let scopes = editor.call("scopes", json!({"frameId": stop.own[0]["id"]}));
    let locals = scopes["scopes"][0]["variablesReference"].clone();
    let asked = json!({"variablesReference": locals, "name": "length", "value": "40"});
    assert_eq!(editor.call("setVariable", asked)["value"], "40");
    // What is known of the request is not the program's to set.
    let request_scope = scopes["scopes"][1]["variablesReference"].clone();
    let asked = json!({"variablesReference": request_scope, "name": "method", "value": "PUT"});
    let seq = editor.send("setVariable", asked);
    assert!(editor.refusal(seq).starts_with("what is known of the request"));
    editor.call("continue", json!({"threadId": stop.thread}));
    assert!(request.join().unwrap().ends_with("user 7 42"));
    editor.leave();
}

#[test]
fn expressions_of_watches_are_rusts() {
    let (mut editor, url) = debug(&json!([{"name": "nested"}]));
    set(
        &mut editor,
        &[("let after = format!(", json!({})), ("length += user.tags.len();", json!({}))],
    );
    let request = get(&url, "/slow/7");
    let stop = editor.stopped();
    check(
        &mut editor,
        &stop,
        &[
            ("moved[\"one\"]", "1"),
            ("moved.contains_key(\"two\")", "false"),
            ("none == None && !(id != 7)", "true"),
            ("none.is_some() || id as u8 + 1 == 8", "true"),
            ("-id % 4", "-3"),
            ("(id + 1) * 2", "16"),
            ("moved", "{\"one\": 1}"),
        ],
    );
    for (wrong, words) in [
        ("moved[\"two\"]", "there is no `[two]` here"),
        ("nothing", "there is no `nothing` here"),
        ("id / 0", "this divides by zero"),
        ("moved.drain()", "`moved.drain()` cannot be evaluated"),
        ("none.unwrap()", "there is no `a value inside` here"),
    ] {
        let told = editor.watch(&stop, wrong).unwrap_err();
        assert!(told.starts_with(words), "{told}");
    }
    editor.call("continue", json!({"threadId": stop.thread}));
    request.join().unwrap();
    // Behind a reference.
    let request = get(&url, "/plain/7");
    let stop = editor.stopped();
    check(
        &mut editor,
        &stop,
        &[
            ("user.name", "\"user 7\""),
            ("user.tags[1].len() + length", "8"),
            ("user.name.starts_with(\"user\")", "true"),
            ("user.tags.contains(\"bc\")", "true"),
            ("(*user).id", "7"),
            ("user.name == \"user 7\"", "true"),
        ],
    );
    editor.call("continue", json!({"threadId": stop.thread}));
    request.join().unwrap();
    // A function without the macro that keeps its arguments: what may be stale is marked.
    let request = get(&url, "/nested/4");
    let stop = editor.stopped();
    let steps = [("stepIn", "let twice ="), ("next", "// in lookup"), ("next", "twice + 1")];
    let stop = walk(&mut editor, stop, &steps.map(|(command, line)| (command, "lookup", line)));
    let id = stop.variable("id")["value"].as_str().unwrap();
    assert!(id.ends_with(" (may be stale: set before an .await)"), "{id}");
    assert_eq!(stop.variable("twice")["value"], "8");
    editor.call("continue", json!({"threadId": stop.thread}));
    assert!(request.join().unwrap().ends_with("9 10"));
    editor.leave();
}

fn check(editor: &mut Editor, stop: &Stop, cases: &[(&str, &str)]) {
    for (expression, expected) in cases {
        assert_eq!(editor.watch(stop, expression), Ok((*expected).to_owned()), "{expression}");
    }
}

/// A program that is no app: what it is given, how it begins and how it ends.
#[test]
fn the_environment_the_entry_and_the_exit_code_are_right() {
    for no_debug in [false, true] {
        let mut editor = Editor::start();
        let launch = editor.launch(json!({
            "cargo": null, "program": "/bin/sh", "noDebug": no_debug, "stopOnEntry": !no_debug,
            "args": ["-c", "echo \"[$GREETING|$NUMBER|$1]\"; exit 3", "sh", "a b"],
            "env": {"GREETING": "hello = \"you\"", "NUMBER": 5},
        }));
        editor.wait_for("initialized");
        editor.call("configurationDone", json!({}));
        editor.answer(launch);
        if !no_debug {
            let stop = editor.wait_for("stopped");
            assert_eq!(stop["reason"], "entry", "{stop}");
            editor.call("continue", json!({"threadId": stop["threadId"]}));
        }
        editor.wait_for_output("[hello = \"you\"|5|a b]");
        assert_eq!(editor.wait_for("exited")["exitCode"], 3, "noDebug: {no_debug}");
        editor.wait_for("terminated");
        editor.call("disconnect", json!({}));
        editor.vanish();
    }
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
