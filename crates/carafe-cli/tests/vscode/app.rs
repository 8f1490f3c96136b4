//! The guestbook as an app of somebody's own: a copy outside the workspace.

use std::fs;
use std::path::{Path, PathBuf};

use crate::root;

/// Its package and program.
pub(crate) const NAME: &str = "visitors";

/// Copies it into a folder; gives the app's own.
pub(crate) fn copy(into: &Path) -> PathBuf {
    let (from, app) = (root().join("examples/guestbook"), into.join("guestbook"));
    fs::create_dir(&app).unwrap();
    for name in ["build.rs", "carafe.toml"] {
        fs::copy(from.join(name), app.join(name)).unwrap();
    }
    for name in ["src", "static", "templates"] {
        copy_folder(&from.join(name), &app.join(name));
    }
    fs::copy(root().join("Cargo.lock"), app.join("Cargo.lock")).unwrap();
    fs::write(app.join("Cargo.toml"), manifest(&from.join("Cargo.toml"))).unwrap();
    fs::write(app.join(".env"), "CARAFE_PORT=0\n").unwrap();
    // Dependencies that were built for the workspace are not built again.
    let target = Path::new(env!("CARGO_BIN_EXE_carafe")).ancestors().nth(2).unwrap();
    std::os::unix::fs::symlink(target, app.join("target")).unwrap();
    app.canonicalize().unwrap()
}

/// The manifest without what it has from the workspace.
fn manifest(from: &Path) -> String {
    let carafe = root().join("crates/carafe");
    let manifest = fs::read_to_string(from)
        .unwrap()
        // Another name, as both programs lie in one target folder.
        .replace("name = \"guestbook\"", &format!("name = {NAME:?}"))
        .replace("edition.workspace = true", "edition = \"2024\"")
        .replace("workspace = true, features", &format!("path = {carafe:?}, features"))
        .replace("[lints]\nworkspace = true", "[workspace]");
    assert!(!manifest.contains("workspace = true"), "{manifest}");
    // As in the workspace, so that its dependencies fit.
    manifest + "\n[profile.dev]\ndebug = \"line-tables-only\"\n"
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy_folder(&entry.path(), &to),
            false => drop(fs::copy(entry.path(), to).unwrap()),
        }
    }
}
