//! `carafe new`: the app that it makes is built, tested, linted and asked; and nothing is overwritten.

#![expect(clippy::unwrap_used, reason = "a helper of tests fails loudly")]

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

const LIMIT: Duration = Duration::from_secs(60);

fn carafe(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_carafe"));
    command.args(arguments).current_dir(folder).env("CARAFE_LANG", "en");
    command.output().unwrap()
}

fn made(folder: &Path, arguments: &[&str]) -> String {
    let output = carafe(folder, arguments);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}");
    assert_eq!(output.stdout, b"");
    said
}

fn refused(folder: &Path, arguments: &[&str]) -> String {
    let output = carafe(folder, arguments);
    assert_eq!(output.status.code(), Some(1));
    String::from_utf8(output.stderr).unwrap()
}

/// Cargo in the new app, with the versions and the compiled dependencies of this workspace.
fn cargo(app: &Path, arguments: &[&str]) -> Command {
    let target = Path::new(env!("CARGO_BIN_EXE_carafe")).ancestors().nth(2).unwrap();
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(arguments).current_dir(app).env("CARGO_TARGET_DIR", target);
    cargo.env("CARGO_PROFILE_DEV_DEBUG", "line-tables-only").env_remove("CARAFE_PROFILE");
    cargo
}

fn done(mut command: Command) {
    let output = command.output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(
        output.status.success(),
        "{command:?}\n{}{}",
        text(&output.stdout),
        text(&output.stderr)
    );
}

/// A program that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts the app on a free port; gives its address.
fn serve(app: &Path, program: &str) -> (Running, String) {
    let target = Path::new(env!("CARGO_BIN_EXE_carafe")).parent().unwrap();
    let mut command = Command::new(target.join(program));
    command.args(["--port", "0", "--host", "127.0.0.1"]).current_dir(app);
    let mut child = command.stderr(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let (out, errors) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let running = Running(child);
    let (said, heard) = std::sync::mpsc::channel();
    for stream in [Box::new(out) as Box<dyn std::io::Read + Send>, Box::new(errors)] {
        let said = said.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(stream).lines().map_while(Result::ok) {
                let _ = said.send(line);
            }
        });
    }
    let deadline = Instant::now() + LIMIT;
    let mut output = String::new();
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let line = heard.recv_timeout(left).unwrap_or_else(|_| panic!("no banner in {output}"));
        output.push_str(&format!("{line}\n"));
        if let Some((_, rest)) = line.split_once("http://") {
            let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.' && c != ':');
            return (running, rest[..end.unwrap_or(rest.len())].to_owned());
        }
    }
}

fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(LIMIT)).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn the_app_builds_passes_its_tests_is_clean_and_answers() {
    let root = tempfile::tempdir().unwrap();
    // Names are shared by all who build into this workspace's folder.
    let name = format!("made-by-new-{}", std::process::id());
    let said = made(root.path(), &["new", &name]);
    let expected = format!(
        "`{name}` is ready\n\n  cd {name}\n  carafe run      then open http://localhost:8000\n  \
         carafe debug    stops at any line that you choose\n"
    );
    assert_eq!(said, expected);
    let app = root.path().join(&name);
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    fs::copy(workspace.join("Cargo.lock"), app.join("Cargo.lock")).unwrap();
    done(cargo(&app, &["fmt", "--check"]));
    done(cargo(&app, &["clippy", "--all-targets", "--quiet", "--", "-D", "warnings"]));
    done(cargo(&app, &["test", "--quiet"]));
    done(cargo(&app, &["build", "--quiet"]));
    let (_running, address) = serve(&app, &name);
    let page = get(&address, "/");
    assert!(page.starts_with("HTTP/1.1 200"), "{page}");
    assert!(page.contains("A new note"), "{page}");
    let missing = get(&address, "/nowhere");
    assert!(missing.starts_with("HTTP/1.1 404"), "{missing}");
    assert!(missing.contains("the path goes on with `nowhere`"), "{missing}");
    assert!(get(&address, "/static/style.css").contains("prefers-color-scheme"));
    clean(&app, &name);
}

/// Takes the app out of the workspace's folder again.
fn clean(app: &Path, name: &str) {
    done(cargo(app, &["clean", "--quiet", "--package", name]));
}

#[test]
fn the_secret_is_not_committed() {
    let root = tempfile::tempdir().unwrap();
    made(root.path(), &["new", "shop", "--git"]);
    let app = root.path().join("shop");
    let secret = fs::read_to_string(app.join(".env")).unwrap();
    let secret = secret.lines().find_map(|line| line.strip_prefix("CARAFE_SECRET_KEY=")).unwrap();
    assert_eq!(secret.len(), 64);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(app.join(".env")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let git = |arguments: &[&str]| {
        let output = Command::new("git").args(arguments).current_dir(&app).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    git(&["add", "--all"]);
    let committed = git(&["diff", "--cached"]);
    assert!(committed.contains("carafe.toml"));
    assert!(committed.contains(".vscode/launch.json"), "{committed}");
    assert!(!committed.contains(secret));
    assert!(!git(&["ls-files"]).lines().any(|file| file == ".env"));
}

#[test]
fn a_repository_is_made_where_there_is_none() {
    let root = tempfile::tempdir().unwrap();
    let has = |name: &str| root.path().join(name).join(".git").exists();
    made(root.path(), &["new", "one"]);
    assert!(has("one"));
    made(root.path(), &["new", "two", "--no-git"]);
    assert!(!has("two"));
    made(root.path(), &["new", "three", "--path", "one/inside"]);
    assert!(!has("one/inside"));
    made(root.path(), &["new", "four", "--git", "--path", "one/other"]);
    assert!(has("one/other"));
}

#[test]
fn fills_the_folder_that_it_is_typed_in() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("my-shop");
    fs::create_dir(&folder).unwrap();
    let said = made(&folder, &["new", ".", "--lang", "ko"]);
    assert!(said.starts_with("`my-shop`을(를) 만들었습니다\n\n  carafe run "), "{said}");
    let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
    assert!(manifest.contains("name = \"my-shop\""), "{manifest}");
    assert!(fs::read_to_string(folder.join("templates/index.html")).unwrap().contains("새 메모"));
    let before = names(&folder);
    let said = refused(&folder, &["new", "."]);
    assert!(said.contains("is not empty: it holds"), "{said}");
    assert!(said.contains("hint: nothing is overwritten"), "{said}");
    assert_eq!(names(&folder), before);
}

#[test]
fn overwrites_nothing() {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir(root.path().join("shop")).unwrap();
    fs::write(root.path().join("shop/precious"), "x").unwrap();
    let said = refused(root.path(), &["new", "shop"]);
    assert!(said.contains("it holds `precious`\n"), "{said}");
    assert_eq!(names(&root.path().join("shop")), ["precious"]);
    fs::write(root.path().join("file"), "x").unwrap();
    let said = refused(root.path(), &["new", "file"]);
    assert!(said.contains("cannot be written"), "{said}");
    assert_eq!(fs::read_to_string(root.path().join("file")).unwrap(), "x");
}

#[test]
fn refuses_in_words_before_it_makes_anything() {
    let root = tempfile::tempdir().unwrap();
    let said = refused(root.path(), &["new", "my shop"]);
    assert_eq!(
        said,
        "error: `my shop` cannot be an app's name: ` ` is none of a to z, 0 to 9, `-` and `_`\n\n\
         hint: for example `carafe new my-shop`\n"
    );
    let said = refused(root.path(), &["new", "shop", "--carafe", "nowhere"]);
    assert!(said.starts_with("error: `nowhere` is no copy of carafe's repository\n"), "{said}");
    let said = refused(root.path(), &["new", ".", "--path", "x"]);
    assert!(said.starts_with("error: `.` is this folder, and `--path` names another\n"), "{said}");
    let folder = root.path().join("7up");
    fs::create_dir(&folder).unwrap();
    let said = refused(&folder, &["new", "."]);
    assert!(
        said.ends_with("hint: give it another name here: `carafe new my-app --path .`\n"),
        "{said}"
    );
    assert_eq!((names(root.path()), names(&folder)), (vec!["7up".to_owned()], Vec::new()));
}

#[test]
fn stands_alone_inside_a_workspace_that_does_not_know_it() {
    let root = tempfile::tempdir().unwrap();
    let manifest =
        |app: &str| fs::read_to_string(root.path().join(app).join("Cargo.toml")).unwrap();
    fs::write(
        root.path().join("Cargo.toml"),
        "[workspace]\nresolver = \"3\"\nmembers = [\"apps/*\"]\n",
    )
    .unwrap();
    made(root.path(), &["new", "till", "--path", "apps/till"]);
    made(root.path(), &["new", "shop"]);
    assert!(manifest("shop").ends_with("[workspace]\n"), "{}", manifest("shop"));
    assert!(!manifest("apps/till").contains("[workspace]"));
    let metadata = |app: &str| {
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.args(["metadata", "--no-deps", "--format-version", "1"]);
        cargo.current_dir(root.path().join(app));
        done(cargo);
    };
    metadata("shop");
    metadata("apps/till");
}

/// A first build takes minutes, after which nobody wants to hear what is missing.
#[test]
#[cfg(target_os = "linux")]
fn without_a_debugger_nothing_is_built_for_one() {
    let root = tempfile::tempdir().unwrap();
    made(root.path(), &["new", "shop", "--no-git"]);
    let app = root.path().join("shop");
    let mut command = Command::new(env!("CARGO_BIN_EXE_carafe"));
    command.args(["debug", "--plain", "--page-port", "0"]).current_dir(&app).stdin(Stdio::null());
    command.env("PATH", root.path()).env("CARAFE_LANG", "en").env_remove("CARGO_TARGET_DIR");
    let output = command.output().unwrap();
    // It is said in the talk with the debugger.
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("error: no debugger was found: neither lldb-dap "), "{said}");
    assert!(said.contains("\nhint: `carafe run`, in editors Ctrl+F5, needs none\n"), "{said}");
    assert!(!app.join("target").exists());
}

#[test]
fn the_help_says_what_it_does() {
    let output = carafe(&PathBuf::from("."), &["new", "--help"]);
    let help = String::from_utf8(output.stdout).unwrap();
    assert!(help.contains("carafe new [OPTIONS] <NAME>"), "{help}");
    assert!(help.contains("Nothing that exists is ever overwritten."), "{help}");
}
