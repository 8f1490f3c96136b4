//! One build by cargo, for running: it can be watched, and stopped when a newer save has outdated it.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use serde_json::Value;

use super::diagnostic::Diagnostic;
use super::progress::{Part, Parts};
use super::project::{self, Project};
use crate::child;

/// Line tables of the workspace's own crates, for the places in error pages and panics; nothing of the
/// others, which are linked anew each time. Figures: bench/README.md.
const FOR_RUNNING: [&str; 3] = [
    "profile.dev.debug=\"line-tables-only\"",
    "profile.dev.package.\"*\".debug=false",
    "profile.dev.build-override.debug=false",
];

/// The folder below cargo's target folder. One of its own: an editor that checks on each save holds the
/// lock of the usual one just when the new build wants it, and other settings never replace what
/// `cargo build` has made.
const FOLDER: &str = "carafe-run";

/// How to build.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct How {
    pub(crate) release: bool,
    /// More arguments for `cargo build`, such as `--features x`.
    pub(crate) arguments: Vec<String>,
}

/// What a build tells.
#[derive(Debug, PartialEq)]
pub(crate) enum Told {
    /// Crates that are done, and all of them.
    Progress(u32, u32),
    /// A line of cargo's own that is worth reading now.
    Words(String),
    Diagnostic(Diagnostic),
    /// The end; nothing follows.
    Done(Outcome),
}

/// How a build ended.
#[derive(Debug, PartialEq)]
pub(crate) enum Outcome {
    /// The program, and whether it is another one than before.
    Built { program: PathBuf, is_new: bool },
    /// It does not compile: what was said of errors is in the diagnostics, or else in these words.
    Failed(String),
    /// [`Build::stop`] was called.
    Stopped,
}

/// A build that runs.
pub(crate) struct Build {
    child: Arc<Mutex<Running>>,
}

struct Running {
    child: Child,
    stopped: bool,
}

/// Where cargo puts the program.
pub(crate) fn program(project: &Project, how: &How) -> PathBuf {
    let profile = if how.release { "release" } else { "debug" };
    let mut path = target(project, how).join(profile);
    if project.kind == project::Kind::Example {
        path.push("examples");
    }
    path.join(format!("{}{}", project.program, std::env::consts::EXE_SUFFIX))
}

fn target(project: &Project, how: &How) -> PathBuf {
    match how.release {
        true => project.target.clone(),
        false => project.target.join(FOLDER),
    }
}

impl Build {
    /// Starts one; `tell` is called from other threads.
    ///
    /// # Errors
    /// When there is no cargo.
    pub(crate) fn start(
        project: &Project,
        how: &How,
        tell: impl Fn(Told) + Send + Sync + 'static,
    ) -> Result<Build, String> {
        let mut cargo = command(project, how).map_err(project::no_cargo)?;
        cargo.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = child::spawn(cargo).map_err(project::no_cargo)?;
        let (out, err) = (child.stdout.take(), child.stderr.take());
        let child = Arc::new(Mutex::new(Running { child, stopped: false }));
        let (watched, tell) = (child.clone(), Arc::new(tell));
        let name = project.program.clone();
        thread::spawn(move || {
            let words = {
                let tell = tell.clone();
                thread::spawn(move || err.map(|err| read_words(err, &*tell)).unwrap_or_default())
            };
            let built = out.and_then(|out| read_messages(out, &name, &*tell));
            let words = words.join().unwrap_or_default();
            tell(Told::Done(outcome(&watched, built, words)));
        });
        Ok(Build { child })
    }

    /// Ends it, with the compilers that it has started.
    pub(crate) fn stop(&self) {
        let mut running = lock(&self.child);
        running.stopped = true;
        child::end_group(&mut running.child);
    }
}

impl Drop for Build {
    fn drop(&mut self) {
        self.stop();
    }
}

fn lock(child: &Mutex<Running>) -> std::sync::MutexGuard<'_, Running> {
    child.lock().unwrap_or_else(PoisonError::into_inner)
}

fn command(project: &Project, how: &How) -> std::io::Result<std::process::Command> {
    let mut cargo = child::group(project::cargo())?;
    cargo.current_dir(&project.folder);
    cargo.args(["build", "--message-format=json-diagnostic-rendered-ansi"]);
    cargo.args(["--package", &project.package]).args(project.option());
    match how.release {
        true => {
            cargo.arg("--release");
        }
        false => {
            FOR_RUNNING.iter().for_each(|setting| {
                cargo.args(["--config", setting]);
            });
            cargo.arg("--target-dir").arg(target(project, how));
        }
    }
    cargo.args(&how.arguments);
    // The bar is how far it is; see progress.rs.
    cargo.env("CARGO_TERM_PROGRESS_WHEN", "always").env("CARGO_TERM_PROGRESS_WIDTH", "100");
    cargo
        .env("CARGO_TERM_COLOR", "never")
        .env_remove("CARGO_TERM_QUIET")
        .env_remove("CARGO_TERM_VERBOSE");
    Ok(cargo)
}

/// Reads what cargo says to people; gives what may be the reason of a failure.
fn read_words(mut from: impl Read, tell: &dyn Fn(Told)) -> String {
    let (mut parts, mut words) = (Parts::default(), Vec::new());
    let mut take = |part| match part {
        Part::Bar(done, all) => tell(Told::Progress(done, all)),
        Part::Line(line) if line.trim_start().starts_with("Blocking") => {
            tell(Told::Words(format!(
                "cargo waits: {}",
                line.trim_start().trim_start_matches("Blocking ")
            )));
        }
        Part::Line(line) if is_status(&line) => {}
        Part::Line(line) => words.push(line),
    };
    let mut bytes = [0; 4096];
    while let Ok(length @ 1..) = from.read(&mut bytes) {
        parts.push(&bytes[..length], &mut take);
    }
    parts.end(&mut take);
    words.join("\n")
}

/// A line such as `   Compiling serde v1.0.0`: cargo puts a word at the right of twelve columns.
fn is_status(line: &str) -> bool {
    let Some((word, _)) = line.trim_start().split_once(' ') else { return false };
    let indent = line.len() - line.trim_start().len();
    indent + word.len() == 12 && word.starts_with(|c: char| c.is_ascii_uppercase())
}

/// Reads cargo's JSON; gives the program, and whether it was made just now.
fn read_messages(from: impl Read, name: &str, tell: &dyn Fn(Told)) -> Option<(PathBuf, bool)> {
    let mut program = None;
    for line in BufReader::new(from).lines().map_while(Result::ok) {
        let Ok(message) = serde_json::from_str::<Value>(&line) else { continue };
        match message["reason"].as_str() {
            Some("compiler-message") => {
                let told = Diagnostic::read(&message["message"]);
                told.into_iter().for_each(|diagnostic| tell(Told::Diagnostic(diagnostic)));
            }
            Some("compiler-artifact") if message["target"]["name"] == name => {
                let executable = message["executable"].as_str().map(PathBuf::from);
                program = executable.map(|path| (path, message["fresh"] != true)).or(program);
            }
            _ => {}
        }
    }
    program
}

fn outcome(running: &Mutex<Running>, built: Option<(PathBuf, bool)>, words: String) -> Outcome {
    let mut running = lock(running);
    let status = running.child.wait();
    match (status, built) {
        _ if running.stopped => Outcome::Stopped,
        (Ok(status), Some((program, is_new))) if status.success() => {
            Outcome::Built { program, is_new }
        }
        (Ok(status), None) if status.success() => {
            Outcome::Failed("cargo has built no program".to_owned())
        }
        _ => Outcome::Failed(words),
    }
}

/// Whether a file is a source of the program: cargo lists them all beside it, also those that macros
/// such as `include_str!` read.
pub(crate) fn sources(program: &Path) -> Vec<PathBuf> {
    let text = std::fs::read_to_string(program.with_extension("d")).unwrap_or_default();
    let listed = text.split_once(": ").map_or("", |(_, sources)| sources);
    // A space in a name is written `\ `.
    let listed = listed.lines().next().unwrap_or_default().replace("\\ ", "\0");
    listed
        .split(' ')
        .filter(|name| !name.is_empty())
        .map(|name| name.replace('\0', " ").into())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargos_own_lines_are_told_apart() {
        let check = |line: &str, expected: bool| assert_eq!(is_status(line), expected, "{line}");
        check("   Compiling serde v1.0.0", true);
        check("    Finished `dev` profile in 1s", true);
        check("    Updating crates.io index", true);
        check("error: could not compile `app`", false);
        check("  Caused by:", false);
        check("warning: x", false);
    }

    #[test]
    fn the_words_of_a_failure_are_kept() {
        let told = Mutex::new(Vec::new());
        let text = "    Blocking waiting for file lock on build directory\n    Building [=> ] 1/2: a\r\
                    error: failed to parse manifest at `/w/Cargo.toml`\n\nCaused by:\n  key without value\n";
        let words = read_words(text.as_bytes(), &|said| told.lock().unwrap().push(said));
        assert_eq!(
            words,
            "error: failed to parse manifest at `/w/Cargo.toml`\nCaused by:\n  key without value"
        );
        let blocking = "cargo waits: waiting for file lock on build directory".to_owned();
        assert_eq!(told.into_inner().unwrap(), [Told::Words(blocking), Told::Progress(1, 2)]);
    }

    #[test]
    fn the_program_is_the_last_artifact_of_its_name() {
        let lines = [
            r#"{"reason":"compiler-artifact","target":{"name":"app"},"executable":null,"fresh":true}"#,
            r#"{"reason":"compiler-artifact","target":{"name":"app"},"executable":"/t/app","fresh":false}"#,
            r#"{"reason":"compiler-artifact","target":{"name":"other"},"executable":"/t/other","fresh":true}"#,
            r#"{"reason":"build-finished","success":true}"#,
        ];
        let found = read_messages(lines.join("\n").as_bytes(), "app", &|_| {});
        assert_eq!(found, Some(("/t/app".into(), true)));
    }

    #[test]
    fn sources_are_read_from_cargos_list() {
        let folder = tempfile::tempdir().unwrap();
        let list = "/t/app: /w/src/main.rs /w/src/my\\ page.sql\n";
        std::fs::write(folder.path().join("app.d"), list).unwrap();
        let found = sources(&folder.path().join("app"));
        assert_eq!(found, [PathBuf::from("/w/src/main.rs"), "/w/src/my page.sql".into()]);
        assert!(sources(Path::new("/no/program")).is_empty());
    }
}
