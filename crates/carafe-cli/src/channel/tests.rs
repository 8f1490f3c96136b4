//! Apps on a real socket.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;
use std::sync::mpsc::channel;
use std::time::Duration;

use serde_json::json;

use super::*;

const LIMIT: Duration = Duration::from_secs(20);

#[test]
fn an_app_tells_and_is_told() {
    let channel_ = Channel::open().unwrap();
    let (tell, told) = channel();
    let tell = Mutex::new(tell);
    channel_.hear(move |word| drop(lock(&tell).send(word.clone())));
    let next = || told.recv_timeout(LIMIT).unwrap();

    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(channel_.path()), 0o600);
    let folder = channel_.path().parent().unwrap().to_owned();
    assert_eq!(mode(&folder), 0o700);

    let mut app = UnixStream::connect(channel_.path()).unwrap();
    app.set_read_timeout(Some(LIMIT)).unwrap();
    let hello = json!({"event": "hello", "version": 1, "pid": 5, "app": "a", "root": "/a", "urls": [], "routes": []});
    let begin = json!({"event": "begin", "id": 7, "at": 1.0, "method": "GET", "target": "/"});
    let end = json!({"event": "end", "id": 7, "status": 204});
    writeln!(app, "{hello}\nnonsense\n{begin}\n{end}").unwrap();
    assert!(matches!(next(), Told::Hello(app) if app.name == "a" && app.number == 1));
    assert!(matches!((next(), next()), (Told::Request, Told::Request)));
    assert_eq!(channel_.log().find(1).unwrap().summary.status, Some(204));
    assert_eq!(channel_.apps().len(), 1);

    channel_.send(&json!({"command": "reload"}));
    let mut from = BufReader::new(app.try_clone().unwrap());
    let mut line = String::new();
    from.read_line(&mut line).unwrap();
    assert_eq!(line, "{\"command\":\"reload\"}\n");

    // The tool goes: the app reads the end.
    drop(channel_);
    assert_eq!(from.read(&mut [0; 8]).unwrap(), 0);
    assert!(!folder.exists());
}

#[test]
fn an_app_that_reads_nothing_keeps_nobody_waiting() {
    let channel = Channel::open().unwrap();
    let app = UnixStream::connect(channel.path()).unwrap();
    let deadline = std::time::Instant::now() + LIMIT;
    while lock(&channel.shared.connections).is_empty() {
        assert!(std::time::Instant::now() < deadline);
        std::thread::yield_now();
    }
    let long = json!({"command": "build", "text": "x".repeat(1 << 18)});
    let began = std::time::Instant::now();
    for _ in 0..2 * WAITING {
        channel.send(&long);
    }
    assert!(began.elapsed() < LIMIT, "{:?}", began.elapsed());
    drop(app);
}
