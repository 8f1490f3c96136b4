//! The mistakes found while a tree becomes a type.
//!
//! A type made by serde stops at its first mistake. To find them all, the value that failed is noted, left out, and
//! the type is read again, until nothing new fails.

use super::failure::Located;
use super::suggest::closest;
use super::tree::{Node, join};
use super::{ConfigError, ConfigErrors, Source};

#[derive(Default)]
pub(super) struct Report {
    errors: ConfigErrors,
    left_out: Vec<String>,
    /// What unknown keys were guessed to mean: that these are missing needs no second error.
    meant: Vec<String>,
}

impl Report {
    #[inline]
    pub(super) fn is_left_out(&self, key: &str) -> bool {
        self.left_out.iter().any(|known| known == key)
    }

    /// Notes a failure. Gives false when reading again would find nothing new.
    #[inline]
    pub(super) fn note(&mut self, failure: Located) -> bool {
        if self.left_out.contains(&failure.key) {
            return false;
        }
        // A section that lacks what was left out fails for that reason alone.
        let follows = match &failure.missing {
            Some(missing) => self.left_out.contains(missing) || self.meant.contains(missing),
            None => self.left_out.iter().any(|key| is_below(key, &failure.key)),
        };
        if !follows {
            self.errors.push(failure.error);
        }
        self.left_out.push(failure.key);
        true
    }

    /// Notes a key that the type does not have.
    #[inline]
    pub(super) fn note_unknown(&mut self, section: &str, key: &str, node: &Node, known: &[&str]) {
        let full = join(section, key);
        if self.is_left_out(&full) {
            return;
        }
        self.left_out.push(full.clone());
        let error = ConfigError::at(&full, &node.source, &format!("`{full}` is not a known key"));
        let near = closest(key, known.iter().copied()).map(|near| join(section, near));
        self.errors.push(match &near {
            Some(near) => error.with_hint(did_you_mean(near, &node.source)),
            None if known.is_empty() => error,
            None => error.with_hint(format!("the keys of [{section}] are {}", list(known))),
        });
        self.meant.extend(near);
    }

    #[inline]
    pub(super) fn into_errors(self) -> ConfigErrors {
        self.errors
    }

    #[inline]
    pub(super) fn has_errors(&self) -> bool {
        !self.errors.is_empty()
    }
}

#[inline]
fn is_below(key: &str, parent: &str) -> bool {
    key.strip_prefix(parent).is_some_and(|rest| parent.is_empty() || rest.starts_with(['.', '[']))
}

/// "did you mean", in the spelling of the place where it was written.
pub(super) fn did_you_mean(key: &str, source: &Source) -> String {
    match source {
        Source::Env { .. } | Source::DotEnv { .. } => {
            format!("did you mean {}?", super::env::name_of(key))
        }
        _ => format!("did you mean `{key}`?"),
    }
}

#[inline]
fn list(keys: &[&str]) -> String {
    let keys: Vec<_> = keys.iter().map(|key| format!("`{key}`")).collect();
    keys.join(", ")
}
