//! What an app makes for itself and keeps in `.carafe`: the secret key for development, so that
//! sessions outlive a restart, and the token that `--allow-remote` asks for.
//!
//! Release builds must be given their key; the app's layer sees to that.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::{ConfigError, SecretKey};

const RANDOM_BYTES: usize = 32;

/// The secret key of the app under `root`, read or made. Processes that start at once get the same.
///
/// # Errors
/// When the folder cannot be written, or the file does not hold a key.
pub(crate) fn read_or_create(root: &Path) -> Result<SecretKey, ConfigError> {
    SECRET_KEY.read_or_create(root)
}

/// The token of the app under `root` that lets other computers reach it while it is debugged: 128
/// random bits in 32 hexadecimal digits, since a command line would take a `-` in front for an option.
///
/// # Errors
/// When the folder cannot be written, or the file does not hold a token.
pub(crate) fn remote_token(root: &Path) -> Result<SecretKey, ConfigError> {
    REMOTE_TOKEN.read_or_create(root)
}

/// A random text that is made once and kept in a file.
struct Kept {
    file: &'static str,
    /// What a message calls it.
    name: &'static str,
    make: fn() -> io::Result<SecretKey>,
    is_whole: fn(&str) -> bool,
    without: &'static str,
    damaged: &'static str,
}

const SECRET_KEY: Kept = Kept {
    file: "secret_key",
    name: "secret key",
    make: random_key,
    is_whole: |text| URL_SAFE_NO_PAD.decode(text).is_ok_and(|key| key.len() == RANDOM_BYTES),
    without: "set CARAFE_SECRET_KEY in the environment or in .env",
    damaged: "delete the file; a new one is made, and visitors log in again",
};

const REMOTE_TOKEN: Kept = Kept {
    file: "remote_token",
    name: "token for `--allow-remote`",
    make: random_token,
    is_whole: |text| text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit()),
    without: "let this user write to the folder",
    damaged: "delete the file; a new one is made",
};

enum ReadError {
    Missing,
    Bad(ConfigError),
}

impl Kept {
    fn read_or_create(&self, root: &Path) -> Result<SecretKey, ConfigError> {
        let folder = root.join(".carafe");
        let path = folder.join(self.file);
        match self.read(&path) {
            Err(ReadError::Missing) => {}
            Err(ReadError::Bad(error)) => return Err(error),
            Ok(key) => return Ok(key),
        }
        self.create(&folder, &path).map_err(|error| {
            let (name, path) = (self.name, path.display());
            ConfigError::new(format!("cannot make the {name} in {path}: {error}"))
                .with_hint(self.without)
        })?;
        self.read(&path).map_err(|error| match error {
            ReadError::Bad(error) => error,
            ReadError::Missing => self.is_damaged(&path),
        })
    }

    fn read(&self, path: &Path) -> Result<SecretKey, ReadError> {
        match fs::read_to_string(path) {
            Ok(text) if (self.is_whole)(text.trim()) => Ok(SecretKey::new(text.trim())),
            Ok(_) => Err(ReadError::Bad(self.is_damaged(path))),
            Err(error) if error.kind() == ErrorKind::NotFound => Err(ReadError::Missing),
            Err(error) => {
                let what = format!("cannot read the {} in {}: {error}", self.name, path.display());
                Err(ReadError::Bad(ConfigError::new(what)))
            }
        }
    }

    fn is_damaged(&self, path: &Path) -> ConfigError {
        ConfigError::new(format!("{} does not hold a {}", path.display(), self.name))
            .with_hint(self.damaged)
    }

    /// Makes the file whole or not at all; another process that was quicker has its way.
    fn create(&self, folder: &Path, path: &Path) -> io::Result<()> {
        fs::create_dir_all(folder)?;
        ignore_existing(write_new(&folder.join(".gitignore"), "*\n"))?;
        let text = format!("{}\n", (self.make)()?.expose());
        let draft: PathBuf = folder.join(format!("{}.{}", self.file, random_text(8)?));
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
}

/// A new key.
///
/// # Errors
/// When the system gives no random numbers.
pub(crate) fn random_key() -> io::Result<SecretKey> {
    random_text(RANDOM_BYTES).map(SecretKey::new)
}

fn random_token() -> io::Result<SecretKey> {
    let mut random = [0; 16];
    fill(&mut random)?;
    Ok(SecretKey::new(format!("{:032x}", u128::from_be_bytes(random))))
}

fn random_text(bytes: usize) -> io::Result<String> {
    let mut random = vec![0; bytes];
    fill(&mut random)?;
    Ok(URL_SAFE_NO_PAD.encode(random))
}

fn fill(random: &mut [u8]) -> io::Result<()> {
    getrandom::fill(random).map_err(|error| io::Error::other(error.to_string()))
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
    fn the_token_is_kept_beside_the_key() {
        let root = tempfile::tempdir().unwrap();
        let token = remote_token(root.path()).unwrap();
        assert!((REMOTE_TOKEN.is_whole)(token.expose()), "{}", token.expose());
        assert!(remote_token(root.path()).unwrap() == token);
        let path = root.path().join(".carafe/remote_token");
        fs::write(&path, "0123").unwrap();
        let words = format!("{} does not hold a token for `--allow-remote`", path.display());
        assert_eq!(remote_token(root.path()).unwrap_err().message(), words);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
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
