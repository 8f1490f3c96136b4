//! The app's own command line: what each command prints, and how it ends.
//!
//! A case is a line here and a file in `snapshots/`, written by `UPDATE_SNAPSHOTS=1 cargo test`.

#![expect(clippy::unwrap_used, reason = "a helper of tests fails loudly")]

#[path = "../process/mod.rs"]
mod process;

use std::fs;
use std::path::{Path, PathBuf};

use process::{Outcome, command, outcome, run};

/// The commands of one app, with the name of each one's snapshot.
fn check(app: &str, root: &Path, cases: &[(&str, &[&str])]) {
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|(name, arguments)| differs(name, arguments, &run(app, root, arguments), root))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// What a command did, beside its snapshot when that is another one.
fn differs(name: &str, arguments: &[&str], outcome: &Outcome, root: &Path) -> Option<String> {
    let Outcome { code, stdout, stderr } = outcome;
    let mut text = format!("$ shop {}\n", arguments.join(" "));
    text.push_str(stdout);
    if !stderr.is_empty() {
        text.push_str(&format!("--- standard error\n{stderr}"));
    }
    text.push_str(&format!("--- exit status {}\n", code.unwrap_or(-1)));
    let text = text.replace(&root.display().to_string(), "{root}").replace("test-apps", "shop");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/snapshots");
    let file = folder.join(format!("{name}.txt"));
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        fs::create_dir_all(folder).unwrap();
        fs::write(file, text).unwrap();
        return None;
    }
    let expected = fs::read_to_string(file).unwrap_or_default();
    (text != expected).then(|| format!("{name} gave\n{text}\nand not\n{expected}"))
}

/// A folder with files for the app.
fn root(files: &[(&str, &str)]) -> (tempfile::TempDir, PathBuf) {
    let root = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let path = root.path().to_owned();
    (root, path)
}

#[test]
fn the_commands_that_every_app_has() {
    let (_folder, root) = root(&[("templates/index.html", "{{ url_for('user', id=5) }}")]);
    check(
        "commands",
        &root,
        &[
            ("help", &["--help"]),
            ("run-help", &["run", "--help"]),
            ("version", &["--version"]),
            ("routes", &["routes"]),
            ("routes-json", &["routes", "--json"]),
            ("check", &["check"]),
            ("config", &["config"]),
            ("config-json", &["config", "--json", "--set", "port=9000"]),
            ("config-all", &["config", "--all"]),
            ("config-set-before", &["--set", "port=9000", "config"]),
            ("config-secret", &["config", "--set", "secret_key=0123456789abcdef0123456789abcdef"]),
        ],
    );
}

#[test]
fn explanations_of_routing() {
    let (_folder, root) = root(&[]);
    check(
        "commands",
        &root,
        &[
            ("explain-found", &["explain", "get", "/users/5"]),
            ("explain-url", &["explain", "GET", "http://shop.example/users/5?tab=photos#top"]),
            ("explain-not-found", &["explain", "GET", "/nowhere"]),
            ("explain-refused", &["explain", "GET", "/users/Ann Lee"]),
            ("explain-too-large", &["explain", "GET", "/users/4294967296"]),
            ("explain-method", &["explain", "DELETE", "/users/5"]),
            ("explain-slash", &["explain", "GET", "/notes"]),
            ("explain-default", &["explain", "GET", "/notes/page/1"]),
            ("explain-websocket", &["explain", "GET", "/live"]),
            ("explain-no-path", &["explain", "GET", "users"]),
            ("explain-empty", &["explain", "GET", ""]),
            ("explain-no-method", &["explain", "G T", "/"]),
        ],
    );
}

#[test]
fn commands_of_the_apps_own() {
    let (_folder, root) = root(&[]);
    check(
        "commands",
        &root,
        &[
            ("greet", &["greet", "Ann", "-n", "2", "--loud"]),
            ("greet-help", &["greet", "--help"]),
            ("greet-nobody", &["greet", "nobody"]),
            ("greet-missing", &["greet"]),
            ("greet-wrong", &["greet", "Ann", "--times", "often"]),
            ("greet-config", &["greet", "Ann", "--set", "port=x"]),
            ("leave", &["leave", "7"]),
            ("crash", &["crash"]),
            ("unknown-command", &["grete"]),
            ("unknown-option", &["routes", "--jsn"]),
            ("unknown-option-elsewhere", &["routes", "--port", "80"]),
            ("secret-extra", &["secret", "extra"]),
            ("explain-help", &["help", "explain"]),
            ("explain-no-arguments", &["explain"]),
            ("greet-set-before", &["--set", "port=x", "greet", "Ann"]),
            ("greet-port-before", &["--port", "1", "greet", "Ann"]),
        ],
    );
    check("clashing", &root, &[("clashing", &["routes"])]);
}

#[test]
fn a_command_that_panics_fails() {
    let (_folder, root) = root(&[]);
    let outcome = run("commands", &root, &["stumble"]);
    assert_eq!(outcome.code, Some(1));
    assert!(outcome.stderr.ends_with("error: panicked: over a stone\n"), "{}", outcome.stderr);
}

#[test]
fn mistakes_that_check_finds() {
    let (_folder, root) = root(&[
        ("templates/a.html", "{% if %}\n"),
        (
            "templates/b.html",
            "{{ url_for('user') }}\n{{ url_for('nope') }}{% include 'gone.html' %}",
        ),
        (
            "src/main.rs",
            "fn a() {\n    render!(\"gone.html\");\n    url_for!(\"nope\");\n    url_for!(\"usr\");\n    \
             stream_template(\"c.html\");\n    render_string!(\"{{ url_for('usr') }}\");\n}",
        ),
    ]);
    check("commands", &root, &[("check-mistakes", &["check"])]);
}

#[test]
fn a_wrong_configuration_is_told_whole() {
    let (_folder, root) = root(&[(
        "carafe.toml",
        "prot = 1\nmax_headers = \"many\"\n[shop]\ncurrency = 5\n[profile.development]\nhost = \"\"\n",
    )]);
    let arguments = ["--set", "workers=-1", "--port", "x"];
    let mut command = command("commands", &root, &arguments);
    command.env("CARAFE_THREADS", "0");
    if let Some(wrong) = differs("wrong-config", &arguments, &outcome(command), &root) {
        panic!("{wrong}");
    }
    check(
        "commands",
        &root,
        &[
            ("set-no-value", &["routes", "--set", "port"]),
            ("set-no-key", &["routes", "--set", "=x"]),
        ],
    );
    fs::write(root.join("carafe.toml"), "port = 1\nworkers = \n").unwrap();
    check("commands", &root, &[("config-no-toml", &["config"])]);
}

#[test]
fn each_secret_is_new() {
    let (_folder, root) = root(&[("carafe.toml", "not toml")]);
    let [one, two] = [(); 2].map(|()| run("commands", &root, &["secret"]));
    assert_eq!((one.code, one.stderr.as_str()), (Some(0), ""));
    assert!(one.stdout.trim_end().len() >= 43, "{}", one.stdout);
    assert_ne!(one.stdout, two.stdout);
}
