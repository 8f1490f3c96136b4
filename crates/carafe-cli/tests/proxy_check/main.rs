//! `carafe proxy check` at its boundary: a real app, a real proxy in front of it, and what is printed.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a helper of tests fails loudly")]

mod messages;
mod nginx;
mod parts;
#[path = "../../../carafe/tests/process/mod.rs"]
mod process;
mod urls;
