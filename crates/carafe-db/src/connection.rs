//! [`Connection`]: one connection of a pool, of either kind, and what is run on it.

use futures_util::TryStreamExt;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgArguments, PgConnection, PgRow};
use sqlx::sqlite::{SqliteArguments, SqliteConnection, SqliteRow};
use sqlx::{FromRow, Postgres, SqlStr, Sqlite};

use crate::args::Bound;

/// A connection that is on loan from its pool.
pub(crate) enum Connection {
    Sqlite(PoolConnection<Sqlite>),
    Postgres(PoolConnection<Postgres>),
}

/// A type that is read from the rows of both databases: tuples of values, and what derives [`FromRow`](crate::FromRow).
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from a row",
    label = "neither a tuple of values, nor a struct that derives `FromRow`",
    note = "write `#[derive(carafe_db::FromRow)]` above it; its fields are columns by their names",
    note = "one column alone is read by `Db::scalar` and `Db::scalars`, or as `(T,)`",
    note = "PostgreSQL has no unsigned numbers: fields are `i32`, `i64`, `f64`, `bool`, `String`, `Vec<u8>`, or an `Option`"
)]
pub trait Record:
    for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin + 'static
{
}

impl<T> Record for T where
    T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin + 'static
{
}

/// What a statement did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Done {
    /// How many rows it inserted, changed or deleted.
    pub rows_affected: u64,
}

/// A statement with its values, not run yet.
pub(crate) struct Statement {
    pub(crate) sql: SqlStr,
    pub(crate) bound: Bound,
}

/// Runs `$body` for whichever database it is; a statement's values are always of its connection's kind.
macro_rules! either {
    ($connection:expr, $statement:expr, |$sql:ident, $args:ident, $on:ident: $kind:ident| $body:expr) => {
        match ($connection, $statement) {
            (Connection::Sqlite(on), Statement { sql: $sql, bound: Bound::Sqlite(args) }) => {
                type $kind = Sqlite;
                let ($on, $args): (&mut SqliteConnection, SqliteArguments) = (&mut *on, args);
                $body
            }
            (Connection::Postgres(on), Statement { sql: $sql, bound: Bound::Postgres(args) }) => {
                type $kind = Postgres;
                let ($on, $args): (&mut PgConnection, PgArguments) = (&mut *on, args);
                $body
            }
            _ => Err(sqlx::Error::InvalidArgument("values of another database".to_owned())),
        }
    };
}

impl Connection {
    pub(crate) async fn all<T: Record>(&mut self, statement: Statement) -> sqlx::Result<Vec<T>> {
        either!(self, statement, |sql, args, on: Kind| {
            sqlx::query_as_with::<Kind, T, _>(sql, args).fetch_all(on).await
        })
    }

    /// The first row. Whether a statement that writes has been committed is known after its last one only: SQLite commits,
    /// and PostgreSQL tells, behind the rows of `returning`.
    pub(crate) async fn first<T: Record>(
        &mut self,
        statement: Statement,
    ) -> sqlx::Result<Option<T>> {
        let to_the_end = !only_reads(statement.sql.as_str());
        either!(self, statement, |sql, args, on: Kind| {
            let query = sqlx::query_as_with::<Kind, T, _>(sql, args);
            if !to_the_end {
                return query.fetch_optional(on).await;
            }
            let mut rows = query.fetch(on);
            let first = rows.try_next().await?;
            while rows.try_next().await?.is_some() {}
            Ok(first)
        })
    }

    pub(crate) async fn execute(&mut self, statement: Statement) -> sqlx::Result<Done> {
        either!(self, statement, |sql, args, on: Kind| {
            let done = sqlx::query_with::<Kind, _>(sql, args).execute(on).await?;
            Ok(Done { rows_affected: done.rows_affected() })
        })
    }

    /// Runs several statements without values, as they stand in a file.
    pub(crate) async fn script(&mut self, sql: SqlStr) -> sqlx::Result<()> {
        match self {
            Connection::Sqlite(on) => sqlx::raw_sql(sql).execute(&mut **on).await.map(drop),
            Connection::Postgres(on) => sqlx::raw_sql(sql).execute(&mut **on).await.map(drop),
        }
    }

    /// Hands each row to `take`, until it wants no more.
    pub(crate) async fn each<T: Record, F>(
        &mut self,
        statement: Statement,
        mut take: impl FnMut(T) -> F + Send,
    ) -> sqlx::Result<()>
    where
        F: Future<Output = bool> + Send,
    {
        let to_the_end = !only_reads(statement.sql.as_str());
        either!(self, statement, |sql, args, on: Kind| {
            let mut rows = sqlx::query_as_with::<Kind, T, _>(sql, args).fetch(on);
            let mut wanted = true;
            while let Some(row) = rows.try_next().await? {
                wanted = wanted && take(row).await;
                if !wanted && !to_the_end {
                    break;
                }
            }
            Ok(())
        })
    }

    /// Closes it for good: what it is doing cannot be waited for.
    pub(crate) fn abandon(&mut self) {
        match self {
            Connection::Sqlite(on) => on.close_on_drop(),
            Connection::Postgres(on) => on.close_on_drop(),
        }
    }
}

/// Whether a statement certainly changes nothing, so that it may be left before its end.
fn only_reads(sql: &str) -> bool {
    let word =
        sql.trim_start().split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
    ["select", "values", "explain"].iter().any(|other| word.eq_ignore_ascii_case(other))
}
