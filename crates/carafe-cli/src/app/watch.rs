//! Watches the files of an app: tells when the content of one that matters has changed.
//!
//! The system tells of writes; what counts is whether the bytes are others than before, so that a save
//! without a change, and a file that a build writes anew, are nothing.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use notify::{ErrorKind, Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};

use super::change::{Changes, kind, skips_folder};

/// A save is over when nothing was written for this long: editors write in several steps.
const QUIET: Duration = Duration::from_millis(12);
/// Whatever goes on being written, after this long it counts.
const LONGEST: Duration = Duration::from_millis(150);
/// Of larger files the length and time of change are looked at.
const LARGE: u64 = 4 << 20;

/// Watches until it is dropped.
pub(crate) struct Watch(Sender<Input>);

enum Input {
    Event(notify::Result<Event>),
    Folders(Vec<PathBuf>),
    Sources(HashSet<PathBuf>),
    End,
}

impl Watch {
    /// Watches the app's folder; `tell` is called from another thread.
    ///
    /// # Errors
    /// Why the system does not let it, with a hint.
    pub(crate) fn start(
        app: &Path,
        tell: impl Fn(Changes) + Send + 'static,
    ) -> Result<Watch, String> {
        let (input, inputs) = channel();
        let events = input.clone();
        let watcher =
            notify::recommended_watcher(move |event| drop(events.send(Input::Event(event))));
        let mut files = Files {
            app: app.to_owned(),
            watcher: watcher.map_err(|error| words(&error))?,
            folders: Vec::new(),
            sources: HashSet::new(),
            known: HashMap::new(),
        };
        files.add(app.to_owned(), &mut Changes::default()).map_err(|error| words(&error))?;
        // The baseline is there before anybody saves.
        thread::spawn(move || run(&mut files, &inputs, &tell));
        Ok(Watch(input))
    }

    /// Watches the folders of packages that the app depends on, too.
    pub(crate) fn add(&self, folders: Vec<PathBuf>) {
        let _ = self.0.send(Input::Folders(folders));
    }

    /// Says what the program is made of, besides what is known by name.
    pub(crate) fn set_sources(&self, sources: impl IntoIterator<Item = PathBuf>) {
        let _ = self.0.send(Input::Sources(sources.into_iter().collect()));
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.0.send(Input::End);
    }
}

/// What is watched, and what it was like.
struct Files {
    app: PathBuf,
    watcher: RecommendedWatcher,
    /// Of packages, the app's first.
    folders: Vec<PathBuf>,
    sources: HashSet<PathBuf>,
    known: HashMap<PathBuf, u64>,
}

fn run(files: &mut Files, inputs: &Receiver<Input>, tell: &dyn Fn(Changes)) {
    let mut written: HashSet<PathBuf> = HashSet::new();
    let mut since: Option<Instant> = None;
    loop {
        let left = since.map(|since| QUIET.min(LONGEST.saturating_sub(since.elapsed())));
        let input = match left {
            Some(left) => inputs.recv_timeout(left),
            None => inputs.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        let is_quiet = matches!(input, Err(RecvTimeoutError::Timeout));
        match input {
            Ok(Input::Event(Ok(event))) => {
                written.extend(files.written(event));
                if !written.is_empty() {
                    since.get_or_insert_with(Instant::now);
                }
            }
            Ok(Input::Folders(folders)) => {
                for folder in folders {
                    // Where it cannot be watched, the key `r` is left.
                    let _ = files.add(folder, &mut Changes::default());
                }
            }
            Ok(Input::Sources(sources)) => files.set_sources(sources),
            Ok(Input::End) | Err(RecvTimeoutError::Disconnected) => return,
            Ok(Input::Event(Err(_))) | Err(RecvTimeoutError::Timeout) => {}
        }
        if is_quiet || since.is_some_and(|since| since.elapsed() >= LONGEST) {
            since = None;
            let changes = files.changes(written.drain());
            if !changes.is_empty() {
                tell(changes);
            }
        }
    }
}

impl Files {
    /// The paths of an event that may count.
    fn written(&self, event: Event) -> Vec<PathBuf> {
        use notify::event::AccessKind::{Open, Read};
        if event.need_rescan() {
            return self.folders.iter().chain(self.known.keys()).cloned().collect();
        }
        match event.kind {
            // To be read is no change.
            EventKind::Access(Open(_) | Read) => Vec::new(),
            _ => event.paths.into_iter().filter(|path| self.matters(path)).collect(),
        }
    }

    /// Watches a package's folder with all below it, where it is not watched yet.
    fn add(&mut self, folder: PathBuf, changes: &mut Changes) -> notify::Result<()> {
        if self.folders.contains(&folder) {
            return Ok(());
        }
        self.folders.push(folder.clone());
        self.walk(&folder, changes, false)
    }

    fn walk(&mut self, folder: &Path, changes: &mut Changes, is_new: bool) -> notify::Result<()> {
        self.watcher.watch(folder, RecursiveMode::NonRecursive)?;
        for entry in fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok) {
            let (path, Ok(kind)) = (entry.path(), entry.file_type()) else { continue };
            if kind.is_dir() {
                // Another package is another matter, unless the app depends on it.
                if !skips_folder(&path) && !path.join("Cargo.toml").is_file() {
                    self.walk(&path, changes, is_new)?;
                }
            } else if is_new {
                self.look(&path, changes);
            } else if self.kind(&path).is_some()
                && let Some(content) = content(&path)
            {
                self.known.insert(path, content);
            }
        }
        Ok(())
    }

    fn set_sources(&mut self, sources: HashSet<PathBuf>) {
        for path in &sources {
            if !self.known.contains_key(path)
                && let Some(content) = content(path)
            {
                self.known.insert(path.clone(), content);
                // A file that is included may lie in a folder that is not watched.
                if let Some(folder) = path.parent().filter(|folder| self.package(folder).is_some())
                {
                    let _ = self.watcher.watch(folder, RecursiveMode::NonRecursive);
                }
            }
        }
        self.sources = sources;
    }

    /// The innermost package that a file belongs to.
    fn package(&self, path: &Path) -> Option<&Path> {
        let around = self.folders.iter().filter(|folder| path.starts_with(folder));
        around.max_by_key(|folder| folder.components().count()).map(PathBuf::as_path)
    }

    fn kind(&self, path: &Path) -> Option<super::change::Kind> {
        let package = self.package(path)?;
        kind(package, path, &self.sources, package == self.app)
    }

    /// Whether a path may be of a file that counts, or of a folder.
    fn matters(&self, path: &Path) -> bool {
        self.kind(path).is_some() || (path.is_dir() && !skips_folder(path))
    }

    fn changes(&mut self, written: impl Iterator<Item = PathBuf>) -> Changes {
        let mut changes = Changes::default();
        for path in written {
            if !path.is_dir() {
                self.look(&path, &mut changes);
            } else if self.folders.contains(&path)
                || !(skips_folder(&path) || path.join("Cargo.toml").is_file())
            {
                let _ = self.walk(&path, &mut changes, true);
            }
        }
        changes
    }

    /// Compares a file with what it was.
    fn look(&mut self, path: &Path, changes: &mut Changes) {
        let Some(kind) = self.kind(path) else { return };
        let now = content(path);
        let before = match now {
            Some(now) => self.known.insert(path.to_owned(), now),
            None => self.known.remove(path),
        };
        if before != now {
            changes.add(kind, path, before.is_none());
        }
    }
}

/// What tells one content of a file from another; `None` when there is no file.
fn content(path: &Path) -> Option<u64> {
    let metadata = fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
    let mut hasher = DefaultHasher::new();
    match metadata.len() {
        ..LARGE => fs::read(path).ok()?.hash(&mut hasher),
        length => (length, metadata.modified().ok()).hash(&mut hasher),
    }
    Some(hasher.finish())
}

fn words(error: &notify::Error) -> String {
    match error.kind {
        ErrorKind::MaxFilesWatch => {
            "the files cannot be watched: this user watches too many already\n\n\
             hint: `sudo sysctl fs.inotify.max_user_watches=524288`, or `carafe run --no-reload`"
                .to_owned()
        }
        _ => format!("the files cannot be watched: {error}\n\nhint: `carafe run --no-reload`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An app's folder, and what is told of it.
    struct Place {
        root: tempfile::TempDir,
        watch: Watch,
        told: Receiver<Changes>,
    }

    impl Place {
        fn new() -> Place {
            let root = tempfile::tempdir().unwrap();
            let place = |path: &str| root.path().join(path);
            for folder in ["app/src", "app/templates", "app/static", "app/target", "lib/src"] {
                fs::create_dir_all(place(folder)).unwrap();
            }
            for file in
                ["app/src/main.rs", "app/templates/a.html", "app/static/a.css", "lib/src/lib.rs"]
            {
                fs::write(place(file), "before").unwrap();
            }
            let (tell, told) = channel();
            let watch = Watch::start(&place("app"), move |changes| drop(tell.send(changes)));
            Place { watch: watch.unwrap(), root, told }
        }

        fn write(&self, path: &str, text: &str) {
            fs::write(self.root.path().join(path), text).unwrap();
        }

        #[track_caller]
        fn check(&self, expected: &str) {
            let told = self.told.recv_timeout(Duration::from_secs(20)).unwrap();
            let name = told.example.as_ref().and_then(|path| path.file_name()).unwrap();
            let mut words = name.to_string_lossy().into_owned();
            [(told.code, " code"), (told.config, " config"), (told.pages, " pages")]
                .iter()
                .filter(|(is, _)| *is)
                .for_each(|(_, word)| words.push_str(word));
            told.styles.iter().for_each(|style| words.push_str(&format!(" {style}")));
            assert_eq!(words, expected);
        }

        /// What was written before this is nothing, as only this is told.
        #[track_caller]
        fn check_nothing(&self, number: u32) {
            self.write("app/.env", &format!("N={number}"));
            self.check(".env config");
        }
    }

    #[test]
    fn tells_what_changed_and_only_that() {
        let place = Place::new();
        place.write("app/src/main.rs", "after");
        place.check("main.rs code");
        place.write("app/src/main.rs", "after");
        place.check_nothing(1);
        place.write("app/target/x.rs", "x");
        place.write("app/app.db", "x");
        place.check_nothing(2);
        place.write("app/templates/a.html", "after");
        place.check("a.html pages");
        place.write("app/static/a.css", "after");
        place.check("a.css a.css");
        fs::remove_file(place.root.path().join("app/templates/a.html")).unwrap();
        place.check("a.html pages");
    }

    #[test]
    fn an_editor_that_puts_another_file_in_place() {
        let place = Place::new();
        place.write("app/src/main.rs~", "after");
        let path = |name: &str| place.root.path().join("app/src").join(name);
        fs::rename(path("main.rs~"), path("main.rs")).unwrap();
        place.check("main.rs code");
        // And once more: the watch is not on the file that is gone.
        place.write("app/src/main.rs~", "again");
        fs::rename(path("main.rs~"), path("main.rs")).unwrap();
        place.check("main.rs code");
    }

    #[test]
    fn folders_that_are_made_later() {
        let place = Place::new();
        let folder = place.root.path().join("app/src/admin/deep");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("mod.rs"), "x").unwrap();
        place.check("mod.rs code");
        fs::write(folder.join("mod.rs"), "y").unwrap();
        place.check("mod.rs code");
    }

    #[test]
    fn dependencies_and_included_files() {
        let place = Place::new();
        place.write("lib/src/lib.rs", "unwatched");
        place.check_nothing(1);
        place.watch.add(vec![place.root.path().join("lib")]);
        place.watch.set_sources([place.root.path().join("app/words.txt")]);
        place.check_nothing(2);
        place.write("lib/src/lib.rs", "after");
        place.check("lib.rs code");
        place.write("app/words.txt", "after");
        place.check("words.txt code");
    }
}
