//! What goes wrong around an app: it is killed, the disk is full, the database goes away, everything is in use.
//! No write that was acknowledged is lost, each failure is said in words, and nobody has to start the app again.

#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "a test fails loudly")]

mod common;
mod outside;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use carafe::prelude::*;
use carafe_db::testing::db;
use carafe_db::{Database, Db, Kind, Tx, migrations};

use common::{eventually, server};
use outside::{Postgres, Process, Proxy, ask, status_of};

const INSERT: &str = "insert into notes (text) values (?)";

#[post("/add/<text>")]
async fn add(text: String, db: Db) -> Result<String> {
    Ok(db.insert(INSERT, [text]).await?.to_string())
}

/// Two rows or none.
#[post("/pair/<text>")]
fn pair(text: String, tx: Tx) -> Result<&'static str> {
    tx.execute(INSERT, [format!("{text}a")]).wait()?;
    tx.execute(INSERT, [format!("{text}b")]).wait()?;
    Ok("done")
}

#[post("/large/<text>")]
async fn large(text: String, db: Db) -> Result<String> {
    // Which no compression makes smaller by much.
    let mut seed: u64 =
        text.bytes().fold(7, |seed, byte| seed.wrapping_mul(31).wrapping_add(byte.into()));
    let letters = (0..20_000).map(|_| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(33 + (seed >> 33) as u8 % 90)
    });
    let text = format!("{text}{}", letters.collect::<String>());
    let written: (i64,) = db
        .fetch_one("insert into pages (text) values (?) returning cast(1 as bigint)", [text])
        .await?;
    Ok(written.0.to_string())
}

#[get("/pages")]
async fn pages(db: Db) -> Result<String> {
    Ok(db.scalar::<i64>("select count(*) from pages", ()).await?.unwrap_or(-1).to_string())
}

#[get("/all")]
async fn all(db: Db) -> Result<String> {
    Ok(db.scalars::<String>("select text from notes order by id", ()).await?.join(","))
}

#[get("/count")]
async fn count(db: Db) -> Result<String> {
    Ok(db.scalar::<i64>("select count(*) from notes", ()).await?.unwrap_or(-1).to_string())
}

/// An app on a database that stays.
fn app(url: &str) -> App {
    let database =
        Database::from_config().migrations(migrations!("tests/migrations")).fresh_in_tests(false);
    let told = |signal: carafe::Signal<'_>| {
        if let carafe::Signal::GotRequestException { error, .. } = signal {
            eprintln!("{error}");
        }
    };
    let app = App::new().extension(database).config("db.url", url).connect(told);
    app.routes(routes![add, pair, large, pages, all, count])
}

/// Not a test: the process that others start and kill.
#[test]
fn process_to_kill() {
    outside::serve(|url| app(&url).test_server());
}

/// A database of its own for a test, gone with the value.
struct Place {
    url: String,
    folder: tempfile::TempDir,
    on_server: Option<(carafe::testing::TestClient, String)>,
}

impl Place {
    fn new() -> Place {
        let folder = tempfile::tempdir().unwrap();
        let Some(server) = server() else {
            let url = format!("sqlite:{}/app.db", folder.path().display());
            return Place { url, folder, on_server: None };
        };
        let client = common::app().test_client();
        let name =
            format!("failures_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::SeqCst));
        db(&client)
            .script(carafe_db::AssertSqlSafe(format!("create database {name}")))
            .wait()
            .unwrap();
        let url = format!("{}/{name}", server.rsplit_once('/').unwrap().0);
        Place { url, folder, on_server: Some((client, name)) }
    }
}

static NUMBER: AtomicUsize = AtomicUsize::new(0);

impl Drop for Place {
    fn drop(&mut self) {
        if let Some((client, name)) = &self.on_server {
            let sql =
                carafe_db::AssertSqlSafe(format!("drop database if exists {name} with (force)"));
            let _ = db(client).script(sql).wait();
        }
    }
}

#[test]
fn killed_twenty_times_under_load() {
    let place = Place::new();
    let acknowledged = Mutex::new(BTreeSet::new());
    for round in 0..20 {
        let mut process = Process::start("process_to_kill", &place.url, place.folder.path());
        let address = process.address;
        check_all(address, &acknowledged.lock().unwrap());
        let enough = 10 + round * 3;
        let done = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for writer in 0..4 {
                let (acknowledged, done) = (&acknowledged, &done);
                scope.spawn(move || {
                    for number in 0.. {
                        let text = format!("r{round}w{writer}n{number}-");
                        let Some(200) = status_of(address, &format!("POST /pair/{text}")) else {
                            return;
                        };
                        acknowledged.lock().unwrap().insert(text);
                        done.fetch_add(1, Ordering::SeqCst);
                    }
                });
            }
            eventually("writes are acknowledged", || done.load(Ordering::SeqCst) >= enough);
            process.kill();
        });
    }
    let process = Process::start("process_to_kill", &place.url, place.folder.path());
    let acknowledged = acknowledged.into_inner().unwrap();
    assert!(acknowledged.len() >= 20 * 10);
    check_all(process.address, &acknowledged);
}

/// Everything acknowledged is there, and of each pair both or none.
fn check_all(address: SocketAddr, acknowledged: &BTreeSet<String>) {
    let all = ask(address, "GET /all").unwrap();
    let all: BTreeSet<&str> = all.split(',').filter(|text| !text.is_empty()).collect();
    for text in acknowledged {
        assert!(all.contains(format!("{text}a").as_str()), "{text} was acknowledged, and is lost");
    }
    for text in &all {
        let (pair, _) = text.rsplit_once('-').unwrap();
        for half in ["a", "b"] {
            assert!(all.contains(format!("{pair}-{half}").as_str()), "half of {pair} is there");
        }
    }
}

/// The server is cut off while it is written to, and comes back: on PostgreSQL.
#[test]
fn gone_and_back() {
    let Some(server) = server() else { return };
    let place = Place::new();
    let proxy = Proxy::before(&server);
    let name = place.url.rsplit_once('/').unwrap().1;
    let url = format!("postgres://postgres:hunter2@{}/{name}", proxy.address);
    let server =
        app(&url).config("db.acquire_timeout", "500 ms").config("db.pool", 4).test_server();
    let address = server.addr();
    let acknowledged = AtomicUsize::new(0);
    let stop = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let (acknowledged, stop) = (&acknowledged, &stop);
            scope.spawn(move || {
                for number in 0.. {
                    if stop.load(Ordering::SeqCst) > 0 {
                        return;
                    }
                    match status_of(address, &format!("POST /add/w{writer}n{number}")) {
                        Some(200) => drop(acknowledged.fetch_add(1, Ordering::SeqCst)),
                        Some(503) => {}
                        other => panic!("{other:?}"),
                    }
                }
            });
        }
        for _ in 0..3 {
            let before = acknowledged.load(Ordering::SeqCst);
            eventually("writes go on", || acknowledged.load(Ordering::SeqCst) > before + 20);
            proxy.cut();
            let began = Instant::now();
            eventually("it is said", || status_of(address, "GET /count") == Some(503));
            assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
            let page = outside::exchange(address, "GET /count").unwrap();
            assert!(page.to_lowercase().contains("retry-after: 1"), "{page}");
            assert!(!page.contains("hunter2"), "{page}");
            proxy.restore();
        }
        eventually("it recovers", || status_of(address, "GET /count") == Some(200));
        stop.store(1, Ordering::SeqCst);
    });
    let count: usize = ask(address, "GET /count").unwrap().parse().unwrap();
    assert!(count >= acknowledged.load(Ordering::SeqCst), "{count}");
}

/// Every connection is ended by the server, as a restart does.
#[test]
fn ended_by_the_server() {
    if server().is_none() {
        return;
    }
    let place = Place::new();
    let (client, name) = place.on_server.as_ref().unwrap();
    let server = app(&place.url).test_server();
    for round in 0..5 {
        assert_eq!(status_of(server.addr(), &format!("POST /add/n{round}")), Some(200));
        let sql = "select pg_terminate_backend(pid)::text from pg_stat_activity where datname = ?";
        db(client).scalars::<String>(sql, [name.as_str()]).wait().unwrap();
        eventually("it works again", || status_of(server.addr(), "GET /count") == Some(200));
    }
    assert_eq!(ask(server.addr(), "GET /count").as_deref(), Some("5"));
}

/// Another program writes for longer than anybody waits: on SQLite.
#[test]
fn locked_by_another() {
    if server().is_some() {
        return;
    }
    let place = Place::new();
    let client = app(&place.url).config("db.busy_timeout", "100 ms").test_client();
    let other = app(&place.url).test_client();
    let tx = db(&other).begin().wait().unwrap();
    tx.execute(INSERT, ["theirs"]).wait().unwrap();
    for path in ["/add/x", "/pair/x"] {
        assert_eq!(client.post(path).send().status(), 503, "{path}");
    }
    assert_eq!(client.get("/count").send().text(), "0");
    let error = db(&client).execute(INSERT, ["x"]).wait().unwrap_err();
    assert_eq!(error.kind(), Kind::Busy);
    assert!(
        error.to_string().contains("hint: `db.busy_timeout` is how long a write waits"),
        "{error}"
    );
    tx.commit().wait().unwrap();
    assert_eq!(client.post("/add/ours").send().status(), 200);
    assert_eq!(client.get("/all").send().text(), "theirs,ours");
}

#[test]
fn every_connection_in_use() {
    let place = Place::new();
    let client =
        app(&place.url).config("db.pool", 2).config("db.acquire_timeout", "100 ms").test_client();
    let db = db(&client);
    let sql = "with recursive c(x) as (select 1 union all select x + 1 from c where x < 5000) select cast(x as bigint) from c";
    let mut held: Vec<_> = (0..2).map(|_| db.stream::<(i64,)>(sql, ()).wait()).collect();
    held.iter_mut().for_each(|rows| assert_eq!(rows.next().unwrap().unwrap().0, 1));
    assert_eq!(client.get("/count").send().status(), 503);
    let error = db.scalar::<i64>("select 1", ()).wait().unwrap_err();
    assert_eq!(error.kind(), Kind::Exhausted);
    assert!(
        error
            .to_string()
            .starts_with("all 2 connections of the database `default` were in use for 100ms"),
        "{error}"
    );
    drop(held);
    assert_eq!(client.get("/count").send().status(), 200);
}

#[test]
fn statements_that_take_too_long() {
    let place = Place::new();
    let client = app(&place.url).config("db.statement_timeout", "200 ms").test_client();
    let db = db(&client);
    let began = Instant::now();
    let sql = "with recursive c(x) as (select 1 union all select x + 1 from c where x < 3000000) select count(*) from c";
    let sql = if server().is_some() { "select 1::bigint from pg_sleep(20)" } else { sql };
    let error = db.scalar::<i64>(sql, ()).wait().unwrap_err();
    assert_eq!(error.kind(), Kind::Timeout, "{error}");
    assert!(
        error.to_string().contains("hint: `db.statement_timeout` is how long it may take"),
        "{error}"
    );
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
    for _ in 0..3 {
        assert_eq!(client.get("/count").send().status(), 200);
    }
}

/// Runs in a file system of its own, with little space.
#[test]
fn full_disk() {
    outside::in_small_disk("full_disk", 4, |folder| {
        let postgres = server().is_some().then(|| Postgres::start(folder));
        let url = match &postgres {
            Some(postgres) => postgres.url(),
            None => format!("sqlite:{}/app.db", folder.display()),
        };
        fill_up(&url, folder);
    });
}

fn fill_up(url: &str, folder: &Path) {
    let filler: PathBuf = folder.join("filler");
    std::fs::write(&filler, vec![1_u8; 1 << 20]).unwrap();
    let server = app(url).test_server();
    let mut acknowledged = 0;
    for number in 0.. {
        assert!(number < 5000, "the disk is never full");
        match status_of(server.addr(), &format!("POST /large/n{number}")) {
            Some(200) => acknowledged += 1,
            Some(503) => break,
            other => panic!("{other:?}"),
        }
    }
    assert!(acknowledged > 10);
    // It can be read, and says what is wrong with writing; both ways of it.
    assert_eq!(ask(server.addr(), "GET /pages").unwrap(), acknowledged.to_string());
    assert_eq!(status_of(server.addr(), "POST /large/again"), Some(503));
    std::fs::remove_file(&filler).unwrap();
    eventually("it goes on", || status_of(server.addr(), "POST /large/more") == Some(200));
    assert_eq!(ask(server.addr(), "GET /pages").unwrap(), (acknowledged + 1).to_string());
    drop(server);
    let client = app(url).test_client();
    assert_eq!(client.get("/pages").send().text(), (acknowledged + 1).to_string());
}
