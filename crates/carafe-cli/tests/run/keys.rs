//! Keys at a terminal, and the terminal afterwards.

use std::time::{Duration, Instant};

use crate::package::Package;
use crate::session::{LONG, get};
use crate::terminal::Terminal;

#[test]
fn keys_do_what_the_help_says() {
    let package = Package::new("run-keys");
    let mut terminal = Terminal::new();
    let mut tool = terminal.start(&package, &["--host", "127.0.0.1", "--port", "0"]);
    terminal.wait_for("h lists all keys", 1);
    assert!(terminal.seen().contains("building run-keys"), "{}", terminal.seen());
    assert!(!terminal.takes_lines());
    terminal.press("h");
    terminal.wait_for("d  switch to debugging", 1);
    terminal.press("r");
    terminal.wait_for("rebuilt in", 1);
    // The same key on a Korean keyboard.
    terminal.press("ㄱ");
    terminal.wait_for("rebuilt in", 2);
    terminal.press("q");
    terminal.wait_for("no QR code: only this computer can reach the app", 1);
    terminal.press("o");
    terminal.wait_for("opened http://127.0.0.1:", 1);
    let seen = terminal.seen();
    let url = seen.rsplit("opened ").next().unwrap().split_whitespace().next().unwrap();
    let deadline = Instant::now() + LONG;
    while std::fs::read_to_string(package.path("url")).unwrap_or_default() != format!("{url}\n") {
        assert!(Instant::now() < deadline, "the browser was not started");
        std::thread::sleep(Duration::from_millis(5));
    }
    let address = url.trim_start_matches("http://").parse().unwrap();
    assert_eq!(get(address, "/").unwrap(), (200, "one".to_owned()));
    terminal.press("c");
    terminal.wait_for("\u{1b}[2J", 1);
    // Ctrl+C, as the terminal makes a signal of it.
    terminal.press("\u{3}");
    assert_eq!(tool.wait().unwrap().code(), Some(0));
    assert!(terminal.takes_lines());
}
