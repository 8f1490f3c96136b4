//! Finding the app's package, and building it: all that is asked of Cargo.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

/// A package with a program that uses Carafe.
#[derive(Clone, Debug)]
pub(super) struct Package {
    pub(super) name: String,
    pub(super) binary: String,
    /// The folder of its `Cargo.toml`.
    pub(super) folder: PathBuf,
    /// The folder of the workspace's `Cargo.toml`, which may be the same.
    pub(super) workspace: PathBuf,
}

/// The package of a name, else the one around the current folder, else the only one of the workspace.
/// `None` where there is no Cargo, no `Cargo.toml`, or nothing that uses Carafe.
///
/// # Errors
/// When it is not clear which one is meant, or the named one is no app.
pub(super) fn find(named: Option<&str>) -> Result<Option<Package>, String> {
    let metadata = metadata();
    let here = std::env::current_dir().unwrap_or_default();
    match (metadata, named) {
        (Some(metadata), named) => choose(&apps(&metadata), named, &here),
        (None, None) => Ok(None),
        (None, Some(name)) => Err(format!(
            "`--package {name}`: Cargo finds no workspace in `{}`\n\n\
             hint: go into the app's folder first, or use `--app PROGRAM`",
            here.display()
        )),
    }
}

fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

fn metadata() -> Option<Value> {
    let mut command = cargo();
    command.args(["metadata", "--no-deps", "--format-version", "1"]).stdin(Stdio::null());
    let output = command.output().ok().filter(|output| output.status.success())?;
    serde_json::from_slice(&output.stdout).ok()
}

/// The programs of all packages that depend on Carafe.
fn apps(metadata: &Value) -> Vec<Package> {
    let workspace = PathBuf::from(metadata["workspace_root"].as_str().unwrap_or_default());
    let packages = metadata["packages"].as_array().into_iter().flatten();
    packages.filter_map(|package| app(package, &workspace)).collect()
}

fn app(package: &Value, workspace: &Path) -> Option<Package> {
    let name = package["name"].as_str()?;
    // A dependency under another name has the real one in `name` too.
    let uses_carafe = package["dependencies"]
        .as_array()?
        .iter()
        .any(|dependency| dependency["name"] == "carafe" && dependency["kind"].is_null());
    let is_program = |target: &&Value| {
        target["kind"].as_array().is_some_and(|kinds| kinds.iter().any(|kind| kind == "bin"))
    };
    let programs: Vec<&str> = package["targets"]
        .as_array()?
        .iter()
        .filter(is_program)
        .filter_map(|target| target["name"].as_str())
        .collect();
    let preferred = package["default_run"].as_str().unwrap_or(name);
    let binary = programs.iter().find(|program| **program == preferred).or(programs.first())?;
    let folder = Path::new(package["manifest_path"].as_str()?).parent()?;
    uses_carafe.then(|| Package {
        name: name.to_owned(),
        binary: (*binary).to_owned(),
        folder: folder.to_owned(),
        workspace: workspace.to_owned(),
    })
}

fn choose(apps: &[Package], named: Option<&str>, here: &Path) -> Result<Option<Package>, String> {
    let names: Vec<String> = apps.iter().map(|app| format!("`{}`", app.name)).collect();
    let names = names.join(", ");
    if let Some(name) = named {
        let found = apps.iter().find(|app| app.name == name);
        return found.cloned().map(Some).ok_or_else(|| {
            let hint = match apps.is_empty() {
                true => "no package of this workspace has a program that uses Carafe".to_owned(),
                false => format!("the apps of this workspace are {names}"),
            };
            format!("there is no Carafe app `{name}`\n\nhint: {hint}")
        });
    }
    let around = apps.iter().filter(|app| here.starts_with(&app.folder));
    // The innermost, as a package may lie in the folder of another.
    if let Some(app) = around.max_by_key(|app| app.folder.components().count()) {
        return Ok(Some(app.clone()));
    }
    match apps {
        [] => Ok(None),
        [app] => Ok(Some(app.clone())),
        _ => Err(format!(
            "there are several Carafe apps here: {names}\n\nhint: `--package NAME` says which one"
        )),
    }
}

/// Builds the program and gives its path.
///
/// # Errors
/// When it does not compile, with what Cargo said.
pub(super) fn build(package: &Package) -> Result<PathBuf, String> {
    let mut command = cargo();
    command.args(["build", "--message-format", "json-render-diagnostics"]);
    command.args(["--package", &package.name, "--bin", &package.binary]);
    command.current_dir(&package.folder).stdin(Stdio::null());
    let output = command.output().map_err(|error| format!("`cargo` cannot be run: {error}"))?;
    let failed = || {
        format!(
            "`{}` cannot be asked for its settings, as it does not build\n\n{}\n\
             hint: `cargo build --package {}`, or `--app PROGRAM` with one that is built already",
            package.name,
            String::from_utf8_lossy(&output.stderr),
            package.name
        )
    };
    if !output.status.success() {
        return Err(failed());
    }
    let messages = String::from_utf8_lossy(&output.stdout);
    let artifact = |line: &str| {
        let message: Value = serde_json::from_str(line).ok()?;
        let is_ours = message["target"]["name"] == package.binary.as_str();
        message["executable"].as_str().filter(|_| is_ours).map(PathBuf::from)
    };
    messages.lines().filter_map(artifact).next_back().ok_or_else(failed)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn metadata() -> Value {
        let package = |name: &str, uses: &str, kind: &str| {
            json!({
                "name": name,
                "manifest_path": format!("/w/{name}/Cargo.toml"),
                "dependencies": [{"name": uses, "kind": null}],
                "targets": [
                    {"name": "tool", "kind": ["bin"]},
                    {"name": name, "kind": [kind]},
                ],
            })
        };
        let packages = [
            package("shop", "carafe", "bin"),
            package("blog", "carafe", "lib"),
            package("other", "axum", "bin"),
        ];
        json!({"workspace_root": "/w", "packages": packages})
    }

    #[track_caller]
    fn check(named: Option<&str>, here: &str, wanted: Result<&str, &str>) {
        let found = choose(&apps(&metadata()), named, Path::new(here));
        let found = found
            .map(|app| app.map_or("none".to_owned(), |app| format!("{}/{}", app.name, app.binary)));
        assert_eq!(found.as_deref(), wanted.map_err(str::to_owned).as_ref().map(|app| *app));
    }

    #[test]
    fn which_app_is_meant() {
        check(None, "/w/shop/src", Ok("shop/shop"));
        check(Some("blog"), "/w/shop", Ok("blog/tool"));
        check(
            None,
            "/w",
            Err("there are several Carafe apps here: `shop`, `blog`\n\n\
                 hint: `--package NAME` says which one"),
        );
        check(
            Some("other"),
            "/w",
            Err("there is no Carafe app `other`\n\n\
                 hint: the apps of this workspace are `shop`, `blog`"),
        );
        assert!(choose(&[], None, Path::new("/")).unwrap().is_none());
        assert_eq!(apps(&metadata())[0].workspace, Path::new("/w"));
    }
}
