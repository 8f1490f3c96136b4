//! Keys that nobody reads.

use super::report::did_you_mean;
use super::suggest::closest;
use super::tree::{Node, join};
use super::{ConfigError, ConfigErrors, Source};

/// The keys and sections of `tree` that are neither Carafe's own (`settings`) nor below one of the `known` keys.
pub(super) fn check(tree: &Node, settings: &Node, known: &[String]) -> ConfigErrors {
    let mut errors = ConfigErrors::default();
    look("", tree, &Known { settings, known }, &mut errors);
    errors
}

struct Known<'a> {
    settings: &'a Node,
    known: &'a [String],
}

impl Known<'_> {
    fn has(&self, key: &str) -> bool {
        self.settings.find(key).is_some() || self.known.iter().any(|known| known == key)
    }

    fn has_below(&self, key: &str) -> bool {
        let below =
            |known: &String| known.strip_prefix(key).is_some_and(|rest| rest.starts_with('.'));
        self.known.iter().any(below)
    }

    /// The names that may stand in a section.
    fn names(&self, section: &str) -> impl Iterator<Item = &str> {
        let settings = if section.is_empty() { self.settings.entries() } else { &[] };
        let settings = settings.iter().map(|(name, _)| name.as_str());
        let prefix = join(section, "").len();
        let inside = move |known: &&String| {
            prefix == 0
                || (known.starts_with(section) && known.as_bytes().get(prefix - 1) == Some(&b'.'))
        };
        let known = self.known.iter().filter(inside);
        settings.chain(known.filter_map(move |known| known.get(prefix..)?.split('.').next()))
    }
}

fn look(section: &str, node: &Node, known: &Known<'_>, errors: &mut ConfigErrors) {
    for (name, node) in node.entries() {
        let key = join(section, name);
        match node.table() {
            _ if known.has(&key) => {}
            Some(_) if known.has_below(&key) => look(&key, node, known, errors),
            _ => errors.push(unknown(section, name, node, known)),
        }
    }
}

fn unknown(section: &str, name: &str, node: &Node, known: &Known<'_>) -> ConfigError {
    let key = join(section, name);
    let what = match node.table() {
        Some(_) => format!("[{key}] is not a known section"),
        None => format!("`{key}` is not a known key"),
    };
    let error = ConfigError::at(&key, &node.source, &what);
    let hint = match closest(name, known.names(section)) {
        Some(near) => did_you_mean(&join(section, near), &node.source),
        None => match missed_nesting(&key, node, known) {
            Some(variable) => format!("two underscores nest: {variable}"),
            None => "nothing in this app reads it; take it out".to_owned(),
        },
    };
    error.with_hint(hint)
}

/// `CARAFE_DATABASE_URL` where `CARAFE_DATABASE__URL` was meant.
fn missed_nesting(key: &str, node: &Node, known: &Known<'_>) -> Option<String> {
    if !matches!(node.source, Source::Env { .. } | Source::DotEnv { .. }) {
        return None;
    }
    let meant = known.known.iter().find_map(|section| {
        let rest = key.strip_prefix(&section.replace('.', "_"))?.strip_prefix('_')?;
        Some(join(section, rest))
    })?;
    Some(super::env::name_of(&meant))
}
