//! iptables: the rules that `iptables-save` and `ip6tables-save` print, as chains for
//! [`judge`](super::judge).

use std::collections::HashMap;

use super::iptables_match;
use super::judge::{Base, Packet, Rule, Ruleset, Step};

/// The rules for one of IPv4 and IPv6.
pub(crate) struct Iptables {
    /// `iptables`, `ip6tables` or their `-legacy` sisters: what the mending command is called.
    program: &'static str,
    /// By table and chain, such as `filter INPUT`.
    chains: HashMap<String, Vec<Vec<String>>>,
    /// Of the chains that the kernel enters.
    policies: HashMap<String, String>,
    tables: Vec<String>,
    v6: bool,
}

/// What a new connection to this machine meets, in order.
const ENTERED: [(&str, &str); 5] = [
    ("raw", "PREROUTING"),
    ("mangle", "PREROUTING"),
    ("nat", "PREROUTING"),
    ("mangle", "INPUT"),
    ("filter", "INPUT"),
];

impl Iptables {
    /// Reads what a `-save` program printed. `program` is the one that changes these rules.
    pub(crate) fn parse(saved: &str, program: &'static str) -> Iptables {
        let mut found = Iptables {
            program,
            chains: HashMap::new(),
            policies: HashMap::new(),
            tables: Vec::new(),
            v6: program.starts_with("ip6"),
        };
        let mut table = String::new();
        for line in saved.lines().map(str::trim) {
            if let Some(name) = line.strip_prefix('*') {
                table = name.to_owned();
                found.tables.push(table.clone());
            } else if let Some(chain) = line.strip_prefix(':') {
                let mut words = chain.split_whitespace();
                let (Some(name), Some(policy)) = (words.next(), words.next()) else { continue };
                found.policies.insert(format!("{table} {name}"), policy.to_owned());
            } else if line.starts_with("-A ") {
                let words = words(line);
                let Some(chain) = words.get(1) else { continue };
                found.chains.entry(format!("{table} {chain}")).or_default().push(words);
            }
        }
        found
    }

    /// Whether these are rules of nftables underneath, which `nft list ruleset` shows too.
    pub(crate) fn is_nft(saved: &str) -> bool {
        saved.lines().next().is_some_and(|line| line.contains("(nf_tables)"))
    }

    /// The tables that hold rules.
    pub(crate) fn tables(&self) -> &[String] {
        &self.tables
    }

    /// Whether nothing in it could stop a packet.
    pub(crate) fn is_empty(&self) -> bool {
        let drops = |key: &str| self.policies.get(key).is_some_and(|policy| policy == "DROP");
        ENTERED
            .iter()
            .map(|(table, chain)| format!("{table} {chain}"))
            .all(|key| self.chains.get(&key).is_none_or(Vec::is_empty) && !drops(&key))
    }
}

impl Ruleset for Iptables {
    fn bases(&self, packet: &Packet) -> Vec<Base> {
        if packet.destination.is_ipv6() != self.v6 {
            return Vec::new();
        }
        let known = ENTERED.iter().filter_map(|(table, chain)| {
            let key = format!("{table} {chain}");
            let policy = self.policies.get(&key)?;
            let of_table = if *table == "filter" { String::new() } else { format!("-t {table} ") };
            Some(Base {
                chain: key,
                drops: policy == "DROP",
                policy: Rule {
                    place: place(table, chain),
                    chain: (*chain).to_owned(),
                    text: format!("-P {chain} DROP"),
                    handle: None,
                },
                mend: format!(
                    "sudo {} {of_table}-I {chain} -p tcp --dport PORT -j ACCEPT",
                    self.program
                ),
            })
        });
        known.collect()
    }

    fn steps(&self, chain: &str, packet: &Packet) -> Vec<Step> {
        let table = chain.split(' ').next().unwrap_or_default();
        let rules = self.chains.get(chain).map(Vec::as_slice).unwrap_or_default();
        rules.iter().map(|words| iptables_match::step(words, packet, table)).collect()
    }

    fn rule(&self, chain: &str, index: usize) -> Rule {
        let (table, name) = chain.split_once(' ').unwrap_or_default();
        let words = self.chains.get(chain).and_then(|rules| rules.get(index));
        let quoted = words.into_iter().flatten().map(|word| {
            if word.contains([' ', '"', '\'']) { format!("{word:?}") } else { word.clone() }
        });
        Rule {
            place: place(table, name),
            chain: name.to_owned(),
            text: quoted.collect::<Vec<_>>().join(" "),
            handle: None,
        }
    }
}

fn place(table: &str, chain: &str) -> String {
    format!("table {table}, chain {chain}")
}

/// The words of a line, where double quotes and backslashes keep words together.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quoted = false;
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            '\\' => word.get_or_insert_default().extend(characters.next()),
            ' ' if !quoted => words.extend(word.take()),
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_lines_as_a_shell_does() {
        let check = |line: &str, want: &[&str]| assert_eq!(words(line), want, "{line}");
        check("-A INPUT -j DROP", &["-A", "INPUT", "-j", "DROP"]);
        check(
            r#"--comment "it\'s a \"web\" rule" -j"#,
            &["--comment", "it's a \"web\" rule", "-j"],
        );
        check(r#"-m comment --comment "" -j X"#, &["-m", "comment", "--comment", "", "-j", "X"]);
    }

    #[test]
    fn an_open_machine_has_nothing_that_stops() {
        let open =
            "*filter\n:INPUT ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n-A OUTPUT -j DROP\nCOMMIT\n";
        assert!(Iptables::parse(open, "iptables").is_empty());
        assert!(Iptables::parse("", "iptables").is_empty());
        assert!(!Iptables::parse("*filter\n:INPUT DROP [0:0]\n", "iptables").is_empty());
        assert!(!Iptables::parse("*raw\n-A PREROUTING -j DROP\n", "iptables").is_empty());
    }
}
