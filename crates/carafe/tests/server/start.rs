//! What `run` says when it starts, and when it cannot.

use crate::process::{Server, run};

/// What a server that cannot start says.
fn refusal(app: &str, arguments: &[&str]) -> String {
    let root = tempfile::tempdir().unwrap();
    let outcome = run(app, root.path(), arguments);
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(1), ""));
    outcome.stderr
}

#[test]
fn the_banner_says_what_runs_and_who_reaches_it() {
    let mut server = Server::start(&["workers=2"]);
    let port = server.address.port();
    server.signal("TERM");
    let url = format!("http://127.0.0.1:{port}");
    let banner = format!(
        "\n  shop 1.2.3 is running (development)\n\n  {url}  this computer only\n\n  \
         16 rules, 2 workers; Ctrl+C stops\n\n"
    );
    let lines = server.wait().1;
    assert_eq!(lines[..7].join("\n") + "\n", banner);
}

#[test]
fn a_failing_start_up_step_is_told() {
    let words = refusal("failing-start", &["run", "--port", "0"]);
    assert_eq!(words, "error: a start-up step failed: the database does not answer\n");
}
