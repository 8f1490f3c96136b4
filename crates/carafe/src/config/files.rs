//! The files that configuration comes from: on disk, or given as text.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::env::{self, Variable};
use super::toml_file::{self, TomlFile};
use super::{ConfigError, ConfigErrors, dotenv};
use crate::few::SortedMap;

pub(super) const TOML_FILE: &str = "carafe.toml";
const ENV_FILE: &str = ".env";

#[derive(Default)]
pub(super) struct Files {
    pub(super) dir: PathBuf,
    pub(super) reads_disk: bool,
    pub(super) texts: SortedMap<PathBuf, String>,
}

impl Files {
    /// The variables of `.env`, if there is one; `lookup` knows the environment.
    pub(super) fn dot_env(
        &self,
        lookup: &dyn Fn(&str) -> Option<String>,
        errors: &mut ConfigErrors,
    ) -> Vec<Variable> {
        let path = self.dir.join(ENV_FILE);
        let Some(text) = self.read(&path, errors) else {
            return Vec::new();
        };
        let (variables, mistakes) = dotenv::parse(&text, &self.shown(&path), lookup);
        errors.extend(mistakes);
        variables
    }

    /// The file at `path`, which must be there when a variable chose it.
    pub(super) fn toml(
        &self,
        path: &Path,
        chosen_by: Option<&Variable>,
        errors: &mut ConfigErrors,
    ) -> Option<TomlFile> {
        let shown = self.shown(path);
        let before = errors.len();
        let text = self.read(path, errors);
        if let (None, Some(variable)) = (&text, chosen_by)
            && errors.len() == before
        {
            let what = format!("there is no file `{}` ({})", shown.display(), variable.source);
            errors.push(
                ConfigError::new(what)
                    .with_origin(variable.source.clone())
                    .with_hint(format!("make the file, or unset {}", env::FILE)),
            );
        }
        match toml_file::parse(&text?, &shown) {
            Ok(file) => Some(file),
            Err(error) => {
                errors.push(error);
                None
            }
        }
    }

    /// The text of a file, or nothing when there is none.
    fn read(&self, path: &Path, errors: &mut ConfigErrors) -> Option<String> {
        let given = path.strip_prefix(&self.dir).unwrap_or(path);
        if let Some(text) = self.texts.get(given) {
            return Some(text.clone());
        }
        if !self.reads_disk {
            return None;
        }
        match std::fs::read_to_string(path) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => {
                let shown = self.shown(path);
                errors.push(ConfigError::new(format!("cannot read {}: {error}", shown.display())));
                None
            }
        }
    }

    /// The path as messages have it: relative to the app's folder where it lies inside.
    fn shown(&self, path: &Path) -> Arc<Path> {
        path.strip_prefix(&self.dir).unwrap_or(path).into()
    }
}
