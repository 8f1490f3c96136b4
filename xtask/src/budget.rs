//! `cargo xtask budget`: a request may cost so many instructions more than the floor's does, and no
//! more than that. Instructions are counted, not timed, so a busy machine gives the same answer.

use std::path::{Path, PathBuf};

use crate::callgrind;
use crate::error::{Error, Result};
use crate::process;
use crate::workspace::Workspace;

/// A binary to build: its package and its name.
struct Binary {
    package: &'static str,
    name: &'static str,
}

/// A server and the least that any server costs.
struct Budget {
    subject: Binary,
    floor: Binary,
    /// What both are asked for, such as `/`.
    target: &'static str,
    /// How many instructions more than the floor's the subject may use.
    at_most_more: f64,
}

/// Carafe's promise: axum needs 3,342 more than raw hyper where this allows 2,500.
const BUDGETS: &[Budget] = &[Budget {
    subject: Binary { package: "hello", name: "hello" },
    floor: Binary { package: "bench-floor", name: "bench-floor" },
    target: "/",
    at_most_more: 2_500.0,
}];

/// One worker, a free port, and no access log: the floor has none either.
const ENVIRONMENT: &[(&str, &str)] =
    &[("CARAFE_PORT", "0"), ("CARAFE_WORKERS", "1"), ("CARAFE_ACCESS_LOG", "off")];

/// Builds and measures every pair; gives a line that says how many.
pub(crate) fn check(workspace: &Workspace) -> Result<String> {
    let mut over = 0;
    for budget in BUDGETS {
        let subject = measure(workspace, &budget.subject, budget.target)?;
        let floor = measure(workspace, &budget.floor, budget.target)?;
        let more = subject - floor;
        println!(
            "{} `{}`: {subject:.0} instructions a request, {} needs {floor:.0}: {more:.0} more, \
             at most {:.0}",
            budget.subject.name, budget.target, budget.floor.name, budget.at_most_more,
        );
        over += usize::from(more > budget.at_most_more);
    }
    match over {
        0 => Ok(format!("{} budgets", BUDGETS.len())),
        _ => Err(Error::new(format!("{over} of {} budgets are exceeded", BUDGETS.len()))
            .hint("`callgrind_annotate target/xtask/callgrind.*.out` shows where they went")),
    }
}

fn measure(workspace: &Workspace, binary: &Binary, target: &str) -> Result<f64> {
    let path = build(workspace, binary)?;
    instructions_per_request(&path, ENVIRONMENT, target, &workspace.scratch()?)
}

fn build(workspace: &Workspace, binary: &Binary) -> Result<PathBuf> {
    let mut cargo = process::cargo(&workspace.root);
    cargo.args(["build", "--quiet", "--release"]);
    process::run(cargo.args(["--package", binary.package, "--bin", binary.name]))?;
    Ok(workspace.target().join("release").join(binary.name))
}

/// Requests in the shorter run: enough to fill caches, pools and lazily made tables.
const SHORT: u32 = 200;
/// Requests in the longer run.
const LONG: u32 = 1200;

/// What one more keep-alive request costs: two runs differ only in how many they were asked, so
/// that starting up, connecting and shutting down cancel out.
pub(crate) fn instructions_per_request(
    binary: &Path,
    environment: &[(&str, &str)],
    target: &str,
    scratch: &Path,
) -> Result<f64> {
    let count = |requests| callgrind::instructions(binary, environment, target, requests, scratch);
    let (short, long) = (count(SHORT)?, count(LONG)?);
    per_request(short, long).ok_or_else(|| {
        Error::new(format!(
            "`{}` used {long} instructions for {LONG} requests and {short} for {SHORT}",
            binary.display()
        ))
        .hint("more requests cannot cost less: does it answer from one process?")
    })
}

fn per_request(short: u64, long: u64) -> Option<f64> {
    let difference = long.checked_sub(short).filter(|difference| *difference > 0)?;
    // Counts stay far below 2^53, where an f64 is exact.
    Some(difference as f64 / f64::from(LONG - SHORT))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn start_up_cancels_out() {
        let start_up = 5_000_000;
        let run = |requests: u32| start_up + 21_000 * u64::from(requests);
        assert_eq!(per_request(run(SHORT), run(LONG)), Some(21_000.0));
        assert_eq!(per_request(10, 10), None);
        assert_eq!(per_request(10, 9), None);
    }
}
