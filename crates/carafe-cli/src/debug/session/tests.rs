//! Several clients of one session, with a scripted adapter behind it.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::*;

/// A client that notes what it hears.
struct Hearer {
    is_tool: bool,
    heard: Mutex<Vec<(String, Value)>>,
}

impl Client for Hearer {
    fn tell(&self, event: &str, body: &Value) {
        self.heard.lock().unwrap().push((event.to_owned(), body.clone()));
    }

    fn is_tool(&self) -> bool {
        self.is_tool
    }
}

impl Hearer {
    fn new(is_tool: bool) -> Arc<Hearer> {
        Arc::new(Hearer { is_tool, heard: Mutex::default() })
    }

    /// The next event of this name that says what is looked for; what came before it is forgotten.
    fn next(&self, name: &str, is: impl Fn(&Value) -> bool) -> Value {
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            let mut heard = self.heard.lock().unwrap();
            if let Some(at) = heard.iter().position(|(event, body)| event == name && is(body)) {
                return heard.drain(..=at).next_back().unwrap().1;
            }
            assert!(Instant::now() < deadline, "no `{name}` in {heard:?}");
            drop(heard);
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Why each breakpoint was told, and its line.
    fn breakpoints(&self) -> Vec<(String, Value)> {
        let heard = std::mem::take(&mut *self.heard.lock().unwrap());
        let told = heard.into_iter().filter(|(event, _)| event == "breakpoint");
        let shown = told.map(|(_, body)| {
            (body["reason"].as_str().unwrap().to_owned(), body["breakpoint"]["line"].clone())
        });
        shown.collect()
    }
}

/// A folder with a source file, and the adapter's notes.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Place {
        let folder = tempfile::tempdir().unwrap();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dap/fake_adapter.py");
        std::os::unix::fs::symlink(script, folder.path().join("gdb-good")).unwrap();
        fs::write(folder.path().join("Cargo.toml"), "").unwrap();
        fs::write(folder.path().join("a.rs"), "one();\ntwo();\nthree();\nfour();\n").unwrap();
        Place(folder)
    }

    fn file(&self) -> PathBuf {
        self.0.path().join("a.rs")
    }

    fn launch(&self) -> Value {
        let adapter = self.0.path().join("gdb-good");
        json!({"program": "/bin/true", "adapter": adapter, "cwd": self.0.path()})
    }

    /// The lines of the file, or the functions, that the adapter was last asked for.
    fn asked(&self, command: &str) -> Value {
        let log = fs::read_to_string(self.0.path().join("log")).unwrap_or_default();
        let mut calls = log.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let last = calls.rfind(|call| call[0] == command).unwrap_or_default();
        last[1]["breakpoints"].clone()
    }
}

/// Starts the program for a client, which says at once that it is configured.
fn start(place: &Place, seat: &Seat, client: &Hearer) {
    std::thread::scope(|scope| {
        let launched = scope.spawn(|| seat.ask("launch", &place.launch()));
        client.next("initialized", |_| true);
        seat.ask("configurationDone", &json!({})).unwrap();
        launched.join().unwrap().unwrap();
    });
}

fn lines(place: &Place, lines: &[i64]) -> Value {
    let points: Vec<Value> = lines.iter().map(|line| json!({"line": line})).collect();
    json!({"source": {"path": place.file()}, "breakpoints": points})
}

#[test]
fn clients_agree_on_breakpoints() {
    let (place, session) = (Place::new(), Session::new());
    let (first, second, page) = (Hearer::new(false), Hearer::new(false), Hearer::new(true));
    let seats = [&first, &second, &page].map(|client| session.join(client.clone()));
    start(&place, &seats[0], &first);
    let [one, two, tool] = &seats;

    one.ask("setBreakpoints", &lines(&place, &[1, 3])).unwrap();
    let news = |line: i64| ("new".to_owned(), json!(line));
    assert_eq!(second.breakpoints(), [news(1), news(3)]);
    assert_eq!(first.breakpoints(), [], "who asked knows");
    let shown = page.next("carafe/points", |body| body["points"][1]["line"] == 3);
    assert_eq!(shown["points"][0]["verified"], true, "{shown}");

    let wish =
        json!({"file": place.file(), "line": 4, "condition": "id == 7", "hitCondition": "2"});
    let point = tool.ask("carafe/setPoint", &wish).unwrap();
    assert_eq!((&point["kind"], &point["condition"]), (&json!("line"), &json!("id == 7")));
    assert_eq!(first.breakpoints(), [news(4)]);
    let expected =
        json!([{"line": 1}, {"line": 3}, {"line": 4, "condition": "id == 7", "hitCondition": "2"}]);
    assert_eq!(place.asked("setBreakpoints"), expected);
    // Switched off, it is gone for editors; a list without it leaves it to the page.
    let off = json!({"id": point["id"], "enabled": false});
    tool.ask("carafe/setPoint", &off).unwrap();
    let told = second.breakpoints();
    assert_eq!(told.last().unwrap().0, "removed", "{told:?}");
    two.ask("setBreakpoints", &lines(&place, &[3])).unwrap();
    assert_eq!(first.breakpoints().last().unwrap().0, "removed");
    let state = tool.ask("carafe/state", &json!({})).unwrap();
    let left: Vec<&Value> =
        state["points"].as_array().unwrap().iter().map(|point| &point["line"]).collect();
    assert_eq!(left, [&json!(3), &json!(4)]);
    assert_eq!(state["phase"], "running");

    // An editor's list of functions is about its own.
    tool.ask("carafe/setPoint", &json!({"name": "app::main"})).unwrap();
    one.ask("setFunctionBreakpoints", &json!({"breakpoints": []})).unwrap();
    one.ask("setExceptionBreakpoints", &json!({"filters": ["panic"]})).unwrap();
    let expected = json!([{"name": "app::main"}, {"name": "std::panicking::rust_panic"}]);
    assert_eq!(place.asked("setFunctionBreakpoints"), expected);
    tool.ask("carafe/clearPoint", &json!({"name": "app::main"})).unwrap();
    assert_eq!(place.asked("setFunctionBreakpoints"), json!([expected[1]]));

    // One that comes later is told of all that is set, and of where the program is held.
    one.ask("evaluate", &json!({"expression": "stop 100"})).unwrap();
    first.next("stopped", |_| true);
    let late = Hearer::new(false);
    let seat = session.join(late.clone());
    seat.ask("attach", &json!({})).unwrap();
    seat.catch_up();
    late.next("breakpoint", |body| body["reason"] == "new" && body["breakpoint"]["line"] == 3);
    late.next("initialized", |_| true);
    late.next("stopped", |body| body["reason"] == "breakpoint");
    session.stop();
}

#[test]
fn a_temporary_breakpoint_serves_once() {
    let (place, session) = (Place::new(), Session::new());
    let (editor, page) = (Hearer::new(false), Hearer::new(true));
    let (seat, tool) = (session.join(editor.clone()), session.join(page.clone()));
    // Asked for before the start; an ordinary one on the same line stays.
    tool.ask("carafe/setPoint", &json!({"file": place.file(), "line": 2, "once": true})).unwrap();
    start(&place, &seat, &editor);
    seat.ask("setBreakpoints", &lines(&place, &[2])).unwrap();
    assert_eq!(place.asked("setBreakpoints"), json!([{"line": 2}, {"line": 2}]));
    // The adapter numbered what it was asked for from 100 on: the temporary one came first again.
    seat.ask("evaluate", &json!({"expression": "stop 101"})).unwrap();
    let stopped = editor.next("stopped", |_| true);
    assert_eq!(stopped["hitBreakpointIds"], json!([]), "no client knows it");
    page.next("carafe/points", |body| body["points"].as_array().unwrap().len() == 1);
    assert_eq!(place.asked("setBreakpoints"), json!([{"line": 2}]));
    session.stop();
}

#[test]
fn breakpoints_are_kept_and_follow_their_lines() {
    let place = Place::new();
    {
        let session = Session::new();
        session.keep(place.0.path());
        let tool = session.join(Hearer::new(true));
        let wish = json!({"file": place.file(), "line": 3, "logMessage": "x is {x}"});
        tool.ask("carafe/setPoint", &wish).unwrap();
        tool.ask("carafe/setPoint", &json!({"name": "GET /x", "enabled": false})).unwrap();
        tool.ask("carafe/setWatches", &json!({"watches": ["id", "user.name"]})).unwrap();
        tool.ask("setExceptionBreakpoints", &json!({"filters": ["5xx"]})).unwrap();
    }
    fs::write(place.file(), "// new\n// lines\none();\ntwo();\nthree();\n").unwrap();
    let session = Session::new();
    session.keep(place.0.path());
    let (editor, page) = (Hearer::new(false), Hearer::new(true));
    let (seat, tool) = (session.join(editor.clone()), session.join(page.clone()));
    let state = tool.ask("carafe/state", &json!({})).unwrap();
    assert_eq!(state["watches"], json!(["id", "user.name"]));
    assert_eq!((&state["filters"], &state["phase"]), (&json!(["5xx"]), &json!("none")));
    assert_eq!(state["points"][1]["enabled"], false);
    start(&place, &seat, &editor);
    assert_eq!(place.asked("setBreakpoints"), json!([{"line": 5, "logMessage": "x is {x}"}]));
    page.next("carafe/points", |body| body["points"][0]["line"] == 5);
    // And once more, in the next run of the same session.
    fs::write(place.file(), "three();\n").unwrap();
    seat.ask("restart", &json!({})).unwrap();
    page.next("carafe/points", |body| body["points"][0]["line"] == 1);
    session.stop();
}

#[test]
fn an_editor_without_a_list_of_its_own_is_told_what_is_kept() {
    let (place, session) = (Place::new(), Session::new());
    session.keep(place.0.path());
    let tool = session.join(Hearer::new(true));
    tool.ask("carafe/setPoint", &json!({"file": place.file(), "line": 2})).unwrap();
    let editor = Hearer::new(false);
    let seat = session.join(editor.clone());
    start(&place, &seat, &editor);
    // `start` waits for `initialized`, before which it was told.
    let second = Hearer::new(false);
    let other = session.join(second.clone());
    other.catch_up();
    second.next("breakpoint", |body| body["breakpoint"]["line"] == 2);
    session.stop();
}

#[test]
fn wrong_wishes_are_told_in_words() {
    let session = Session::new();
    let tool = session.join(Hearer::new(true));
    let check = |command: &str, wish: Value, expected: &str| {
        assert_eq!(tool.ask(command, &wish), Err(expected.to_owned()), "{wish}");
    };
    let needs = "a breakpoint needs an `id`, a `file` and a `line`, or a `name`";
    check("carafe/setPoint", json!({}), needs);
    check("carafe/setPoint", json!({"file": "a.rs"}), needs);
    check("carafe/setPoint", json!({"file": "a.rs", "line": 0}), needs);
    check("carafe/setPoint", json!({"name": " "}), needs);
    check("carafe/setPoint", json!({"id": 5}), "there is no such breakpoint any more");
    check("carafe/setWatches", json!({}), "`watches` has to be a list of texts");
    check("carafe/other", json!({}), "`carafe/other` is not something this debugger does");
    check("next", json!({"threadId": 1}), "the program runs: it has to be held for a step");
}
