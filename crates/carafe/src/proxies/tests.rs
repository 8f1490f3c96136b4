//! What becomes of a request's client, scheme, host, prefix and target, by who sent which headers.

use std::sync::Arc;

use ::http::request::Parts;
use carafe_net::Lang;

use crate::config::{Hops, TrustedProxies};
use crate::http::Peer;
use crate::request::ScriptRoot;

use super::hint::Hint;
use super::trust::Trust;

type Headers<'a> = &'a [(&'static str, &'a str)];

fn rules(from: &[&str]) -> TrustedProxies {
    let from = from.iter().map(|peer| peer.parse().unwrap()).collect();
    TrustedProxies { from, ..TrustedProxies::default() }
}

fn forwarded(from: &[&str]) -> TrustedProxies {
    TrustedProxies { forwarded: true, ..rules(from) }
}

fn parts(target: &str, headers: Headers<'_>) -> Parts {
    let request = ::http::Request::get(target).header("host", "inner:80");
    let request = headers.iter().fold(request, |request, (name, value)| {
        request.header(*name, ::http::HeaderValue::from_bytes(value.as_bytes()).unwrap())
    });
    request.body(()).unwrap().into_parts().0
}

/// The remote address, the scheme, the host, the prefix and the target.
fn seen(rules: &TrustedProxies, remote: &str, target: &str, headers: Headers<'_>) -> String {
    let mut parts = parts(target, headers);
    let remote = (remote != "unix").then(|| remote.parse().unwrap());
    let peer = Peer { remote, local: None, secure: false };
    let peer = Trust::new(rules, None).apply(&mut parts, Arc::new(peer));
    format!(
        "{} {} {} {} {}",
        peer.remote.map_or("none".to_owned(), |remote| remote.to_string()),
        if peer.secure { "https" } else { "http" },
        parts.headers["host"].to_str().unwrap(),
        parts.extensions.get().map_or("", |ScriptRoot(root)| root),
        parts.uri,
    )
}

/// From 10.0.0.1, which is trusted, for `/`: the client, scheme and host are what `expected` says,
/// where it says something; `-` is what the connection says.
fn check(rules: &TrustedProxies, headers: Headers<'_>, expected: [&str; 4]) {
    let [client, scheme, host, prefix] = expected;
    let or = |word: &str, own: &str| if word == "-" { own.to_owned() } else { word.to_owned() };
    let expected = format!(
        "{} {} {} {} /",
        or(client, "10.0.0.1:5"),
        or(scheme, "http"),
        or(host, "inner:80"),
        or(prefix, "")
    );
    assert_eq!(seen(rules, "10.0.0.1:5", "/", headers), expected, "{headers:?}");
}

const XFF: &str = "x-forwarded-for";

#[test]
fn only_trusted_peers_are_believed() {
    let headers =
        [(XFF, "192.0.2.7"), ("x-forwarded-proto", "https"), ("forwarded", "for=9.9.9.9")];
    let believed = |from: &[&str], remote: &str, is: bool| {
        let own = remote.replace("unix", "none");
        let expected = match is {
            true => "192.0.2.7:0 https inner:80  /".to_owned(),
            false => format!("{own} http inner:80  /"),
        };
        assert_eq!(seen(&rules(from), remote, "/", &headers), expected, "{remote} {from:?}");
    };
    believed(&["10.0.0.0/8"], "10.9.9.9:1", true);
    believed(&["10.0.0.0/8"], "11.0.0.1:1", false);
    believed(&["10.0.0.0/8"], "[::ffff:10.9.9.9]:1", true);
    believed(&["10.0.0.0/8"], "unix", false);
    believed(&["unix"], "unix", true);
    believed(&["unix"], "127.0.0.1:1", false);
    believed(&["loopback"], "127.8.8.8:1", true);
    believed(&["loopback"], "[::1]:1", true);
    believed(&["loopback"], "[::2]:1", false);
    believed(&["loopback"], "10.0.0.1:1", false);
    believed(&["private"], "10.0.0.1:1", true);
    believed(&["private"], "172.16.0.1:1", true);
    believed(&["private"], "172.32.0.1:1", false);
    believed(&["private"], "192.168.0.1:1", true);
    believed(&["private"], "[fd12::1]:1", true);
    believed(&["private"], "[fe80::1]:1", false);
    believed(&["private"], "127.0.0.1:1", false);
    believed(&["::1", "192.0.2.1"], "192.0.2.1:1", true);
    believed(&["::1", "192.0.2.1"], "192.0.2.2:1", false);
    believed(&[], "127.0.0.1:1", false);
}

#[test]
fn the_walk_from_the_right_ends_at_the_first_stranger() {
    let check = |value: &str, client: &str| {
        check(&rules(&["10.0.0.0/8", "fd00::/8"]), &[(XFF, value)], [client, "-", "-", "-"]);
    };
    check("192.0.2.7", "192.0.2.7:0");
    check("1.1.1.1, 192.0.2.7", "192.0.2.7:0");
    check("1.1.1.1, 192.0.2.7, 10.0.0.2", "192.0.2.7:0");
    check("1.1.1.1,192.0.2.7,10.0.0.2,\t10.0.0.3 ", "192.0.2.7:0");
    check("192.0.2.7, fd00::1", "192.0.2.7:0");
    check("192.0.2.7, [fd00::1]:9", "192.0.2.7:0");
    check("192.0.2.7, ::ffff:10.0.0.2", "192.0.2.7:0");
    // A client that is itself at a trusted address.
    check("10.0.0.9, 10.0.0.2", "10.0.0.9:0");
    check("10.0.0.9", "10.0.0.9:0");
    check("192.0.2.7:4711", "192.0.2.7:4711");
    check("[2001:db8::1]:4711", "[2001:db8::1]:4711");
    check("[2001:db8::1]", "[2001:db8::1]:0");
    check("2001:db8::1", "[2001:db8::1]:0");
    // What nobody who is trusted wrote is not even read.
    check("rubbish, 192.0.2.7", "192.0.2.7:0");
    check("\u{e9}, 192.0.2.7", "192.0.2.7:0");
    check("10.0.0.9, rubbish, 192.0.2.7, 10.0.0.2", "192.0.2.7:0");
    check(",, 192.0.2.7 ,", "192.0.2.7:0");
    check("", "-");
    check(" , ", "-");
}

#[test]
fn a_client_that_cannot_be_read_is_nobody() {
    let check = |value: &str| {
        check(&rules(&["10.0.0.0/8"]), &[(XFF, value)], ["none", "-", "-", "-"]);
    };
    for value in [
        "unknown",
        "Unknown",
        "rubbish",
        "_hidden",
        "\u{e9}",
        "192.0.2",
        "192.0.2.256",
        "192.0.2.07",
        "192.0.2.7:",
        "192.0.2.7:x",
        "192.0.2.7:65536",
        "[192.0.2.7]",
        "[::1",
        "::1]",
        "[[::1]]",
        "[]",
        "::1%eth0",
        "[fe80::1%2]:80",
        "\"192.0.2.7\"",
        "192.0.2.7 x",
        "0x7f.1",
        "2130706433",
        "192.0.2.7, rubbish",
        "192.0.2.7, unknown",
        "192.0.2.7, unknown, 10.0.0.2",
    ] {
        check(value);
    }
}

#[test]
fn lines_are_one_list() {
    let lines = [(XFF, "1.1.1.1"), (XFF, "192.0.2.7, 10.0.0.3"), (XFF, "10.0.0.2")];
    check(&rules(&["10.0.0.0/8"]), &lines, ["192.0.2.7:0", "-", "-", "-"]);
    let lines = [("forwarded", "for=192.0.2.7"), ("forwarded", "for=10.0.0.2")];
    check(&forwarded(&["10.0.0.0/8"]), &lines, ["192.0.2.7:0", "-", "-", "-"]);
}

#[test]
fn scheme_host_and_prefix_by_the_nearest_proxy() {
    let near = rules(&["10.0.0.0/8"]);
    let scheme = |value: &str, scheme: &str| {
        check(&near, &[("x-forwarded-proto", value)], ["-", scheme, "-", "-"]);
    };
    scheme("https", "https");
    scheme("HTTPS", "https");
    scheme("wss", "https");
    scheme("http", "http");
    scheme("https, http", "http");
    scheme("http, https", "https");
    scheme("ftp", "-");
    scheme("https;", "-");
    scheme("on", "-");
    scheme("\u{e9}", "-");
    let host = |value: &str, host: &str| {
        check(&near, &[("x-forwarded-host", value)], ["-", "-", host, "-"]);
    };
    host("a.test", "a.test");
    host("a.test:8443", "a.test:8443");
    host("evil.test, a.test", "a.test");
    host("[::1]:80", "[::1]:80");
    host("a b", "-");
    host("a.test/x", "-");
    host("user@a.test", "-");
    host("a.test:0", "-");
    host("\u{e9}.test", "-");
    let prefix = |value: &str, prefix: &str| {
        check(&near, &[("x-forwarded-prefix", value)], ["-", "-", "-", prefix]);
    };
    prefix("/app", "/app");
    prefix("/app/", "/app");
    prefix("/", "");
    prefix("/a, /b", "/b");
    prefix("//evil.test", "-");
    prefix("/\\evil.test", "-");
    prefix("/a?b", "-");
    prefix("/a b", "-");
    prefix("app", "-");
    // Off, unless someone asks for it: the host has its port.
    check(&near, &[("x-forwarded-port", "8443")], ["-", "-", "-", "-"]);
}

#[test]
fn the_told_host_stands_in_for_the_target_s() {
    let headers = [("x-forwarded-host", "a.test")];
    let seen = seen(&rules(&["10.0.0.1"]), "10.0.0.1:5", "http://inner/a?b", &headers);
    assert_eq!(seen, "10.0.0.1:5 http a.test  /a?b");
}

#[test]
fn counts_as_in_proxy_fix() {
    let two = |client: &str, headers: Headers<'_>| {
        let rules = TrustedProxies { x_for: Hops::Count(2), ..rules(&["10.0.0.1"]) };
        check(&rules, headers, [client, "-", "-", "-"]);
    };
    two("192.0.2.7:0", &[(XFF, "1.1.1.1, 192.0.2.7, 203.0.113.1")]);
    two("192.0.2.7:0", &[(XFF, "192.0.2.7, rubbish")]);
    two("-", &[(XFF, "192.0.2.7")]);
    two("none", &[(XFF, "rubbish, 203.0.113.1")]);
    let all = TrustedProxies {
        x_for: Hops::Count(0),
        x_proto: Hops::Count(2),
        x_host: Hops::Count(0),
        x_port: Hops::Count(1),
        x_prefix: Hops::Count(0),
        ..rules(&["10.0.0.1"])
    };
    check(&all, &[("x-forwarded-proto", "https, http")], ["-", "https", "-", "-"]);
    check(&all, &[("x-forwarded-proto", "https")], ["-", "-", "-", "-"]);
    check(&all, &[("x-forwarded-port", "8443")], ["-", "-", "inner:8443", "-"]);
    check(&all, &[("x-forwarded-port", "0")], ["-", "-", "-", "-"]);
    check(&all, &[("x-forwarded-port", "+80")], ["-", "-", "-", "-"]);
    check(&all, &[("x-forwarded-port", "65536")], ["-", "-", "-", "-"]);
    let none = [(XFF, "192.0.2.7"), ("x-forwarded-host", "a.test"), ("x-forwarded-prefix", "/a")];
    check(&all, &none, ["-", "-", "-", "-"]);
    let port = TrustedProxies { x_port: Hops::Count(1), ..rules(&["10.0.0.1"]) };
    let both = [("x-forwarded-host", "[::1]:80"), ("x-forwarded-port", "8443")];
    check(&port, &both, ["-", "-", "[::1]:8443", "-"]);
}

#[test]
fn one_family_at_a_time() {
    let headers = [
        (XFF, "1.1.1.1"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-host", "x.test"),
        ("x-forwarded-prefix", "/x"),
        ("forwarded", "for=2.2.2.2;host=f.test"),
    ];
    check(&rules(&["10.0.0.1"]), &headers, ["1.1.1.1:0", "https", "x.test", "/x"]);
    check(&forwarded(&["10.0.0.1"]), &headers, ["2.2.2.2:0", "-", "f.test", "-"]);
    check(&forwarded(&["10.0.0.1"]), &headers[..4], ["-", "-", "-", "-"]);
    check(&rules(&["10.0.0.1"]), &headers[4..], ["-", "-", "-", "-"]);
}

#[test]
fn the_elements_of_forwarded() {
    let check = |value: &str, [client, scheme, host]: [&str; 3]| {
        check(&forwarded(&["10.0.0.0/8"]), &[("forwarded", value)], [client, scheme, host, "-"]);
    };
    check("for=192.0.2.7", ["192.0.2.7:0", "-", "-"]);
    check("For=192.0.2.7;Proto=HTTPS;Host=a.test", ["192.0.2.7:0", "https", "a.test"]);
    check("for=\"[2001:db8::1]:4711\"", ["[2001:db8::1]:4711", "-", "-"]);
    check("for=1.1.1.1;host=evil.test, for=192.0.2.7", ["192.0.2.7:0", "-", "-"]);
    check("for=1.1.1.1, for=192.0.2.7, for=10.0.0.2", ["192.0.2.7:0", "-", "-"]);
    // The outermost trusted proxy talked to the client: its scheme and host count.
    let outer = "for=192.0.2.7;proto=https;host=a.test, for=10.0.0.2;proto=http;host=inside";
    check(outer, ["192.0.2.7:0", "https", "a.test"]);
    check(
        "for=192.0.2.7, for=10.0.0.2;proto=https;host=b.test",
        ["192.0.2.7:0", "https", "b.test"],
    );
    check("for=unknown;proto=https", ["none", "https", "-"]);
    check("for=_hidden", ["none", "-", "-"]);
    check("for=192.0.2.7, for=_hidden", ["none", "-", "-"]);
    check("proto=https;host=\"a.test:8443\"", ["-", "https", "a.test:8443"]);
    check("for=1.1.1.1;proto=https, by=10.0.0.1", ["-", "-", "-"]);
    check("for=\"\", for=192.0.2.7", ["192.0.2.7:0", "-", "-"]);
    check("\"\\, for=192.0.2.7;proto=https", ["192.0.2.7:0", "https", "-"]);
    // What cannot be read is not used, and no visitor passes for the proxy by it.
    check("for=192.0.2.7:80", ["none", "-", "-"]);
    check("for=192.0.2.7;for=10.0.0.1", ["none", "-", "-"]);
    check("for=192.0.2.7;host=\"a\";for=\"10.0.0.1\"", ["none", "-", "-"]);
    check("for=192.0.2.7;host=\"a b\"", ["192.0.2.7:0", "-", "-"]);
    check("for=192.0.2.7;proto=ftp", ["192.0.2.7:0", "-", "-"]);
    check("for=example.test;proto=https", ["none", "https", "-"]);
    check("", ["-", "-", "-"]);
}

#[test]
fn counted_elements_of_forwarded() {
    let value = "for=192.0.2.7;proto=https;host=a.test, for=203.0.113.1;proto=http;host=inside";
    let outer = TrustedProxies {
        x_for: Hops::Count(2),
        x_proto: Hops::Count(2),
        x_host: Hops::Count(1),
        ..forwarded(&["10.0.0.1"])
    };
    check(&outer, &[("forwarded", value)], ["192.0.2.7:0", "https", "inside", "-"]);
    check(&outer, &[("forwarded", "for=192.0.2.7;proto=https")], ["-", "-", "-", "-"]);
    let none = TrustedProxies {
        x_for: Hops::Count(0),
        x_proto: Hops::Count(0),
        x_host: Hops::Count(0),
        ..forwarded(&["10.0.0.1"])
    };
    check(&none, &[("forwarded", value)], ["-", "-", "-", "-"]);
}

/// A trusted request without these headers is the very same: nothing was copied for it.
#[test]
fn without_headers_nothing_is_made() {
    let mut parts = parts("/", &[("x-real-ip", "1.1.1.1")]);
    let peer = Arc::new(Peer { remote: "10.0.0.1:5".parse().ok(), local: None, secure: false });
    let after = Trust::new(&rules(&["10.0.0.1"]), None).apply(&mut parts, peer.clone());
    assert!(Arc::ptr_eq(&peer, &after) && parts.extensions.is_empty());
}

/// The generator of Knuth's MMIX: the same texts on every run.
fn next(state: &mut u64) -> usize {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 33) as usize
}

/// Whatever a visitor sends in front, what the trusted proxy added decides.
#[test]
fn no_visitor_changes_what_the_proxy_added() {
    const PIECES: [&[u8]; 24] = [
        b"\"",
        b"\\",
        b",",
        b";",
        b"=",
        b" ",
        b"\t",
        b"[",
        b"]",
        b":",
        b"1.1.1.1",
        b"10.0.0.1",
        b"::1",
        b"for=",
        b"for=1.1.1.1",
        b"proto=",
        b"https",
        b"host=evil.test",
        b"unknown",
        b"_a",
        b"\xff",
        b"%",
        b"10.0.0.1, ",
        b"\"[::1]:80\"",
    ];
    let trusts =
        [Trust::new(&rules(&["10.0.0.1"]), None), Trust::new(&forwarded(&["10.0.0.1"]), None)];
    let added: [(&[u8], &str); 2] =
        [(b", 192.0.2.7", XFF), (b", for=\"192.0.2.7\";proto=http;host=\"a.test\"", "forwarded")];
    let mut state = 7;
    for _ in 0..20_000 {
        let mut front = Vec::new();
        for _ in 0..next(&mut state) % 12 {
            front.extend_from_slice(PIECES[next(&mut state) % PIECES.len()]);
        }
        for (trust, (end, name)) in trusts.iter().zip(added) {
            let mut parts = parts("/", &[]);
            let value = ::http::HeaderValue::from_bytes(&[&front, end].concat()).unwrap();
            parts.headers.insert(name, value);
            let peer = Peer { remote: "10.0.0.1:5".parse().ok(), local: None, secure: false };
            let peer = trust.apply(&mut parts, Arc::new(peer));
            let shown = String::from_utf8_lossy(&front);
            assert_eq!(peer.remote.unwrap().to_string(), "192.0.2.7:0", "{shown}");
            assert!(!peer.secure, "{shown}");
            assert!(parts.headers["host"] == "a.test" || name == XFF, "{shown}");
        }
    }
}

/// The hint, told once, by whoever collects the events of this thread.
#[test]
fn a_stranger_is_named_once() {
    let lines = Lines::default();
    let noted = lines.0.clone();
    tracing::subscriber::with_default(lines, || {
        let trust = Trust::new(&rules(&["10.0.0.1"]), Some(Hint::new(Lang::English)));
        let send = |remote: &str, headers: Headers<'_>| {
            let peer = Peer { remote: remote.parse().ok(), local: None, secure: false };
            trust.apply(&mut parts("/", headers), Arc::new(peer));
        };
        send("10.0.0.1:5", &[(XFF, "192.0.2.7")]);
        send("10.0.0.2:5", &[("accept", "x")]);
        assert_eq!(noted.lock().unwrap().len(), 0);
        send("10.0.0.2:5", &[(XFF, "192.0.2.7")]);
        send("10.0.0.2:5", &[(XFF, "192.0.2.7")]);
    });
    let noted = noted.lock().unwrap();
    assert_eq!(
        *noted,
        ["10.0.0.2 sends `x-forwarded-for`, which is not believed: anyone could send it\n\
          hint: if that is a proxy of yours, write `\"10.0.0.2\"` in `trusted_proxies` in carafe.toml"]
    );
}

/// Keeps the messages of events.
#[derive(Clone, Default)]
struct Lines(Arc<std::sync::Mutex<Vec<String>>>);

impl tracing::field::Visit for Lines {
    fn record_debug(&mut self, _field: &tracing::field::Field, value: &dyn std::fmt::Debug) {
        self.0.lock().unwrap().push(format!("{value:?}"));
    }
}

impl tracing::Subscriber for Lines {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        *metadata.level() <= tracing::Level::INFO
    }
    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }
    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
    fn enter(&self, _: &tracing::span::Id) {}
    fn exit(&self, _: &tracing::span::Id) {}
    fn event(&self, event: &tracing::Event<'_>) {
        event.record(&mut self.clone());
    }
}

mod watching {
    use std::thread;
    use std::time::{Duration, Instant};

    use serde_json::{Value, json};

    use super::super::Entrance;
    use super::*;
    use crate::config::{Loader, Profile};

    fn entrance(toml: &str) -> Entrance {
        let loader = Loader::in_memory().profile(Profile::Release).text("carafe.toml", toml);
        Entrance::new(&loader.load().unwrap(), None)
    }

    fn send(entrance: &Entrance, target: &str, headers: Headers<'_>) -> Arc<Peer> {
        let peer = Peer { remote: "127.0.0.1:5".parse().ok(), local: None, secure: false };
        let peer = Arc::new(peer);
        match entrance.is_busy() {
            true => entrance.look(&mut parts(target, headers), peer),
            false => peer,
        }
    }

    /// What a watcher is told of one request, while others come.
    fn watch(entrance: &Entrance, headers: Headers<'_>) -> Value {
        thread::scope(|scope| {
            let watcher = scope.spawn(|| entrance.watch("n0nce"));
            let deadline = Instant::now() + Duration::from_secs(4);
            while !entrance.watches("n0nce") {
                assert!(Instant::now() < deadline, "nobody watches");
                thread::yield_now();
            }
            // The flag is set after the watcher was added.
            while !entrance.is_busy() {
                thread::yield_now();
            }
            send(entrance, "/?carafe-proxy-check=other", headers);
            send(entrance, "/?n0nce", headers);
            send(entrance, "/a?b=c&carafe-proxy-check=n0nce", headers);
            watcher.join().unwrap()
        })
    }

    #[test]
    fn what_arrived_and_what_was_made_of_it() {
        let entrance = entrance(
            "trusted_proxies = ['loopback']\ntrusted_hosts = ['.example.com']\naccess_log = 'off'\n",
        );
        let headers = [
            (XFF, "192.0.2.7"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "app.example.com:443"),
            ("x-forwarded-prefix", "/app"),
            ("cookie", "secret"),
        ];
        assert_eq!(
            watch(&entrance, &headers),
            json!({
                "arrived": {
                    "peer": "127.0.0.1:5", "scheme": "http", "target": "/a", "host": "inner",
                    "headers": {
                        "x-forwarded-for": "192.0.2.7", "x-forwarded-proto": "https",
                        "x-forwarded-host": "app.example.com:443", "x-forwarded-prefix": "/app",
                    },
                },
                "believed": {
                    "trusted": true, "client": "192.0.2.7", "scheme": "https",
                    "host": "app.example.com", "prefix": "/app", "host_is_trusted": true,
                },
            })
        );
        assert!(entrance.is_busy() && !entrance.watches("n0nce"));
    }

    #[test]
    fn a_plain_app_is_plain_again_afterwards() {
        let entrance = entrance("");
        assert!(!entrance.is_busy());
        let told = watch(&entrance, &[(XFF, "192.0.2.7")]);
        assert_eq!(
            told["believed"],
            json!({
                "trusted": false, "client": "127.0.0.1", "scheme": "http",
                "host": "inner", "prefix": "", "host_is_trusted": true,
            })
        );
        assert!(!entrance.is_busy());
        for nonce in ["", "a b", "a&b", &"a".repeat(65)] {
            assert_eq!(entrance.watch(nonce), json!({ "arrived": null, "believed": null }));
        }
        assert!(!entrance.is_busy());
    }

    #[test]
    fn a_watcher_can_be_let_go() {
        let entrance = entrance("");
        let began = Instant::now();
        thread::scope(|scope| {
            let watcher = scope.spawn(|| entrance.watch("n0nce"));
            while !entrance.watches("n0nce") && began.elapsed() < Duration::from_secs(4) {
                thread::yield_now();
            }
            entrance.unwatch("n0nce");
            assert_eq!(watcher.join().unwrap()["arrived"], Value::Null);
        });
        assert!(began.elapsed() < Duration::from_secs(4) && !entrance.is_busy());
    }
}
