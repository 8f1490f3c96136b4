//! [`Base`]: one database of the app, its pool, and the turn that writers of SQLite take.

use std::fs;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use sqlx::pool::PoolOptions;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _, PgPool, SqlitePool};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::background::{Background, Inside};
use crate::connection::Connection;
use crate::error::{Context, Error, Kind, Result, explain};
use crate::settings::Options;
use crate::testing::Fresh;
use crate::url::{Dialect, Url};

/// A connection that was idle for so long is tried before it is used: the database may have been restarted.
const TRUSTED_IDLE: Duration = Duration::from_secs(1);

/// One database.
pub(crate) struct Base {
    pub(crate) options: Options,
    pub(crate) runtime: Arc<Background>,
    /// The URL without its password.
    shown: String,
    pool: Pool,
    /// SQLite has one writer at a time. Within the app they queue here, in order and without polling the file.
    writers: Arc<Semaphore>,
    /// What to remove at the end, where it is a test's own.
    pub(crate) fresh: Option<Fresh>,
}

/// The right to write, where only one may.
pub(crate) type Turn = Option<OwnedSemaphorePermit>;

#[derive(Clone)]
pub(crate) enum Pool {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

impl Base {
    /// Makes the pool. SQLite's file is made if it is missing; PostgreSQL is not asked yet.
    pub(crate) fn open(options: Options, runtime: Arc<Background>) -> Result<Base> {
        let shown = options.url.to_string();
        let current = runtime.enter();
        let pool = match &options.url {
            Url::Sqlite(path) => {
                if let Some(path) = path {
                    make_folder(path, &options)?;
                }
                let connect = sqlite_options(&options);
                // A database in memory is gone with its only connection.
                let pool = match path {
                    Some(_) => limits(SqlitePoolOptions::new(), &options),
                    None => limits(SqlitePoolOptions::new(), &options)
                        .max_connections(1)
                        .min_connections(1)
                        .idle_timeout(None)
                        .max_lifetime(None),
                };
                Pool::Sqlite(pool.connect_lazy_with(connect))
            }
            Url::Postgres(url) => {
                let connect = postgres_options(url, &options)?;
                Pool::Postgres(limits(PgPoolOptions::new(), &options).connect_lazy_with(connect))
            }
        };
        drop(current);
        let writers = Arc::new(Semaphore::new(1));
        Ok(Base { options, runtime, shown, pool, writers, fresh: None })
    }

    pub(crate) fn name(&self) -> &str {
        &self.options.name
    }

    pub(crate) fn dialect(&self) -> Dialect {
        self.options.url.dialect()
    }

    /// The URL, as it may be shown.
    pub(crate) fn shown(&self) -> &str {
        &self.shown
    }

    pub(crate) fn pool(&self) -> &Pool {
        &self.pool
    }

    /// What a driver's error means here.
    pub(crate) fn explain(&self, error: sqlx::Error) -> Error {
        let open = match &self.pool {
            Pool::Sqlite(pool) => pool.size(),
            Pool::Postgres(pool) => pool.size(),
        };
        let most = match &self.pool {
            Pool::Sqlite(pool) => pool.options().get_max_connections(),
            Pool::Postgres(pool) => pool.options().get_max_connections(),
        };
        let context = Context {
            name: self.name(),
            dialect: self.dialect(),
            url: &self.shown,
            pool: (most, open),
            acquire_timeout: self.options.acquire_timeout,
        };
        explain(error, &context)
    }

    /// A connection of the pool. To be polled inside the runtime.
    pub(crate) async fn connection(&self) -> Result<Inside<Connection>> {
        let connection = match &self.pool {
            Pool::Sqlite(pool) => pool.acquire().await.map(Connection::Sqlite),
            Pool::Postgres(pool) => pool.acquire().await.map(Connection::Postgres),
        };
        let connection = connection.map_err(|error| self.explain(error))?;
        Ok(Inside::new(connection, self.runtime.clone()))
    }

    /// Waits until no other part of the app writes, where only one may.
    pub(crate) async fn turn(&self) -> Result<Turn> {
        if self.dialect() != Dialect::Sqlite {
            return Ok(None);
        }
        let limit = self.options.busy_timeout;
        match tokio::time::timeout(limit, self.writers.clone().acquire_owned()).await {
            Ok(Ok(turn)) => Ok(Some(turn)),
            _ => Err(Error::new(
                Kind::Busy,
                format!("another transaction kept the database `{}` for {limit:?}", self.name()),
            )
            .hint("SQLite has one writer at a time: keep transactions short, and ask nothing of others inside")
            .hint(format!(
                "`{}` is how long a write waits",
                crate::settings::key(self.name(), "busy_timeout")
            ))),
        }
    }

    /// Asks for one connection, so that what is wrong is said at the start.
    pub(crate) async fn check(&self) -> Result<()> {
        let asked = async {
            match &self.pool {
                Pool::Sqlite(pool) => pool.acquire().await.map(drop),
                Pool::Postgres(pool) => {
                    // Not by the pool, which tries again and again and does not say why.
                    pool.connect_options().as_ref().clone().connect().await?.close().await
                }
            }
        };
        let asked = tokio::time::timeout(self.options.acquire_timeout, asked).await;
        asked.unwrap_or(Err(sqlx::Error::PoolTimedOut)).map_err(|error| self.explain(error))
    }

    pub(crate) async fn remove_if_fresh(&self) {
        if let Some(fresh) = &self.fresh {
            fresh.remove().await;
        }
    }

    /// Closes every connection, waiting for those in use.
    pub(crate) async fn close(&self) {
        match &self.pool {
            Pool::Sqlite(pool) => pool.close().await,
            Pool::Postgres(pool) => pool.close().await,
        }
    }
}

fn make_folder(path: &Path, options: &Options) -> Result<()> {
    let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) else {
        return Ok(());
    };
    fs::create_dir_all(folder).map_err(|error| {
        let words = format!("the folder `{}` of the database cannot be made", folder.display());
        Error::new(Kind::Settings, words)
            .hint(format!(
                "`{}` says where the database is",
                crate::settings::key(&options.name, "url")
            ))
            .caused_by(sqlx::Error::Io(error))
    })
}

fn sqlite_options(options: &Options) -> SqliteConnectOptions {
    let connect = SqliteConnectOptions::new()
        .foreign_keys(true)
        .busy_timeout(options.busy_timeout)
        // Rows that its thread reads ahead: a larger step between the two threads costs less for each.
        .row_buffer_size(256)
        .thread_name(|number| format!("sqlite-{number}"))
        .optimize_on_close(true, 400);
    let connect = match &options.url {
        Url::Sqlite(Some(path)) => connect
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // With WAL, a crash of the app loses nothing; one of the machine may lose the last commits, never the file.
            .synchronous(SqliteSynchronous::Normal),
        _ => connect.in_memory(true),
    };
    // What is slow or echoed is logged here, once, and with the time that was waited.
    connect.disable_statement_logging()
}

fn postgres_options(url: &str, options: &Options) -> Result<PgConnectOptions> {
    let parsed = PgConnectOptions::from_str(url).map_err(|_secret| {
        let key = crate::settings::key(&options.name, "url");
        Error::new(Kind::Settings, format!("the setting `{key}` is no URL of a PostgreSQL database"))
            .hint("it is written `postgres://user:password@host:5432/name`; `@`, `/` and `?` in a password are `%40`, `%2F` and `%3F`")
    })?;
    let mut connect = parsed.disable_statement_logging();
    if connect.get_application_name().is_none() {
        connect = connect.application_name("carafe");
    }
    if let Some(limit) = options.statement_timeout {
        connect =
            connect.options([("statement_timeout", format!("{}ms", limit.as_millis().max(1)))]);
    }
    Ok(connect)
}

fn limits<DB: sqlx::Database>(pool: PoolOptions<DB>, options: &Options) -> PoolOptions<DB> {
    pool.max_connections(options.pool)
        .acquire_timeout(options.acquire_timeout)
        .idle_timeout(options.idle_timeout)
        .max_lifetime(options.max_lifetime)
        .test_before_acquire(false)
        .before_acquire(|connection, about| {
            Box::pin(async move {
                match about.idle_for > TRUSTED_IDLE {
                    true => Ok(connection.ping().await.is_ok()),
                    false => Ok(true),
                }
            })
        })
}
