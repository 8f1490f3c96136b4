//! The extension in a real VS Code: F5 stops in a handler of the guestbook and shows its values, Ctrl+F5
//! runs through without a tracer.
//!
//! `cargo xtask test` brings code-server, node and playwright-core; `drive.mjs` in `editors/vscode/test`
//! presses the keys and tells what it saw.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails loudly")]

mod app;
mod editor;

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use editor::Editor;

/// Everything together: two builds of the guestbook on a machine that does other things as well, and the
/// keys.
const LIMIT: Duration = Duration::from_secs(800);

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// The folder that `cargo xtask test` fills.
fn parts() -> PathBuf {
    let parts = match std::env::var_os("CARAFE_TOOL_VSCODE") {
        Some(folder) => folder.into(),
        None => root().join("target/xtask/vscode"),
    };
    assert!(
        parts.join("installed-lock.json").is_file(),
        "no VS Code in `{}`\n\nhint: `cargo xtask test tests` installs it with npm",
        parts.display()
    );
    parts
}

fn node(parts: &Path) -> PathBuf {
    let architecture = if cfg!(target_arch = "aarch64") { "arm64" } else { "x64" };
    parts.join(format!("node_modules/node-linux-{architecture}/bin/node"))
}

fn chromium() -> PathBuf {
    if let Some(program) = std::env::var_os("CARAFE_TOOL_CHROMIUM") {
        return program.into();
    }
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let mut places = std::env::split_paths(&folders).map(|folder| folder.join("chromium"));
    places.find(|place| place.is_file()).expect(
        "no chromium on PATH\n\nhint: `apt-get install chromium`, or name the program with CARAFE_TOOL_CHROMIUM",
    )
}

/// Runs to the end within the time; gives what was said and whether it went well.
fn finish(command: &mut Command, limit: Duration) -> (bool, String) {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
    let mut out = child.stdout.take().unwrap();
    let reader = std::thread::spawn(move || {
        let mut text = Vec::new();
        let _ = out.read_to_end(&mut text);
        String::from_utf8_lossy(&text).into_owned()
    });
    let deadline = Instant::now() + limit;
    let went_well = loop {
        match child.try_wait().unwrap() {
            Some(status) => break status.success(),
            None if Instant::now() > deadline => {
                child.kill().unwrap();
                child.wait().unwrap();
                break false;
            }
            None => std::thread::sleep(Duration::from_millis(100)),
        }
    };
    (went_well, reader.join().unwrap())
}

#[test]
fn f5_stops_in_a_handler_and_ctrl_f5_runs_through() {
    let (parts, folder) =
        (parts(), tempfile::Builder::new().prefix("carafe-vscode-").tempdir().unwrap());
    let app = app::copy(folder.path());
    let editor = Editor::new(&parts, folder.path());

    // Puts the extension into the editor, as a person would.
    let mut setting_up = editor.command(Path::new(env!("CARGO_BIN_EXE_carafe")));
    let (went_well, said) =
        finish(setting_up.args(["editor", "vscode"]).current_dir(&app), Duration::from_secs(200));
    assert!(went_well && said.contains("installed in code-server"), "{said}");

    let serving = editor.serve();
    let script = parts.join("drive.mjs");
    std::fs::copy(root().join("editors/vscode/test/drive.mjs"), &script).unwrap();
    let mut driver = editor.command(&node(&parts));
    driver
        .arg(script)
        .env("EDITOR_URL", &serving.url)
        .env("WORKSPACE", &app)
        .env("APP", app::NAME)
        .env("CHROMIUM", chromium())
        .env("SCREENSHOTS", root().join("target/screenshots"));
    let (went_well, said) = finish(&mut driver, LIMIT);
    println!("{said}");
    assert!(went_well, "see above, and `target/screenshots/vscode-failed.png`");
    let seen: Value = serde_json::from_str(said.lines().last().unwrap()).unwrap();
    check(&seen);
}

fn check(seen: &Value) {
    let is = |key: &str, expected: Value| assert_eq!(seen[key], expected, "{key} in {seen}");
    // F5
    assert_ne!(seen["debugTracer"], 0, "F5 debugs: {seen}");
    is("id", "1".into());
    assert_eq!(seen["request"]["method"], "GET", "{seen}");
    assert_eq!(seen["request"]["rule"], "/entries/<int:id>", "{seen}");
    let url = seen["request"]["url"].as_str().unwrap();
    assert!(url.ends_with("/entries/1?from=test"), "{url}");
    let step = [seen["step"][0].as_i64().unwrap(), seen["step"][1].as_i64().unwrap()];
    assert_eq!(step[1], step[0] + 1, "F10 goes to the next line");
    is("debugStatus", 200.into());
    // Ctrl+F5
    is("breakpointStays", true.into());
    is("runTracer", 0.into());
    is("runStatus", 200.into());
    is("runStops", 0.into());
    is("runTracerAfter", 0.into());
    is("runParent", format!("carafe run --package {}", app::NAME).into());
}

/// What the extension decides without VS Code.
#[test]
fn the_extensions_own_tests_pass() {
    let mut tests = Command::new(node(&parts()));
    tests.arg("--test").arg(root().join("editors/vscode/test/core.test.js"));
    let (went_well, said) = finish(&mut tests, Duration::from_secs(60));
    assert!(went_well, "{said}");
}
