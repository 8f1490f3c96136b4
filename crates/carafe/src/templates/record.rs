//! [`Record`]: a struct or map of a user as templates see it, with its fields in order.
//!
//! Fields are looked up by comparing names in a row, which beats a tree for the sizes that structs
//! have; larger maps are sorted once into an index.

use std::sync::Arc;

use minijinja::Value;
use minijinja::value::{Enumerator, Object, ObjectRepr};

use crate::few;

/// From this many entries on there is an index.
const INDEXED_FROM: usize = 16;

/// The keys and values of a struct or a map.
#[derive(Debug)]
pub(super) struct Record {
    entries: Vec<(Value, Value)>,
    /// Positions sorted by key, when there are many.
    index: Vec<u32>,
}

impl Record {
    /// The entries in their order; of two with the same key the last one counts.
    pub(super) fn new(entries: Vec<(Value, Value)>) -> Record {
        let mut index = Vec::new();
        if entries.len() >= INDEXED_FROM && u32::try_from(entries.len()).is_ok() {
            index.extend((0..).take(entries.len()).map(|i: u32| i));
            // Those with the same key stay in order, so that the last one is the last.
            let key = |place: &u32| &entries[*place as usize].0;
            few::sort_by(&mut index, |a, b| key(a).cmp(key(b)));
        }
        Record { entries, index }
    }

    fn find_str(&self, key: &str) -> Option<&Value> {
        if self.index.is_empty() {
            let found = self.entries.iter().find(|(own, _)| own.as_str() == Some(key));
            return found.map(|(_, value)| value);
        }
        self.find(&Value::from(key))
    }

    fn find(&self, key: &Value) -> Option<&Value> {
        if self.index.is_empty() {
            return self.entries.iter().find(|(own, _)| own == key).map(|(_, value)| value);
        }
        let at = self.index.binary_search_by(|i| self.entries[*i as usize].0.cmp(key)).ok()?;
        self.entries.get(self.index[at] as usize).map(|(_, value)| value)
    }
}

impl Object for Record {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Map
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match key.as_str() {
            Some(name) => self.find_str(name).cloned(),
            None => self.find(key).cloned(),
        }
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        self.find_str(key).cloned()
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.entries.iter().map(|(key, _)| key.clone()).collect())
    }

    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        Some(self.entries.len())
    }
}
