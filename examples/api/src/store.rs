//! The to-dos, in memory: they are gone when the app ends.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;

/// A to-do.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Todo {
    pub(crate) id: u64,
    pub(crate) title: String,
    pub(crate) done: bool,
    /// How often it was changed; the client sees it as the ETag.
    #[serde(skip)]
    pub(crate) version: u64,
}

/// All to-dos by their number. A number is never given twice.
#[derive(Default)]
pub(crate) struct Todos(Mutex<Book>);

#[derive(Default)]
struct Book {
    last_id: u64,
    todos: BTreeMap<u64, Todo>,
}

impl Todos {
    fn lock(&self) -> MutexGuard<'_, Book> {
        // Each change is whole before anything can panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn add(&self, title: String, done: bool) -> Todo {
        let mut book = self.lock();
        book.last_id += 1;
        let todo = Todo { id: book.last_id, title, done, version: 1 };
        book.todos.insert(todo.id, todo.clone());
        todo
    }

    pub(crate) fn find(&self, id: u64) -> Option<Todo> {
        self.lock().todos.get(&id).cloned()
    }

    /// Those that are wanted of a page, and how many there are on all pages.
    pub(crate) fn list(&self, done: Option<bool>, skip: usize, take: usize) -> (Vec<Todo>, usize) {
        let book = self.lock();
        let wanted =
            || book.todos.values().filter(|todo| done.is_none_or(|done| todo.done == done));
        (wanted().skip(skip).take(take).cloned().collect(), wanted().count())
    }

    /// Changes a to-do under the lock, so that a check and the change that follows are one step.
    pub(crate) fn change<E>(
        &self,
        id: u64,
        change: impl FnOnce(&mut Todo) -> Result<(), E>,
    ) -> Option<Result<Todo, E>> {
        let mut book = self.lock();
        let todo = book.todos.get_mut(&id)?;
        let mut changed = todo.clone();
        Some(change(&mut changed).map(|()| {
            changed.version += 1;
            *todo = changed;
            todo.clone()
        }))
    }

    /// Removes a to-do unless the check refuses.
    pub(crate) fn remove<E>(
        &self,
        id: u64,
        check: impl FnOnce(&Todo) -> Result<(), E>,
    ) -> Option<Result<(), E>> {
        let mut book = self.lock();
        let allowed = check(book.todos.get(&id)?);
        Some(allowed.map(|()| drop(book.todos.remove(&id))))
    }
}
