//! [`Tx`]: statements that take effect together or not at all; and [`Savepoint`], a part of one.
//!
//! A request has at most one transaction with each database: whoever asks for it again joins it.

use std::fmt;
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex as BlockingMutex, PoisonError};

use sqlx::{AssertSqlSafe, SqlSafeStr};
use tokio::sync::{Mutex, MutexGuard};

use crate::background::Inside;
use crate::base::{Base, Turn};
use crate::call::Call;
use crate::connection::Connection;
use crate::db::Db;
use crate::error::{Error, Kind, Result};
use crate::url::Dialect;

/// An open transaction. Dropped without `commit`, it is rolled back with its connection.
pub(crate) struct Cell {
    base: Arc<Base>,
    /// `None` when it is over.
    open: Mutex<Option<Open>>,
    /// Set where it cannot be ended at once, since a statement is under way: whoever runs that ends it.
    over: AtomicBool,
    savepoints: AtomicU32,
    /// Statements to run before the next one: the rollback of savepoints that were dropped.
    pending: BlockingMutex<Vec<String>>,
}

/// The connection, in the middle of a transaction.
pub(crate) struct Open {
    connection: Inside<Connection>,
    /// Cleared by a commit or a rollback.
    begun: bool,
    /// Whether a statement failed. PostgreSQL takes no others then, and answers a commit by rolling back.
    failed: bool,
    _turn: Turn,
}

impl Drop for Open {
    fn drop(&mut self) {
        if self.begun {
            // The pool rolls nothing back that was begun by a statement, so this connection ends.
            self.connection.abandon();
        }
    }
}

impl Open {
    pub(crate) fn connection(&mut self) -> &mut Connection {
        &mut self.connection
    }

    /// Notes how a statement ended, where that decides on the whole.
    pub(crate) fn note<T>(&mut self, dialect: Dialect, result: &sqlx::Result<T>) {
        self.failed |=
            dialect == Dialect::Postgres && matches!(result, Err(sqlx::Error::Database(_)));
    }

    /// A rollback to a savepoint makes up for what failed since.
    pub(crate) fn forgive(&mut self) {
        self.failed = false;
    }

    async fn run(&mut self, sql: &'static str) -> sqlx::Result<()> {
        self.connection.script(sql.into_sql_str()).await
    }
}

impl Cell {
    /// Begins one. To be polled inside the runtime.
    pub(crate) async fn begin(base: &Arc<Base>) -> Result<Arc<Cell>> {
        let turn = base.turn().await?;
        let connection = base.connection().await?;
        let mut open = Open { connection, begun: true, failed: false, _turn: turn };
        let begin = match base.dialect() {
            // Takes the right to write at once: it cannot be refused later, when something was read already.
            Dialect::Sqlite => "begin immediate",
            Dialect::Postgres => "begin",
        };
        open.run(begin).await.map_err(|error| base.explain(error))?;
        Ok(Arc::new(Cell {
            base: base.clone(),
            open: Mutex::new(Some(open)),
            over: AtomicBool::new(false),
            savepoints: AtomicU32::new(0),
            pending: BlockingMutex::default(),
        }))
    }

    pub(crate) fn base(&self) -> &Arc<Base> {
        &self.base
    }

    pub(crate) fn is_over(&self) -> bool {
        self.over.load(Ordering::Acquire)
    }

    /// The connection, for one statement.
    pub(crate) async fn lock(&self) -> Result<Locked<'_>> {
        let limit = self.base.options.acquire_timeout;
        let Ok(guard) = tokio::time::timeout(limit, self.open.lock()).await else {
            return Err(Error::new(
                Kind::Busy,
                "another statement of this transaction is still under way",
            )
            .hint("rows that are still read keep it: use `fetch_all`, or read them to the end"));
        };
        let mut locked = Locked { cell: self, guard };
        if self.is_over() || locked.guard.is_none() {
            return Err(Error::new(Kind::Misuse, "the transaction is over")
                .hint("it ends with its request, or by `commit` and `rollback`"));
        }
        locked.run_pending().await?;
        Ok(locked)
    }

    /// Ends it for good or bad; nothing happens when it is over already.
    pub(crate) async fn end(&self, commit: bool) -> Result<()> {
        let mut guard = self.open.lock().await;
        self.over.store(true, Ordering::Release);
        let Some(mut open) = guard.take() else { return Ok(()) };
        drop(guard);
        if commit {
            for sql in self.take_pending() {
                let sql = AssertSqlSafe(sql).into_sql_str();
                open.connection.script(sql).await.map_err(|error| self.base.explain(error))?;
                open.forgive();
            }
        }
        let refused = commit && open.failed;
        let ended = open.run(if commit && !refused { "commit" } else { "rollback" }).await;
        // After a refused commit PostgreSQL has rolled back, and SQLite has not; then the connection ends.
        open.begun = ended.is_err();
        match refused {
            true => Err(Error::new(Kind::Misuse, "the transaction cannot be committed: a statement in it failed")
                .hint("a statement that may fail belongs in a savepoint: `let part = tx.savepoint().await?`")),
            false => ended.map_err(|error| self.base.explain(error)),
        }
    }

    /// Ends it without waiting: at once where nothing is under way, else as soon as that is done.
    pub(crate) fn give_up(&self) {
        self.over.store(true, Ordering::Release);
        if let Ok(mut guard) = self.open.try_lock() {
            guard.take();
        }
    }

    fn take_pending(&self) -> Vec<String> {
        std::mem::take(&mut *self.pending.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The connection of a transaction, while one statement has it.
pub(crate) struct Locked<'a> {
    cell: &'a Cell,
    guard: MutexGuard<'a, Option<Open>>,
}

impl Locked<'_> {
    pub(crate) fn open(&mut self) -> Option<&mut Open> {
        self.guard.as_mut()
    }

    async fn run_pending(&mut self) -> Result<()> {
        for sql in self.cell.take_pending() {
            let base = self.cell.base.clone();
            let Some(open) = self.open() else { break };
            let run = open.connection.script(AssertSqlSafe(sql).into_sql_str()).await;
            if run.is_ok() {
                open.forgive();
            }
            run.map_err(|error| base.explain(error))?;
        }
        Ok(())
    }
}

impl Drop for Locked<'_> {
    fn drop(&mut self) {
        if self.cell.is_over() {
            self.guard.take();
        }
    }
}

/// A transaction: [`Db`], whose statements take effect together, at its end.
///
/// As an argument of a handler, or from [`Db::begin`] during a request, it is the request's own: it is committed when
/// the answer is a success or a redirect (a status below 400), and rolled back when it is not, when the handler fails or
/// panics, or when the client goes away. Until then *every* statement that the request asks of this
/// database is a part of it, whichever `Db` it goes through.
///
/// ```
/// # use carafe::prelude::*;
/// # use carafe_db::Tx;
/// #[post("/move/<int:amount>")]
/// async fn transfer(amount: i64, tx: Tx) -> Result<&'static str> {
///     tx.execute("update accounts set balance = balance - ? where name = 'ann'", [amount]).await?;
///     tx.execute("update accounts set balance = balance + ? where name = 'bob'", [amount]).await?;
///     Ok("moved") // and committed
/// }
/// ```
///
/// Outside of requests, such as in a command, it is rolled back unless [`Tx::commit`] is called.
pub struct Tx {
    db: Db,
    /// Whether dropping it rolls back.
    guards: bool,
}

impl Deref for Tx {
    type Target = Db;

    fn deref(&self) -> &Db {
        &self.db
    }
}

impl Tx {
    /// The handle of a transaction that nobody else ends, or of the request's.
    pub(crate) fn new(db: Db, of_request: bool) -> Tx {
        Tx { db, guards: !of_request }
    }

    /// Makes it all so, now.
    ///
    /// # Errors
    /// What the database refused; then nothing was changed.
    pub fn commit(mut self) -> Call<()> {
        self.guards = false;
        self.db.end(true)
    }

    /// Undoes it all, now.
    ///
    /// # Errors
    /// When the database is gone; then it was rolled back by that.
    pub fn rollback(mut self) -> Call<()> {
        self.guards = false;
        self.db.end(false)
    }

    /// Begins a part that can be undone by itself: SQLAlchemy's `begin_nested`.
    ///
    /// PostgreSQL ends a whole transaction at its first failing statement; one that may fail belongs in a savepoint.
    pub fn savepoint(&self) -> Call<Savepoint> {
        let db = self.db.clone();
        let runtime = db.base.runtime.clone();
        Call::new(runtime, async move {
            let Some(cell) = db.transaction() else { return Err(over()) };
            let number = cell.savepoints.fetch_add(1, Ordering::Relaxed);
            let name = format!("carafe_{number}");
            db.script(AssertSqlSafe(format!("savepoint {name}"))).await?;
            Ok(Savepoint { cell, db, name, ended: false })
        })
    }
}

pub(crate) fn over() -> Error {
    Error::new(Kind::Misuse, "the transaction is over")
}

impl fmt::Debug for Tx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tx({})", self.db.base.name())
    }
}

impl Drop for Tx {
    fn drop(&mut self) {
        if self.guards
            && let Some(cell) = self.db.transaction()
        {
            cell.give_up();
        }
    }
}

/// A part of a transaction; dropped without [`Savepoint::release`], it is undone before the next statement.
#[must_use = "a savepoint that is dropped is undone"]
pub struct Savepoint {
    cell: Arc<Cell>,
    db: Db,
    name: String,
    ended: bool,
}

impl Savepoint {
    /// Keeps what was done since, as a part of the transaction.
    ///
    /// # Errors
    /// What the database refused.
    pub fn release(mut self) -> Call<()> {
        self.ended = true;
        self.db.script(AssertSqlSafe(format!("release savepoint {}", self.name)))
    }

    /// Undoes what was done since.
    ///
    /// # Errors
    /// When the database is gone.
    pub fn rollback(mut self) -> Call<()> {
        self.ended = true;
        self.db.script(AssertSqlSafe(self.undo()))
    }

    fn undo(&self) -> String {
        format!("rollback to savepoint {0}; release savepoint {0}", self.name)
    }
}

impl Drop for Savepoint {
    fn drop(&mut self) {
        if !self.ended {
            let mut pending = self.cell.pending.lock().unwrap_or_else(PoisonError::into_inner);
            pending.push(self.undo());
        }
    }
}

impl Deref for Savepoint {
    type Target = Db;

    fn deref(&self) -> &Db {
        &self.db
    }
}

impl fmt::Debug for Savepoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Savepoint({})", self.name)
    }
}
