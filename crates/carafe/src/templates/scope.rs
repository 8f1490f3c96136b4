//! What the names of a template mean, worked out when a name is asked for.
//!
//! The values of the call come first, then those of context processors (the innermost blueprint's
//! win), then what belongs to the request, then the engine's globals.

use std::sync::{Arc, OnceLock};

use minijinja::Value;
use minijinja::value::{Enumerator, Object, ObjectRepr};

use super::context::Context;
use super::globals;
use crate::app::Core;
use crate::request::Request;

/// The names of one rendering.
#[derive(Debug)]
pub(super) struct Scope {
    context: Context,
    request: Option<Request>,
    /// The context processors' values, once one of them may be meant.
    processed: OnceLock<Context>,
    /// The request's objects, once they were asked for.
    objects: [OnceLock<Value>; globals::OF_REQUEST.len()],
}

impl Scope {
    #[inline]
    pub(super) fn new(context: Context, request: Option<Request>) -> Arc<Scope> {
        Arc::new(Scope {
            context,
            request,
            processed: OnceLock::new(),
            objects: [const { OnceLock::new() }; globals::OF_REQUEST.len()],
        })
    }

    /// The values that the call gave.
    #[cfg(debug_assertions)]
    pub(super) fn context(&self) -> &Context {
        &self.context
    }

    #[inline]
    fn find(&self, name: &str) -> Option<Value> {
        if let Some(value) = self.context.get(name) {
            return Some(value.clone());
        }
        let request = self.request.as_ref()?;
        let processed = self.processed.get_or_init(|| process(request));
        if let Some(value) = processed.get(name) {
            return Some(value.clone());
        }
        let at = globals::OF_REQUEST.iter().position(|own| *own == name)?;
        Some(self.objects[at].get_or_init(|| globals::of_request(at, request)).clone())
    }

    /// All names, for suggestions. It runs no context processor that has not run yet.
    pub(super) fn names(&self) -> Vec<String> {
        let processed = self.processed.get().into_iter().flat_map(Context::names);
        let objects = globals::OF_REQUEST.into_iter().filter(|_| self.request.is_some());
        self.context.names().chain(processed).chain(objects).map(str::to_owned).collect()
    }
}

/// Runs the context processors, from the app to the innermost blueprint.
#[inline]
fn process(request: &Request) -> Context {
    let core = Core::of(request);
    let mut context = Context::new();
    for scope in core.scopes_of(core.chain(request)) {
        for processor in &scope.context_processors {
            context.extend(processor(request));
        }
    }
    context
}

impl Object for Scope {
    #[inline]
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Map
    }

    #[inline]
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.find(key.as_str()?)
    }

    #[inline]
    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        self.find(key)
    }

    #[inline]
    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.names().into_iter().map(Value::from).collect())
    }
}
