//! The app's own command line, and how it starts: as a process, in a folder of its own.

#![expect(clippy::unwrap_used, reason = "a test fails loudly")]

use std::path::Path;
use std::process::{Command, Output};

struct App {
    folder: tempfile::TempDir,
    /// A database of its own on the server for tests, where there is one; removed at the end.
    url: String,
}

impl App {
    fn new() -> App {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}/data/notes.db", folder.path().display());
        App { folder, url }
    }

    fn run(&self, profile: &str, words: &[&str]) -> (i32, String, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_notes"));
        command.args(words).env("CARAFE_PROFILE", profile).env("CARAFE_DB__URL", &self.url);
        command
            .env("CARAFE_SECRET_KEY", "0123456789abcdef0123456789abcdef")
            .current_dir(self.folder.path());
        let Output { status, stdout, stderr } = command.output().unwrap();
        let text = |bytes: Vec<u8>| {
            let text = String::from_utf8(bytes).unwrap();
            text.replace(self.folder.path().to_str().unwrap(), "FOLDER")
        };
        (status.code().unwrap(), text(stdout), text(stderr))
    }

    #[track_caller]
    fn check(&self, profile: &str, line: &str, code: i32, expected: &str) {
        let words: Vec<&str> = line.split(' ').collect();
        let (got, stdout, stderr) = self.run(profile, &words);
        assert_eq!((got, stdout.as_str()), (code, expected), "{line}: {stderr}");
    }
}

#[test]
fn migrates_by_hand() {
    let app = App::new();
    let place = "default (sqlite:FOLDER/data/notes.db)";
    app.check("release", "db status", 1, &format!("{place}\n  0001_create_notes  pending\n"));
    app.check("release", "db up", 0, "default: applied 0001_create_notes\n");
    app.check("release", "db up", 0, "default: nothing is pending\n");
    app.check("release", "db status", 0, &format!("{place}\n  0001_create_notes  applied\n"));
    app.check("release", "db seed", 0, "default: seeded\n");
    app.check("release", "db seed --database default", 0, "default: seeded\n");
    app.check("release", "db down", 0, "default: took back 0001_create_notes\n");
    app.check("release", "db down 3", 0, "default: nothing is applied\n");
    let (code, _, error) = app.run("release", &["db", "status", "--database", "reports"]);
    assert_eq!(code, 1);
    assert_eq!(
        error,
        "error: there is no database `reports`\n\nhint: give it a URL: `db.binds.reports.url = \"..\"`\n"
    );
    assert!(Path::new(&app.folder.path().join("data/notes.db")).exists());
}

#[test]
fn release_builds_refuse_what_is_pending() {
    let app = App::new();
    let (code, _, error) = app.run("release", &["run", "--port", "0"]);
    assert_eq!(code, 1);
    assert!(
        error.contains(
            "a start-up step failed: a migration is pending on the database `default`: `0001_create_notes`\n\n\
             hint: apply them with this program's `db up`, after a backup\n\
             hint: `db.migrate = \"apply\"` applies them at each start\n"
        ),
        "{error}"
    );
}

#[test]
fn what_cannot_be_is_said() {
    let app = App { url: "postgres://ann:hunter2@127.0.0.1:1/notes".into(), ..App::new() };
    let (code, _, error) = app.run("development", &["run", "--port", "0"]);
    assert_eq!(code, 1);
    assert!(
        error.contains(
            "the connection to the database `default` (postgres://ann@127.0.0.1:1/notes) failed"
        ),
        "{error}"
    );
    assert!(!error.contains("hunter2"), "{error}");
    let app = App { url: "mysql://ann:hunter2@127.0.0.1/notes".into(), ..App::new() };
    let (code, _, error) = app.run("development", &["db", "status"]);
    assert_eq!(code, 1);
    assert!(error.contains("must be `sqlite:..` or `postgres://..`"), "{error}");
    assert!(!error.contains("hunter2"), "{error}");
    let app = App { url: "sqlite:/proc/nowhere/notes.db".into(), ..App::new() };
    let (code, _, error) = app.run("development", &["run", "--port", "0"]);
    assert_eq!(code, 1);
    assert!(error.contains("the folder `/proc/nowhere` of the database cannot be made"), "{error}");
    assert!(error.contains("hint: `db.url` says where the database is"), "{error}");
}

#[test]
fn shows_the_settings_without_the_password() {
    let app = App { url: "postgres://ann:hunter2@db/notes".into(), ..App::new() };
    let (_, shown, error) = app.run("development", &["config"]);
    assert!(shown.contains("db.url"), "{shown}");
    assert!(!shown.contains("hunter2") && !error.contains("hunter2"), "{shown}{error}");
}

#[test]
fn has_help() {
    let app = App::new();
    let (_, help, _) = app.run("development", &["db", "--help"]);
    for line in [
        "  new     Makes the files of a new migration",
        "  up      Applies what is pending",
        "  down    Takes the last migration back",
        "  status  Tells what is applied and what is pending",
        "  seed    Fills in rows to begin with",
    ] {
        assert!(help.contains(line), "{help}");
    }
}
