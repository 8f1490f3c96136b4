//! `CARAFE_*` variables, from the environment or from `.env`: which key each one means.

use super::tree::Node;
use super::{ConfigError, Source};

const PREFIX: &str = "CARAFE_";

/// Names with this prefix are for the `carafe` tool to talk to the app.
const TOOL_PREFIX: &str = "CARAFE_TOOL_";

pub(super) const PROFILE: &str = "CARAFE_PROFILE";
pub(super) const FILE: &str = "CARAFE_CONFIG";

/// A `CARAFE_*` variable and where it was set.
pub(super) struct Variable {
    pub(super) name: String,
    pub(super) text: String,
    pub(super) source: Source,
}

/// The variable that sets a key: `database.pool.max` is set by `CARAFE_DATABASE__POOL__MAX`.
pub(super) fn name_of(key: &str) -> String {
    format!("{PREFIX}{}", key.replace('.', "__").to_uppercase())
}

/// Whether a variable is Carafe's to read.
pub(super) fn is_ours(name: &str) -> bool {
    name.starts_with(PREFIX)
}

/// Puts the variables over the tree.
pub(super) fn merge(tree: &mut Node, variables: Vec<Variable>) -> Vec<ConfigError> {
    let mut errors = Vec::new();
    for Variable { name, text, source } in variables {
        if name == PROFILE || name == FILE || name.starts_with(TOOL_PREFIX) {
            continue;
        }
        let key = name[PREFIX.len()..].to_lowercase();
        let path: Vec<&str> = key.split("__").collect();
        if path.iter().any(|part| part.is_empty() || part.starts_with('_')) {
            let error = ConfigError::new(format!("{source} does not name a key"));
            let hint = "two underscores nest, as in CARAFE_DATABASE__POOL__MAX";
            errors.push(error.with_origin(source).with_hint(hint));
        } else {
            tree.merge_at(&path, Node::from_text(text, source));
        }
    }
    errors
}
