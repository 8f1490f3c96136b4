//! What the firewalls' own programs say, and what that means for a packet.

use carafe_net::{System, service_name};

use super::super::firewall::front::{Front, firewalld_lets_in, ufw_lets_in};
use super::super::firewall::iptables::Iptables;
use super::super::firewall::judge::{End, Match, Packet, Rule, Ruleset, fate};
use super::super::firewall::nft::Nft;
use super::super::runner::Ran;
use super::super::senses::Senses;
use super::other_systems::{self, Os};

/// What was said.
#[derive(Clone, Debug)]
pub(crate) struct Firewall {
    pub(crate) os: Os,
    /// As JSON, then with the rules' texts.
    nft: Ran,
    nft_text: Ran,
    /// For IPv4 and IPv6.
    iptables: [Ran; 2],
    legacy: [Ran; 2],
    ufw: Ran,
    /// `/etc/ufw/ufw.conf` says that it is on, which everybody may read.
    ufw_is_on: bool,
    firewalld: Ran,
    /// The kernel has no packet filter in it.
    no_filter: bool,
    other: Ran,
}

/// What becomes of a packet in all firewalls together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Judgement {
    /// There is none, or none with a rule.
    NoFirewall,
    /// `port` is the one that it arrives at, where a rule changes it.
    Passes {
        tools: Vec<&'static str>,
        port: u16,
    },
    Stopped {
        tool: &'static str,
        rejects: bool,
        rule: Rule,
        mend: String,
        front: Option<Front>,
    },
    /// A rule sends it to another machine or container.
    SentOn {
        to: String,
        rule: Rule,
    },
    /// Rules decide that cannot be judged.
    Doubtful {
        tool: &'static str,
        passes: bool,
        rules: Vec<Rule>,
    },
    /// Only ufw or firewalld could be asked, and says no.
    FrontSaysNo {
        front: Front,
        mend: String,
    },
    /// Nothing could be asked; `front` is known to be on.
    NeedsRoot {
        front: Option<&'static str>,
    },
    Unreadable {
        why: String,
    },
    /// A firewall of macOS or Windows is on.
    Other(other_systems::State),
}

impl Firewall {
    /// Nothing was said.
    pub(crate) fn silent() -> Firewall {
        let no = || Ran::Missing;
        Firewall {
            os: Os::Linux,
            nft: no(),
            nft_text: no(),
            iptables: [no(), no()],
            legacy: [no(), no()],
            ufw: no(),
            ufw_is_on: false,
            firewalld: no(),
            no_filter: false,
            other: no(),
        }
    }

    /// Asks all programs at once.
    pub(crate) fn ask(system: &System, senses: &dyn Senses, os: Os) -> Firewall {
        let mut found = Firewall::silent();
        found.os = os;
        if os != Os::Linux {
            found.other = other_systems::ask(os, senses);
            return found;
        }
        found.ufw_is_on =
            read(system, "etc/ufw/ufw.conf").lines().any(|line| line == "ENABLED=yes");
        found.no_filter = has_no_filter(system);
        let has_legacy = !read(system, "proc/net/ip_tables_names").trim().is_empty()
            || !read(system, "proc/net/ip6_tables_names").trim().is_empty();
        let ask =
            |place: &mut Ran, program: &str, words: &[&str]| *place = senses.run(program, words);
        let [v4, v6] = &mut found.iptables;
        let [legacy4, legacy6] = &mut found.legacy;
        std::thread::scope(|scope| {
            scope.spawn(|| ask(&mut found.nft, "nft", &["-j", "list", "ruleset"]));
            scope.spawn(|| ask(&mut found.nft_text, "nft", &["-a", "list", "ruleset"]));
            scope.spawn(|| ask(v4, "iptables-save", &[]));
            scope.spawn(|| ask(v6, "ip6tables-save", &[]));
            scope.spawn(|| ask(&mut found.ufw, "ufw", &["status", "verbose"]));
            scope.spawn(|| ask(&mut found.firewalld, "firewall-cmd", &["--list-all"]));
            if has_legacy {
                scope.spawn(|| ask(legacy4, "iptables-legacy-save", &[]));
                scope.spawn(|| ask(legacy6, "ip6tables-legacy-save", &[]));
            }
        });
        found
    }

    /// What becomes of the packet.
    pub(crate) fn judge(&self, packet: &Packet) -> Judgement {
        if self.os != Os::Linux {
            return other_systems::judge(self.os, &self.other, packet.port);
        }
        let mut best: Option<Judgement> = None;
        let (mut tools, mut any_rules, mut port) = (Vec::new(), false, packet.port);
        for (tool, rules) in self.rulesets() {
            let found = self.with(tool, &*rules, packet);
            tools.push(tool);
            if let Judgement::Passes { port: sent, .. } = &found
                && *sent != packet.port
            {
                port = *sent;
            }
            any_rules |= !rules.bases(packet).is_empty();
            let better = best.as_ref().is_none_or(|best| rank(&found) < rank(best));
            if better {
                best = Some(found);
            }
        }
        match best {
            Some(Judgement::Passes { .. }) | None => {}
            Some(decided) => return decided,
        }
        if let Some(unseen) = self.unseen(packet) {
            return unseen;
        }
        if any_rules { Judgement::Passes { tools, port } } else { Judgement::NoFirewall }
    }

    fn rulesets(&self) -> Vec<(&'static str, Box<dyn Ruleset>)> {
        let mut found: Vec<(&'static str, Box<dyn Ruleset>)> = Vec::new();
        // What nft would show of iptables' tables, iptables shows better.
        let mut shown: Vec<(&str, String)> = Vec::new();
        let families = [("ip", "iptables"), ("ip6", "ip6tables")];
        for ((family, program), saved) in families.into_iter().zip(&self.iptables) {
            let Some(saved) = saved.output() else { continue };
            let rules = Iptables::parse(saved, program);
            if Iptables::is_nft(saved) {
                shown.extend(rules.tables().iter().map(|table| (family, table.clone())));
            }
            if !rules.is_empty() {
                found.push(("iptables", Box::new(rules)));
            }
        }
        let legacy = ["iptables-legacy", "ip6tables-legacy"];
        for (program, saved) in legacy.into_iter().zip(&self.legacy) {
            let rules = Iptables::parse(saved.output().unwrap_or_default(), program);
            if !rules.is_empty() {
                found.push(("iptables", Box::new(rules)));
            }
        }
        let skip =
            |family: &str, table: &str| shown.iter().any(|(f, t)| *f == family && t == table);
        let text = self.nft_text.output().unwrap_or_default();
        let nft = self.nft.output().and_then(|json| Nft::parse(json, text, skip).ok());
        if let Some(nft) = nft.filter(|nft| !nft.is_empty()) {
            found.push(("nftables", Box::new(nft)));
        }
        found
    }

    fn with(&self, tool: &'static str, rules: &dyn Ruleset, packet: &Packet) -> Judgement {
        let fate = fate(rules, packet);
        let passes = fate.end == End::Passes;
        if !fate.doubts.is_empty() {
            return Judgement::Doubtful { tool, passes, rules: fate.doubts };
        }
        match fate.end {
            End::Passes => Judgement::Passes { tools: vec![tool], port: fate.port },
            End::SentOn { to, rule } => Judgement::SentOn { to, rule },
            End::Dies { rejects, rule, mend } => {
                let front = Front::of(&rule, self.ufw_is_on);
                let mend = front.map_or(mend, |front| front.mend(fate.port, Some(&rule)));
                Judgement::Stopped { tool, rejects, rule, mend, front }
            }
        }
    }

    /// What is left to say where the rules themselves could not be read.
    fn unseen(&self, packet: &Packet) -> Option<Judgement> {
        let family = usize::from(packet.destination.is_ipv6());
        let asked = [&self.nft, &self.iptables[family]];
        let refused = asked.iter().any(|ran| **ran == Ran::NeedsRoot);
        let failed = asked.iter().find_map(|ran| match ran {
            Ran::Failed(why) => Some(why.clone()),
            _ => None,
        });
        if self.no_filter || (!refused && failed.is_none()) {
            return None;
        }
        if let Some(firewalld) = self.firewalld.output() {
            let service = service_name(packet.port);
            return front(Front::Firewalld, firewalld_lets_in(firewalld, packet, service), packet);
        }
        if let Some(ufw) = self.ufw.output() {
            return front(Front::Ufw, ufw_lets_in(ufw, packet), packet);
        }
        match failed {
            Some(why) if !refused => Some(Judgement::Unreadable { why }),
            _ => Some(Judgement::NeedsRoot { front: self.ufw_is_on.then_some("ufw") }),
        }
    }
}

fn front(front: Front, lets_in: Match, packet: &Packet) -> Option<Judgement> {
    match lets_in {
        Match::Yes => Some(Judgement::Passes { tools: vec![front.name()], port: packet.port }),
        Match::No => Some(Judgement::FrontSaysNo { front, mend: front.mend(packet.port, None) }),
        Match::Unsure => Some(Judgement::NeedsRoot { front: Some(front.name()) }),
    }
}

/// The lower, the more it decides.
fn rank(judgement: &Judgement) -> u8 {
    match judgement {
        Judgement::Stopped { .. } => 0,
        Judgement::Doubtful { .. } => 1,
        Judgement::SentOn { .. } => 2,
        _ => 3,
    }
}

fn read(system: &System, path: &str) -> String {
    std::fs::read_to_string(system.path(path)).unwrap_or_default()
}

/// Whether nothing in the kernel can filter packets: no such module is loaded, and none is built
/// in. Then a firewall's rules need not be seen, as there are none.
fn has_no_filter(system: &System) -> bool {
    const FILTERS: [&str; 3] = ["nf_tables", "ip_tables", "ip6_tables"];
    let release = read(system, "proc/sys/kernel/osrelease");
    let built_in = read(system, &format!("lib/modules/{}/modules.builtin", release.trim()));
    let loaded = read(system, "proc/modules");
    let known = !built_in.is_empty() && !loaded.is_empty();
    known
        && FILTERS.iter().all(|filter| {
            !loaded.lines().any(|line| line.split(' ').next() == Some(filter))
                && !built_in.contains(&format!("/{filter}.ko"))
        })
}
