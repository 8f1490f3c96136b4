//! [`DbStore`]: sign-ins in the app's database.

use std::time::SystemTime;

use carafe::{FromRequest, Result, Running};
use carafe_db::{Db, FromRow};

use super::entry::{seconds, time};
use super::{Caller, Devices, Entry, EntryKind, SessionKey, SessionStore, StoreFuture};

/// Sign-ins in the database of the app, SQLite or PostgreSQL, in the table `login_sessions`: they outlive restarts, and every process
/// of the app knows them.
///
/// The table is made at the start where it is not there; its SQL is [`DbStore::SCHEMA`], for those who would rather have it among their
/// own migrations. Entries whose time is over are removed now and then.
///
/// ```
/// use carafe_db::Database;
/// use carafe_login::{DbStore, LoginManager};
/// # struct Member;
/// # impl carafe_login::Account for Member {
/// #     fn id(&self) -> String { String::new() }
/// #     async fn load(_: &carafe::Request, _: &str) -> carafe::Result<Option<Member>> { Ok(None) }
/// # }
///
/// let app = carafe::App::new()
///     .extension(Database::from_config())
///     .extension(LoginManager::<Member>::from_config().session_store(DbStore::new()));
/// # app.test_client();
/// ```
///
/// Within a request it takes part in the request's transaction, if there is one: a sign-in is undone with it.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct DbStore;

impl DbStore {
    /// The table's SQL, for SQLite and for PostgreSQL.
    pub const SCHEMA: &str = "\
create table if not exists login_sessions (
    token_digest varchar(64) primary key,
    kind varchar(10) not null,
    user_id text not null,
    device varchar(32) not null,
    label text not null,
    identifier varchar(64) not null,
    created bigint not null,
    expires bigint not null,
    confirmed bigint
);
create index if not exists login_sessions_user_id on login_sessions (user_id);
create index if not exists login_sessions_expires on login_sessions (expires);
";

    /// The store.
    pub fn new() -> DbStore {
        DbStore
    }
}

#[derive(FromRow)]
struct Row {
    kind: String,
    user_id: String,
    device: String,
    label: String,
    identifier: String,
    created: i64,
    expires: i64,
    confirmed: Option<i64>,
}

impl Row {
    /// `None` for a row that nobody here has written.
    fn entry(self) -> Option<Entry> {
        let at = |seconds: i64| time(u64::try_from(seconds).unwrap_or(0));
        Some(Entry {
            kind: EntryKind::from_word(&self.kind)?,
            user: self.user_id,
            device: self.device,
            label: self.label,
            identifier: self.identifier,
            created: at(self.created),
            expires: at(self.expires),
            confirmed: self.confirmed.map(at),
        })
    }
}

async fn db(caller: Caller<'_>) -> Result<Db> {
    match caller {
        Caller::Request(request) => Db::from_request(request).await,
        Caller::Running(running) => Ok(Db::of(running)?),
    }
}

fn stamp(at: SystemTime) -> i64 {
    i64::try_from(seconds(at)).unwrap_or(i64::MAX)
}

/// Of so many sign-ins one removes what is over.
const CLEANING: u64 = 32;

impl SessionStore for DbStore {
    fn start<'a>(&'a self, running: &'a Running) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let db = Db::of(running)?;
            let there = "select token_digest from login_sessions where 1 = 0";
            if db.scalar::<String>(there, ()).await.is_ok() {
                return Ok(());
            }
            let made = db.script(DbStore::SCHEMA).await;
            // Another process may have made it at the same moment.
            if made.is_err() && db.scalar::<String>(there, ()).await.is_ok() {
                return Ok(());
            }
            Ok(made?)
        })
    }

    fn insert<'a>(
        &'a self,
        caller: Caller<'a>,
        key: &'a SessionKey,
        entry: &'a Entry,
    ) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let db = db(caller).await?;
            let sql = "insert into login_sessions \
                (token_digest, kind, user_id, device, label, identifier, created, expires, confirmed) \
                values (?, ?, ?, ?, ?, ?, ?, ?, ?)";
            let values = (
                key.as_str(),
                entry.kind.as_str(),
                entry.user.as_str(),
                entry.device.as_str(),
                entry.label.as_str(),
                entry.identifier.as_str(),
                stamp(entry.created),
                stamp(entry.expires),
                entry.confirmed.map(stamp),
            );
            db.execute(sql, values).await?;
            let mut chance = [0; 8];
            crate::random::fill(&mut chance)?;
            if u64::from_le_bytes(chance) % CLEANING == 0 {
                let now = stamp(SystemTime::now());
                db.execute("delete from login_sessions where expires <= ?", [now]).await?;
            }
            Ok(())
        })
    }

    fn get<'a>(
        &'a self,
        caller: Caller<'a>,
        key: &'a SessionKey,
    ) -> StoreFuture<'a, Option<Entry>> {
        Box::pin(async move {
            let sql = "select kind, user_id, device, label, identifier, created, expires, confirmed \
                from login_sessions where token_digest = ?";
            let row = db(caller).await?.query_one::<Row>(sql, [key.as_str()]).await?;
            Ok(row.and_then(Row::entry))
        })
    }

    fn update<'a>(
        &'a self,
        caller: Caller<'a>,
        key: &'a SessionKey,
        entry: &'a Entry,
    ) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            // The rest of an entry stays as it began.
            let sql = "update login_sessions set expires = ?, confirmed = ? where token_digest = ?";
            let values = (stamp(entry.expires), entry.confirmed.map(stamp), key.as_str());
            db(caller).await?.execute(sql, values).await?;
            Ok(())
        })
    }

    fn remove<'a>(&'a self, caller: Caller<'a>, key: &'a SessionKey) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let sql = "delete from login_sessions where token_digest = ?";
            db(caller).await?.execute(sql, [key.as_str()]).await?;
            Ok(())
        })
    }

    fn remove_of<'a>(
        &'a self,
        caller: Caller<'a>,
        user: &'a str,
        devices: Devices<'a>,
    ) -> StoreFuture<'a, u64> {
        Box::pin(async move {
            let db = db(caller).await?;
            let done = match devices {
                Devices::All => db.execute("delete from login_sessions where user_id = ?", [user]),
                Devices::Only(device) => db.execute(
                    "delete from login_sessions where user_id = ? and device = ?",
                    [user, device],
                ),
                Devices::AllBut(device) => db.execute(
                    "delete from login_sessions where user_id = ? and device <> ?",
                    [user, device],
                ),
            };
            Ok(done.await?.rows_affected)
        })
    }

    fn list<'a>(
        &'a self,
        caller: Caller<'a>,
        user: &'a str,
        now: SystemTime,
    ) -> StoreFuture<'a, Vec<Entry>> {
        Box::pin(async move {
            let sql = "select kind, user_id, device, label, identifier, created, expires, confirmed \
                from login_sessions where user_id = ? and expires > ? order by created desc, token_digest";
            let rows = db(caller).await?.fetch_all::<Row>(sql, (user, stamp(now))).await?;
            Ok(rows.into_iter().filter_map(Row::entry).collect())
        })
    }
}
