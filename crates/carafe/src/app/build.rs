//! Freezing an app: recorded setup calls become a router, a table of views and a template engine,
//! and every mistake is collected on the way.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::blueprint::Blueprint;
use crate::config::{Config, ConfigErrors, Loader, Settings};
use crate::extract::{Provided, States};
use crate::handler::{Pool, View};
use crate::hooks::Place;
use crate::proxies::Entrance;
use crate::request::{Limits, Shared};
use crate::respond::JsonStyle;
use crate::routing::{Map, MapSettings, RuleError, RuleId, ValueType};
use crate::session::Sessions;
use crate::static_files;

use super::core::{Core, ScopeHooks, Target};
use super::needs::{self, Needed};
use super::problems::SetupError;
use super::route::{CustomArgument, Route, Rule};
use super::scope::Scope;
use super::{App, Running};

/// A frozen app with what its requests share.
pub(crate) struct Site {
    pub(crate) core: Arc<Core>,
    pub(crate) shared: Arc<Shared>,
    pub(crate) layers: crate::layers::Layers,
    pub(crate) entrance: Entrance,
    pub(crate) startup: Vec<super::Startup>,
    pub(crate) shutdown: Vec<super::Shutdown>,
}

impl App {
    /// The folder that templates, static files and data are relative to.
    pub(crate) fn root_folder(&self) -> PathBuf {
        let package = self.package.and_then(|package| package.folder);
        self.root
            .clone()
            .or_else(|| package.map(PathBuf::from))
            .unwrap_or_else(|| PathBuf::from("."))
    }

    /// Reads the configuration, with what was set in code.
    pub(crate) fn load_config(&self, loader: Loader) -> Result<Config, ConfigErrors> {
        let settings = self.settings.iter();
        let loader = settings.fold(loader, |loader, (key, value, at)| loader.code(key, value, at));
        loader.known(self.sections.iter().map(|section| section.prefix.clone())).load()
    }

    /// Freezes the app, with a configuration loader that knows the environment and the command line.
    ///
    /// # Errors
    /// Every mistake of the setup and of the configuration, together.
    pub(crate) fn build(self, loader: Loader) -> Result<Arc<Site>, SetupError> {
        let mut errors = SetupError::default();
        for (words, place) in &self.problems {
            errors.add(words.clone(), *place);
        }
        match self.load_config(loader) {
            Ok(config) => Builder::new(self, config, errors).finish(),
            Err(config) => {
                errors.config = Some(config);
                // The rules' mistakes are shown in the same report. What only a configuration that
                // was read could have is not among them.
                let here = std::panic::Location::caller();
                let stand_in = Loader::in_memory()
                    .code("secret_key", "stands in for what was not read", here)
                    .code("server_name", "localhost", here);
                Err(match stand_in.load() {
                    Ok(defaults) => Builder::new(self, defaults, errors).find_mistakes(),
                    Err(_) => errors,
                })
            }
        }
    }
}

/// The work in progress.
struct Builder {
    app: App,
    config: Config,
    errors: SetupError,
    map: Map,
    targets: Vec<Target>,
    scopes: Vec<ScopeHooks>,
    endpoints: HashMap<TypeId, Vec<Arc<str>>>,
    /// Endpoints that are taken, with the handler that took them.
    taken: HashMap<Arc<str>, (usize, Place)>,
    states: States,
    needs: Vec<Needed>,
    /// What has a mistake of its own: the handlers that take it are not to blame.
    unread: Vec<TypeId>,
}

/// Where in the tree of blueprints a scope stands.
#[derive(Clone, Default)]
struct Position {
    name: String,
    prefix: String,
    subdomain: Option<String>,
    chain: Vec<usize>,
}

impl Builder {
    fn new(mut app: App, config: Config, errors: SetupError) -> Builder {
        let settings = config.settings();
        let mut map = Map::new(MapSettings {
            host_matching: app.host_matching,
            subdomain_matching: app.subdomain_matching,
            server_name: settings.server_name.clone(),
            automatic_options: settings.provide_automatic_options,
            ..MapSettings::default()
        });
        *map.converters_mut() = std::mem::take(&mut app.converters);
        let states = std::mem::take(&mut app.states);
        Builder {
            app,
            config,
            errors,
            map,
            targets: Vec::new(),
            scopes: Vec::new(),
            endpoints: HashMap::new(),
            taken: HashMap::new(),
            states,
            needs: Vec::new(),
            unread: Vec::new(),
        }
    }

    fn finish(mut self) -> Result<Arc<Site>, SetupError> {
        let root = self.app.root_folder();
        if self.app.subdomain_matching && self.config.settings().server_name.is_none() {
            self.errors.add_with_hint(
                "subdomain matching needs the config key `server_name`",
                self.app.place,
                "set `server_name = \"example.com\"` in carafe.toml",
            );
        }
        self.check_proxies();
        self.read_sections();
        let mut templates = std::mem::take(&mut self.app.templates);
        templates.begin(&root, self.app.package, self.config.settings());
        let mut scope = std::mem::take(&mut self.app.scope);
        if let Some(route) = static_files::app_route(&root, self.app.package, &self.config) {
            scope.routes.push(route);
        }
        self.add_scope(scope, Position::default(), &mut templates);
        for problem in self.map.problems() {
            self.add_rule_error(&problem);
        }
        let sessions = Sessions::new(&self.config, &root).unwrap_or_else(|words| {
            self.errors.add(words, None);
            // The handlers that take a session are not to blame for the key.
            self.unread.push(Sessions::writable());
            Sessions::disabled()
        });
        let sessions = sessions.with_interface(&self.states);
        self.check_needs(&sessions);
        let engine = templates.finish().unwrap_or_else(|problems| {
            for (words, place) in problems {
                self.errors.add(words, place);
            }
            Default::default()
        });
        if !self.errors.is_empty() {
            return Err(self.errors);
        }
        self.freeze(engine, sessions)
    }

    /// What is wrong with the rules and the handlers of an app whose configuration is wrong too.
    fn find_mistakes(mut self) -> SetupError {
        let mut templates = std::mem::take(&mut self.app.templates);
        let scope = std::mem::take(&mut self.app.scope);
        self.add_scope(scope, Position::default(), &mut templates);
        for problem in self.map.problems() {
            self.add_rule_error(&problem);
        }
        self.unread.extend(self.app.sections.iter().map(|section| section.provides));
        let sessions = Sessions::new(&self.config, &self.app.root_folder());
        self.check_needs(&sessions.unwrap_or_else(|_| Sessions::disabled()));
        self.errors
    }

    /// Two rules on whom to believe would leave it to chance which of them holds.
    fn check_proxies(&mut self) {
        let key = !self.config.settings().trusted_proxies.from.is_empty();
        if let (true, Some((_, place))) = (key, self.app.proxy_fix) {
            self.errors.add_with_hint(
                "both `App::proxy_fix` and the config key `trusted_proxies` say whom to believe",
                place,
                "keep `trusted_proxies`, and take `.proxy_fix(..)` out",
            );
        }
    }

    fn read_sections(&mut self) {
        for section in std::mem::take(&mut self.app.sections) {
            if let Err(errors) = (section.read)(&self.config, &section.prefix, &mut self.states) {
                self.unread.push(section.provides);
                match &mut self.errors.config {
                    Some(all) => all.extend(errors),
                    none => *none = Some(errors),
                }
            }
        }
    }

    /// Adds a scope's routes, then its blueprints, from the outside in.
    fn add_scope(
        &mut self,
        scope: Scope,
        mut position: Position,
        templates: &mut crate::templates::Setup,
    ) {
        position.chain.push(self.scopes.len());
        self.scopes.push(ScopeHooks {
            name: position.name.clone(),
            hooks: scope.hooks,
            context_processors: scope.context_processors,
        });
        for route in scope.routes {
            self.add_route(route, &position);
        }
        for (blueprint, place) in scope.blueprints {
            self.add_blueprint(blueprint, place, &position, templates);
        }
    }

    fn add_blueprint(
        &mut self,
        blueprint: Blueprint,
        place: Place,
        parent: &Position,
        templates: &mut crate::templates::Setup,
    ) {
        let name = &blueprint.name;
        let full_name = join_names(&parent.name, name);
        if name.is_empty() || name.contains('.') {
            let words = format!("a blueprint cannot be named `{name}`");
            let hint = "a name has letters, and no dot: a dot parts a blueprint from what is in it";
            self.errors.add_with_hint(words, blueprint.place, hint);
        } else if self.scopes.iter().any(|scope| scope.name == full_name) {
            self.errors.add_with_hint(
                format!("two blueprints are named `{full_name}`"),
                place,
                "give one of them another name with `.name(\"..\")` where it is registered",
            );
        }
        let position = Position {
            name: full_name,
            prefix: format!("{}{}", parent.prefix, clean_prefix(blueprint.prefix.as_deref())),
            subdomain: join_subdomains(blueprint.subdomain.as_deref(), parent.subdomain.as_deref()),
            chain: parent.chain.clone(),
        };
        if let Some(folder) = &blueprint.template_folder {
            templates.add_folder(folder, blueprint.place);
        }
        let mut scope = blueprint.scope;
        if let Some(folder) = &blueprint.static_folder {
            let root = self.app.root_folder();
            let package = self.app.package;
            match static_files::blueprint_route(
                &root,
                package,
                folder,
                blueprint.static_url_path.as_deref(),
                &self.config,
                blueprint.place,
            ) {
                Ok(route) => scope.routes.push(route),
                // Which folder it is below may be what is wrong with the configuration.
                Err(_) if self.errors.config.is_some() => {}
                Err(words) => self.errors.add(words, blueprint.place),
            }
        }
        self.add_scope(scope, position, templates);
    }

    fn add_route(&mut self, route: Route, position: &Position) {
        let target = self.targets.len();
        for rule in route.rules.iter().cloned() {
            self.add_rule(rule, &route, position, target);
        }
        let chain: Box<[usize]> = position.chain.clone().into();
        self.targets.push(Target {
            view: route.view,
            hooked: true,
            chain,
            handler: route.handler.to_owned(),
            place: route.place,
        });
        for need in route.needs {
            self.needs.push(Needed { need, handler: route.handler, place: route.place });
        }
    }

    fn add_rule(&mut self, mut rule: Rule, route: &Route, position: &Position, target: usize) {
        let place = rule.place;
        let own = rule.endpoint.clone().unwrap_or_else(|| route.name.to_owned());
        if own.is_empty() || own.contains('.') {
            let words = format!("a rule's endpoint cannot be named `{own}`");
            let hint = "name it with `Rule::endpoint`; a dot parts blueprints";
            return self.errors.add_with_hint(words, place, hint);
        }
        let endpoint: Arc<str> = join_names(&position.name, &own).into();
        match self.taken.get(&endpoint) {
            Some((other, first)) if *other != target && !self.is_view_of(*other, &route.view) => {
                let words =
                    format!("two handlers share the endpoint `{endpoint}`; first at {first}");
                let hint = "give one of them another name: `#[get(\"..\", endpoint = \"..\")]`";
                return self.errors.add_with_hint(words, place, hint);
            }
            _ => {
                self.taken.insert(endpoint.clone(), (target, place));
            }
        }
        if let Some(marker) = route.marker {
            let names = self.endpoints.entry(marker).or_default();
            if !names.contains(&endpoint) {
                names.push(endpoint.clone());
            }
        }
        rule.text = join_rule(&position.prefix, &rule.text);
        rule.subdomain = join_subdomains(rule.subdomain.as_deref(), position.subdomain.as_deref());
        let custom = std::mem::take(&mut rule.custom);
        match self.map.add(rule.into_spec(endpoint, target)) {
            Ok(id) => {
                for argument in custom {
                    self.check_custom(id, &argument, place);
                }
            }
            Err(error) => self.add_rule_error(&error),
        }
    }

    /// Whether an earlier route has this very view: then it is one handler with several rules.
    fn is_view_of(&self, target: usize, view: &View) -> bool {
        self.targets.get(target).is_some_and(|target| target.view.is(view))
    }

    /// A registered converter has to give the type that the handler takes.
    fn check_custom(&mut self, id: RuleId, argument: &CustomArgument, place: Place) {
        let found = self.map.rules().find(|rule| rule.id() == id);
        let found = found.and_then(|rule| rule.value_type(&argument.name));
        let Some(ValueType::Custom { id, name }) = found else { return };
        if id != argument.type_id {
            let words = format!(
                "the converter of `{}` gives `{name}`, but the handler takes `{}`",
                argument.name, argument.type_name
            );
            self.errors.add(words, place);
        }
    }

    fn add_rule_error(&mut self, error: &RuleError) {
        let (file, line) = error.location();
        let place = Place { file, line };
        match error.hint() {
            Some(hint) => self.errors.add_with_hint(error.to_string(), place, hint),
            None => self.errors.add(error.to_string(), place),
        }
    }

    fn check_needs(&mut self, sessions: &Sessions) {
        let unread = std::mem::take(&mut self.unread);
        // Where the configuration could not be read, nobody knows whether it has a secret key.
        let writable = match &self.errors.config {
            Some(_) => Some(Sessions::writable()),
            None => sessions.provides(),
        };
        let types = self.states.type_ids().chain(unread).chain(writable).collect();
        for (words, place) in needs::missing(&self.needs, &Provided { types }) {
            self.errors.add(words, place);
        }
    }

    /// Notes which targets have anything to do beside their handler.
    fn mark_hooked(&mut self, sessions: &Sessions) {
        let every_request = !self.app.listeners.is_empty()
            || sessions.is_custom()
            || !self.config.settings().trusted_hosts.is_empty();
        for target in &mut self.targets {
            let scopes = &self.scopes;
            target.hooked =
                every_request || target.chain.iter().any(|scope| !scopes[*scope].hooks.is_idle());
        }
    }

    fn freeze(
        mut self,
        templates: crate::templates::Engine,
        sessions: Sessions,
    ) -> Result<Arc<Site>, SetupError> {
        self.mark_hooked(&sessions);
        let settings = self.config.settings();
        let (limits, json) = (limits_of(settings), json_of(settings));
        let pool = match Pool::new(settings.threads.into()) {
            Ok(pool) => pool,
            Err(error) => {
                self.errors.add(format!("the thread pool could not be made: {error}"), None);
                return Err(self.errors);
            }
        };
        let package = self.app.package;
        let preferred_scheme = settings.preferred_url_scheme.clone();
        let script_root = settings.application_root.trim_end_matches('/').to_owned();
        let root = self.app.root_folder().join(&settings.root);
        let entrance = Entrance::new(&self.config, self.app.proxy_fix.map(|(fix, _)| fix));
        let core = Arc::new(Core {
            name: package.map_or("app", |package| package.name).to_owned(),
            version: package.map_or("", |package| package.version).to_owned(),
            debug: settings.debug,
            details_for_all: AtomicBool::new(false),
            folder: self.app.root_folder(),
            targets: self.targets,
            scopes: self.scopes,
            templates,
            sessions,
            listeners: self.app.listeners,
            endpoints: self.endpoints,
            root,
            config: self.config,
        });
        let shared = Arc::new(Shared {
            router: self.map.freeze(),
            limits,
            json,
            preferred_scheme,
            script_root,
            states: self.states,
            pool,
            app: core.clone() as Arc<dyn Any + Send + Sync>,
        });
        Ok(Arc::new(Site {
            core,
            shared,
            layers: self.app.layers,
            entrance,
            startup: self.app.startup,
            shutdown: self.app.shutdown,
        }))
    }
}

impl Site {
    /// Runs the start-up steps in order, for serving or for a command; the first failure ends it.
    pub(crate) async fn start(
        self: &Arc<Site>,
        command: Option<&'static str>,
    ) -> crate::Result<()> {
        for step in &self.startup {
            step(Running { site: self.clone(), command }).await?;
        }
        Ok(())
    }

    /// Runs the shut-down steps, the last added first.
    pub(crate) async fn stop(self: &Arc<Site>, command: Option<&'static str>) {
        for step in self.shutdown.iter().rev() {
            step(Running { site: self.clone(), command }).await;
        }
    }
}

fn limits_of(settings: &Settings) -> Limits {
    Limits {
        max_content_length: settings.max_content_length.bytes().unwrap_or(u64::MAX),
        max_form_memory_size: settings.max_form_memory_size.get(),
        max_form_parts: settings.max_form_parts as usize,
    }
}

fn json_of(settings: &Settings) -> JsonStyle {
    JsonStyle { sort_keys: settings.json_sort_keys, indent: !settings.compacts_json() }
}

fn join_names(parent: &str, name: &str) -> String {
    if parent.is_empty() { name.to_owned() } else { format!("{parent}.{name}") }
}

fn join_subdomains(child: Option<&str>, parent: Option<&str>) -> Option<String> {
    match (child, parent) {
        (Some(child), Some(parent)) => Some(format!("{child}.{parent}")),
        (one, other) => one.or(other).map(str::to_owned),
    }
}

fn clean_prefix(prefix: Option<&str>) -> String {
    let prefix = prefix.unwrap_or_default().trim_end_matches('/');
    if prefix.is_empty() || prefix.starts_with('/') {
        prefix.to_owned()
    } else {
        format!("/{prefix}")
    }
}

/// A blueprint's prefix and a rule: `/admin` and `/users` make `/admin/users`.
fn join_rule(prefix: &str, rule: &str) -> String {
    format!("{prefix}{rule}")
}
