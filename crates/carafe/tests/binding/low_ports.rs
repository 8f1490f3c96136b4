//! Ports below 1024.

use crate::app::{Running, as_nobody, beside, end_of, in_namespace, is_root, shop};
use crate::snapshot::{self, Names};

/// A network namespace in which the lowest port that is open to everyone is this one.
fn from_port(limit: u16) -> Vec<String> {
    let file = "/proc/sys/net/ipv4/ip_unprivileged_port_start";
    let mut words = in_namespace(&format!("echo {limit} > {file} && ip link set lo up"));
    words.extend(as_nobody());
    words
}

#[test]
fn a_refusal_says_why_and_names_the_ways_out() {
    // Whoever makes a namespace has every right in it; only root can become somebody else there.
    if !is_root() {
        return;
    }
    for lang in ["en", "ko"] {
        let arguments = ["--port", "80", "--lang", lang];
        let (said, code) = end_of(shop(&from_port(1024), &arguments));
        assert_eq!(code, Some(1), "{said}");
        snapshot::check(&format!("low-port-{lang}"), &said, &Names::default());
    }
    // The system's own limit is told, not the usual one.
    let (said, _) = end_of(shop(&from_port(2000), &["--port", "1500"]));
    assert!(said.contains("ports below 2000 are for root"), "{said}");
}

#[test]
fn a_range_goes_on_above_the_limit() {
    if !is_root() {
        return;
    }
    let mut app = Running::start(shop(&from_port(1024), &["--port", "1020-1030"]));
    assert_eq!(app.urls()[0], "http://localhost:1024");
}

#[test]
fn where_the_limit_is_zero_it_just_works() {
    let mut app = Running::start(shop(&from_port(0), &["--port", "80"]));
    assert!(app.wait_for("http://").contains("http://localhost"));
    app.wait_for("Ctrl+C");
    let curl = ["curl", "--silent", "--max-time", "5", "http://localhost/"];
    assert_eq!(beside(app.pid(), &curl), "hello");
}
