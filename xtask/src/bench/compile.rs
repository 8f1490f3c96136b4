//! What it takes to compile a hello: CPU time of a clean release build, and the number of crates,
//! beside a program on axum that can as much.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Instant;

use super::{Place, median, times};
use crate::error::{Error, Result};
use crate::process;
use crate::workspace::Workspace;

const ROUNDS: usize = 3;

/// Two packages for the same kind of program.
const SUBJECTS: [(&str, Place); 2] = [("hello", Place::Own), ("axum-hello", Place::Peers)];

/// Cargo's own defaults for release builds, which users have: the workspace's profile with its fat
/// LTO would hide what compiling costs behind what linking does.
const PROFILE: [(&str, &str); 2] =
    [("CARGO_PROFILE_RELEASE_LTO", "false"), ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")];

/// Builds both in turns and prints a table.
pub(super) fn print(workspace: &Workspace) -> Result<()> {
    let mut cpu = [const { Vec::new() }; SUBJECTS.len()];
    let mut wall = cpu.clone();
    for round in 0..ROUNDS {
        for (at, (package, place)) in SUBJECTS.into_iter().enumerate() {
            let (used, took) = build(workspace, package, place)?;
            println!("round {}, {package}: {used:.1} s of CPU, {took:.1} s", round + 1);
            cpu[at].push(used);
            wall[at].push(took);
        }
    }
    println!("\nA clean release build with cargo's default profile, medians of {ROUNDS}\n");
    println!("| program | CPU, s | wall, s | crates |");
    println!("|---|--:|--:|--:|");
    for ((package, place), (cpu, wall)) in SUBJECTS.into_iter().zip(cpu.into_iter().zip(wall)) {
        let crates = crates(workspace, package, place)?;
        println!("| {package} | {:.1} | {:.1} | {crates} |", median(cpu), median(wall));
    }
    Ok(())
}

/// Builds in an empty folder; CPU and wall-clock seconds.
fn build(workspace: &Workspace, package: &str, place: Place) -> Result<(f64, f64)> {
    let root = place.root(workspace);
    // Nothing but compiling is to be measured.
    process::output(process::cargo(&root).arg("fetch"))?;
    let target = workspace.target().join("bench-compile").join(package);
    clear(&target)?;
    let mut cargo = process::cargo(&root);
    cargo.args(["build", "--quiet", "--release", "--package", package]).envs(PROFILE);
    cargo.arg("--target-dir").arg(&target);
    let (before, begin) = (times::of_children()?, Instant::now());
    process::output(&mut cargo)?;
    Ok((times::of_children()? - before, begin.elapsed().as_secs_f64()))
}

fn clear(folder: &Path) -> Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Error::new(format!("cannot remove `{}`: {error}", folder.display())))
        }
        _ => Ok(()),
    }
}

/// How many crates a build compiles, the program itself not counted.
fn crates(workspace: &Workspace, package: &str, place: Place) -> Result<usize> {
    let mut cargo = process::cargo(&place.root(workspace));
    cargo.args(["tree", "--edges", "normal,build", "--prefix", "none", "--package", package]);
    Ok(count_crates(&process::output(&mut cargo)?))
}

fn count_crates(tree: &str) -> usize {
    // A name and a version; then a folder, or a star where a crate was shown before.
    let crates = tree.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        Some((words.next()?, words.next()?))
    });
    crates.collect::<BTreeSet<_>>().len().saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_crates() {
        let tree = "hello v0.1.0 (/x)\na v1.0.0\nb v1.0.0 (proc-macro)\na v1.0.0 (*)\na v2.0.0\n";
        assert_eq!(count_crates(tree), 3);
    }
}
