//! Where templates come from: the app's folder, then those of blueprints; on the disk or embedded.

use std::fs;
use std::path::{Component, Path, PathBuf};

use minijinja::{Error, ErrorKind, TemplateSource};

use super::reload::Watch;
use crate::few::{self, SortedMap};

/// A folder of templates.
#[derive(Debug, Default)]
pub(super) struct Folder {
    /// Where it is on the disk.
    pub(super) path: PathBuf,
    /// What of it is in the program, by name.
    pub(super) embedded: SortedMap<&'static str, &'static str>,
}

/// All folders, in the order in which they are searched.
#[derive(Debug, Default)]
pub(super) struct Sources {
    pub(super) folders: Vec<Folder>,
    /// Whether changes on the disk count.
    pub(super) reloads: bool,
    /// Whether each search is logged.
    pub(super) explains: bool,
}

impl Folder {
    /// A folder, with those of the program's files that are below it.
    pub(super) fn new(
        root: &Path,
        folder: &Path,
        files: &'static [(&'static str, &'static [u8])],
    ) -> Folder {
        let prefix = plain(folder.strip_prefix(root).unwrap_or(folder));
        let mut embedded = SortedMap::default();
        for (path, bytes) in files {
            let name = prefix.as_ref().and_then(|prefix| path.strip_prefix(prefix.as_str()));
            if let (Some(name), Ok(text)) = (name, std::str::from_utf8(bytes)) {
                embedded.insert(name.strip_prefix('/').unwrap_or(name), text);
            }
        }
        Folder { path: root.join(folder), embedded }
    }

    /// Whether there is anything at all.
    pub(super) fn exists(&self) -> bool {
        !self.embedded.is_empty() || self.path.is_dir()
    }
}

/// A relative path with slashes; `None` for one that leaves the root.
fn plain(path: &Path) -> Option<String> {
    let mut parts = Vec::new();
    for part in path.components() {
        match part {
            Component::Normal(part) => parts.push(part.to_str()?),
            Component::CurDir => {}
            _ => return None,
        }
    }
    Some(parts.join("/"))
}

/// The path of a template below a folder; `None` for a name that could lead out of it.
fn below(folder: &Path, name: &str) -> Option<PathBuf> {
    let mut path = folder.to_owned();
    for part in name.split('/') {
        let mut components = Path::new(part).components();
        match (components.next(), components.next()) {
            (Some(Component::Normal(normal)), None) if normal == part => path.push(part),
            _ => return None,
        }
    }
    (!name.contains(['\\', '\0'])).then_some(path)
}

impl Sources {
    /// The engine's loader.
    pub(super) fn load(&self, name: &str) -> Result<Option<TemplateSource>, Error> {
        let mut tried = Vec::new();
        let found = if self.reloads {
            self.on_disk(name, &mut tried)?.or_else(|| self.embedded(name).map(TemplateSource::new))
        } else {
            match self.embedded(name) {
                Some(text) => Some(TemplateSource::new(text)),
                None => self.on_disk(name, &mut tried)?,
            }
        };
        if self.explains {
            self.explain(name, &tried, found.is_some());
        }
        Ok(found)
    }

    fn on_disk(
        &self,
        name: &str,
        tried: &mut Vec<PathBuf>,
    ) -> Result<Option<TemplateSource>, Error> {
        for folder in &self.folders {
            let Some(path) = below(&folder.path, name) else {
                return Ok(None);
            };
            // Asked before reading: a change in between is then seen as a change.
            let before = fs::metadata(&path).ok().filter(fs::Metadata::is_file);
            if before.is_none() {
                tried.push(path);
                continue;
            }
            let text = read(&path)?;
            let watch = Watch::new(&path, tried.clone(), before.as_ref(), &text);
            tried.push(path);
            let source = TemplateSource::new(text);
            return Ok(Some(match self.reloads {
                true => source.with_uptodate_check(move || watch.is_current()),
                false => source,
            }));
        }
        Ok(None)
    }

    /// The file that a template is in, when it is in one.
    #[cfg(debug_assertions)]
    pub(super) fn file(&self, name: &str) -> Option<PathBuf> {
        let mut paths = self.folders.iter().filter_map(|folder| below(&folder.path, name));
        paths.find(|path| path.is_file())
    }

    /// The text of a template that is in the program.
    pub(super) fn embedded(&self, name: &str) -> Option<&'static str> {
        self.folders.iter().find_map(|folder| folder.embedded.get(name).copied())
    }

    /// All that is in the program: the first folder's version of each name.
    pub(super) fn all_embedded(&self) -> SortedMap<&'static str, &'static str> {
        let mut all = SortedMap::default();
        for folder in self.folders.iter().rev() {
            for (name, text) in &folder.embedded {
                all.insert(*name, *text);
            }
        }
        all
    }

    /// The names of all templates, sorted.
    pub(super) fn names(&self) -> Vec<String> {
        let mut names = Vec::new();
        for folder in &self.folders {
            names.extend(folder.embedded.iter().map(|(name, _)| (*name).to_owned()));
            collect(&folder.path, "", &mut names);
        }
        few::sort_and_dedup(&mut names);
        names
    }

    fn explain(&self, name: &str, tried: &[PathBuf], found: bool) {
        tracing::info!(target: "carafe::templates", "looking for the template `{name}`");
        if tried.is_empty() {
            let place = if found { "found in the program" } else { "not in the program" };
            tracing::info!(target: "carafe::templates", "  {place}");
        }
        for (at, path) in tried.iter().enumerate() {
            let outcome = if found && at + 1 == tried.len() { "found" } else { "not there" };
            tracing::info!(target: "carafe::templates", "  {}: {outcome}", path.display());
        }
    }
}

fn read(path: &Path) -> Result<String, Error> {
    let failed = |words: String| Error::new(ErrorKind::InvalidOperation, words);
    let shown = path.display();
    let bytes =
        fs::read(path).map_err(|error| failed(format!("`{shown}` cannot be read: {error}")))?;
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        failed(format!("`{shown}` is not UTF-8: byte {at} is wrong"))
    })
}

/// Adds the files below a folder; hidden ones and an editor's copies are not templates.
fn collect(folder: &Path, prefix: &str, names: &mut Vec<String>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let file_name = entry.file_name();
        let Some(own) =
            file_name.to_str().filter(|own| !own.starts_with('.') && !own.ends_with('~'))
        else {
            continue;
        };
        let path = entry.path();
        let name = format!("{prefix}{own}");
        if path.is_dir() {
            collect(&path, &format!("{name}/"), names);
        } else {
            names.push(name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_below_their_folder() {
        let folder = Path::new("/t");
        for name in ["a.html", "a/b.html", "é.html", ".hidden", "a..b"] {
            assert_eq!(below(folder, name), Some(folder.join(name)), "{name}");
        }
        for name in
            ["", "/etc/passwd", "../x", "a/../../x", "a//b", ".", "a/.", "a\\..\\b", "a/", "a\0"]
        {
            assert_eq!(below(folder, name), None, "{name:?}");
        }
    }

    #[test]
    fn embedded_files_are_found_below_their_folder() {
        static FILES: &[(&str, &[u8])] =
            &[("templates/a.html", b"A"), ("templates/x/b.html", b"B"), ("static/c.js", b"C")];
        let names = |folder: &str| {
            Folder::new(Path::new("/app"), Path::new(folder), FILES)
                .embedded
                .into_iter()
                .map(|(name, _)| name)
                .collect::<Vec<_>>()
        };
        assert_eq!(names("templates"), ["a.html", "x/b.html"]);
        assert_eq!(names("./templates/"), ["a.html", "x/b.html"]);
        assert_eq!(names("/app/templates"), ["a.html", "x/b.html"]);
        assert_eq!(names("templates/x"), ["b.html"]);
        assert_eq!(names("../templates"), [""; 0]);
    }

    /// Keeps what is logged.
    struct Lines(std::sync::Mutex<Vec<String>>);

    impl tracing::field::Visit for &Lines {
        fn record_debug(&mut self, _: &tracing::field::Field, value: &dyn std::fmt::Debug) {
            self.0.lock().unwrap().push(format!("{value:?}"));
        }
    }

    struct Log(std::sync::Arc<Lines>);

    impl tracing::Subscriber for Log {
        fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
            true
        }
        fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
            tracing::span::Id::from_u64(1)
        }
        fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
        fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
        fn event(&self, event: &tracing::Event<'_>) {
            event.record(&mut &*self.0);
        }
        fn enter(&self, _: &tracing::span::Id) {}
        fn exit(&self, _: &tracing::span::Id) {}
    }

    #[test]
    fn searches_are_explained() {
        let root = tempfile::tempdir().unwrap();
        let folder = |name: &str| {
            fs::create_dir(root.path().join(name)).unwrap();
            Folder::new(root.path(), Path::new(name), &[])
        };
        let folders = vec![folder("one"), folder("two")];
        fs::write(root.path().join("two/a.html"), "A").unwrap();
        let sources = Sources { folders, reloads: true, explains: true };
        let lines = std::sync::Arc::new(Lines(std::sync::Mutex::default()));
        tracing::subscriber::with_default(Log(lines.clone()), || {
            assert!(sources.load("a.html").unwrap().is_some());
            assert!(sources.load("b.html").unwrap().is_none());
        });
        let lines = lines.0.lock().unwrap().join("\n");
        assert_eq!(
            lines.replace(&root.path().display().to_string(), "ROOT"),
            "looking for the template `a.html`\n  ROOT/one/a.html: not there\n  ROOT/two/a.html: found\n\
             looking for the template `b.html`\n  ROOT/one/b.html: not there\n  ROOT/two/b.html: not there"
        );
    }
}
