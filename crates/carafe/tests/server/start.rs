//! What `run` says when it starts, and when it cannot.

use std::net::TcpListener;

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
        "\n  shop 1.2.3 is running (development)\n\n  {url:<28} this computer only\n\n  \
         16 rules, 2 workers; Ctrl+C stops\n\n"
    );
    let lines = server.wait().1;
    assert_eq!(lines[..7].join("\n") + "\n", banner);
}

#[test]
fn a_port_in_use_is_named_with_the_next_step() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let words = refusal("served", &["run", "--port", &port.to_string()]);
    assert_eq!(
        words,
        format!(
            "error: port {port} on 127.0.0.1 is in use by another program\n\n\
             hint: choose another one with `--port {}`, or any free one with `--port 0`\n",
            port.saturating_add(1)
        )
    );
}

#[test]
fn a_host_has_to_be_of_this_machine() {
    let check = |host: &str, expected: &str| {
        assert_eq!(refusal("served", &["--host", host, "--port", "0"]), expected);
    };
    check(
        "192.0.2.1",
        "error: 192.0.2.1 is not an address of this machine\n\n\
         hint: `--host 127.0.0.1` is this computer only, `--host 0.0.0.0` everyone on its networks\n",
    );
    for host in ["example.com", "127.0.0.1:80", "[::1]", "http://localhost", "127.1", "ℓocalhost"]
    {
        let words = format!(
            "error: `{host}` is not an address to listen on\n\n\
             hint: write an address such as 127.0.0.1 or 0.0.0.0, or `localhost`\n"
        );
        check(host, &words);
    }
    check(
        "",
        "error: 1 mistake in the configuration\n\n\
         1. `host` must be an address such as `127.0.0.1`, but is empty (--host on the command line)\n   \
         hint: the default is \"127.0.0.1\"\n",
    );
}

#[test]
fn a_failing_start_up_step_is_told() {
    let words = refusal("failing-start", &["run", "--port", "0"]);
    assert_eq!(words, "error: a start-up step failed: the database does not answer\n");
}
