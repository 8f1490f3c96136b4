//! An app in development: what it tells the tool, what it does when the tool says so, and the pages
//! that it shows for errors.

#![cfg(all(unix, debug_assertions))]
#![expect(clippy::unwrap_used, reason = "a helper of tests fails loudly")]

mod browser;
mod channel;
mod live;
mod page;
#[path = "../process/mod.rs"]
mod process;
mod tool;
#[expect(dead_code, reason = "the guestbook's tests use the rest of it")]
#[path = "../../../../examples/guestbook/tests/webdriver/mod.rs"]
mod webdriver;
