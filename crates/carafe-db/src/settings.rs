//! The settings under `db`, and those of further databases under `db.binds`.

use std::collections::BTreeMap;
use std::time::Duration;

use carafe::config::Seconds;
use serde::Deserialize;

use crate::url::Url;

/// The name of the database that is meant where none is named.
pub(crate) const DEFAULT: &str = "default";

/// What the configuration says under `db`.
///
/// | key | default | |
/// |---|---|---|
/// | `url` | `sqlite:data/app.db` | `sqlite:path`, below the app's folder unless it begins with `/`; `sqlite::memory:`; `postgres://user:password@host/name` |
/// | `pool` | 10 | connections at most |
/// | `acquire_timeout` | `5 s` | how long a request waits for a connection |
/// | `idle_timeout` | `10 min` | a connection that nobody used for so long is closed |
/// | `max_lifetime` | `30 min` | a connection is replaced after so long |
/// | `busy_timeout` | `5 s` | how long a write waits for another one |
/// | `statement_timeout` | not set | how long a statement may take |
/// | `slow_query` | `200 ms` | statements that take longer are logged; `0` logs none |
/// | `echo` | `false` | logs every statement |
/// | `migrate` | `auto` | at the start: `apply` what is pending, `refuse` to serve, or `ignore` it; `auto` applies in development and tests, and refuses in release |
/// | `per_page`, `max_per_page` | 20, 100 | for pages that do not say |
/// | `binds.NAME` | | another database: the keys from `url` to `migrate`; those that are left out are as above |
#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
pub struct Settings {
    pub(crate) url: Url,
    pub(crate) pool: u32,
    pub(crate) acquire_timeout: Seconds,
    pub(crate) idle_timeout: Seconds,
    pub(crate) max_lifetime: Seconds,
    pub(crate) busy_timeout: Seconds,
    pub(crate) statement_timeout: Option<Seconds>,
    pub(crate) slow_query: Seconds,
    pub(crate) echo: bool,
    pub(crate) migrate: Migrate,
    pub(crate) per_page: u32,
    pub(crate) max_per_page: u32,
    pub(crate) binds: BTreeMap<String, Bind>,
}

/// What to do with pending migrations when the app starts to serve.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub(crate) enum Migrate {
    #[default]
    Auto,
    Apply,
    Refuse,
    Ignore,
}

/// One of `db.binds`.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Bind {
    url: Url,
    pool: Option<u32>,
    acquire_timeout: Option<Seconds>,
    idle_timeout: Option<Seconds>,
    max_lifetime: Option<Seconds>,
    busy_timeout: Option<Seconds>,
    statement_timeout: Option<Seconds>,
    slow_query: Option<Seconds>,
    echo: Option<bool>,
    migrate: Option<Migrate>,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            url: Url::default(),
            pool: 10,
            acquire_timeout: Seconds::new(5),
            idle_timeout: Seconds::new(10 * 60),
            max_lifetime: Seconds::new(30 * 60),
            busy_timeout: Seconds::new(5),
            statement_timeout: None,
            slow_query: Duration::from_millis(200).into(),
            echo: false,
            migrate: Migrate::Auto,
            per_page: 20,
            max_per_page: 100,
            binds: BTreeMap::new(),
        }
    }
}

/// What one database needs to know.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    pub(crate) name: String,
    pub(crate) url: Url,
    pub(crate) pool: u32,
    pub(crate) acquire_timeout: Duration,
    pub(crate) idle_timeout: Duration,
    pub(crate) max_lifetime: Duration,
    pub(crate) busy_timeout: Duration,
    pub(crate) statement_timeout: Option<Duration>,
    /// `None` when no statement is slow.
    pub(crate) slow_query: Option<Duration>,
    pub(crate) echo: bool,
    pub(crate) migrate: Migrate,
}

impl Settings {
    /// The options of the default database, then those of the binds.
    pub(crate) fn databases(&self) -> Vec<Options> {
        let first = Options {
            name: DEFAULT.to_owned(),
            url: self.url.clone(),
            pool: self.pool.max(1),
            acquire_timeout: self.acquire_timeout.duration(),
            idle_timeout: self.idle_timeout.duration(),
            max_lifetime: self.max_lifetime.duration(),
            busy_timeout: self.busy_timeout.duration(),
            statement_timeout: self.statement_timeout.map(Seconds::duration),
            slow_query: Some(self.slow_query.duration()).filter(|slow| !slow.is_zero()),
            echo: self.echo,
            migrate: self.migrate,
        };
        let binds = self.binds.iter().map(|(name, bind)| bind.options(name, &first));
        let binds: Vec<Options> = binds.collect();
        std::iter::once(first).chain(binds).collect()
    }
}

impl Bind {
    fn options(&self, name: &str, first: &Options) -> Options {
        let time = |own: Option<Seconds>, other: Duration| own.map_or(other, Seconds::duration);
        let slow = match self.slow_query {
            Some(slow) => Some(slow.duration()).filter(|slow| !slow.is_zero()),
            None => first.slow_query,
        };
        Options {
            name: name.to_owned(),
            url: self.url.clone(),
            pool: self.pool.unwrap_or(first.pool).max(1),
            acquire_timeout: time(self.acquire_timeout, first.acquire_timeout),
            idle_timeout: time(self.idle_timeout, first.idle_timeout),
            max_lifetime: time(self.max_lifetime, first.max_lifetime),
            busy_timeout: time(self.busy_timeout, first.busy_timeout),
            statement_timeout: self
                .statement_timeout
                .map(Seconds::duration)
                .or(first.statement_timeout),
            slow_query: slow,
            echo: self.echo.unwrap_or(first.echo),
            migrate: self.migrate.unwrap_or(first.migrate),
        }
    }
}

/// The dotted key of a database's setting.
pub(crate) fn key(database: &str, name: &str) -> String {
    match database {
        DEFAULT => format!("db.{name}"),
        bind => format!("db.binds.{bind}.{name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(toml: &str) -> Result<Settings, String> {
        let config = carafe::config::Loader::in_memory().text("carafe.toml", toml).load();
        config.unwrap().section("db").map_err(|errors| errors.to_string())
    }

    #[test]
    fn binds_take_after_the_first() {
        let text = "[db]\npool = 3\nslow_query = 0\nmigrate = \"apply\"\n\
                    [db.binds.reports]\nurl = \"postgres://reader:pw@db/reports\"\necho = true\n";
        let databases = read(text).unwrap().databases();
        let [first, reports] = databases.as_slice() else { panic!("{databases:?}") };
        assert_eq!((first.name.as_str(), first.pool, first.slow_query), ("default", 3, None));
        assert_eq!((reports.name.as_str(), reports.pool, reports.echo), ("reports", 3, true));
        assert_eq!((first.migrate, reports.migrate), (Migrate::Apply, Migrate::Apply));
        assert_eq!(key("default", "pool"), "db.pool");
        assert_eq!(key("reports", "pool"), "db.binds.reports.pool");
        assert!(!format!("{databases:?}").contains("pw"), "{databases:?}");
    }

    #[test]
    fn refuses() {
        let check = |text: &str, expected: &str| {
            let errors = read(text).unwrap_err();
            assert!(errors.contains(expected), "{errors}");
        };
        check("[db]\npols = 1\n", "pols");
        check("[db]\nurl = \"mysql://root:pw@localhost/x\"\n", "`sqlite:..` or `postgres://..`");
        check("[db.binds.reports]\npool = 1\n", "url");
        let errors = read("[db]\nurl = \"mysql://root:hunter2@localhost/x\"\n").unwrap_err();
        assert!(!errors.contains("hunter2"), "{errors}");
    }
}
