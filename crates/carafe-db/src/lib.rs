//! Databases for Carafe: SQLite inside the app, PostgreSQL by changing one URL.
//!
#![doc = include_str!("docs/guide.md")]

// The macros name this crate as its users do, also in its own tests.
extern crate self as carafe_db;

mod args;
mod background;
mod base;
mod call;
#[cfg(feature = "commands")]
mod commands;
mod connection;
mod databases;
mod db;
mod error;
mod extension;
mod migrate;
mod observe;
mod op;
mod pagination;
mod placeholders;
mod request;
mod rows;
mod settings;
pub mod testing;
mod transaction;
mod url;

pub use args::{Args, Value};
pub use call::Call;
pub use connection::{Done, Record};
pub use db::Db;
pub use error::{Error, Failure, Kind, Result};
pub use extension::Database;
pub use migrate::Migrations;
pub use pagination::{PageQuery, Pagination};
pub use rows::{Rows, WaitedRows};
pub use settings::Settings;
pub use transaction::{Savepoint, Tx};
pub use url::Dialect;

/// Reads a struct from a row, by the names of its fields.
///
/// The derive macro of the same name writes it; `#[row(..)]` on a field says where it differs: `rename = "column"`, `default` for a column
/// that may be absent, `skip`, `flatten` for a struct of columns of the same row, `json` for a column that
/// holds JSON, and `try_from = "i64"` for a type that is made of another. It is sqlx's own trait.
///
/// ```
/// #[derive(carafe_db::FromRow)]
/// struct User {
///     id: i64,
///     #[row(rename = "mail")]
///     email: Option<String>,
///     #[row(json)]
///     tags: Vec<String>,
/// }
/// # fn check<T: carafe_db::Record>() {}
/// # check::<User>();
/// ```
pub use sqlx::FromRow;

pub use carafe_db_macros::FromRow;

/// A folder of migrations, carried in the program: `migrations!()` is `migrations` beside `Cargo.toml`.
///
/// In development the folder is read at each start, so that a new file needs no new build.
pub use carafe_db_macros::migrations;

/// Says that a statement that was put together at run time holds nothing from outside: sqlx's own.
pub use sqlx::AssertSqlSafe;

/// A column that holds JSON, as a value of a query and as a column of a tuple: sqlx's own.
pub use sqlx::types::Json;

/// What macros expand to.
#[doc(hidden)]
pub mod __private {
    pub use sqlx::types::Json;
    pub use sqlx::{ColumnIndex, Decode, FromRow, Result, Row, Type};

    /// A column that is absent reads as the default.
    pub fn or_default<T: Default>(read: Result<T>) -> Result<T> {
        match read {
            Err(sqlx::Error::ColumnNotFound(_)) => Ok(T::default()),
            other => other,
        }
    }

    /// The error of a conversion, as that of its column.
    pub fn converted<T, E>(result: std::result::Result<T, E>, column: &str) -> Result<T>
    where
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let index = || column.to_owned();
        result.map_err(|error| sqlx::Error::ColumnDecode { index: index(), source: error.into() })
    }
}
