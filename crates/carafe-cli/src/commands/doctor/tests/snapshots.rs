//! What people read, in both languages. `CARAFE_BLESS=1` writes the files anew.

use std::path::Path;

use carafe_net::Lang;

use super::super::runner::Ran;
use super::machine::{Machine, NFT, answer};

const DROP: &str = r#"{"nftables": [
    {"chain": {"family": "inet", "table": "filter", "name": "input", "handle": 1, "type": "filter", "hook": "input", "prio": 0, "policy": "accept"}},
    {"rule": {"family": "inet", "table": "filter", "chain": "input", "handle": 7, "expr": [
        {"match": {"op": "==", "left": {"meta": {"key": "iifname"}}, "right": "wlan0"}},
        {"match": {"op": "==", "left": {"payload": {"protocol": "tcp", "field": "dport"}}, "right": 8000}}, {"drop": null}]}}]}"#;
const DROP_TEXT: &str = "table inet filter { # handle 1\n\tchain input { # handle 1\n\t\tiifname \"wlan0\" tcp dport 8000 drop # handle 7\n\t}\n}\n";

/// The output of both languages, one below the other.
fn check(name: &str, machine: &Machine, words: &str) {
    let (english, _) = machine.said(words, false, Lang::English);
    let (korean, _) = machine.said(words, false, Lang::Korean);
    same(name, &format!("{english}\n\n{korean}"));
}

fn same(name: &str, found: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/commands/doctor/snapshots");
    let file = folder.join(name);
    if std::env::var_os("CARAFE_BLESS").is_some() {
        std::fs::write(&file, found).unwrap();
    }
    assert_eq!(found, std::fs::read_to_string(&file).unwrap(), "{name}");
}

#[test]
fn it_is_reached() {
    let machine = Machine::new().guestbook(&["127.0.0.1:8000", "[::1]:8000"]);
    check("reached.txt", &machine, "");
}

#[test]
fn nothing_listens_there() {
    let machine = Machine::new().guestbook(&["127.0.0.1:3000", "[::1]:3000"]);
    check("nothing_listens.txt", &machine, "http://localhost:8000");
}

#[test]
fn it_listens_for_this_computer_only() {
    let machine = Machine::new().guestbook(&["127.0.0.1:8000", "[::1]:8000"]);
    check("loopback_only.txt", &machine, "http://192.168.1.20:8000");
}

#[test]
fn a_rule_of_nftables_drops_it() {
    let machine = Machine::new()
        .guestbook(&["0.0.0.0:8000"])
        .says(NFT, Ran::Output(DROP.to_owned()))
        .says("nft -a list ruleset", Ran::Output(DROP_TEXT.to_owned()));
    check("nftables.txt", &machine, "");
    let (json, _) = machine.said("", true, Lang::English);
    same("nftables.json", &json);
}

#[test]
fn ufw_denies_it() {
    let rules = include_str!("../firewall/recorded/ufw-iptables.txt");
    let machine = Machine::new()
        .guestbook(&["0.0.0.0:8000"])
        .file("etc/ufw/ufw.conf", "ENABLED=yes\n")
        .says("iptables-save", Ran::Output(rules.to_owned()));
    check("ufw.txt", &machine, "http://192.168.1.20:8000 from 192.168.1.9");
}

#[test]
fn the_firewall_needs_root() {
    let machine = Machine::new()
        .guestbook(&["0.0.0.0:8000"])
        .without_root()
        .says(NFT, Ran::NeedsRoot)
        .says("iptables-save", Ran::NeedsRoot);
    check("needs_root.txt", &machine, "");
}

#[test]
fn its_host_is_refused() {
    let machine = Machine::new()
        .file("etc/hosts", "127.0.0.1 localhost\n192.168.1.20 laptop.example\n")
        .guestbook(&["0.0.0.0:8000"])
        .app(|app| app.trusted_hosts = vec!["localhost".to_owned(), ".shop.example".to_owned()])
        .answers("laptop.example", answer("400 Bad Request"));
    check("host_refused.txt", &machine, "http://laptop.example:8000");
}

#[test]
fn it_runs_in_a_container() {
    let machine =
        Machine::new().guestbook(&["127.0.0.1:8000", "[::1]:8000"]).file(".dockerenv", "");
    check("container.txt", &machine, "");
}

/// The guide shows what the tool says.
#[test]
fn the_guide_shows_it() {
    let read = |path: &str| {
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
    };
    let said = read("src/commands/doctor/snapshots/nftables.txt");
    let english = said.split("\n\n\n").next().unwrap();
    assert!(read("../carafe/src/docs/cannot_reach_it.md").contains(english), "{english}");
}
