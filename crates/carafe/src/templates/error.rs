//! [`TemplateError`]: what went wrong in a template, where, and what to do.

use std::fmt;

use minijinja::{Error as EngineError, ErrorKind};

pub use super::excerpt::SourceLine;
use super::excerpt::{self, Spot};

/// What went wrong in a template: the place, the lines around it, and what to do.
///
/// `Display` prints all of it; [`TemplateError::message`] is one line. Find it in an error with
/// [`Error::find`](crate::Error::find).
#[non_exhaustive]
pub struct TemplateError {
    /// The template's name; empty when no template was found.
    pub name: String,
    /// The line, from 1; 0 when it is not known.
    pub line: usize,
    /// The column in characters, from 1; 0 when it is not known.
    pub column: usize,
    /// What is wrong, in one line.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// The lines around the place.
    pub lines: Vec<SourceLine>,
    /// The templates that include, import or extend this one, the nearest first, each with the line.
    pub included_by: Vec<(String, usize)>,
    width: usize,
    cause: Option<EngineError>,
}

/// What an error is told with: the sources of templates, and the names that exist.
pub(super) trait Known {
    /// The source of a template.
    fn source(&self, template: &str) -> Option<String>;
    /// The name nearest to one that does not exist, in words.
    fn suggest(&self, what: Missing<'_>) -> Option<String>;
}

/// A name that does not exist.
pub(super) enum Missing<'a> {
    Template(&'a str),
    Filter(&'a str),
    Test(&'a str),
    Variable(&'a str),
}

impl TemplateError {
    /// An error without a place.
    pub(super) fn new(message: impl Into<String>, hint: Option<String>) -> TemplateError {
        TemplateError {
            name: String::new(),
            line: 0,
            column: 0,
            message: message.into(),
            hint,
            lines: Vec::new(),
            included_by: Vec::new(),
            width: 0,
            cause: None,
        }
    }

    /// The engine's error, told in our words.
    pub(super) fn from_engine(error: EngineError, known: &dyn Known) -> TemplateError {
        let (inner, included_by) = innermost(&error);
        let name = inner.name().unwrap_or_default().to_owned();
        let source = inner.template_source().map(str::to_owned).or_else(|| known.source(&name));
        let spot = spot_of(inner, source.as_deref());
        let marked =
            source.as_deref().zip(inner.range()).and_then(|(source, range)| source.get(range));
        let (mut message, mut hint) = words(inner, marked, known);
        let mut cause = own_cause(inner);
        while let Some(next) = cause {
            match next.downcast_ref::<Hint>() {
                Some(Hint(words)) => hint = Some(words.clone()),
                None => message.push_str(&format!(": {next}")),
            }
            cause = next.source();
        }
        let lines = match &source {
            Some(source) if spot.line > 0 => excerpt::lines_around(source, spot.line),
            _ => Vec::new(),
        };
        TemplateError {
            name,
            line: spot.line,
            column: spot.column,
            width: spot.width,
            message,
            hint,
            lines,
            included_by,
            cause: Some(error),
        }
    }

    /// The place and what is wrong, in one line.
    #[inline]
    pub fn summary(&self) -> String {
        let mut text = String::new();
        if !self.name.is_empty() {
            text.push_str(&format!("template `{}`", self.name));
            if self.line > 0 {
                text.push_str(&format!(", line {}", self.line));
            }
            if self.column > 0 {
                text.push_str(&format!(", column {}", self.column));
            }
            text.push_str(": ");
        }
        text.push_str(&self.message);
        text
    }
}

/// A hint that travels through the engine, as the source of its error.
#[derive(Debug)]
pub(super) struct Hint(pub(super) String);

impl fmt::Display for Hint {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Hint {}

/// The first cause that is not one of the engine's own errors.
fn own_cause(error: &EngineError) -> Option<&(dyn std::error::Error + 'static)> {
    let mut cause = std::error::Error::source(error);
    while let Some(engine) = cause.and_then(|cause| cause.downcast_ref::<EngineError>()) {
        cause = std::error::Error::source(engine);
    }
    cause
}

/// The error at the bottom of includes, and the templates on the way to it.
fn innermost(error: &EngineError) -> (&EngineError, Vec<(String, usize)>) {
    let mut inner = error;
    let mut included_by = Vec::new();
    while matches!(inner.kind(), ErrorKind::BadInclude | ErrorKind::EvalBlock)
        && let Some(next) =
            std::error::Error::source(inner).and_then(|e| e.downcast_ref::<EngineError>())
    {
        let place = (inner.name().unwrap_or_default().to_owned(), inner.line().unwrap_or_default());
        if inner.kind() == ErrorKind::BadInclude && !place.0.is_empty() {
            included_by.insert(0, place);
        }
        inner = next;
    }
    (inner, included_by)
}

fn spot_of(error: &EngineError, source: Option<&str>) -> Spot {
    let line = error.line().unwrap_or_default();
    match source.zip(error.range()) {
        Some((source, range)) => Spot::of_range(source, range),
        None => Spot { line, ..Spot::default() },
    }
}

/// The message and the hint.
fn words(error: &EngineError, marked: Option<&str>, known: &dyn Known) -> (String, Option<String>) {
    let detail = error.detail().unwrap_or_default();
    let between =
        |start, end| detail.strip_prefix(start).and_then(|rest: &str| rest.strip_suffix(end));
    match error.kind() {
        ErrorKind::UnknownFilter => match between("filter ", " is unknown") {
            Some(name) => {
                (format!("there is no filter `{name}`"), known.suggest(Missing::Filter(name)))
            }
            None => (detail.to_owned(), None),
        },
        ErrorKind::UnknownTest => match between("test ", " is unknown") {
            Some(name) => {
                (format!("there is no test `{name}`"), known.suggest(Missing::Test(name)))
            }
            None => (detail.to_owned(), None),
        },
        ErrorKind::UnknownFunction => match detail.strip_suffix(" is unknown") {
            Some(name) => {
                (format!("there is no function `{name}`"), known.suggest(Missing::Variable(name)))
            }
            None => (detail.to_owned(), None),
        },
        ErrorKind::TemplateNotFound => match detail.split('"').nth(1) {
            Some(name) => {
                (format!("there is no template `{name}`"), known.suggest(Missing::Template(name)))
            }
            None => (detail.to_owned(), None),
        },
        ErrorKind::UndefinedError => undefined(detail, marked, known),
        ErrorKind::UnknownMethod if detail.contains("is undefined") => {
            undefined(detail, marked, known)
        }
        ErrorKind::UnknownMethod | ErrorKind::InvalidOperation if !detail.is_empty() => {
            (detail.to_owned(), operator_hint(detail))
        }
        kind if detail.is_empty() => (kind.to_string(), None),
        kind => (format!("{kind}: {detail}"), None),
    }
}

/// `user.name` is undefined; when `user` is unknown, the name it may be.
fn undefined(detail: &str, marked: Option<&str>, known: &dyn Known) -> (String, Option<String>) {
    let message = match (detail, marked) {
        ("", Some(marked)) => format!("a value is undefined in `{marked}`"),
        ("", None) => "a value is undefined".to_owned(),
        _ => detail.to_owned(),
    };
    let expression = detail.split('`').nth(1).or(marked).unwrap_or_default();
    let end =
        expression.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(expression.len());
    let (name, rest) = expression.split_at(end);
    let hint = if rest.is_empty() { known.suggest(Missing::Variable(name)) } else { None };
    (message, hint)
}

fn operator_hint(detail: &str) -> Option<String> {
    (detail.contains("% operator") && detail.contains("string"))
        .then(|| "texts are formatted by the filter: `\"%s\"|format(value)`".to_owned())
}

impl fmt::Display for TemplateError {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.summary())?;
        let spot = Spot { line: self.line, column: self.column, width: self.width };
        excerpt::write(f, &self.lines, spot)?;
        for (name, line) in &self.included_by {
            write!(f, "\n  from `{name}`")?;
            if *line > 0 {
                write!(f, ", line {line}")?;
            }
        }
        match &self.hint {
            Some(hint) => write!(f, "\n  hint: {hint}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for TemplateError {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the engine's error: it holds the values of the page.
        write!(f, "TemplateError({})", self.summary())
    }
}

impl std::error::Error for TemplateError {
    #[inline]
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.cause.as_ref().and_then(own_cause).filter(|cause| !cause.is::<Hint>())
    }
}
