//! `carafe editor` as it is typed.

#![expect(clippy::unwrap_used, reason = "a helper of tests fails loudly")]

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

/// A workspace with an app in it and one below.
fn apps() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    package(folder.path(), "shop", "[workspace]\nmembers = [\"apps/*\"]\n");
    package(&folder.path().join("apps/blog"), "blog", "");
    folder
}

fn package(folder: &Path, name: &str, more: &str) {
    fs::create_dir_all(folder.join("src")).unwrap();
    let manifest = format!(
        "[package]\nname = \"{name}\"\nedition = \"2024\"\n[dependencies]\ncarafe = \"0.1\"\n{more}"
    );
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    fs::write(folder.join("src/main.rs"), "fn main() {}").unwrap();
}

/// What it prints and what it says, with the folder's own path as `.`; no editor is on `PATH`.
fn carafe(folder: &Path, line: &str) -> (bool, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_carafe"));
    let cargo = Path::new(env!("CARGO")).parent().unwrap();
    command.args(line.split(' ')).current_dir(folder).env("PATH", cargo).env("NO_COLOR", "1");
    let output = command.output().unwrap();
    let real = folder.canonicalize().unwrap();
    let words = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes).replace(&*real.to_string_lossy(), ".");
        text.replace(env!("CARGO_BIN_EXE_carafe"), "/bin/carafe")
    };
    (output.status.success(), words(&output.stdout), words(&output.stderr))
}

#[track_caller]
fn check(folder: &Path, line: &str, out: &str, said: &str) {
    assert_eq!(carafe(folder, line), (true, out.to_owned(), said.to_owned()), "{line}");
}

#[test]
fn writes_three_files_and_says_so_in_three_lines() {
    let folder = apps();
    let app = folder.path();
    let no_editor = "note: no editor to put the extension into was found on PATH\n\n\
        hint: in VS Code, `Shell Command: Install 'code' command in PATH` puts it there\n\
        hint: `carafe editor vscode --vsix carafe.vsix` writes the extension to a file, to install it by hand\n";
    let f5 = "F5 debugs `shop`, Ctrl+F5 runs it without a debugger; 1 more can be chosen beside the start button";
    let written = format!(
        "./.vscode: launch.json, tasks.json, extensions.json written\nextension: not installed\n{f5}\n"
    );
    check(app, "editor vscode", &written, no_editor);
    let again = format!("./.vscode: launch.json, tasks.json, extensions.json as before\n{f5}\n");
    check(app, "editor vscode --no-install", &again, "");
    // From a folder below, the nearest package counts.
    let launch = fs::read_to_string(app.join(".vscode/launch.json")).unwrap();
    assert!(launch.contains("\"cwd\": \"${workspaceFolder}/apps/blog\""), "{launch}");
    assert!(carafe(&app.join("apps/blog/src"), "editor vscode --no-install").0);
    let launch = fs::read_to_string(app.join("apps/blog/.vscode/launch.json")).unwrap();
    assert!(!launch.contains("shop") && launch.contains("\"blog\""), "{launch}");
}

#[test]
fn keeps_what_people_wrote() {
    let folder = apps();
    fs::create_dir(folder.path().join(".vscode")).unwrap();
    let launch = folder.path().join(".vscode/launch.json");
    let mine = "{\n  // mine\n  \"configurations\": [\n    { \"name\": \"shop\", \"type\": \"node\" }, // other\n  ]\n}\n";
    fs::write(&launch, mine).unwrap();

    let (_, shown, _) = carafe(folder.path(), "editor vscode --dry-run");
    assert!(shown.contains("launch.json: would be changed"), "{shown}");
    assert!(shown.contains("tasks.json: would be written"), "{shown}");
    assert_eq!(fs::read_to_string(&launch).unwrap(), mine);
    assert!(!folder.path().join(".vscode/tasks.json").exists());

    let (ok, _, said) = carafe(folder.path(), "editor vscode --no-install");
    assert!(ok);
    assert_eq!(
        said,
        "note: `shop` in `launch.json` has other values than Carafe's, and stays\n\n\
         hint: `carafe editor vscode --force` replaces it\n"
    );
    let kept = fs::read_to_string(&launch).unwrap();
    assert!(kept.contains("{ \"name\": \"shop\", \"type\": \"node\" }, // other"), "{kept}");
    assert!(kept.contains("// mine") && kept.contains("\"blog\""), "{kept}");

    let (ok, _, said) = carafe(folder.path(), "editor vscode --no-install --force");
    assert_eq!((ok, said.as_str()), (true, ""));
    let forced = fs::read_to_string(&launch).unwrap();
    assert!(!forced.contains("\"node\"") && forced.contains("// mine"), "{forced}");
}

#[test]
fn says_what_is_wrong() {
    let check = |folder: &Path, line: &str, expected: &str| {
        let (ok, _, said) = carafe(folder, line);
        assert!(!ok);
        assert_eq!(said, expected, "{line}");
    };
    let empty = tempfile::tempdir().unwrap();
    let no_package =
        "error: no `Cargo.toml` in `.` or above it\n\nhint: start this in the folder of your app\n";
    check(empty.path(), "editor vscode", no_package);
    package(empty.path(), "x", "");
    let manifest = fs::read_to_string(empty.path().join("Cargo.toml")).unwrap();
    fs::write(empty.path().join("Cargo.toml"), manifest.replace("carafe", "serde")).unwrap();
    check(
        empty.path(),
        "editor vscode",
        "error: no Carafe app in `.`: no package here depends on `carafe` and has a program\n\n\
         hint: `cargo add carafe` adds it, and `src/main.rs` is the program\n",
    );
    check(
        empty.path(),
        "editor vscode --vsix no/such/folder.vsix",
        "error: `no/such/folder.vsix` cannot be written: No such file or directory (os error 2)\n",
    );
    let (ok, _, said) = carafe(empty.path(), "editor");
    assert!(!ok && said.contains("required arguments were not provided"), "{said}");
}

#[test]
fn tells_every_editor() {
    let folder = apps();
    let (ok, all, _) = carafe(folder.path(), "editor --print");
    assert!(ok);
    for name in ["helix", "zed", "nvim-dap", "jetbrains", "vscode"] {
        let (ok, one, _) = carafe(folder.path(), &format!("editor --print {name}"));
        assert!(ok && all.contains(&one), "{name}: {one}");
    }
    let (_, helix, _) = carafe(folder.path(), "editor --print helix");
    // Whether it is TOML, and as Helix reads it: it takes no tables as arguments.
    let script = "import sys, tomllib; t = tomllib.load(sys.stdin.buffer); \
        d = t['language'][0]['debugger']; assert d['args'] == ['dap']; \
        assert all(isinstance(v, (str, bool)) for x in d['templates'] for v in x['args'].values()); \
        print(len(d['templates']))";
    let read = with_input("python3", &["-c", script], &helix);
    assert_eq!(read.trim(), "2", "{helix}");
}

fn with_input(program: &str, arguments: &[&str], input: &str) -> String {
    use std::io::Write as _;
    use std::process::Stdio;
    let mut command = Command::new(program);
    let mut child =
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap()
}
