//! A packet's way through a firewall: chains, rules, and what becomes of it.
//!
//! It knows no firewall's own language: [`nft`](super::nft) and [`iptables`](super::iptables) say
//! what a rule means for a packet, here is how the rules follow on each other.

use std::net::IpAddr;

use super::network::Network;

/// The first packet of a TCP connection from a client to this machine.
#[derive(Clone, Debug)]
pub(crate) struct Packet {
    /// The interface that it comes in on.
    pub(crate) interface: String,
    pub(crate) source: Source,
    pub(crate) destination: IpAddr,
    pub(crate) port: u16,
}

/// Who sends it.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    /// This client.
    At(IpAddr),
    /// Anybody in one of these networks; without one, anybody at all.
    Within(Vec<Network>),
}

/// Whether a rule is meant for a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Match {
    Yes,
    No,
    /// It depends on what is not known: an exact client, a mark, a kind of rule that is not known.
    Unsure,
}

impl Match {
    pub(crate) fn of(yes: bool) -> Match {
        if yes { Match::Yes } else { Match::No }
    }

    pub(crate) fn and(self, other: Match) -> Match {
        match (self, other) {
            (Match::No, _) | (_, Match::No) => Match::No,
            (Match::Yes, Match::Yes) => Match::Yes,
            _ => Match::Unsure,
        }
    }

    pub(crate) fn or(self, other: Match) -> Match {
        self.not().and(other.not()).not()
    }

    pub(crate) fn not(self) -> Match {
        match self {
            Match::Yes => Match::No,
            Match::No => Match::Yes,
            Match::Unsure => Match::Unsure,
        }
    }

    /// The opposite, where a rule is negated.
    pub(crate) fn unless(self, negated: bool) -> Match {
        if negated { self.not() } else { self }
    }
}

impl Source {
    /// Whether it is in the network.
    pub(crate) fn is_in(&self, network: &Network) -> Match {
        match self {
            Source::At(address) => Match::of(network.holds(*address)),
            Source::Within(networks) if networks.is_empty() => match network.span() {
                // `0.0.0.0/0` and `::/0` hold everybody.
                span if span >= u128::from(u32::MAX) => Match::Yes,
                _ => Match::Unsure,
            },
            Source::Within(networks) => {
                let mut found = networks.iter().map(|one| network.match_all(one));
                let first = found.next().unwrap_or(Match::Unsure);
                found.fold(first, |all, one| if all == one { all } else { Match::Unsure })
            }
        }
    }
}

/// What a rule does with a packet that it is meant for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Accept,
    /// It ends here, with an answer (`reject`) or without one (`drop`).
    Die {
        rejects: bool,
    },
    Jump(String),
    Goto(String),
    Return,
    /// It only counts, logs or marks.
    Continue,
    /// The packet is for this port of the machine from here on.
    Redirect(u16),
    /// The packet goes to another machine or container.
    SendOn(String),
    /// What it does cannot be told.
    Unsure,
}

/// A rule as seen by one packet.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) matched: Match,
    pub(crate) verdict: Verdict,
}

/// A rule as people find it again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    /// Such as `table inet filter, chain input`.
    pub(crate) place: String,
    pub(crate) chain: String,
    /// The rule itself; `policy drop` for a chain's policy.
    pub(crate) text: String,
    /// The number that `nft delete rule` takes.
    pub(crate) handle: Option<u64>,
}

/// A chain that the kernel enters by itself.
#[derive(Clone, Debug)]
pub(crate) struct Base {
    /// The key of the chain, as the rule set calls it.
    pub(crate) chain: String,
    /// It lets nothing in that no rule accepts.
    pub(crate) drops: bool,
    pub(crate) policy: Rule,
    /// The command that lets a port in, with `PORT` in the port's place.
    pub(crate) mend: String,
}

/// Rules of one language.
pub(crate) trait Ruleset {
    /// The chains that the packet meets, in order.
    fn bases(&self, packet: &Packet) -> Vec<Base>;
    /// What each rule of a chain means for the packet.
    fn steps(&self, chain: &str, packet: &Packet) -> Vec<Step>;
    /// One rule of a chain.
    fn rule(&self, chain: &str, index: usize) -> Rule;
}

/// What becomes of a packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fate {
    pub(crate) end: End,
    /// Rules that might change the end, but cannot be judged.
    pub(crate) doubts: Vec<Rule>,
    /// The port that it arrives at, where a rule changes it.
    pub(crate) port: u16,
}

/// How it ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Passes,
    Dies { rejects: bool, rule: Rule, mend: String },
    SentOn { to: String, rule: Rule },
}

/// Sends the packet through the rules.
pub(crate) fn fate(rules: &dyn Ruleset, packet: &Packet) -> Fate {
    let mut walk = Walk { rules, packet: packet.clone(), doubts: Vec::new() };
    for base in rules.bases(packet) {
        // A doubt in an earlier chain matters still where the packet may have died of it.
        walk.doubts.retain(|(_, doubt)| *doubt != Doubt::Accepts);
        let (rule, rejects) = match walk.chain(&base.chain, 0) {
            Flow::Accept => continue,
            Flow::Fall if !base.drops => continue,
            Flow::Fall => (base.policy, false),
            Flow::Die(rule, rejects) => (rule, rejects),
            Flow::SentOn(to, rule) => return walk.ends(End::SentOn { to, rule }, Doubt::Dies),
        };
        let mend = base.mend.replace("PORT", &walk.packet.port.to_string());
        return walk.ends(End::Dies { rejects, rule, mend }, Doubt::Accepts);
    }
    walk.ends(End::Passes, Doubt::Dies)
}

/// What an unsure rule would do, were it meant for the packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Doubt {
    Accepts,
    Dies,
    Either,
}

/// How a chain is left.
enum Flow {
    Accept,
    Die(Rule, bool),
    SentOn(String, Rule),
    Fall,
}

struct Walk<'a> {
    rules: &'a dyn Ruleset,
    packet: Packet,
    doubts: Vec<(Rule, Doubt)>,
}

/// How deep chains may call each other; the kernel's own limit is 16.
const DEPTH: usize = 16;

impl Walk<'_> {
    fn ends(self, end: End, changed_by: Doubt) -> Fate {
        let matters = |doubt: &Doubt| *doubt == changed_by || *doubt == Doubt::Either;
        let doubts = self.doubts.into_iter().filter(|(_, doubt)| matters(doubt));
        Fate { end, doubts: doubts.map(|(rule, _)| rule).collect(), port: self.packet.port }
    }

    fn chain(&mut self, chain: &str, depth: usize) -> Flow {
        if depth > DEPTH {
            return Flow::Fall;
        }
        for (index, step) in self.rules.steps(chain, &self.packet).into_iter().enumerate() {
            match step.matched {
                Match::No => continue,
                Match::Unsure => {
                    self.doubt(chain, index, &step.verdict, depth);
                    continue;
                }
                Match::Yes => {}
            }
            let rule = || self.rules.rule(chain, index);
            let flow = match step.verdict {
                Verdict::Continue => continue,
                Verdict::Accept => Flow::Accept,
                Verdict::Return => Flow::Fall,
                Verdict::Die { rejects } => Flow::Die(rule(), rejects),
                Verdict::SendOn(to) => Flow::SentOn(to, rule()),
                Verdict::Redirect(port) => {
                    self.packet.port = port;
                    Flow::Accept
                }
                Verdict::Unsure => {
                    let rule = rule();
                    self.doubts.push((rule, Doubt::Either));
                    continue;
                }
                Verdict::Goto(target) => self.chain(&target, depth + 1),
                Verdict::Jump(target) => match self.chain(&target, depth + 1) {
                    Flow::Fall => continue,
                    flow => flow,
                },
            };
            return flow;
        }
        Flow::Fall
    }

    /// Notes what a rule would do that may or may not be meant for the packet.
    fn doubt(&mut self, chain: &str, index: usize, verdict: &Verdict, depth: usize) {
        let doubt = match verdict {
            Verdict::Continue => return,
            Verdict::Accept => Doubt::Accepts,
            Verdict::Die { .. } => Doubt::Dies,
            Verdict::Jump(target) | Verdict::Goto(target) => {
                let packet = self.packet.clone();
                let mut inner = Walk { rules: self.rules, packet, doubts: Vec::new() };
                match inner.chain(target, depth + 1) {
                    Flow::Accept => Doubt::Accepts,
                    Flow::Die(..) => Doubt::Dies,
                    Flow::Fall
                        if inner.doubts.is_empty() && matches!(verdict, Verdict::Jump(_)) =>
                    {
                        return;
                    }
                    Flow::Fall | Flow::SentOn(..) => Doubt::Either,
                }
            }
            _ => Doubt::Either,
        };
        self.doubts.push((self.rules.rule(chain, index), doubt));
    }
}

#[cfg(test)]
mod tests {
    use super::Match::{No, Unsure, Yes};
    use super::*;

    #[test]
    fn three_valued_logic() {
        for (a, b, and, or) in [
            (Yes, Yes, Yes, Yes),
            (Yes, No, No, Yes),
            (No, No, No, No),
            (Yes, Unsure, Unsure, Yes),
            (No, Unsure, No, Unsure),
            (Unsure, Unsure, Unsure, Unsure),
        ] {
            assert_eq!((a.and(b), a.or(b)), (and, or), "{a:?} {b:?}");
        }
        assert_eq!((Yes.unless(true), Yes.unless(false), Unsure.unless(true)), (No, Yes, Unsure));
    }

    #[test]
    fn a_client_is_in_a_network_or_may_be() {
        let network = |text: &str| Network::parse(text).unwrap();
        let lan = Source::Within(vec![network("192.168.1.0/24")]);
        assert_eq!(lan.is_in(&network("192.168.0.0/16")), Yes);
        assert_eq!(lan.is_in(&network("192.168.1.9")), Unsure);
        assert_eq!(lan.is_in(&network("10.0.0.0/8")), No);
        let anybody = Source::Within(Vec::new());
        assert_eq!(anybody.is_in(&network("10.0.0.0/8")), Unsure);
        assert_eq!(anybody.is_in(&network("0.0.0.0/0")), Yes);
        let phone = Source::At("192.168.1.9".parse().unwrap());
        assert_eq!(phone.is_in(&network("192.168.1.9")), Yes);
    }

    /// A small made-up language: each chain is a list of steps.
    struct Made(Vec<(&'static str, Vec<Step>)>);

    impl Ruleset for Made {
        fn bases(&self, _: &Packet) -> Vec<Base> {
            let base = |chain: &str, drops| Base {
                chain: chain.to_owned(),
                drops,
                policy: self.rule(chain, 99),
                mend: "open PORT".to_owned(),
            };
            vec![base("open", false), base("closed", true)]
        }

        fn steps(&self, chain: &str, _: &Packet) -> Vec<Step> {
            let found = self.0.iter().find(|(name, _)| *name == chain);
            found.map(|(_, steps)| steps.clone()).unwrap_or_default()
        }

        fn rule(&self, chain: &str, index: usize) -> Rule {
            let text = format!("{chain} {index}");
            Rule { place: String::new(), chain: chain.to_owned(), text, handle: None }
        }
    }

    /// Where the packet dies (or `passes`), then the doubts.
    fn check(chains: Vec<(&'static str, Vec<(Match, Verdict)>)>, want: &str) {
        let step = |(matched, verdict)| Step { matched, verdict };
        let chains = chains
            .into_iter()
            .map(|(name, steps)| (name, steps.into_iter().map(step).collect()))
            .collect();
        let packet = Packet {
            interface: "eth0".to_owned(),
            source: Source::Within(Vec::new()),
            destination: "10.0.0.1".parse().unwrap(),
            port: 8000,
        };
        let fate = fate(&Made(chains), &packet);
        let mut said = match fate.end {
            End::Passes => format!("passes to {}", fate.port),
            End::Dies { rule, mend, .. } => format!("dies at {}; {mend}", rule.text),
            End::SentOn { to, .. } => format!("to {to}"),
        };
        for doubt in fate.doubts {
            said.push_str(&format!("; unless {}", doubt.text));
        }
        assert_eq!(said, want);
    }

    #[test]
    fn follows_chains() {
        use Verdict::{Accept, Continue, Goto, Jump, Redirect, Return, SendOn};
        let drop = || Verdict::Die { rejects: false };
        let jump = || Jump("sub".to_owned());
        let goto = || Goto("sub".to_owned());
        check(vec![], "dies at closed 99; open 8000");
        check(vec![("closed", vec![(Yes, Accept)])], "passes to 8000");
        check(
            vec![("closed", vec![(No, Accept), (Yes, Continue)])],
            "dies at closed 99; open 8000",
        );
        // Accepted by one chain of the kernel's, it still meets the next.
        check(
            vec![("open", vec![(Yes, Accept)]), ("closed", vec![(Yes, drop())])],
            "dies at closed 0; open 8000",
        );
        check(
            vec![("closed", vec![(Yes, jump()), (Yes, Accept)]), ("sub", vec![(Yes, Return)])],
            "passes to 8000",
        );
        check(
            vec![("closed", vec![(Yes, goto()), (Yes, Accept)]), ("sub", vec![(Yes, Return)])],
            "dies at closed 99; open 8000",
        );
        check(
            vec![("closed", vec![(Yes, jump()), (Yes, Accept)]), ("sub", vec![(Yes, drop())])],
            "dies at sub 0; open 8000",
        );
        check(
            vec![("open", vec![(Yes, Redirect(80))]), ("closed", vec![])],
            "dies at closed 99; open 80",
        );
        check(vec![("open", vec![(Yes, SendOn("172.17.0.2:80".to_owned()))])], "to 172.17.0.2:80");
        // A chain that calls itself ends.
        check(
            vec![("open", vec![(Yes, Jump("open".to_owned()))]), ("closed", vec![(Yes, Accept)])],
            "passes to 8000",
        );
    }

    #[test]
    fn keeps_the_doubts_that_matter() {
        use Verdict::{Accept, Continue, Jump};
        let drop = || Verdict::Die { rejects: true };
        let jump = || Jump("sub".to_owned());
        check(
            vec![("closed", vec![(Unsure, drop()), (Unsure, Accept), (Yes, Accept)])],
            "passes to 8000; unless closed 0",
        );
        check(
            vec![("closed", vec![(Unsure, drop()), (Unsure, Accept)])],
            "dies at closed 99; open 8000; unless closed 1",
        );
        // In an earlier chain of the kernel's, accepting changes nothing.
        check(
            vec![("open", vec![(Unsure, Accept)]), ("closed", vec![(Yes, drop())])],
            "dies at closed 0; open 8000",
        );
        check(
            vec![
                ("open", vec![(Unsure, jump())]),
                ("closed", vec![(Yes, Accept)]),
                ("sub", vec![(Yes, drop())]),
            ],
            "passes to 8000; unless open 0",
        );
        check(
            vec![
                ("open", vec![(Unsure, jump())]),
                ("closed", vec![(Yes, Accept)]),
                ("sub", vec![(Yes, Continue)]),
            ],
            "passes to 8000",
        );
        check(
            vec![("closed", vec![(Yes, Verdict::Unsure), (Yes, Accept)])],
            "passes to 8000; unless closed 0",
        );
    }
}
