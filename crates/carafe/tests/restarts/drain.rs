//! How the connections of a process end that was taken over.

use std::time::{Duration, Instant};

use crate::app::{App, signal, wait_until};
use crate::process::client::Client;

/// An app, and a connection that has had an answer and waits.
fn with_idle() -> (App, Client) {
    // All connections are one worker's, so that what one of them sees holds for all.
    let app = App::start(&["workers=1"]);
    let mut idle = app.connect();
    assert_eq!(idle.get("/pid").body, app.pid.to_string());
    (app, idle)
}

/// Restarts the app, and waits until the old process knows that it is to end.
fn replace(app: &mut App) {
    let mut probe = app.connect();
    probe.get("/");
    app.restart();
    wait_until("it says goodbye", || probe.get("/").header("connection") == Some("close"));
}

#[test]
fn an_idle_connection_may_ask_once_more() {
    let (mut app, mut idle) = with_idle();
    // One that has not asked for anything yet.
    let mut fresh = app.connect();
    let old = app.pid;
    replace(&mut app);
    let reply = idle.get("/pid");
    assert_eq!(reply.body, old.to_string());
    assert_eq!(reply.header("connection"), Some("close"));
    assert!(idle.is_closed());
    assert_eq!(fresh.get("/").status, 200);
    app.is_replaced();
    assert_eq!(app.wait(old), Some(0));
    app.wait_for("the shut-down step ran");
}

#[test]
fn an_idle_connection_that_does_not_ask_is_closed() {
    let (mut app, mut idle) = with_idle();
    let mut fresh = app.connect();
    let (old, began) = (app.pid, Instant::now());
    replace(&mut app);
    assert!(idle.is_closed());
    assert!(began.elapsed() > Duration::from_secs(2), "it had no time to ask");
    // Whoever accepted this one: it may still ask, or was closed without a word.
    drop(fresh.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").rest());
    assert_eq!(app.wait(old), Some(0));
}

#[test]
fn answers_that_are_on_their_way_arrive_whole() {
    let (mut app, mut slow) = with_idle();
    let old = app.pid;
    slow.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
    replace(&mut app);
    let pieces: String = (0..30).rev().map(|left| format!("piece {left}\n")).collect();
    assert_eq!(slow.reply().body, pieces);
    // Its head was sent before the take-over and said nothing of an end.
    let reply = slow.get("/pid");
    assert_eq!((reply.body, reply.head.contains("connection: close")), (old.to_string(), true));
    assert_eq!(app.wait(old), Some(0));
}

#[test]
fn requests_that_were_sent_ahead_are_all_answered() {
    let (mut app, mut ahead) = with_idle();
    replace(&mut app);
    ahead.send("GET /pid HTTP/1.1\r\nHost: x\r\n\r\n".repeat(20) + "GET /pid HT");
    for _ in 0..20 {
        assert!(!ahead.reply().head.contains("connection: close"));
    }
    let last = ahead.send("TP/1.1\r\nHost: x\r\n\r\n").reply();
    assert_eq!(last.header("connection"), Some("close"));
    assert!(ahead.is_closed());
}

const HANDSHAKE: &str = "GET /socket HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

/// A masked frame with one letter (RFC 6455 section 5.2), under a mask of zeros.
const FRAME: &[u8] = b"\x81\x81\0\0\0\0a";

#[test]
fn a_websocket_lives_until_the_shutdown_timeout() {
    let mut app = App::start(&["shutdown_timeout=4", "workers=1"]);
    let mut socket = app.connect();
    assert_eq!(socket.send(HANDSHAKE).reply().status, 101);
    app.wait_for("upgraded");
    let old = app.pid;
    replace(&mut app);
    let began = Instant::now();
    while began.elapsed() < Duration::from_millis(2500) {
        assert_eq!(socket.send(FRAME).bytes(3), b"\x81\x01a");
    }
    // It is told of the end in time to say goodbye.
    assert_eq!(socket.bytes(2), [0x88, 0]);
    assert!(socket.is_closed());
    assert_eq!(app.wait(old), Some(0));
    assert!(began.elapsed() < Duration::from_secs(8));
}

#[test]
fn sigterm_ends_a_drain_sooner() {
    let (mut app, mut idle) = with_idle();
    let old = app.pid;
    replace(&mut app);
    let began = Instant::now();
    assert!(signal(old, "TERM"));
    assert!(idle.is_closed());
    assert_eq!(app.wait(old), Some(0));
    assert!(began.elapsed() < Duration::from_secs(3), "it took {:?}", began.elapsed());
    app.is_replaced();
}
