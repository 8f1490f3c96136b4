//! `carafe run` with real apps: each test makes a package of its own in a temporary folder, which depends
//! on the framework of this repository; what it compiles of that is shared by all of them.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a helper of tests fails loudly")]

mod debugging;
mod failing;
mod keys;
mod leaving;
mod package;
mod reload;
mod session;
mod starting;
mod terminal;
#[allow(dead_code, reason = "the guestbook's tests use the rest")]
#[path = "../../../../examples/guestbook/tests/webdriver/mod.rs"]
mod webdriver;
