//! Tests get a database each.
//!
//! An app under the test client ([`App::test_client`](carafe::App::test_client)) or on a test server has new databases
//! of its own, with all migrations applied; they are gone with it. They are SQLite files in the system's folder for
//! temporary files, unless the environment variable `CARAFE_TOOL_TEST_DB` is the URL of a PostgreSQL server on which databases
//! may be made, such as `postgres://postgres@localhost/postgres`: then each is copied there from a template
//! that has the migrations applied already, in some tens of milliseconds. So one suite runs on both:
//!
//! ```console
//! $ cargo test
//! $ CARAFE_TOOL_TEST_DB=postgres://postgres@localhost/postgres cargo test
//! ```
//!
//! [`db`] is the database of a client, to put rows in and look at them:
//!
//! ```
//! # use carafe::prelude::*;
//! # use carafe_db::{Database, Db, migrations};
//! # #[get("/")]
//! # async fn count(db: Db) -> Result<String> {
//! #     Ok(format!("{:?}", db.scalar::<i64>("select count(*) from notes", ()).await?))
//! # }
//! # fn app() -> App {
//! #     App::new().extension(Database::from_config().migrations(migrations!("tests/migrations"))).routes(routes![count])
//! # }
//! let client = app().test_client();
//! let db = carafe_db::testing::db(&client);
//! db.execute("insert into notes (text) values (?)", ["hello"]).wait().unwrap();
//! assert_eq!(client.get("/").send().text(), "Some(1)");
//! ```

mod postgres;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use carafe::testing::TestClient;
use carafe::{FromRequest, State};

use crate::background::Background;
use crate::base::Base;
use crate::databases::Databases;
use crate::db::Db;
use crate::error::{Error, Kind, Result};
use crate::migrate::{self, Migrations};
use crate::settings::{DEFAULT, Options};
use crate::url::{Dialect, Url};

/// The variable that names a PostgreSQL server for tests.
const SERVER: &str = "CARAFE_TOOL_TEST_DB";

/// The database of a client's app.
///
/// # Panics
/// When the app has none.
#[track_caller]
pub fn db(client: &TestClient) -> Db {
    bind(client, DEFAULT)
}

/// A database of a client's app, by its name under `db.binds`.
///
/// # Panics
/// When the app has none of this name.
#[track_caller]
pub fn bind(client: &TestClient, name: &str) -> Db {
    let context = client.get("/").context();
    let databases = context.wait(State::<Databases>::from_request(context.request()));
    let db = databases.map_err(|error| error.to_string());
    match db.and_then(|databases| databases.db(name).map_err(|error| error.to_string())) {
        Ok(db) => db,
        Err(words) => panic!("{words}"),
    }
}

/// A database that is removed with its app.
pub(crate) enum Fresh {
    Folder(PathBuf),
    Postgres { server: String, name: String },
}

/// Tells the databases of one process apart.
static NUMBER: AtomicU64 = AtomicU64::new(0);

impl Fresh {
    /// Makes one. To be polled inside the runtime.
    pub(crate) async fn open(
        options: Options,
        migrations: Option<Migrations>,
        runtime: Arc<Background>,
    ) -> Result<Base> {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("carafe_test_{}_{number}", std::process::id());
        match std::env::var(SERVER) {
            Ok(server) if matches!(Url::parse(&server), Some(Url::Postgres(_))) => {
                postgres::open(server, name, options, migrations, runtime).await
            }
            Ok(server) if !server.is_empty() => Err(Error::new(
                Kind::Settings,
                format!("`{SERVER}` is no URL of a PostgreSQL server"),
            )),
            _ => Self::file(name, options, migrations, runtime).await,
        }
    }

    async fn file(
        name: String,
        options: Options,
        migrations: Option<Migrations>,
        runtime: Arc<Background>,
    ) -> Result<Base> {
        let folder = std::env::temp_dir().join(name);
        let url = Url::Sqlite(Some(folder.join("test.db")));
        let mut base = Base::open(Options { url, ..options }, runtime)?;
        base.fresh = Some(Fresh::Folder(folder));
        if let Some(migrations) = migrations {
            migrate::up(&base, migrations.steps(Dialect::Sqlite)?, None).await?;
        }
        Ok(base)
    }

    pub(crate) async fn remove(&self) {
        match self {
            Fresh::Folder(folder) => drop(std::fs::remove_dir_all(folder)),
            Fresh::Postgres { server, name } => postgres::remove(server, name).await,
        }
    }
}
