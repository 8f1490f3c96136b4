//! The texts of nftables' rules, as `nft -a list ruleset` prints them: people find those again.

use std::collections::HashMap;

/// The text of each rule, by its chain (`inet filter input`) and its handle.
#[derive(Default)]
pub(crate) struct Texts(HashMap<(String, u64), String>);

impl Texts {
    /// Reads the listing; lines that are no rules are passed over.
    pub(crate) fn parse(listing: &str) -> Texts {
        let mut texts = HashMap::new();
        let (mut table, mut chain) = (String::new(), String::new());
        for line in listing.lines().map(str::trim) {
            let Some((before, handle)) = line.rsplit_once(" # handle ") else {
                continue;
            };
            let words: Vec<&str> = before.split_whitespace().collect();
            match words.as_slice() {
                ["table", family, name, "{"] => table = format!("{family} {name}"),
                ["chain", name, "{"] => chain = format!("{table} {name}"),
                _ => {
                    if let Ok(handle) = handle.parse() {
                        texts.insert((chain.clone(), handle), without_counts(&words));
                    }
                }
            }
        }
        Texts(texts)
    }

    /// The text of one rule.
    pub(crate) fn of(&self, chain: &str, handle: u64) -> Option<&str> {
        self.0.get(&(chain.to_owned(), handle)).map(String::as_str)
    }
}

/// `counter packets 17 bytes 900` says nothing of what the rule does.
fn without_counts(words: &[&str]) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let mut rest = words;
    while let Some((word, after)) = rest.split_first() {
        rest = match after {
            ["packets", _, "bytes", _, after @ ..] if *word == "counter" => after,
            after => {
                kept.push(word);
                after
            }
        };
    }
    kept.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_listing() {
        let texts = Texts::parse(
            "table inet filter { # handle 1\n\
             \tset blocked { # handle 4\n\t\ttype ipv4_addr\n\t}\n\
             \tchain input { # handle 2\n\
             \t\ttype filter hook input priority filter; policy drop;\n\
             \t\ttcp dport { 22, 80-90 } counter packets 7 bytes 420 accept comment \"a # b\" # handle 5\n\
             \t}\n}\n\
             table ip nat { # handle 2\n\tchain input { # handle 1\n\t\taccept # handle 5\n\t}\n}\n",
        );
        let text = "tcp dport { 22, 80-90 } accept comment \"a # b\"";
        assert_eq!(texts.of("inet filter input", 5), Some(text));
        assert_eq!(texts.of("ip nat input", 5), Some("accept"));
        assert_eq!(texts.of("inet filter input", 6), None);
    }
}
