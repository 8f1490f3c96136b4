//! The entries in SQLite.

use serde::Serialize;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};

#[derive(Clone)]
pub(crate) struct Store(SqlitePool);

#[derive(Debug, Serialize, sqlx::FromRow)]
pub(crate) struct Entry {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) message: String,
    pub(crate) picture: Option<String>,
    pub(crate) author: Option<String>,
    pub(crate) created_at: i64,
}

#[derive(Default)]
pub(crate) struct NewEntry<'a> {
    pub(crate) name: &'a str,
    pub(crate) message: &'a str,
    pub(crate) picture: Option<&'a str>,
    pub(crate) author: Option<&'a str>,
}

impl Store {
    pub(crate) async fn open(file: &str) -> sqlx::Result<Store> {
        let options = SqliteConnectOptions::new().filename(file).create_if_missing(true);
        let pool = SqlitePool::connect_with(options).await?;
        sqlx::query(
            "create table if not exists entries (id integer primary key autoincrement, name text not null, \
             message text not null, picture text, author text, created_at integer not null default (unixepoch())) strict",
        )
        .execute(&pool)
        .await?;
        Ok(Store(pool))
    }

    pub(crate) async fn page(
        &self,
        search: Option<&str>,
        before: Option<i64>,
        limit: i64,
    ) -> sqlx::Result<Vec<Entry>> {
        sqlx::query_as(
            "select * from entries where (? is null or instr(lower(message), lower(?))) \
             and id < ? order by id desc limit ?",
        )
        .bind(search)
        .bind(search)
        .bind(before.unwrap_or(i64::MAX))
        .bind(limit)
        .fetch_all(&self.0)
        .await
    }

    pub(crate) async fn entry(&self, id: i64) -> sqlx::Result<Option<Entry>> {
        sqlx::query_as("select * from entries where id = ?").bind(id).fetch_optional(&self.0).await
    }

    pub(crate) async fn add(&self, entry: &NewEntry<'_>) -> sqlx::Result<i64> {
        let done =
            sqlx::query("insert into entries (name, message, picture, author) values (?, ?, ?, ?)")
                .bind(entry.name)
                .bind(entry.message)
                .bind(entry.picture)
                .bind(entry.author)
                .execute(&self.0)
                .await?;
        Ok(done.last_insert_rowid())
    }

    pub(crate) async fn delete(&self, id: i64, author: &str) -> sqlx::Result<Option<Entry>> {
        sqlx::query_as("delete from entries where id = ? and author = ? returning *")
            .bind(id)
            .bind(author)
            .fetch_optional(&self.0)
            .await
    }
}
