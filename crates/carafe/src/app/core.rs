//! [`Core`]: a frozen app. Everything a request looks at, laid out for the looking.

use std::any::TypeId;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::config::Config;
use crate::handler::View;
use crate::hooks::{Hooks, Place};
use crate::request::{Request, Shared};
use crate::routing::{BuildValues, Rule};
use crate::session::Sessions;
use crate::signals::Listeners;
use crate::templates::{ContextProcessor, Engine};

/// A frozen app.
pub(crate) struct Core {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) config: Config,
    /// The app's own folder, with `carafe.toml` and `.carafe`.
    pub(crate) folder: PathBuf,
    /// The folder that relative paths of files to send start from.
    pub(crate) root: PathBuf,
    pub(crate) debug: bool,
    /// Whether other computers are shown the details of errors, too.
    pub(crate) details_for_all: AtomicBool,
    pub(crate) targets: Vec<Target>,
    /// The app's hooks first, then those of each registered blueprint.
    pub(crate) scopes: Vec<ScopeHooks>,
    pub(crate) templates: Engine,
    pub(crate) sessions: Sessions,
    pub(crate) listeners: Listeners,
    /// The endpoints under which a handler is registered, by the type that stands for it.
    pub(crate) endpoints: HashMap<TypeId, Vec<Arc<str>>>,
}

/// What a matched rule leads to.
pub(crate) struct Target {
    pub(crate) view: View,
    /// The scopes that the request passes, from the app to the innermost blueprint.
    pub(crate) chain: Box<[usize]>,
    /// Whether any of these scopes has a hook.
    pub(crate) hooked: bool,
    /// The handler's full path, such as `guestbook::views::index`.
    pub(crate) handler: String,
    pub(crate) place: Place,
}

/// The hooks of the app or of one blueprint, with what templates need of it.
#[derive(Default)]
pub(crate) struct ScopeHooks {
    /// The blueprint's full name; empty for the app.
    pub(crate) name: String,
    pub(crate) hooks: Hooks,
    pub(crate) context_processors: Vec<ContextProcessor>,
}

impl Core {
    /// The app that a request belongs to.
    pub(crate) fn of(request: &Request) -> &Core {
        Core::of_shared(request.shared())
    }

    /// The app that hands this to its requests.
    pub(crate) fn of_shared(shared: &Shared) -> &Core {
        #[expect(clippy::expect_used, reason = "only `Site` makes `Shared`, and it puts a Core in")]
        shared.app.downcast_ref().expect("an app's shared part holds the app")
    }

    /// Lets the app's and the blueprints' `url_defaults` fill in values for an endpoint.
    #[inline]
    pub(crate) fn apply_url_defaults(
        &self,
        request: Option<&Request>,
        endpoint: &str,
        values: &mut BuildValues<'static>,
    ) {
        for scope in &self.scopes {
            let covers = scope.name.is_empty()
                || endpoint
                    .strip_prefix(scope.name.as_str())
                    .is_some_and(|rest| rest.starts_with('.'));
            if covers {
                scope.hooks.url_defaults.iter().for_each(|fill| fill(request, endpoint, values));
            }
        }
    }

    /// What the matched rule leads to; `None` for a refusal.
    pub(crate) fn target(&self, request: &Request) -> Option<&Target> {
        request.url_rule().and_then(|rule| self.target_of(rule))
    }

    pub(crate) fn target_of(&self, rule: &Rule) -> Option<&Target> {
        self.targets.get(rule.target())
    }

    /// The scopes of a request, from the app to the innermost blueprint.
    pub(crate) fn chain(&self, request: &Request) -> &[usize] {
        self.target(request).map_or(&[0], |target| &target.chain)
    }

    pub(crate) fn scopes_of<'a>(
        &'a self,
        chain: &'a [usize],
    ) -> impl DoubleEndedIterator<Item = &'a ScopeHooks> + Clone {
        chain.iter().filter_map(|index| self.scopes.get(*index))
    }
}
