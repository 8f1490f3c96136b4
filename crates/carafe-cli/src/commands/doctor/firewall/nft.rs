//! nftables: the rule set that `nft -j list ruleset` prints, as chains for [`judge`](super::judge).

use std::collections::HashMap;

use serde_json::Value;

use super::judge::{Base, Match, Packet, Rule, Ruleset, Step, Verdict};
use super::nft_match::{self, Sets};
use super::nft_text::Texts;

/// All tables of nftables.
pub(crate) struct Nft {
    bases: Vec<BaseChain>,
    /// By the key of their chain.
    rules: HashMap<String, Vec<Value>>,
    sets: Sets,
    texts: Texts,
}

/// A chain that the kernel enters.
struct BaseChain {
    table: Table,
    name: String,
    hook: Hook,
    priority: i64,
    device: Option<String>,
    drops: bool,
}

/// Where in a packet's way the kernel enters a chain; in order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Hook {
    Ingress,
    Prerouting,
    Input,
}

/// A table's family and name.
#[derive(Clone, PartialEq, Eq)]
struct Table {
    family: String,
    name: String,
}

impl Nft {
    /// Reads the output of `nft -j list ruleset`, and of `nft -a list ruleset` for the rules' texts.
    /// Tables for which `skip` holds (family, name) are left out.
    pub(crate) fn parse(
        json: &str,
        listing: &str,
        skip: impl Fn(&str, &str) -> bool,
    ) -> Result<Nft, serde_json::Error> {
        let all: Value = serde_json::from_str(json)?;
        let mut nft = Nft {
            bases: Vec::new(),
            rules: HashMap::new(),
            sets: Sets::default(),
            texts: Texts::parse(listing),
        };
        for object in all["nftables"].as_array().into_iter().flatten() {
            let Some((kind, value)) = object.as_object().and_then(|object| object.iter().next())
            else {
                continue;
            };
            let table = Table::of(value);
            if skip(&table.family, &table.name) {
                continue;
            }
            match kind.as_str() {
                "chain" => nft.bases.extend(BaseChain::of(table, value)),
                "rule" => {
                    let key = table.key(text(&value["chain"]));
                    nft.rules.entry(key).or_default().push(value.clone());
                }
                "set" | "map" => {
                    nft.sets.insert(table.key(text(&value["name"])), value["elem"].clone());
                }
                _ => {}
            }
        }
        nft.bases.sort_by_key(|base| (base.hook, base.priority));
        Ok(nft)
    }

    /// Whether nothing in it could stop a packet.
    pub(crate) fn is_empty(&self) -> bool {
        self.bases.is_empty()
    }
}

impl Ruleset for Nft {
    fn bases(&self, packet: &Packet) -> Vec<Base> {
        let v4 = packet.destination.is_ipv4();
        let mine = |base: &&BaseChain| {
            let family = match base.table.family.as_str() {
                "ip" => v4,
                "ip6" => !v4,
                other => matches!(other, "inet" | "netdev"),
            };
            family && base.device.as_ref().is_none_or(|device| *device == packet.interface)
        };
        self.bases.iter().filter(mine).map(BaseChain::entered).collect()
    }

    fn steps(&self, chain: &str, packet: &Packet) -> Vec<Step> {
        let rules = self.rules.get(chain).map(Vec::as_slice).unwrap_or_default();
        rules.iter().map(|rule| self.step(chain, rule, packet)).collect()
    }

    fn rule(&self, chain: &str, index: usize) -> Rule {
        let rule = self.rules.get(chain).and_then(|rules| rules.get(index));
        let rule = rule.unwrap_or(&Value::Null);
        let (table, name) = (Table::of(rule), text(&rule["chain"]));
        let handle = rule["handle"].as_u64();
        let known = handle.and_then(|handle| self.texts.of(&table.key(name), handle));
        Rule {
            place: table.place(name),
            chain: name.to_owned(),
            text: known.map_or_else(|| rule["expr"].to_string(), str::to_owned),
            handle,
        }
    }
}

impl Nft {
    fn step(&self, chain: &str, rule: &Value, packet: &Packet) -> Step {
        // Names of chains and sets are local to their table.
        let table = chain.rsplit_once(' ').map_or("", |(table, _)| table);
        let mut matched = Match::Yes;
        let mut verdict = Verdict::Continue;
        for expression in rule["expr"].as_array().into_iter().flatten() {
            let Some((kind, value)) = expression.as_object().and_then(|map| map.iter().next())
            else {
                // What nft has no JSON for, such as a chain inside a rule.
                return Step { matched, verdict: Verdict::Unsure };
            };
            match self.verdict(table, kind, value, packet) {
                Some((found, next)) => {
                    matched = matched.and(found);
                    verdict = next;
                }
                None => {
                    matched =
                        matched.and(nft_match::statement(kind, value, packet, &self.sets, table));
                }
            }
            if matched == Match::No {
                break;
            }
        }
        Step { matched, verdict }
    }

    /// What the expression does with the packet, and whether it does; `None` for one that only
    /// matches, counts or logs.
    fn verdict(
        &self,
        table: &str,
        kind: &str,
        value: &Value,
        packet: &Packet,
    ) -> Option<(Match, Verdict)> {
        if kind == "vmap" {
            return Some(self.mapped(table, value, packet));
        }
        simple_verdict(table, kind, value).map(|verdict| (Match::Yes, verdict))
    }

    /// `tcp dport vmap { 22 : accept, 8000 : jump web }`
    fn mapped(&self, table: &str, value: &Value, packet: &Packet) -> (Match, Verdict) {
        let pairs = nft_match::elements(&value["data"], &self.sets, table);
        let Some(pairs) = pairs.as_ref().and_then(|found| found.as_array()) else {
            return (Match::Unsure, Verdict::Unsure);
        };
        let mut unsure = false;
        for pair in pairs {
            let verdict = pair[1].as_object().and_then(|map| map.iter().next());
            let verdict = verdict.and_then(|(kind, value)| simple_verdict(table, kind, value));
            match nft_match::holds(&value["key"], &pair[0], packet, &self.sets, table) {
                Match::Yes => return (Match::Yes, verdict.unwrap_or(Verdict::Unsure)),
                Match::Unsure => unsure = true,
                Match::No => {}
            }
        }
        let matched = if unsure { Match::Unsure } else { Match::No };
        (matched, Verdict::Unsure)
    }
}

/// A verdict that stands by itself; `None` for another expression.
fn simple_verdict(table: &str, kind: &str, value: &Value) -> Option<Verdict> {
    let target = || format!("{table} {}", text(&value["target"]));
    Some(match kind {
        "accept" => Verdict::Accept,
        "drop" => Verdict::Die { rejects: false },
        "reject" => Verdict::Die { rejects: true },
        "jump" => Verdict::Jump(target()),
        "goto" => Verdict::Goto(target()),
        "return" => Verdict::Return,
        "continue" => Verdict::Continue,
        "redirect" => match value["port"].as_u64().and_then(|port| u16::try_from(port).ok()) {
            Some(port) => Verdict::Redirect(port),
            None => Verdict::Unsure,
        },
        "dnat" => match (text(&value["addr"]), value["port"].as_u64()) {
            ("", _) => Verdict::Unsure,
            (address, Some(port)) if address.contains(':') => {
                Verdict::SendOn(format!("[{address}]:{port}"))
            }
            (address, Some(port)) => Verdict::SendOn(format!("{address}:{port}")),
            (address, None) => Verdict::SendOn(address.to_owned()),
        },
        "queue" | "tproxy" | "synproxy" => Verdict::Unsure,
        "xt" if text(&value["type"]) == "target" => Verdict::Unsure,
        _ => return None,
    })
}

impl BaseChain {
    fn of(table: Table, value: &Value) -> Option<BaseChain> {
        let hook = match text(&value["hook"]) {
            "ingress" => Hook::Ingress,
            "prerouting" => Hook::Prerouting,
            "input" => Hook::Input,
            _ => return None,
        };
        Some(BaseChain {
            table,
            name: text(&value["name"]).to_owned(),
            hook,
            priority: value["prio"].as_i64().unwrap_or_default(),
            device: value["dev"].as_str().map(str::to_owned),
            drops: text(&value["policy"]) == "drop",
        })
    }

    fn entered(&self) -> Base {
        let Table { family, name: table } = &self.table;
        let policy = Rule {
            place: self.table.place(&self.name),
            chain: self.name.clone(),
            text: "policy drop".to_owned(),
            handle: None,
        };
        Base {
            chain: self.table.key(&self.name),
            drops: self.drops,
            policy,
            mend: format!(
                "sudo nft insert rule {family} {table} {} tcp dport PORT accept",
                self.name
            ),
        }
    }
}

impl Table {
    fn of(value: &Value) -> Table {
        // A table's own entry has a name and no table; it is of no interest.
        let name = text(&value["table"]).to_owned();
        Table { family: text(&value["family"]).to_owned(), name }
    }

    /// How a chain or a set of this table is called here.
    fn key(&self, name: &str) -> String {
        format!("{} {} {name}", self.family, self.name)
    }

    fn place(&self, chain: &str) -> String {
        format!("table {} {}, chain {chain}", self.family, self.name)
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
