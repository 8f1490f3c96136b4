//! What an app and a blueprint have in common: routes, hooks and folders, as they were recorded.

use crate::blueprint::Blueprint;
use crate::hooks::{Hooks, Place};
use crate::templates::ContextProcessor;

use super::route::{Route, Rule};
use crate::handler::View;

/// Setup calls in the order they were made.
#[derive(Clone, Default)]
pub(crate) struct Scope {
    pub(crate) routes: Vec<Route>,
    pub(crate) hooks: Hooks,
    pub(crate) blueprints: Vec<(Blueprint, Place)>,
    pub(crate) context_processors: Vec<ContextProcessor>,
}

impl Scope {
    #[inline]
    pub(crate) fn add_url_rule(&mut self, rule: Rule, view: View) {
        let place = rule.place;
        let mut route = Route::new("", "", place.file, place.line, view);
        route.rules.push(rule);
        self.routes.push(route);
    }
}

/// The setup methods that `App` and `Blueprint` share; `$scope` is the path to the [`Scope`].
macro_rules! scope_methods {
    ($($scope:ident).+) => {
        /// Adds handlers: `routes![index, users::show]`.
        #[must_use]
        pub fn routes(mut self, routes: impl IntoIterator<Item = $crate::app::Route>) -> Self {
            self.$($scope).+.routes.extend(routes);
            self
        }

        /// Adds one rule for a view: Flask's `add_url_rule`.
        #[must_use]
        #[inline]
        pub fn add_url_rule(
            mut self,
            rule: $crate::app::Rule,
            view: $crate::handler::View,
        ) -> Self {
            self.$($scope).+.add_url_rule(rule, view);
            self
        }

        /// Adds error handlers: `errors![not_found]`.
        #[must_use]
        pub fn errors(
            mut self,
            handlers: impl IntoIterator<Item = $crate::hooks::ErrorHandler>,
        ) -> Self {
            self.$($scope).+.hooks.errors.extend(handlers);
            self
        }

        /// Runs a function before each handler; a response that it returns ends the request there.
        ///
        /// It takes any extractors, as handlers do. Within a blueprint it runs for the blueprint's
        /// own requests; on the app, for all, also for those that no rule matches.
        #[must_use]
        #[cfg_attr(debug_assertions, track_caller)]
        pub fn before_request<M>(
            mut self,
            function: impl $crate::hooks::BeforeFunction<M>,
        ) -> Self {
            let named = $crate::hooks::type_of(&function);
            let function = ::std::sync::Arc::new(function);
            let call: $crate::hooks::Before = ::std::sync::Arc::new(move |request| {
                $crate::hooks::BeforeFunction::call(function.clone(), request)
            });
            self.$($scope).+.hooks.before.push($crate::hooks::Named::of(named, call));
            self
        }

        /// Runs a function on each response, also on those of error handlers.
        #[must_use]
        #[cfg_attr(debug_assertions, track_caller)]
        pub fn after_request<M>(
            mut self,
            function: impl $crate::hooks::AfterFunction<M>,
        ) -> Self {
            let named = $crate::hooks::type_of(&function);
            let call: $crate::hooks::After = ::std::sync::Arc::new(move |request, response| {
                function.call(request, response)
            });
            self.$($scope).+.hooks.after.push($crate::hooks::Named::of(named, call));
            self
        }

        /// Runs a function when a request is over, whatever happened, also when the client is gone.
        ///
        /// It sees the error that reached the top, if one did; it must not block.
        #[must_use]
        #[cfg_attr(debug_assertions, track_caller)]
        pub fn teardown_request(
            mut self,
            function: impl Fn(&$crate::Request, Option<&$crate::Error>) + Send + Sync + 'static,
        ) -> Self {
            let named = $crate::hooks::type_of(&function);
            let call: $crate::hooks::Teardown = ::std::sync::Arc::new(function);
            self.$($scope).+.hooks.teardown.push($crate::hooks::Named::of(named, call));
            self
        }

        /// Runs a function on each request before the `before_request` hooks, to do something with
        /// the path values, such as to keep a language code in `g`.
        ///
        /// On the app it also runs for requests that no rule matches, which have no path values.
        #[must_use]
        #[cfg_attr(debug_assertions, track_caller)]
        pub fn url_value_preprocessor(
            mut self,
            function: impl Fn(&$crate::Request) + Send + Sync + 'static,
        ) -> Self {
            let named = $crate::hooks::type_of(&function);
            let call: $crate::hooks::Preprocessor = ::std::sync::Arc::new(function);
            self.$($scope).+.hooks.preprocessors.push($crate::hooks::Named::of(named, call));
            self
        }

        /// Lets a function fill in values whenever a URL for one of these endpoints is built.
        ///
        /// It sees the request that the URL is built in, if any, and the endpoint's name:
        ///
        /// ```
        /// # use carafe::App;
        /// struct Language(String); // which a `url_value_preprocessor` put into `g`
        ///
        /// let app = App::new().url_defaults(|request, _endpoint, values| {
        ///     if let Some(language) = request.and_then(|request| request.g().get::<Language>()) {
        ///         values.set_default("lang", language.0.clone());
        ///     }
        /// });
        /// ```
        #[must_use]
        pub fn url_defaults(
            mut self,
            function: impl Fn(Option<&$crate::Request>, &str, &mut $crate::routing::BuildValues<'static>)
            + Send
            + Sync
            + 'static,
        ) -> Self {
            self.$($scope).+.hooks.url_defaults.push(::std::sync::Arc::new(function));
            self
        }

        /// Adds values to the context of every template.
        ///
        /// A blueprint's are added for its own requests, an app's for all.
        #[must_use]
        pub fn context_processor(
            mut self,
            function: impl Fn(&$crate::Request) -> $crate::templates::Context
            + Send
            + Sync
            + 'static,
        ) -> Self {
            self.$($scope).+.context_processors.push(::std::sync::Arc::new(function));
            self
        }

        /// Registers a blueprint.
        #[must_use]
        #[track_caller]
        pub fn blueprint(mut self, blueprint: $crate::blueprint::Blueprint) -> Self {
            let place = $crate::hooks::Place::caller();
            self.$($scope).+.blueprints.push((blueprint, place));
            self
        }
    };
}
pub(crate) use scope_methods;
