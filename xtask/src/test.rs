//! `cargo xtask test`: everything CI runs, in order, to the end whatever fails.
//!
//! The last line counts: each test of `tests`, and each other step as one.

mod install;
mod postgres;
mod steps;
mod tools;
mod vscode;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::error::{Error, Result};
use crate::workspace::Workspace;
use install::Environment;
use steps::{STEPS, Step};

/// How one step went.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) passed: u32,
    pub(crate) failed: u32,
    /// What the table says beside it.
    pub(crate) note: String,
}

struct Row {
    name: &'static str,
    outcome: Outcome,
    took: Duration,
}

/// Runs the steps that were named, or all; succeeds if nothing failed.
pub(crate) fn command(arguments: &[String]) -> Result<ExitCode> {
    if arguments.iter().any(|argument| argument == "--list") {
        for step in STEPS {
            println!("{:<10}{}", step.name, step.about);
        }
        return Ok(ExitCode::SUCCESS);
    }
    let steps = chosen(arguments)?;
    let workspace = Workspace::find()?;
    let mut rows = Vec::new();
    let mut environment = Environment::default();
    let tools = tools::needed_by(&steps);
    if !tools.is_empty() {
        rows.push(timed("install", || {
            environment = install::prepare(&workspace, &tools)?;
            let names: Vec<&str> = tools.iter().map(|tool| tool.name).collect();
            Ok(one(names.join(", ")))
        }));
    }
    for step in steps {
        rows.push(timed(step.name, || (step.run)(&workspace, &environment)));
    }
    print!("{}", table(&rows));
    let failed = rows.iter().any(|row| row.outcome.failed > 0);
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// A step that is one check, and passed.
pub(crate) fn one(note: impl Into<String>) -> Outcome {
    Outcome { passed: 1, failed: 0, note: note.into() }
}

/// The steps of these names in CI's order, or every step for no name.
fn chosen(names: &[String]) -> Result<Vec<&'static Step>> {
    if let Some(name) = names.iter().find(|name| !STEPS.iter().any(|step| step.name == **name)) {
        return Err(Error::new(format!("no step is named `{name}`"))
            .hint("`cargo xtask test --list` lists them"));
    }
    let wanted = |step: &&Step| names.is_empty() || names.iter().any(|name| name == step.name);
    Ok(STEPS.iter().filter(wanted).collect())
}

fn timed(name: &'static str, run: impl FnOnce() -> Result<Outcome>) -> Row {
    println!("\n== {name}");
    let start = Instant::now();
    let outcome = run().unwrap_or_else(|error| {
        println!("error: {error}");
        Outcome { passed: 0, failed: 1, note: String::new() }
    });
    let took = start.elapsed();
    let word = verdict(&outcome);
    println!("== {name}: {word} in {:.1} s", took.as_secs_f64());
    Row { name, outcome, took }
}

fn verdict(outcome: &Outcome) -> &'static str {
    if outcome.failed == 0 { "ok" } else { "FAILED" }
}

fn table(rows: &[Row]) -> String {
    let mut text = String::from("\n");
    for Row { name, outcome, took } in rows {
        let line = format!(
            "{name:<10} {:<7} {:>7.1} s  {}",
            verdict(outcome),
            took.as_secs_f64(),
            outcome.note,
        );
        text.push_str(line.trim_end());
        text.push('\n');
    }
    let passed: u32 = rows.iter().map(|row| row.outcome.passed).sum();
    let failed: u32 = rows.iter().map(|row| row.outcome.failed).sum();
    text.push_str(&format!("\n{passed} passed, {failed} failed\n"));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(arguments: &[&str]) -> String {
        let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
        match chosen(&arguments) {
            Ok(steps) => steps.iter().map(|step| step.name).collect::<Vec<_>>().join(" "),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn chooses_steps() {
        assert_eq!(
            names(&[]),
            "fmt clippy tests databases features docs tidy licences budget release"
        );
        assert_eq!(names(&["tidy", "fmt"]), "fmt tidy");
        assert_eq!(
            names(&["fmt", "lint"]),
            "no step is named `lint`\n  hint: `cargo xtask test --list` lists them"
        );
    }

    #[test]
    fn ends_with_the_count() {
        let row = |name, passed, failed, note: &str| Row {
            name,
            outcome: Outcome { passed, failed, note: note.to_owned() },
            took: Duration::from_millis(1250),
        };
        let text = table(&[row("fmt", 1, 0, ""), row("tests", 40, 2, "40 passed, 2 failed")]);
        assert_eq!(
            text,
            "\n\
             fmt        ok          1.2 s\n\
             tests      FAILED      1.2 s  40 passed, 2 failed\n\
             \n\
             41 passed, 2 failed\n"
        );
    }

    #[test]
    fn an_error_is_one_failure() {
        let row = timed("fmt", || Err(Error::new("no")));
        assert_eq!(row.outcome, Outcome { passed: 0, failed: 1, note: String::new() });
    }
}
