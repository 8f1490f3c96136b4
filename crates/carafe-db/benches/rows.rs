//! Rows a second through `Db`, beside sqlx itself on the same database: `cargo bench -p carafe-db`.
//!
//! Both sides take turns in short rounds, so that whatever else the machine does meets both; the ratio of each
//! pair of rounds is taken, and the median of these told. Bare sqlx runs as its users run it: on a multi-threaded tokio
//! runtime. `Db` runs as it does under Carafe: on a single-threaded runtime of its own.
//!
//! `CARAFE_TOOL_TEST_DB` names a PostgreSQL server for the second half. Fails when a ratio is below 0.95.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark prints, and fails loudly"
)]

use std::process::ExitCode;
use std::time::{Duration, Instant};

use carafe::App;
use carafe_db::testing::db;
use carafe_db::{Database, Db, FromRow};
use sqlx::{Connection as _, Executor as _};

const ROWS: i64 = 1000;
const PAIRS: usize = 41;
const ROUND: Duration = Duration::from_millis(120);
const LEAST: f64 = 0.95;

const MANY: &str = "select id, text, likes from rows_of_bench order by id";
const ONE_BARE_SQLITE: &str = "select id, text, likes from rows_of_bench where id = ?";
const ONE_BARE_POSTGRES: &str = "select id, text, likes from rows_of_bench where id = $1";

#[derive(FromRow)]
#[allow(dead_code, reason = "its columns are decoded, which is what is measured")]
struct Row {
    id: i64,
    text: String,
    likes: i64,
}

/// One side's round: as many queries as fit; rows a second.
fn round(mut query: impl FnMut(i64) -> usize) -> f64 {
    let began = Instant::now();
    let (mut rows, mut number) = (0, 0);
    while began.elapsed() < ROUND {
        number = number % ROWS + 1;
        rows += query(number);
    }
    rows as f64 / began.elapsed().as_secs_f64()
}

/// The median ratio of ours to theirs, and both medians.
fn paired(name: &str, mut ours: impl FnMut() -> f64, mut theirs: impl FnMut() -> f64) -> bool {
    let (mut ratios, mut own, mut bare) = (Vec::new(), Vec::new(), Vec::new());
    // Once before it counts.
    let _warm = (ours(), theirs());
    for pair in 0..PAIRS {
        let (a, b) = if pair % 2 == 0 {
            let a = ours();
            (a, theirs())
        } else {
            let b = theirs();
            (ours(), b)
        };
        ratios.push(a / b);
        own.push(a);
        bare.push(b);
    }
    let median = |values: &mut Vec<f64>| {
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    let ratio = median(&mut ratios);
    let verdict = if ratio >= LEAST { "ok" } else { "TOO SLOW" };
    println!(
        "{name:<28}{:>12.0}{:>12.0}{ratio:>8.3}  {verdict}",
        median(&mut own),
        median(&mut bare)
    );
    ratio >= LEAST
}

fn fill(db: &Db) {
    db.script("create table rows_of_bench (id bigint primary key, text text not null, likes bigint not null)").wait().unwrap();
    let tx = db.begin().wait().unwrap();
    for id in 1..=ROWS {
        let sql = "insert into rows_of_bench values (?, ?, ?)";
        tx.execute(sql, (id, format!("the text of the note number {id}"), id * 7)).wait().unwrap();
    }
    tx.commit().wait().unwrap();
}

/// All rows of the table at once, then one at a time, for bare sqlx with this pool.
macro_rules! compare {
    ($kind:literal, $db:expr, $pool:expr, $runtime:expr, $one:expr) => {{
        let (db, pool, runtime): (&Db, _, &tokio::runtime::Runtime) = ($db, $pool, $runtime);
        let own = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let many = paired(
            concat!($kind, ", 1000 rows a query"),
            || {
                round(|_| {
                    own.block_on(async { db.fetch_all::<Row>(MANY, ()).await.unwrap().len() })
                })
            },
            || {
                round(|_| {
                    runtime.block_on(async {
                        sqlx::query_as::<_, Row>(MANY).fetch_all(&pool).await.unwrap().len()
                    })
                })
            },
        );
        let one = paired(
            concat!($kind, ", 1 row a query"),
            || {
                round(|id| {
                    own.block_on(async {
                        db.query_one::<Row>(ONE_BARE_SQLITE, [id]).await.unwrap().map_or(0, |_| 1)
                    })
                })
            },
            || {
                round(|id| {
                    runtime.block_on(async {
                        sqlx::query_as::<_, Row>($one)
                            .bind(id)
                            .fetch_optional(&pool)
                            .await
                            .unwrap()
                            .map_or(0, |_| 1)
                    })
                })
            },
        );
        many && one
    }};
}

fn main() -> ExitCode {
    // `cargo test --benches` builds it, and runs it to see that it starts.
    if std::env::args().any(|word| word == "--test") {
        return ExitCode::SUCCESS;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    println!("{:<28}{:>12}{:>12}{:>8}", "rows a second", "Db", "sqlx", "ratio");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bench.db");
    let app = |url: &str| {
        App::new()
            .extension(Database::from_config().fresh_in_tests(false))
            .config("db.url", url)
            .test_client()
    };
    let client = app(&format!("sqlite:{}", path.display()));
    let own = db(&client);
    fill(&own);
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&path);
    let pool = runtime.block_on(sqlx::SqlitePool::connect_with(options)).unwrap();
    let mut good = compare!("SQLite", &own, pool, &runtime, ONE_BARE_SQLITE);
    if let Ok(server) = std::env::var("CARAFE_TOOL_TEST_DB") {
        let name = format!("carafe_bench_{}", std::process::id());
        let run = |sql: String| {
            runtime.block_on(async {
                let mut connection = sqlx::PgConnection::connect(&server).await.unwrap();
                connection.execute(sqlx::AssertSqlSafe(sql)).await.unwrap();
            })
        };
        run(format!("create database {name}"));
        let url = format!("{}/{name}", server.rsplit_once('/').unwrap().0);
        let client = app(&url);
        let own = db(&client);
        fill(&own);
        let pool = runtime.block_on(sqlx::PgPool::connect(&url)).unwrap();
        good &= compare!("PostgreSQL", &own, pool.clone(), &runtime, ONE_BARE_POSTGRES);
        runtime.block_on(pool.close());
        drop(client);
        run(format!("drop database {name} with (force)"));
    }
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
