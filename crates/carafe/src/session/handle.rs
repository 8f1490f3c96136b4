//! [`Session`]: the handle that handlers hold. It knows values and what was done to them; where
//! they come from and go to is in `store`.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::request::Shared;

/// The key under which a session remembers that it is permanent; Flask's.
const PERMANENT: &str = "_permanent";

/// What an app remembers of a visitor: JSON values by key.
///
/// Take it as a handler's argument, or from [`Request::session`](crate::Request::session). It is a
/// cheap handle: clones share one session, and it works in `fn` and `async fn` alike. What was
/// changed is written into the response by itself.
///
/// The default session is a signed cookie: the visitor can read it but not change it, and it must
/// stay below some 4 kB.
///
/// ```
/// use carafe::prelude::*;
///
/// #[get("/")]
/// async fn count(session: Session) -> Result<String> {
///     let visits = session.get::<u32>("visits").unwrap_or(0) + 1;
///     session.set("visits", visits)?;
///     Ok(format!("visit {visits}"))
/// }
///
/// let client = App::new().routes(routes![count]).test_client();
/// assert_eq!(client.get("/").send().text(), "visit 1");
/// assert_eq!(client.get("/").send().text(), "visit 2");
/// ```
#[derive(Clone)]
pub struct Session(Arc<Inner>);

/// One request's session, kept in its slot.
pub(crate) struct Inner {
    state: Mutex<State>,
    writable: bool,
    app: Option<Arc<Shared>>,
}

#[derive(Default)]
struct State {
    values: Map<String, Value>,
    is_new: bool,
    accessed: bool,
    modified: bool,
    /// A new id is wanted, where there are ids.
    renewed: bool,
    /// Something was written that cannot be kept, by a method that has no way to say so.
    refused: bool,
}

impl State {
    fn is_permanent(&self) -> bool {
        self.values.get(PERMANENT) == Some(&Value::Bool(true))
    }
}

impl Inner {
    /// A session with these values, or a new one.
    pub(super) fn new(values: Option<Map<String, Value>>, app: Option<Arc<Shared>>) -> Inner {
        let state = State {
            is_new: values.is_none(),
            values: values.unwrap_or_default(),
            ..State::default()
        };
        Inner { state: Mutex::new(state), writable: true, app }
    }

    /// A new session that refuses to be written: Flask's `NullSession`.
    pub(super) fn read_only() -> Inner {
        let state = State { is_new: true, ..State::default() };
        Inner { state: Mutex::new(state), writable: false, app: None }
    }
}

impl Session {
    pub(super) fn from_inner(inner: Arc<Inner>) -> Session {
        Session(inner)
    }

    /// Locks the values without counting as an access.
    fn peek(&self) -> MutexGuard<'_, State> {
        // Each change is a single step, so the values of a poisoned lock are still whole.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[inline]
    fn read(&self) -> MutexGuard<'_, State> {
        let mut state = self.peek();
        state.accessed = true;
        state
    }

    /// Locks the values to change them; without a secret key the change is refused later, on saving.
    #[inline]
    fn write(&self) -> MutexGuard<'_, State> {
        let mut state = self.read();
        state.modified = true;
        state.refused |= !self.0.writable;
        state
    }

    /// The value of a key; `None` when there is none, or it is not a `T`.
    ///
    /// `T` must not use this session while it is read.
    pub fn get<T: DeserializeOwned>(&self, key: &str) -> Option<T> {
        T::deserialize(self.read().values.get(key)?).ok()
    }

    /// The value of a key as JSON.
    #[inline]
    pub fn get_value(&self, key: &str) -> Option<Value> {
        self.read().values.get(key).cloned()
    }

    /// Sets a key.
    ///
    /// # Errors
    /// 500 when the value is not valid JSON, or the app has no secret key to sign the session with.
    pub fn set(&self, key: impl Into<String>, value: impl Serialize) -> Result<()> {
        if !self.0.writable {
            return Err(no_secret_key());
        }
        let value = serde_json::to_value(value)?;
        self.write().values.insert(key.into(), value);
        Ok(())
    }

    /// Takes a key out and gives back its value; `None` when there was none, or it was not a `T`.
    pub fn pop<T: DeserializeOwned>(&self, key: &str) -> Option<T> {
        serde_json::from_value(self.take(key)?).ok()
    }

    /// Takes a key out; says whether it was there.
    #[inline]
    pub fn remove(&self, key: &str) -> bool {
        self.take(key).is_some()
    }

    #[inline]
    pub(crate) fn take(&self, key: &str) -> Option<Value> {
        let mut state = self.read();
        let value = state.values.remove(key);
        state.modified |= value.is_some();
        value
    }

    /// The value of a key, which is first set to `default` if there is none (or none of this type).
    ///
    /// # Errors
    /// As [`Session::set`].
    pub fn setdefault<T: DeserializeOwned + Serialize>(&self, key: &str, default: T) -> Result<T> {
        if let Some(value) = self.get(key) {
            return Ok(value);
        }
        self.set(key, &default)?;
        Ok(default)
    }

    /// Takes everything out, as logging out does. The visitor's cookie is deleted, also one that could not be read.
    #[inline]
    pub fn clear(&self) {
        let mut state = self.read();
        // Without a key there is nothing to clear, and so nothing that needs one.
        state.modified |= self.0.writable;
        state.values.clear();
    }

    /// Whether there is a value for a key.
    #[inline]
    pub fn contains(&self, key: &str) -> bool {
        self.read().values.contains_key(key)
    }

    /// The keys, also those that begin with `_`, which are Carafe's own.
    #[inline]
    pub fn keys(&self) -> Vec<String> {
        self.read().values.keys().cloned().collect()
    }

    /// How many keys there are.
    #[inline]
    pub fn len(&self) -> usize {
        self.read().values.len()
    }

    /// Whether there are no keys.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.read().values.is_empty()
    }

    /// All values, for a [`SessionInterface`](crate::SessionInterface) to keep.
    #[inline]
    pub fn values(&self) -> Map<String, Value> {
        self.read().values.clone()
    }

    /// All values, without counting as an access.
    #[cfg(debug_assertions)]
    pub(super) fn seen(&self) -> Map<String, Value> {
        self.peek().values.clone()
    }

    /// Whether the request came without a session that this app could read.
    #[inline]
    pub fn is_new(&self) -> bool {
        self.peek().is_new
    }

    /// Whether something was changed in this request.
    #[inline]
    pub fn is_modified(&self) -> bool {
        self.peek().modified
    }

    /// Whether something was read or changed in this request; the response then varies by cookie.
    pub fn is_accessed(&self) -> bool {
        self.peek().accessed
    }

    /// Has the session written again, as if something was changed.
    #[inline]
    pub fn mark_modified(&self) {
        drop(self.write());
    }

    /// Asks for a new identity: what signs a visitor in calls it, so that a session that somebody else knew before is
    /// of no use after. Values stay.
    ///
    /// A signed cookie has no identity but its values. A [`SessionInterface`](crate::SessionInterface) that gives ids
    /// makes a new one where [`Session::is_renewed`], and forgets the old.
    #[inline]
    pub fn renew(&self) {
        self.write().renewed = true;
    }

    /// Whether [`Session::renew`] was called in this request.
    #[inline]
    pub fn is_renewed(&self) -> bool {
        self.peek().renewed
    }

    /// Whether the session outlives the visitor's browser.
    pub fn is_permanent(&self) -> bool {
        self.read().is_permanent()
    }

    /// Whether the session is permanent, without counting as an access.
    pub(super) fn lasts(&self) -> bool {
        self.peek().is_permanent()
    }

    /// Makes the session outlive the browser, by the config key `permanent_session_lifetime`.
    ///
    /// Without it the session ends with the browser, and after that lifetime at the latest.
    #[inline]
    pub fn set_permanent(&self, permanent: bool) {
        if permanent {
            self.write().values.insert(PERMANENT.to_owned(), Value::Bool(true));
        } else {
            self.take(PERMANENT);
        }
    }

    /// Adds to the list under a key, which is made if there is none.
    #[inline]
    pub(crate) fn push(&self, key: &str, item: Value) {
        let mut state = self.write();
        match state.values.get_mut(key) {
            Some(Value::Array(list)) => list.push(item),
            _ => {
                state.values.insert(key.to_owned(), Value::Array(vec![item]));
            }
        }
    }

    /// The app that the session belongs to.
    pub(crate) fn app(&self) -> Option<&Arc<Shared>> {
        self.0.app.as_ref()
    }

    /// What a signed cookie has to do at the end of the request.
    ///
    /// # Errors
    /// When something was written that cannot be kept.
    pub(super) fn ending(&self, refreshes: bool) -> Result<Ending> {
        let state = self.peek();
        if state.refused {
            return Err(no_secret_key());
        }
        let permanent = state.is_permanent();
        Ok(match (state.values.is_empty(), state.modified) {
            (true, true) => Ending::Delete,
            (false, modified) if modified || (permanent && refreshes) => Ending::Write,
            _ => Ending::Leave,
        })
    }

    pub(super) fn to_json(&self) -> Vec<u8> {
        // A map of JSON values with text keys is always valid JSON.
        serde_json::to_vec(&self.peek().values).unwrap_or_default()
    }
}

/// What becomes of the visitor's cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    Leave,
    Write,
    Delete,
}

fn no_secret_key() -> Error {
    Error::new(500).caused_by(
        "the session needs a secret key to be written: set `secret_key` in carafe.toml or \
         CARAFE_SECRET_KEY in the environment; the app's command `secret` makes one",
    )
}

impl fmt::Debug for Session {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Values may be secret: not for logs.
        f.debug_list().entries(self.peek().values.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn session(values: Value) -> Session {
        Session(Arc::new(Inner::new(values.as_object().cloned(), None)))
    }

    #[test]
    fn values_come_and_go() {
        let session = session(json!({"a": 1, "b": [1, 2]}));
        assert_eq!((session.get::<i64>("a"), session.get::<String>("a")), (Some(1), None));
        assert_eq!(session.get::<(u8, u8)>("b"), Some((1, 2)));
        assert!(!session.is_modified() && session.is_accessed() && !session.is_new());
        session.set("c", "text").unwrap();
        assert!(session.is_modified() && session.contains("c"));
        assert_eq!(session.pop::<String>("c"), Some("text".to_owned()));
        assert_eq!(session.setdefault("a", 5).unwrap(), 1);
        assert_eq!(session.setdefault("d", 5).unwrap(), 5);
        assert_eq!((session.keys(), session.len()), (vec!["a".into(), "b".into(), "d".into()], 3));
        assert!(session.remove("d") && !session.remove("d"));
        assert!(session.set("e", std::collections::HashMap::from([((1, 2), 3)])).is_err());
        session.clear();
        assert!(session.is_empty());
    }

    #[test]
    fn reading_and_missing_change_nothing() {
        let session = session(json!({"a": 1}));
        session.remove("x");
        session.pop::<i64>("x");
        session.set_permanent(false);
        assert!(!session.is_permanent() && !session.is_modified());
        assert!(format!("{session:?}") == "[\"a\"]");
    }

    #[test]
    fn endings_are_flasks() {
        let check = |values: Value, change: fn(&Session), refreshes, ending| {
            let session = session(values);
            change(&session);
            assert_eq!(session.ending(refreshes).unwrap(), ending);
        };
        check(json!({}), |_| (), true, Ending::Leave);
        check(json!({"a": 1}), |_| (), true, Ending::Leave);
        check(json!({"a": 1}), Session::mark_modified, false, Ending::Write);
        check(json!({"a": 1}), Session::clear, true, Ending::Delete);
        check(json!({"_permanent": true}), |_| (), true, Ending::Write);
        check(json!({"_permanent": true}), |_| (), false, Ending::Leave);
        check(
            json!({"_permanent": true}),
            |session| session.set_permanent(false),
            true,
            Ending::Delete,
        );
        check(json!({}), |session| session.set_permanent(true), false, Ending::Write);
        check(json!({}), |session| drop(session.set("a", 1)), false, Ending::Write);
    }

    #[test]
    fn without_a_key_reading_works_and_writing_does_not() {
        let session = || Session(Arc::new(Inner::read_only()));
        let error = session().set("a", 1).unwrap_err();
        assert!(error.to_string().contains("secret key"), "{error}");
        assert_eq!(error.status(), 500);
        let read = session();
        assert!(read.get::<i64>("a").is_none() && read.pop::<i64>("a").is_none());
        read.remove("a");
        assert_eq!(read.ending(true).unwrap(), Ending::Leave);
        let written = session();
        written.set_permanent(true);
        assert!(written.ending(true).is_err());
    }
}
