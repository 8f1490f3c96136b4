//! What one rule of iptables means for a packet: `-s 10.0.0.0/8 -p tcp -m tcp --dport 22 -j ACCEPT`.

use super::judge::{Match, Packet, Step, Verdict};
use super::network::Network;

/// Judges the rule with these words. `table` is where its chains are.
pub(crate) fn step(words: &[String], packet: &Packet, table: &str) -> Step {
    let mut rule = Reading { table, packet, matched: Match::Yes, verdict: Verdict::Continue };
    let mut words = words.iter().map(String::as_str).skip(2).peekable();
    let mut negated = false;
    let mut module = "";
    while let Some(option) = words.next() {
        if option == "!" {
            negated = true;
            continue;
        }
        let mut values = Vec::new();
        while let Some(value) = words.next_if(|word| !is_option(word)) {
            values.push(value);
        }
        if option == "-m" {
            module = values.first().copied().unwrap_or_default();
        } else {
            rule.option(module, option, &values, negated);
        }
        negated = false;
    }
    Step { matched: rule.matched, verdict: rule.verdict }
}

fn is_option(word: &str) -> bool {
    word == "!"
        || (word.starts_with('-') && word.len() > 1 && !word[1..].starts_with(char::is_numeric))
}

struct Reading<'a> {
    table: &'a str,
    packet: &'a Packet,
    matched: Match,
    verdict: Verdict,
}

impl Reading<'_> {
    fn option(&mut self, module: &str, option: &str, values: &[&str], negated: bool) {
        let value = values.first().copied().unwrap_or_default();
        match option {
            "-j" | "--jump" => self.verdict = self.target(value, Verdict::Jump),
            "-g" | "--goto" => self.verdict = self.target(value, Verdict::Goto),
            "--to-ports" => self.redirect(value),
            "--to-destination" => self.verdict = Verdict::SendOn(value.to_owned()),
            // What a target is told: how to reject, what to log or to mark.
            "--reject-with" | "--log-prefix" | "--log-level" | "--nflog-group"
            | "--nflog-prefix" | "--set-mark" | "--set-xmark" | "--save-mark"
            | "--restore-mark" | "--comment" | "--limit-burst" | "--mask" | "--rsource"
            | "--name" | "--persistent" | "--random" => {}
            _ => {
                let found = self.matches(module, option, value, values);
                self.matched = self.matched.and(found.unless(negated));
            }
        }
    }

    fn target(&self, name: &str, jump: fn(String) -> Verdict) -> Verdict {
        match name {
            "ACCEPT" => Verdict::Accept,
            "DROP" => Verdict::Die { rejects: false },
            "REJECT" => Verdict::Die { rejects: true },
            "RETURN" => Verdict::Return,
            "LOG" | "NFLOG" | "ULOG" | "MARK" | "CONNMARK" | "CT" | "NOTRACK" | "TCPMSS"
            | "AUDIT" | "SET" | "TRACE" | "DSCP" | "TOS" | "TTL" | "SECMARK" | "CONNSECMARK" => {
                Verdict::Continue
            }
            "REDIRECT" | "DNAT" | "NFQUEUE" | "QUEUE" | "TPROXY" | "SYNPROXY" | "TARPIT" => {
                Verdict::Unsure
            }
            chain => jump(format!("{} {chain}", self.table)),
        }
    }

    fn redirect(&mut self, ports: &str) {
        let first = ports.split('-').next().unwrap_or_default();
        self.verdict = first.parse().map_or(Verdict::Unsure, Verdict::Redirect);
    }

    fn matches(&self, module: &str, option: &str, value: &str, values: &[&str]) -> Match {
        let packet = self.packet;
        match option {
            "-p" | "--protocol" => Match::of(matches!(value, "tcp" | "6" | "all" | "0")),
            "-i" | "--in-interface" => Match::of(match value.strip_suffix('+') {
                Some(start) => packet.interface.starts_with(start),
                None => packet.interface == value,
            }),
            // It is on its way in, so it has no way out.
            "-o" | "--out-interface" => Match::No,
            "-s" | "--source" | "--src-range" => {
                Network::parse(value).map_or(Match::Unsure, |found| packet.source.is_in(&found))
            }
            "-d" | "--destination" | "--dst-range" => Network::parse(value)
                .map_or(Match::Unsure, |found| Match::of(found.holds(packet.destination))),
            "--dport" | "--destination-port" | "--dports" | "--destination-ports" => {
                self.is_port_in(value)
            }
            "--ctstate" | "--state" => Match::of(value.split(',').any(|one| one == "NEW")),
            "--ctstatus" => Match::of(value.split(',').any(|one| one == "NONE")),
            "--syn" => Match::Yes,
            "--tcp-flags" => new_connection_flags(values),
            "--dst-type" => Match::of(value.split(',').any(|one| one == "LOCAL")),
            "--src-type" => Match::of(value.split(',').any(|one| one == "UNICAST")),
            "--pkt-type" => Match::of(value == "unicast"),
            // The first packet of a client that sends few: under the limit, and not over it.
            "--limit" | "--connlimit-upto" | "--hashlimit-upto" => Match::Yes,
            "--connlimit-above" | "--hashlimit-above" => Match::No,
            // A list of who came before: this client is not yet in it.
            "--update" | "--rcheck" => Match::No,
            "--set" if module == "recent" => Match::Yes,
            // What belongs to these modules was judged above.
            _ if matches!(module, "connlimit" | "hashlimit" | "recent") => Match::Yes,
            _ => Match::Unsure,
        }
    }

    /// `80,8000:8010`
    fn is_port_in(&self, list: &str) -> Match {
        let holds = |range: &str| {
            let (first, last) = range.split_once(':').unwrap_or((range, range));
            let end = |text: &str, missing| {
                if text.is_empty() { Some(missing) } else { text.parse().ok() }
            };
            Some((end(first, 0)?..=end(last, u16::MAX)?).contains(&self.packet.port))
        };
        let each = list.split(',').map(|range| holds(range).map_or(Match::Unsure, Match::of));
        each.fold(Match::No, Match::or)
    }
}

/// `--tcp-flags FIN,SYN,RST,ACK SYN`: a new connection has `SYN` alone.
fn new_connection_flags(values: &[&str]) -> Match {
    let [mask, wanted] = values else { return Match::Unsure };
    let sees_syn = mask.split(',').any(|flag| flag == "SYN" || flag == "ALL");
    Match::of(if sees_syn { *wanted == "SYN" } else { *wanted == "NONE" })
}
