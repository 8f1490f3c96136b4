//! [`Db`]: what handlers and commands ask the database by.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};

use crate::args::{Args, Value};
use crate::base::Base;
use crate::call::Call;
use crate::connection::{Done, Record, Statement};
use crate::databases::Databases;
use crate::error::{Error, Kind, Result};
use crate::op::{All, Each, Execute, First, Op, Script, perform, prepare};
use crate::pagination::{PageQuery, Pagination};
use crate::request::Scope;
use crate::rows::Rows;
use crate::transaction::{Cell, Tx};
use crate::url::Dialect;

/// A database of the app: an argument of handlers and of commands.
///
/// Every method gives a [`Call`]: `.await` it in an `async fn`, `.wait()` for it in a plain `fn`. Values stand for `?`, in order, on
/// SQLite and on PostgreSQL alike (`??` is PostgreSQL's operator `?`). A statement is a literal; text
/// that is put together at run time is wrapped in [`AssertSqlSafe`](crate::AssertSqlSafe), by someone who
/// has made sure that nothing in it comes from outside.
///
/// ```
/// use carafe::prelude::*;
/// use carafe_db::{Database, Db, FromRow, migrations};
///
/// #[derive(FromRow, serde::Serialize)]
/// struct Note {
///     id: i64,
///     text: String,
/// }
///
/// #[get("/notes/<int:id>")]
/// fn show(id: i64, db: Db) -> Result<Json<Note>> {
///     let note = db.query_one::<Note>("select id, text from notes where id = ?", [id]).wait()?;
///     Ok(Json(note.or_404()?))
/// }
///
/// #[post("/notes")]
/// async fn write(request: &Request, db: Db) -> Result<String> {
///     let id = db.insert("insert into notes (text) values (?)", [request.text().await?]).await?;
///     Ok(id.to_string())
/// }
///
/// let app = App::new()
///     .extension(Database::from_config().migrations(migrations!("tests/migrations")))
///     .routes(routes![show, write]);
/// let client = app.test_client();
/// assert_eq!(client.post("/notes").text("hello").send().text(), "1");
/// assert_eq!(client.get("/notes/1").send().json::<serde_json::Value>()["text"], "hello");
/// assert_eq!(client.get("/notes/2").send().status(), 404);
/// ```
#[derive(Clone)]
pub struct Db {
    pub(crate) base: Arc<Base>,
    scope: Scope,
    databases: Databases,
}

impl Db {
    pub(crate) fn new(base: Arc<Base>, scope: Scope, databases: Databases) -> Db {
        Db { base, scope, databases }
    }

    /// The only row, or the first; `None` when there is none: `.await?.or_404()?`.
    ///
    /// # Errors
    /// What the database refused, or that the row does not fit `T`.
    pub fn query_one<'q, T: Record>(
        &self,
        sql: impl SqlSafeStr,
        args: impl Args<'q>,
    ) -> Call<Option<T>> {
        self.ask(sql, args, First(PhantomData))
    }

    /// All rows. For more than fit in memory there is [`Db::stream`].
    ///
    /// # Errors
    /// As [`Db::query_one`].
    pub fn fetch_all<'q, T: Record>(
        &self,
        sql: impl SqlSafeStr,
        args: impl Args<'q>,
    ) -> Call<Vec<T>> {
        self.ask(sql, args, All(PhantomData))
    }

    /// The row that must be there, such as that of an `insert .. returning *`.
    ///
    /// # Errors
    /// As [`Db::query_one`], and [`Kind::NotFound`] when there is no row.
    pub fn fetch_one<'q, T: Record>(&self, sql: impl SqlSafeStr, args: impl Args<'q>) -> Call<T> {
        let row = self.query_one(sql, args);
        Call::new(self.base.runtime.clone(), async move {
            let words = "the statement gave no row where one was needed";
            row.await?.ok_or_else(|| Error::new(Kind::NotFound, words))
        })
    }

    /// The first column of the first row; `None` when there is no row. A column that may be `null` is an `Option`.
    ///
    /// # Errors
    /// As [`Db::query_one`].
    pub fn scalar<'q, T>(&self, sql: impl SqlSafeStr, args: impl Args<'q>) -> Call<Option<T>>
    where
        T: Send + 'static,
        (T,): Record,
    {
        let row = self.query_one::<(T,)>(sql, args);
        Call::new(self.base.runtime.clone(), async move { Ok(row.await?.map(|(value,)| value)) })
    }

    /// The first column of every row.
    ///
    /// # Errors
    /// As [`Db::query_one`].
    pub fn scalars<'q, T>(&self, sql: impl SqlSafeStr, args: impl Args<'q>) -> Call<Vec<T>>
    where
        T: Send + 'static,
        (T,): Record,
    {
        let rows = self.fetch_all::<(T,)>(sql, args);
        Call::new(self.base.runtime.clone(), async move {
            Ok(rows.await?.into_iter().map(|(value,)| value).collect())
        })
    }

    /// Runs a statement that gives no rows.
    ///
    /// # Errors
    /// What the database refused.
    pub fn execute<'q>(&self, sql: impl SqlSafeStr, args: impl Args<'q>) -> Call<Done> {
        self.ask(sql, args, Execute)
    }

    /// Inserts a row, and gives its `id`, a whole number of any size.
    ///
    /// Whoever wants more of it writes `returning ..` and uses [`Db::fetch_one`].
    ///
    /// # Errors
    /// What the database refused; [`Kind::NotFound`] when nothing was inserted (`on conflict do nothing`).
    pub fn insert<'q>(&self, sql: impl SqlSafeStr, args: impl Args<'q>) -> Call<i64> {
        let sql = sql.into_sql_str();
        let text = sql.as_str().trim_end().trim_end_matches(';');
        let id = self.fetch_one::<(i64,)>(
            AssertSqlSafe(format!("{text} returning cast(id as bigint)")),
            args,
        );
        Call::new(self.base.runtime.clone(), async move { Ok(id.await?.0) })
    }

    /// Runs several statements, parted by `;` and without values, as they stand in a file of SQL.
    ///
    /// # Errors
    /// What the database refused; those before the failing one have been run.
    pub fn script(&self, sql: impl SqlSafeStr) -> Call<()> {
        self.ask_as_is(sql.into_sql_str(), Script)
    }

    /// The rows one after the other, however many they are.
    ///
    /// ```
    /// # use carafe::prelude::*;
    /// # use carafe_db::Db;
    /// #[get("/sum")]
    /// async fn sum(db: Db) -> Result<String> {
    ///     let mut rows = db.stream::<(i64,)>("select cast(1 as bigint) union all select 2", ());
    ///     let mut sum = 0;
    ///     while let Some(row) = rows.next().await {
    ///         sum += row?.0;
    ///     }
    ///     Ok(sum.to_string())
    /// }
    ///
    /// #[get("/plain")]
    /// fn plain(db: Db) -> Result<String> {
    ///     let mut sum = 0;
    ///     for row in db.stream::<(i64,)>("select cast(1 as bigint) union all select 2", ()).wait() {
    ///         sum += row?.0;
    ///     }
    ///     Ok(sum.to_string())
    /// }
    /// # let app = App::new().extension(carafe_db::Database::from_config()).routes(routes![sum, plain]);
    /// # let client = app.test_client();
    /// # assert_eq!(client.get("/sum").send().text(), "3");
    /// # assert_eq!(client.get("/plain").send().text(), "3");
    /// ```
    pub fn stream<'q, T: Record>(&self, sql: impl SqlSafeStr, args: impl Args<'q>) -> Rows<T> {
        let sql = sql.into_sql_str();
        let statement = prepare(self.base.dialect(), &sql, args);
        let db = self.clone();
        Rows::new(self.base.runtime.clone(), |sender| async move {
            perform(db, sql, statement?, Each(sender)).await
        })
    }

    /// One page of a result: SQLAlchemy's `paginate`.
    ///
    /// The statement needs an `order by`, or pages may share rows, and no `limit` of its own. How many rows there are is
    /// asked in a second statement.
    ///
    /// # Errors
    /// [`Kind::NotFound`], a 404 by `?`, for a page behind the last (the first page may be empty).
    pub fn paginate<'q, T: Record>(
        &self,
        sql: impl SqlSafeStr,
        args: impl Args<'q>,
        page: &PageQuery,
    ) -> Call<Pagination<T>> {
        crate::pagination::paginate(self, sql.into_sql_str(), args, page)
    }

    /// Begins a transaction, or joins the request's; see [`Tx`].
    ///
    /// # Errors
    /// When no connection could be had, or in SQLite when others kept writing for too long.
    pub fn begin(&self) -> Call<Tx> {
        let db = self.clone();
        Call::new(self.base.runtime.clone(), async move { db.begun().await })
    }

    async fn begun(self) -> Result<Tx> {
        match &self.scope {
            Scope::Request(request) if request.begin(&self.base).await? => Ok(Tx::new(self, true)),
            Scope::Transaction(_) => Err(Error::new(Kind::Misuse, "this is a transaction already")
                .hint("a part of it that can be undone by itself is a `savepoint`")),
            _ => {
                let cell = Cell::begin(&self.base).await?;
                Ok(Tx::new(Db { scope: Scope::Transaction(cell), ..self }, false))
            }
        }
    }

    /// Another database of the app, by its name under `db.binds`.
    ///
    /// # Errors
    /// [`Kind::Settings`] when there is none of this name.
    pub fn bind(&self, name: &str) -> Result<Db> {
        let base = self.databases.named(name)?;
        let scope = match &self.scope {
            Scope::Transaction(_) => Scope::Free,
            scope => scope.clone(),
        };
        Ok(Db { base, scope, databases: self.databases.clone() })
    }

    /// Which kind of database it is, where one statement cannot serve both.
    pub fn dialect(&self) -> Dialect {
        self.base.dialect()
    }

    /// Its name: `default`, or that under `db.binds`.
    pub fn name(&self) -> &str {
        self.base.name()
    }

    /// The transaction that statements belong to now.
    pub(crate) fn transaction(&self) -> Option<Arc<Cell>> {
        match &self.scope {
            Scope::Free => None,
            Scope::Request(request) => request.transaction(&self.base),
            Scope::Transaction(cell) => Some(cell.clone()),
        }
    }

    /// Ends the transaction, if there is one.
    pub(crate) fn end(&self, commit: bool) -> Call<()> {
        let cell = match &self.scope {
            Scope::Request(request) => request.take(&self.base),
            _ => self.transaction(),
        };
        Call::new(self.base.runtime.clone(), async move {
            match cell {
                Some(cell) => cell.end(commit).await,
                None => Err(crate::transaction::over()),
            }
        })
    }

    pub(crate) fn ask<'q, O: Op>(
        &self,
        sql: impl SqlSafeStr,
        args: impl Args<'q>,
        op: O,
    ) -> Call<O::Out> {
        let sql = sql.into_sql_str();
        let runtime = self.base.runtime.clone();
        match prepare(self.base.dialect(), &sql, args) {
            Ok(statement) => Call::new(runtime, perform(self.clone(), sql, statement, op)),
            Err(error) => Call::known(runtime, Err(error)),
        }
    }

    /// Without looking for `?` in it.
    fn ask_as_is<O: Op>(&self, sql: SqlStr, op: O) -> Call<O::Out> {
        let runtime = self.base.runtime.clone();
        match crate::args::Bound::new(self.base.dialect(), ()) {
            Ok(bound) => {
                let statement = Statement { sql: sql.clone(), bound };
                Call::new(runtime, perform(self.clone(), sql, statement, op))
            }
            Err(error) => Call::known(runtime, Err(error)),
        }
    }
}

impl fmt::Debug for Db {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Db({} {})", self.base.name(), self.base.shown())
    }
}

/// Asserts at compile time what the threads of Carafe rely on.
#[expect(dead_code, reason = "its bounds are what is checked")]
fn moves_between_threads() {
    fn check<T: Send + Sync>() {}
    fn sends<T: Send>() {}
    check::<Db>();
    sends::<Call<Vec<(i64,)>>>();
    sends::<Rows<(i64,)>>();
    fn value<'q, T: Value<'q>>() {}
    value::<i64>();
    value::<Option<&str>>();
    value::<String>();
    value::<bool>();
    value::<Vec<u8>>();
}
