//! Typed values that belong to one request: few, found by type, made when first asked for.

use std::any::{Any, TypeId};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

type Slot = (TypeId, Arc<dyn Any + Send + Sync>);

/// The values. An empty one owns no memory.
#[derive(Default)]
pub(super) struct Slots(Mutex<Vec<Slot>>);

/// The `http` crate's extensions, where tower's layers put what they learned.
struct FromLayers(::http::Extensions);

impl Slots {
    pub(super) fn from_extensions(extensions: ::http::Extensions) -> Slots {
        let slots = Slots::default();
        if !extensions.is_empty() {
            slots.set(FromLayers(extensions));
        }
        slots
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Slot>> {
        // No code of a user runs under the lock, so a poisoned one is still whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    pub(super) fn get<T: Any + Send + Sync>(&self) -> Option<Arc<T>> {
        find(&self.lock())
    }

    pub(super) fn set<T: Any + Send + Sync>(&self, value: T) {
        let mut slots = self.lock();
        slots.retain(|(id, _)| *id != TypeId::of::<T>());
        slots.push((TypeId::of::<T>(), Arc::new(value)));
    }

    pub(super) fn remove<T: Any + Send + Sync>(&self) -> Option<Arc<T>> {
        let mut slots = self.lock();
        let found = find(&slots);
        slots.retain(|(id, _)| *id != TypeId::of::<T>());
        found
    }

    pub(super) fn get_or_insert_with<T: Any + Send + Sync>(
        &self,
        make: impl FnOnce() -> T,
    ) -> Arc<T> {
        if let Some(found) = self.get() {
            return found;
        }
        // Made outside the lock: `make` may ask for another slot.
        let made = Arc::new(make());
        let mut slots = self.lock();
        if let Some(found) = find(&slots) {
            return found;
        }
        slots.push((TypeId::of::<T>(), made.clone()));
        made
    }

    /// A value that a tower layer put into the request's extensions.
    pub(super) fn of_layers<T: Any + Clone + Send + Sync>(&self) -> Option<T> {
        self.get::<FromLayers>()?.0.get::<T>().cloned()
    }
}

fn find<T: Any + Send + Sync>(slots: &[Slot]) -> Option<Arc<T>> {
    let (_, slot) = slots.iter().find(|(id, _)| *id == TypeId::of::<T>())?;
    slot.clone().downcast().ok()
}

impl super::Request {
    /// A value that a tower layer left in the request's extensions.
    pub fn extension<T: Any + Clone + Send + Sync>(&self) -> Option<T> {
        self.0.slots.of_layers()
    }
}
