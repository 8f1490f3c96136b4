//! Typed values that belong to one request: few, found by type, made when first asked for.

use std::any::{Any, TypeId};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

struct Slot {
    id: TypeId,
    value: Arc<dyn Any + Send + Sync>,
    /// What a debugger reads the value as.
    #[cfg(debug_assertions)]
    name: &'static str,
}

impl Slot {
    fn new<T: Any + Send + Sync>(value: Arc<T>) -> Slot {
        Slot {
            id: TypeId::of::<T>(),
            value,
            #[cfg(debug_assertions)]
            name: std::any::type_name::<T>(),
        }
    }
}

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
        slots.retain(|slot| slot.id != TypeId::of::<T>());
        slots.push(Slot::new(Arc::new(value)));
    }

    pub(super) fn remove<T: Any + Send + Sync>(&self) -> Option<Arc<T>> {
        let mut slots = self.lock();
        let found = find(&slots);
        slots.retain(|slot| slot.id != TypeId::of::<T>());
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
        slots.push(Slot::new(made.clone()));
        made
    }

    /// A value that a tower layer put into the request's extensions.
    pub(super) fn of_layers<T: Any + Clone + Send + Sync>(&self) -> Option<T> {
        self.get::<FromLayers>()?.0.get::<T>().cloned()
    }
}

fn find<T: Any + Send + Sync>(slots: &[Slot]) -> Option<Arc<T>> {
    let slot = slots.iter().find(|slot| slot.id == TypeId::of::<T>())?;
    slot.value.clone().downcast().ok()
}

impl super::Request {
    /// A value that a tower layer left in the request's extensions.
    pub fn extension<T: Any + Clone + Send + Sync>(&self) -> Option<T> {
        self.0.slots.of_layers()
    }
}

#[cfg(debug_assertions)]
impl super::Request {
    /// The types of the values that belong to this request, and where each lies; none while somebody
    /// changes them.
    pub(crate) fn slot_places(&self) -> Vec<(&'static str, usize)> {
        let slots = self.0.slots.0.try_lock();
        let place = |slot: &Slot| (slot.name, Arc::as_ptr(&slot.value).cast::<()>() as usize);
        slots.map(|slots| slots.iter().map(place).collect()).unwrap_or_default()
    }
}
