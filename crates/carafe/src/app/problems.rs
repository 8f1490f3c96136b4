//! [`SetupError`]: all mistakes of an app's setup, shown together.

use std::fmt;

use crate::config::ConfigErrors;
use crate::hooks::Place;

/// Why an app cannot be served. Every mistake that was found is listed, each with its place.
#[derive(Debug, Default)]
pub struct SetupError {
    pub(super) problems: Vec<Problem>,
    pub(super) config: Option<ConfigErrors>,
}

/// One mistake.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) words: String,
    pub(super) place: Option<Place>,
    pub(super) hint: Option<String>,
}

impl SetupError {
    pub(super) fn add(&mut self, words: impl Into<String>, place: impl Into<Option<Place>>) {
        self.problems.push(Problem { words: words.into(), place: place.into(), hint: None });
    }

    pub(super) fn add_with_hint(
        &mut self,
        words: impl Into<String>,
        place: impl Into<Option<Place>>,
        hint: impl Into<String>,
    ) {
        let hint = Some(hint.into());
        self.problems.push(Problem { words: words.into(), place: place.into(), hint });
    }

    /// A start-up step, or what the app runs on, failed before the first request.
    #[inline]
    pub(crate) fn of_start(error: &crate::error::Error) -> SetupError {
        let mut errors = SetupError::default();
        errors.add(format!("a start-up step failed: {error}"), None);
        errors
    }

    /// Whether there is no mistake at all, also not in the configuration.
    pub fn is_empty(&self) -> bool {
        self.problems.is_empty() && self.config.is_none()
    }

    /// How many mistakes there are, not counting those of the configuration.
    pub fn len(&self) -> usize {
        self.problems.len()
    }

    /// The mistakes as lines of text, for tests and tools.
    pub fn lines(&self) -> impl Iterator<Item = String> + '_ {
        self.problems.iter().map(|problem| match problem.place {
            Some(place) => format!("{} ({place})", problem.words),
            None => problem.words.clone(),
        })
    }
}

impl fmt::Display for SetupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let wrong: Vec<_> = self.config.iter().flat_map(ConfigErrors::iter).collect();
        if let (Some(config), true) = (&self.config, self.problems.is_empty()) {
            return config.fmt(f);
        }
        let count = self.problems.len() + wrong.len();
        let noun = if count == 1 { "mistake" } else { "mistakes" };
        writeln!(f, "the app cannot start: {count} {noun} in its setup")?;
        for (i, problem) in self.problems.iter().enumerate() {
            writeln!(f, "\n{}. {}", i + 1, problem.words)?;
            if let Some(place) = problem.place {
                writeln!(f, "   at {place}")?;
            }
            if let Some(hint) = &problem.hint {
                writeln!(f, "   hint: {hint}")?;
            }
        }
        for (i, error) in wrong.iter().enumerate() {
            writeln!(f, "\n{}. {error}", self.problems.len() + i + 1)?;
            for line in error.excerpt().into_iter().flat_map(str::lines) {
                writeln!(f, "   {line}")?;
            }
            if let Some(hint) = error.hint() {
                writeln!(f, "   hint: {hint}")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for SetupError {}
