//! `carafe dap` before a debugger that hangs, dies, or talks nonsense: the editor is told in words, and
//! no process is left behind.
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::editor::Editor;

/// A fake adapter that behaves in one way, in a folder where it leaves its notes.
struct Fake(tempfile::TempDir);

impl Fake {
    fn new(mode: &str) -> (Fake, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join(format!("gdb-{mode}"));
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dap/fake_adapter.py");
        std::os::unix::fs::symlink(script, &program).unwrap();
        (Fake(folder), program)
    }

    /// Nothing that it started, nor itself, may be there.
    fn is_gone(&self) {
        let deadline = Instant::now() + Duration::from_secs(10);
        for name in ["adapter", "program"] {
            let Ok(pid) = std::fs::read_to_string(self.0.path().join(name)) else { continue };
            // Whoever inherits a process may need a moment to take note of its end.
            while runs(&pid) {
                assert!(Instant::now() < deadline, "the {name} was left behind");
                std::thread::sleep(Duration::from_millis(10));
            }
        }
    }
}

fn runs(pid: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit(") ").next().is_some_and(|rest| !rest.is_empty() && !rest.starts_with('Z'))
}

/// An editor whose program is "debugged" by a fake, up to `configurationDone`.
fn begin(mode: &str) -> (Fake, Editor) {
    let (fake, program) = Fake::new(mode);
    let mut editor = Editor::start();
    let launch = editor.launch(json!({"cargo": null, "program": "/bin/true", "adapter": program}));
    editor.wait_for("initialized");
    editor.call("configurationDone", json!({}));
    editor.answer(launch);
    (fake, editor)
}

#[test]
fn values_that_never_come_are_told_as_such() {
    let (fake, mut editor) = begin("hangs");
    let began = Instant::now();
    let shown = editor.call("variables", json!({"variablesReference": 1}));
    let words = shown["variables"][0]["value"].as_str().unwrap();
    assert!(words.starts_with("the debugger did not answer within 3 s"), "{words}");
    assert!(began.elapsed() < Duration::from_secs(6), "it took {:?}", began.elapsed());
    // The session goes on.
    editor.call("scopes", json!({"frameId": 1}));
    editor.leave();
    fake.is_gone();
}

#[test]
fn a_debugger_that_breaks_off_is_told_in_words() {
    let check = |mode: &str, words: &str| {
        let (fake, mut editor) = begin(mode);
        editor.wait_for("terminated");
        editor.wait_for_output(words);
        fake.is_gone();
        editor.call("disconnect", json!({}));
        editor.vanish();
    };
    check("ends", "the debugger ended; the program ends with it");
    check("half", "the debugger broke off: the stream ended: unexpected end of file; the program");
    check("huge", "the debugger broke off: a message of 99999999999 bytes is larger than");
    check("nonsense", "the debugger broke off: `Segmentation fault` is no header of the protocol");
}

#[test]
fn a_debugger_that_does_not_start_is_told_in_its_own_words() {
    let (fake, program) = Fake::new("stillborn");
    let mut editor = Editor::start();
    let launch = editor.launch(json!({"cargo": null, "program": "/bin/true", "adapter": program}));
    let words = editor.refusal(launch);
    let expected = "the debugger ended before the program ran\n\nhint: it said `cannot open shared object file`";
    assert_eq!(words, expected);
    fake.is_gone();
    editor.vanish();

    let mut editor = Editor::start();
    let missing = json!({"cargo": null, "program": "/bin/true", "adapter": "/nowhere/gdb"});
    let launch = editor.launch(missing);
    let words = editor.refusal(launch);
    assert!(words.starts_with("the debugger `/nowhere/gdb` cannot be started: "), "{words}");
    editor.vanish();
}

/// A debugger that is killed leaves its program to the guard.
#[test]
fn a_killed_tool_leaves_no_program_of_its_debugger() {
    let (fake, mut editor) = begin("good");
    editor.kill();
    fake.is_gone();
}

#[test]
fn an_enum_of_gdb_shows_its_variant() {
    let (fake, mut editor) = begin("good");
    let shown = editor.call("variables", json!({"variablesReference": 1}));
    let shown: Vec<(&str, &str)> = shown["variables"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["name"].as_str().unwrap(), one["value"].as_str().unwrap()))
        .collect();
    assert_eq!(shown, [("none", "None"), ("user", "User"), ("id", "7")]);
    editor.leave();
    fake.is_gone();
}

#[test]
fn a_debugger_that_does_not_leave_is_made_to() {
    for mode in ["aborts", "deaf"] {
        let (fake, editor) = begin(mode);
        editor.leave();
        fake.is_gone();
    }
    // `terminate` is not passed on: lldb-dap 19 aborts on it.
    let (fake, mut editor) = begin("good");
    editor.call("terminate", json!({}));
    editor.wait_for("terminated");
    fake.is_gone();
    editor.vanish();
    // An editor that goes away without a word.
    let (fake, editor) = begin("good");
    editor.vanish();
    fake.is_gone();
}
