//! Lines in, lines out.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use crate::{Alone, BUILD_LIMIT, DEBUG, FILE, LIMIT, address, get, line_of, nobody_listens, root};

/// A debugger, and somebody who types.
struct Typist {
    child: Child,
    input: Option<ChildStdin>,
    said: Receiver<String>,
    /// All that was said; what was looked at already ends at `seen`.
    output: String,
    seen: usize,
    address: String,
    _alone: Alone,
}

impl Typist {
    fn start() -> Typist {
        let _alone = Alone::new();
        let mut command = Command::new(env!("CARGO_BIN_EXE_carafe"));
        command.args(DEBUG).current_dir(root());
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let out = child.stdout.take().unwrap();
        let (told, said) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                let _ = told.send(line);
            }
        });
        let (input, output) = (child.stdin.take(), String::new());
        let mut typist =
            Typist { child, input, said, output, seen: 0, address: String::new(), _alone };
        typist.until(BUILD_LIMIT, "workers;");
        typist.address = address(&typist.output).unwrap();
        typist
    }

    fn type_line(&mut self, line: &str) {
        writeln!(self.input.as_mut().unwrap(), "{line}").unwrap();
    }

    /// Types a line, and waits until this is said.
    fn hears(&mut self, line: &str, expected: &str) {
        self.type_line(line);
        self.hear(expected);
    }

    fn hear(&mut self, expected: &str) {
        self.until(LIMIT, expected);
    }

    fn until(&mut self, limit: Duration, expected: &str) {
        let deadline = Instant::now() + limit;
        loop {
            if let Some(at) = self.output[self.seen..].find(expected) {
                self.seen += at + expected.len();
                return;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            let Ok(line) = self.said.recv_timeout(left) else {
                panic!("`{expected}` never came after {}", self.output)
            };
            self.output.push_str(&line);
            self.output.push('\n');
        }
    }

    /// Waits for its end; gives the exit status.
    fn ends(&mut self) -> Option<i32> {
        let deadline = Instant::now() + LIMIT;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            assert!(Instant::now() < deadline, "it does not end");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Typist {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A line of the app's source as a step tells it.
fn at(text: &str) -> String {
    let number = line_of(text);
    format!("{number:>5}  ")
}

#[test]
fn a_route_with_a_condition_values_and_steps() {
    let mut typist = Typist::start();
    typist.hears("routes", "/plain/<int:id>");
    typist.hears("b GET /plain/<int:id> if id == 7", "1 GET /plain/<int:id> (");
    typist.hears("b", "panic: where the app panics\n1 GET /plain/<int:id>");
    let (other, seventh) = (get(&typist.address, "/plain/3"), get(&typist.address, "/plain/7"));
    let line = line_of("let user = user(id);");
    typist.hears("wait", &format!("breakpoint 1 in debuggee::plain, {FILE}:{line}\n"));
    typist.hears("p", "id = 7\n");
    typist.hears("n", &at("let length = describe(&user);"));
    typist.hears("p user.tags", "user.tags = [\"a\", \"bc\"]\n  [0] = \"a\"\n  [1] = \"bc\"\n");
    typist.hears("p user.name.len() * 2 + 1", "= 13\n");
    typist.hears("p nothing_like_it", "error: ");
    typist.hears("set id = 8", "id = 8\n");
    typist.hears("bt", ">0   debuggee::plain");
    typist.hear("not of the app\n");
    typist.hears("watch user.id", "user.id = 7\n");
    // Into the app's own function, up to its caller and down again, and out.
    typist.hears("s", "step in debuggee::describe");
    typist.hears("up", "debuggee::plain");
    typist.hears("up", "error: this is the app's outermost frame\n");
    typist.hears("down", "debuggee::describe");
    typist.hears("o", "step in debuggee::plain");
    typist.hear("  user.id = 7\n");
    typist.hears("l", "> ");
    typist.hears("request", "url: http://127.0.0.1:");
    typist.hear("path values:\n  id: 7\n");
    typist.hears("c", "");
    assert!(seventh.join().unwrap().ends_with("user 7 8"));
    assert!(other.join().unwrap().ends_with("user 3 8"));
    typist.hears("p", "error: the app runs\n");
    typist.hears("q", "");
    assert_eq!(typist.ends(), Some(0));
    nobody_listens(&typist.address);
}

#[test]
fn stops_at_panics_and_5xx_and_writes_log_lines() {
    let mut typist = Typist::start();
    typist.hears("b 5xx", "5xx: where an error of 500");
    let answer = get(&typist.address, "/panic");
    typist.hears("wait", "no nickname");
    typist.hear("debuggee::panics");
    typist.hears("d panic", "");
    typist.hears("c", "");
    // The panic is an answer of 500, too.
    typist.hears("wait", "in debuggee::panics");
    typist.hears("d", "");
    typist.hears("c", "");
    assert!(answer.join().unwrap().starts_with("HTTP/1.1 500"));

    let line = line_of("let length = describe(&user);");
    let place = format!("debuggee.rs:{line}");
    typist.hears(&format!("b {place}"), &format!("1 {FILE}:{line}\n"));
    typist.hears("log 1 user is {user.id}", "log user is {user.id}\n");
    assert!(get(&typist.address, "/plain/5").join().unwrap().ends_with("user 5 8"));
    typist.hear("user is 5\n");
    typist.hears("cond 1 id == 9", "if id == 9 log user is {user.id}\n");
    typist.hears("log 1", "if id == 9\n");
    assert!(get(&typist.address, "/plain/8").join().unwrap().ends_with("user 8 8"));
    let ninth = get(&typist.address, "/plain/9");
    typist.hears("wait", "breakpoint 1 in debuggee::plain");
    typist.hears("cond 1", &format!("1 {FILE}:{line}\n"));
    typist.hears("c", "");
    assert!(ninth.join().unwrap().ends_with("user 9 8"));
    // The end of the input is the end of the session.
    typist.input = None;
    assert_eq!(typist.ends(), Some(0));
    nobody_listens(&typist.address);
}

#[test]
fn starts_again_with_its_breakpoints() {
    let mut typist = Typist::start();
    typist.hears("b slow", "1 slow (");
    let before = typist.address.clone();
    typist.type_line("r");
    typist.hear("workers;");
    typist.address = address(&typist.output).unwrap();
    nobody_listens(&before);
    let answer = get(&typist.address, "/slow/1");
    typist.hears("wait", "breakpoint 1 in debuggee::slow");
    // Over the await, within the same request.
    for line in ["let mut counts", "counts.insert(", "tokio::time::sleep(", "let moved"] {
        typist.hears("n", &at(line));
    }
    // An empty line does the last step again.
    typist.hears("", &at("let after ="));
    typist.hears("c", "");
    assert!(answer.join().unwrap().ends_with("1 1 true"));
    typist.hears("pause", "paused");
    typist.hears("quit", "");
    assert_eq!(typist.ends(), Some(0));
}

#[test]
fn an_app_that_does_not_start_is_told() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_carafe"));
    let _alone = Alone::new();
    command.args(["debug", "--plain", "--page-port", "0", "-P", "nothing-of-this-name"]);
    let output = command.current_dir(root()).stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("error: the app does not compile\n"), "{said}");
    assert!(said.contains("nothing-of-this-name"), "{said}");
    assert_eq!(output.status.code(), Some(1));
}
