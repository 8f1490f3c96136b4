//! Which secret keys the sessions of an app are signed with.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::config::{Config, Profile, SecretKey, secret_file};

use super::signer::Signer;

/// The fewest bytes of a secret key: 128 bits, below which keys can be guessed.
const SHORTEST: usize = 16;
/// Sets sessions apart from everything else that the same secret key signs.
const SALT: &str = "carafe session";

/// Where the signer comes from.
pub(super) enum Keys {
    /// The secret key was given.
    Given { secret: SecretKey, fallbacks: Vec<SecretKey>, signer: Signer },
    /// None was given, and one is made when a session is first asked for.
    Made { kind: Made, fallbacks: Vec<SecretKey>, made: OnceLock<(SecretKey, Signer)> },
    /// There is none: sessions are empty and cannot be written.
    None,
}

/// How a key is made where none was given.
pub(super) enum Made {
    /// Kept under the app's folder, so that sessions outlive a restart.
    InFolder(PathBuf),
    /// Made at random; it ends with the app.
    InMemory,
}

impl Keys {
    /// The keys that the configuration names.
    ///
    /// # Errors
    /// When one of them is too short.
    pub(super) fn new(config: &Config, root: &Path) -> Result<Keys, String> {
        let settings = config.settings();
        let fallbacks = &settings.secret_key_fallbacks;
        let named = settings.secret_key.iter().map(|key| ("secret_key", key));
        for (name, key) in named.chain(fallbacks.iter().map(|key| ("secret_key_fallbacks", key))) {
            check_length(name, key)?;
        }
        let kind = match (&settings.secret_key, config.profile()) {
            (Some(key), _) => {
                let signer = Signer::new(key, fallbacks, SALT);
                let (secret, fallbacks) = (key.clone(), fallbacks.clone());
                return Ok(Keys::Given { secret, fallbacks, signer });
            }
            (None, Profile::Development) => Made::InFolder(root.to_owned()),
            (None, Profile::Testing) => Made::InMemory,
            (None, _) => return Ok(Keys::None),
        };
        Ok(Keys::Made { kind, fallbacks: fallbacks.clone(), made: OnceLock::new() })
    }

    /// The signer, made now if it has to be; `None` without a key.
    pub(super) fn signer(&self) -> Option<&Signer> {
        match self {
            Keys::Given { signer, .. } => Some(signer),
            Keys::Made { kind, fallbacks, made } => Some(&kind.keep(made, fallbacks).1),
            Keys::None => None,
        }
    }

    /// A signer for another purpose; `None` without a key.
    pub(super) fn signer_for(&self, purpose: &str) -> Option<Signer> {
        let (secret, fallbacks) = match self {
            Keys::Given { secret, fallbacks, .. } => (secret, fallbacks),
            Keys::Made { kind, fallbacks, made } => (&kind.keep(made, fallbacks).0, fallbacks),
            Keys::None => return None,
        };
        // No purpose can be the sessions' own, nor any other of Carafe's.
        Some(Signer::new(secret, fallbacks, &format!("for {purpose}")))
    }
}

impl Made {
    fn keep<'a>(
        &self,
        made: &'a OnceLock<(SecretKey, Signer)>,
        fallbacks: &[SecretKey],
    ) -> &'a (SecretKey, Signer) {
        made.get_or_init(|| {
            let secret = self.make();
            let signer = Signer::new(&secret, fallbacks, SALT);
            (secret, signer)
        })
    }

    fn make(&self) -> SecretKey {
        let Made::InFolder(root) = self else {
            return random_key();
        };
        secret_file::read_or_create(root).unwrap_or_else(|error| {
            tracing::warn!(
                target: "carafe",
                "sessions will end with this process: {error}"
            );
            random_key()
        })
    }
}

fn check_length(name: &str, key: &SecretKey) -> Result<(), String> {
    match key.expose().len() {
        len if len < SHORTEST => Err(format!(
            "`{name}` has {len} bytes, but needs at least {SHORTEST} to be safe: the app's command `secret` makes one"
        )),
        _ => Ok(()),
    }
}

fn random_key() -> SecretKey {
    #[expect(clippy::expect_used, reason = "without randomness nothing here is safe to do")]
    secret_file::random_key().expect("the system gives random bytes")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Loader;

    fn keys(profile: Profile, toml: &str, root: &Path) -> Result<Keys, String> {
        let loader = Loader::in_memory().text("carafe.toml", toml).profile(profile);
        Keys::new(&loader.load().unwrap(), root)
    }

    #[test]
    fn short_keys_are_refused() {
        let check = |toml: &str, words: &str| {
            let error = keys(Profile::Release, toml, Path::new(".")).err().unwrap_or_default();
            assert!(error.starts_with(words), "{error}");
        };
        check("secret_key = '0123456789abcdef'", "");
        check("secret_key = '0123456789abcde'", "`secret_key` has 15 bytes");
        check("secret_key_fallbacks = ['dev']", "`secret_key_fallbacks` has 3 bytes");
    }

    #[test]
    fn a_key_is_made_where_nobody_else_sees_it() {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join(".carafe/secret_key");
        let made = |profile| keys(profile, "", root.path()).unwrap().signer().is_some();
        assert!(!made(Profile::Release));
        assert!(made(Profile::Testing) && !file.exists());
        assert!(keys(Profile::Development, "", root.path()).is_ok() && !file.exists());
        assert!(made(Profile::Development) && file.exists());
        std::fs::write(&file, "damaged").unwrap();
        assert!(made(Profile::Development));
    }
}
