//! `carafe doctor` against real networks: a laptop and a phone, each in a network namespace of its
//! own. What the doctor says on the laptop has to agree with what the phone gets.
//!
//! Needs root, `ip`, `nft`, `iptables` and `python3`; without them it fails.

#![expect(clippy::unwrap_used, reason = "a helper of tests fails loudly")]

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

const PHONE: &str = "10.77.0.2";

/// Two namespaces with a cable between them, gone when this is dropped.
struct Lan {
    laptop: String,
    phone: String,
    programs: Vec<Child>,
}

impl Lan {
    fn new() -> Lan {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let at = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = |who: &str| format!("carafe-{}-{at}-{who}", std::process::id());
        let lan = Lan { laptop: name("laptop"), phone: name("phone"), programs: Vec::new() };
        let Lan { laptop, phone, .. } = &lan;
        run(&format!("ip netns add {laptop}"));
        run(&format!("ip netns add {phone}"));
        run(&format!("ip link add eth0 netns {laptop} type veth peer name eth0 netns {phone}"));
        for (namespace, last) in [(laptop, 1), (phone, 2)] {
            run(&format!("ip -n {namespace} addr add 10.77.0.{last}/24 dev eth0"));
            run(&format!("ip -n {namespace} addr add fd77::{last}/64 dev eth0 nodad"));
            run(&format!("ip -n {namespace} link set lo up"));
            run(&format!("ip -n {namespace} link set eth0 up"));
        }
        lan
    }

    /// A web server of Python's on the laptop, ready.
    fn serve(&mut self, address: &str) {
        let folder = env!("CARGO_MANIFEST_DIR");
        let line =
            format!("python3 -u -m http.server 8000 --bind {address} --directory {folder}/src");
        let mut command = inside(&self.laptop, &line);
        let mut server = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut ready = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut ready).unwrap();
        self.programs.push(server);
        assert!(ready.contains("Serving HTTP"), "{ready}");
    }

    fn on_laptop(&self, line: &str) {
        succeeded(&inside(&self.laptop, line).output().unwrap(), line);
    }

    /// Whether the phone gets the page, from one of its addresses.
    fn phone_gets(&self, from: &str, host: &str, port: u16) -> bool {
        let script = "import socket, sys\n\
            s = socket.create_connection((sys.argv[2], int(sys.argv[3])), 1, (sys.argv[1], 0))\n\
            s.settimeout(1)\n\
            s.sendall(b'GET / HTTP/1.0\\r\\n\\r\\n')\n\
            sys.exit(0 if s.recv(9).startswith(b'HTTP/') else 1)";
        let mut command = inside(&self.phone, "python3 -c");
        command.args([script, from, host, &port.to_string()]);
        command.output().unwrap().status.success()
    }

    fn doctor(&self, arguments: &str) -> Examined {
        let line = format!("{} doctor {arguments} --json --lang en", env!("CARGO_BIN_EXE_carafe"));
        let before = Instant::now();
        let output = inside(&self.laptop, &line).output().unwrap();
        let took = before.elapsed();
        assert!(took < Duration::from_secs(3), "{arguments}: {took:?}");
        let said = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
        Examined { said, reached: output.status.success() }
    }

    /// The doctor and the phone agree.
    fn check(&self, from: &str, url: &str, reached: bool) -> Examined {
        let examined = self.doctor(&format!("{url} --from {from}"));
        assert_eq!(examined.reached, reached, "{:#}", examined.said);
        let host = url.trim_start_matches("http://").rsplit_once(':').unwrap();
        let port = host.1.parse().unwrap();
        let got = self.phone_gets(from, host.0.trim_matches(['[', ']']), port);
        assert_eq!(got, reached, "the phone at {from} and {url}");
        examined
    }
}

impl Drop for Lan {
    fn drop(&mut self) {
        for program in &mut self.programs {
            let _ = program.kill();
            let _ = program.wait();
        }
        for namespace in [&self.laptop, &self.phone] {
            let _ = Command::new("ip").args(["netns", "del", namespace]).output();
        }
    }
}

/// What the doctor said.
struct Examined {
    said: Value,
    reached: bool,
}

impl Examined {
    fn cause(&self, key: &str) -> &str {
        self.said["cause"][key].as_str().unwrap_or_default()
    }
}

fn run(line: &str) {
    let mut words = line.split(' ');
    let output = Command::new(words.next().unwrap()).args(words).output();
    succeeded(&output.unwrap_or_else(|error| panic!("{line}: {error}")), line);
}

fn inside(namespace: &str, line: &str) -> Command {
    let mut command = Command::new("ip");
    command.args(["netns", "exec", namespace]).args(line.split_whitespace());
    // The machine of these tests may be a container; that is not what they are about.
    command.env("REMOTE_CONTAINERS", "1").stdin(Stdio::null());
    // Nor are they about apps that happen to run on it.
    command.env("XDG_RUNTIME_DIR", env!("CARGO_TARGET_TMPDIR"));
    command
}

fn succeeded(output: &Output, line: &str) {
    let talk = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "`{line}` failed; these tests need root: {talk}");
}

const URL: &str = "http://10.77.0.1:8000";

#[test]
fn without_a_firewall() {
    let mut lan = Lan::new();
    let nothing = lan.check(PHONE, URL, false);
    assert_eq!(nothing.cause("id"), "listening");
    lan.serve("127.0.0.1");
    let loopback = lan.check(PHONE, URL, false);
    assert_eq!(loopback.cause("id"), "answers");
    assert!(loopback.cause("mend").ends_with("--bind 0.0.0.0"), "{:#}", loopback.said);
    drop(lan);

    let mut lan = Lan::new();
    lan.serve("0.0.0.0");
    lan.check(PHONE, URL, true);
    assert!(lan.doctor(URL).reached);
    // It chooses the address that others open by itself.
    assert_eq!(lan.doctor("").said["url"], URL);
    // The program takes IPv4 alone.
    let v6 = lan.check("fd77::2", "http://[fd77::1]:8000", false);
    assert_eq!(v6.cause("id"), "answers");
}

#[test]
fn a_rule_of_nftables() {
    let mut lan = Lan::new();
    lan.serve("0.0.0.0");
    lan.on_laptop("nft add table inet filter");
    lan.on_laptop("nft add chain inet filter input { type filter hook input priority 0 ; }");
    lan.check(PHONE, URL, true);
    lan.on_laptop("nft add rule inet filter input tcp dport 8000 counter drop");
    let dropped = lan.check(PHONE, URL, false);
    assert!(dropped.cause("why").contains("table inet filter, chain input, handle"));
    assert!(dropped.cause("why").contains("`tcp dport 8000 drop`"), "{:#}", dropped.said);
    // The rule has no interface, so that it stops this machine as well.
    let itself = lan.doctor("http://127.0.0.1:8000");
    assert_eq!((itself.reached, itself.cause("id")), (false, "firewall"), "{:#}", itself.said);
    lan.on_laptop(dropped.cause("mend").strip_prefix("sudo ").unwrap());
    lan.check(PHONE, URL, true);
}

#[test]
fn a_firewall_that_lets_one_client_in() {
    let mut lan = Lan::new();
    lan.serve("::");
    let other = "10.77.0.3";
    run(&format!("ip -n {} addr add {other}/24 dev eth0", lan.phone));
    lan.on_laptop("nft add table inet f");
    lan.on_laptop("nft add set inet f friends { type ipv4_addr ; }");
    lan.on_laptop(&format!("nft add element inet f friends {{ {PHONE} }}"));
    lan.on_laptop("nft add chain inet f web");
    lan.on_laptop("nft add rule inet f web ip saddr @friends accept");
    lan.on_laptop("nft add chain inet f in { type filter hook input priority 0 ; policy drop ; }");
    lan.on_laptop("nft add rule inet f in ct state vmap { established : accept, related : accept, invalid : drop }");
    lan.on_laptop("nft add rule inet f in iifname lo accept");
    lan.on_laptop("nft add rule inet f in meta l4proto icmpv6 accept");
    lan.on_laptop("nft add rule inet f in tcp dport { 80, 7000-8000 } jump web");
    lan.check(PHONE, URL, true);
    let refused = lan.check(other, URL, false);
    assert!(refused.cause("why").contains("policy drop"), "{:#}", refused.said);
    let v6 = lan.check("fd77::2", "http://[fd77::1]:8000", false);
    assert_eq!(v6.cause("id"), "firewall");
    // Without knowing who asks, it says that it depends, and on which rule.
    let somebody = lan.doctor(URL);
    assert_eq!(somebody.said["reachable"], Value::Null);
    assert!(somebody.cause("why").contains("@friends"), "{:#}", somebody.said);
    lan.on_laptop(v6.cause("mend").strip_prefix("sudo ").unwrap());
    lan.check(other, URL, true);
    lan.check("fd77::2", "http://[fd77::1]:8000", true);
}

#[test]
fn rules_of_iptables() {
    let mut lan = Lan::new();
    lan.serve("0.0.0.0");
    lan.on_laptop("iptables -N web");
    lan.on_laptop("iptables -A INPUT -p tcp -m conntrack --ctstate NEW -j web");
    lan.on_laptop("iptables -A web -i lo -j RETURN");
    lan.check(PHONE, URL, true);
    lan.on_laptop("iptables -A web -p tcp -m multiport --dports 22,8000:8010 -j REJECT");
    let rejected = lan.check(PHONE, URL, false);
    assert!(rejected.cause("why").contains("chain web"), "{:#}", rejected.said);
    assert!(rejected.cause("what").starts_with("iptables rejects"), "{:#}", rejected.said);
    // The machine itself passes by that rule.
    assert!(lan.doctor("http://localhost:8000").reached);
    lan.on_laptop(rejected.cause("mend").strip_prefix("sudo ").unwrap());
    lan.check(PHONE, URL, true);
}

#[test]
fn it_changes_nothing_and_sends_nothing() {
    let mut lan = Lan::new();
    lan.serve("0.0.0.0");
    lan.on_laptop("nft add table inet count");
    lan.on_laptop("nft add chain inet count out { type filter hook output priority 0 ; }");
    lan.on_laptop("nft add rule inet count out meta l4proto { tcp, udp } oifname eth0 counter");
    let rules = || inside(&lan.laptop, "nft list ruleset").output().unwrap().stdout;
    let before = rules();
    assert!(lan.doctor(URL).reached);
    // An address that is not this machine's own, though something may answer there.
    assert!(!lan.doctor("http://10.77.0.2:8000").reached);
    assert!(!lan.doctor("http://203.0.113.7:8000").reached);
    // The counter stands in the listing: not one packet has left.
    assert_eq!(String::from_utf8(rules()).unwrap(), String::from_utf8(before).unwrap());
}

#[test]
fn a_program_that_never_answers() {
    let mut lan = Lan::new();
    let script = "import socket,time;s=socket.create_server(('0.0.0.0',8000));print('up',flush=True);time.sleep(60)";
    let mut command = inside(&lan.laptop, "python3 -c");
    let mut server = command.arg(script).stdout(Stdio::piped()).spawn().unwrap();
    let mut ready = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut ready).unwrap();
    lan.programs.push(server);
    let hung = lan.check(PHONE, URL, false);
    assert_eq!((hung.cause("id"), hung.cause("mend")), ("answers", "carafe ports stop 8000"));
}
