//! [`App`]: setting up. Nothing here runs during a request: `build` freezes the app into a
//! [`Core`](core::Core), and from then on it cannot change.

mod build;
mod core;
mod extension;
mod guard;
mod needs;
mod problems;
mod route;
mod scope;
mod url_for;

use std::any::{Any, TypeId};
use std::panic::Location;
use std::path::PathBuf;
use std::sync::Arc;

pub(crate) use self::build::Site;
pub(crate) use self::core::Core;
pub use self::extension::Extension;
pub use self::guard::{Guard, GuardOf, Guarded, Unguarded};
pub use self::problems::SetupError;
pub use self::route::{Endpoint, EndpointRule, Route, Rule};
pub(crate) use self::scope::{Scope, scope_methods};
pub use self::url_for::{UrlFor, endpoint_url, named_url};

use crate::config::Config;
use crate::error::Result;
use crate::extract::States;
use crate::handler::LocalFuture;
use crate::hooks::Place;
use crate::layers::Layers;
use crate::routing::{Converter, Converters};
use crate::signals::{Listeners, Signal};
use crate::templates;

/// The names of Carafe's own commands.
pub(crate) const RESERVED_COMMANDS: [&str; 7] =
    ["run", "routes", "check", "config", "explain", "secret", "help"];

/// A web application, being set up.
///
/// ```
/// use carafe::prelude::*;
///
/// #[get("/")]
/// async fn index() -> &'static str {
///     "Hello, world!"
/// }
///
/// let app = App::new().routes(routes![index]);
/// assert_eq!(app.test_client().get("/").send().text(), "Hello, world!");
/// ```
pub struct App {
    pub(crate) scope: Scope,
    pub(crate) package: Option<Package>,
    pub(crate) root: Option<PathBuf>,
    pub(crate) settings: Vec<(String, serde_json::Value, &'static Location<'static>)>,
    pub(crate) sections: Vec<Section>,
    pub(crate) states: States,
    pub(crate) converters: Converters,
    pub(crate) listeners: Listeners,
    pub(crate) layers: Layers,
    pub(crate) templates: templates::Setup,
    pub(crate) host_matching: bool,
    pub(crate) subdomain_matching: bool,
    pub(crate) extensions: Vec<(&'static str, Place)>,
    pub(crate) startup: Vec<Startup>,
    pub(crate) shutdown: Vec<Shutdown>,
    pub(crate) commands: Vec<crate::command::Command>,
    pub(crate) proxy_fix: Option<(crate::proxy_fix::ProxyFix, Place)>,
    pub(crate) problems: Vec<(String, Place)>,
    pub(crate) place: Place,
}

/// A step before the first request, in order; a failure ends the start.
pub(crate) type Startup = Arc<dyn Fn(Running) -> LocalFuture<Result<()>> + Send + Sync>;
/// A step after the last request, in the opposite order.
pub(crate) type Shutdown = Arc<dyn Fn(Running) -> LocalFuture<()> + Send + Sync>;

/// A section of the configuration that someone has claimed, read before serving.
#[derive(Clone)]
pub(crate) struct Section {
    pub(crate) prefix: String,
    /// The type that handlers ask for.
    pub(crate) provides: TypeId,
    pub(crate) read: fn(&Config, &str, &mut States) -> Result<(), crate::config::ConfigErrors>,
}

/// What the crate that holds the app is called, where its folder is, and what it embeds.
#[doc(hidden)]
#[derive(Clone, Copy)]
pub struct Package {
    /// `CARGO_PKG_NAME`.
    pub name: &'static str,
    /// `CARGO_PKG_VERSION`.
    pub version: &'static str,
    /// `CARGO_MANIFEST_DIR` in development, `None` in release builds.
    pub folder: Option<&'static str>,
    /// Templates and static files: their paths from the root, and their bytes. Empty in development.
    pub files: &'static [(&'static str, &'static [u8])],
}

/// A frozen app, as start-up steps, shut-down steps and commands see it.
#[derive(Clone)]
pub struct Running {
    pub(crate) site: Arc<Site>,
    pub(crate) command: Option<&'static str>,
}

impl Running {
    /// A value that was given to [`App::state`].
    pub fn state<T: Any + Send + Sync>(&self) -> Option<Arc<T>> {
        self.site.shared.states.get()
    }

    /// The configuration.
    pub fn config(&self) -> &Config {
        &self.site.core.config
    }

    /// Whether there is an endpoint of this name, so that an extension can check one that it was given before serving.
    pub fn has_endpoint(&self, endpoint: &str) -> bool {
        self.site.shared.router.rules_of(endpoint).next().is_some()
    }

    /// The command of the app's own that was asked for; `None` when the app serves, or is tested.
    ///
    /// A start-up step may refuse to serve what a command is there to put right.
    pub fn command(&self) -> Option<&'static str> {
        self.command
    }
}

impl Default for App {
    #[track_caller]
    #[inline]
    fn default() -> App {
        App::new()
    }
}

impl App {
    /// An app without routes.
    #[track_caller]
    pub fn new() -> App {
        App {
            scope: Scope::default(),
            package: None,
            root: None,
            settings: Vec::new(),
            sections: Vec::new(),
            states: States::default(),
            converters: Converters::default(),
            listeners: Listeners::default(),
            layers: Layers::default(),
            templates: templates::Setup::default(),
            host_matching: false,
            subdomain_matching: false,
            extensions: Vec::new(),
            startup: Vec::new(),
            shutdown: Vec::new(),
            commands: Vec::new(),
            proxy_fix: None,
            problems: Vec::new(),
            place: Place::caller(),
        }
    }

    scope_methods!(scope);

    /// The folder that templates, static files and data are relative to.
    ///
    /// By default the crate's own folder in development, the current one in release builds.
    #[must_use]
    pub fn root(mut self, folder: impl Into<PathBuf>) -> App {
        self.root = Some(folder.into());
        self
    }

    /// Sets a configuration key in code; `carafe.toml`, the environment and the command line win.
    ///
    /// ```
    /// # use carafe::App;
    /// let app = App::new().config("max_content_length", "100 MiB").config("database.pool", 5);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn config(mut self, key: &str, value: impl Into<serde_json::Value>) -> App {
        self.settings.push((key.to_owned(), value.into(), Location::caller()));
        self
    }

    /// Reads a section of the configuration into a type, which handlers take as `Config<T>`.
    ///
    /// ```
    /// # use carafe::App;
    /// #[derive(serde::Deserialize)]
    /// struct Guestbook {
    ///     entries_per_page: usize,
    /// }
    ///
    /// let app = App::new()
    ///     .config("guestbook.entries_per_page", 20)
    ///     .config_section::<Guestbook>("guestbook");
    /// ```
    #[must_use]
    pub fn config_section<T>(mut self, prefix: &str) -> App
    where
        T: serde::de::DeserializeOwned + Send + Sync + 'static,
    {
        self.sections.push(Section {
            prefix: prefix.to_owned(),
            provides: TypeId::of::<crate::config_extract::SectionOf<T>>(),
            read: |config, prefix, states| {
                states.insert(crate::config_extract::SectionOf(config.section::<T>(prefix)?));
                Ok(())
            },
        });
        self
    }

    /// Gives the app a value that handlers take as [`State<T>`](crate::State).
    #[must_use]
    pub fn state<T: Any + Send + Sync>(mut self, value: T) -> App {
        self.states.insert(value);
        self
    }

    /// A value that was given to [`App::state`] before.
    pub fn get_state<T: Any + Send + Sync>(&self) -> Option<Arc<T>> {
        self.states.get()
    }

    /// Adds an extension: Flask's `init_app`.
    #[must_use]
    #[track_caller]
    pub fn extension(mut self, extension: impl Extension) -> App {
        let name = extension.name();
        let place = Place::caller();
        if let Some((_, first)) = self.extensions.iter().find(|(other, _)| *other == name) {
            let words = format!("the extension `{name}` is added twice; first at {first}");
            self.problems.push((words, place));
        }
        self.extensions.push((name, place));
        extension.init_app(self)
    }

    /// Registers a converter for rules: `app.converter("list", |arguments| Ok(List))`.
    #[must_use]
    pub fn converter<C: Converter>(
        mut self,
        name: &str,
        make: impl Fn(&crate::routing::Arguments) -> Result<C, String> + Send + Sync + 'static,
    ) -> App {
        self.converters.register(name, make);
        self
    }

    /// Matches rules by host: each rule's `host` counts.
    #[must_use]
    pub fn host_matching(mut self) -> App {
        self.host_matching = true;
        self
    }

    /// Matches rules by subdomain of the config key `server_name`.
    #[must_use]
    pub fn subdomain_matching(mut self) -> App {
        self.subdomain_matching = true;
        self
    }

    /// Listens to signals.
    #[must_use]
    pub fn connect(mut self, listener: impl Fn(Signal<'_>) + Send + Sync + 'static) -> App {
        self.listeners.add(listener);
        self
    }

    /// Runs a function when the app is done with a request, after every `teardown_request`.
    #[must_use]
    #[cfg_attr(debug_assertions, track_caller)]
    pub fn teardown_appcontext(
        mut self,
        function: impl Fn(&crate::Request, Option<&crate::Error>) + Send + Sync + 'static,
    ) -> App {
        let named = crate::hooks::type_of(&function);
        let call: crate::hooks::Teardown = Arc::new(function);
        self.scope.hooks.teardown_app.push(crate::hooks::Named::of(named, call));
        self
    }

    /// Runs an async step before the first request; if it fails, the app does not start.
    #[must_use]
    pub fn on_startup<F, Fut>(mut self, step: F) -> App
    where
        F: Fn(Running) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<()>> + 'static,
    {
        self.startup.push(Arc::new(move |running| Box::pin(step(running))));
        self
    }

    /// Runs an async step after the last request; the last one added runs first.
    #[must_use]
    pub fn on_shutdown<F, Fut>(mut self, step: F) -> App
    where
        F: Fn(Running) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = ()> + 'static,
    {
        self.shutdown.push(Arc::new(move |running| Box::pin(step(running))));
        self
    }

    /// Adds commands to the app's own command line: `commands![init_db]`. They need the feature
    /// `commands`.
    #[must_use]
    #[track_caller]
    pub fn commands(mut self, commands: impl IntoIterator<Item = crate::command::Command>) -> App {
        for command in commands {
            let name = command.name();
            if RESERVED_COMMANDS.contains(&name) {
                let words = format!("the command `{name}` is Carafe's own");
                self.problems.push((words, Place::caller()));
            } else if self.commands.iter().any(|other| other.name() == name) {
                let words = format!("two commands are named `{name}`");
                self.problems.push((words, Place::caller()));
            } else {
                self.commands.push(command);
            }
        }
        self
    }

    /// Changes the template engine's setup: filters, tests, globals.
    #[must_use]
    pub fn templates(mut self, change: impl FnOnce(&mut templates::Setup)) -> App {
        change(&mut self.templates);
        self
    }

    /// Notes a mistake in the setup; it is shown with all others before serving.
    ///
    /// For extensions that find out early that they cannot work.
    #[must_use]
    #[track_caller]
    pub fn setup_problem(mut self, words: impl Into<String>) -> App {
        self.problems.push((words.into(), Place::caller()));
        self
    }

    /// Ties the app to the crate that it is written in; `#[carafe::main]` does it.
    #[doc(hidden)]
    #[must_use]
    pub fn package(mut self, package: Package) -> App {
        self.package.get_or_insert(package);
        self
    }
}
