//! `carafe debug --tui` with a real lldb-dap, a real app and real requests: by lines, and on the whole
//! screen of a terminal that tmux draws.

#![expect(clippy::unwrap_used, reason = "a helper of tests fails loudly")]

mod plain;
mod screen;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// A first start builds the app with complete debug information.
const BUILD_LIMIT: Duration = Duration::from_secs(400);
const LIMIT: Duration = Duration::from_secs(60);

/// What `carafe` is told, to debug the tests' app.
const DEBUG: [&str; 12] = [
    "debug",
    "--tui",
    "--page-port",
    "0",
    "-P",
    "carafe-cli",
    "--example",
    "debuggee",
    "--port",
    "0",
    "--host",
    "127.0.0.1",
];
/// The tests' app, as the debugger names it.
const FILE: &str = "crates/carafe-cli/tests/dap/debuggee.rs";

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// The line of the app's source that holds this text.
fn line_of(text: &str) -> usize {
    let source = std::fs::read_to_string(root().join(FILE)).unwrap();
    let at = source.lines().position(|line| line.contains(text));
    at.unwrap_or_else(|| panic!("no line with `{text}`")) + 1
}

/// The address in what the app said last when it listened.
fn address(output: &str) -> Option<String> {
    let banner = output.lines().rfind(|line| line.contains("  this computer only"))?;
    let (_, rest) = banner.split_once("http://")?;
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.' && c != ':')?;
    Some(rest[..end].to_owned())
}

/// One debugger at a time, which begins without the breakpoints that this workspace keeps; they are
/// there again when it is dropped.
struct Alone {
    kept: Option<Vec<u8>>,
    _turn: MutexGuard<'static, ()>,
}

static TURN: Mutex<()> = Mutex::new(());

impl Alone {
    fn new() -> Alone {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = std::fs::read(Alone::file()).ok();
        let _ = std::fs::remove_file(Alone::file());
        Alone { kept, _turn: turn }
    }

    fn file() -> PathBuf {
        root().join("target/carafe/debug.json")
    }
}

impl Drop for Alone {
    fn drop(&mut self) {
        let _ = match &self.kept {
            Some(kept) => std::fs::write(Alone::file(), kept),
            None => std::fs::remove_file(Alone::file()),
        };
    }
}

/// A GET from another program, in the background; gives the whole answer.
fn get(address: &str, path: &str) -> JoinHandle<String> {
    let (address, path) = (address.to_owned(), path.to_owned());
    std::thread::spawn(move || {
        let mut stream = TcpStream::connect(&address).unwrap();
        stream.set_read_timeout(Some(LIMIT)).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n")
            .unwrap();
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer);
        answer
    })
}

/// Waits until nobody listens there any more.
fn nobody_listens(address: &str) {
    let deadline = Instant::now() + LIMIT;
    while TcpStream::connect(address).is_ok() {
        assert!(Instant::now() < deadline, "the app outlives its debugger");
        std::thread::sleep(Duration::from_millis(20));
    }
}
