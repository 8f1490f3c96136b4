//! `config` in templates: `config.debug`, `config.mail.server`, and Flask's `config.DEBUG`.
//!
//! What the configuration holds for a secret is not there, whoever asks.

use std::borrow::Cow;
use std::sync::Arc;

use minijinja::Value;
use minijinja::value::{Enumerator, Object, ObjectRepr};

use super::super::serialize::to_value;
use crate::app::Core;
use crate::config::{hide_passwords, is_secret};
use crate::request::Request;

/// The configuration, or one of its sections.
#[derive(Debug)]
pub(super) struct ConfigObject {
    request: Request,
    section: String,
}

impl ConfigObject {
    #[inline]
    pub(super) fn new(request: Request) -> ConfigObject {
        ConfigObject { request, section: String::new() }
    }

    #[inline]
    fn key(&self, name: &str) -> String {
        if self.section.is_empty() { name.to_owned() } else { format!("{}.{name}", self.section) }
    }

    /// The value of a dotted key; sections are objects again, so that secrets inside stay hidden.
    #[inline]
    fn find(&self, key: String) -> Option<Value> {
        if is_secret(&key) {
            return None;
        }
        let config = &Core::of(&self.request).config;
        config.source(&key)?;
        match config.get::<serde_json::Value>(&key).ok()? {
            serde_json::Value::Object(_) => {
                let section = ConfigObject { request: self.request.clone(), section: key };
                Some(Value::from_object(section))
            }
            mut value => {
                hide(&mut value);
                Some(to_value(&value))
            }
        }
    }
}

/// Hides the passwords in URLs.
#[inline]
fn hide(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::String(text) => {
            if let Cow::Owned(hidden) = hide_passwords(text) {
                *text = hidden;
            }
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(hide),
        serde_json::Value::Object(entries) => {
            entries.retain(|key, _| !is_secret(key));
            entries.values_mut().for_each(hide);
        }
        _ => {}
    }
}

impl Object for ConfigObject {
    #[inline]
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Map
    }

    #[inline]
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    #[inline]
    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        let own = self.find(self.key(key));
        own.or_else(|| self.find(self.key(&key.to_ascii_lowercase())))
    }

    #[inline]
    fn enumerate(self: &Arc<Self>) -> Enumerator {
        let entries = Core::of(&self.request).config.entries();
        let prefix = self.key("");
        let mut names: Vec<Value> = entries
            .iter()
            .filter(|entry| !is_secret(&entry.key))
            .filter_map(|entry| entry.key.strip_prefix(&prefix)?.split('.').next())
            .map(Value::from)
            .collect();
        names.dedup();
        Enumerator::Values(names)
    }
}
