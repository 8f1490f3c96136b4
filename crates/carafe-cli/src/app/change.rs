//! What a changed file means for an app that runs.

use std::collections::HashSet;
use std::path::{Component, Path, PathBuf};

/// What one file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The program is made of it.
    Code,
    /// It is read when the app starts.
    Config,
    /// It is read for each request: pages are to be shown anew.
    Page,
    /// A style sheet, which browsers can exchange in an open page.
    Style,
    /// A picture and the like: what is new is in no page yet.
    Asset,
}

/// All that changed within a moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Changes {
    pub(crate) code: bool,
    pub(crate) config: bool,
    pub(crate) pages: bool,
    /// Style sheets, by their path below a folder `static`.
    pub(crate) styles: Vec<String>,
    /// One of the files, for people.
    pub(crate) example: Option<PathBuf>,
}

impl Changes {
    /// Adds a file; `is_new` when it was not there before.
    pub(crate) fn add(&mut self, kind: Kind, path: &Path, is_new: bool) {
        match kind {
            Kind::Code => self.code = true,
            Kind::Config => self.config = true,
            Kind::Page => self.pages = true,
            Kind::Style => match below_static(path) {
                Some(style) if !self.styles.contains(&style) => self.styles.push(style),
                _ => {}
            },
            Kind::Asset if is_new => return,
            Kind::Asset => self.pages = true,
        }
        self.example.get_or_insert_with(|| path.to_owned());
    }

    pub(crate) fn is_empty(&self) -> bool {
        *self == Changes::default()
    }
}

/// Folders of which nothing is looked at. Cargo's target folder may have another name: see `CACHEDIR.TAG`.
pub(crate) fn skips_folder(folder: &Path) -> bool {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let hidden = name.starts_with('.') && name != ".cargo";
    hidden
        || matches!(&*name, "target" | "node_modules" | "__pycache__")
        || folder.join("CACHEDIR.TAG").is_file()
}

/// Files that editors leave for a moment.
fn is_passing(name: &str) -> bool {
    let endings =
        ["~", ".swp", ".swo", ".swx", ".tmp", ".part", ".orig", "___jb_tmp___", "___jb_old___"];
    endings.iter().any(|ending| name.ends_with(ending))
        || name.starts_with(".#")
        || (name.starts_with('#') && name.ends_with('#'))
        // Vim tries whether it may write to a folder.
        || name == "4913"
}

/// What a file is, seen from the folder of its package. `sources` are what cargo says that the program is
/// made of; `is_app` when it is the app's own package.
pub(crate) fn kind(
    folder: &Path,
    path: &Path,
    sources: &HashSet<PathBuf>,
    is_app: bool,
) -> Option<Kind> {
    let inside = path.strip_prefix(folder).ok()?;
    let name = path.file_name()?.to_str()?;
    if is_passing(name) {
        return None;
    }
    let is_root = inside.parent() == Some(Path::new(""));
    if is_app && is_root && (name == ".env" || name == "carafe.toml") {
        return Some(Kind::Config);
    }
    if sources.contains(path) {
        return Some(Kind::Code);
    }
    let top = inside.components().next().map(Component::as_os_str);
    let is_beside = top.is_some_and(|top| top == "tests" || top == "benches");
    if name.ends_with(".rs") && !is_beside {
        return Some(Kind::Code);
    }
    if matches!(name, "Cargo.toml" | "rust-toolchain.toml" | "rust-toolchain")
        || inside.ends_with(".cargo/config.toml")
    {
        return Some(Kind::Code);
    }
    if name.starts_with('.') || is_beside {
        return None;
    }
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    match extension {
        "html" | "jinja" | "jinja2" | "j2" => Some(Kind::Page),
        _ if has(inside, "templates") => Some(Kind::Page),
        "css" if has(inside, "static") => Some(Kind::Style),
        "js" | "mjs" | "json" if has(inside, "static") => Some(Kind::Page),
        _ if has(inside, "static") => Some(Kind::Asset),
        _ => None,
    }
}

fn has(path: &Path, folder: &str) -> bool {
    path.parent().is_some_and(|path| path.components().any(|part| part.as_os_str() == folder))
}

/// The part of a path after the folder `static`, as URLs have it.
fn below_static(path: &Path) -> Option<String> {
    let mut parts = path.components().map(|part| part.as_os_str().to_string_lossy());
    parts.find(|part| part == "static")?;
    Some(parts.collect::<Vec<_>>().join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_file_is() {
        let sources =
            HashSet::from(["/w/app/data/words.txt".into(), "/w/app/static/inlined.css".into()]);
        let check = |path: &str, expected: Option<Kind>| {
            let found = kind(Path::new("/w/app"), Path::new(path), &sources, true);
            assert_eq!(found, expected, "{path}");
        };
        check("/w/app/src/main.rs", Some(Kind::Code));
        check("/w/app/build.rs", Some(Kind::Code));
        check("/w/app/Cargo.toml", Some(Kind::Code));
        check("/w/app/.cargo/config.toml", Some(Kind::Code));
        check("/w/app/data/words.txt", Some(Kind::Code));
        check("/w/app/static/inlined.css", Some(Kind::Code));
        check("/w/app/data/other.txt", None);
        check("/w/app/carafe.toml", Some(Kind::Config));
        check("/w/app/.env", Some(Kind::Config));
        check("/w/app/deep/carafe.toml", None);
        check("/w/app/.hidden", None);
        check("/w/app/templates/mail/welcome.txt", Some(Kind::Page));
        check("/w/app/src/admin/templates/index.html", Some(Kind::Page));
        check("/w/app/pages/index.html", Some(Kind::Page));
        check("/w/app/static/style.css", Some(Kind::Style));
        check("/w/app/static/app.js", Some(Kind::Page));
        check("/w/app/static/logo.svg", Some(Kind::Asset));
        check("/w/app/tests/web.rs", None);
        check("/w/app/Cargo.lock", None);
        check("/w/app/guestbook.db", None);
        check("/w/other/src/main.rs", None);
        for name in ["main.rs~", ".main.rs.swp", "4913", "#main.rs#", ".#main.rs", "main.rs.tmp"] {
            check(&format!("/w/app/src/{name}"), None);
        }
        let other = kind(Path::new("/w/app"), Path::new("/w/app/.env"), &sources, false);
        assert_eq!(other, None);
    }

    #[test]
    fn what_follows_from_several() {
        let mut changes = Changes::default();
        changes.add(Kind::Asset, Path::new("/w/static/new.png"), true);
        assert!(changes.is_empty());
        changes.add(Kind::Style, Path::new("/w/static/css/a.css"), false);
        changes.add(Kind::Style, Path::new("/w/static/css/a.css"), false);
        assert_eq!((&changes.styles[..], changes.pages), (&["css/a.css".to_owned()][..], false));
        changes.add(Kind::Asset, Path::new("/w/static/old.png"), false);
        changes.add(Kind::Config, Path::new("/w/.env"), false);
        assert!(changes.pages && changes.config && !changes.code);
        assert_eq!(changes.example.unwrap(), Path::new("/w/static/css/a.css"));
    }

    #[test]
    fn folders_that_are_left_alone() {
        let root = tempfile::tempdir().unwrap();
        let check = |name: &str, expected: bool| {
            assert_eq!(skips_folder(&root.path().join(name)), expected, "{name}");
        };
        std::fs::create_dir_all(root.path().join("out")).unwrap();
        std::fs::write(root.path().join("out/CACHEDIR.TAG"), "").unwrap();
        check("out", true);
        check("target", true);
        check(".git", true);
        check("node_modules", true);
        check(".cargo", false);
        check("src", false);
    }
}
