//! Whatever is killed, and when: no app, debugger or build is left behind, and no port is taken.

use std::net::TcpStream;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::editor::Editor;

const VARIABLE: &str = "DAP_TEST_MARK";

/// All that one `carafe dap` starts, known by a variable.
struct Marked(String);

impl Marked {
    fn new(name: &str) -> Marked {
        Marked(format!("{name}-{}", std::process::id()))
    }

    fn start(&self) -> Editor {
        Editor::start_with(VARIABLE, &self.0)
    }

    /// The processes that are there, each with its id and its command.
    fn all(&self) -> Vec<(u32, String)> {
        let entry = format!("{VARIABLE}={}", self.0);
        let ids = std::fs::read_dir("/proc").unwrap().flatten();
        let ids = ids.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        let is_ours = |id: &u32| {
            let environment = std::fs::read(format!("/proc/{id}/environ")).unwrap_or_default();
            environment.split(|byte| *byte == 0).any(|one| one == entry.as_bytes())
        };
        let command = |id| {
            let command = std::fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
            (id, String::from_utf8_lossy(&command).replace('\0', " "))
        };
        ids.filter(is_ours).map(command).collect()
    }

    /// The process whose command has this in it.
    fn one(&self, part: &str) -> Option<u32> {
        self.all().into_iter().find(|(_, command)| command.contains(part)).map(|(id, _)| id)
    }

    fn is_gone(&self, when: &str) {
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            let left = self.all();
            if left.is_empty() {
                return;
            }
            assert!(Instant::now() < deadline, "left behind {when}: {left:?}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

fn kill(id: u32) {
    let killed = std::process::Command::new("kill").args(["-9", &id.to_string()]).status();
    assert!(killed.unwrap().success());
}

fn is_free(url: &str) {
    let address = url.trim_start_matches("http://");
    assert!(TcpStream::connect(address).is_err(), "{address} is still listened on");
}

/// The test's app, which a session builds first.
fn program() -> Value {
    let mut editor = Editor::start();
    let launch = editor.launch(json!({}));
    editor.wait_for("initialized");
    let process = editor.wait_for("process");
    editor.call("configurationDone", json!({}));
    editor.answer(launch);
    editor.url();
    editor.leave();
    process["name"].clone()
}

/// A session of the app that was built, up to the moment when its breakpoints may be set.
fn begin(marked: &Marked, program: &Value) -> (Editor, i64) {
    let mut editor = marked.start();
    let launch = editor.launch(json!({"cargo": null, "program": program}));
    (editor, launch)
}

#[test]
fn the_tool_may_be_killed_at_any_moment() {
    let program = program();
    // From the first message on until the app has run for a while.
    for round in 0..14 {
        let marked = Marked::new(&format!("moment-{round}"));
        let moment = Duration::from_millis(round * 140);
        let (mut editor, _) = begin(&marked, &program);
        let began = Instant::now();
        if editor.hears("initialized", moment) {
            editor.send("configurationDone", json!({}));
            editor.hears("never", moment.saturating_sub(began.elapsed()));
        }
        editor.kill();
        marked.is_gone(&format!("after {moment:?}"));
    }
    // While a request is held at a breakpoint, in the middle of a step, and of another request.
    for round in 0..6 {
        let marked = Marked::new(&format!("held-{round}"));
        let (mut editor, launch) = begin(&marked, &program);
        editor.wait_for("initialized");
        let routes = json!([{"name": "slow"}]);
        editor.call("setFunctionBreakpoints", json!({"breakpoints": routes}));
        editor.call("configurationDone", json!({}));
        editor.answer(launch);
        let url = editor.url();
        let address = url.trim_start_matches("http://").to_owned();
        let request = std::thread::spawn(move || {
            TcpStream::connect(&address).map(|mut stream| {
                use std::io::{Read as _, Write as _};
                let _ = stream.write_all(b"GET /slow/1 HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n");
                let _ = stream.read(&mut [0; 64]);
            })
        });
        let stop = editor.wait_for("stopped");
        if round % 2 == 1 {
            editor.send("next", json!({"threadId": stop["threadId"]}));
        }
        editor.kill();
        marked.is_gone("while it was held");
        is_free(&url);
        let _ = request.join();
    }
}

#[test]
fn the_debugger_may_be_killed() {
    let program = program();
    for part in ["lldb-dap", "lldb-server"] {
        let marked = Marked::new(part);
        let (mut editor, launch) = begin(&marked, &program);
        editor.wait_for("initialized");
        editor.call("configurationDone", json!({}));
        editor.answer(launch);
        let url = editor.url();
        kill(marked.one(part).unwrap_or_else(|| panic!("no {part} in {:?}", marked.all())));
        editor.wait_for("terminated");
        is_free(&url);
        editor.call("disconnect", json!({}));
        editor.vanish();
        marked.is_gone(part);
    }
}

/// A package whose build takes a minute, and tells when it has begun to.
fn slow_package() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let begun = folder.path().join("begun");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    std::fs::create_dir(folder.path().join("src")).unwrap();
    write("Cargo.toml", "[package]\nname = \"slow\"\nedition = \"2024\"\n[workspace]\n");
    write("src/main.rs", "fn main() {}");
    let script = "fn main() { std::fs::write(\"begun\", \"\").unwrap(); \
        std::thread::sleep(std::time::Duration::from_secs(60)); }";
    write("build.rs", script);
    (folder, begun)
}

#[test]
fn a_build_ends_with_whoever_wanted_it() {
    type End = fn(Editor);
    let ends: [(&str, End); 3] = [
        ("killed", |mut editor| editor.kill()),
        ("disconnect", |mut editor| {
            let began = Instant::now();
            editor.call("disconnect", json!({}));
            editor.vanish();
            assert!(began.elapsed() < Duration::from_secs(20), "it took {:?}", began.elapsed());
        }),
        ("vanish", Editor::vanish),
    ];
    for (name, end) in ends {
        let (folder, begun) = slow_package();
        let marked = Marked::new(name);
        let mut editor = marked.start();
        editor.send("launch", json!({"cargo": {}, "cwd": folder.path()}));
        let deadline = Instant::now() + Duration::from_secs(60);
        while !begun.exists() {
            assert!(Instant::now() < deadline, "the build does not begin");
            std::thread::sleep(Duration::from_millis(10));
        }
        end(editor);
        marked.is_gone(name);
    }
}
