//! The configuration once it is loaded.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use super::show::shown;
use super::tree::{Node, Table, Value, join};
use super::{ConfigErrors, Profile, Settings, Source, de, unknown};

/// An app's configuration: every value with its place, and Carafe's own keys as [`Settings`].
///
/// `Debug` hides secrets.
#[derive(Clone)]
pub struct Config {
    pub(super) tree: Node,
    pub(super) settings: Settings,
    pub(super) profile: Profile,
    pub(super) dir: PathBuf,
    pub(super) file: Option<PathBuf>,
    /// Carafe's own keys, at their defaults.
    pub(super) defaults: Node,
    /// The sections of the profiles that are not active.
    pub(super) inactive: Vec<Node>,
}

impl Config {
    /// Carafe's own keys.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The profile that was chosen.
    pub fn profile(&self) -> Profile {
        self.profile
    }

    /// The folder that templates, static files and data are relative to: the app's folder joined with `root`.
    #[inline]
    pub fn root(&self) -> PathBuf {
        self.dir.join(&self.settings.root).components().collect()
    }

    /// The file that was read as `carafe.toml`, if there was one.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// A section as a type, such as an extension's own settings. A section that is not there reads as an empty one.
    ///
    /// # Errors
    /// All wrong types, unknown keys and missing keys, each with its place.
    ///
    /// ```
    /// #[derive(serde::Deserialize)]
    /// struct Mail {
    ///     server: String,
    ///     #[serde(default)]
    ///     retries: u8,
    /// }
    ///
    /// let text = "[mail]\nserver = \"localhost\"\n";
    /// let config = carafe::config::Loader::in_memory().text("carafe.toml", text).load().unwrap();
    /// let mail: Mail = config.section("mail").unwrap();
    /// assert_eq!((mail.server.as_str(), mail.retries), ("localhost", 0));
    /// ```
    pub fn section<T: DeserializeOwned>(&self, prefix: &str) -> Result<T, ConfigErrors> {
        match self.tree.find(prefix) {
            Some(node) => de::read(prefix, node),
            None => de::read(prefix, &Node::empty_table(Source::Default)),
        }
    }

    /// One value by its dotted key: `config.get::<u16>("database.pool.max")`. An `Option` may be unset.
    ///
    /// # Errors
    /// When the key is not set, or its value is not of the type.
    pub fn get<T: DeserializeOwned>(&self, key: &str) -> Result<T, ConfigErrors> {
        match self.tree.find(key) {
            Some(node) => de::read(key, node),
            None => de::read(key, &Node::null()),
        }
    }

    /// Where a key was set, if it is known at all.
    pub fn source(&self, key: &str) -> Option<&Source> {
        self.tree.find(key).map(|node| &node.source)
    }

    /// Every key with its value and its place, by name, for people to read. Secrets are `(hidden)`.
    pub fn entries(&self) -> Vec<Entry> {
        let mut entries = Vec::new();
        if let Some(table) = self.tree.table() {
            collect("", table, &mut entries);
        }
        entries
    }

    /// The keys and sections that nobody reads: neither Carafe, nor the owners of the `known` keys and sections.
    ///
    /// The sections of the other profiles are looked at too.
    ///
    /// # Errors
    /// One for each such key, with a guess at what was meant.
    #[inline]
    pub fn check_unknown(&self, known: &[&str]) -> Result<(), ConfigErrors> {
        let known: Vec<_> = known.iter().map(|key| (*key).to_owned()).collect();
        self.unknown(&known).or(())
    }

    pub(super) fn unknown(&self, known: &[String]) -> ConfigErrors {
        let mut errors = unknown::check(&self.tree, &self.defaults, known);
        for section in &self.inactive {
            errors.extend(unknown::check(section, &self.defaults, known));
        }
        errors
    }
}

fn collect(section: &str, table: &Table, entries: &mut Vec<Entry>) {
    for (name, node) in table {
        let key = join(section, name);
        match &node.value {
            Value::Table(table) => collect(&key, table, entries),
            _ => entries.push(Entry {
                value: shown(&key, node),
                source: node.source.clone(),
                is_default: node.source == Source::Default,
                key,
            }),
        }
    }
}

impl fmt::Debug for Config {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("profile", &self.profile)
            .field("dir", &self.dir)
            .field("file", &self.file)
            .field("entries", &self.entries())
            .finish()
    }
}

/// One key of the configuration, for people to read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// The dotted key.
    pub key: String,
    /// The value as `carafe.toml` would have it, `(not set)`, or `(hidden)`.
    pub value: String,
    /// Where it was set.
    pub source: Source,
    /// Whether nobody set it.
    pub is_default: bool,
}
