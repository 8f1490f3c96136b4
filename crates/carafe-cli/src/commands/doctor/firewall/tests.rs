//! Packets against rule sets: small ones in a table, and what ufw and firewalld really write.

use super::front::{Front, firewalld_lets_in, ufw_lets_in};
use super::iptables::Iptables;
use super::judge::{End, Fate, Match, Packet, Ruleset, Source, fate};
use super::network::Network;
use super::nft::Nft;

const UFW: &str = include_str!("recorded/ufw-iptables.txt");
const UFW_STATUS: &str = include_str!("recorded/ufw-status.txt");
const FIREWALLD: &str = include_str!("recorded/firewalld-nft.json");
const FIREWALLD_TEXT: &str = include_str!("recorded/firewalld-nft.txt");
const FIREWALLD_LIST: &str = include_str!("recorded/firewalld-list.txt");

/// `192.168.1.9 eth0 192.168.1.20 8000`; `*` for anybody, a network for anybody in it.
fn packet(text: &str) -> Packet {
    let words: Vec<&str> = text.split(' ').collect();
    let [source, interface, destination, port] = words[..] else { panic!("{text}") };
    let source = match source.parse() {
        Ok(address) => Source::At(address),
        Err(_) => Source::Within(Network::parse(source).into_iter().collect()),
    };
    let destination = destination.parse().unwrap();
    Packet { interface: interface.to_owned(), source, destination, port: port.parse().unwrap() }
}

fn said(fate: &Fate) -> String {
    let mut said = match &fate.end {
        End::Passes => "passes".to_owned(),
        End::Dies { rejects: true, rule, .. } => format!("rejected: {}", rule.text),
        End::Dies { rule, .. } => format!("dropped: {}", rule.text),
        End::SentOn { to, .. } => format!("to {to}"),
    };
    if !fate.doubts.is_empty() {
        said.push_str(&format!(" ({} unsure)", fate.doubts.len()));
    }
    said
}

fn nft(chains: &str, sets: &str) -> Nft {
    let json = format!("{{\"nftables\": [{sets}{chains}]}}");
    Nft::parse(&json, "", |_, _| false).unwrap()
}

/// A chain `input` that accepts what these expressions (JSON) do not stop.
fn check_nft(expressions: &str, sent: &str, stops: Option<bool>) {
    let chain = r#"{"chain": {"family": "inet", "table": "t", "name": "input", "handle": 2, "type": "filter", "hook": "input", "prio": 0, "policy": "accept"}}"#;
    let sets = r#"
        {"set": {"family": "inet", "name": "blocked", "table": "t", "type": "ipv4_addr", "elem": [{"prefix": {"addr": "10.0.0.0", "len": 8}}, {"elem": {"val": "192.168.7.7", "timeout": 9}}]}},
        {"set": {"family": "inet", "name": "empty", "table": "t", "type": "ipv4_addr"}},
        {"set": {"family": "inet", "name": "ports", "table": "t", "type": "inet_service", "elem": [3000, {"range": [8000, 8100]}]}},
        {"set": {"family": "inet", "name": "pairs", "table": "t", "elem": [{"concat": ["10.1.1.1", 8000]}]}},
        {"map": {"family": "inet", "name": "verdicts", "table": "t", "map": "verdict", "elem": [[22, {"accept": null}], [8000, {"drop": null}]]}},"#;
    let rule = format!(
        r#"{{"rule": {{"family": "inet", "table": "t", "chain": "input", "handle": 9, "expr": [{expressions}]}}}}"#
    );
    let fate = fate(&nft(&format!("{chain}, {rule}"), sets), &packet(sent));
    let found = match (&fate.end, fate.doubts.is_empty()) {
        (End::Dies { .. }, true) => Some(true),
        (End::Passes, true) => Some(false),
        _ => None,
    };
    assert_eq!(found, stops, "{sent} against {expressions}: {fate:?}");
}

const DROP: &str = r#", {"drop": null}"#;

fn matching(op: &str, left: &str, right: &str) -> String {
    format!(r#"{{"match": {{"op": "{op}", "left": {left}, "right": {right}}}}}{DROP}"#)
}

fn payload(protocol: &str, field: &str) -> String {
    format!(r#"{{"payload": {{"protocol": "{protocol}", "field": "{field}"}}}}"#)
}

#[test]
fn nft_matches() {
    const PHONE: &str = "192.168.1.9 eth0 192.168.1.20 8000";
    const V6: &str = "fd00::9 eth0 fd00::2 8000";
    const ANYBODY: &str = "* eth0 192.168.1.20 8000";
    let check = |op: &str, left: &str, right: &str, sent: &str, stops: Option<bool>| {
        check_nft(&matching(op, left, right), sent, stops);
    };
    let dport = payload("tcp", "dport");
    check("==", &dport, "8000", PHONE, Some(true));
    check("==", &dport, "8001", PHONE, Some(false));
    check("!=", &dport, "8000", PHONE, Some(false));
    check("==", &dport, r#"{"range": [8000, 8010]}"#, PHONE, Some(true));
    check("==", &dport, r#"{"set": [22, {"range": [7000, 8000]}]}"#, PHONE, Some(true));
    check("!=", &dport, r#"{"set": [22, 80]}"#, PHONE, Some(true));
    check("==", &dport, "\"@ports\"", PHONE, Some(true));
    check("==", &dport, "\"@missing\"", PHONE, None);
    check("==", &payload("th", "dport"), "8000", PHONE, Some(true));
    check("==", &payload("tcp", "sport"), "8000", PHONE, None);
    check("==", &payload("udp", "dport"), "8000", PHONE, Some(false));
    // A rule about another protocol is not meant, also when it is negated.
    check("!=", &payload("udp", "dport"), "53", PHONE, Some(false));

    let saddr = payload("ip", "saddr");
    let lan = r#"{"prefix": {"addr": "192.168.1.0", "len": 24}}"#;
    check("==", &saddr, "\"192.168.1.9\"", PHONE, Some(true));
    check("==", &saddr, lan, PHONE, Some(true));
    check("!=", &saddr, lan, PHONE, Some(false));
    check("!=", &saddr, lan, V6, Some(false));
    check("==", &saddr, lan, ANYBODY, None);
    check("==", &saddr, lan, "192.168.1.0/24 eth0 192.168.1.20 8000", Some(true));
    check("==", &saddr, r#"{"range": ["192.168.1.1", "192.168.1.8"]}"#, PHONE, Some(false));
    check("==", &saddr, "\"@blocked\"", "10.9.9.9 eth0 192.168.1.20 8000", Some(true));
    check("==", &saddr, "\"@blocked\"", "192.168.7.7 eth0 192.168.1.20 8000", Some(true));
    check("==", &saddr, "\"@empty\"", PHONE, Some(false));
    check("==", &payload("ip", "daddr"), "\"192.168.1.20\"", PHONE, Some(true));
    check("==", &payload("ip6", "saddr"), "\"fd00::9\"", V6, Some(true));
    check("==", &payload("ip", "protocol"), "\"tcp\"", PHONE, Some(true));
    check("==", &payload("ip", "ttl"), "3", PHONE, None);
    let pair = format!(r#"{{"concat": [{saddr}, {dport}]}}"#);
    check("==", &pair, "\"@pairs\"", "10.1.1.1 eth0 192.168.1.20 8000", Some(true));
    check("==", &pair, "\"@pairs\"", "10.1.1.1 eth0 192.168.1.20 8001", Some(false));

    let meta = |key: &str| format!(r#"{{"meta": {{"key": "{key}"}}}}"#);
    check("==", &meta("iifname"), "\"eth0\"", PHONE, Some(true));
    check("==", &meta("iif"), "\"lo\"", PHONE, Some(false));
    check("!=", &meta("iif"), "\"lo\"", PHONE, Some(true));
    check("==", &meta("iifname"), r#"{"set": ["lo", "eth*"]}"#, PHONE, Some(true));
    check("==", &meta("oifname"), "\"eth0\"", PHONE, Some(false));
    check("==", &meta("l4proto"), r#"{"set": ["icmp", "ipv6-icmp"]}"#, PHONE, Some(false));
    check("==", &meta("l4proto"), "6", PHONE, Some(true));
    check("==", &meta("nfproto"), "\"ipv6\"", PHONE, Some(false));
    check("==", &meta("nfproto"), "\"ipv6\"", V6, Some(true));
    check("==", &meta("pkttype"), "\"broadcast\"", PHONE, Some(false));
    check("==", &meta("mark"), "1", PHONE, None);
    check("==", r#"{"&": [{"meta": {"key": "mark"}}, 255]}"#, "1", PHONE, None);

    let ct = |key: &str| format!(r#"{{"ct": {{"key": "{key}"}}}}"#);
    check("in", &ct("state"), r#"["established", "related"]"#, PHONE, Some(false));
    check("in", &ct("state"), r#"["new", "untracked"]"#, PHONE, Some(true));
    check("==", &ct("state"), r#"{"set": ["established", "related"]}"#, PHONE, Some(false));
    check("in", &ct("status"), "\"dnat\"", PHONE, Some(false));
    check("==", &ct("mark"), "1", PHONE, None);
    let fib = r#"{"fib": {"result": "type", "flags": ["daddr"]}}"#;
    check("==", fib, "\"local\"", PHONE, Some(true));
    check("!=", fib, "\"local\"", PHONE, Some(false));
    let way_back = r#"{"fib": {"result": "oif", "flags": ["saddr", "mark", "iif"]}}"#;
    check("==", way_back, "false", PHONE, Some(false));

    let flags = payload("tcp", "flags");
    let some = format!(r#"{{"&": [{flags}, ["fin", "syn", "rst", "ack"]]}}"#);
    check("==", &some, "\"syn\"", PHONE, Some(true));
    check("!=", &some, "\"syn\"", PHONE, Some(false));
    check("in", &flags, "\"syn\"", PHONE, Some(true));
    check("==", &some, r#"{"|": ["fin", "syn"]}"#, PHONE, Some(false));
}

#[test]
fn nft_statements() {
    const PHONE: &str = "192.168.1.9 eth0 192.168.1.20 8000";
    let check = |expressions: &str, stops: Option<bool>| check_nft(expressions, PHONE, stops);
    check(
        r#"{"counter": {"packets": 0, "bytes": 0}}, {"log": {"prefix": "x"}}, {"drop": null}"#,
        Some(true),
    );
    check(r#"{"reject": {"type": "tcp reset"}}"#, Some(true));
    check(r#"{"limit": {"rate": 10, "per": "second", "inv": true}}, {"drop": null}"#, Some(false));
    check(r#"{"limit": {"rate": 10, "per": "second"}}, {"drop": null}"#, Some(true));
    check(r#"{"ct count": {"val": 20, "inv": true}}, {"drop": null}"#, Some(false));
    check(
        r#"{"set": {"op": "add", "set": "@dyn", "stmt": [{"limit": {"rate": 3, "inv": true}}]}}, {"drop": null}"#,
        Some(false),
    );
    check(r#"{"xt": {"type": "match", "name": "recent"}}, {"drop": null}"#, None);
    check(r#"{"xt": {"type": "target", "name": "REJECT"}}"#, None);
    check(r#"{"queue": {"num": 1}}"#, None);
    check("\"jump {\\n tcp dport 9 drop\\n }\"", None);
    let vmap = |data: &str| {
        format!(
            r#"{{"vmap": {{"key": {{"payload": {{"protocol": "tcp", "field": "dport"}}}}, "data": {data}}}}}"#
        )
    };
    check(&vmap("\"@verdicts\""), Some(true));
    check(&vmap(r#"{"set": [[8000, {"accept": null}], [80, {"drop": null}]]}"#), Some(false));
    check(&vmap(r#"{"set": [[80, {"drop": null}]]}"#), Some(false));
}

#[test]
fn nft_meets_chains_in_the_kernels_order() {
    let chain = |family: &str, name: &str, hook: &str, priority: i32, policy: &str| {
        format!(
            r#"{{"chain": {{"family": "{family}", "table": "t", "name": "{name}", "type": "filter", "hook": "{hook}", "prio": {priority}, "policy": "{policy}"}}}}"#
        )
    };
    let rule = |chain: &str, expressions: &str| {
        format!(
            r#"{{"rule": {{"family": "inet", "table": "t", "chain": "{chain}", "handle": 7, "expr": [{expressions}]}}}}"#
        )
    };
    let port = |port: u16| {
        format!(
            r#"{{"match": {{"op": "==", "left": {}, "right": {port}}}}}"#,
            payload("tcp", "dport")
        )
    };
    let check = |parts: &[String], sent: &str, want: &str| {
        assert_eq!(said(&fate(&nft(&parts.join(","), ""), &packet(sent))), want);
    };
    let phone = "192.168.1.9 eth0 192.168.1.20 80";
    // Redirected before it is filtered: the filter sees the new port.
    let redirected = [
        chain("inet", "input", "input", 0, "drop"),
        rule("input", &format!("{}, {{\"accept\": null}}", port(8000))),
        chain("inet", "pre", "prerouting", -100, "accept"),
        rule("pre", &format!("{}, {{\"redirect\": {{\"port\": 8000}}}}", port(80))),
    ];
    check(&redirected, phone, "passes");
    check(&redirected[..2], phone, "dropped: policy drop");
    let published = [
        chain("inet", "pre", "prerouting", -100, "accept"),
        rule(
            "pre",
            &format!("{}, {{\"dnat\": {{\"addr\": \"172.17.0.2\", \"port\": 80}}}}", port(80)),
        ),
    ];
    check(&published, phone, "to 172.17.0.2:80");
    // Families and hooks that such a packet does not meet.
    for other in [
        chain("ip6", "input", "input", 0, "drop"),
        chain("bridge", "input", "input", 0, "drop"),
        chain("inet", "forward", "forward", 0, "drop"),
        chain("inet", "output", "output", 0, "drop"),
    ] {
        check(&[other], phone, "passes");
    }
    check(&[chain("ip", "input", "input", 0, "drop")], phone, "dropped: policy drop");
}

fn check_iptables(rules: &[&str], sent: &str, want: &str) {
    let saved =
        format!("*filter\n:INPUT ACCEPT [0:0]\n:web - [0:0]\n{}\nCOMMIT\n", rules.join("\n"));
    let rules = Iptables::parse(&saved, "iptables");
    assert_eq!(said(&fate(&rules, &packet(sent))), want, "{saved}");
}

#[test]
fn iptables_matches() {
    const PHONE: &str = "192.168.1.9 eth0 192.168.1.20 8000";
    let check = |matches: &str, stops: Option<bool>| {
        let rule = format!("-A INPUT {matches} -j DROP");
        let want = match stops {
            Some(true) => format!("dropped: {rule}"),
            Some(false) => "passes".to_owned(),
            None => "passes (1 unsure)".to_owned(),
        };
        check_iptables(&[&rule], PHONE, &want);
    };
    check("-p tcp -m tcp --dport 8000", Some(true));
    check("-p tcp -m tcp --dport 8000:8010", Some(true));
    check("-p tcp -m tcp ! --dport 8000", Some(false));
    check("-p tcp -m tcp --dport 1024:", Some(true));
    check("-p udp -m udp --dport 8000", Some(false));
    check("-p tcp -m multiport --dports 80,443,7000:8000", Some(true));
    check("-p tcp -m multiport --sports 80", None);
    check("-i eth0", Some(true));
    check("-i eth+", Some(true));
    check("! -i lo", Some(true));
    check("-i lo", Some(false));
    check("-s 192.168.1.0/24", Some(true));
    check("! -s 192.168.1.0/24", Some(false));
    check("-d 192.168.1.20/32", Some(true));
    check("-m iprange --src-range 192.168.1.1-192.168.1.8", Some(false));
    check("-m conntrack --ctstate RELATED,ESTABLISHED", Some(false));
    check("-m conntrack --ctstate NEW,UNTRACKED", Some(true));
    check("-m state --state INVALID", Some(false));
    check("-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN", Some(true));
    check(
        "-p tcp -m tcp ! --tcp-flags FIN,SYN,RST,ACK SYN -m conntrack --ctstate NEW",
        Some(false),
    );
    check("-p tcp -m tcp --tcp-flags FIN,SYN,RST,PSH,ACK,URG NONE", Some(false));
    check("-m addrtype --dst-type LOCAL", Some(true));
    check("-m addrtype --dst-type BROADCAST", Some(false));
    check("-m limit --limit 3/min --limit-burst 10", Some(true));
    check(
        "-p tcp -m connlimit --connlimit-above 20 --connlimit-mask 32 --connlimit-saddr",
        Some(false),
    );
    check(
        "-m recent --update --seconds 30 --hitcount 6 --name DEFAULT --mask 255.255.255.255 --rsource",
        Some(false),
    );
    check("-m comment --comment text", Some(true));
    check("-m mark --mark 0x1", None);
    check("-m set --match-set blocked src", None);
}

#[test]
fn iptables_follows_chains() {
    const PHONE: &str = "192.168.1.9 eth0 192.168.1.20 8000";
    let drop = "-A INPUT -j DROP";
    check_iptables(&["-A INPUT -j ACCEPT", drop], PHONE, "passes");
    check_iptables(
        &["-A INPUT -p tcp -j web", drop, "-A web -p tcp --dport 8000 -j ACCEPT"],
        PHONE,
        "passes",
    );
    check_iptables(
        &["-A INPUT -p tcp -j web", drop, "-A web -j RETURN"],
        PHONE,
        "dropped: -A INPUT -j DROP",
    );
    check_iptables(&["-A INPUT -g web", drop, "-A web -s 10.0.0.0/8 -j ACCEPT"], PHONE, "passes");
    check_iptables(
        &["-A INPUT -j LOG --log-prefix \"in: \"", drop],
        PHONE,
        "dropped: -A INPUT -j DROP",
    );
    check_iptables(&["-A INPUT -j NFQUEUE --queue-num 1"], PHONE, "passes (1 unsure)");
    check_iptables(
        &["-A INPUT -j REJECT --reject-with tcp-reset"],
        PHONE,
        "rejected: -A INPUT -j REJECT --reject-with tcp-reset",
    );
    // These rules are for IPv4.
    check_iptables(&[drop], "fd00::9 eth0 fd00::2 8000", "passes");
    let nat = "*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p tcp -m tcp --dport 80 -j REDIRECT --to-ports 8000\n-A PREROUTING ! -i docker0 -p tcp -m tcp --dport 81 -j DNAT --to-destination 172.17.0.2:80\nCOMMIT\n*filter\n:INPUT DROP [0:0]\n-A INPUT -p tcp --dport 8000 -j ACCEPT\n";
    let nat = Iptables::parse(nat, "iptables");
    assert_eq!(said(&fate(&nat, &packet("192.168.1.9 eth0 192.168.1.20 80"))), "passes");
    assert_eq!(said(&fate(&nat, &packet("192.168.1.9 eth0 192.168.1.20 81"))), "to 172.17.0.2:80");
    let v6 = Iptables::parse("*filter\n:INPUT DROP [0:0]\n", "ip6tables");
    let End::Dies { mend, .. } = fate(&v6, &packet("fd00::9 eth0 fd00::2 8000")).end else {
        panic!()
    };
    assert_eq!(mend, "sudo ip6tables -I INPUT -p tcp --dport 8000 -j ACCEPT");
}

/// What a front's rules do, and the command that it would be mended with.
fn check_front(rules: &dyn Ruleset, sent: &str, want: &str) {
    let fate = fate(rules, &packet(sent));
    let mut found = said(&fate);
    if let End::Dies { rule, .. } = &fate.end {
        let front = Front::of(rule, true);
        found.push_str("; ");
        found.push_str(&front.map_or_else(String::new, |front| front.mend(fate.port, Some(rule))));
    }
    assert_eq!(found, want, "{sent}");
}

#[test]
fn judges_what_ufw_wrote() {
    let rules = Iptables::parse(UFW, "iptables");
    let closed = "dropped: -P INPUT DROP; sudo ufw allow 8000/tcp";
    check_front(&rules, "192.168.1.9 eth0 192.168.1.20 8000", closed);
    check_front(&rules, "192.168.1.9 eth0 192.168.1.20 22", "passes");
    check_front(&rules, "192.168.1.9 eth0 192.168.1.20 5000", "passes");
    check_front(
        &rules,
        "192.168.2.9 eth0 192.168.1.20 5000",
        "dropped: -P INPUT DROP; sudo ufw allow 5000/tcp",
    );
    check_front(&rules, "192.168.1.0/24 eth0 192.168.1.20 5000", "passes");
    check_front(
        &rules,
        "* eth0 192.168.1.20 5000",
        "dropped: -P INPUT DROP (1 unsure); sudo ufw allow 5000/tcp",
    );
    check_front(&rules, "127.0.0.1 lo 127.0.0.1 8000", "passes");
    check_front(
        &rules,
        "192.168.1.9 eth0 192.168.1.20 445",
        "dropped: -A ufw-skip-to-policy-input -j DROP; sudo ufw allow 445/tcp",
    );
}

#[test]
fn judges_what_firewalld_wrote() {
    let rules = Nft::parse(FIREWALLD, FIREWALLD_TEXT, |_, _| false).unwrap();
    check_front(
        &rules,
        "192.168.9.7 eth9 192.168.9.1 8000",
        "rejected: reject with icmpx admin-prohibited; sudo firewall-cmd --zone=public --add-port=8000/tcp",
    );
    check_front(&rules, "192.168.9.7 eth9 192.168.9.1 22", "passes");
    check_front(&rules, "fd00::7 eth9 fd00::1 22", "passes");
    check_front(&rules, "127.0.0.1 lo 127.0.0.1 8000", "passes");
}

#[test]
fn reads_what_the_fronts_print() {
    let ufw = |sent: &str| ufw_lets_in(UFW_STATUS, &packet(sent));
    assert_eq!(ufw("192.168.1.9 eth0 192.168.1.20 8000"), Match::No);
    assert_eq!(ufw("192.168.1.9 eth0 192.168.1.20 22"), Match::Yes);
    assert_eq!(ufw("fd00::9 eth0 fd00::2 22"), Match::Yes);
    assert_eq!(ufw("fd00::9 eth0 fd00::2 5000"), Match::No);
    assert_eq!(ufw("192.168.1.9 eth0 192.168.1.20 5000"), Match::Yes);
    assert_eq!(ufw("10.0.0.9 eth0 192.168.1.20 5000"), Match::No);
    assert_eq!(ufw("* eth0 192.168.1.20 5000"), Match::Unsure);
    assert_eq!(ufw_lets_in("Status: inactive\n", &packet("* eth0 10.0.0.1 80")), Match::Yes);
    let list = |port: &str, service| {
        firewalld_lets_in(FIREWALLD_LIST, &packet(&format!("* eth0 10.0.0.1 {port}")), service)
    };
    assert_eq!(list("22", Some("ssh")), Match::Yes);
    assert_eq!(list("8000", None), Match::No);
    let open = FIREWALLD_LIST.replace("ports: \n", "ports: 53/udp 8000-8010/tcp\n");
    assert_eq!(firewalld_lets_in(&open, &packet("* eth0 10.0.0.1 8000"), None), Match::Yes);
    assert_eq!(firewalld_lets_in(&open, &packet("* eth0 10.0.0.1 53"), None), Match::No);
}
