//! A port that is taken, where nobody can be asked.

use crate::app::{Running, as_nobody, end_of, is_root, shop};
use crate::holder::Holder;
use crate::snapshot::{self, Names};

/// What the app says when it is to have this port, in both languages, without a terminal.
fn refused(name: &str, arguments: &[&str], port: u16, names: impl Fn(Names) -> Names) {
    let port = port.to_string();
    for lang in ["en", "ko"] {
        let mut all = vec!["--port", &port, "--lang", lang];
        all.extend(arguments);
        let (said, code) = end_of(shop(&[], &all));
        assert_eq!(code, Some(1), "{said}");
        let names = names(Names::default().with(&port, "{port}"));
        snapshot::check(&format!("{name}-{lang}"), &said, &names);
    }
}

fn by_holder(name: &str, arguments: &[&str], holder: &Holder) {
    refused(name, arguments, holder.port, |names| {
        names.with(holder.pid(), "{pid}").with(holder.folder.display(), "{folder}")
    });
}

#[test]
fn a_program_on_each_kind_of_address_is_named() {
    by_holder("taken-127.0.0.1", &[], &Holder::at("127.0.0.1"));
    by_holder("taken-0.0.0.0", &[], &Holder::at("0.0.0.0"));
    by_holder("taken-v6-wildcard", &["--host", "127.0.0.1"], &Holder::at("::"));
    by_holder("taken-v6-loopback", &["--host", "127.0.0.1"], &Holder::at("::1"));
}

#[test]
fn both_halves_of_localhost_may_have_a_program_each() {
    let one = Holder::at("127.0.0.1");
    let other = Holder::start(&[], "::1", one.port, &[]);
    refused("taken-twice", &[], one.port, |names| {
        let names = names.with(one.pid(), "{pid}").with(other.pid(), "{other pid}");
        names.with(one.folder.display(), "{folder}").with(other.folder.display(), "{other folder}")
    });
}

#[test]
fn another_address_is_nobodys_business() {
    let holder = Holder::at("127.0.0.3");
    let mut app = Running::start(shop(&[], &["--port", &holder.port.to_string()]));
    assert_eq!(app.urls(), [format!("http://localhost:{}", holder.port)]);
}

#[test]
fn an_earlier_run_of_the_same_app_is_recognised() {
    let mut earlier = Running::start(shop(&[], &["--port", "0"]));
    let urls = earlier.urls();
    let port = urls[0].rsplit(':').next().unwrap().parse().unwrap();
    refused("taken-earlier", &[], port, |names| names.with(earlier.pid(), "{pid}"));
}

#[test]
fn a_program_of_another_user_is_not_ours_to_stop() {
    if !is_root() {
        return;
    }
    // We are nobody, and the program is root's.
    let holder = Holder::at("127.0.0.1");
    let port = holder.port.to_string();
    for (flag, name) in [(None, "taken-by-other"), (Some("--take-port"), "taken-by-other-take")] {
        for lang in ["en", "ko"] {
            let mut arguments = vec!["--port", &port, "--lang", lang];
            arguments.extend(flag);
            let (said, code) = end_of(shop(&as_nobody(), &arguments));
            assert_eq!(code, Some(1), "{said}");
            let names = Names::default().with(&port, "{port}").with(holder.pid(), "{pid}");
            snapshot::check(&format!("{name}-{lang}"), &said, &names);
        }
    }
    // Root is a user too: a program of nobody is not root's to stop.
    let mut holder = Holder::start(&as_nobody(), "127.0.0.1", 0, &[]);
    let arguments = ["--port", &holder.port.to_string(), "--take-port"];
    let (said, code) = end_of(shop(&[], &arguments));
    assert_eq!(code, Some(1));
    assert!(
        said.contains("hint: it is not stopped from here: it belongs to another user"),
        "{said}"
    );
    assert!(holder.is_running());
}

#[test]
fn connections_that_have_ended_may_keep_a_port() {
    let holder = Holder::start(&[], "127.0.0.1", 0, &["time-wait"]);
    refused("taken-time-wait", &[], holder.port, |names| names);
}

#[test]
fn a_program_that_does_not_listen_is_not_seen() {
    let holder = Holder::start(&[], "127.0.0.1", 0, &["silent"]);
    refused("taken-unseen", &[], holder.port, |names| names);
}

#[test]
fn take_port_stops_the_holder() {
    for (habits, words) in [
        (&[][..], "it has ended"),
        (&["stubborn"][..], "it did not end when it was asked to, and was killed"),
    ] {
        let mut holder = Holder::start(&[], "127.0.0.1", 0, habits);
        let port = holder.port.to_string();
        let mut app = Running::start(shop(&[], &["--port", &port, "--take-port"]));
        let line = app.wait_for("stopping `python3`");
        assert!(line.ends_with(&format!("(pid {}): {words}", holder.pid())), "{line}");
        assert_eq!(app.urls()[0], format!("http://localhost:{port}"));
        assert!(!holder.is_running());
    }
}

#[test]
fn a_range_and_auto_pass_by_what_is_taken() {
    let holder = Holder::at("::1");
    let last = holder.port.saturating_add(20);
    let range = format!("{}-{last}", holder.port);
    let mut app = Running::start(shop(&[], &["--host", "127.0.0.1", "--port", &range]));
    let port: u16 = app.urls()[0].rsplit(':').next().unwrap().parse().unwrap();
    assert!(port > holder.port && port <= last, "{port}");

    let mut app = Running::start(shop(&[], &["--port", "auto"]));
    let urls = app.urls();
    let port: u16 = urls[0].rsplit(':').next().unwrap().parse().unwrap();
    assert!(port >= 8000, "{urls:?}");
    assert!(urls.iter().all(|url| url.ends_with(&format!(":{port}"))), "{urls:?}");
}

#[test]
fn a_range_without_a_free_port_is_told() {
    let (holder, other) = loop {
        let holder = Holder::at("127.0.0.1");
        if let Ok(other) = std::net::TcpListener::bind(("127.0.0.1", holder.port + 1)) {
            break (holder, other);
        }
    };
    let last = other.local_addr().unwrap().port();
    let range = format!("{}-{last}", holder.port);
    for lang in ["en", "ko"] {
        let (said, code) = end_of(shop(&[], &["--port", &range, "--lang", lang]));
        assert_eq!(code, Some(1));
        let names = Names::default().with(holder.port, "{first}").with(last, "{last}");
        snapshot::check(&format!("taken-range-{lang}"), &said, &names);
    }
}
