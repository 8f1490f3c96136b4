//! Building the app with cargo, for debugging or not.

use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use crate::child;

use super::launch::{text, texts};

/// Complete debug information for the app and for `carafe`, whose frames tell about the request; line
/// tables for everything else. `split-debuginfo` other than off breaks lldb 22.
const FOR_DEBUGGING: [&str; 5] = [
    "profile.dev.debug=2",
    "profile.dev.opt-level=0",
    "profile.dev.split-debuginfo=\"off\"",
    "profile.dev.package.\"*\".debug=\"line-tables-only\"",
    "profile.dev.package.carafe.debug=2",
];

const ENDED: &str = "the build was ended";

/// What cargo is to build.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Package {
    /// The package; by default the one of the folder.
    pub(crate) package: Option<String>,
    /// The binary; by default the package's only one.
    pub(crate) bin: Option<String>,
    /// More arguments for `cargo build`, such as `--features x`.
    pub(crate) args: Vec<String>,
}

impl Package {
    /// Reads the `cargo` key of a launch; `None` when it is absent.
    pub(super) fn parse(value: &Value) -> Result<Option<Package>, String> {
        match value {
            Value::Null => Ok(None),
            Value::Object(_) => Ok(Some(Package {
                package: text(value, "package")?,
                bin: text(value, "bin")?,
                args: texts(value, "args")?,
            })),
            other => Err(format!("`cargo` has to be an object, but is `{other}`")),
        }
    }
}

/// Whether the build is to be debugged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Debug,
    Run,
}

/// Builds, saying cargo's lines and telling each of the compiler's diagnostics; gives the program.
///
/// # Errors
/// When it does not compile, or when there is not exactly one program.
pub(crate) fn build(
    package: &Package,
    folder: &Path,
    purpose: Purpose,
    ending: &Ending,
    say: &(dyn Fn(&str) + Sync),
    tell: &mut dyn FnMut(Value),
) -> Result<PathBuf, String> {
    let cannot = |error| format!("cargo cannot be started: {error}");
    let mut cargo = command(package, folder, purpose).map_err(cannot)?;
    cargo.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = child::spawn(cargo).map_err(cannot)?;
    let (out, progress) = (child.stdout.take(), child.stderr.take());
    let child = ending.of(child)?;
    let mut programs = Vec::new();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let lines = progress.into_iter().flat_map(|out| BufReader::new(out).lines());
            lines.map_while(Result::ok).for_each(|line| say(&line));
        });
        for line in out.into_iter().flat_map(|out| BufReader::new(out).lines()) {
            let line = line.map_err(|error| format!("cargo cannot be read: {error}"))?;
            match Told::parse(&line) {
                Told::Diagnostic(diagnostic) => tell(diagnostic),
                Told::Program(program) => programs.push(program),
                Told::Nothing => {}
            }
        }
        Ok::<_, String>(())
    })?;
    let status = child.wait()?;
    if !status.success() {
        return Err("the app does not compile".to_owned());
    }
    only(programs)
}

/// Ends a build that goes on, from another thread.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ending(Arc<Mutex<Building>>);

#[derive(Debug, Default)]
struct Building {
    ended: bool,
    cargo: Option<Child>,
}

impl Ending {
    /// Takes the build's process; one that was ended before it began ends now.
    fn of(&self, mut cargo: Child) -> Result<&Ending, String> {
        let mut building = self.building();
        if building.ended {
            child::end_group(&mut cargo);
            return Err(ENDED.to_owned());
        }
        building.cargo = Some(cargo);
        Ok(self)
    }

    /// Waits for the build; its streams have ended, so that this is soon.
    fn wait(&self) -> Result<ExitStatus, String> {
        let mut building = self.building();
        let cargo = building.cargo.take().filter(|_| !building.ended);
        let mut cargo = cargo.ok_or(ENDED)?;
        cargo.wait().map_err(|error| format!("cargo cannot be waited for: {error}"))
    }

    /// Ends the build, and all that it has started; one that has not begun will not.
    pub(crate) fn end(&self) {
        let mut building = self.building();
        building.ended = true;
        if let Some(cargo) = &mut building.cargo {
            child::end_group(cargo);
        }
    }

    fn building(&self) -> MutexGuard<'_, Building> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn command(package: &Package, folder: &Path, purpose: Purpose) -> io::Result<Command> {
    let mut cargo = child::group(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))?;
    cargo.current_dir(folder).args(["build", "--message-format=json-diagnostic-rendered-ansi"]);
    if purpose == Purpose::Debug {
        for setting in FOR_DEBUGGING {
            cargo.args(["--config", setting]);
        }
        // A folder of its own: with other settings, cargo would build everything anew at each change.
        cargo.args(["--target-dir", "target/carafe-debug"]);
    }
    for (option, value) in [("--package", &package.package), ("--bin", &package.bin)] {
        cargo.args(value.iter().flat_map(|value| [option, value]));
    }
    cargo.args(&package.args);
    Ok(cargo)
}

/// What a line of cargo's JSON says.
#[derive(Debug, PartialEq)]
enum Told {
    /// As the channel's `build` event has it.
    Diagnostic(Value),
    Program(PathBuf),
    Nothing,
}

impl Told {
    fn parse(line: &str) -> Told {
        let Ok(value) = serde_json::from_str::<Value>(line) else { return Told::Nothing };
        let message = &value["message"];
        if message["rendered"].is_string() {
            let spans = message["spans"].as_array();
            let place = spans.and_then(|all| all.iter().find(|span| span["is_primary"] == true));
            let place = place.unwrap_or(&Value::Null);
            return Told::Diagnostic(json!({
                "level": message["level"], "message": message["message"],
                "rendered": message["rendered"], "file": place["file_name"],
                "line": place["line_start"], "column": place["column_start"],
            }));
        }
        let is_binary = value["target"]["kind"]
            .as_array()
            .is_some_and(|kinds| kinds.iter().any(|kind| kind == "bin" || kind == "example"));
        match value["executable"].as_str() {
            Some(program) if is_binary => Told::Program(program.into()),
            _ => Told::Nothing,
        }
    }
}

fn only(mut programs: Vec<PathBuf>) -> Result<PathBuf, String> {
    match (programs.pop(), programs.len()) {
        (Some(program), 0) => Ok(program),
        (None, _) => Err("cargo built no program\n\nhint: name the package, as in `\"cargo\": {\"package\": \"guestbook\"}`".to_owned()),
        (Some(last), _) => {
            let names: Vec<String> = programs
                .iter()
                .chain([&last])
                .filter_map(|program| Some(format!("`{}`", program.file_stem()?.to_string_lossy())))
                .collect();
            Err(format!(
                "cargo built several programs: {}\n\nhint: name one, as in `\"cargo\": {{\"bin\": {}}}`",
                names.join(", "),
                names.first().map_or_else(String::new, |name| name.replace('`', "\"")),
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_cargo_says() {
        let check = |line: &str, expected: Told| assert_eq!(Told::parse(line), expected);
        check(
            r#"{"reason":"compiler-message","message":{"level":"error","message":"x","rendered":"error: x","spans":[
                {"is_primary":true,"file_name":"src/main.rs","line_start":3,"column_start":5}]}}"#,
            Told::Diagnostic(json!({"level": "error", "message": "x", "rendered": "error: x",
                "file": "src/main.rs", "line": 3, "column": 5})),
        );
        check(
            r#"{"reason":"compiler-artifact","target":{"kind":["bin"]},"executable":"/t/app"}"#,
            Told::Program("/t/app".into()),
        );
        check(
            r#"{"reason":"compiler-artifact","target":{"kind":["lib"]},"executable":null}"#,
            Told::Nothing,
        );
        check("warning: something", Told::Nothing);
    }

    #[test]
    fn wants_one_program() {
        assert_eq!(only(vec!["/t/a".into()]), Ok("/t/a".into()));
        assert!(only(vec![]).unwrap_err().starts_with("cargo built no program"));
        assert_eq!(
            only(vec!["/t/a".into(), "/t/b".into()]).unwrap_err(),
            "cargo built several programs: `a`, `b`\n\nhint: name one, as in `\"cargo\": {\"bin\": \"a\"}`"
        );
    }
}
