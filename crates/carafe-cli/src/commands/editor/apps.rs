//! The Carafe apps of a folder, as cargo knows them.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

/// A program of a package that depends on `carafe`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct App {
    pub(super) package: String,
    pub(super) bin: String,
    /// Whether the package has no other program.
    pub(super) is_only_bin: bool,
    /// The package's folder below the one that is asked about, with `/`; empty for that itself.
    pub(super) folder: String,
}

impl App {
    /// What people call it: the package, and the program where there are several.
    pub(super) fn name(&self) -> &str {
        if self.is_only_bin { &self.package } else { &self.bin }
    }
}

/// The nearest folder with a `Cargo.toml`, at or above this one.
///
/// # Errors
/// When there is none.
pub(super) fn root(from: &Path) -> Result<PathBuf, String> {
    let found = from.ancestors().find(|folder| folder.join("Cargo.toml").is_file());
    found.map(Path::to_owned).ok_or_else(|| {
        format!(
            "no `Cargo.toml` in `{}` or above it\n\nhint: start this in the folder of your app",
            from.display()
        )
    })
}

/// The apps of a folder: of its package, or of its workspace.
///
/// # Errors
/// When cargo cannot read it, or when there is none.
pub(super) fn of(folder: &Path) -> Result<Vec<App>, String> {
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["metadata", "--no-deps", "--format-version=1"])
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("cargo cannot be started: {error}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let said = said.trim().trim_start_matches("error: ");
        return Err(format!("cargo cannot read `{}`: {said}", folder.display()));
    }
    let metadata: Value = serde_json::from_slice(&output.stdout)
        .map_err(|error| format!("cargo's metadata cannot be read: {error}"))?;
    // Cargo tells real paths.
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let apps = apps(&metadata, &folder);
    if apps.is_empty() {
        return Err(format!(
            "no Carafe app in `{}`: no package here depends on `carafe` and has a program\n\nhint: `cargo add carafe` adds it, and `src/main.rs` is the program",
            folder.display()
        ));
    }
    Ok(apps)
}

fn apps(metadata: &Value, folder: &Path) -> Vec<App> {
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let mut apps: Vec<App> = packages.flat_map(|package| apps_of(package, folder)).collect();
    // What stands nearest comes first: it is what F5 starts.
    apps.sort_by_key(|app| app.folder.matches('/').count() + usize::from(!app.folder.is_empty()));
    apps
}

fn apps_of(package: &Value, folder: &Path) -> Vec<App> {
    let depends = package["dependencies"]
        .as_array()
        .into_iter()
        .flatten()
        .any(|dependency| dependency["name"] == "carafe" && dependency["kind"].is_null());
    let manifest = package["manifest_path"].as_str().map(Path::new);
    let below = manifest.and_then(Path::parent).and_then(|path| path.strip_prefix(folder).ok());
    let (true, Some(below), Some(name)) = (depends, below, package["name"].as_str()) else {
        return Vec::new();
    };
    let targets = package["targets"].as_array().into_iter().flatten();
    let bins: Vec<&str> = targets
        .filter(|target| target["kind"][0] == "bin")
        .filter_map(|target| target["name"].as_str())
        .collect();
    let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
    let app = |bin: &&str| App {
        package: name.to_owned(),
        bin: (*bin).to_owned(),
        is_only_bin: bins.len() == 1,
        folder: parts.join("/"),
    };
    bins.iter().map(app).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn package(name: &str, folder: &str, dependencies: &[&str], bins: &[&str]) -> Value {
        let dependencies: Vec<Value> =
            dependencies.iter().map(|name| json!({"name": name, "kind": null})).collect();
        let targets: Vec<Value> =
            bins.iter().map(|name| json!({"name": name, "kind": ["bin"]})).collect();
        let manifest_path = format!("{folder}/Cargo.toml");
        json!({"name": name, "manifest_path": manifest_path, "dependencies": dependencies, "targets": targets})
    }

    #[test]
    fn finds_apps() {
        let metadata = json!({"packages": [
            package("far", "/w/examples/far", &["carafe"], &["far"]),
            package("lib", "/w/lib", &["carafe"], &[]),
            package("other", "/w/other", &["serde"], &["other"]),
            package("two", "/w", &["serde", "carafe"], &["a", "b"]),
            package("outside", "/x", &["carafe"], &["outside"]),
        ]});
        let found: Vec<_> = apps(&metadata, Path::new("/w"))
            .into_iter()
            .map(|app| format!("{} {} {:?}", app.package, app.name(), app.folder))
            .collect();
        assert_eq!(found, ["two a \"\"", "two b \"\"", "far far \"examples/far\""]);
    }

    #[test]
    fn finds_the_folder() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        assert_eq!(root(&here.join("src/commands")).unwrap(), here);
        let words = root(Path::new("/")).unwrap_err();
        assert!(words.starts_with("no `Cargo.toml` in `/` or above it"), "{words}");
    }
}
