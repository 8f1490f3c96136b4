//! Migrations: what they are, which are pending, and how they are applied and taken back.
//!
//! sqlx keeps the books, in its own table `_sqlx_migrations`, so that its command-line tool works on the same database.

mod apply;
mod files;
mod lock;
#[cfg(test)]
mod tests;

pub(crate) use self::apply::{State, at_start, down, status, up};
pub use self::files::Migrations;
pub(crate) use self::files::{Step, new_files};
