//! [`Databases`]: all databases of an app, once they are open.

use std::sync::{Arc, OnceLock};

use carafe::Running;

use crate::base::Base;
use crate::db::Db;
use crate::error::{Error, Kind, Result};
use crate::request::Scope;
use crate::settings::{DEFAULT, Settings};

/// All databases of an app: a state of it.
#[derive(Clone, Default)]
pub(crate) struct Databases(Arc<OnceLock<Open>>);

struct Open {
    bases: Vec<Arc<Base>>,
    settings: Settings,
}

impl Databases {
    /// Fills it, once.
    pub(crate) fn set(&self, bases: Vec<Arc<Base>>, settings: Settings) {
        // A second start of the same app finds the databases open.
        let _ = self.0.set(Open { bases, settings });
    }

    pub(crate) fn all(&self) -> &[Arc<Base>] {
        self.0.get().map(|open| open.bases.as_slice()).unwrap_or_default()
    }

    pub(crate) fn settings(&self) -> Option<&Settings> {
        self.0.get().map(|open| &open.settings)
    }

    pub(crate) fn named(&self, name: &str) -> Result<Arc<Base>> {
        let found = self.all().iter().find(|base| base.name() == name);
        found.cloned().ok_or_else(|| match self.0.get() {
            None => Error::new(Kind::Misuse, "the databases are not open yet")
                .hint("they are opened when the app starts, before the start-up steps that were added later"),
            Some(_) => Error::new(Kind::Settings, format!("there is no database `{name}`"))
                .hint(format!("give it a URL: `db.binds.{name}.url = \"..\"`")),
        })
    }

    pub(crate) fn db(&self, name: &str) -> Result<Db> {
        Ok(Db::new(self.named(name)?, Scope::Free, self.clone()))
    }
}

impl Db {
    /// The app's database outside of requests: in start-up steps, in shut-down steps, and for tasks of the app's own.
    ///
    /// ```
    /// # use carafe::App;
    /// # use carafe_db::{Database, Db};
    /// let app = App::new().extension(Database::from_config()).on_startup(|running| async move {
    ///     let one = Db::of(&running)?.scalar::<i64>("select cast(1 as bigint)", ()).await?;
    ///     assert_eq!(one, Some(1));
    ///     Ok(())
    /// });
    /// # app.test_client();
    /// ```
    ///
    /// # Errors
    /// When the app has no [`Database`](crate::Database) yet at this point of its start.
    pub fn of(running: &Running) -> Result<Db> {
        let databases = running.state::<Databases>().ok_or_else(|| {
            Error::new(Kind::Misuse, "the app has no database")
                .hint("add `.extension(carafe_db::Database::from_config())` to it")
        })?;
        databases.db(DEFAULT)
    }
}

#[cfg(feature = "commands")]
impl carafe::FromRunning for Db {
    fn from_running(running: &Running) -> carafe::Result<Db> {
        Ok(Db::of(running)?)
    }
}
