//! Temporary files: [`unnamed`] ones to spool to, and [`Beside`], which takes the place of another.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

/// A file for reading and writing that is gone when it is closed, and that only its owner can open.
///
/// # Errors
/// When the folder for temporary files is missing, full or not to be written to.
#[inline]
pub(super) fn unnamed() -> io::Result<File> {
    let path = std::env::temp_dir().join(random_name()?);
    let mut options = new_file();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    #[cfg(windows)]
    {
        use std::os::windows::fs::OpenOptionsExt;
        const DELETE_ON_CLOSE: u32 = 0x0400_0000;
        const TEMPORARY: u32 = 0x0000_0100;
        options.custom_flags(DELETE_ON_CLOSE).attributes(TEMPORARY).share_mode(0);
    }
    let file = options.open(&path)?;
    // On Unix the content stays until the last handle is closed; Windows does it by the flag.
    #[cfg(unix)]
    fs::remove_file(&path)?;
    Ok(file)
}

/// A file beside another, to be written whole before it takes its place; removed when it does not.
///
/// Readable as any file that the app makes.
pub(super) struct Beside {
    pub(super) file: File,
    path: PathBuf,
    placed: bool,
}

impl Beside {
    /// # Errors
    /// When the folder of `target` is missing or cannot be written to.
    #[inline]
    pub(super) fn new(target: &Path) -> io::Result<Beside> {
        let path = target.with_file_name(random_name()?);
        Ok(Beside { file: new_file().open(&path)?, path, placed: false })
    }

    /// Renames it to `target`, in place of a file that is there already.
    ///
    /// # Errors
    /// When `target` is a folder or may not be replaced.
    #[inline]
    pub(super) fn persist(mut self, target: &Path) -> io::Result<()> {
        fs::rename(&self.path, target)?;
        self.placed = true;
        Ok(())
    }
}

impl Drop for Beside {
    #[inline]
    fn drop(&mut self) {
        if !self.placed {
            // Nothing more can be done about one that cannot be removed.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Never opens what is there already, nor follows a link that somebody left.
#[inline]
fn new_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    options
}

/// 128 random bits, so nobody can guess it and no two are the same.
#[inline]
fn random_name() -> io::Result<String> {
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(|error| io::Error::other(error.to_string()))?;
    Ok(format!(".tmp-{:032x}", u128::from_ne_bytes(random)))
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Seek, Write};

    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn unnamed_files_keep_what_is_written() {
        let mut file = unnamed().unwrap();
        file.write_all(b"hello").unwrap();
        file.rewind().unwrap();
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        assert_eq!(text, "hello");
    }

    #[cfg(unix)]
    #[test]
    fn unnamed_files_have_no_name_and_one_reader() {
        use std::os::unix::fs::MetadataExt;
        let data = unnamed().unwrap().metadata().unwrap();
        assert_eq!((data.nlink(), data.mode() & 0o777), (0, 0o600));
    }

    #[test]
    fn a_file_beside_takes_the_place_or_goes() {
        let root = tempfile::tempdir().unwrap();
        let target = root.path().join("a.txt");
        fs::write(&target, "old").unwrap();
        drop(Beside::new(&target).unwrap());
        assert_eq!(names(root.path()), ["a.txt"]);
        let mut beside = Beside::new(&target).unwrap();
        beside.file.write_all(b"new").unwrap();
        beside.persist(&target).unwrap();
        assert_eq!(names(root.path()), ["a.txt"]);
        assert_eq!(fs::read_to_string(&target).unwrap(), "new");
    }

    #[test]
    fn a_file_beside_a_folder_is_removed() {
        let root = tempfile::tempdir().unwrap();
        let target = root.path().join("folder");
        fs::create_dir(&target).unwrap();
        assert!(Beside::new(&target).unwrap().persist(&target).is_err());
        assert_eq!(names(root.path()), ["folder"]);
    }
}
