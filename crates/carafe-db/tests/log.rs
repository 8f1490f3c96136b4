//! What is logged, and that no password is: one test, since a process has one log.

#![expect(clippy::unwrap_used, reason = "a test fails loudly")]

mod common;

use std::fmt::Debug;
use std::sync::{Mutex, PoisonError};

use carafe::prelude::*;
use carafe_db::testing::db;
use carafe_db::{Database, Db};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

static LINES: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Keeps every event of every crate.
struct Keeper;

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.push_str(&format!(" {}={value:?}", field.name()));
    }
}

impl Subscriber for Keeper {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Line(format!("{} {}", event.metadata().level(), event.metadata().target()));
        event.record(&mut line);
        LINES.lock().unwrap_or_else(PoisonError::into_inner).push(line.0);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

fn lines() -> Vec<String> {
    LINES.lock().unwrap().drain(..).collect()
}

#[get("/")]
async fn index(db: Db) -> Result<String> {
    Ok(format!(
        "{:?}",
        db.scalar::<i64>("select\n  count(*)   from notes where text <> ?", ["a visitor's own"])
            .await?
    ))
}

const SECRET: &str = "hunter2-%40-secret";

#[test]
fn tells_what_it_should_and_no_more() {
    tracing::subscriber::set_global_default(Keeper).unwrap();

    let client = common::app().routes(routes![index]).test_client();
    lines();
    client.get("/").send();
    let quiet = lines();
    assert!(!quiet.iter().any(|line| line.contains("carafe::db")), "{quiet:?}");

    let client = common::app().config("db.echo", true).routes(routes![index]).test_client();
    lines();
    client.get("/").send();
    let echoed = lines();
    let line = echoed.iter().find(|line| line.starts_with("INFO carafe::db")).unwrap();
    assert!(line.contains("ms, 1 row: select count(*) from notes where text <> ?"), "{line}");

    let client = common::app().config("db.slow_query", "1 ms").routes(routes![index]).test_client();
    let sql = "with recursive c(x) as (select 1 union all select x + 1 from c where x < 20000) select count(*) from c";
    lines();
    db(&client).scalar::<i64>(sql, ()).wait().unwrap();
    let slow = lines();
    let line = slow.iter().find(|line| line.starts_with("WARN carafe::db")).unwrap();
    assert!(line.contains("slow: ") && line.contains("with recursive"), "{line}");

    // A server that is not there; one that refuses the password, where there is one.
    let mut told = vec![format!("{echoed:?} {slow:?}")];
    let mut urls = vec![format!("postgres://ann:{SECRET}@127.0.0.1:1/app")];
    if let Some(server) = common::server() {
        urls.push(server.replace("postgres@", &format!("nobody_of_this_name:{SECRET}@")));
    }
    for url in urls {
        let serves = || {
            let database = Database::from_config().fresh_in_tests(false);
            App::new()
                .extension(database)
                .config("db.url", url.as_str())
                .config("db.acquire_timeout", "200 ms")
        };
        let error = serves().try_test_client().err().unwrap();
        told.push(format!("{error} {error:?}"));
    }
    let client = common::app().test_client();
    told.push(format!("{:?} {:?}", db(&client), Database::from_config()));
    told.push(format!("{:?}", lines()));
    for text in told {
        for part in ["hunter2", SECRET, "a visitor's own"] {
            assert!(!text.contains(part), "{text}");
        }
    }
}
