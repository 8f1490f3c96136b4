//! The steps of `cargo xtask test`, in the order CI runs them: quick ones that fail often first.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use super::install::Environment;
use super::postgres::Server;
use super::{Outcome, one};
use crate::error::{Error, Result};
use crate::workspace::Workspace;
use crate::{budget, development, licences, process, tidy};

/// One step: its name, what it checks, and how.
pub(crate) struct Step {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) run: fn(&Workspace, &Environment) -> Result<Outcome>,
}

pub(crate) const STEPS: &[Step] = &[
    Step { name: "fmt", about: "the code is formatted", run: fmt },
    Step { name: "clippy", about: "no lint fires, in tests and examples too", run: clippy },
    Step { name: "tests", about: "every test and doctest passes", run: tests },
    Step {
        name: "databases",
        about: "what stands on a database passes on PostgreSQL, too",
        run: databases,
    },
    Step {
        name: "features",
        about: "`carafe` is clean with each feature alone, and works without",
        run: features,
    },
    Step { name: "docs", about: "the documentation builds, every link leads somewhere", run: docs },
    Step { name: "tidy", about: "layers, sizes, leftovers", run: |w, _| tidy::check(w).map(one) },
    Step {
        name: "licences",
        about: "every dependency may be used under MIT or Apache-2.0",
        run: |workspace, _| licences::check(workspace).map(one),
    },
    Step {
        name: "budget",
        about: "instructions a request costs",
        run: |workspace, _| budget::check(workspace).map(one),
    },
    Step {
        name: "release",
        about: "a release build holds nothing of development",
        run: |workspace, _| development::check(workspace).map(one),
    },
];

fn cargo(workspace: &Workspace, arguments: &[&str]) -> Command {
    let mut cargo = process::cargo(&workspace.root);
    cargo.args(arguments);
    cargo
}

fn fmt(workspace: &Workspace, _: &Environment) -> Result<Outcome> {
    process::run(&mut cargo(workspace, &["fmt", "--all", "--check"]))
        .map_err(|error| error.hint("`cargo fmt --all` puts it right"))?;
    Ok(one(""))
}

fn clippy(workspace: &Workspace, _: &Environment) -> Result<Outcome> {
    let arguments = ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];
    process::run(&mut cargo(workspace, &arguments))?;
    Ok(one(""))
}

fn docs(workspace: &Workspace, _: &Environment) -> Result<Outcome> {
    let mut flags = std::env::var("RUSTDOCFLAGS").unwrap_or_default();
    flags.push_str(" -D warnings");
    let mut cargo = cargo(workspace, &["doc", "--workspace", "--no-deps"]);
    process::run(cargo.env("RUSTDOCFLAGS", flags.trim()))?;
    Ok(one(""))
}

fn features(workspace: &Workspace, _: &Environment) -> Result<Outcome> {
    let package = workspace
        .member("carafe")
        .ok_or_else(|| Error::new("this workspace has no package `carafe`"))?;
    let names: Vec<&String> = package["features"]
        .as_object()
        .into_iter()
        .flat_map(|features| features.keys())
        .filter(|name| *name != "default")
        .collect();
    let check = |rest: &[&str]| {
        println!("carafe {}", rest.join(" "));
        let arguments = ["clippy", "--quiet", "--package", "carafe"];
        process::run(cargo(workspace, &arguments).args(rest).args(["--", "-D", "warnings"]))
    };
    let mut failures = Vec::new();
    let mut note_failure = |what: &str, result: Result<()>| {
        if let Err(error) = result {
            println!("error: {error}");
            failures.push(what.to_owned());
        }
    };
    note_failure("no features", check(&["--no-default-features"]));
    for name in &names {
        note_failure(name, check(&["--no-default-features", "--features", name]));
    }
    note_failure("all features", check(&["--all-features"]));
    note_failure("no features, at work", without_features(workspace));
    match failures.as_slice() {
        [] => Ok(one(format!("{} features", names.len()))),
        _ => Err(Error::new(format!("something is wrong with: {}", failures.join(", ")))),
    }
}

/// An app without features, and what the macros tell it; in the step `tests` others of the workspace
/// switch features on.
fn without_features(workspace: &Workspace) -> Result<()> {
    let arguments = ["test", "--quiet", "--package", "hello", "--package", "carafe-macros"];
    process::run(&mut cargo(workspace, &arguments))
}

fn tests(workspace: &Workspace, environment: &Environment) -> Result<Outcome> {
    let mut command = cargo(workspace, &["test", "--workspace", "--no-fail-fast"]);
    // On SQLite, whatever the terminal names.
    counted(command.envs(environment.variables()).env_remove(TEST_DB))
}

/// Names a PostgreSQL server to `carafe-db`, on which it makes a database for each test.
const TEST_DB: &str = "CARAFE_TOOL_TEST_DB";

/// The packages that depend on `carafe-db`, and itself.
fn databases(workspace: &Workspace, environment: &Environment) -> Result<Outcome> {
    let server = Server::start(&workspace.scratch()?)?;
    let mut command = cargo(workspace, &["test", "--no-fail-fast"]);
    for package in workspace.packages().iter().filter(|package| package["source"].is_null()) {
        let needs = package["dependencies"].as_array().into_iter().flatten();
        let name = package["name"].as_str().unwrap_or_default();
        if name == "carafe-db" || needs.clone().any(|need| need["name"] == "carafe-db") {
            command.args(["--package", name]);
        }
    }
    let outcome = counted(command.envs(environment.variables()).env(TEST_DB, server.url()));
    drop(server);
    outcome
}

/// Runs tests and counts them.
fn counted(command: &mut Command) -> Result<Outcome> {
    command.stdout(Stdio::piped());
    let mut child = command.spawn().map_err(|error| process::cannot_start(command, &error))?;
    let mut outcome = Outcome::default();
    if let Some(output) = child.stdout.take() {
        let mut reader = BufReader::new(output);
        let mut line = Vec::new();
        // Bytes, because a test may print what is not UTF-8.
        while reader.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
            let text = String::from_utf8_lossy(&line);
            print!("{text}");
            if let Some((passed, failed)) = result_in(&text) {
                outcome.passed += passed;
                outcome.failed += failed;
            }
            line.clear();
        }
    }
    let status = child.wait().map_err(|error| process::cannot_start(command, &error))?;
    outcome.note = format!("{} passed, {} failed", outcome.passed, outcome.failed);
    if !status.success() && outcome.failed == 0 {
        // It did not compile, or a test binary died without its last line.
        outcome.failed = 1;
        outcome.note.push_str(&format!("; `cargo test`: {status}"));
    }
    Ok(outcome)
}

/// The counts in a line such as `test result: ok. 3 passed; 0 failed; 0 ignored; ...`.
fn result_in(line: &str) -> Option<(u32, u32)> {
    let (_, counts) = line.trim_start().strip_prefix("test result: ")?.split_once(". ")?;
    let count = |word: &str| {
        let part = counts.split(';').find_map(|part| part.trim().strip_suffix(word))?;
        part.trim().parse().ok()
    };
    Some((count("passed")?, count("failed")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_tests() {
        let check = |line: &str, want: Option<(u32, u32)>| assert_eq!(result_in(line), want);
        check(
            "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; \
             finished in 0.00s\n",
            Some((12, 0)),
        );
        check("test result: FAILED. 3 passed; 2 failed; 0 ignored", Some((3, 2)));
        check("test a::b ... ok", None);
        check("test result: ok", None);
    }
}
