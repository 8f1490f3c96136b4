//! `cargo xtask bench`: what Carafe costs beside its peers. This file only chooses and builds.
//!
//! Other frameworks live in `bench/peers`, a workspace of its own, so that only who compares
//! compiles them.

mod compile;
mod debug;
mod instructions;
mod ports;
mod reload;
mod serve;
mod servers;
mod start;
mod times;

use std::path::PathBuf;
use std::process::Command;

use crate::error::{Error, Result};
use crate::process;
use crate::workspace::Workspace;

const HELP: &str = "\
What Carafe costs, beside its peers

Usage: cargo xtask bench [COMMAND]

Commands:
  routing        finding a rule, beside matchit
  dispatch       a request without a socket, beside axum and bare minijinja
  alone          both without the peers: `cargo bench -p bench`
  instructions   user-space instructions of a keep-alive request, counted by callgrind
  serve [TURNS]  requests a second and CPU per request over a socket, under wrk
  compile        time of a clean release build, and crates, beside axum's
  debug [TURNS]  requests a second with a debugger attached and without, by turns
  ports          `carafe ports` among a thousand sockets, in milliseconds
  reload [TURNS] from saving to the new answer under `carafe run`, beside a guestbook on axum and sqlx
  start [TURNS]  from `carafe run`, or `carafe debug`, to the first answer, with nothing to build
  help           this text

Without a command: routing and dispatch.
";

/// Runs one of the benchmarks.
pub(crate) fn command(arguments: &[String]) -> Result<()> {
    let workspace = Workspace::find()?;
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        [] => in_process(&workspace, &[]),
        [what @ ("routing" | "dispatch")] => in_process(&workspace, &[what]),
        ["alone", rest @ ..] => {
            let mut cargo = process::cargo(&workspace.root);
            process::run(cargo.args(["bench", "--package", "bench"]).args(rest))
        }
        ["instructions"] => instructions::print(&workspace),
        ["serve", rest @ ..] => serve::print(&workspace, turns(rest, serve::TURNS)?),
        ["debug", rest @ ..] => debug::print(&workspace, turns(rest, serve::TURNS)?),
        ["compile"] => compile::print(&workspace),
        ["ports"] => ports::print(&workspace),
        ["reload", rest @ ..] => reload::print(&workspace, turns(rest, reload::TURNS)?),
        ["start", rest @ ..] => start::print(&workspace, turns(rest, start::TURNS)?),
        ["help" | "--help" | "-h"] => {
            print!("{HELP}");
            Ok(())
        }
        [other, ..] => Err(Error::new(format!("no benchmark is named `{other}`"))
            .hint("`cargo xtask bench help` lists them")),
    }
}

/// How often, as far as it is said.
fn turns(rest: &[&str], usual: usize) -> Result<usize> {
    let wrong = || Error::new(format!("`{}` is not a number of turns", rest.join(" ")));
    match rest {
        [] => Ok(usual),
        [turns] => turns.parse().ok().filter(|turns| *turns > 0).ok_or_else(wrong),
        _ => Err(wrong()),
    }
}

fn in_process(workspace: &Workspace, arguments: &[&str]) -> Result<()> {
    let program = build(workspace, Place::Peers, "bench-peers", "bench-peers")?;
    process::run(Command::new(program).args(arguments))
}

/// One of the two workspaces.
#[derive(Clone, Copy)]
enum Place {
    Own,
    Peers,
}

impl Place {
    /// The folder of its `Cargo.toml`.
    fn root(self, workspace: &Workspace) -> PathBuf {
        match self {
            Place::Own => workspace.root.clone(),
            Place::Peers => workspace.root.join("bench/peers"),
        }
    }
}

/// Builds a program for release, without a word unless it fails, and says where it is.
fn build(workspace: &Workspace, place: Place, package: &str, name: &str) -> Result<PathBuf> {
    let target = match place {
        Place::Own => workspace.target(),
        Place::Peers => workspace.target().join("peers"),
    };
    let mut cargo = process::cargo(&place.root(workspace));
    cargo.args(["build", "--quiet", "--release", "--package", package, "--bin", name]);
    process::output(cargo.arg("--target-dir").arg(&target))?;
    Ok(target.join("release").join(name))
}

/// The middle of some numbers; 0 of none.
fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    match numbers.len() {
        0 => 0.0,
        count if count % 2 == 1 => numbers[count / 2],
        count => f64::midpoint(numbers[count / 2 - 1], numbers[count / 2]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians() {
        let check = |numbers: &[f64], want: f64| assert_eq!(median(numbers.to_vec()), want);
        check(&[], 0.0);
        check(&[3.0], 3.0);
        check(&[9.0, 1.0, 2.0], 2.0);
        check(&[4.0, 1.0, 2.0, 9.0], 3.0);
    }
}
