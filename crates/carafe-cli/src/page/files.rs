//! The workspace's files, and no others.

use std::fs;
use std::path::{Component, Path, PathBuf};

use serde_json::{Value, json};

/// The longest file that is shown, in bytes.
const MAX_FILE: u64 = 2 << 20;
/// The most files that are listed.
const MOST_FILES: usize = 20_000;
/// Folders of which nobody edits anything.
const PASSED_OVER: [&str; 3] = ["target", "node_modules", "vendor"];

/// The files of a workspace.
#[derive(Clone, Debug)]
pub(super) struct Files {
    /// Without links.
    root: PathBuf,
}

impl Files {
    /// Those below a folder.
    pub(super) fn below(root: &Path) -> Files {
        Files { root: root.canonicalize().unwrap_or_else(|_| root.to_owned()) }
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// A text file, by its path in the workspace or its whole path.
    ///
    /// # Errors
    /// When it is outside the workspace, hidden, too long, no text, or not there.
    pub(super) fn read(&self, path: &str) -> Result<Value, String> {
        let found = self.find(Path::new(path))?;
        let length = fs::metadata(&found).map(|facts| facts.len()).unwrap_or(0);
        if length > MAX_FILE {
            return Err(format!("`{path}` is longer than {} MiB", MAX_FILE >> 20));
        }
        let bytes = fs::read(&found).map_err(|error| format!("`{path}`: {error}"))?;
        let text = String::from_utf8(bytes).map_err(|_| format!("`{path}` is no text"))?;
        Ok(json!({"path": found, "name": self.shown(&found), "text": text}))
    }

    /// The file, where it may be shown.
    fn find(&self, path: &Path) -> Result<PathBuf, String> {
        let outside = || format!("`{}` is not in the workspace", path.display());
        if path.components().any(|part| part == Component::ParentDir) {
            return Err(outside());
        }
        let found = self.root.join(path).canonicalize().map_err(|_| {
            // Whoever asks does not learn what is there outside.
            match self.root.join(path).starts_with(&self.root) {
                true => format!("there is no file `{}`", path.display()),
                false => outside(),
            }
        })?;
        let inside = found.strip_prefix(&self.root).map_err(|_| outside())?;
        if inside.components().any(|part| is_hidden(part.as_os_str().to_str())) {
            return Err(format!("`{}` is hidden", path.display()));
        }
        match found.is_file() {
            true => Ok(found),
            false => Err(format!("`{}` is no file", path.display())),
        }
    }

    /// The path as it is in the workspace.
    pub(super) fn shown(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap_or(path).to_string_lossy().into_owned()
    }

    /// All files that may be shown, by their paths in the workspace, in order.
    pub(super) fn list(&self) -> Vec<String> {
        let mut all = Vec::new();
        self.walk(&self.root, &mut |path| all.push(self.shown(path)));
        all.sort();
        all
    }

    /// Calls a function for each file, up to a limit.
    pub(super) fn walk(&self, folder: &Path, see: &mut dyn FnMut(&Path)) {
        let (mut folders, mut seen) = (vec![folder.to_owned()], 0);
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
                let name = entry.file_name();
                let Some(name) = name.to_str().filter(|name| !is_hidden(Some(name))) else {
                    continue;
                };
                // Links are not followed: they may lead out, or around.
                let Ok(kind) = entry.file_type() else { continue };
                if kind.is_dir() && !PASSED_OVER.contains(&name) {
                    folders.push(entry.path());
                } else if kind.is_file() && seen < MOST_FILES {
                    seen += 1;
                    see(&entry.path());
                }
            }
        }
    }
}

/// Names that begin with a dot: `.env` and `.git` are nobody's source. So is what cannot be read.
fn is_hidden(name: Option<&str>) -> bool {
    name.is_none_or(|name| name.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stays_inside() {
        let folder = tempfile::tempdir().unwrap();
        let (root, outside) = (folder.path().join("app"), folder.path().join("secret.txt"));
        fs::create_dir_all(root.join("src")).unwrap();
        fs::create_dir_all(root.join("target")).unwrap();
        for (path, text) in
            [("src/main.rs", "fn main() {}"), (".env", "KEY=1"), ("target/x.rs", "x")]
        {
            fs::write(root.join(path), text).unwrap();
        }
        fs::write(root.join("src/bytes"), [0xff]).unwrap();
        fs::write(&outside, "secret").unwrap();
        let files = Files::below(&root);
        assert_eq!(files.read("src/main.rs").unwrap()["text"], "fn main() {}");
        let whole = files.root().join("src/main.rs");
        assert_eq!(files.read(whole.to_str().unwrap()).unwrap()["name"], "src/main.rs");
        let refused = |path: &str, words: &str| {
            assert_eq!(files.read(path).unwrap_err(), words.replace('$', path), "{path}");
        };
        refused("../secret.txt", "`$` is not in the workspace");
        refused("src/../../secret.txt", "`$` is not in the workspace");
        refused(outside.to_str().unwrap(), "`$` is not in the workspace");
        refused("/etc/passwd", "`$` is not in the workspace");
        refused("/no/such/file", "`$` is not in the workspace");
        refused(".env", "`$` is hidden");
        refused("src", "`$` is no file");
        refused("src/bytes", "`$` is no text");
        refused("src/other.rs", "there is no file `$`");
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(&outside, root.join("src/link.rs")).unwrap();
            refused("src/link.rs", "`$` is not in the workspace");
            std::os::unix::fs::symlink(root.join(".env"), root.join("src/env")).unwrap();
            refused("src/env", "`$` is hidden");
        }
        assert_eq!(files.list(), ["src/bytes", "src/main.rs"]);
        fs::write(root.join("src/long"), vec![b'x'; MAX_FILE as usize + 1]).unwrap();
        refused("src/long", "`$` is longer than 2 MiB");
        fs::write(root.join("src/long"), vec![b'x'; MAX_FILE as usize]).unwrap();
        assert!(files.read("src/long").is_ok());
    }
}
