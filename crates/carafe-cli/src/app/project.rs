//! Which program is meant: the package and the binary or example of it, as `cargo metadata` tells.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::child;

/// What the command line says about it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    pub(crate) package: Option<String>,
    pub(crate) bin: Option<String>,
    pub(crate) example: Option<String>,
}

impl Wanted {
    fn is_nothing(&self) -> bool {
        self.package.is_none() && self.bin.is_none() && self.example.is_none()
    }
}

/// What kind of program it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Bin,
    Example,
}

/// A program of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Project {
    /// The package's name.
    pub(crate) package: String,
    /// The program's name.
    pub(crate) program: String,
    pub(crate) kind: Kind,
    /// The folder of the package's `Cargo.toml`.
    pub(crate) folder: PathBuf,
    /// The folder of the workspace's `Cargo.toml`, which may be the same.
    pub(crate) workspace: PathBuf,
    /// Cargo's target folder.
    pub(crate) target: PathBuf,
}

/// Why no program was found, or too many.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum NotFound {
    /// Nothing was named, and nothing is here: no Cargo, no package, or none that uses Carafe.
    Nothing(String),
    /// In words for people, with hints.
    No(String),
    /// Several fit: the question, and each answer with the option that says it.
    Several { what: &'static str, option: &'static str, names: Vec<String> },
}

impl NotFound {
    /// In words for people.
    pub(crate) fn words(&self) -> String {
        match self {
            NotFound::Nothing(words) | NotFound::No(words) => words.clone(),
            NotFound::Several { what, option, names } => {
                format!(
                    "there are several {what} here: {}\n\nhint: `{option} {}` says which one",
                    quoted(names),
                    names.first().map_or("NAME", String::as_str)
                )
            }
        }
    }
}

impl Project {
    /// Finds it: what is named, else the package around the folder, else the only app of the workspace.
    ///
    /// # Errors
    /// There is none, or it is not clear which one is meant.
    pub(crate) fn find(wanted: &Wanted, here: &Path) -> Result<Project, NotFound> {
        let absent = |words| match wanted.is_nothing() {
            true => NotFound::Nothing(words),
            false => NotFound::No(words),
        };
        choose(&metadata(here, &["--no-deps"]).map_err(absent)?, wanted, here)
    }

    /// The option of cargo that names the program, and its name.
    pub(crate) fn option(&self) -> [&str; 2] {
        match self.kind {
            Kind::Bin => ["--bin", &self.program],
            Kind::Example => ["--example", &self.program],
        }
    }

    /// The folders of the package and of those that it depends on by path, also by way of each other.
    ///
    /// # Errors
    /// What cargo says.
    pub(crate) fn source_folders(&self) -> Result<Vec<PathBuf>, String> {
        let metadata = metadata(&self.folder, &[])?;
        Ok(source_folders(&metadata, &self.folder))
    }
}

/// Cargo as it is called here.
pub(crate) fn cargo() -> std::ffi::OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

fn metadata(folder: &Path, arguments: &[&str]) -> Result<Value, String> {
    let mut command = child::group(cargo()).map_err(no_cargo)?;
    command.args(["metadata", "--format-version", "1"]).args(arguments).current_dir(folder);
    let output = output(command).map_err(no_cargo)?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr);
        let words = words.trim_start_matches("error: ").trim_end();
        if words.starts_with("could not find `Cargo.toml`") {
            return Err(format!(
                "{words}\n\nhint: go into the app's folder first\nhint: `carafe new shop` makes an app"
            ));
        }
        return Err(words.to_owned());
    }
    serde_json::from_slice(&output.stdout)
        .map_err(|error| format!("cargo cannot be understood: {error}"))
}

fn output(mut command: Command) -> std::io::Result<std::process::Output> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    child::spawn(command)?.wait_with_output()
}

pub(crate) fn no_cargo(error: std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => {
            "`cargo` is not found\n\nhint: it comes with Rust: https://rustup.rs".to_owned()
        }
        _ => format!("`cargo` cannot be run: {error}"),
    }
}

/// The tool uses Carafe for its own page, and is no app.
const THIS: &str = env!("CARGO_PKG_NAME");

/// A package of the workspace.
struct Package<'a> {
    name: &'a str,
    folder: &'a Path,
    uses_carafe: bool,
    default_run: Option<&'a str>,
    bins: Vec<&'a str>,
    examples: Vec<&'a str>,
}

impl<'a> Package<'a> {
    fn read(package: &'a Value) -> Option<Package<'a>> {
        // A dependency under another name has the real one in `name` too.
        let uses_carafe = package["dependencies"]
            .as_array()?
            .iter()
            .any(|dependency| dependency["name"] == "carafe" && dependency["kind"] != "build");
        let targets = |kind: &str| {
            let targets = package["targets"].as_array().into_iter().flatten();
            let is = |target: &&Value| {
                target["kind"].as_array().is_some_and(|kinds| kinds.iter().any(|own| own == kind))
            };
            targets.filter(is).filter_map(|target| target["name"].as_str()).collect()
        };
        let name = package["name"].as_str()?;
        Some(Package {
            name,
            folder: Path::new(package["manifest_path"].as_str()?).parent()?,
            uses_carafe,
            default_run: package["default_run"].as_str(),
            bins: if name == THIS { Vec::new() } else { targets("bin") },
            examples: targets("example"),
        })
    }

    /// This tool uses Carafe too.
    fn is_app(&self) -> bool {
        self.uses_carafe && !self.bins.is_empty() && self.name != env!("CARGO_PKG_NAME")
    }
}

fn choose(metadata: &Value, wanted: &Wanted, here: &Path) -> Result<Project, NotFound> {
    let packages: Vec<Package<'_>> =
        metadata["packages"].as_array().into_iter().flatten().filter_map(Package::read).collect();
    let package = package(&packages, wanted, here)?;
    let (program, kind) = program(package, wanted)?;
    let path = |key: &str| PathBuf::from(metadata[key].as_str().unwrap_or_default());
    Ok(Project {
        package: package.name.to_owned(),
        program,
        kind,
        folder: package.folder.to_owned(),
        workspace: path("workspace_root"),
        target: path("target_directory"),
    })
}

fn package<'a, 'b>(
    packages: &'b [Package<'a>],
    wanted: &Wanted,
    here: &Path,
) -> Result<&'b Package<'a>, NotFound> {
    let apps: Vec<&Package<'_>> = packages.iter().filter(|package| package.is_app()).collect();
    let names = || apps.iter().map(|app| app.name.to_owned()).collect::<Vec<_>>();
    if let Some(name) = &wanted.package {
        return packages.iter().find(|package| package.name == name).ok_or_else(|| {
            let hint = match apps.is_empty() {
                true => "no package of this workspace has a program that uses Carafe".to_owned(),
                false => format!("the apps of this workspace are {}", quoted(&names())),
            };
            NotFound::No(format!("there is no package `{name}` here\n\nhint: {hint}"))
        });
    }
    let has = |package: &&Package<'_>| {
        wanted.bin.as_ref().is_none_or(|name| package.bins.contains(&name.as_str()))
            && wanted.example.as_ref().is_none_or(|name| package.examples.contains(&name.as_str()))
    };
    let named = wanted.bin.is_some() || wanted.example.is_some();
    // The innermost, as a package may lie in the folder of another. Where that is a library, its
    // workspace may have an app all the same.
    let around = packages.iter().filter(|package| here.starts_with(package.folder));
    let around =
        around.filter(|package| if named { has(package) } else { !package.bins.is_empty() });
    if let Some(package) = around.max_by_key(|package| package.folder.components().count()) {
        return Ok(package);
    }
    let fitting: Vec<&Package<'_>> = match named {
        true => packages.iter().filter(has).collect(),
        false => apps.clone(),
    };
    match fitting[..] {
        [package] => Ok(package),
        [] if named => Err(nowhere(wanted)),
        [] => Err(NotFound::Nothing(
            "no package here has a program that uses Carafe\n\nhint: `carafe new NAME` makes one"
                .to_owned(),
        )),
        _ => Err(NotFound::Several {
            what: "apps",
            option: "--package",
            names: fitting.iter().map(|package| package.name.to_owned()).collect(),
        }),
    }
}

fn nowhere(wanted: &Wanted) -> NotFound {
    let (what, name) = match (&wanted.bin, &wanted.example) {
        (Some(name), _) => ("program", name.as_str()),
        (_, name) => ("example", name.as_deref().unwrap_or_default()),
    };
    NotFound::No(format!(
        "no package here has a{} {what} `{name}`",
        if what == "example" { "n" } else { "" }
    ))
}

fn program(package: &Package<'_>, wanted: &Wanted) -> Result<(String, Kind), NotFound> {
    let find = |name: &str, all: &[&str], what: &str, kind: Kind| match all.contains(&name) {
        true => Ok((name.to_owned(), kind)),
        false => Err(NotFound::No(format!(
            "the package `{}` has no {what} `{name}`\n\nhint: it has {}",
            package.name,
            if all.is_empty() { "none".to_owned() } else { quoted(all) }
        ))),
    };
    if let Some(name) = &wanted.example {
        return find(name, &package.examples, "example", Kind::Example);
    }
    if let Some(name) = wanted.bin.as_deref().or(package.default_run) {
        return find(name, &package.bins, "program", Kind::Bin);
    }
    match package.bins[..] {
        [only] => Ok((only.to_owned(), Kind::Bin)),
        [] => Err(NotFound::No(format!(
            "the package `{}` has no program to run{}",
            package.name,
            package.examples.first().map_or_else(String::new, |name| format!(
                "\n\nhint: an example of it: `--example {name}`"
            ))
        ))),
        _ => Err(NotFound::Several {
            what: "programs",
            option: "--bin",
            names: package.bins.iter().map(|name| (*name).to_owned()).collect(),
        }),
    }
}

/// The folders of the packages without a source, which are those on this disk, that one of them needs.
fn source_folders(metadata: &Value, folder: &Path) -> Vec<PathBuf> {
    let packages: Vec<&Value> = metadata["packages"].as_array().into_iter().flatten().collect();
    let nodes: Vec<&Value> =
        metadata["resolve"]["nodes"].as_array().into_iter().flatten().collect();
    let local = |id: &Value| {
        let package =
            packages.iter().find(|package| package["id"] == *id && package["source"].is_null())?;
        Path::new(package["manifest_path"].as_str()?).parent().map(Path::to_owned)
    };
    let root = packages
        .iter()
        .map(|package| &package["id"])
        .find(|id| local(id).as_deref() == Some(folder));
    let mut seen: Vec<&Value> = root.into_iter().collect();
    let mut at = 0;
    while let Some(id) = seen.get(at).copied() {
        at += 1;
        let Some(node) = nodes.iter().find(|node| node["id"] == *id) else { continue };
        for next in node["dependencies"].as_array().into_iter().flatten() {
            if !seen.contains(&next) && local(next).is_some() {
                seen.push(next);
            }
        }
    }
    seen.into_iter().filter_map(local).collect()
}

fn quoted(names: &[impl AsRef<str>]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{}`", name.as_ref())).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn workspace() -> Value {
        let package = |name: &str, uses: &str, bins: &[&str], default_run: Option<&str>| {
            let bins = bins.iter().map(|name| json!({"name": name, "kind": ["bin"]}));
            let example = json!({"name": format!("{name}-demo"), "kind": ["example"]});
            json!({
                "name": name,
                "manifest_path": format!("/w/{name}/Cargo.toml"),
                "dependencies": [{"name": uses, "kind": null}],
                "default_run": default_run,
                "targets": bins.chain([example]).collect::<Vec<_>>(),
            })
        };
        json!({"workspace_root": "/w", "target_directory": "/w/target", "packages": [
            package("shop", "carafe", &["shop"], None),
            package("blog", "carafe", &["import", "blog"], Some("blog")),
            package("many", "carafe", &["one", "two"], None),
            package("models", "serde", &[], None),
            package("other", "axum", &["other"], None),
            package("carafe-cli", "carafe", &["carafe"], None),
        ]})
    }

    #[track_caller]
    fn check(wanted: &str, here: &str, expected: Result<&str, &str>) {
        let mut words = wanted.split(' ');
        let mut value =
            |name: &str| words.next().filter(|word| *word == name).and_then(|_| words.next());
        let wanted = match wanted.split(' ').next() {
            Some("-p") => Wanted { package: value("-p").map(str::to_owned), ..Wanted::default() },
            Some("--bin") => Wanted { bin: value("--bin").map(str::to_owned), ..Wanted::default() },
            Some("--example") => {
                Wanted { example: value("--example").map(str::to_owned), ..Wanted::default() }
            }
            _ => Wanted::default(),
        };
        let found = choose(&workspace(), &wanted, Path::new(here));
        let found = found
            .map(|found| format!("{}/{}", found.package, found.program))
            .map_err(|error| error.words());
        assert_eq!(found.as_deref(), expected.map_err(str::to_owned).as_ref().map(|text| *text));
    }

    #[test]
    fn the_one_that_is_meant() {
        check("", "/w/shop/src", Ok("shop/shop"));
        check("", "/w/blog", Ok("blog/blog"));
        check("", "/w/other", Ok("other/other"));
        check("-p blog", "/w/shop", Ok("blog/blog"));
        check("--bin import", "/w/blog", Ok("blog/import"));
        check("--bin import", "/w", Ok("blog/import"));
        check("--bin two", "/w/shop", Ok("many/two"));
        check("--example shop-demo", "/w/shop", Ok("shop/shop-demo"));
        check("--example models-demo", "/w", Ok("models/models-demo"));
    }

    #[test]
    fn it_is_not_clear_which() {
        let several = "there are several apps here: `shop`, `blog`, `many`\n\n\
                       hint: `--package shop` says which one";
        check("", "/w", Err(several));
        check("", "/w/models/src", Err(several));
        check("", "/w/carafe-cli", Err(several));
        check(
            "",
            "/w/many",
            Err(
                "there are several programs here: `one`, `two`\n\nhint: `--bin one` says which one",
            ),
        );
        check(
            "-p house",
            "/w",
            Err("there is no package `house` here\n\n\
                 hint: the apps of this workspace are `shop`, `blog`, `many`"),
        );
        check(
            "-p models",
            "/w",
            Err(
                "the package `models` has no program to run\n\nhint: an example of it: `--example models-demo`",
            ),
        );
        check("--bin three", "/w", Err("no package here has a program `three`"));
        check("--example three", "/w", Err("no package here has an example `three`"));
    }

    #[test]
    fn sources_are_what_lies_on_this_disk_and_is_needed() {
        let package = |name: &str, source: Option<&str>| json!({"id": name, "source": source, "manifest_path": format!("/w/{name}/Cargo.toml")});
        let metadata = json!({
            "packages": [package("app", None), package("models", None), package("deep", None), package("serde", Some("registry")), package("other", None)],
            "resolve": {"nodes": [
                {"id": "app", "dependencies": ["models", "serde"]},
                {"id": "models", "dependencies": ["deep", "app"]},
                {"id": "deep", "dependencies": []},
                {"id": "serde", "dependencies": []},
                {"id": "other", "dependencies": ["app"]},
            ]},
        });
        let folders = source_folders(&metadata, Path::new("/w/app"));
        assert_eq!(folders, ["/w/app", "/w/models", "/w/deep"].map(PathBuf::from));
    }
}
