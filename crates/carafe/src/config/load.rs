//! Reads every place that configuration comes from, and joins them in order.

use std::ffi::OsString;
use std::panic::Location;
use std::path::PathBuf;

use serde::Serialize;

use super::env::{self, Variable};
use super::files::{Files, TOML_FILE};
use super::show::shown;
use super::toml_file::TomlFile;
use super::tree::{Node, Value};
use super::{Config, ConfigError, ConfigErrors, Profile, Settings, Source, checks};
use crate::few;

/// Collects the places that configuration comes from. Nothing is read that was not given.
///
/// ```no_run
/// use carafe::config::Loader;
///
/// let config = Loader::new(".").env(std::env::vars_os()).arg("--port", "port", "9000").load()?;
/// # Ok::<(), carafe::config::ConfigErrors>(())
/// ```
#[derive(Default)]
pub struct Loader {
    files: Files,
    env: Vec<(OsString, OsString)>,
    code: Vec<Setting>,
    args: Vec<Setting>,
    profile: Option<Profile>,
    known: Option<Vec<String>>,
}

/// A key that was set in code or on the command line.
struct Setting {
    key: String,
    value: Result<Node, ConfigError>,
}

impl Loader {
    /// Reads `carafe.toml` and `.env` in the app's folder, if they are there.
    pub fn new(dir: impl Into<PathBuf>) -> Loader {
        let files = Files { dir: dir.into(), reads_disk: true, ..Files::default() };
        Loader { files, ..Loader::default() }
    }

    /// Reads no files but those given with [`text`](Loader::text).
    pub fn in_memory() -> Loader {
        Loader::default()
    }

    /// Gives a file's text instead of reading it: `carafe.toml`, `.env`, or what `CARAFE_CONFIG` names.
    pub fn text(mut self, path: impl Into<PathBuf>, text: impl Into<String>) -> Loader {
        self.files.texts.insert(path.into(), text.into());
        self
    }

    /// The environment; names that do not begin with `CARAFE_` are passed over.
    pub fn env<K: Into<OsString>, V: Into<OsString>>(
        mut self,
        variables: impl IntoIterator<Item = (K, V)>,
    ) -> Loader {
        self.env.extend(variables.into_iter().map(|(name, value)| (name.into(), value.into())));
        self
    }

    /// A key set in code, by its dotted name. `at` is the line to blame.
    pub fn code(mut self, key: &str, value: impl Serialize, at: &'static Location<'_>) -> Loader {
        let source = Source::Code { file: at.file(), line: at.line() };
        let value = match serde_json::to_value(value) {
            Ok(json) => Ok(Node::from_json(json, &source)),
            Err(error) => {
                let what = format!("`{key}` cannot be a value of the configuration: {error}");
                Err(ConfigError::at(key, &source, &what))
            }
        };
        self.code.push(Setting { key: key.to_owned(), value });
        self
    }

    /// A key set on the command line: the flag as it is typed, the dotted key, and the text.
    pub fn arg(mut self, flag: &str, key: &str, text: impl Into<String>) -> Loader {
        let source = Source::CommandLine { flag: flag.to_owned() };
        let value = Ok(Node::from_text(text.into(), source));
        self.args.push(Setting { key: key.to_owned(), value });
        self
    }

    /// Chooses the profile, whatever `CARAFE_PROFILE` says.
    pub fn profile(mut self, profile: Profile) -> Loader {
        self.profile = Some(profile);
        self
    }

    /// Makes keys an error that are neither Carafe's own nor in or below these: see [`Config::check_unknown`].
    pub fn known<K: Into<String>>(mut self, keys: impl IntoIterator<Item = K>) -> Loader {
        self.known.get_or_insert_default().extend(keys.into_iter().map(Into::into));
        self
    }

    /// Reads and joins everything.
    ///
    /// # Errors
    /// Every mistake in every place, together.
    pub fn load(self) -> Result<Config, ConfigErrors> {
        let mut errors = ConfigErrors::default();
        let environment = self.environment(&mut errors);
        let dot_env = self.files.dot_env(&|name| self.variable(name), &mut errors);
        let profile = self.choose_profile(&environment, &dot_env, &mut errors);
        let (path, chosen_by) = self.choose_file(&environment, &dot_env);
        let file = self.files.toml(&path, chosen_by, &mut errors);

        let defaults = defaults(profile);
        let mut tree = defaults.clone();
        merge_settings(&mut tree, self.code, &mut errors);
        let has_file = file.is_some();
        let mut inactive = Vec::new();
        if let Some(file) = file {
            inactive = merge_file(&mut tree, file, profile, &mut errors);
        }
        errors.extend(env::merge(&mut tree, dot_env));
        errors.extend(env::merge(&mut tree, environment));
        merge_settings(&mut tree, self.args, &mut errors);

        let settings = read_settings(&tree, &mut errors);
        let file = has_file.then_some(path);
        let config =
            Config { tree, settings, profile, dir: self.files.dir, file, defaults, inactive };
        if let Some(known) = &self.known {
            errors.extend(config.unknown(known));
        }
        errors.fill_hints(|key| default_hint(&config.defaults, key));
        errors.or(config)
    }

    /// What the environment has under this name, as text.
    fn variable(&self, name: &str) -> Option<String> {
        let (_, value) = self.env.iter().rfind(|(own, _)| own == name)?;
        value.to_str().map(str::to_owned)
    }

    fn environment(&self, errors: &mut ConfigErrors) -> Vec<Variable> {
        let mut variables = Vec::new();
        for (name, text) in &self.env {
            let Some(name) = name.to_str().filter(|name| env::is_ours(name)) else {
                continue;
            };
            let (name, source) = (name.to_owned(), Source::Env { name: name.to_owned() });
            match text.to_str() {
                Some(text) => variables.push(Variable { name, text: text.to_owned(), source }),
                None => errors.push(
                    ConfigError::new(format!("{source} is not valid UTF-8")).with_origin(source),
                ),
            }
        }
        // So that the outcome does not hang on the order of the environment: outer keys first.
        few::sort_by(&mut variables, |a, b| a.name.cmp(&b.name));
        variables
    }

    fn choose_profile(
        &self,
        environment: &[Variable],
        dot_env: &[Variable],
        errors: &mut ConfigErrors,
    ) -> Profile {
        if let Some(profile) = self.profile {
            return profile;
        }
        let Some(variable) = last_named(env::PROFILE, environment, dot_env) else {
            return Profile::of_build();
        };
        variable.text.trim().parse().unwrap_or_else(|words| {
            let error = ConfigError::new(format!("{words} ({})", variable.source));
            let near = Profile::closest(&variable.text);
            let hint = near.map(|near| format!("did you mean `{near}`?"));
            let error = error.with_origin(variable.source.clone());
            errors.push(hint.into_iter().fold(error, ConfigError::with_hint));
            Profile::of_build()
        })
    }

    /// The file, and the variable that chose it.
    fn choose_file<'a>(
        &self,
        environment: &'a [Variable],
        dot_env: &'a [Variable],
    ) -> (PathBuf, Option<&'a Variable>) {
        let chosen = last_named(env::FILE, environment, dot_env)
            .filter(|variable| !variable.text.is_empty());
        let name = chosen.map_or(TOML_FILE, |variable| &variable.text);
        (self.files.dir.join(name), chosen)
    }
}

/// The environment's, else the one of `.env`; in each the last.
fn last_named<'a>(
    name: &str,
    environment: &'a [Variable],
    dot_env: &'a [Variable],
) -> Option<&'a Variable> {
    let is_named = |variable: &&Variable| variable.name == name;
    environment.iter().rfind(is_named).or_else(|| dot_env.iter().rfind(is_named))
}

fn defaults(profile: Profile) -> Node {
    Node::new(Value::Table(Settings::for_profile(profile).to_table()), Source::Default)
}

fn merge_settings(tree: &mut Node, settings: Vec<Setting>, errors: &mut ConfigErrors) {
    for Setting { key, value } in settings {
        match value {
            Ok(node) => tree.merge_at(&key.split('.').collect::<Vec<_>>(), node),
            Err(error) => errors.push(error),
        }
    }
}

/// Merges the top level and the active profile; gives back the sections of the others, whose types are checked.
fn merge_file(
    tree: &mut Node,
    file: TomlFile,
    active: Profile,
    errors: &mut ConfigErrors,
) -> Vec<Node> {
    let mut inactive = Vec::new();
    errors.extend(file.errors);
    tree.merge(file.top);
    for (profile, section) in file.profiles {
        if profile == active {
            tree.merge(section);
        } else {
            if let Err(mistakes) = Settings::read(&section) {
                errors.extend(mistakes);
            }
            inactive.push(section);
        }
    }
    inactive
}

fn read_settings(tree: &Node, errors: &mut ConfigErrors) -> Settings {
    match Settings::read(tree) {
        Ok(settings) => {
            errors.extend(checks::check(&settings, tree));
            settings
        }
        Err(mistakes) => {
            errors.extend(mistakes);
            Settings::default()
        }
    }
}

fn default_hint(defaults: &Node, key: &str) -> Option<String> {
    match defaults.find(key) {
        Some(Node { value: Value::Null, .. }) | None => None,
        Some(node) => Some(format!("the default is {}", shown(key, node))),
    }
}
