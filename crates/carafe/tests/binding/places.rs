//! What `host` may be, and what is said where it means nothing here.

use std::net::TcpStream;

use crate::app::{Running, beside, end_of, in_namespace, shop};
use crate::snapshot::{self, Names};

/// A network namespace with a cable, a VPN, a bridge of containers and a cable that is unplugged.
const NETWORKS: &str = "ip link set lo up && \
    ip link add eth0 type veth peer name far0 && ip link set far0 up && ip addr add 192.168.7.5/24 dev eth0 && \
    ip addr add fd00:7::5/64 dev eth0 nodad && ip link set eth0 up && \
    ip link add docker0 type bridge && ip addr add 172.17.0.1/16 dev docker0 && ip link set docker0 up && \
    ip link add eth1 type veth peer name far1";

const LOOPBACK: &str = "ip link set lo up";

/// A loopback without IPv6.
const WITHOUT_IPV6: &str = "echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6 && ip link set lo up";

/// The banner's URLs, each with the port as `P`.
fn urls(prepare: &str, arguments: &[&str]) -> Vec<String> {
    let mut app = Running::start(shop(&in_namespace(prepare), arguments));
    let urls = app.urls();
    let port = urls[0].rsplit(':').next().unwrap().to_owned();
    urls.iter().map(|url| url.replace(&format!(":{port}"), ":P")).collect()
}

/// What listens in the namespace of a process: addresses with `P` for the port.
fn listening(app: &Running, port: &str) -> Vec<String> {
    let text = beside(app.pid(), &["ss", "-Hltn"]);
    let address = |line: &str| line.split_whitespace().nth(3).unwrap().replace(port, "P");
    let mut found: Vec<String> = text.lines().map(address).collect();
    found.sort();
    found
}

/// What the app listens on in such a namespace.
fn sockets(prepare: &str, host: &str) -> Vec<String> {
    let mut app = Running::start(shop(&in_namespace(prepare), &["--host", host, "--port", "8123"]));
    app.wait_for("Ctrl+C");
    listening(&app, "8123")
}

#[test]
fn hosts_become_sockets() {
    let check = |host: &str, wanted: &[&str]| assert_eq!(sockets(NETWORKS, host), wanted, "{host}");
    check("localhost", &["127.0.0.1:P", "[::1]:P"]);
    check("0.0.0.0", &["0.0.0.0:P"]);
    check("::", &["*:P"]);
    check("eth0", &["192.168.7.5:P", "[fd00:7::5]:P"]);
    check("lan", &["192.168.7.5:P", "[fd00:7::5]:P"]);
    check("docker0,127.0.0.1", &["127.0.0.1:P", "172.17.0.1:P"]);
    check("0.0.0.0,127.0.0.1,::1", &["0.0.0.0:P", "[::1]:P"]);
}

#[test]
fn flags_environment_and_file_say_the_same() {
    let wanted = ["127.0.0.1:P", "127.0.0.2:P"];
    let flags = ["--host", "127.0.0.1", "--host", "127.0.0.2", "--port", "8123"];
    let mut app = Running::start(shop(&in_namespace(LOOPBACK), &flags));
    app.wait_for("Ctrl+C");
    assert_eq!(listening(&app, "8123"), wanted);

    let mut variables = shop(&in_namespace(LOOPBACK), &[]);
    variables.env("CARAFE_HOST", "127.0.0.1, 127.0.0.2").env("CARAFE_PORT", "8123-8125");
    let mut app = Running::start(variables);
    app.wait_for("Ctrl+C");
    assert_eq!(listening(&app, "8123"), wanted);

    let root = crate::app::open_folder();
    let file = "host = [\"127.0.0.1\", \"127.0.0.2\"]\nport = 8123\n";
    std::fs::write(root.path().join("carafe.toml"), file).unwrap();
    let mut app = shop(&in_namespace(LOOPBACK), &[]);
    app.env("TEST_ROOT", root.path());
    let mut app = Running::start(app);
    app.wait_for("Ctrl+C");
    assert_eq!(listening(&app, "8123"), wanted);
}

#[test]
fn zero_is_one_port_for_both_halves_of_localhost() {
    let mut app = Running::start(shop(&[], &["--port", "0"]));
    let urls = app.urls();
    let port = urls[0].rsplit(':').next().unwrap();
    assert_ne!(port, "0");
    assert_eq!(urls, [format!("http://localhost:{port}")]);
    for ip in ["127.0.0.1", "::1"] {
        TcpStream::connect((ip, port.parse().unwrap())).unwrap();
    }
}

#[test]
fn a_machine_without_ipv6_has_a_localhost_too() {
    assert_eq!(urls(WITHOUT_IPV6, &["--port", "0"]), ["http://127.0.0.1:P"]);
    assert_eq!(sockets(WITHOUT_IPV6, "::"), ["*:P"]);
}

#[test]
fn places_that_are_not_here() {
    let check = |name: &str, prepare: &str, host: &str| {
        for lang in ["en", "ko"] {
            let arguments = ["--host", host, "--port", "8123", "--lang", lang];
            let (said, code) = end_of(shop(&in_namespace(prepare), &arguments));
            assert_eq!(code, Some(1), "{said}");
            snapshot::check(&format!("host-{name}-{lang}"), &said, &Names::default());
        }
    };
    check("foreign", NETWORKS, "192.0.2.1");
    check("unknown", NETWORKS, "eht0");
    check("name", NETWORKS, "example.com");
    check("bare", NETWORKS, "eth1");
    check("no-lan", LOOPBACK, "lan");
    check("no-ipv6", WITHOUT_IPV6, "::1");
    check("no-loopback", "true", "::1");
    check("link-local", LOOPBACK, "fe80::1");
    check("no-port", NETWORKS, "127.0.0.1:80");
    check("empty", NETWORKS, "");
}
