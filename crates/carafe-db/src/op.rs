//! Running a statement: on the transaction that it belongs to, or on a connection of its own; watched and in time.

use std::marker::PhantomData;
use std::time::Duration;

use sqlx::SqlStr;

use crate::args::{Args, Bound};
use crate::connection::{Connection, Done, Record, Statement};
use crate::db::Db;
use crate::error::{Error, Kind, Result};
use crate::observe::Watch;
use crate::placeholders::numbered;
use crate::url::Dialect;

/// What to do with a statement.
pub(crate) trait Op: Send + 'static {
    type Out: Send + 'static;

    fn run(
        self,
        on: &mut Connection,
        statement: Statement,
    ) -> impl Future<Output = sqlx::Result<Self::Out>> + Send;

    /// How many rows came back, or were changed.
    fn rows(out: &Self::Out) -> u64;
}

pub(crate) struct All<T>(pub(crate) PhantomData<fn() -> T>);

impl<T: Record> Op for All<T> {
    type Out = Vec<T>;

    async fn run(self, on: &mut Connection, statement: Statement) -> sqlx::Result<Vec<T>> {
        on.all(statement).await
    }

    fn rows(out: &Vec<T>) -> u64 {
        out.len() as u64
    }
}

pub(crate) struct First<T>(pub(crate) PhantomData<fn() -> T>);

impl<T: Record> Op for First<T> {
    type Out = Option<T>;

    async fn run(self, on: &mut Connection, statement: Statement) -> sqlx::Result<Option<T>> {
        on.first(statement).await
    }

    fn rows(out: &Option<T>) -> u64 {
        u64::from(out.is_some())
    }
}

pub(crate) struct Execute;

impl Op for Execute {
    type Out = Done;

    async fn run(self, on: &mut Connection, statement: Statement) -> sqlx::Result<Done> {
        on.execute(statement).await
    }

    fn rows(out: &Done) -> u64 {
        out.rows_affected
    }
}

pub(crate) struct Script;

impl Op for Script {
    type Out = ();

    async fn run(self, on: &mut Connection, statement: Statement) -> sqlx::Result<()> {
        on.script(statement.sql).await
    }

    fn rows((): &()) -> u64 {
        0
    }
}

/// Hands every row to a channel.
pub(crate) struct Each<T>(pub(crate) tokio::sync::mpsc::Sender<T>);

impl<T: Record> Op for Each<T> {
    type Out = u64;

    async fn run(self, on: &mut Connection, statement: Statement) -> sqlx::Result<u64> {
        let mut count = 0;
        on.each(statement, |row| {
            count += 1;
            let sender = &self.0;
            async move { sender.send(row).await.is_ok() }
        })
        .await?;
        Ok(count)
    }

    fn rows(out: &u64) -> u64 {
        *out
    }
}

/// A statement as its database takes it, and its values.
pub(crate) fn prepare<'q>(
    dialect: Dialect,
    sql: &SqlStr,
    args: impl Args<'q>,
) -> Result<Statement> {
    let bound = Bound::new(dialect, args)?;
    Ok(Statement { sql: translate(dialect, sql), bound })
}

pub(crate) fn translate(dialect: Dialect, sql: &SqlStr) -> SqlStr {
    use sqlx::{AssertSqlSafe, SqlSafeStr};
    match dialect {
        Dialect::Sqlite => sql.clone(),
        Dialect::Postgres => match numbered(sql.as_str()) {
            std::borrow::Cow::Borrowed(_) => sql.clone(),
            std::borrow::Cow::Owned(text) => AssertSqlSafe(text).into_sql_str(),
        },
    }
}

/// Runs a statement where it belongs. To be polled inside the runtime.
pub(crate) async fn perform<O: Op>(
    db: Db,
    sql: SqlStr,
    statement: Statement,
    op: O,
) -> Result<O::Out> {
    let base = &db.base;
    let undoes = sql.as_str().starts_with("rollback to savepoint");
    let result = match db.transaction() {
        Some(cell) => {
            let mut locked = cell.lock().await?;
            let Some(open) = locked.open() else { return Err(crate::transaction::over()) };
            let watch = Watch::begin(base, sql);
            let result =
                in_time(base.options.statement_timeout, open.connection(), statement, op).await;
            open.note(base.dialect(), &result);
            if undoes && result.is_ok() {
                open.forgive();
            }
            watch.end(result.as_ref().map(O::rows).ok());
            result
        }
        None => {
            // Its turn comes before its connection: who waits to write keeps nobody from reading.
            let _turn = match writes(sql.as_str()) {
                true => base.turn().await?,
                false => None,
            };
            let mut connection = base.connection().await?;
            let watch = Watch::begin(base, sql);
            let result =
                in_time(base.options.statement_timeout, &mut connection, statement, op).await;
            watch.end(result.as_ref().map(O::rows).ok());
            result
        }
    };
    result.map_err(|error| match error {
        sqlx::Error::PoolTimedOut => too_slow(&db),
        error => base.explain(error),
    })
}

/// Ends a statement that takes too long, with its connection. PostgreSQL ends it by itself, a moment earlier.
async fn in_time<O: Op>(
    limit: Option<Duration>,
    connection: &mut Connection,
    statement: Statement,
    op: O,
) -> sqlx::Result<O::Out> {
    let Some(limit) = limit else { return op.run(connection, statement).await };
    let grace = match connection {
        Connection::Sqlite(_) => Duration::ZERO,
        Connection::Postgres(_) => Duration::from_secs(1),
    };
    let timed = tokio::time::timeout(limit + grace, op.run(connection, statement)).await;
    timed.unwrap_or_else(|_| {
        connection.abandon();
        Err(sqlx::Error::PoolTimedOut)
    })
}

fn too_slow(db: &Db) -> Error {
    let limit = db.base.options.statement_timeout.unwrap_or_default();
    let key = crate::settings::key(db.base.name(), "statement_timeout");
    Error::new(Kind::Timeout, format!("a statement was ended after {limit:?}"))
        .hint(format!("`{key}` is how long it may take"))
}

/// Whether a statement writes, as far as its first word tells. One that is not seen waits for the file's own lock.
fn writes(sql: &str) -> bool {
    const WORDS: [&str; 9] =
        ["insert", "update", "delete", "replace", "create", "drop", "alter", "vacuum", "reindex"];
    let word =
        sql.trim_start().split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
    WORDS.iter().any(|other| word.eq_ignore_ascii_case(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_what_writes() {
        let check = |sql: &str, expected: bool| assert_eq!(writes(sql), expected, "{sql}");
        check("insert into users values (1)", true);
        check("\n  UPDATE users set x = 1", true);
        check("select * from updates", false);
        check("", false);
        check("with x as (select 1) select * from x", false);
        check("drop table x", true);
    }
}
