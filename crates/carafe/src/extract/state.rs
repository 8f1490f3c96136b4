//! Values that belong to the app: [`State`].

use std::any::{Any, TypeId, type_name};
use std::collections::HashMap;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::request::Request;

use super::{FromRequest, Provided};

/// A value that was given to [`App::state`](crate::App::state).
///
/// ```
/// use carafe::prelude::*;
///
/// struct Greeting(&'static str);
///
/// #[get("/")]
/// async fn hello(greeting: State<Greeting>) -> &'static str {
///     greeting.0
/// }
///
/// let app = App::new().state(Greeting("hello")).routes(routes![hello]);
/// assert_eq!(app.test_client().get("/").send().text(), "hello");
/// ```
pub struct State<T: ?Sized>(Arc<T>);

impl<T> State<T> {
    #[cfg(feature = "commands")]
    pub(crate) fn new(value: Arc<T>) -> State<T> {
        State(value)
    }
}

impl<T> Clone for State<T> {
    fn clone(&self) -> State<T> {
        State(self.0.clone())
    }
}

impl<T> Deref for State<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: fmt::Debug> fmt::Debug for State<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<T: Any + Send + Sync> FromRequest for State<T> {
    async fn from_request(request: &Request) -> Result<State<T>> {
        request.shared().states.get::<T>().map(State).ok_or_else(|| {
            Error::new(500).caused_by(format!(
                "the app has no state of type `{}`: give it one with `App::state`",
                type_name::<T>()
            ))
        })
    }

    fn missing(provided: &Provided) -> Option<String> {
        (!provided.has::<T>()).then(|| {
            format!("no state of type `{}`: add `.state(...)` to the app", type_name::<T>())
        })
    }
}

/// Values by their type.
#[derive(Clone, Default)]
pub(crate) struct States(HashMap<TypeId, Arc<dyn Any + Send + Sync>>);

impl States {
    /// The value of this type.
    pub(crate) fn get<T: Any + Send + Sync>(&self) -> Option<Arc<T>> {
        self.0.get(&TypeId::of::<T>())?.clone().downcast().ok()
    }

    /// Adds or replaces the value of this type.
    pub(crate) fn insert<T: Any + Send + Sync>(&mut self, value: T) {
        self.0.insert(TypeId::of::<T>(), Arc::new(value));
    }

    pub(crate) fn type_ids(&self) -> impl Iterator<Item = TypeId> {
        self.0.keys().copied()
    }
}
