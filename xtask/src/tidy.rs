//! `cargo xtask tidy`: what the compiler and clippy do not check. One rule a file in `tidy/`.

mod imports;
mod layers;
mod leftovers;
mod manifests;
mod rare;
mod sizes;
mod tokens;

use crate::error::{Error, Result};
use crate::workspace::Workspace;

/// One thing to put right.
#[derive(Debug)]
pub(crate) struct Problem {
    /// Relative to the root.
    pub(crate) path: String,
    /// Counted from 1.
    pub(crate) line: usize,
    pub(crate) message: String,
}

/// Prints every problem and note; gives a line that says how much was checked.
pub(crate) fn check(workspace: &Workspace) -> Result<String> {
    let files = workspace.text_files()?;
    let (mut problems, notes) = sizes::check(&files);
    problems.extend(layers::check(&files));
    problems.extend(leftovers::check(&files));
    problems.extend(manifests::check(&files));
    problems.extend(rare::check(&files));
    problems.sort_by(|a, b| (&a.path, a.line).cmp(&(&b.path, b.line)));
    for note in notes {
        println!("note: {note}");
    }
    for Problem { path, line, message } in &problems {
        println!("{path}:{line}: {message}");
    }
    match problems.len() {
        0 => Ok(format!("{} files", files.len())),
        1 => Err(Error::new("1 thing is not tidy")),
        count => Err(Error::new(format!("{count} things are not tidy"))),
    }
}

/// Whether a Rust file holds nothing but tests.
fn is_test_file(path: &str) -> bool {
    path.ends_with("/tests.rs") || path.starts_with("tests/") || path.contains("/tests/")
}

/// Whether a Rust file is what a test compiles or reads, kept exactly as it is.
fn is_fixture(path: &str) -> bool {
    path.starts_with("tests/ui/") || path.contains("/tests/ui/")
}
