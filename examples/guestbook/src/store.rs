//! The entries in SQLite. Every function blocks, so the views that call them are plain `fn`s, which
//! Carafe runs on its thread pool.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use carafe::{Error, Result};
use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior, named_params, params};
use serde::Serialize;

/// What changed in the database's shape, oldest first; `user_version` counts those that were made.
const MIGRATIONS: &[&str] = &[
    // `autoincrement`: a link to a deleted entry never becomes a link to another one.
    "create table entries (
        id integer primary key autoincrement,
        name text not null,
        message text not null,
        picture text,
        author text,
        created_at integer not null default (unixepoch())
    ) strict",
];

/// An entry, as one visitor sees it.
#[derive(Debug, Serialize)]
pub(crate) struct Entry {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) message: String,
    /// The file in the folder of pictures.
    pub(crate) picture: Option<String>,
    /// Seconds since 1970, UTC.
    pub(crate) created_at: i64,
    /// Whether the visitor wrote it. Left out when not, as in an export, where nobody visits.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) mine: bool,
}

/// An entry to be written.
#[derive(Default)]
pub(crate) struct NewEntry<'a> {
    pub(crate) name: &'a str,
    pub(crate) message: &'a str,
    pub(crate) picture: Option<&'a str>,
    pub(crate) author: Option<&'a str>,
    /// Seconds since 1970, UTC; `None` is now.
    pub(crate) created_at: Option<i64>,
}

/// Which entries are wanted. Pages hang on an entry's number and not on their own, so a link to a
/// page shows the same entries after new ones came.
#[derive(Default)]
pub(crate) struct Wanted<'a> {
    pub(crate) search: Option<&'a str>,
    /// Those right below this number.
    pub(crate) before: Option<i64>,
    /// Those right above this number.
    pub(crate) after: Option<i64>,
    pub(crate) limit: u32,
}

/// Entries, newest first, with the `after` and `before` of the pages beside them.
#[derive(Debug, Serialize)]
pub(crate) struct Page {
    pub(crate) entries: Vec<Entry>,
    pub(crate) newer: Option<i64>,
    pub(crate) older: Option<i64>,
}

/// The database, opened when the app starts. SQLite writes one at a time anyway, so one connection
/// behind a lock serves a guestbook well.
#[derive(Default)]
pub(crate) struct Store(OnceLock<Mutex<Connection>>);

impl Store {
    /// Opens `guestbook.db` in a folder; both are made when they are missing.
    pub(crate) fn open(&self, folder: &Path) -> Result<()> {
        std::fs::create_dir_all(folder)?;
        let mut connection = Connection::open(folder.join("guestbook.db"))?;
        connection.busy_timeout(Duration::from_secs(5))?;
        connection.pragma_update(None, "journal_mode", "wal")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        migrate(&mut connection)?;
        self.0.set(Mutex::new(connection)).map_err(|_| Error::new(500).describe("opened twice"))
    }

    fn connection(&self) -> Result<MutexGuard<'_, Connection>> {
        let lock = self.0.get().ok_or_else(|| Error::new(503).describe("the book is closed"))?;
        // A panic cannot leave a transaction open: dropping it rolls it back.
        Ok(lock.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Writes an entry and gives its number.
    pub(crate) fn add(&self, entry: &NewEntry) -> Result<i64> {
        let connection = self.connection()?;
        connection
            .prepare_cached(
                "insert into entries (name, message, picture, author, created_at)
             values (?1, ?2, ?3, ?4, coalesce(?5, unixepoch()))",
            )?
            .execute(params![
                entry.name,
                entry.message,
                entry.picture,
                entry.author,
                entry.created_at
            ])?;
        Ok(connection.last_insert_rowid())
    }

    /// The entry of this number, for a visitor.
    pub(crate) fn entry(&self, id: i64, visitor: Option<&str>) -> Result<Option<Entry>> {
        let entry = self
            .connection()?
            .prepare_cached(
                "select *, coalesce(author = ?2, 0) as mine from entries where id = ?1",
            )?
            .query_row(params![id, visitor], read)
            .optional()?;
        Ok(entry)
    }

    /// A page of entries, for a visitor.
    pub(crate) fn page(&self, wanted: &Wanted, visitor: Option<&str>) -> Result<Page> {
        let order = if wanted.after.is_some() { "asc" } else { "desc" };
        let sql = format!(
            "select *, coalesce(author = :visitor, 0) as mine from entries
             where (:before is null or id < :before) and (:after is null or id > :after)
               and (:like is null or name like :like escape '\\' or message like :like escape '\\')
             order by id {order} limit :limit"
        );
        // One more than asked for tells whether there is a page after this one.
        let limit = i64::from(wanted.limit) + 1;
        let entries: Vec<Entry> = self
            .connection()?
            .prepare_cached(&sql)?
            .query_map(
                named_params! {
                    ":visitor": visitor, ":before": wanted.before, ":after": wanted.after,
                    ":like": wanted.search.map(like), ":limit": limit,
                },
                read,
            )?
            .collect::<Result<_, _>>()?;
        Ok(Page::new(entries, wanted))
    }

    /// All entries, oldest first.
    pub(crate) fn all(&self) -> Result<Vec<Entry>> {
        let connection = self.connection()?;
        let mut query = connection.prepare("select *, 0 as mine from entries order by id")?;
        let entries = query.query_map([], read)?.collect::<Result<_, _>>()?;
        Ok(entries)
    }

    /// Deletes a visitor's own entry and gives it back; `None` when it is not theirs.
    pub(crate) fn delete(&self, id: i64, visitor: &str) -> Result<Option<Entry>> {
        let deleted = self
            .connection()?
            .prepare_cached(
                "delete from entries where id = ?1 and author = ?2 returning *, 1 as mine",
            )?
            .query_row(params![id, visitor], read)
            .optional()?;
        Ok(deleted)
    }
}

impl Page {
    /// Cuts off the entry that only told of another page, and puts the newest first.
    fn new(mut entries: Vec<Entry>, wanted: &Wanted) -> Page {
        let more = entries.len() > wanted.limit as usize;
        entries.truncate(wanted.limit as usize);
        let upwards = wanted.after.is_some();
        if upwards {
            entries.reverse();
        }
        let (first, last) = (entries.first().map(|e| e.id), entries.last().map(|e| e.id));
        // Whoever came down from a newer page can go up again, and the other way round.
        let (has_newer, has_older) =
            if upwards { (more, true) } else { (wanted.before.is_some(), more) };
        Page { newer: first.filter(|_| has_newer), older: last.filter(|_| has_older), entries }
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<Entry> {
    Ok(Entry {
        id: row.get("id")?,
        name: row.get("name")?,
        message: row.get("message")?,
        picture: row.get("picture")?,
        created_at: row.get("created_at")?,
        mine: row.get("mine")?,
    })
}

/// A pattern for `like` that finds the words wherever they stand.
fn like(words: &str) -> String {
    let escaped = words.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{escaped}%")
}

/// Brings the database's shape up to date; two apps that start at once wait for each other.
fn migrate(connection: &mut Connection) -> Result<()> {
    let change = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let made: usize = change.pragma_query_value(None, "user_version", |row| row.get(0))?;
    for migration in MIGRATIONS.iter().skip(made) {
        change.execute_batch(migration)?;
    }
    change.pragma_update(None, "user_version", MIGRATIONS.len())?;
    Ok(change.commit()?)
}
