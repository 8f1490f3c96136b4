//! [`Error`]: what a database refused, in words, with a [`Kind`] to decide by; and the answer that it leads to.

mod meaning;

use std::error::Error as StdError;
use std::fmt;

pub(crate) use self::meaning::{Context, explain};

/// The result of asking a database.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What kind of failure it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// A row with this value of a unique column is there already.
    Unique,
    /// A row refers to one that is not there, or is referred to by another.
    ForeignKey,
    /// A column that must have a value was given none.
    NotNull,
    /// A value breaks a `check` of its table, or an exclusion.
    Check,
    /// No row where one was needed, or no such page.
    NotFound,
    /// Every connection of the pool was in use for too long.
    Exhausted,
    /// Other transactions kept the database, or a row of it, for too long.
    Busy,
    /// Two transactions got into each other's way; the same again may succeed.
    Conflict,
    /// The database cannot be reached, or went away.
    Unavailable,
    /// A statement took longer than it may.
    Timeout,
    /// No space is left for the database.
    Full,
    /// The database, or its file, may not be written.
    ReadOnly,
    /// The statement is wrong: its syntax, a table or a column that is not there.
    Statement,
    /// A row does not fit the type that it is read into.
    Decode,
    /// Something is wrong with the migrations.
    Migration,
    /// Something is wrong with the settings under `db`.
    Settings,
    /// The program asks for what cannot be done.
    Misuse,
    /// Anything else.
    Other,
}

impl Kind {
    /// Whether a constraint of the database refused the data: the client's doing, rather than the program's.
    pub fn is_constraint(self) -> bool {
        matches!(self, Kind::Unique | Kind::ForeignKey | Kind::NotNull | Kind::Check)
    }

    /// Whether the same may succeed a moment later.
    pub fn is_passing(self) -> bool {
        matches!(
            self,
            Kind::Exhausted
                | Kind::Busy
                | Kind::Conflict
                | Kind::Unavailable
                | Kind::Timeout
                | Kind::Full
        )
    }
}

/// Why a database did not do what it was asked.
///
/// By `?` in a handler it becomes an answer: 409 for a constraint, 404 for no such page, 503 with `Retry-After` for what
/// may pass (which is logged), and 500 otherwise. The client is never told more than that; the words are for the log
/// and for the developer.
///
/// ```
/// # use carafe::prelude::*;
/// # use carafe_db::{Db, Kind};
/// #[post("/users")]
/// async fn sign_up(db: Db) -> Result<&'static str> {
///     match db.execute("insert into users (email) values (?)", ["ann@example.com"]).await {
///         Ok(_) => Ok("welcome"),
///         Err(error) if error.kind() == Kind::Unique => Ok("this address is taken"),
///         Err(error) => Err(error.into()),
///     }
/// }
/// ```
///
/// As [`carafe::Error`] it is no `std::error::Error`, but becomes one by `into`; in `carafe::Error::find` and
/// `#[error(..)]` it is a [`Failure`].
pub struct Error(Box<Failure>);

/// An [`Error`] as the cause of a [`carafe::Error`].
pub struct Failure {
    kind: Kind,
    words: String,
    hints: Vec<String>,
    constraint: Option<String>,
    source: Option<sqlx::Error>,
}

impl Error {
    pub(crate) fn new(kind: Kind, words: impl Into<String>) -> Error {
        let (hints, constraint, source) = (Vec::new(), None, None);
        Error(Box::new(Failure { kind, words: words.into(), hints, constraint, source }))
    }

    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Error {
        self.0.hints.push(hint.into());
        self
    }

    #[must_use]
    pub(crate) fn caused_by(mut self, source: sqlx::Error) -> Error {
        self.0.source = Some(source);
        self
    }

    #[must_use]
    pub(crate) fn of_constraint(mut self, name: Option<String>) -> Error {
        self.0.constraint = name;
        self
    }

    /// What kind of failure it was.
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// The constraint that refused the data: its name in PostgreSQL (`users_email_key`), its columns in SQLite
    /// (`users.email`), or the `check`'s name; where the database tells.
    pub fn constraint(&self) -> Option<&str> {
        self.0.constraint()
    }

    /// Whether a unique column, or one of several that are unique together, is to blame: `users.email`.
    ///
    /// PostgreSQL tells only the constraint's name; one that it named itself (`users_email_key`) is understood.
    pub fn is_unique(&self, column: &str) -> bool {
        self.kind() == Kind::Unique
            && self.constraint().is_some_and(|name| meaning::concerns(name, column))
    }

    /// The same as an error of the standard kind, to be found among the causes of another.
    pub fn into_failure(self) -> Failure {
        *self.0
    }
}

impl Failure {
    /// What kind of failure it was.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// As [`Error::constraint`].
    pub fn constraint(&self) -> Option<&str> {
        self.constraint.as_deref()
    }
}

impl fmt::Display for Failure {
    /// The words, those of the database, and what to do next.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words)?;
        if let Some(source) = &self.source {
            write!(f, ": {}", meaning::words_of(source))?;
        }
        if !self.hints.is_empty() {
            f.write_str("\n")?;
        }
        self.hints.iter().try_for_each(|hint| write!(f, "\nhint: {hint}"))
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {self}", self.kind)
    }
}

impl StdError for Failure {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_ref().map(meaning::cause_of)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl From<Error> for Box<dyn StdError + Send + Sync> {
    fn from(error: Error) -> Self {
        error.0
    }
}

impl From<Error> for Box<dyn StdError> {
    fn from(error: Error) -> Self {
        error.0
    }
}

impl From<Error> for carafe::Error {
    fn from(error: Error) -> carafe::Error {
        let kind = error.kind();
        let answer = match kind {
            kind if kind.is_constraint() => {
                carafe::abort(409).describe("this does not go together with what is stored already")
            }
            Kind::NotFound => carafe::abort(404),
            kind if kind.is_passing() => {
                // Only a 500 is logged by itself.
                tracing::error!(target: "carafe::db", "{}", one_line(&error.to_string()));
                carafe::abort(503)
                    .describe("the database is not ready; please try again")
                    .with_header("retry-after", "1")
            }
            _ => carafe::abort(500),
        };
        answer.caused_by(*error.0)
    }
}

/// Words with their hints on one line, as a log wants them.
pub(crate) fn one_line(words: &str) -> String {
    words.replace("\n\n", "; ").replace('\n', "; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn becomes_an_answer() {
        let check = |kind: Kind, status: u16| {
            let error = Error::new(kind, "a secret detail").hint("do this");
            assert_eq!(error.to_string(), "a secret detail\n\nhint: do this");
            let answer = carafe::Error::from(error);
            assert_eq!(answer.status(), status, "{kind:?}");
            assert!(!answer.description().contains("secret"));
            assert_eq!(answer.find::<Failure>().unwrap().kind(), kind);
        };
        check(Kind::Unique, 409);
        check(Kind::Check, 409);
        check(Kind::NotFound, 404);
        check(Kind::Exhausted, 503);
        check(Kind::Full, 503);
        check(Kind::Statement, 500);
        let boxed: Box<dyn StdError + Send + Sync> = Error::new(Kind::Busy, "busy").into();
        assert_eq!(boxed.to_string(), "busy");
    }
}
