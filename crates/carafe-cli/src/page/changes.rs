//! Notices that the app's source was saved since it was built, while a page is open.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, SystemTime};

use serde_json::json;

use super::Shared;
use super::files::Files;

/// How often files are looked at.
const LOOK: Duration = Duration::from_secs(1);

/// Watches on a thread of its own, until the page is gone.
pub(super) fn watch(shared: &Arc<Shared>) {
    let shared = Arc::downgrade(shared);
    thread::spawn(move || {
        let mut told = SystemTime::now();
        loop {
            thread::sleep(LOOK);
            let Some(shared) = shared.upgrade() else { return };
            if shared.watching.load(Ordering::Relaxed) == 0 {
                continue;
            }
            if let Some((file, at)) = newest(&shared.files).filter(|(_, at)| *at > told) {
                told = at;
                shared.hub.tell("saved", &json!({"file": shared.files.shown(&file)}));
            }
        }
    });
}

/// The file of the app's source that was saved last.
fn newest(files: &Files) -> Option<(PathBuf, SystemTime)> {
    let mut newest: Option<(PathBuf, SystemTime)> = None;
    files.walk(files.root(), &mut |file| {
        if !is_source(file) {
            return;
        }
        let saved = file.metadata().and_then(|facts| facts.modified());
        if let Ok(at) = saved
            && newest.as_ref().is_none_or(|(_, last)| at > *last)
        {
            newest = Some((file.to_owned(), at));
        }
    });
    newest
}

/// Whether the program has to be built again for it.
fn is_source(file: &Path) -> bool {
    file.extension().is_some_and(|kind| kind == "rs")
        || file.file_name().is_some_and(|name| name == "Cargo.toml")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_saved_last() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, second: u64| {
            let path = folder.path().join(name);
            std::fs::write(&path, "x").unwrap();
            let at = SystemTime::UNIX_EPOCH + Duration::from_secs(second);
            std::fs::File::options().write(true).open(path).unwrap().set_modified(at).unwrap();
        };
        write("a.rs", 10);
        write("b.rs", 30);
        write("c.html", 50);
        let (file, _) = newest(&Files::below(folder.path())).unwrap();
        assert_eq!(file.file_name().unwrap(), "b.rs");
        write("Cargo.toml", 40);
        let (file, _) = newest(&Files::below(folder.path())).unwrap();
        assert_eq!(file.file_name().unwrap(), "Cargo.toml");
    }
}
