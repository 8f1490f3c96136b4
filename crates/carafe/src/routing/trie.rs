//! The tree of segments: first as it grows, then laid out flat for matching.
//!
//! A node's literal children are in a hash table of its own, so that finding one costs the same
//! among three as among three thousand; its patterns are in the order in which they are tried.

use std::collections::BTreeMap;
use std::ops::Range;

use super::pattern::Pattern;
use super::rule::RuleId;
use super::segments::Segment;

/// A node's index in the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NodeId(u32);

/// "No node".
const NONE: NodeId = NodeId(u32::MAX);

/// A tree that grows.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    nodes: Vec<DraftNode>,
}

#[derive(Debug, Default)]
struct DraftNode {
    statics: BTreeMap<String, usize>,
    patterns: Vec<(Pattern, usize)>,
    rules: Vec<RuleId>,
}

impl Draft {
    /// Adds a node without a parent, from which rules can start.
    pub(crate) fn root(&mut self) -> usize {
        self.nodes.push(DraftNode::default());
        self.nodes.len() - 1
    }

    /// The child of `node` for `segment`, made if need be.
    pub(crate) fn child(&mut self, node: usize, segment: &Segment) -> usize {
        let new = self.nodes.len();
        let here = &mut self.nodes[node];
        let child = match segment {
            Segment::Static(text) => *here.statics.entry(text.clone()).or_insert(new),
            Segment::Dynamic { pattern, .. } => {
                match here.patterns.iter().find(|(known, _)| known == pattern) {
                    Some((_, child)) => *child,
                    None => {
                        here.patterns.push((pattern.clone(), new));
                        new
                    }
                }
            }
        };
        if child == new {
            self.nodes.push(DraftNode::default());
        }
        child
    }

    pub(crate) fn add_rule(&mut self, node: usize, rule: RuleId) {
        self.nodes[node].rules.push(rule);
    }

    pub(crate) fn freeze(mut self) -> Trie {
        let mut trie = Trie::default();
        for node in &mut self.nodes {
            // Stable: equal weights stay in the order of registration.
            node.patterns
                .sort_by(|(a, _), (b, _)| a.weight.cmp(&b.weight));
        }
        for node in &self.nodes {
            trie.push(node);
        }
        trie
    }
}

/// A tree that is searched.
#[derive(Debug, Default)]
pub(crate) struct Trie {
    nodes: Vec<Node>,
    slots: Vec<Slot>,
    /// The literal segments, one behind the other.
    texts: String,
    edges: Vec<Edge>,
    rules: Vec<RuleId>,
}

/// A place in a path, between two segments.
#[derive(Debug)]
pub(crate) struct Node {
    table: u32,
    mask: u32,
    slash: NodeId,
    edges: (u32, u32),
    rules: (u32, u32),
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    hash: u64,
    start: u32,
    len: u32,
    node: NodeId,
}

const EMPTY: Slot = Slot {
    hash: 0,
    start: 0,
    len: 0,
    node: NONE,
};

/// A pattern that leads to a node.
#[derive(Debug)]
pub(crate) struct Edge {
    pub(crate) pattern: Pattern,
    pub(crate) node: NodeId,
}

impl Trie {
    pub(crate) fn id(node: usize) -> NodeId {
        NodeId(small(node))
    }

    #[inline]
    pub(crate) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    /// The patterns at `node`, in the order in which they are tried.
    #[inline]
    pub(crate) fn edges(&self, node: &Node) -> &[Edge] {
        &self.edges[range(node.edges)]
    }

    /// The rules that end at `node`, in the order of registration.
    #[inline]
    pub(crate) fn rules(&self, node: &Node) -> &[RuleId] {
        &self.rules[range(node.rules)]
    }

    /// The child for a last slash.
    #[inline]
    pub(crate) fn slash(&self, node: &Node) -> Option<NodeId> {
        (node.slash != NONE).then_some(node.slash)
    }

    /// The child for a literal segment.
    #[inline]
    pub(crate) fn child(&self, node: &Node, segment: &str, hash: u64) -> Option<NodeId> {
        if segment.is_empty() {
            return self.slash(node);
        }
        let mut index = bucket(hash);
        loop {
            let slot = &self.slots[(node.table + (index & node.mask)) as usize];
            if slot.node == NONE {
                return None;
            }
            if slot.hash == hash && slot.len as usize == segment.len() {
                // Up to eight bytes, hash and length together are the text: see `scan`.
                if segment.len() <= 8 || self.text(slot) == segment {
                    return Some(slot.node);
                }
            }
            index = index.wrapping_add(1);
        }
    }

    /// All literal children with their texts, the empty one too, in no particular order.
    pub(crate) fn children<'a>(
        &'a self,
        node: &'a Node,
    ) -> impl Iterator<Item = (&'a str, NodeId)> + 'a {
        let table = node.table as usize..node.table as usize + node.mask as usize + 1;
        let named = self.slots[table].iter().filter(|slot| slot.node != NONE);
        let named = named.map(|slot| (self.text(slot), slot.node));
        named.chain(self.slash(node).map(|slash| ("", slash)))
    }

    fn text(&self, slot: &Slot) -> &str {
        &self.texts[slot.start as usize..(slot.start + slot.len) as usize]
    }

    fn push(&mut self, draft: &DraftNode) {
        let named: Vec<(&String, usize)> = draft
            .statics
            .iter()
            .filter(|(text, _)| !text.is_empty())
            .map(|(text, child)| (text, *child))
            .collect();
        let size = (named.len() * 2).next_power_of_two();
        let table = self.slots.len();
        self.slots.resize(table + size, EMPTY);
        for (text, child) in named {
            self.insert(table, size, text, child);
        }
        let (edges, rules) = (small(self.edges.len()), small(self.rules.len()));
        self.edges
            .extend(draft.patterns.iter().map(|(pattern, child)| Edge {
                pattern: pattern.clone(),
                node: Self::id(*child),
            }));
        self.rules.extend(&draft.rules);
        self.nodes.push(Node {
            table: small(table),
            mask: small(size - 1),
            slash: draft.statics.get("").map_or(NONE, |child| Self::id(*child)),
            edges: (edges, small(self.edges.len())),
            rules: (rules, small(self.rules.len())),
        });
    }

    fn insert(&mut self, table: usize, size: usize, text: &str, child: usize) {
        let hash = scan(text.as_bytes(), 0).hash;
        let mut index = bucket(hash) as usize & (size - 1);
        while self.slots[table + index].node != NONE {
            index = (index + 1) & (size - 1);
        }
        self.slots[table + index] = Slot {
            hash,
            start: small(self.texts.len()),
            len: small(text.len()),
            node: Self::id(child),
        };
        self.texts.push_str(text);
    }
}

/// A segment of a path: where it ends, and its hash.
pub(crate) struct Scanned {
    pub(crate) end: usize,
    pub(crate) hash: u64,
}

/// Finds the end of the segment that starts at `start` and hashes it, eight bytes at a time.
///
/// Every step of the hash is a bijection on the eight bytes that it adds, so that segments of the
/// same length up to eight have the same hash only if they are the same.
#[inline]
pub(crate) fn scan(bytes: &[u8], start: usize) -> Scanned {
    let mut at = start;
    let mut hash = 0;
    while let Some(eight) = bytes[at..].first_chunk::<8>() {
        let word = u64::from_le_bytes(*eight);
        let slashes = slashes(word);
        if slashes != 0 {
            let length = slashes.trailing_zeros() / 8;
            let kept = word & ((1_u64 << (length * 8)) - 1);
            return Scanned {
                end: at + length as usize,
                hash: mix(hash, kept),
            };
        }
        hash = mix(hash, word);
        at += 8;
    }
    let word = last_bytes(bytes, at);
    let slashes = slashes(word);
    if slashes != 0 {
        let length = slashes.trailing_zeros() / 8;
        let kept = word & ((1_u64 << (length * 8)) - 1);
        return Scanned {
            end: at + length as usize,
            hash: mix(hash, kept),
        };
    }
    Scanned {
        end: bytes.len(),
        hash: mix(hash, word),
    }
}

/// The fewer than eight bytes from `at` on, with zeros behind them.
#[inline]
fn last_bytes(bytes: &[u8], at: usize) -> u64 {
    let left = bytes.len() - at;
    if left == 0 {
        return 0;
    }
    match bytes.last_chunk::<8>() {
        // One load, with the bytes before `at` shifted out.
        Some(eight) => u64::from_le_bytes(*eight) >> (8 * (8 - left)),
        None => bytes[at..]
            .iter()
            .rev()
            .fold(0, |word, byte| word << 8 | u64::from(*byte)),
    }
}

/// The highest bit of every byte that is a slash; bytes above the first one may be wrong.
#[inline]
fn slashes(word: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let zero_where_slash = word ^ (ONES * b'/' as u64);
    zero_where_slash.wrapping_sub(ONES) & !zero_where_slash & (ONES << 7)
}

#[inline]
fn mix(hash: u64, word: u64) -> u64 {
    let mixed = (hash.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed ^ (mixed >> 32)
}

#[inline]
#[expect(
    clippy::cast_possible_truncation,
    reason = "the low half, which `mix` has mixed"
)]
fn bucket(hash: u64) -> u32 {
    hash as u32
}

fn range((start, end): (u32, u32)) -> Range<usize> {
    start as usize..end as usize
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "no app has four thousand million rules"
)]
pub(crate) fn small(number: usize) -> u32 {
    number as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scans_to_the_next_slash() {
        let check = |path: &str| {
            for start in (0..=path.len()).filter(|start| path.is_char_boundary(*start)) {
                let rest = &path[start..];
                let expected = rest.find('/').map_or(path.len(), |length| start + length);
                let scanned = scan(path.as_bytes(), start);
                assert_eq!(scanned.end, expected, "{path:?} from {start}");
                let alone = scan(path[start..expected].as_bytes(), 0);
                assert_eq!(scanned.hash, alone.hash, "{path:?} from {start}");
            }
        };
        check("");
        check("/a/bc/def/ghij/klmno/pqrstu/vwxyzab/cdefghij/klmnopqrs/0123456789abcdef/x");
        check("/日本語/é/\0/\u{ff}.\u{80}/users");
        check("users");
        check("12345678");
        check("1234567/");
    }

    #[test]
    fn finds_literal_children() {
        let mut draft = Draft::default();
        let root = draft.root();
        let texts: Vec<String> = (0..500)
            .map(|n| format!("{}{n}", "long-prefix-".repeat(n % 3)))
            .collect();
        let nodes: Vec<usize> = texts
            .iter()
            .map(|text| draft.child(root, &Segment::Static(text.clone())))
            .collect();
        let trie = draft.freeze();
        let node = trie.node(Trie::id(root));
        let find = |text: &str| trie.child(node, text, scan(text.as_bytes(), 0).hash);
        for (text, id) in texts.iter().zip(nodes) {
            assert_eq!(find(text), Some(Trie::id(id)), "{text}");
        }
        for text in ["", "500", "0\0", "long-prefix-", "long-prefix-2", "\0"] {
            assert_eq!(find(text), None, "{text:?}");
        }
        assert_eq!(trie.children(node).count(), 500);
    }
}
