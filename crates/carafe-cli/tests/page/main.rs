//! `carafe debug` and its page: what it refuses, what it says of an app that does not build, and a real
//! browser with a real debugger.
//!
//! The browser tests need Chromium with its driver and lldb-dap. Screenshots are written to
//! `target/screenshots`.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "the helpers are tests, too")]

mod debugging;
mod refusals;
mod tool;
#[allow(dead_code, reason = "the guestbook's tests use the rest")]
#[path = "../../../../examples/guestbook/tests/webdriver/mod.rs"]
mod webdriver;
