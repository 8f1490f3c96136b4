//! [`MemoryStore`]: sign-ins in this process.

use std::collections::{BTreeSet, HashMap};
use std::future::ready;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use carafe::Result;

use super::{Caller, Devices, Entry, SessionKey, SessionStore, StoreFuture};

/// Sign-ins in the memory of this process: enough for development, tests, and an app of one process whose users may be
/// asked to sign in again after each restart.
///
/// It is bounded: beyond `most` entries (100,000 by default, some 50 MB) the one that would be over first is dropped, and that visitor
/// has to sign in again. Everything is gone when the process ends, and another process knows nothing of it; a release says
/// so in its log. [`DbStore`](crate::DbStore) has neither limit.
#[derive(Debug)]
pub struct MemoryStore {
    kept: Mutex<Kept>,
    most: usize,
}

#[derive(Debug, Default)]
struct Kept {
    entries: HashMap<SessionKey, Entry>,
    /// By the time they are over, to find the first; seconds and key.
    by_end: BTreeSet<(u64, String)>,
    by_user: HashMap<String, Vec<SessionKey>>,
}

impl Default for MemoryStore {
    fn default() -> MemoryStore {
        MemoryStore::new(100_000)
    }
}

impl MemoryStore {
    /// A store of at most so many entries; at least one.
    pub fn new(most: usize) -> MemoryStore {
        MemoryStore { kept: Mutex::default(), most: most.max(1) }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        // No code of a user runs under the lock, so a poisoned one is still whole.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn add(&mut self, key: &SessionKey, entry: &Entry) {
        self.drop_entry(key);
        self.by_end.insert((super::entry::seconds(entry.expires), key.as_str().to_owned()));
        self.by_user.entry(entry.user.clone()).or_default().push(key.clone());
        self.entries.insert(key.clone(), entry.clone());
    }

    fn drop_entry(&mut self, key: &SessionKey) -> bool {
        let Some(entry) = self.entries.remove(key) else { return false };
        self.by_end.remove(&(super::entry::seconds(entry.expires), key.as_str().to_owned()));
        if let Some(keys) = self.by_user.get_mut(&entry.user) {
            keys.retain(|other| other != key);
            if keys.is_empty() {
                self.by_user.remove(&entry.user);
            }
        }
        true
    }

    /// Drops what is over, and beyond `most` what will be over first.
    fn shrink(&mut self, most: usize, now: SystemTime) {
        let now = super::entry::seconds(now);
        while let Some((end, key)) = self.by_end.first() {
            if *end > now && self.entries.len() <= most {
                return;
            }
            let key = SessionKey::known(key.clone());
            if !self.drop_entry(&key) {
                self.by_end.pop_first();
            }
        }
    }
}

fn known<'a, T: 'a>(value: T) -> StoreFuture<'a, T> {
    Box::pin(ready(Ok(value) as Result<T>))
}

impl SessionStore for MemoryStore {
    fn insert<'a>(
        &'a self,
        _: Caller<'a>,
        key: &'a SessionKey,
        entry: &'a Entry,
    ) -> StoreFuture<'a, ()> {
        let mut kept = self.kept();
        kept.add(key, entry);
        kept.shrink(self.most, SystemTime::now());
        known(())
    }

    fn get<'a>(&'a self, _: Caller<'a>, key: &'a SessionKey) -> StoreFuture<'a, Option<Entry>> {
        known(self.kept().entries.get(key).cloned())
    }

    fn update<'a>(
        &'a self,
        _: Caller<'a>,
        key: &'a SessionKey,
        entry: &'a Entry,
    ) -> StoreFuture<'a, ()> {
        let mut kept = self.kept();
        if kept.entries.contains_key(key) {
            kept.add(key, entry);
        }
        known(())
    }

    fn remove<'a>(&'a self, _: Caller<'a>, key: &'a SessionKey) -> StoreFuture<'a, ()> {
        self.kept().drop_entry(key);
        known(())
    }

    fn remove_of<'a>(
        &'a self,
        _: Caller<'a>,
        user: &'a str,
        devices: Devices<'a>,
    ) -> StoreFuture<'a, u64> {
        let mut kept = self.kept();
        let keys = kept.by_user.get(user).cloned().unwrap_or_default();
        let meant = |kept: &Kept, key: &SessionKey| {
            kept.entries.get(key).is_some_and(|entry| devices.contain(&entry.device))
        };
        let mut removed = 0;
        for key in keys {
            if meant(&kept, &key) && kept.drop_entry(&key) {
                removed += 1;
            }
        }
        known(removed)
    }

    fn list<'a>(
        &'a self,
        _: Caller<'a>,
        user: &'a str,
        now: SystemTime,
    ) -> StoreFuture<'a, Vec<Entry>> {
        let kept = self.kept();
        let keys = kept.by_user.get(user).into_iter().flatten();
        let entries = keys.filter_map(|key| kept.entries.get(key));
        let mut entries: Vec<Entry> =
            entries.filter(|entry| !entry.is_over(now)).cloned().collect();
        entries.sort_by_key(|entry| std::cmp::Reverse(entry.created));
        known(entries)
    }

    fn shortcoming(&self) -> Option<&'static str> {
        Some(
            "sign-ins are kept in the memory of this process: a restart ends them, and other processes do not know them; \
             give `LoginManager::session_store` a `DbStore` (feature `db`) to keep them",
        )
    }
}
