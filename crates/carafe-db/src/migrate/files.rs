//! [`Migrations`]: files of SQL, by their names.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use sqlx::migrate::{Migration, MigrationType};
use sqlx::{AssertSqlSafe, SqlSafeStr};

use crate::error::{Error, Kind, Result};
use crate::url::Dialect;

/// A folder of migrations, carried in the program: what [`migrations!`](crate::migrations!) gives.
///
/// Files are named `VERSION_what_it_does.up.sql` and `.down.sql`, or `.sql` alone for one that is never
/// taken back. Those in the folders `sqlite` and `postgres` are for these databases only, and stand in for one of the same
/// version beside the folders. Each is run in a transaction, unless its first line is `-- no-transaction`.
#[derive(Clone, Copy, Debug)]
pub struct Migrations {
    /// Where the folder is on this computer; `None` in release builds.
    source: Option<&'static str>,
    folder: &'static str,
    files: &'static [(&'static str, &'static str)],
}

/// One migration, with the way back if there is one.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) version: i64,
    /// The file's name without its endings.
    pub(crate) name: String,
    pub(crate) up: Migration,
    pub(crate) down: Option<Migration>,
}

impl Migrations {
    /// What `migrations!` expands to.
    #[doc(hidden)]
    pub const fn embedded(
        source: Option<&'static str>,
        folder: &'static str,
        files: &'static [(&'static str, &'static str)],
    ) -> Migrations {
        Migrations { source, folder, files }
    }

    /// The folder as the program names it.
    pub(crate) fn folder(&self) -> &'static str {
        self.folder
    }

    /// The folder on this computer, in development.
    pub(crate) fn source(&self) -> Option<&'static Path> {
        self.source.map(Path::new)
    }

    /// The migrations for one kind of database, by version.
    pub(crate) fn steps(&self, dialect: Dialect) -> Result<Vec<Step>> {
        let files = match self.source().filter(|folder| folder.is_dir()) {
            Some(folder) => read(folder).map_err(|error| {
                Error::new(
                    Kind::Migration,
                    format!("the migrations in `{}` cannot be read", self.folder),
                )
                .caused_by(sqlx::Error::Io(error))
            })?,
            None => self
                .files
                .iter()
                .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
                .collect(),
        };
        steps(&files, dialect, self.folder)
    }
}

/// The `.sql` files below a folder, with their texts.
fn read(folder: &Path) -> io::Result<Vec<(String, String)>> {
    let mut files = Vec::new();
    for prefix in ["", "sqlite/", "postgres/"] {
        let folder = folder.join(prefix);
        if !folder.is_dir() {
            continue;
        }
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "sql") {
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                files.push((format!("{prefix}{name}"), fs::read_to_string(&path)?));
            }
        }
    }
    files.sort();
    Ok(files)
}

/// What a file's name says.
#[derive(Debug, PartialEq)]
struct Name<'a> {
    /// For one kind of database only.
    dialect: Option<&'a str>,
    version: i64,
    name: &'a str,
    description: String,
    kind: MigrationType,
}

fn parse(path: &str) -> Option<Name<'_>> {
    let (dialect, file) = match path.split_once('/') {
        Some((dialect, file)) => (Some(dialect), file),
        None => (None, path),
    };
    let kind = MigrationType::from_filename(file);
    let name = file.strip_suffix(kind.suffix())?;
    let (version, description) = name.split_once('_')?;
    let version = version.parse().ok().filter(|version| *version > 0)?;
    let description = description.replace('_', " ");
    (!description.is_empty()).then_some(Name { dialect, version, name, description, kind })
}

fn steps(files: &[(String, String)], dialect: Dialect, folder: &str) -> Result<Vec<Step>> {
    let mut ups: BTreeMap<i64, (Name<'_>, &str)> = BTreeMap::new();
    let mut downs: BTreeMap<i64, (Name<'_>, &str)> = BTreeMap::new();
    for (path, text) in files {
        let name = parse(path).ok_or_else(|| misnamed(path, folder))?;
        if name.dialect.is_some_and(|own| own != dialect.name()) {
            continue;
        }
        let found = if name.kind.is_down_migration() { &mut downs } else { &mut ups };
        match found.get(&name.version) {
            Some((other, _)) if other.dialect.is_some() == name.dialect.is_some() => {
                return Err(Error::new(
                    Kind::Migration,
                    format!("two migrations in `{folder}` have the version {}", name.version),
                )
                .hint(format!("give `{}` or `{path}` another number", other.name)));
            }
            // The one for this kind of database.
            Some((other, _)) if other.dialect.is_some() => {}
            _ => drop(found.insert(name.version, (name, text))),
        }
    }
    if let Some((_, (name, _))) = downs.iter().find(|(version, _)| !ups.contains_key(version)) {
        let words = format!("`{folder}/{}.down.sql` takes back what nothing did", name.name);
        return Err(
            Error::new(Kind::Migration, words).hint(format!("write `{}.up.sql`", name.name))
        );
    }
    Ok(ups
        .into_iter()
        .map(|(version, (name, text))| Step {
            version,
            name: name.name.to_owned(),
            up: migration(&name, text),
            down: downs.get(&version).map(|(name, text)| migration(name, text)),
        })
        .collect())
}

fn migration(name: &Name<'_>, text: &str) -> Migration {
    let no_transaction = text.starts_with("-- no-transaction");
    let description = Cow::Owned(name.description.clone());
    let sql = AssertSqlSafe(text.to_owned()).into_sql_str();
    Migration::new(name.version, description, name.kind, sql, no_transaction)
}

fn misnamed(path: &str, folder: &str) -> Error {
    Error::new(Kind::Migration, format!("`{folder}/{path}` is not named as a migration"))
        .hint("a migration is named `0001_create_notes.up.sql`: a number, `_`, and what it does")
}

/// Makes the two files of a new migration, and gives their paths.
pub(crate) fn new_files(migrations: &Migrations, name: &str) -> Result<Vec<PathBuf>> {
    let failed = |words: String| Error::new(Kind::Migration, words);
    let Some(folder) =
        migrations.source().filter(|folder| folder.parent().is_some_and(Path::is_dir))
    else {
        return Err(failed("a release build makes no migrations".to_owned())
            .hint("make it where the app's source is: `cargo run -- db new NAME`"));
    };
    let name: String = name
        .trim()
        .to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join("_");
    if name.is_empty() {
        return Err(
            failed("a migration needs a name".to_owned()).hint("such as `db new create_notes`")
        );
    }
    let io = |error: io::Error| {
        failed(format!("`{}` cannot be written", folder.display()))
            .caused_by(sqlx::Error::Io(error))
    };
    fs::create_dir_all(folder).map_err(io)?;
    let number = next_number(&read(folder).map_err(io)?);
    let mut made = Vec::new();
    for (ending, text) in [("up", "-- What changes.\n"), ("down", "-- How it is taken back.\n")] {
        let path = folder.join(format!("{number}_{name}.{ending}.sql"));
        let mut file = fs::File::create_new(&path).map_err(io)?;
        io::Write::write_all(&mut file, text.as_bytes()).map_err(io)?;
        made.push(path);
    }
    Ok(made)
}

/// The number after the last where they are counted, else the time, which seldom meets that of a colleague.
fn next_number(files: &[(String, String)]) -> String {
    let names: Vec<Name<'_>> = files.iter().filter_map(|(path, _)| parse(path)).collect();
    match names.iter().max_by_key(|name| name.version) {
        Some(last) if last.version < 1_000_000 => {
            let width = last.name.split('_').next().unwrap_or_default().len();
            format!("{:0width$}", last.version + 1)
        }
        _ => timestamp(SystemTime::now()),
    }
}

/// `YYYYMMDDhhmmss` in UTC.
fn timestamp(time: SystemTime) -> String {
    let seconds = time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    // Days since 1970 to a date of the Gregorian calendar, counted in eras of 400 years that begin in March.
    let shifted = days + 719_468;
    let (era, day) = (shifted / 146_097, shifted % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day_of_year + 2) / 153;
    let date = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + u64::from(month <= 2);
    format!("{year:04}{month:02}{date:02}{:02}{:02}{:02}", rest / 3600, rest / 60 % 60, rest % 60)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn found(names: &[&str], dialect: Dialect) -> std::result::Result<String, String> {
        let files: Vec<_> =
            names.iter().map(|name| ((*name).to_owned(), format!("-- {name}"))).collect();
        let steps = steps(&files, dialect, "migrations").map_err(|error| error.to_string())?;
        let shown = |step: &Step| {
            let down =
                step.down.as_ref().map_or("-", |down| down.sql.as_str().trim_start_matches("-- "));
            format!("{} {} {down}", step.version, step.up.sql.as_str().trim_start_matches("-- "))
        };
        Ok(steps.iter().map(shown).collect::<Vec<_>>().join("; "))
    }

    #[test]
    fn reads_names() {
        let check = |names: &[&str], expected: &str| {
            assert_eq!(found(names, Dialect::Sqlite).unwrap(), expected, "{names:?}");
        };
        check(&[], "");
        check(
            &["2_b.sql", "10_c.sql", "0001_a.up.sql", "0001_a.down.sql"],
            "1 0001_a.up.sql 0001_a.down.sql; 2 2_b.sql -; 10 10_c.sql -",
        );
        // Those for one kind of database win, whichever comes first.
        check(&["1_a.sql", "sqlite/1_a.sql", "postgres/1_a.sql"], "1 sqlite/1_a.sql -");
        check(&["sqlite/1_a.sql", "1_a.sql"], "1 sqlite/1_a.sql -");
        check(&["postgres/1_a.sql"], "");
    }

    #[test]
    fn refuses() {
        let check = |names: &[&str], expected: &str| {
            assert_eq!(found(names, Dialect::Postgres).unwrap_err(), expected, "{names:?}");
        };
        check(
            &["notes.sql"],
            "`migrations/notes.sql` is not named as a migration\n\n\
             hint: a migration is named `0001_create_notes.up.sql`: a number, `_`, and what it does",
        );
        check(
            &["1_a.sql", "1_b.sql"],
            "two migrations in `migrations` have the version 1\n\n\
             hint: give `1_a` or `1_b.sql` another number",
        );
        check(
            &["1_a.down.sql"],
            "`migrations/1_a.down.sql` takes back what nothing did\n\nhint: write `1_a.up.sql`",
        );
        for name in ["0_a.sql", "-1_a.sql", "1_.sql", "_a.sql", "x_a.sql", "1.sql"] {
            assert!(found(&[name], Dialect::Sqlite).is_err(), "{name}");
        }
    }

    #[test]
    fn numbers_new_ones() {
        let check = |names: &[&str], expected: &str| {
            let files: Vec<_> =
                names.iter().map(|name| ((*name).to_owned(), String::new())).collect();
            assert_eq!(next_number(&files), expected);
        };
        check(&["0001_a.sql", "0009_b.sql"], "0010");
        check(&["1_a.sql"], "2");
        assert_eq!(next_number(&[]).len(), 14);
        assert_eq!(next_number(&[("20240131120000_a.sql".to_owned(), String::new())]).len(), 14);
    }

    #[test]
    fn tells_the_time() {
        let check = |seconds: u64, expected: &str| {
            assert_eq!(timestamp(UNIX_EPOCH + Duration::from_secs(seconds)), expected);
        };
        // As `date -u -d @N +%Y%m%d%H%M%S` has them.
        check(0, "19700101000000");
        check(951_782_400, "20000229000000");
        check(1_709_164_799, "20240228235959");
        check(1_735_689_599, "20241231235959");
        check(4_107_542_400, "21000301000000");
    }
}
