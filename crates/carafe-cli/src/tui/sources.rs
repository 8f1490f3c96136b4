//! Source files: found by what people type, read once a change.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

/// A search for a file looks at so many folders and files.
const MOST_LOOKED_AT: usize = 20_000;
/// A longer file is not shown.
const MOST_BYTES: u64 = 8 << 20;

/// The lines of a file.
pub(super) type Lines = Arc<Vec<String>>;

/// The sources of the app.
#[derive(Debug)]
pub(super) struct Sources {
    /// What names are relative to.
    folder: PathBuf,
    read: HashMap<PathBuf, (SystemTime, Lines)>,
}

impl Sources {
    pub(super) fn new(folder: PathBuf) -> Sources {
        Sources { folder, read: HashMap::new() }
    }

    /// The file's lines, as they are now.
    pub(super) fn lines(&mut self, path: &Path) -> Option<Lines> {
        let facts = fs::metadata(path).ok().filter(|facts| facts.len() <= MOST_BYTES)?;
        let changed = facts.modified().ok()?;
        if let Some((known, lines)) = self.read.get(path)
            && *known == changed
        {
            return Some(lines.clone());
        }
        let text = String::from_utf8_lossy(&fs::read(path).ok()?).replace('\t', "    ");
        let lines: Lines = Arc::new(text.lines().map(printable).collect());
        self.read.insert(path.to_owned(), (changed, lines.clone()));
        Some(lines)
    }

    /// A path as people read it: relative where it lies in the folder.
    pub(super) fn shown(&self, path: &Path) -> String {
        path.strip_prefix(&self.folder).unwrap_or(path).display().to_string()
    }

    /// The file that a name means: a path, or the end of one that lies in the workspace.
    ///
    /// # Errors
    /// When there is none, or more than one.
    pub(super) fn find(&self, name: &str) -> Result<PathBuf, String> {
        // A workspace's compiler names files from its root.
        let direct = self.folder.ancestors().map(|folder| folder.join(name));
        if let Some(found) = direct.into_iter().find(|path| path.is_file()) {
            return Ok(found);
        }
        let mut found = ending_in(&self.folder, Path::new(name));
        found.sort();
        match found.as_slice() {
            [only] => Ok(only.clone()),
            [] => Err(format!("there is no file `{name}` below `{}`", self.folder.display())),
            several => {
                let names: Vec<String> =
                    several.iter().take(5).map(|path| format!("`{}`", self.shown(path))).collect();
                Err(format!("`{name}` may be {}", names.join(" or ")))
            }
        }
    }
}

/// Files below a folder whose paths end so; what is built or hidden is passed over.
fn ending_in(folder: &Path, end: &Path) -> Vec<PathBuf> {
    let mut left = vec![folder.to_owned()];
    let (mut found, mut looked_at) = (Vec::new(), 0);
    while let Some(folder) = left.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            looked_at += 1;
            if looked_at > MOST_LOOKED_AT {
                return found;
            }
            let (path, name) = (entry.path(), entry.file_name());
            let is_passed_over =
                name.to_string_lossy().starts_with('.') || name == "target" || name == "vendor";
            match entry.file_type() {
                Ok(kind) if kind.is_dir() && !is_passed_over => left.push(path),
                Ok(kind) if kind.is_file() && path.ends_with(end) => found.push(path),
                _ => {}
            }
        }
    }
    found
}

/// A text that does nothing to a terminal but take up space.
pub(super) fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_by_the_end_of_a_path() {
        let root = tempfile::tempdir().unwrap();
        let make = |path: &str| {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "a\tb\nc\u{1b}[31m").unwrap();
        };
        for path in ["src/main.rs", "src/views/user.rs", "src/api/user.rs", "target/x/only.rs"] {
            make(path);
        }
        let mut sources = Sources::new(root.path().to_owned());
        let find = |name: &str| sources.find(name).map(|path| sources.shown(&path));
        assert_eq!(find("src/main.rs"), Ok("src/main.rs".to_owned()));
        assert_eq!(find("main.rs"), Ok("src/main.rs".to_owned()));
        assert_eq!(find("api/user.rs"), Ok("src/api/user.rs".to_owned()));
        assert_eq!(
            find("user.rs").unwrap_err(),
            "`user.rs` may be `src/api/user.rs` or `src/views/user.rs`"
        );
        assert!(find("only.rs").unwrap_err().starts_with("there is no file `only.rs` below"));
        let lines = sources.lines(&root.path().join("src/main.rs")).unwrap();
        assert_eq!(*lines, ["a    b", "c\u{fffd}[31m"]);
    }
}
