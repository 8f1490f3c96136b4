//! ufw and firewalld: programs that write the firewall's rules for people. What they print is read
//! where the rules themselves cannot be, and what they drop is mended through them.

use super::judge::{Match, Packet, Rule};
use super::network::Network;

/// Which of them wrote a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Front {
    Ufw,
    Firewalld,
}

impl Front {
    /// Who wrote the rule: ufw's chains and firewalld's table are named after them. A policy of
    /// iptables is ufw's where that is on.
    pub(crate) fn of(rule: &Rule, ufw_is_on: bool) -> Option<Front> {
        let policy = rule.text.starts_with("-P ");
        if rule.chain.starts_with("ufw") || (policy && ufw_is_on) {
            return Some(Front::Ufw);
        }
        let firewalld = rule.place.contains("firewalld") || rule.chain.ends_with("_ZONES");
        firewalld.then_some(Front::Firewalld)
    }

    /// Its name, as people type it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Front::Ufw => "ufw",
            Front::Firewalld => "firewalld",
        }
    }

    /// The command that lets the port in. `rule` is the one that stops it.
    pub(crate) fn mend(self, port: u16, rule: Option<&Rule>) -> String {
        match self {
            Front::Ufw => format!("sudo ufw allow {port}/tcp"),
            Front::Firewalld => match rule.and_then(|rule| zone(&rule.chain)) {
                Some(zone) => format!("sudo firewall-cmd --zone={zone} --add-port={port}/tcp"),
                None => format!("sudo firewall-cmd --add-port={port}/tcp"),
            },
        }
    }
}

/// The zone that a chain of firewalld's stands for: `work` of `filter_IN_work_deny`.
fn zone(chain: &str) -> Option<&str> {
    let zone = chain.split_once("IN_")?.1;
    let parts = ["_pre", "_log", "_deny", "_allow", "_post"];
    Some(parts.iter().find_map(|part| zone.strip_suffix(part)).unwrap_or(zone))
}

/// Whether `ufw status verbose` says that it lets the packet in.
pub(crate) fn ufw_lets_in(status: &str, packet: &Packet) -> Match {
    if status.lines().any(|line| line.trim() == "Status: inactive") {
        return Match::Yes;
    }
    let v6 = packet.destination.is_ipv6();
    for line in status.lines() {
        // `5000/tcp                   ALLOW IN    192.168.1.0/24             # a comment`
        let line = line.split(" # ").next().unwrap_or_default();
        let Some((to, rest)) = line.split_once("  ") else { continue };
        let mut words = rest.split_whitespace();
        let (Some(action), Some("IN"), Some(from)) = (words.next(), words.next(), words.next())
        else {
            continue;
        };
        if to.contains("(v6)") != v6 {
            continue;
        }
        let meant = ufw_is_to(to.trim_end_matches(" (v6)").trim(), packet).and(match from {
            "Anywhere" => Match::Yes,
            network => {
                Network::parse(network).map_or(Match::Unsure, |found| packet.source.is_in(&found))
            }
        });
        let lets_in = Match::of(matches!(action, "ALLOW" | "LIMIT"));
        match meant {
            Match::Yes => return lets_in,
            Match::Unsure => return Match::Unsure,
            Match::No => {}
        }
    }
    match status.lines().find_map(|line| line.strip_prefix("Default: ")) {
        Some(default) => Match::of(default.starts_with("allow")),
        None => Match::Unsure,
    }
}

/// `Anywhere`, `8000`, `8000/tcp`, `80,443/tcp`, `8000:8010/tcp`; names of apps are not known.
fn ufw_is_to(to: &str, packet: &Packet) -> Match {
    if to == "Anywhere" {
        return Match::Yes;
    }
    let (ports, protocol) = to.split_once('/').unwrap_or((to, "tcp"));
    if protocol != "tcp" {
        return Match::No;
    }
    let mut found = Match::No;
    for range in ports.split(',') {
        let (first, last) = range.split_once(':').unwrap_or((range, range));
        let (Ok(first), Ok(last)) = (first.parse::<u16>(), last.parse::<u16>()) else {
            return Match::Unsure;
        };
        found = found.or(Match::of((first..=last).contains(&packet.port)));
    }
    found
}

/// Whether `firewall-cmd --list-all` says that its zone lets the port in. `service` is the usual
/// name of the port's service.
pub(crate) fn firewalld_lets_in(list: &str, packet: &Packet, service: Option<&str>) -> Match {
    let words = |key: &str| {
        let line = list.lines().map(str::trim).find_map(|line| line.strip_prefix(key));
        line.unwrap_or_default().split_whitespace()
    };
    let mut ports = words("ports:").filter_map(|port| port.strip_suffix("/tcp"));
    let open = ports.any(|range| {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let ends = (first.parse::<u16>(), last.parse::<u16>());
        matches!(ends, (Ok(first), Ok(last)) if (first..=last).contains(&packet.port))
    });
    let served = words("services:").any(|one| Some(one) == service);
    let accepts = words("target:").any(|target| target == "ACCEPT");
    // Rich rules, sources and services of other names can let more in than is seen here.
    match open || served || accepts {
        true => Match::Yes,
        false if list.contains("rule family=") => Match::Unsure,
        false => Match::No,
    }
}
