//! A VS Code for the tests: code-server, which is VS Code in a browser, and playwright-core, which drives
//! that browser, in the versions of `editors/vscode/test/package-lock.json`.
//!
//! They are 800 MB, so they are kept below the target folder until the versions change.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::{Error, Result};
use crate::process;
use crate::workspace::Workspace;

/// What npm is told each time. The packages' scripts compile parts that the test does without.
const INSTALL: [&str; 4] = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];

/// Makes sure that they are there; gives their folder, where this system has them.
pub(super) fn prepare(workspace: &Workspace) -> Result<Option<PathBuf>> {
    if !cfg!(target_os = "linux") {
        return Ok(None);
    }
    let folder = workspace.scratch()?.join("vscode");
    let from = workspace.root.join("editors/vscode/test");
    let wanted = read(&from.join("package-lock.json"))?;
    // Written last: a folder that was left half-way is made anew.
    let mark = folder.join("installed-lock.json");
    if fs::read_to_string(&mark).is_ok_and(|installed| installed == wanted) {
        return Ok(Some(folder));
    }
    println!("installing a VS Code with npm in {}", folder.display());
    fs::create_dir_all(&folder).map_err(|error| cannot("made", &folder, &error))?;
    for name in ["package.json", "package-lock.json"] {
        write(&folder.join(name), &read(&from.join(name))?)?;
    }
    npm(&folder, &["ci"])?;
    // VS Code's own packages, in the versions that code-server pins.
    npm(&folder.join("node_modules/code-server/lib/vscode"), &["install", "--omit=dev"])?;
    write(&mark, &wanted)?;
    Ok(Some(folder))
}

fn npm(folder: &Path, arguments: &[&str]) -> Result<()> {
    let mut npm = Command::new("npm");
    npm.current_dir(folder).args(arguments).args(INSTALL);
    process::output(&mut npm).map(drop)
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).map_err(|error| cannot("read", path, &error))
}

fn write(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text).map_err(|error| cannot("written", path, &error))
}

fn cannot(what: &str, path: &Path, error: &std::io::Error) -> Error {
    Error::new(format!("`{}` cannot be {what}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    /// A lock file that names a registry would send everybody there.
    #[test]
    fn the_lock_file_names_no_registry() {
        let lock = include_str!("../../../editors/vscode/test/package-lock.json");
        let lock: serde_json::Value = serde_json::from_str(lock).unwrap();
        let packages = lock["packages"].as_object().unwrap();
        for (name, package) in packages.iter().filter(|(name, _)| !name.is_empty()) {
            assert!(package["resolved"].is_null(), "{name}");
            assert!(package["integrity"].is_string(), "{name}");
        }
    }
}
