//! The notes, kept in memory: they are gone when the app ends. A database goes here.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// All notes; the first one has the number 1.
#[derive(Default)]
pub struct Notes(Mutex<Vec<String>>);

impl Notes {
    /// Every note, the oldest first.
    pub fn all(&self) -> Vec<String> {
        self.list().clone()
    }

    /// Keeps a note; gives its number.
    pub fn add(&self, text: &str) -> usize {
        let mut list = self.list();
        list.push(text.to_owned());
        list.len()
    }

    /// The note with this number, if there is one.
    pub fn find(&self, id: usize) -> Option<String> {
        self.list().get(id.checked_sub(1)?).cloned()
    }

    fn list(&self) -> MutexGuard<'_, Vec<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
