//! [`Url`]: where a database is. It never shows its password.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::de::{Deserialize, Deserializer, Unexpected, Visitor};

/// Which language a database speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dialect {
    /// SQLite, inside the app.
    Sqlite,
    /// PostgreSQL, over a socket.
    Postgres,
}

impl Dialect {
    /// `sqlite` or `postgres`; also the name of its folder below a folder of migrations.
    pub fn name(self) -> &'static str {
        match self {
            Dialect::Sqlite => "sqlite",
            Dialect::Postgres => "postgres",
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Where a database is.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Url {
    /// A file; `None` for one in memory.
    Sqlite(Option<PathBuf>),
    /// The whole URL.
    Postgres(String),
}

impl Default for Url {
    fn default() -> Url {
        Url::Sqlite(Some("data/app.db".into()))
    }
}

impl Url {
    const EXPECTED: &'static str = "`sqlite:..` or `postgres://..`";

    pub(crate) fn parse(text: &str) -> Option<Url> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            return match path {
                "" => None,
                ":memory:" => Some(Url::Sqlite(None)),
                path if path.contains('?') => None,
                path => Some(Url::Sqlite(Some(path.into()))),
            };
        }
        let rest =
            text.strip_prefix("postgres://").or_else(|| text.strip_prefix("postgresql://"))?;
        (!rest.is_empty()).then(|| Url::Postgres(text.to_owned()))
    }

    pub(crate) fn dialect(&self) -> Dialect {
        match self {
            Url::Sqlite(_) => Dialect::Sqlite,
            Url::Postgres(_) => Dialect::Postgres,
        }
    }

    /// The same with a file's path made to start at a folder.
    pub(crate) fn below(self, folder: &Path) -> Url {
        match self {
            Url::Sqlite(Some(path)) => Url::Sqlite(Some(folder.join(path))),
            other => other,
        }
    }
}

impl fmt::Display for Url {
    /// Without the password, and without parameters, which may hold one too.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Url::Sqlite(None) => f.write_str("sqlite::memory:"),
            Url::Sqlite(Some(path)) => write!(f, "sqlite:{}", path.display()),
            Url::Postgres(url) => f.write_str(&without_password(url)),
        }
    }
}

/// Rather too much is left out than too little: a password may hold `/`, `?` and `@` unescaped.
fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return "(hidden)".to_owned() };
    let (user, place) = match rest.rsplit_once('@') {
        Some((user, place)) => (user.split(':').next().filter(|user| !user.is_empty()), place),
        None => (None, rest),
    };
    let place = place.split('?').next().unwrap_or_default();
    match user {
        Some(user) => format!("{scheme}://{user}@{place}"),
        None => format!("{scheme}://{place}"),
    }
}

impl fmt::Debug for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<'de> Deserialize<'de> for Url {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Url, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = Url;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(Url::EXPECTED)
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Url, E> {
                // The configuration shows no password of what it refuses.
                Url::parse(text).ok_or_else(|| E::invalid_value(Unexpected::Str(text), &self))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_and_hides() {
        let check = |text: &str, shown: Option<&str>| {
            assert_eq!(Url::parse(text).map(|url| url.to_string()).as_deref(), shown, "{text}");
        };
        check("sqlite:app.db", Some("sqlite:app.db"));
        check("sqlite://app.db", Some("sqlite:app.db"));
        check("sqlite:///var/app.db", Some("sqlite:/var/app.db"));
        check("sqlite::memory:", Some("sqlite::memory:"));
        check("sqlite:", None);
        check("sqlite:app.db?mode=ro", None);
        check("postgres://ann:s3cret@db:5433/app", Some("postgres://ann@db:5433/app"));
        check("postgresql://ann:p@ss/w?rd@db/app?password=x", Some("postgresql://ann@db/app"));
        check("postgres://db/app?user=ann&password=x", Some("postgres://db/app"));
        check("postgres:///app?host=/run/postgresql", Some("postgres:///app"));
        check("postgres://", None);
        check("mysql://db/app", None);
        let below = |text: &str| Url::parse(text).unwrap().below(Path::new("/srv")).to_string();
        assert_eq!(below("sqlite:data/app.db"), "sqlite:/srv/data/app.db");
        assert_eq!(below("sqlite:/data/app.db"), "sqlite:/data/app.db");
    }
}
