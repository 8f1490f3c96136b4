//! Each cause that is recognised, with the command that mends it.

use serde_json::json;

use super::super::facts::probe::{Answer, Outcome};
use super::super::finding::Cause;
use super::super::runner::Ran;
use super::super::verdict::Verdict;
use super::machine::{Machine, NFT, answer, route};

/// The cause that is named, or `None` when it can be reached; then the command, or the URL.
fn check(machine: &Machine, words: &str, cause: Option<Cause>, mend: &str) {
    let (findings, verdict) = machine.decided(words);
    let finding = match verdict {
        Verdict::Reached => None,
        Verdict::NotReached(at) | Verdict::Unsure(at) => Some(&findings[at]),
    };
    assert_eq!(finding.and_then(|found| found.cause), cause, "{words}: {findings:#?}");
    let found = finding.and_then(|found| found.mend.as_ref()).map_or("", |mend| mend.text());
    assert_eq!(found, mend, "{words}: {findings:#?}");
}

/// Something is said beside the verdict.
fn check_note(machine: &Machine, words: &str, id: &str, part: &str) {
    let (findings, _) = machine.decided(words);
    let said: Vec<String> = findings
        .iter()
        .filter(|found| found.id == id)
        .map(|found| format!("{}\n{}", found.what, found.why))
        .collect();
    assert!(said.iter().any(|said| said.contains(part)), "{part} in {said:#?}");
}

fn laptop() -> Machine {
    Machine::new()
}

fn wide() -> Machine {
    Machine::new().guestbook(&["0.0.0.0:8000"])
}

#[test]
fn reached() {
    let both = laptop().guestbook(&["127.0.0.1:8000", "[::1]:8000"]);
    check(&both, "", None, "");
    check(&both, "8000", None, "");
    check(&both, "http://127.0.0.1:8000", None, "");
    check(&wide(), "", None, "");
    check(&wide(), "http://192.168.1.20:8000", None, "");
    check(&wide(), "http://192.168.1.20:8000 from 192.168.1.9", None, "");
    check(&wide(), "http://localhost:8000", None, "");
    // An error of the app's own is an answer.
    check(&wide().answers("*", answer("500 Internal Server Error")), "", None, "");
    check(&wide().answers("*", answer("404 Not Found")), "", None, "");
    check_note(&wide(), "http://localhost:8000", "address", "http://192.168.1.20:8000");
    check_note(&both, "", "address", "only this computer");
}

#[test]
fn the_url() {
    check(&wide(), "http://0.0.0.0:8000", Some(Cause::Url), "http://localhost:8000");
    let from_phone = "http://localhost:8000 from 192.168.1.9";
    check(&wide(), from_phone, Some(Cause::Url), "http://192.168.1.20:8000");
    let loopback = laptop().guestbook(&["127.0.0.1:8000", "[::1]:8000"]);
    check_note(&loopback, from_phone, "url", "start the app with `--host lan`");
}

#[test]
fn nothing_listens() {
    let cause = Some(Cause::NothingListens);
    check(&laptop(), "", cause, "cargo run -- --port 8000");
    check(&laptop(), "http://192.168.1.20:80", cause, "cargo run -- --port 80");
    check_note(&laptop().without_root(), "localhost:80", "listening", "ports below 1024");
    let other = laptop().guestbook(&["127.0.0.1:3000"]);
    check(&other, "http://localhost:8000", cause, "http://localhost:3000");
    check_note(&other, "http://localhost:8000", "listening", "127.0.0.1:3000");
    // From where the URL was opened, also at the right port.
    check(&wide(), "http://192.168.1.20:8001", cause, "http://192.168.1.20:8000");
    check(&wide(), "http://localhost:8001", cause, "http://localhost:8000");
    // An app that says it has the port, and has it in another network namespace.
    let inside = laptop().app(|app| app.addresses = vec!["0.0.0.0:8000".parse().unwrap()]);
    check(&inside, "http://localhost:8000", cause, "cargo run -- --port 8000");
    // Without a URL, the app that runs is meant.
    check_note(&other, "", "listening", "listens on 127.0.0.1:3000");
    let unix = laptop().app(|app| app.unix = vec!["/run/guestbook.sock".to_owned()]);
    check(&unix, "", cause, "carafe proxy nginx");
    check_note(&unix, "", "listening", "/run/guestbook.sock");
    let node = laptop().program(7, "node server.js", "S", &["127.0.0.1:3000"]);
    check_note(&node, "", "listening", "3000 (node)");
}

#[test]
fn not_on_this_address() {
    let cause = Some(Cause::NotOnThisAddress);
    let loopback = laptop().guestbook(&["127.0.0.1:8000", "[::1]:8000"]);
    let lan = "http://192.168.1.20:8000";
    check(&loopback, lan, cause, "target/debug/guestbook --host lan");
    check(&loopback, "8000 from 192.168.1.9", cause, "target/debug/guestbook --host lan");
    let python = laptop().program(
        7,
        "python3 -m http.server 8000 --bind 127.0.0.1",
        "S",
        &["127.0.0.1:8000"],
    );
    check(&python, lan, cause, "python3 -m http.server 8000 --bind 0.0.0.0");
    let vite = laptop().program(7, "node vite --host=127.0.0.1", "S", &["127.0.0.1:8000"]);
    check(&vite, lan, cause, "node vite --host 0.0.0.0");
    // A proxy says it in its configuration, and in no option.
    let nginx = laptop().program(7, "nginx", "S", &["127.0.0.1:8000"]);
    check(&nginx, lan, cause, "");
    // Half of localhost only.
    let v6 = laptop().guestbook(&["[::1]:8000"]);
    check(&v6, "http://127.0.0.1:8000", cause, "target/debug/guestbook --host localhost");
    check(&v6, "http://localhost:8000", None, "");
    let v4 = laptop().guestbook(&["127.0.0.1:8000"]);
    check(&v4, "http://[::1]:8000", cause, "target/debug/guestbook --host localhost");
    check(&v4, "http://localhost:8000", None, "");
    check_note(&v4, "http://localhost:8000", "name", "::1, which is tried first");
    // Debian gives the machine's own name to 127.0.1.1.
    let own_name = v4.file("etc/hosts", "127.0.0.1 localhost\n127.0.1.1 laptop\n");
    check(&own_name, "http://laptop:8000", cause, "target/debug/guestbook --host localhost");
    // `::` of a program that takes IPv6 alone.
    let only_v6 = laptop().guestbook(&["[::]:8000"]).answers("192.168.1.20", Outcome::Refused);
    check(&only_v6, "http://192.168.1.20:8000", cause, "target/debug/guestbook --host 0.0.0.0");
}

#[test]
fn names() {
    let line = "echo '127.0.0.1 shop.test' | sudo tee -a /etc/hosts";
    check(&wide(), "http://shop.test:8000", Some(Cause::NameUnknown), line);
    let elsewhere = wide().file("etc/hosts", "10.9.9.9 shop.test\n");
    check(&elsewhere, "http://shop.test:8000", Some(Cause::Elsewhere), "http://192.168.1.20:8000");
    check(&wide(), "http://10.9.9.9:8000", Some(Cause::Elsewhere), "http://192.168.1.20:8000");
}

#[test]
fn two_programs_share_localhost() {
    let machine =
        laptop().guestbook(&["127.0.0.1:8000"]).program(99, "node server.js", "S", &["[::1]:8000"]);
    check(&machine, "http://localhost:8000", Some(Cause::OtherProgram), "kill 99");
    check(&machine, "http://127.0.0.1:8000", None, "");
    let strangers = laptop().program(98, "python3 app.py", "S", &["127.0.0.1:8000"]).program(
        99,
        "node server.js",
        "S",
        &["[::]:8000"],
    );
    let mend = "carafe ports 8000";
    check(&strangers, "http://localhost:8000", Some(Cause::OtherProgram), mend);
}

#[test]
fn apps_that_do_not_answer() {
    let suspended = laptop().program(4711, "target/debug/guestbook", "T", &["127.0.0.1:8000"]);
    let suspended = suspended.answers("*", Outcome::Silent);
    check(&suspended, "", Some(Cause::Suspended), "kill -CONT 4711");
    let hung = wide().answers("*", Outcome::Silent);
    check(&hung, "", Some(Cause::Silent), "carafe ports stop 8000");
    let lost = || wide().answers("*", Outcome::Lost);
    check(&lost(), "", Some(Cause::Silent), "carafe ports stop 8000");
    // Without a word on the firewall, the app is not to be ended for what may be the firewall's doing.
    let unseen = lost().without_root().says(NFT, Ran::NeedsRoot);
    let unseen = unseen.says("iptables-save", Ran::NeedsRoot);
    let look = "sudo carafe doctor http://192.168.1.20:8000";
    check(&unseen, "http://192.168.1.20:8000", Some(Cause::Lost), look);
    check_note(&unseen, "http://192.168.1.20:8000", "answers", "no connection to 192.168.1.20");
    let ssh = wide().answers("*", Outcome::NotHttp("SSH-2.0".to_owned()));
    check(&ssh, "", Some(Cause::NotHttp), "carafe ports 8000");
}

#[test]
fn refused_where_something_listens() {
    let refused = || wide().answers("*", Outcome::Refused);
    check(&refused(), "http://127.0.0.1:8000", Some(Cause::Silent), "carafe ports 8000");
    let saved = "*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -p tcp --dport 8000 -j REJECT --reject-with tcp-reset\nCOMMIT\n";
    let rejected = refused().says("iptables-save", Ran::Output(saved.to_owned()));
    let mend = "sudo iptables -I INPUT -p tcp --dport 8000 -j ACCEPT";
    check(&rejected, "http://127.0.0.1:8000", Some(Cause::Firewall), mend);
}

#[test]
fn tls() {
    let secure = wide().answers("*", Outcome::Tls);
    check(&secure, "http://localhost:8000/a", Some(Cause::Tls), "https://localhost:8000/a");
    check(&secure, "https://localhost:8000", None, "");
    check(&wide(), "https://localhost:8000", Some(Cause::Tls), "http://localhost:8000");
}

fn drops() -> Ran {
    let chain = r#"{"nftables": [{"chain": {"family": "inet", "table": "filter", "name": "input", "handle": 1, "type": "filter", "hook": "input", "prio": 0, "policy": "drop"}}]}"#;
    Ran::Output(chain.to_owned())
}

#[test]
fn firewalls() {
    let cause = Some(Cause::Firewall);
    let insert = "sudo nft insert rule inet filter input tcp dport 8000 accept";
    check(&wide().says(NFT, drops()), "", cause, insert);
    // This machine itself is not stopped: it has got its answer.
    check(&wide().says(NFT, drops()), "http://localhost:8000", None, "");
    // A packet that even this machine loses.
    let lost = wide().says(NFT, drops()).answers("*", Outcome::Lost);
    check(&lost, "http://127.0.0.1:8000", cause, insert);
    let saved =
        "*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -p tcp -m tcp --dport 8000 -j REJECT\nCOMMIT\n";
    let iptables = wide().says("iptables-save", Ran::Output(saved.to_owned()));
    check(&iptables, "", cause, "sudo iptables -I INPUT -p tcp --dport 8000 -j ACCEPT");
    let ufw = include_str!("../firewall/recorded/ufw-iptables.txt");
    let ufw = wide()
        .says("iptables-save", Ran::Output(ufw.to_owned()))
        .file("etc/ufw/ufw.conf", "ENABLED=yes\n");
    check(&ufw, "", cause, "sudo ufw allow 8000/tcp");
    let firewalld = include_str!("../firewall/recorded/firewalld-nft.json");
    let firewalld = wide().says(NFT, Ran::Output(firewalld.to_owned()));
    check(&firewalld, "", cause, "sudo firewall-cmd --zone=public --add-port=8000/tcp");
}

#[test]
fn a_port_that_is_sent_on() {
    let saved = "*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p tcp -m tcp --dport 80 -j REDIRECT --to-ports 8000\nCOMMIT\n";
    let machine = wide().says("iptables-save", Ran::Output(saved.to_owned()));
    let mend = "carafe doctor http://192.168.1.20:8000";
    check(&machine, "http://192.168.1.20:80", Some(Cause::Unseen), mend);
}

#[test]
fn firewalls_that_cannot_be_seen() {
    let cause = Some(Cause::FirewallUnseen);
    let hidden = || wide().without_root().says(NFT, Ran::NeedsRoot);
    check(&hidden(), "", cause, "sudo carafe doctor http://192.168.1.20:8000");
    let from = "http://192.168.1.20:8000 from 192.168.1.9";
    check(&hidden(), from, cause, "sudo carafe doctor http://192.168.1.20:8000 --from 192.168.1.9");
    check(&hidden(), "http://localhost:8000", None, "");
    // ufw tells everybody that it is on, and only root its rules.
    let ufw = hidden().file("etc/ufw/ufw.conf", "ENABLED=yes\n");
    check_note(&ufw, "", "firewall", "ufw is on");
    // firewalld may tell those who sit at the machine.
    let list = include_str!("../firewall/recorded/firewalld-list.txt");
    let firewalld = hidden().says("firewall-cmd --list-all", Ran::Output(list.to_owned()));
    check(&firewalld, "", Some(Cause::Firewall), "sudo firewall-cmd --add-port=8000/tcp");
    // A kernel without any filter needs no root to be judged.
    let bare = hidden()
        .file("proc/sys/kernel/osrelease", "6.1.0\n")
        .file("proc/modules", "snd 1 0 - Live 0x0\n")
        .file("lib/modules/6.1.0/modules.builtin", "kernel/net/core/x.ko\n");
    check(&bare, "", None, "");
    // A rule that depends on who asks.
    let rule = r#"{"nftables": [
        {"chain": {"family": "inet", "table": "f", "name": "i", "type": "filter", "hook": "input", "prio": 0, "policy": "drop"}},
        {"rule": {"family": "inet", "table": "f", "chain": "i", "handle": 2, "expr": [{"match": {"op": "==", "left": {"payload": {"protocol": "ip", "field": "saddr"}}, "right": "192.168.1.9"}}, {"accept": null}]}}]}"#;
    let one = || wide().says(NFT, Ran::Output(rule.to_owned()));
    check(&one(), "", cause, "sudo carafe doctor http://192.168.1.20:8000 --from ADDRESS");
    check(&one(), "http://192.168.1.20:8000 from 192.168.1.9", None, "");
    let insert = "sudo nft insert rule inet f i tcp dport 8000 accept";
    check(&one(), "http://192.168.1.20:8000 from 192.168.1.8", Some(Cause::Firewall), insert);
}

#[test]
fn containers() {
    let cause = Some(Cause::Container);
    let inside = || laptop().file(".dockerenv", "");
    let loopback = inside().guestbook(&["127.0.0.1:8000", "[::1]:8000"]);
    check(&loopback, "", cause, "target/debug/guestbook --host 0.0.0.0");
    check(&loopback, "http://localhost:8000 from 127.0.0.1", None, "");
    check(&inside().guestbook(&["0.0.0.0:8000"]), "", None, "");
    check_note(&inside().guestbook(&["0.0.0.0:8000"]), "", "container", "docker run -p 8000:8000");
    // Seen from the host: Docker's proxy takes the connection, and nobody answers inside.
    let command = "/usr/bin/docker-proxy -proto tcp -host-ip 0.0.0.0 -host-port 8000 -container-ip 172.17.0.2 -container-port 8000";
    let published = || laptop().program(50, command, "S", &["0.0.0.0:8000"]);
    let mend = "docker run -e CARAFE_HOST=0.0.0.0 ..";
    check(&published().answers("*", Outcome::Closed), "http://localhost:8000", cause, mend);
    check(&published(), "http://localhost:8000", None, "");
    check_note(&published(), "http://localhost:8000", "proxy", "172.17.0.2:8000");
}

#[test]
fn wsl() {
    let release = |text: &str| wide().file("proc/sys/kernel/osrelease", text);
    let two = || release("5.15.90.1-microsoft-standard-WSL2\n");
    let pass = "netsh interface portproxy add v4tov4 listenaddress=0.0.0.0 listenport=8000 connectaddress=192.168.1.20 connectport=8000";
    check(&two(), "", Some(Cause::Wsl), pass);
    check_note(&two(), "", "wsl", "netsh advfirewall");
    check(&two(), "http://localhost:8000", None, "");
    let mirrored =
        two().file("addresses", "lo 127.0.0.1\nwlan0 192.168.1.20\nloopback0 169.254.1.1\n");
    check(&mirrored, "", None, "");
    check_note(&mirrored, "", "wsl", "New-NetFirewallHyperVRule");
    check_note(&release("4.4.0-19041-Microsoft\n"), "", "wsl", "WSL 1");
}

#[test]
fn vpns() {
    let vpn = || {
        let routes = [
            "Iface Destination Gateway Flags".to_owned(),
            route("wg0", "0.0.0.0", "0.0.0.0", "0.0.0.0"),
            route("wlan0", "192.168.1.0", "0.0.0.0", "255.255.255.0"),
        ];
        wide()
            .file("addresses", "lo 127.0.0.1\nwlan0 192.168.1.20\nwg0 10.8.0.2\n")
            .file("sys/class/net/wg0/uevent", "DEVTYPE=wireguard\nINTERFACE=wg0\n")
            .file("proc/net/route", &routes.join("\n"))
    };
    check(&vpn(), "", None, "");
    check_note(&vpn(), "http://192.168.1.20:8000", "vpn", "`wg0` holds the way");
    let far = "http://192.168.1.20:8000 from 203.0.113.9";
    check(&vpn(), far, Some(Cause::Vpn), "sudo ip link set wg0 down");
    check(&vpn(), "http://192.168.1.20:8000 from 192.168.1.9", None, "");
}

#[test]
fn addresses_and_what_is_in_front() {
    let in_front = Some(Cause::InFront);
    check_note(&wide(), "", "address", "router to forward TCP port 8000");
    // The router's own address, from a page that tells it.
    check(&wide(), "http://8.8.4.4:8000", in_front, "");
    check_note(&wide(), "http://8.8.4.4:8000", "address", "TCP port 8000 to 192.168.1.20");
    let cloud = || wide().file("sys/class/dmi/id/sys_vendor", "Amazon EC2\n");
    let group = "aws ec2 authorize-security-group-ingress --group-id GROUP --protocol tcp --port 8000 --cidr 0.0.0.0/0";
    check(&cloud(), "http://8.8.4.4:8000", in_front, group);
    check_note(&cloud(), "", "address", group);
    let shared = || wide().file("addresses", "lo 127.0.0.1\nwlan0 100.70.1.2\n");
    check(&shared(), "", None, "");
    check_note(&shared(), "http://100.70.1.2:8000", "address", "shares one public address");
    let tunnel = "ssh -R 0.0.0.0:8000:localhost:8000 YOU@SERVER";
    check(&shared(), "http://8.8.4.4:8000", in_front, tunnel);
    check(&shared(), "http://100.70.1.2:8000 from 8.8.8.8", in_front, tunnel);
    let public = wide().file("addresses", "lo 127.0.0.1\neth0 8.8.4.4\n");
    check_note(&public, "http://8.8.4.4:8000", "address", "anyone on the internet");
    check(&public, "http://8.8.4.4:8000", None, "");
}

#[test]
fn hosts() {
    let cause = Some(Cause::HostRefused);
    let list = |hosts: &[&str]| {
        let hosts: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
        wide()
            .app(|app| app.trusted_hosts = hosts)
            .answers("192.168.1.20", answer("400 Bad Request"))
    };
    let mend = "CARAFE_TRUSTED_HOSTS=localhost,192.168.1.20 target/debug/guestbook";
    check(&list(&["localhost"]), "", cause, mend);
    check(&list(&["localhost"]), "http://localhost:8000", None, "");
    check_note(
        &list(&["localhost"]),
        "http://localhost:8000",
        "host",
        "among the app's trusted hosts",
    );
    check_note(&wide(), "", "host", "every host");
    // A server of another framework: the same page has two answers.
    let django = laptop().program(7, "python3 manage.py", "S", &["0.0.0.0:8000"]);
    let django = django.answers("192.168.1.20", answer("400 Bad Request"));
    check(&django, "http://192.168.1.20:8000", cause, "http://127.0.0.1:8000");
}

#[test]
fn proxies() {
    let nginx = || laptop().program(80, "nginx", "S", &["0.0.0.0:80"]);
    let cause = Some(Cause::ProxyWithoutApp);
    let bad = || nginx().answers("*", answer("502 Bad Gateway"));
    check(&bad(), "http://localhost", cause, "cargo run");
    let wrong = bad().guestbook(&["127.0.0.1:8000"]);
    check(&wrong, "http://localhost", cause, "carafe proxy nginx");
    check_note(&wrong, "http://localhost", "proxy", "127.0.0.1:8000");
    check(&nginx(), "http://localhost", None, "");
    let mut behind = nginx().guestbook(&["127.0.0.1:8000"]);
    behind.arrived = Some(json!({
        "arrived": {"host": "localhost", "headers": {"x-forwarded-for": "127.0.0.1"}},
        "believed": {"trusted": false},
    }));
    check_note(&behind, "http://localhost", "proxy", "x-forwarded-for: 127.0.0.1");
    check_note(&behind, "http://localhost", "proxy", "does not trust it");
    let server = Answer::parse(b"HTTP/1.1 200 OK\r\nserver: Caddy\r\n\r\n").unwrap();
    let hidden =
        laptop().program(80, "web", "S", &["0.0.0.0:80"]).answers("*", Outcome::Answer(server));
    check_note(&hidden, "http://localhost", "proxy", "`Caddy` is in front");
    check_note(&wide(), "", "proxy", "no proxy");
}
