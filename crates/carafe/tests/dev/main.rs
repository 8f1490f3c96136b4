//! An app in development: what it tells the tool, what it does when the tool says so, and the pages
//! that it shows for errors.

#![cfg(all(unix, debug_assertions))]
#![expect(clippy::unwrap_used, reason = "a helper of tests fails loudly")]

mod channel;
mod live;
#[path = "../process/mod.rs"]
mod process;
mod tool;
