//! Applying migrations and taking them back, one process at a time, and telling what is pending.

use std::sync::Arc;

use carafe::config::Profile;
use sqlx::migrate::{AppliedMigration, Migrate as Ledger, MigrateError, Migration};
use sqlx::postgres::PgConnection;
use sqlx::sqlite::SqliteConnection;
use sqlx::{ConnectOptions as _, Connection as _};

use super::files::Step;
use super::lock::{FolderLock, PATIENCE, too_long};
use crate::background::Inside;
use crate::base::{Base, Pool};
use crate::connection::Connection;
use crate::error::{Error, Kind, Result};
use crate::settings::Migrate;
use crate::url::Url;

/// sqlx's own.
const TABLE: &str = "_sqlx_migrations";

/// What is applied and what is not.
#[derive(Debug, Default)]
pub(crate) struct Status {
    /// Each migration of the program, and whether it is applied.
    pub(crate) steps: Vec<(Step, State)>,
    /// Versions that the database has and the program does not know.
    pub(crate) unknown: Vec<i64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Applied,
    /// Applied, and changed since.
    Changed,
    Pending,
}

impl Status {
    fn new(steps: Vec<Step>, applied: &[AppliedMigration]) -> Status {
        let known = |version: i64| steps.iter().any(|step| step.version == version);
        let unknown =
            applied.iter().map(|one| one.version).filter(|version| !known(*version)).collect();
        let state = |step: &Step| match applied.iter().find(|one| one.version == step.version) {
            None => State::Pending,
            Some(one) if one.checksum == step.up.checksum => State::Applied,
            Some(_) => State::Changed,
        };
        let steps = steps.into_iter().map(|step| (step.clone(), state(&step))).collect();
        Status { steps, unknown }
    }

    fn in_state(&self, wanted: State) -> impl DoubleEndedIterator<Item = &Step> {
        self.steps.iter().filter(move |(_, state)| *state == wanted).map(|(step, _)| step)
    }

    pub(crate) fn pending(&self) -> Vec<&Step> {
        self.in_state(State::Pending).collect()
    }

    /// Whether everything is applied as the program has it, and nothing else.
    pub(crate) fn is_settled(&self) -> bool {
        self.unknown.is_empty() && self.steps.iter().all(|(_, state)| *state == State::Applied)
    }

    /// Refuses what was changed after it was applied.
    fn check_changed(&self, database: &str) -> Result<()> {
        let Some(step) = self.in_state(State::Changed).next() else { return Ok(()) };
        let words = format!(
            "the migration `{}` was changed after it was applied to the database `{database}`",
            step.name
        );
        Err(Error::new(Kind::Migration, words)
            .hint("put the file back as it was, and say what else has to change in a new one: `db new NAME`")
            .hint("where its data may be lost: `db down` takes it back, `db up` applies it as it is now"))
    }

    fn check_unknown(&self, database: &str) -> Result<()> {
        let Some(version) = self.unknown.last() else { return Ok(()) };
        let words = format!(
            "the database `{database}` has the migration {version}, which this program does not know"
        );
        Err(Error::new(Kind::Migration, words)
            .hint("a newer version of the app was here: run that one, or take it back with that one's `db down`"))
    }
}

/// A connection of its own for migrating: without a limit on statements, and in SQLite without foreign keys,
/// since tables are rebuilt by dropping the old one.
enum Session {
    Sqlite(Box<SqliteConnection>, FolderLock),
    Postgres(Box<PgConnection>),
    /// A database in memory has one connection.
    Pooled(Inside<Connection>),
}

impl Session {
    async fn open(base: &Base) -> Result<Session> {
        Ok(match (base.pool(), &base.options.url) {
            (Pool::Sqlite(pool), Url::Sqlite(Some(path))) => {
                let lock = FolderLock::take(path).await?;
                let options = pool.connect_options().as_ref().clone().foreign_keys(false);
                let opened = options.connect().await.map_err(|error| base.explain(error))?;
                Session::Sqlite(Box::new(opened), lock)
            }
            (Pool::Postgres(pool), _) => {
                let options =
                    pool.connect_options().as_ref().clone().options([("statement_timeout", "0")]);
                let mut opened = options.connect().await.map_err(|error| base.explain(error))?;
                let lock = tokio::time::timeout(PATIENCE, Ledger::lock(&mut opened)).await;
                lock.map_err(|_| too_long())?.map_err(|error| failed(base, error, None))?;
                Session::Postgres(Box::new(opened))
            }
            (Pool::Sqlite(_), _) => Session::Pooled(base.connection().await?),
        })
    }

    fn ledger(&mut self) -> &mut (dyn Ledger + Send) {
        match self {
            Session::Sqlite(connection, _) => &mut **connection,
            Session::Postgres(connection) => &mut **connection,
            Session::Pooled(connection) => match &mut **connection {
                Connection::Sqlite(connection) => &mut **connection,
                Connection::Postgres(connection) => &mut **connection,
            },
        }
    }

    async fn status(&mut self, base: &Base, steps: Vec<Step>) -> Result<Status> {
        let ledger = self.ledger();
        ledger.ensure_migrations_table(TABLE).await.map_err(|error| failed(base, error, None))?;
        let applied = ledger.list_applied_migrations(TABLE).await;
        Ok(Status::new(steps, &applied.map_err(|error| failed(base, error, None))?))
    }

    /// In SQLite, whether any row refers to one that is not there: nothing else looked.
    async fn check_references(&mut self, base: &Base) -> Result<()> {
        let Session::Sqlite(connection, _) = self else { return Ok(()) };
        let found: Option<(String,)> =
            sqlx::query_as("select \"table\" from pragma_foreign_key_check limit 1")
                .fetch_optional(&mut **connection)
                .await
                .map_err(|error| base.explain(error))?;
        match found {
            None => Ok(()),
            Some((table,)) => {
                let words = format!(
                    "rows of the table `{table}` refer to others that are not there any more"
                );
                Err(Error::new(Kind::Migration, words)
                    .hint("`pragma foreign_key_check` lists them; a migration left them behind"))
            }
        }
    }

    async fn close(self) {
        match self {
            // PostgreSQL frees the lock with the session.
            Session::Postgres(connection) => drop(connection.close().await),
            Session::Sqlite(connection, lock) => {
                let _ = connection.close().await;
                drop(lock);
            }
            Session::Pooled(connection) => drop(connection),
        }
    }
}

fn failed(base: &Base, error: MigrateError, step: Option<&Migration>) -> Error {
    let cause = match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => error,
        other => sqlx::Error::Migrate(Box::new(other)),
    };
    let Some(step) = step else { return base.explain(cause) };
    let words = format!(
        "the migration {} ({}) of the database `{}` failed",
        step.version,
        step.description,
        base.name()
    );
    let error = Error::new(Kind::Migration, words).caused_by(cause);
    match step.no_tx {
        true => error.hint(
            "it is run without a transaction: what stands before the failing statement was done",
        ),
        false => error.hint("nothing of it was kept; the ones before it are applied"),
    }
}

/// What is applied, without changing anything.
pub(crate) async fn status(base: &Base, steps: Vec<Step>) -> Result<Status> {
    let mut connection = base.connection().await?;
    let applied = match &mut *connection {
        Connection::Sqlite(on) => Ledger::list_applied_migrations(&mut **on, TABLE).await,
        Connection::Postgres(on) => Ledger::list_applied_migrations(&mut **on, TABLE).await,
    };
    match applied {
        Ok(applied) => Ok(Status::new(steps, &applied)),
        Err(error) => match failed(base, error, None) {
            // Nobody has migrated yet.
            error if error.kind() == Kind::Statement => Ok(Status::new(steps, &[])),
            error => Err(error),
        },
    }
}

/// Applies what is pending, up to a version if one is given; gives the names of what was applied.
pub(crate) async fn up(base: &Base, steps: Vec<Step>, to: Option<i64>) -> Result<Vec<String>> {
    let mut session = Session::open(base).await?;
    let applied = apply(base, &mut session, steps, to).await;
    session.close().await;
    applied
}

async fn apply(
    base: &Base,
    session: &mut Session,
    steps: Vec<Step>,
    to: Option<i64>,
) -> Result<Vec<String>> {
    // Another process may have applied some while this one waited for the lock.
    let status = session.status(base, steps).await?;
    status.check_changed(base.name())?;
    status.check_unknown(base.name())?;
    let mut names = Vec::new();
    for step in status.pending() {
        if to.is_some_and(|to| step.version > to) {
            continue;
        }
        let applied = session.ledger().apply(TABLE, &step.up).await;
        applied.map_err(|error| failed(base, error, Some(&step.up)))?;
        tracing::info!(target: "carafe::db", "migrated `{}`: {}", base.name(), step.name);
        names.push(step.name.clone());
    }
    if !names.is_empty() {
        session.check_references(base).await?;
    }
    Ok(names)
}

/// Takes back the last ones; gives their names.
pub(crate) async fn down(base: &Base, steps: Vec<Step>, count: usize) -> Result<Vec<String>> {
    let mut session = Session::open(base).await?;
    let reverted = revert(base, &mut session, steps, count).await;
    session.close().await;
    reverted
}

async fn revert(
    base: &Base,
    session: &mut Session,
    steps: Vec<Step>,
    count: usize,
) -> Result<Vec<String>> {
    let status = session.status(base, steps).await?;
    status.check_unknown(base.name())?;
    let mut names = Vec::new();
    let applied = status.steps.iter().rev().filter(|(_, state)| *state != State::Pending);
    for (step, _) in applied.take(count) {
        let Some(down) = &step.down else {
            let words = format!("the migration `{}` cannot be taken back", step.name);
            return Err(Error::new(Kind::Migration, words).hint(format!(
                "say how in `{}.down.sql`, and name the other `{}.up.sql`",
                step.name, step.name
            )));
        };
        let reverted = session.ledger().revert(TABLE, down).await;
        reverted.map_err(|error| failed(base, error, Some(down)))?;
        tracing::info!(target: "carafe::db", "took back `{}`: {}", base.name(), step.name);
        names.push(step.name.clone());
    }
    if !names.is_empty() {
        session.check_references(base).await?;
    }
    Ok(names)
}

/// What the start of the app does about migrations.
pub(crate) async fn at_start(base: &Arc<Base>, steps: Vec<Step>, profile: Profile) -> Result<()> {
    let policy = match (base.options.migrate, profile) {
        (Migrate::Auto, Profile::Release) => Migrate::Refuse,
        (Migrate::Auto, _) => Migrate::Apply,
        (chosen, _) => chosen,
    };
    if policy == Migrate::Ignore {
        return Ok(());
    }
    let status = status(base, steps.clone()).await?;
    if policy == Migrate::Apply {
        // Nothing is locked where there is nothing to do.
        status.check_changed(base.name())?;
        status.check_unknown(base.name())?;
        if !status.pending().is_empty() {
            up(base, steps, None).await?;
        }
        return Ok(());
    }
    status.check_changed(base.name())?;
    if let Err(error) = status.check_unknown(base.name()) {
        // An older release, started again while the newer one is on its way in.
        tracing::warn!(target: "carafe::db", "{}", crate::error::one_line(&error.to_string()));
    }
    refuse_pending(&status, base)
}

fn refuse_pending(status: &Status, base: &Base) -> Result<()> {
    let pending = status.pending();
    let names: Vec<String> = pending.iter().map(|step| format!("`{}`", step.name)).collect();
    let words = match names.as_slice() {
        [] => return Ok(()),
        [one] => format!("a migration is pending on the database `{}`: {one}", base.name()),
        all => format!(
            "{} migrations are pending on the database `{}`: {}",
            all.len(),
            base.name(),
            all.join(", ")
        ),
    };
    let key = crate::settings::key(base.name(), "migrate");
    Err(Error::new(Kind::Migration, words)
        .hint("apply them with this program's `db up`, after a backup")
        .hint(format!("`{key} = \"apply\"` applies them at each start")))
}
