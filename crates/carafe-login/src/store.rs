//! [`SessionStore`]: who is signed in where. A cookie alone cannot be taken back; what is written down here can.

#[cfg(feature = "db")]
mod db;
mod entry;
mod memory;

use std::future::Future;
use std::pin::Pin;
use std::time::SystemTime;

use carafe::{Request, Result, Running};

#[cfg(feature = "db")]
pub use db::DbStore;
#[cfg(feature = "oidc")]
pub(crate) use entry::seconds;
pub(crate) use entry::whole_seconds;
pub use entry::{Entry, EntryKind, SessionKey};
pub use memory::MemoryStore;

/// What the methods of a [`SessionStore`] give back. It stays on its thread.
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + 'a>>;

/// On whose behalf a store is asked: it leads to the app's states, such as its database.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum Caller<'a> {
    /// A request.
    Request(&'a Request),
    /// A start-up step or a command.
    Running(&'a Running),
}

/// Which of a user's sign-ins are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Devices<'a> {
    /// All of them.
    All,
    /// Those of one device.
    Only(&'a str),
    /// Those of every other device.
    AllBut(&'a str),
}

impl Devices<'_> {
    /// Whether this device is meant.
    pub fn contain(&self, device: &str) -> bool {
        match self {
            Devices::All => true,
            Devices::Only(only) => *only == device,
            Devices::AllBut(kept) => *kept != device,
        }
    }
}

/// Where sign-ins are written down: [`MemoryStore`] by default, [`DbStore`] with the feature `db`, or a store of the app's
/// own, given to [`LoginManager::session_store`](crate::LoginManager::session_store).
///
/// A store sees digests of the tokens that visitors hold, never the tokens: whoever reads it can sign in as nobody.
/// An entry whose time is over is as good as none; `get` may still give it.
pub trait SessionStore: Send + Sync + 'static {
    /// Adds an entry.
    ///
    /// # Errors
    /// Here and below: what the storage failed with; the request fails with it.
    fn insert<'a>(
        &'a self,
        caller: Caller<'a>,
        key: &'a SessionKey,
        entry: &'a Entry,
    ) -> StoreFuture<'a, ()>;

    /// The entry of a key.
    ///
    /// # Errors
    /// As [`insert`](SessionStore::insert).
    fn get<'a>(&'a self, caller: Caller<'a>, key: &'a SessionKey)
    -> StoreFuture<'a, Option<Entry>>;

    /// Replaces an entry that is there; one that was removed meanwhile stays so.
    ///
    /// # Errors
    /// As [`insert`](SessionStore::insert).
    fn update<'a>(
        &'a self,
        caller: Caller<'a>,
        key: &'a SessionKey,
        entry: &'a Entry,
    ) -> StoreFuture<'a, ()>;

    /// Removes an entry; none is no error.
    ///
    /// # Errors
    /// As [`insert`](SessionStore::insert).
    fn remove<'a>(&'a self, caller: Caller<'a>, key: &'a SessionKey) -> StoreFuture<'a, ()>;

    /// Removes a user's entries, and says how many there were.
    ///
    /// # Errors
    /// As [`insert`](SessionStore::insert).
    fn remove_of<'a>(
        &'a self,
        caller: Caller<'a>,
        user: &'a str,
        devices: Devices<'a>,
    ) -> StoreFuture<'a, u64>;

    /// A user's entries that are not over, the newest first.
    ///
    /// # Errors
    /// As [`insert`](SessionStore::insert).
    fn list<'a>(
        &'a self,
        caller: Caller<'a>,
        user: &'a str,
        now: SystemTime,
    ) -> StoreFuture<'a, Vec<Entry>>;

    /// What is wrong with keeping sign-ins here in a release, in words, if anything; told in the log at the start.
    fn shortcoming(&self) -> Option<&'static str> {
        None
    }

    /// Makes the store ready, before the first request.
    ///
    /// # Errors
    /// What the app lacks for it; that ends the start.
    fn start<'a>(&'a self, _running: &'a Running) -> StoreFuture<'a, ()> {
        Box::pin(std::future::ready(Ok(())))
    }
}
