//! [`Setup`]: what an app configures of its templates, through [`App::templates`](crate::App::templates).

use std::path::{Path, PathBuf};
use std::sync::Arc;

use minijinja::functions::Function;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{FunctionArgs, FunctionResult};
use minijinja::{AutoEscape, Environment, Value};

use super::engine::Engine;
use super::source::{Folder, Sources};
use super::{escape, filters, globals, methods, tests};
use crate::app::Package;
use crate::config::Settings;
use crate::hooks::Place;

/// The template engine's setup: filters, tests, functions and folders of an app.
///
/// ```
/// use carafe::App;
///
/// let app = App::new().templates(|templates| {
///     templates.filter("shout", |text: String| text.to_uppercase() + "!");
///     templates.global("version", "1.2");
/// });
/// ```
pub struct Setup {
    env: Environment<'static>,
    names: Names,
    folder: Option<(PathBuf, Place)>,
    root: PathBuf,
    files: &'static [(&'static str, &'static [u8])],
    sources: Sources,
    problems: Vec<(String, Option<Place>)>,
}

/// The names that an app adds, for suggestions.
#[derive(Debug, Default)]
pub(super) struct Names {
    pub(super) filters: Vec<String>,
    pub(super) tests: Vec<String>,
}

impl Default for Setup {
    fn default() -> Setup {
        Setup {
            env: environment(),
            names: Names::default(),
            folder: None,
            root: PathBuf::new(),
            files: &[],
            sources: Sources::default(),
            problems: Vec::new(),
        }
    }
}

/// The engine as every app has it.
pub(super) fn environment() -> Environment<'static> {
    let mut env = Environment::new();
    filters::register(&mut env);
    tests::register(&mut env);
    globals::register(&mut env);
    env.set_unknown_method_callback(methods::call);
    env.set_formatter(escape::print);
    set_escaping(&mut env, escape::escapes);
    // Errors name what is undefined, also in production: it costs nothing until there is one.
    env.set_debug(true);
    env
}

fn set_escaping(
    env: &mut Environment<'static>,
    escapes: impl Fn(&str) -> bool + Send + Sync + 'static,
) {
    env.set_auto_escape_callback(move |name| match escapes(name) {
        true => AutoEscape::Html,
        false => AutoEscape::None,
    });
}

impl Setup {
    /// Adds a filter: `{{ name|shout }}`. The value comes first, then the filter's arguments.
    pub fn filter<F, Rv, Args>(&mut self, name: &str, filter: F) -> &mut Setup
    where
        F: Function<Rv, Args>,
        Rv: FunctionResult,
        Args: for<'a> FunctionArgs<'a>,
    {
        self.names.filters.push(name.to_owned());
        self.env.add_filter(name.to_owned(), filter);
        self
    }

    /// Adds a test: `{% if user is admin %}`. The value comes first, then the test's arguments.
    pub fn test<F, Rv, Args>(&mut self, name: &str, test: F) -> &mut Setup
    where
        F: Function<Rv, Args>,
        Rv: FunctionResult,
        Args: for<'a> FunctionArgs<'a>,
    {
        self.names.tests.push(name.to_owned());
        self.env.add_test(name.to_owned(), test);
        self
    }

    /// Adds a value that every template sees.
    pub fn global(&mut self, name: &str, value: impl serde::Serialize) -> &mut Setup {
        self.env.add_global(name.to_owned(), super::serialize::to_value(&value));
        self
    }

    /// Adds a value of the template engine's own kind that every template sees.
    #[inline]
    pub fn global_value(&mut self, name: &str, value: Value) -> &mut Setup {
        self.env.add_global(name.to_owned(), value);
        self
    }

    /// Adds a function that every template can call: `{{ price(item) }}`.
    pub fn function<F, Rv, Args>(&mut self, name: &str, function: F) -> &mut Setup
    where
        F: Function<Rv, Args>,
        Rv: FunctionResult,
        Args: for<'a> FunctionArgs<'a>,
    {
        self.env.add_function(name.to_owned(), function);
        self
    }

    /// The folder of the app's templates, relative to its root. By default the config key
    /// `template_folder`.
    #[track_caller]
    pub fn template_folder(&mut self, folder: impl Into<PathBuf>) -> &mut Setup {
        self.folder = Some((folder.into(), Place::caller()));
        self
    }

    /// Whether the line break after a `{% block %}` is taken away. Default: false.
    #[inline]
    pub fn trim_blocks(&mut self, trim: bool) -> &mut Setup {
        self.change_syntax(|syntax| syntax.trim_blocks(trim).build())
    }

    /// Whether spaces before a `{% block %}` in its line are taken away. Default: false.
    #[inline]
    pub fn lstrip_blocks(&mut self, strip: bool) -> &mut Setup {
        self.change_syntax(|syntax| syntax.lstrip_blocks(strip).build())
    }

    /// Whether the line break at the end of a template stays. Default: false.
    #[inline]
    pub fn keep_trailing_newline(&mut self, keep: bool) -> &mut Setup {
        self.change_syntax(|syntax| syntax.keep_trailing_newline(keep).build())
    }

    #[track_caller]
    fn change_syntax(
        &mut self,
        change: impl FnOnce(
            &mut minijinja::syntax::SyntaxConfigBuilder,
        ) -> Result<SyntaxConfig, minijinja::Error>,
    ) -> &mut Setup {
        match change(&mut self.env.syntax().to_builder()) {
            Ok(syntax) => self.env.set_syntax(syntax),
            Err(error) => {
                let words = format!("the templates' syntax cannot be this: {error}");
                self.problems.push((words, Some(Place::caller())));
            }
        }
        self
    }

    /// Which templates escape the values they print, by name; `<string>` is one from a string.
    /// Default: those named `.html`, `.htm`, `.xml`, `.xhtml` and `.svg`, and those from strings.
    pub fn autoescape(
        &mut self,
        escapes: impl Fn(&str) -> bool + Send + Sync + 'static,
    ) -> &mut Setup {
        set_escaping(&mut self.env, escapes);
        self
    }

    /// Changes the engine itself, for what has no method here: Flask's `jinja_env`.
    pub fn environment(&mut self, change: impl FnOnce(&mut Environment<'static>)) -> &mut Setup {
        change(&mut self.env);
        self
    }

    /// Learns where the app is; its own folder is searched first.
    pub(crate) fn begin(&mut self, root: &Path, package: Option<Package>, settings: &Settings) {
        self.root = root.join(&settings.root).components().collect();
        self.files = package.map_or(&[], |package| package.files);
        self.sources.reloads = settings.reloads_templates();
        self.sources.explains = settings.explain_template_loading;
        match self.folder.take() {
            Some((folder, place)) => self.add_folder(&folder, place),
            None => {
                let folder = Folder::new(&self.root, &settings.template_folder, self.files);
                if !folder.exists()
                    && settings.template_folder != Settings::default().template_folder
                {
                    let words = format!(
                        "the folder `{}` of the config key `template_folder` does not exist",
                        folder.path.display()
                    );
                    self.problems.push((words, None));
                }
                self.sources.folders.push(folder);
            }
        }
    }

    /// Adds a folder that the app or a blueprint names; it is searched after those before it.
    pub(crate) fn add_folder(&mut self, folder: &Path, place: Place) {
        let folder = Folder::new(&self.root, folder, self.files);
        if !folder.exists() {
            let words = format!("the template folder `{}` does not exist", folder.path.display());
            self.problems.push((words, Some(place)));
        }
        self.sources.folders.push(folder);
    }

    /// The engine, ready to render.
    ///
    /// # Errors
    /// All mistakes of the setup, each with its place if it has one.
    pub(crate) fn finish(self) -> Result<Engine, Vec<(String, Option<Place>)>> {
        if !self.problems.is_empty() {
            return Err(self.problems);
        }
        Ok(Engine::new(self.env, Arc::new(self.sources), self.names))
    }
}
