//! What the tests share.

#![allow(dead_code, reason = "each test uses a part of it")]

use std::time::{Duration, Instant};

use carafe::App;
use carafe_db::{Database, migrations};

/// An app with a table `notes`, and nothing else.
pub(crate) fn app() -> App {
    App::new().extension(Database::from_config().migrations(migrations!("tests/migrations")))
}

/// Waits until something is so.
#[track_caller]
pub(crate) fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let until = Instant::now() + Duration::from_secs(30);
    while !is_so() {
        assert!(Instant::now() < until, "not within 30 s: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The PostgreSQL server for tests, where they run on it.
pub(crate) fn server() -> Option<String> {
    std::env::var("CARAFE_TOOL_TEST_DB").ok().filter(|url| !url.is_empty())
}
