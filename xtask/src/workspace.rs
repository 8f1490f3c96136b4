//! Where the workspace is and what cargo and git know of it.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use crate::error::{Error, Result};
use crate::process;

/// The workspace this tool was started in.
pub(crate) struct Workspace {
    /// The folder of the top `Cargo.toml`.
    pub(crate) root: PathBuf,
    metadata: Value,
}

/// One file of the repository that holds text.
pub(crate) struct TextFile {
    /// Relative to the root, with `/` between folders.
    pub(crate) path: String,
    pub(crate) text: String,
}

impl Workspace {
    /// Finds the root from what `cargo run` tells its program, then asks cargo about the rest.
    pub(crate) fn find() -> Result<Self> {
        let manifest = env::var_os("CARGO_MANIFEST_DIR")
            .ok_or_else(|| Error::new("not started by cargo").hint("run `cargo xtask`"))?;
        let mut root = PathBuf::from(manifest);
        root.pop();
        let mut cargo = process::cargo(&root);
        let json = process::output(cargo.args(["metadata", "--format-version", "1"]))?;
        let metadata = serde_json::from_str(&json)
            .map_err(|error| Error::new(format!("cannot read `cargo metadata`: {error}")))?;
        Ok(Self { root, metadata })
    }

    /// Every package that cargo resolved, as its metadata object.
    pub(crate) fn packages(&self) -> &[Value] {
        match self.metadata["packages"].as_array() {
            Some(packages) => packages,
            None => &[],
        }
    }

    /// The workspace's own package of this name.
    pub(crate) fn member(&self, name: &str) -> Option<&Value> {
        self.packages()
            .iter()
            .find(|package| package["name"] == name && package["source"].is_null())
    }

    /// Cargo's target folder, wherever the user put it.
    pub(crate) fn target(&self) -> PathBuf {
        match self.metadata["target_directory"].as_str() {
            Some(folder) => PathBuf::from(folder),
            None => self.root.join("target"),
        }
    }

    /// This tool's own folder below the target folder; made if it is not there.
    pub(crate) fn scratch(&self) -> Result<PathBuf> {
        let folder = self.target().join("xtask");
        std::fs::create_dir_all(&folder)
            .map_err(|error| Error::new(format!("cannot make `{}`: {error}", folder.display())))?;
        Ok(folder)
    }

    /// The text files that git tracks or would track, so that a new file is checked before it is
    /// committed. Files that are not UTF-8 are left out.
    pub(crate) fn text_files(&self) -> Result<Vec<TextFile>> {
        let mut git = Command::new("git");
        git.current_dir(&self.root).args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ]);
        let list = process::output(&mut git)?;
        let mut paths: Vec<&str> = list.split('\0').filter(|path| !path.is_empty()).collect();
        paths.sort_unstable();
        paths.dedup();
        // A file that git lists and the disk has not was deleted and not yet committed.
        Ok(paths
            .into_iter()
            .filter_map(|path| {
                let text = std::fs::read_to_string(self.root.join(path)).ok()?;
                Some(TextFile { path: path.to_owned(), text })
            })
            .collect())
    }
}
