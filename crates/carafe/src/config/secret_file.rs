//! The secret key for development, kept in `.carafe/secret_key` so that sessions outlive a restart.
//!
//! Release builds must be given their key; the app's layer sees to that.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::{ConfigError, SecretKey};

const RANDOM_BYTES: usize = 32;

/// Reads the key of the app under `root`, or makes one. Processes that start at once get the same key.
///
/// # Errors
/// When the folder cannot be written, or the file does not hold a key.
pub(crate) fn read_or_create(root: &Path) -> Result<SecretKey, ConfigError> {
    let folder = root.join(".carafe");
    let path = folder.join("secret_key");
    match read(&path) {
        Err(ReadError::Missing) => {}
        Err(ReadError::Bad(error)) => return Err(error),
        Ok(key) => return Ok(key),
    }
    create(&folder, &path).map_err(|error| {
        ConfigError::new(format!("cannot make the secret key in {}: {error}", path.display()))
            .with_hint("set CARAFE_SECRET_KEY in the environment or in .env")
    })?;
    read(&path).map_err(|error| match error {
        ReadError::Bad(error) => error,
        ReadError::Missing => damaged(&path),
    })
}

enum ReadError {
    Missing,
    Bad(ConfigError),
}

fn read(path: &Path) -> Result<SecretKey, ReadError> {
    match fs::read_to_string(path) {
        Ok(text) => match URL_SAFE_NO_PAD.decode(text.trim()) {
            Ok(key) if key.len() == RANDOM_BYTES => Ok(SecretKey::new(text.trim())),
            _ => Err(ReadError::Bad(damaged(path))),
        },
        Err(error) if error.kind() == ErrorKind::NotFound => Err(ReadError::Missing),
        Err(error) => {
            let what = format!("cannot read the secret key in {}: {error}", path.display());
            Err(ReadError::Bad(ConfigError::new(what)))
        }
    }
}

fn damaged(path: &Path) -> ConfigError {
    ConfigError::new(format!("{} does not hold a secret key", path.display()))
        .with_hint("delete the file; a new one is made, and visitors log in again")
}

/// Makes the file whole or not at all; another process that was quicker has its way.
fn create(folder: &Path, path: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    ignore_existing(write_new(&folder.join(".gitignore"), "*\n"))?;
    let text = format!("{}\n", random_key()?.expose());
    let draft: PathBuf = folder.join(format!("secret_key.{}", random_text(8)?));
    write_new(&draft, &text)?;
    // A link, unlike a rename, does not replace what is there already.
    let linked = ignore_existing(fs::hard_link(&draft, path));
    fs::remove_file(&draft)?;
    match linked {
        Ok(()) => Ok(()),
        // Some file systems have no links.
        Err(_) => ignore_existing(write_new(path, &text)),
    }
}

/// A new key.
///
/// # Errors
/// When the system gives no random numbers.
pub(crate) fn random_key() -> io::Result<SecretKey> {
    random_text(RANDOM_BYTES).map(SecretKey::new)
}

fn random_text(bytes: usize) -> io::Result<String> {
    let mut random = vec![0; bytes];
    getrandom::fill(&mut random).map_err(|error| io::Error::other(error.to_string()))?;
    Ok(URL_SAFE_NO_PAD.encode(random))
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut file = private_file(path)?;
    file.write_all(text.as_bytes())
}

/// A new file that only its owner may read.
fn private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn ignore_existing(outcome: io::Result<()>) -> io::Result<()> {
    match outcome {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        outcome => outcome,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_once_and_kept_private() {
        let root = tempfile::tempdir().unwrap();
        let key = read_or_create(root.path()).unwrap();
        assert_eq!(key.expose().len(), 43);
        assert!(read_or_create(root.path()).unwrap() == key);
        let folder = root.path().join(".carafe");
        assert_eq!(fs::read_to_string(folder.join(".gitignore")).unwrap(), "*\n");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 2);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(folder.join("secret_key")).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn all_who_start_at_once_agree() {
        let root = tempfile::tempdir().unwrap();
        let keys: Vec<_> = std::thread::scope(|scope| {
            let start = || scope.spawn(|| read_or_create(root.path()).unwrap());
            let threads: Vec<_> = std::iter::repeat_with(start).take(8).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(keys.iter().all(|key| *key == keys[0]));
    }

    #[test]
    fn a_damaged_file_is_told() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join(".carafe/secret_key");
        fs::create_dir(root.path().join(".carafe")).unwrap();
        fs::write(&path, "short").unwrap();
        let error = read_or_create(root.path()).unwrap_err();
        assert_eq!(error.message(), format!("{} does not hold a secret key", path.display()));
        assert_eq!(
            error.hint(),
            Some("delete the file; a new one is made, and visitors log in again")
        );
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_told() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join(".carafe"), "a file").unwrap();
        let error = read_or_create(root.path()).unwrap_err();
        assert!(error.message().contains("secret key"), "{error}");
    }
}
