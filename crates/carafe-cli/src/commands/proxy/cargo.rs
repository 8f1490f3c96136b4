//! Finding the app's package, and building it: all that is asked of Cargo.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::app::project::{self, NotFound, Project, Wanted};

/// The app that is meant; `None` where nothing is named and nothing is here.
///
/// # Errors
/// When it is not clear which one is meant, or the named one is no app.
pub(super) fn find(wanted: &Wanted) -> Result<Option<Project>, String> {
    let here = std::env::current_dir().unwrap_or_default();
    match Project::find(wanted, &here) {
        Ok(project) => Ok(Some(project)),
        Err(NotFound::Nothing(_)) => Ok(None),
        Err(why) => Err(why.words()),
    }
}

/// Builds the program and gives its path.
///
/// # Errors
/// When it does not compile, with what Cargo said.
pub(super) fn build(project: &Project) -> Result<PathBuf, String> {
    let mut command = Command::new(project::cargo());
    command.args(["build", "--message-format", "json-render-diagnostics"]);
    command.args(["--package", &project.package]).args(project.option());
    command.current_dir(&project.folder).stdin(Stdio::null());
    let output = command.output().map_err(project::no_cargo)?;
    let failed = || {
        format!(
            "`{}` cannot be asked for its settings, as it does not build\n\n{}\n\
             hint: `cargo build --package {}`, or `--app PROGRAM` with one that is built already",
            project.package,
            String::from_utf8_lossy(&output.stderr),
            project.package
        )
    };
    if !output.status.success() {
        return Err(failed());
    }
    let messages = String::from_utf8_lossy(&output.stdout);
    let artifact = |line: &str| {
        let message: Value = serde_json::from_str(line).ok()?;
        let is_ours = message["target"]["name"] == project.program.as_str();
        message["executable"].as_str().filter(|_| is_ours).map(PathBuf::from)
    };
    messages.lines().filter_map(artifact).next_back().ok_or_else(failed)
}
