//! Starting other programs, with errors that name the whole command.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::error::{Error, Result};

/// The cargo that started this tool, free of the variables it set for the tool itself: with those
/// left in, a nested cargo or a test would take xtask's manifest for its own.
pub(crate) fn cargo(root: &Path) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root);
    for (name, _) in env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&*name);
        }
    }
    command
}

/// Runs with this terminal's input and output; fails unless the command succeeds.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.status().map_err(|error| cannot_start(command, &error))?;
    if status.success() {
        return Ok(());
    }
    Err(Error::new(format!("`{}` failed: {status}", describe(command))))
}

/// Runs quietly and gives its standard output; its standard error becomes the failure's hint.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output =
        command.stdin(Stdio::null()).output().map_err(|error| cannot_start(command, &error))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let error = Error::new(format!("`{}` failed: {}", describe(command), output.status));
    let said = String::from_utf8_lossy(&output.stderr);
    Err(match said.trim() {
        "" => error,
        said => error.hint(said),
    })
}

/// The full path of a program, looked for in `PATH`.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

pub(crate) fn cannot_start(command: &Command, error: &std::io::Error) -> Error {
    Error::new(format!("cannot start `{}`: {error}", describe(command)))
}

/// The command as one would type it: the program's name without its folder, then the arguments.
pub(crate) fn describe(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let mut text =
        program.file_name().unwrap_or(program.as_os_str()).to_string_lossy().into_owned();
    for argument in command.get_args() {
        text.push(' ');
        text.push_str(&argument.to_string_lossy());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_name_the_command() {
        let error = run(&mut Command::new("no-such-program-here")).unwrap_err();
        assert!(error.to_string().starts_with("cannot start `no-such-program-here`"));
        let mut rustc = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
        let error = output(rustc.arg("--no-such-option")).unwrap_err().to_string();
        assert!(error.starts_with("`rustc --no-such-option` failed: exit"), "{error}");
        assert!(error.contains("hint: "), "{error}");
    }

    #[test]
    fn finds_programs() {
        assert!(find("no-such-program-here").is_none());
    }
}
