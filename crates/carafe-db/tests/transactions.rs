//! Transactions: of a request, which end with it, whatever that end is; and others.

#![expect(clippy::unwrap_used, reason = "a test fails loudly")]

mod common;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use carafe::prelude::*;
use carafe::testing::TestClient;
use carafe_db::testing::db;
use carafe_db::{Db, Dialect, Kind, Tx};

use common::{app, eventually};

const INSERT: &str = "insert into notes (text) values (?)";

#[post("/async/<text>/<int:status>")]
async fn awaited(text: String, status: u16, tx: Tx) -> Result<Response> {
    tx.execute(INSERT, [text]).await?;
    Ok(Response::new("done").with_status(status))
}

#[post("/plain/<text>/<int:status>")]
fn plain(text: String, status: u16, tx: Tx) -> Result<Response> {
    tx.execute(INSERT, [text]).wait()?;
    Ok(Response::new("done").with_status(status))
}

#[post("/abort/<text>")]
async fn aborts(text: String, tx: Tx) -> Result<()> {
    tx.execute(INSERT, [text]).await?;
    abort!(422, "no");
}

#[post("/panic/<text>")]
async fn panics(text: String, tx: Tx) -> Result<()> {
    tx.execute(INSERT, [text]).await?;
    panic!("a mistake");
}

#[post("/panic-plain/<text>")]
fn panics_plain(text: String, tx: Tx) -> Result<()> {
    tx.execute(INSERT, [text]).wait()?;
    panic!("a mistake");
}

#[post("/on-demand/<text>")]
async fn on_demand(text: String, db: Db, other: Db) -> Result<()> {
    db.begin().await?;
    // Both, since a request has one transaction: the second would wait for the first for ever.
    other.execute(INSERT, [text.clone()]).await?;
    let again = other.begin().await?;
    again.execute(INSERT, [format!("{text}2")]).await?;
    abort!(400);
}

#[post("/early/<text>")]
async fn early(text: String, tx: Tx, db: Db) -> Result<()> {
    tx.execute(INSERT, [text.clone()]).await?;
    tx.commit().await?;
    db.execute(INSERT, [format!("{text}2")]).await?;
    abort!(400);
}

#[post("/undone/<text>")]
async fn undone(text: String, tx: Tx) -> Result<String> {
    tx.execute(INSERT, [text]).await?;
    tx.rollback().await?;
    Ok("fine".into())
}

#[post("/savepoints")]
async fn savepoints(tx: Tx) -> Result<String> {
    tx.execute(INSERT, ["kept"]).await?;
    let part = tx.savepoint().await?;
    part.execute(INSERT, ["released"]).await?;
    part.release().await?;
    let part = tx.savepoint().await?;
    part.execute(INSERT, ["rolled back"]).await?;
    part.rollback().await?;
    let part = tx.savepoint().await?;
    let refused = part.execute(INSERT, ["kept"]).await.unwrap_err();
    assert_eq!(refused.kind(), Kind::Unique);
    drop(part);
    tx.execute(INSERT, ["after"]).await?;
    let part = tx.savepoint().await?;
    part.execute(INSERT, ["dropped at the end"]).await?;
    drop(part);
    Ok("done".into())
}

#[post("/swallowed")]
async fn swallowed(tx: Tx) -> Result<String> {
    tx.execute(INSERT, ["one"]).await?;
    let _ = tx.execute(INSERT, ["one"]).await;
    Ok("done".into())
}

fn client() -> TestClient {
    app()
        .routes(routes![
            awaited,
            plain,
            aborts,
            panics,
            panics_plain,
            on_demand,
            early,
            undone,
            savepoints,
            swallowed
        ])
        .test_client()
}

fn texts(client: &TestClient) -> Vec<String> {
    db(client).scalars("select text from notes order by id", ()).wait().unwrap()
}

#[test]
fn ends_as_the_request_does() {
    let client = client();
    let mut kept = Vec::new();
    for (number, (way, status)) in [
        ("async", 200),
        ("plain", 201),
        ("async", 303),
        ("plain", 302),
        ("async", 404),
        ("plain", 500),
        ("async", 400),
    ]
    .into_iter()
    .enumerate()
    {
        let answer = client.post(&format!("/{way}/n{number}/{status}")).send();
        assert_eq!(answer.status(), status);
        if status < 400 {
            kept.push(format!("n{number}"));
        }
        assert_eq!(texts(&client), kept, "{way} {status}");
    }
    for path in ["/abort/x", "/panic/x", "/panic-plain/x", "/on-demand/x"] {
        assert!(client.post(path).send().status().as_u16() >= 400, "{path}");
        assert_eq!(texts(&client), kept, "{path}");
    }
    assert_eq!(client.post("/undone/x").send().status(), 200);
    assert_eq!(texts(&client), kept);
    client.post("/early/x").send();
    kept.extend(["x".to_owned(), "x2".to_owned()]);
    assert_eq!(texts(&client), kept);
}

#[test]
fn parts_can_be_undone() {
    let client = client();
    assert_eq!(client.post("/savepoints").send().status(), 200);
    assert_eq!(texts(&client), ["kept", "released", "after"]);
}

#[test]
fn a_commit_that_postgresql_would_not_do_is_no_success() {
    let client = client();
    let answer = client.post("/swallowed").send();
    match db(&client).dialect() {
        Dialect::Postgres => {
            assert_eq!(answer.status(), 500);
            assert!(answer.error().unwrap().contains("belongs in a savepoint"));
            assert!(texts(&client).is_empty());
        }
        _ => {
            assert_eq!(answer.status(), 200);
            assert_eq!(texts(&client), ["one"]);
        }
    }
}

#[test]
fn outside_of_requests() {
    let client = client();
    let db = db(&client);
    let tx = db.begin().wait().unwrap();
    tx.execute(INSERT, ["one"]).wait().unwrap();
    assert_eq!(tx.begin().wait().unwrap_err().kind(), Kind::Misuse);
    tx.commit().wait().unwrap();
    let tx = db.begin().wait().unwrap();
    tx.execute(INSERT, ["two"]).wait().unwrap();
    let copy = (*tx).clone();
    tx.rollback().wait().unwrap();
    assert_eq!(copy.execute(INSERT, ["late"]).wait().unwrap_err().kind(), Kind::Misuse);
    let tx = db.begin().wait().unwrap();
    tx.execute(INSERT, ["three"]).wait().unwrap();
    drop(tx);
    // A call that nobody awaited does nothing either.
    let tx = db.begin().wait().unwrap();
    tx.execute(INSERT, ["four"]).wait().unwrap();
    drop(tx.commit());
    db.execute(INSERT, ["five"]).wait().unwrap();
    assert_eq!(texts(&client), ["one", "five"]);
}

/// More transactions are given up than there are connections, on every way; then all are of use again.
#[test]
fn connections_come_back() {
    let client = client();
    for number in 0..15 {
        for path in ["abort", "panic", "panic-plain", "on-demand", "undone"] {
            client.post(&format!("/{path}/n{number}")).send();
        }
    }
    let db = db(&client);
    for _ in 0..15 {
        drop(db.begin().wait().unwrap());
    }
    assert_eq!(client.post("/async/last/200").send().status(), 200);
    assert_eq!(texts(&client), ["last"]);
}

/// Who went away.
#[derive(Default)]
struct Gone {
    began: AtomicUsize,
    ended: AtomicUsize,
}

struct AtDrop(State<Gone>);

impl Drop for AtDrop {
    fn drop(&mut self) {
        self.0.ended.fetch_add(1, Ordering::SeqCst);
    }
}

#[post("/slow/<text>")]
async fn slow(text: String, tx: Tx, gone: State<Gone>) -> Result<()> {
    tx.execute(INSERT, [text]).await?;
    gone.began.fetch_add(1, Ordering::SeqCst);
    let _end = AtDrop(gone);
    std::future::pending::<()>().await;
    Ok(())
}

#[get("/state")]
async fn state(gone: State<Gone>, db: Db) -> Result<String> {
    let count = db.scalar::<i64>("select count(*) from notes", ()).await?.unwrap();
    Ok(format!(
        "{} {} {count}",
        gone.began.load(Ordering::SeqCst),
        gone.ended.load(Ordering::SeqCst)
    ))
}

fn ask(address: std::net::SocketAddr, line: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    write!(
        stream,
        "{line} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
    )
    .unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text.rsplit("\r\n\r\n").next().unwrap().to_owned()
}

#[test]
fn a_client_that_leaves_leaves_nothing() {
    let server = app().state(Gone::default()).routes(routes![slow, state, awaited]).test_server();
    for round in 1..=3 {
        let mut stream = TcpStream::connect(server.addr()).unwrap();
        let head =
            format!("POST /slow/n{round} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        eventually("the handler has begun", || {
            ask(server.addr(), "GET /state").starts_with(&round.to_string())
        });
        drop(stream);
        eventually("the handler has ended", || {
            ask(server.addr(), "GET /state") == format!("{round} {round} 0")
        });
    }
    assert_eq!(ask(server.addr(), "POST /async/after/200"), "done");
    assert_eq!(ask(server.addr(), "GET /state"), "3 3 1");
}

/// Connections are used by threads other than those that opened them, and the threads of one server end before
/// those of another begin.
#[test]
fn any_thread_uses_any_connection() {
    for _ in 0..3 {
        let server = app()
            .config("workers", 4)
            .config("db.pool", 3)
            .routes(routes![awaited, plain])
            .test_server();
        let address = server.addr();
        let failures = Arc::new(AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for thread in 0..8 {
                let failures = failures.clone();
                scope.spawn(move || {
                    for number in 0..12 {
                        let way = if number % 2 == 0 { "async" } else { "plain" };
                        if ask(address, &format!("POST /{way}/t{thread}n{number}/200")) != "done" {
                            failures.fetch_add(1, Ordering::SeqCst);
                        }
                    }
                });
            }
        });
        assert_eq!(failures.load(Ordering::SeqCst), 0);
    }
}

/// What is still asked while the app stops is answered, or refused in words; nothing hangs and nothing panics.
#[test]
fn ends_under_load() {
    for _ in 0..4 {
        let server =
            app().config("shutdown_timeout", 5).routes(routes![awaited, plain]).test_server();
        let address = server.addr();
        let stopping = Arc::new(AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let stopping = stopping.clone();
                scope.spawn(move || {
                    for number in 0.. {
                        let way = if number % 2 == 0 { "async" } else { "plain" };
                        let Ok(mut stream) = TcpStream::connect(address) else { return };
                        let head = format!(
                            "POST /{way}/t{thread}n{number}/200 HTTP/1.1\r\nhost: localhost\r\n\
                             connection: close\r\ncontent-length: 0\r\n\r\n"
                        );
                        let _ = stream.write_all(head.as_bytes());
                        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
                        let mut text = String::new();
                        let read = stream.read_to_string(&mut text);
                        if read.is_err() || text.is_empty() {
                            // Not accepted any more; a timeout would be a hang.
                            let kind = read.err().map(|error| error.kind());
                            assert_ne!(
                                kind,
                                Some(std::io::ErrorKind::WouldBlock),
                                "an answer hangs"
                            );
                            return;
                        }
                        let good = ["HTTP/1.1 200", "HTTP/1.1 503"]
                            .iter()
                            .any(|start| text.starts_with(start));
                        assert!(good, "{text}");
                        stopping.fetch_add(1, Ordering::SeqCst);
                    }
                });
            }
            eventually("requests are answered", || stopping.load(Ordering::SeqCst) > 8);
            drop(server);
        });
    }
}
