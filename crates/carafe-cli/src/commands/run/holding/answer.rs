//! One connection while no app answers: the page, its events, or waiting for the app.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::json;

use super::head::Head;
use super::{Phase, Shared, State, page, relay};

/// How long a head may take, and how long a client may take to read.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often a connection that only waits is looked at.
const LOOK: Duration = Duration::from_secs(15);
/// How long a request is kept waiting for the app.
const LONGEST_WAIT: Duration = Duration::from_secs(600);

/// Answers the request of a connection, and closes it.
pub(super) fn answer(mut stream: TcpStream, shared: &Shared) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let Some(head) = Head::read(&mut stream)? else { return Ok(()) };
    // Of a Unix socket there is no address.
    let is_near = stream.peer_addr().map_or(true, |peer| peer.ip().to_canonical().is_loopback());
    let trusted = is_near && head.is_direct();
    if head.path() == "/__carafe__/live" {
        return match trusted {
            true => live(&mut stream, shared),
            false => reply(&mut stream, &head, "404 Not Found", PLAIN, "not found\n"),
        };
    }
    let (mut number, mut phase) = shared.now();
    let deadline = Instant::now() + LONGEST_WAIT;
    loop {
        match &phase {
            Phase::Served if is_near => return relay::relay(stream, &head.bytes),
            Phase::Served => return come_back(&mut stream, &head),
            Phase::Holding(state) if head.wants_page() => {
                return show(&mut stream, &head, shared, state, trusted);
            }
            Phase::Holding(State::Failed { why, diagnostics, last }) => {
                let details = page::text(why, diagnostics, last);
                let text = if trusted { &details } else { "the app does not run\n" };
                return reply(&mut stream, &head, "500 Internal Server Error", PLAIN, text);
            }
            Phase::Holding(State::Building(..)) if !is_near || Instant::now() >= deadline => {
                return come_back(&mut stream, &head);
            }
            Phase::Holding(State::Building(..)) => {}
        }
        if let Some(newer) = shared.newer(number, LOOK) {
            (number, phase) = newer;
        }
    }
}

const PLAIN: &str = "text/plain; charset=utf-8";

fn come_back(stream: &mut TcpStream, head: &Head) -> io::Result<()> {
    let text = "the app is being built: ask again in a moment\n";
    reply(stream, head, "503 Service Unavailable", PLAIN, text)
}

fn show(
    stream: &mut TcpStream,
    head: &Head,
    shared: &Shared,
    state: &State,
    trusted: bool,
) -> io::Result<()> {
    let status = match state {
        State::Building(..) => "503 Service Unavailable",
        State::Failed { .. } => "500 Internal Server Error",
    };
    let page = page::page(&shared.app, state, trusted);
    reply(stream, head, status, "text/html; charset=utf-8", &page)
}

fn reply(
    stream: &mut TcpStream,
    head: &Head,
    status: &str,
    kind: &str,
    body: &str,
) -> io::Result<()> {
    let length = body.len();
    let body = if head.method() == "HEAD" { "" } else { body };
    let answer = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\
         Cache-Control: no-store\r\nRetry-After: 1\r\nX-Carafe-Holding: 1\r\nConnection: close\r\n\r\n{body}"
    );
    stream.write_all(answer.as_bytes())?;
    // What was sent and is not read would take the answer with it (RFC 9112, section 9.6).
    stream.shutdown(std::net::Shutdown::Write)?;
    let end = Instant::now() + Duration::from_secs(1);
    stream.set_read_timeout(Some(Duration::from_millis(200)))?;
    let mut rest = [0; 4096];
    while Instant::now() < end && matches!(stream.read(&mut rest), Ok(1..)) {}
    Ok(())
}

/// Server-sent events: each new state, and `reload` when there is an app.
fn live(stream: &mut TcpStream, shared: &Shared) -> io::Result<()> {
    stream.write_all(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n\
          X-Carafe-Holding: 1\r\nConnection: close\r\n\r\nretry: 300\n\n",
    )?;
    let (mut number, mut phase) = shared.now();
    loop {
        match &phase {
            Phase::Served => return stream.write_all(b"event: reload\ndata: {}\n\n"),
            Phase::Holding(state) => stream.write_all(event(state).as_bytes())?,
        }
        (number, phase) = loop {
            match shared.newer(number, LOOK) {
                Some(newer) => break newer,
                // A browser that is gone is noticed so.
                None => stream.write_all(b":\n\n")?,
            }
        };
    }
}

fn event(state: &State) -> String {
    let data = match state {
        State::Building(done, all) => json!({"state": "building", "done": done, "all": all}),
        State::Failed { diagnostics, .. } => {
            let diagnostics: Vec<_> = diagnostics.iter().map(|one| one.to_json()).collect();
            json!({"state": "failed", "diagnostics": diagnostics})
        }
    };
    format!("event: build\ndata: {data}\n\n")
}
