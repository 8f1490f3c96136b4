//! From what a driver says to what it means here: a kind, words, and what to do next.

use std::error::Error as StdError;

use sqlx::error::{DatabaseError, ErrorKind};

use super::{Error, Kind};
use crate::Dialect;

/// What has to be known beside the driver's error to explain it.
pub(crate) struct Context<'a> {
    /// The name of the database, such as `default`.
    pub(crate) name: &'a str,
    pub(crate) dialect: Dialect,
    /// Its URL without the password.
    pub(crate) url: &'a str,
    /// How many connections the pool may have, and has.
    pub(crate) pool: (u32, u32),
    pub(crate) acquire_timeout: std::time::Duration,
}

impl Context<'_> {
    /// The setting's key: `db.pool`, or `db.binds.reports.pool`.
    pub(crate) fn key(&self, name: &str) -> String {
        crate::settings::key(self.name, name)
    }
}

/// The innermost error that the driver tells of, without the words that only say that there is one.
pub(super) fn cause_of(error: &sqlx::Error) -> &(dyn StdError + 'static) {
    match error {
        sqlx::Error::Database(error) => &**error,
        sqlx::Error::Io(error) => error,
        sqlx::Error::Tls(error)
        | sqlx::Error::Configuration(error)
        | sqlx::Error::Encode(error)
        | sqlx::Error::Decode(error)
        | sqlx::Error::ColumnDecode { source: error, .. } => &**error,
        other => other,
    }
}

/// Its words, on one line.
pub(super) fn words_of(error: &sqlx::Error) -> String {
    super::one_line(&cause_of(error).to_string())
}

/// What a driver's error means.
pub(crate) fn explain(error: sqlx::Error, context: &Context<'_>) -> Error {
    let name = context.name;
    match &error {
        sqlx::Error::PoolTimedOut => pool_timed_out(context),
        sqlx::Error::PoolClosed => {
            Error::new(Kind::Unavailable, format!("the database `{name}` is closed: the app is stopping"))
        }
        sqlx::Error::Io(io) if io.kind() == std::io::ErrorKind::StorageFull => full(context).caused_by(error),
        sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed => {
            let words = format!("the connection to the database `{name}` ({}) failed", context.url);
            Error::new(Kind::Unavailable, words).caused_by(error)
        }
        sqlx::Error::Tls(_) => tls(context).caused_by(error),
        sqlx::Error::RowNotFound => {
            Error::new(Kind::NotFound, "the statement gave no row where one was needed").caused_by(error)
        }
        sqlx::Error::ColumnDecode { index, .. } => {
            let words = format!("the column {} does not fit its type", index.replace('"', "`"));
            Error::new(Kind::Decode, words).caused_by(error)
        }
        sqlx::Error::Decode(_) => Error::new(Kind::Decode, "a row does not fit its type").caused_by(error),
        sqlx::Error::ColumnNotFound(column) => {
            Error::new(Kind::Decode, format!("the row has no column `{column}`"))
                .hint("the type is read by the names of its fields; `select` them, or say `#[row(rename = \"..\")]`")
                .caused_by(error)
        }
        sqlx::Error::Configuration(_) => {
            let words = format!("the setting `{}` cannot be used", context.key("url"));
            Error::new(Kind::Settings, words).caused_by(error)
        }
        sqlx::Error::Database(database) => {
            let (kind, constraint) = (kind_of(&**database, context), constraint_of(&**database));
            told(kind, context, &**database).of_constraint(constraint).caused_by(error)
        }
        _ => Error::new(Kind::Other, format!("the database `{name}` failed")).caused_by(error),
    }
}

/// Either all connections are in use, or none can be opened.
fn pool_timed_out(context: &Context<'_>) -> Error {
    let Context { name, url, pool: (most, open), acquire_timeout, .. } = context;
    if open < most {
        let words =
            format!("the database `{name}` ({url}) accepted no connection for {acquire_timeout:?}");
        return Error::new(Kind::Unavailable, words)
            .hint("is it running, and can it be reached from here?");
    }
    let words = format!(
        "all {most} connections of the database `{name}` were in use for {acquire_timeout:?}"
    );
    Error::new(Kind::Exhausted, words)
        .hint(format!(
            "`{}` is how many there are, `{}` how long a request waits for one",
            context.key("pool"),
            context.key("acquire_timeout")
        ))
        .hint("a transaction or a stream of rows keeps its connection until it is over")
}

fn full(context: &Context<'_>) -> Error {
    let words =
        format!("the database `{}` ({}) cannot write: the disk is full", context.name, context.url);
    Error::new(Kind::Full, words).hint("nothing was lost; it goes on as soon as there is space")
}

fn tls(context: &Context<'_>) -> Error {
    let words =
        format!("the database `{}` ({}) could not be reached by TLS", context.name, context.url);
    match cfg!(feature = "tls") {
        true => Error::new(Kind::Unavailable, words).hint(
            "`?sslmode=verify-full&sslrootcert=ca.pem` names a certificate authority of your own",
        ),
        false => Error::new(Kind::Unavailable, words)
            .hint("carafe-db is built without its feature `tls`"),
    }
}

fn kind_of(error: &dyn DatabaseError, context: &Context<'_>) -> Kind {
    match error.kind() {
        ErrorKind::UniqueViolation => return Kind::Unique,
        ErrorKind::ForeignKeyViolation => return Kind::ForeignKey,
        ErrorKind::NotNullViolation => return Kind::NotNull,
        ErrorKind::CheckViolation | ErrorKind::ExclusionViolation => return Kind::Check,
        _ => {}
    }
    let code = error.code().unwrap_or_default();
    match context.dialect {
        Dialect::Sqlite => sqlite(code.parse().unwrap_or_default(), error.message()),
        Dialect::Postgres => postgres(&code),
    }
}

/// SQLite's result codes; the lower eight bits are the main one (<https://sqlite.org/rescode.html>).
fn sqlite(code: u32, message: &str) -> Kind {
    match code & 0xff {
        5 | 6 => Kind::Busy,
        8 => Kind::ReadOnly,
        // The WAL's index cannot grow: the only way that a full disk shows there.
        10 if matches!(code >> 8, 18..=21) => Kind::Full,
        10 | 14 => Kind::Unavailable,
        13 => Kind::Full,
        // A unique index over an expression, a trigger's `raise`, a wrong type in a strict table.
        19 => Kind::Check,
        11 | 26 => Kind::Other,
        1 if message.contains("readonly") => Kind::ReadOnly,
        1 | 20 | 21 | 25 => Kind::Statement,
        _ => Kind::Other,
    }
}

/// PostgreSQL's codes (<https://www.postgresql.org/docs/current/errcodes-appendix.html>).
fn postgres(code: &str) -> Kind {
    match code {
        "40001" | "40P01" => Kind::Conflict,
        "55P03" => Kind::Busy,
        "57014" => Kind::Timeout,
        "53100" => Kind::Full,
        "53300" => Kind::Exhausted,
        "25006" => Kind::ReadOnly,
        "3D000" | "28000" | "28P01" => Kind::Settings,
        code if code.starts_with("08") || code.starts_with("57P") => Kind::Unavailable,
        code if code.starts_with("42") => Kind::Statement,
        _ => Kind::Other,
    }
}

/// The words for an error that the database itself told.
fn told(kind: Kind, context: &Context<'_>, error: &dyn DatabaseError) -> Error {
    let Context { name, url, .. } = context;
    match kind {
        Kind::Unique => Error::new(kind, "there is such a row already"),
        Kind::ForeignKey => Error::new(kind, "a row refers to one that is not there"),
        Kind::NotNull => Error::new(kind, "a value is missing"),
        Kind::Check => Error::new(kind, "a value is refused by its table"),
        Kind::Full => full(context),
        Kind::Busy => {
            Error::new(kind, format!("the database `{name}` was kept by other transactions"))
                .hint(
                    "keep transactions short: nothing slow between their first write and their end",
                )
                .hint(format!("`{}` is how long a write waits", context.key("busy_timeout")))
        }
        Kind::Conflict => Error::new(kind, "two transactions got into each other's way")
            .hint("the same again may succeed"),
        Kind::Timeout => Error::new(kind, "a statement was ended, since it took too long")
            .hint(format!("`{}` is how long it may take", context.key("statement_timeout"))),
        Kind::ReadOnly => {
            Error::new(kind, format!("the database `{name}` ({url}) may not be written"))
                .hint("who owns the file and its folder, and may this user write both?")
        }
        Kind::Settings => {
            Error::new(kind, format!("the database `{name}` ({url}) refused the connection")).hint(
                format!(
                    "the setting `{}` names its user, its password and its name",
                    context.key("url")
                ),
            )
        }
        Kind::Unavailable if context.dialect == Dialect::Sqlite => {
            Error::new(kind, format!("the database `{name}` ({url}) cannot be opened or read"))
                .hint("does its folder exist, and may this user write it?")
        }
        Kind::Unavailable => Error::new(kind, format!("the database `{name}` ({url}) went away")),
        Kind::Statement if names_no_table(error) => Error::new(kind, "a table is missing")
            .hint("`db status` tells whether a migration is pending"),
        Kind::Statement => Error::new(kind, "a statement is wrong"),
        _ => Error::new(kind, format!("the database `{name}` failed")),
    }
}

fn names_no_table(error: &dyn DatabaseError) -> bool {
    error.code().as_deref() == Some("42P01") || error.message().starts_with("no such table")
}

/// PostgreSQL names the constraint; SQLite ends its message with the columns: `.. failed: users.email`.
fn constraint_of(error: &dyn DatabaseError) -> Option<String> {
    if let Some(name) = error.constraint() {
        return Some(name.to_owned());
    }
    let (_, after) = error.message().split_once("constraint failed: ")?;
    Some(after.to_owned()).filter(|name| !name.is_empty())
}

/// Whether a constraint, as a database tells it, is about a column such as `users.email`.
pub(super) fn concerns(constraint: &str, column: &str) -> bool {
    let columns = constraint.split(", ").any(|name| name == column);
    // PostgreSQL's own names: `users_email_key`, `users_email_name_key`.
    let own = column.split_once('.').is_some_and(|(table, column)| {
        constraint
            .strip_prefix(table)
            .and_then(|rest| rest.strip_prefix('_')?.strip_suffix("_key"))
            .is_some_and(|columns| format!("_{columns}_").contains(&format!("_{column}_")))
    });
    columns || own
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_of_constraints() {
        let check = |constraint: &str, column: &str, expected: bool| {
            assert_eq!(concerns(constraint, column), expected, "{constraint} {column}");
        };
        check("users.email", "users.email", true);
        check("users.email, users.name", "users.name", true);
        check("users_email_key", "users.email", true);
        check("users_email_name_key", "users.name", true);
        check("users_email_key", "users.mail", false);
        check("users_email_key", "user.email", false);
        check("own_name", "users.email", false);
    }

    #[test]
    fn codes() {
        assert_eq!(sqlite(5, ""), Kind::Busy);
        assert_eq!(sqlite(517, ""), Kind::Busy);
        assert_eq!(sqlite(13, ""), Kind::Full);
        assert_eq!(sqlite(4874, ""), Kind::Full);
        assert_eq!(sqlite(1, "no such table: x"), Kind::Statement);
        assert_eq!(postgres("57P01"), Kind::Unavailable);
        assert_eq!(postgres("42703"), Kind::Statement);
        assert_eq!(postgres("53100"), Kind::Full);
        assert_eq!(postgres("XX000"), Kind::Other);
    }

    #[test]
    fn says_who_is_to_blame() {
        let check = |open: u32, expected: &str| {
            let context = Context {
                name: "default",
                dialect: Dialect::Postgres,
                url: "postgres://app@db/app",
                pool: (10, open),
                acquire_timeout: std::time::Duration::from_secs(5),
            };
            assert_eq!(explain(sqlx::Error::PoolTimedOut, &context).to_string(), expected);
        };
        check(
            10,
            "all 10 connections of the database `default` were in use for 5s\n\n\
             hint: `db.pool` is how many there are, `db.acquire_timeout` how long a request waits for one\n\
             hint: a transaction or a stream of rows keeps its connection until it is over",
        );
        check(
            0,
            "the database `default` (postgres://app@db/app) accepted no connection for 5s\n\n\
             hint: is it running, and can it be reached from here?",
        );
    }
}
