//! `cargo xtask bench`: the benchmarks, which live in a package of their own.

use crate::error::{Error, Result};
use crate::process;
use crate::workspace::Workspace;

/// The package that holds them.
const PACKAGE: &str = "bench";

/// Runs `cargo bench -p bench`, with the user's own arguments after it.
pub(crate) fn command(arguments: &[String]) -> Result<()> {
    let workspace = Workspace::find()?;
    if workspace.member(PACKAGE).is_none() {
        return Err(
            Error::new(format!("this workspace has no package `{PACKAGE}`")).hint(
                "the benchmarks are the package in `bench/`; add it to the workspace's members",
            ),
        );
    }
    let mut cargo = process::cargo(&workspace.root);
    cargo.args(["bench", "--package", PACKAGE]).args(arguments);
    process::run(&mut cargo)
}
