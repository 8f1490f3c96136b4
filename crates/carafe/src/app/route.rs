//! [`Rule`] and [`Route`]: what `#[get("/users/<int:id>")]` records about a handler.

use std::any::{TypeId, type_name};
use std::sync::Arc;

use ::http::Method;

use crate::extract::Provided;
use crate::handler::View;
use crate::hooks::Place;
use crate::routing::{DefaultValue, IntRange, RedirectTo, RuleSpec};

use super::guard::Guard;

/// A URL rule with its options: the arguments of Flask's `add_url_rule`.
///
/// ```
/// use carafe::{App, Rule, View, Request};
///
/// let view = View::new(|request: Request| async move { request.path().to_owned() });
/// let app = App::new().add_url_rule(Rule::new("/<path:anything>").endpoint("echo"), view);
/// assert_eq!(app.test_client().get("/a/b").send().text(), "/a/b");
/// ```
#[derive(Clone)]
pub struct Rule {
    pub(crate) text: String,
    pub(crate) endpoint: Option<String>,
    pub(crate) methods: Option<Vec<Method>>,
    pub(crate) defaults: Vec<(String, DefaultValue)>,
    pub(crate) strict_slashes: Option<bool>,
    pub(crate) merge_slashes: Option<bool>,
    pub(crate) subdomain: Option<String>,
    pub(crate) host: Option<String>,
    pub(crate) redirect_to: Option<RedirectTo>,
    pub(crate) alias: bool,
    pub(crate) build_only: bool,
    pub(crate) websocket: bool,
    pub(crate) provide_automatic_options: Option<bool>,
    pub(crate) narrow: Vec<(String, IntRange)>,
    pub(crate) custom: Vec<CustomArgument>,
    pub(crate) place: Place,
}

/// A handler's argument whose type a registered converter has to give.
#[derive(Clone)]
pub(crate) struct CustomArgument {
    pub(crate) name: String,
    pub(crate) type_id: TypeId,
    pub(crate) type_name: &'static str,
}

macro_rules! options {
    ($($(#[$doc:meta])* $name:ident: $type:ty => $field:ident = $value:expr;)*) => {$(
        $(#[$doc])*
        #[must_use]
        pub fn $name(mut self, $name: $type) -> Rule {
            self.$field = $value;
            self
        }
    )*};
}

impl Rule {
    /// A rule of this text, such as `/users/<int:id>`, for GET (and so HEAD and OPTIONS).
    #[track_caller]
    pub fn new(text: impl Into<String>) -> Rule {
        Rule {
            text: text.into(),
            endpoint: None,
            methods: Some(vec![Method::GET]),
            defaults: Vec::new(),
            strict_slashes: None,
            merge_slashes: None,
            subdomain: None,
            host: None,
            redirect_to: None,
            alias: false,
            build_only: false,
            websocket: false,
            provide_automatic_options: None,
            narrow: Vec::new(),
            custom: Vec::new(),
            place: Place::caller(),
        }
    }

    options! {
        /// The endpoint's name; by default the handler's.
        endpoint: impl Into<String> => endpoint = Some(endpoint.into());
        /// The methods; GET brings HEAD with it.
        methods: impl IntoIterator<Item = Method> => methods = Some(methods.into_iter().collect());
        /// Whether `/a` is redirected to the rule `/a/`, and `/a/` is not `/a`; by default yes.
        strict_slashes: bool => strict_slashes = Some(strict_slashes);
        /// Whether `/a//b` is redirected to `/a/b`; by default yes.
        merge_slashes: bool => merge_slashes = Some(merge_slashes);
        /// The subdomain, such as `api` or `<user>`; needs `App::subdomain_matching`.
        subdomain: impl Into<String> => subdomain = Some(subdomain.into());
        /// The host, such as `example.com`; needs `App::host_matching`.
        host: impl Into<String> => host = Some(host.into());
        /// Redirects instead of calling the view: `new/<id>` or a function.
        redirect_to: impl Into<RedirectTo> => redirect_to = Some(redirect_to.into());
        /// Whether this is another address of a rule with the same endpoint, and redirects to it.
        alias: bool => alias = alias;
        /// Whether the rule only builds URLs and never matches.
        build_only: bool => build_only = build_only;
        /// Whether the rule matches websocket handshakes, and only these.
        websocket: bool => websocket = websocket;
        /// Whether OPTIONS is answered by Carafe; by default as config key `provide_automatic_options`.
        provide_automatic_options: bool =>
            provide_automatic_options = Some(provide_automatic_options);
    }

    /// The rule matches every method.
    #[must_use]
    #[inline]
    pub fn any_method(mut self) -> Rule {
        self.methods = None;
        self
    }

    /// A value for the view that the path does not have.
    #[must_use]
    pub fn default(mut self, name: impl Into<String>, value: impl Into<DefaultValue>) -> Rule {
        self.defaults.push((name.into(), value.into()));
        self
    }

    /// Narrows `<int:name>` to what the handler's argument can hold.
    #[doc(hidden)]
    #[must_use]
    #[inline]
    pub fn narrow(mut self, name: &str, range: Option<IntRange>) -> Rule {
        self.narrow.extend(range.map(|range| (name.to_owned(), range)));
        self
    }

    /// Says which type the handler expects of a registered converter.
    #[doc(hidden)]
    #[must_use]
    pub fn custom<T: 'static>(mut self, name: &str) -> Rule {
        let (type_id, type_name) = (TypeId::of::<T>(), type_name::<T>());
        self.custom.push(CustomArgument { name: name.to_owned(), type_id, type_name });
        self
    }

    /// Sets where the rule is written; the macros know it better than a caller's location.
    #[doc(hidden)]
    #[must_use]
    pub fn at(mut self, file: &'static str, line: u32) -> Rule {
        self.place = Place { file, line };
        self
    }

    /// The router's form, under a blueprint's prefix and name.
    pub(crate) fn into_spec(self, endpoint: Arc<str>, target: usize) -> RuleSpec {
        RuleSpec {
            methods: self.methods,
            defaults: self.defaults,
            strict_slashes: self.strict_slashes,
            merge_slashes: self.merge_slashes,
            subdomain: self.subdomain,
            host: self.host,
            redirect_to: self.redirect_to,
            alias: self.alias,
            build_only: self.build_only,
            websocket: self.websocket,
            provide_automatic_options: self.provide_automatic_options,
            narrow: self.narrow,
            file: self.place.file,
            line: self.place.line,
            ..RuleSpec::new(self.text, endpoint, target)
        }
    }
}

/// A handler with its rules, as `#[get]` and its kin record it; `routes![..]` collects them.
#[derive(Clone)]
pub struct Route {
    pub(crate) name: &'static str,
    pub(crate) handler: &'static str,
    pub(crate) place: Place,
    pub(crate) marker: Option<TypeId>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) view: View,
    pub(crate) needs: Vec<Need>,
}

/// Asks an extractor what the app lacks for it.
pub(crate) type Need = fn(&Provided) -> Option<String>;

impl Route {
    /// A handler's record: its name, its full path, where it is written, and its view.
    #[doc(hidden)]
    pub fn new(
        name: &'static str,
        handler: &'static str,
        file: &'static str,
        line: u32,
        view: View,
    ) -> Route {
        let place = Place { file, line };
        Route { name, handler, place, marker: None, rules: Vec::new(), view, needs: Vec::new() }
    }

    /// Adds a rule.
    #[doc(hidden)]
    #[must_use]
    pub fn rule(mut self, rule: Rule) -> Route {
        self.rules.push(rule);
        self
    }

    /// Ties the record to the type that stands for the endpoint in `url_for!`.
    #[doc(hidden)]
    #[must_use]
    pub fn marker<E: 'static>(mut self) -> Route {
        self.marker = Some(TypeId::of::<E>());
        self
    }

    /// Puts the handler's guard before its view, where it has one.
    #[doc(hidden)]
    #[must_use]
    pub fn guarded(mut self, guard: Option<Guard>) -> Route {
        if let Some(guard) = guard {
            self.needs.extend(guard.need());
            self.view = guard.before(self.view);
        }
        self
    }

    /// Checks an argument's needs before serving.
    #[doc(hidden)]
    #[must_use]
    #[inline]
    pub fn need(mut self, need: fn(&Provided) -> Option<String>) -> Route {
        self.needs.push(need);
        self
    }
}

/// The type that stands for a handler in `routes!` and `url_for!`; made by `#[get]` and its kin.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a route",
    label = "this function has no `#[get]`, `#[post]` or `#[route]`",
    note = "write a rule above it, such as `#[get(\"/\")]`"
)]
pub trait Endpoint: 'static {
    /// Its rules, as far as `url_for!` has to know them.
    const RULES: &'static [EndpointRule];

    /// The handler's record.
    fn route() -> Route;
}

/// What a URL for a rule needs, known to the compiler.
#[doc(hidden)]
pub struct EndpointRule {
    /// The rule's text.
    pub rule: &'static str,
    /// The names that it needs values for: all but those with a default.
    pub needs: &'static [&'static str],
}
