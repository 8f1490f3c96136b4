//! Writes VS Code's files of a folder, beside what is in them already.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::apps::App;
use super::files::files;
use super::merge::{Merged, OnConflict, merge};

/// What was done with a file, or would be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Done {
    Written,
    Changed,
    Unchanged,
}

/// A file of `.vscode` as it should be.
#[derive(Debug)]
pub(super) struct Planned {
    pub(super) path: PathBuf,
    pub(super) name: &'static str,
    pub(super) text: String,
    pub(super) done: Done,
    /// Entries of this file that differ from ours and stay.
    pub(super) conflicts: Vec<String>,
    /// The file could not be read and is written anew; this is where the old one is kept.
    pub(super) backup: Option<PathBuf>,
}

/// Decides what to write; nothing is touched.
///
/// # Errors
/// When a file cannot be read, in words with its place.
pub(super) fn plan(
    folder: &Path,
    apps: &[App],
    conflict: OnConflict,
) -> Result<Vec<Planned>, String> {
    let folder = folder.join(".vscode");
    files(apps)
        .into_iter()
        .map(|file| {
            let path = folder.join(file.name);
            let old = read(&path)?;
            let (merged, backup) = match merge(old.as_deref(), &file.wanted, conflict) {
                Ok(merged) => (merged, None),
                Err(_) if conflict == OnConflict::Replace => {
                    (merge(None, &file.wanted, conflict)?, Some(path.with_extension("json.old")))
                }
                Err(why) => return Err(unreadable(&path, &why)),
            };
            let Merged { text, conflicts } = merged;
            let done = match &old {
                None => Done::Written,
                Some(old) if *old == text => Done::Unchanged,
                Some(_) => Done::Changed,
            };
            Ok(Planned { path, name: file.name, text, done, conflicts, backup })
        })
        .collect()
}

fn read(path: &Path) -> Result<Option<String>, String> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(format!("`{}` cannot be read: {error}", path.display())),
    }
}

fn unreadable(path: &Path, why: &str) -> String {
    format!(
        "`{}` cannot be added to: {why}\n\nhint: mend it, or let `--force` write it anew; the old one is kept beside it",
        path.display()
    )
}

/// Writes what changes.
///
/// # Errors
/// When a file cannot be written.
pub(super) fn write(planned: &[Planned]) -> Result<(), String> {
    for file in planned.iter().filter(|file| file.done != Done::Unchanged) {
        if let Some(backup) = &file.backup {
            fs::rename(&file.path, backup).map_err(|error| {
                format!(
                    "`{}` cannot be kept as `{}`: {error}",
                    file.path.display(),
                    backup.display()
                )
            })?;
        }
        replace(&file.path, &file.text)
            .map_err(|error| format!("`{}` cannot be written: {error}", file.path.display()))?;
    }
    Ok(())
}

/// Puts a whole new file in the old one's place, so that nobody is left with half of one.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    // Where it is a link, what it points to is replaced.
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let new = path.with_extension(format!("json.{}.new", std::process::id()));
    let written = fs::File::create(&new)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .and_then(|()| match fs::metadata(&path) {
            Ok(old) => fs::set_permissions(&new, old.permissions()),
            Err(_) => Ok(()),
        })
        .and_then(|()| fs::rename(&new, &path));
    written.inspect_err(|_| {
        let _ = fs::remove_file(&new);
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn app() -> App {
        App {
            package: "shop".to_owned(),
            bin: "shop".to_owned(),
            is_only_bin: true,
            folder: String::new(),
        }
    }

    #[test]
    fn writes_and_then_leaves_alone() {
        let folder = tempfile::tempdir().unwrap();
        let planned = plan(folder.path(), &[app()], OnConflict::Keep).unwrap();
        assert!(planned.iter().all(|file| file.done == Done::Written));
        assert!(!folder.path().join(".vscode").exists(), "planning writes nothing");
        write(&planned).unwrap();
        let again = plan(folder.path(), &[app()], OnConflict::Keep).unwrap();
        assert!(again.iter().all(|file| file.done == Done::Unchanged), "{again:?}");
        let left: Vec<_> = fs::read_dir(folder.path().join(".vscode")).unwrap().collect();
        assert_eq!(left.len(), 3, "{left:?}");
    }

    #[test]
    fn writes_a_broken_file_anew_only_by_force() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".vscode/launch.json");
        fs::create_dir(folder.path().join(".vscode")).unwrap();
        fs::write(&path, "{\n  \"configurations\": [\n").unwrap();
        let words = plan(folder.path(), &[app()], OnConflict::Keep).unwrap_err();
        let expected = format!(
            "`{}` cannot be added to: line 3: expected a value, but the file ends\n\nhint: mend it, or let `--force` write it anew; the old one is kept beside it",
            path.display()
        );
        assert_eq!(words, expected);
        write(&plan(folder.path(), &[app()], OnConflict::Replace).unwrap()).unwrap();
        assert!(fs::read_to_string(&path).unwrap().contains("\"type\": \"carafe\""));
        let old = fs::read_to_string(path.with_extension("json.old")).unwrap();
        assert_eq!(old, "{\n  \"configurations\": [\n");
    }
}
