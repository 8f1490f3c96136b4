//! [`Database`]: the extension, as an app adds it.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use carafe::config::Profile;
use carafe::{App, Extension, Running};

use crate::background::Background;
use crate::base::Base;
use crate::databases::Databases;
use crate::db::Db;
use crate::error::{Error, Kind, Result};
use crate::migrate::{self, Migrations, Step};
use crate::settings::{DEFAULT, Options, Settings};
use crate::testing::Fresh;
use crate::{pagination, request};

type Seed = Arc<dyn Fn(Db) -> Pin<Box<dyn Future<Output = carafe::Result<()>>>> + Send + Sync>;

/// The databases of an app: Flask-SQLAlchemy and Flask-Migrate in one.
///
/// Without any setting it is SQLite in `data/app.db` below the app's folder; the file is made at the first start.
/// `CARAFE_DB__URL=postgres://user:password@host/name` in the environment makes it PostgreSQL. All settings are in
/// [`Settings`](crate::Settings).
///
/// ```
/// use carafe::prelude::*;
/// use carafe_db::{Database, Db, migrations};
///
/// #[get("/")]
/// async fn count(db: Db) -> Result<String> {
///     let notes = db.scalar::<i64>("select count(*) from notes", ()).await?;
///     Ok(format!("{} notes", notes.unwrap_or(0)))
/// }
///
/// fn app() -> App {
///     App::new()
///         .extension(Database::from_config().migrations(migrations!("tests/migrations")).seed(|db| async move {
///             db.execute("insert into notes (text) values (?)", ["the first"]).await?;
///             Ok(())
///         }))
///         .routes(routes![count])
/// }
///
/// // A database of its own, with all migrations applied, and gone with the client.
/// assert_eq!(app().test_client().get("/").send().text(), "0 notes");
/// ```
#[must_use = "it does nothing until it is given to `App::extension`"]
pub struct Database {
    migrations: BTreeMap<String, Migrations>,
    seeds: BTreeMap<String, Seed>,
    fresh: bool,
}

impl Database {
    /// The databases that the configuration names, under `db`.
    pub fn from_config() -> Database {
        Database { migrations: BTreeMap::new(), seeds: BTreeMap::new(), fresh: true }
    }

    /// The migrations of the database: `migrations!()` is the folder `migrations` beside `Cargo.toml`.
    pub fn migrations(self, migrations: Migrations) -> Database {
        self.migrations_of(DEFAULT, migrations)
    }

    /// The migrations of a database under `db.binds`.
    pub fn migrations_of(mut self, name: &str, migrations: Migrations) -> Database {
        self.migrations.insert(name.to_owned(), migrations);
        self
    }

    /// What `db seed` does: rows to begin with. It runs in one transaction.
    pub fn seed<F, Fut>(self, seed: F) -> Database
    where
        F: Fn(Db) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = carafe::Result<()>> + 'static,
    {
        self.seed_of(DEFAULT, seed)
    }

    /// What `db seed` does with a database under `db.binds`.
    pub fn seed_of<F, Fut>(mut self, name: &str, seed: F) -> Database
    where
        F: Fn(Db) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = carafe::Result<()>> + 'static,
    {
        self.seeds.insert(name.to_owned(), Arc::new(move |db| Box::pin(seed(db))));
        self
    }

    /// Whether each test client has new databases of its own, as [`testing`](crate::testing) tells. Default: true; with
    /// `false` tests use those of the configuration.
    pub fn fresh_in_tests(mut self, fresh: bool) -> Database {
        self.fresh = fresh;
        self
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database").field("migrations", &self.migrations).finish_non_exhaustive()
    }
}

impl Extension for Database {
    fn name(&self) -> &'static str {
        "db"
    }

    fn init_app(self, app: App) -> App {
        let setup = Setup(Arc::new(self));
        let databases = Databases::default();
        let app = app
            .state(databases.clone())
            .state(setup.clone())
            .config_section::<Settings>("db")
            .templates(pagination::add_helpers)
            .after_request(request::finish)
            .teardown_appcontext(request::tear_down)
            .on_startup(move |running| {
                let (setup, databases) = (setup.clone(), databases.clone());
                async move { setup.open(&running, &databases).await.map_err(at_start) }
            })
            .on_shutdown(|running| async move { close(&running).await });
        #[cfg(feature = "commands")]
        let app = app.commands([crate::commands::db()]);
        app
    }
}

/// A failure at the start is told whole, to whoever starts the app.
fn at_start(error: Error) -> carafe::Error {
    carafe::abort(500).caused_by(error.into_failure())
}

/// The extension, as start-up steps and commands see it.
#[derive(Clone)]
pub(crate) struct Setup(Arc<Database>);

impl Setup {
    async fn open(&self, running: &Running, databases: &Databases) -> Result<()> {
        let config = running.config();
        let settings: Settings = config
            .section("db")
            .map_err(|errors| Error::new(Kind::Settings, errors.to_string()))?;
        let runtime = Background::start().map_err(|error| {
            Error::new(Kind::Other, "the thread of the databases could not be started")
                .caused_by(sqlx::Error::Io(error))
        })?;
        let testing = config.profile() == Profile::Testing && self.0.fresh;
        let mut bases = Vec::new();
        for options in settings.databases() {
            let base = match testing {
                true => self.open_fresh(options, &runtime).await?,
                false => {
                    let url = options.url.clone().below(&config.root());
                    Base::open(Options { url, ..options }, runtime.clone())?
                }
            };
            bases.push(Arc::new(base));
        }
        self.check_names(&bases)?;
        databases.set(bases.clone(), settings);
        // `db` is there to put right what would be refused here.
        if running.command() == Some("db") || testing {
            return Ok(());
        }
        for base in &bases {
            let (base, steps) = (base.clone(), self.steps(base)?);
            let profile = config.profile();
            inside(&runtime, async move {
                base.check().await?;
                match steps {
                    Some(steps) => migrate::at_start(&base, steps, profile).await,
                    None => Ok(()),
                }
            })
            .await?;
        }
        Ok(())
    }

    async fn open_fresh(&self, options: Options, runtime: &Arc<Background>) -> Result<Base> {
        let migrations = self.0.migrations.get(&options.name).copied();
        let runtime = runtime.clone();
        inside(&runtime.clone(), async move { Fresh::open(options, migrations, runtime).await })
            .await
    }

    /// Migrations and seeds are of databases that there are.
    fn check_names(&self, bases: &[Arc<Base>]) -> Result<()> {
        let mut named = self.0.migrations.keys().chain(self.0.seeds.keys());
        match named.find(|name| !bases.iter().any(|base| base.name() == **name)) {
            None => Ok(()),
            Some(name) => {
                let words = format!(
                    "there are migrations or seeds for the database `{name}`, which no setting names"
                );
                Err(Error::new(Kind::Settings, words)
                    .hint(format!("give it a URL: `db.binds.{name}.url = \"..\"`")))
            }
        }
    }

    pub(crate) fn migrations(&self, database: &str) -> Option<&Migrations> {
        self.0.migrations.get(database)
    }

    /// The migrations of a database, if it was given any.
    pub(crate) fn steps(&self, base: &Base) -> Result<Option<Vec<Step>>> {
        self.migrations(base.name()).map(|migrations| migrations.steps(base.dialect())).transpose()
    }

    #[cfg(feature = "commands")]
    pub(crate) fn seed(&self, database: &str) -> Option<&Seed> {
        self.0.seeds.get(database)
    }
}

/// Runs what a [`Call`](crate::Call) would, for the extension itself.
pub(crate) fn inside<T: Send + 'static>(
    runtime: &Arc<Background>,
    work: impl Future<Output = Result<T>> + Send + 'static,
) -> crate::Call<T> {
    crate::Call::new(runtime.clone(), work)
}

/// Closes all connections, waiting for those in use; a test's databases are removed.
async fn close(running: &Running) {
    let Some(databases) = running.state::<Databases>() else { return };
    for base in databases.all() {
        let base = base.clone();
        let runtime = base.runtime.clone();
        let closed = inside(&runtime, async move {
            base.close().await;
            base.remove_if_fresh().await;
            Ok(())
        });
        let _ = closed.await;
    }
}
