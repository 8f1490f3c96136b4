//! What is wrong in a configuration, told to the person who wrote it.

use std::fmt;

use super::Source;

/// One mistake in the configuration. `Display` is its one line; see [`ConfigErrors`] for the whole story.
#[derive(Clone, Debug)]
pub struct ConfigError(Box<Parts>);

#[derive(Clone, Debug)]
struct Parts {
    message: String,
    key: Option<String>,
    origin: Option<Source>,
    excerpt: Option<String>,
    hint: Option<String>,
}

impl ConfigError {
    pub(super) fn new(message: impl Into<String>) -> ConfigError {
        let message = message.into();
        ConfigError(Box::new(Parts { message, key: None, origin: None, excerpt: None, hint: None }))
    }

    /// A mistake at a key, with its place at the end of the line.
    pub(super) fn at(key: &str, origin: &Source, what: &str) -> ConfigError {
        ConfigError::new(format!("{what} ({origin})")).with_key(key).with_origin(origin.clone())
    }

    pub(super) fn with_key(mut self, key: &str) -> ConfigError {
        self.0.key = Some(key.to_owned());
        self
    }

    pub(super) fn with_origin(mut self, origin: Source) -> ConfigError {
        self.0.origin = Some(origin);
        self
    }

    pub(super) fn with_excerpt(mut self, excerpt: String) -> ConfigError {
        self.0.excerpt = Some(excerpt);
        self
    }

    pub(super) fn with_hint(mut self, hint: impl Into<String>) -> ConfigError {
        self.0.hint = Some(hint.into());
        self
    }

    /// One line: what is wrong, and where.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The dotted key it is about, if it is about one.
    pub fn key(&self) -> Option<&str> {
        self.0.key.as_deref()
    }

    /// Where the wrong value was set, if it was set at all.
    pub fn origin(&self) -> Option<&Source> {
        self.0.origin.as_ref()
    }

    /// The line of the file with a caret under the mistake, for a syntax error.
    pub fn excerpt(&self) -> Option<&str> {
        self.0.excerpt.as_deref()
    }

    /// What to do next, if that is known.
    pub fn hint(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl std::error::Error for ConfigError {}

/// All the mistakes of one load.
///
/// ```
/// let errors = carafe::config::Loader::in_memory().env([("CARAFE_PORT", "eighty")]).load().unwrap_err();
/// assert_eq!(errors.to_string(), "\
/// 1 mistake in the configuration
///
/// 1. `port` must be a number from 0 to 65535, a range such as `8000-8010`, or `auto`, but is `eighty` (the environment variable CARAFE_PORT)
///    hint: the default is 8000");
/// ```
#[derive(Clone, Debug, Default)]
pub struct ConfigErrors(Vec<ConfigError>);

impl ConfigErrors {
    /// The mistakes, in the order in which they were found.
    pub fn iter(&self) -> impl Iterator<Item = &ConfigError> {
        self.0.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds the mistakes of another load or section, to show them together.
    pub fn extend(&mut self, more: impl IntoIterator<Item = ConfigError>) {
        self.0.extend(more);
    }

    pub(super) fn push(&mut self, error: ConfigError) {
        self.0.push(error);
    }

    /// Gives a hint to each mistake that has none, where `hint` knows one for its key.
    pub(super) fn fill_hints(&mut self, hint: impl Fn(&str) -> Option<String>) {
        for ConfigError(error) in self.0.iter_mut().filter(|error| error.hint().is_none()) {
            error.hint = error.key.as_deref().and_then(&hint);
        }
    }

    /// `value` if nothing is wrong.
    pub(super) fn or<T>(self, value: T) -> Result<T, ConfigErrors> {
        if self.is_empty() { Ok(value) } else { Err(self) }
    }
}

impl From<ConfigError> for ConfigErrors {
    #[inline]
    fn from(error: ConfigError) -> ConfigErrors {
        ConfigErrors(vec![error])
    }
}

impl FromIterator<ConfigError> for ConfigErrors {
    fn from_iter<I: IntoIterator<Item = ConfigError>>(errors: I) -> ConfigErrors {
        ConfigErrors(errors.into_iter().collect())
    }
}

impl IntoIterator for ConfigErrors {
    type Item = ConfigError;
    type IntoIter = std::vec::IntoIter<ConfigError>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mistakes = if self.len() == 1 { "mistake" } else { "mistakes" };
        write!(f, "{} {mistakes} in the configuration", self.len())?;
        for (index, error) in self.iter().enumerate() {
            let number = format!("{}. ", index + 1);
            let indent = " ".repeat(number.len());
            write!(f, "\n\n{number}{error}")?;
            for line in error.excerpt().into_iter().flat_map(str::lines) {
                write!(f, "\n{indent}{line}")?;
            }
            if let Some(hint) = error.hint() {
                write!(f, "\n{indent}hint: {hint}")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for ConfigErrors {}
