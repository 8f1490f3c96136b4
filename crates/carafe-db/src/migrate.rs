//! Migrations: what they are, which are pending, and how they are applied and taken back.
//!
//! sqlx keeps the books, in its own table `_sqlx_migrations`, so that its command-line tool works on the same database.

#![cfg_attr(
    not(feature = "commands"),
    allow(dead_code, reason = "half of it is what the commands do")
)]

mod apply;
mod files;
mod lock;
#[cfg(test)]
mod tests;

#[cfg(feature = "commands")]
pub(crate) use self::apply::{State, down, status};
pub(crate) use self::apply::{at_start, up};
pub use self::files::Migrations;
pub(crate) use self::files::Step;
#[cfg(feature = "commands")]
pub(crate) use self::files::new_files;
