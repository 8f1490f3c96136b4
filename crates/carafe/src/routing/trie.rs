//! The tree of segments: first as it grows, then laid out flat for matching.
//!
//! A node's literal children are in a hash table of its own, so that finding one costs the same
//! among three as among three thousand; its patterns are in the order in which they are tried.

use super::pattern::Pattern;
use super::rule::RuleId;
use super::segments::Segment;
use crate::few::{self, SortedMap};

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
    statics: SortedMap<String, usize>,
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
            Segment::Static(text) => match here.statics.get(text.as_str()) {
                Some(child) => *child,
                None => {
                    here.statics.insert(text.clone(), new);
                    new
                }
            },
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
        for node in &mut self.nodes {
            // Stable: equal weights stay in the order of registration.
            few::sort_by(&mut node.patterns, |(a, _), (b, _)| a.weight.cmp(&b.weight));
        }
        let mut paths = Vec::new();
        self.collect_paths(0, &mut String::new(), &mut paths);
        Trie {
            nodes: self.nodes.into_iter().map(Node::new).collect(),
            paths: Literals::new(paths, |path| hash_all(path.as_bytes())),
        }
    }

    fn collect_paths(&self, at: usize, path: &mut String, paths: &mut Vec<(String, usize)>) {
        let Some(node) = self.nodes.get(at) else {
            return;
        };
        // No path starts with two slashes: all but one are left out before the search.
        if !node.rules.is_empty() && !path.starts_with("//") {
            paths.push((path.clone(), at));
        }
        let length = path.len();
        for (segment, child) in &node.statics {
            path.push('/');
            path.push_str(segment);
            self.collect_paths(*child, path, paths);
            path.truncate(length);
        }
    }
}

/// A tree that is searched.
#[derive(Debug)]
pub(crate) struct Trie {
    nodes: Box<[Node]>,
    /// Whole paths without placeholders from the first root, and where they end: what the search
    /// would find first, in one step.
    paths: Literals,
}

/// A place in a path, between two segments.
#[derive(Debug)]
pub(crate) struct Node {
    literals: Literals,
    /// The child for a last slash.
    pub(crate) slash: Option<NodeId>,
    /// The patterns, in the order in which they are tried.
    pub(crate) edges: Box<[Edge]>,
    /// The rules that end here, in the order of registration.
    pub(crate) rules: Box<[RuleId]>,
}

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

    /// Where a path without placeholders ends, if it is the whole of some rule.
    #[inline]
    pub(crate) fn path(&self, path: &[u8]) -> Option<&Node> {
        self.paths.find(path, hash_all(path)).map(|id| self.node(id))
    }
}

impl Node {
    fn new(draft: DraftNode) -> Self {
        let mut statics = draft.statics;
        let slash = statics.remove("").map(Trie::id);
        let edges = draft.patterns.into_iter();
        Self {
            literals: Literals::new(statics.into_iter().collect(), |text| {
                scan(text.as_bytes(), 0).hash
            }),
            slash,
            edges: edges.map(|(pattern, to)| Edge { pattern, node: Trie::id(to) }).collect(),
            rules: draft.rules.into(),
        }
    }

    /// The child for a literal segment.
    #[inline]
    pub(crate) fn child(&self, segment: &[u8], hash: u64) -> Option<NodeId> {
        if segment.is_empty() {
            return self.slash;
        }
        self.literals.find(segment, hash)
    }

    /// All literal children with their texts, the empty one too, in no particular order.
    pub(crate) fn children(&self) -> impl Iterator<Item = (&str, NodeId)> {
        let full = self.literals.slots.iter().filter(|slot| slot.node != NONE);
        let named = full.map(|slot| (&*slot.text, slot.node));
        named.chain(self.slash.map(|slash| ("", slash)))
    }
}

/// A hash table with open addressing, a quarter full at most, of a power of two; or empty.
#[derive(Debug)]
struct Literals {
    slots: Box<[Slot]>,
    /// Takes a hash to a slot by its highest bits, which a multiplication mixes best.
    shift: u32,
}

#[derive(Clone, Debug)]
struct Slot {
    hash: u64,
    len: u32,
    node: NodeId,
    text: Box<str>,
}

impl Literals {
    fn new(children: Vec<(String, usize)>, hash: impl Fn(&str) -> u64) -> Self {
        if children.is_empty() {
            return Self { slots: Box::default(), shift: 0 };
        }
        let size = (children.len() * 4).next_power_of_two();
        let shift = 64 - size.trailing_zeros();
        let mut slots = vec![Slot { hash: 0, len: 0, node: NONE, text: "".into() }; size];
        for (text, child) in children {
            let hash = hash(&text);
            let mut index = bucket(hash, shift);
            while slots[index].node != NONE {
                index = (index + 1) & (size - 1);
            }
            let (len, node) = (small(text.len()), Trie::id(child));
            slots[index] = Slot { hash, len, node, text: text.into() };
        }
        Self { slots: slots.into(), shift }
    }

    #[inline]
    fn find(&self, text: &[u8], hash: u64) -> Option<NodeId> {
        let mask = self.slots.len().wrapping_sub(1);
        let mut index = bucket(hash, self.shift);
        loop {
            // In an empty table there is no slot at all.
            let slot = self.slots.get(index & mask)?;
            if slot.node == NONE {
                return None;
            }
            if slot.hash == hash && slot.len as usize == text.len() {
                // Up to eight bytes, hash and length together are the text: see `scan`.
                if text.len() <= 8 || slot.text.as_bytes() == text {
                    return Some(slot.node);
                }
            }
            index = index.wrapping_add(1);
        }
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
#[inline(always)]
pub(crate) fn scan(bytes: &[u8], start: usize) -> Scanned {
    let mut at = start;
    let mut hash = 0;
    while let Some(eight) = bytes[at..].first_chunk::<8>() {
        let word = u64::from_le_bytes(*eight);
        let slashes = slashes(word);
        if slashes != 0 {
            let length = slashes.trailing_zeros() / 8;
            let kept = word & ((1_u64 << (length * 8)) - 1);
            return Scanned { end: at + length as usize, hash: mix(hash, kept) };
        }
        hash = mix(hash, word);
        at += 8;
    }
    let word = last_bytes(bytes, at);
    let slashes = slashes(word);
    if slashes != 0 {
        let length = slashes.trailing_zeros() / 8;
        let kept = word & ((1_u64 << (length * 8)) - 1);
        return Scanned { end: at + length as usize, hash: mix(hash, kept) };
    }
    Scanned { end: bytes.len(), hash: mix(hash, word) }
}

/// The hash of all bytes, slashes or not; up to eight, no others of that length have it.
#[inline(always)]
fn hash_all(bytes: &[u8]) -> u64 {
    let (mut at, mut hash) = (0, 0);
    while let Some(eight) = bytes[at..].first_chunk::<8>() {
        hash = mix(hash, u64::from_le_bytes(*eight));
        at += 8;
    }
    mix(hash, last_bytes(bytes, at))
}

/// The bytes from `at` on, at most seven, with zeros behind them.
#[inline(always)]
fn last_bytes(bytes: &[u8], at: usize) -> u64 {
    let left = bytes.len() - at;
    match bytes.last_chunk::<8>() {
        _ if left == 0 => 0,
        // One load, with the bytes before `at` shifted out.
        Some(eight) => u64::from_le_bytes(*eight) >> (64 - 8 * left),
        None => few_bytes(&bytes[at..]),
    }
}

/// One to seven bytes, with zeros behind them: two loads that may overlap, or three bytes.
#[inline]
fn few_bytes(bytes: &[u8]) -> u64 {
    if let (Some(first), Some(last)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        let last = u64::from(u32::from_le_bytes(*last)) << (8 * (bytes.len() - 4));
        return u64::from(u32::from_le_bytes(*first)) | last;
    }
    match *bytes {
        [a] => u64::from_le_bytes([a, 0, 0, 0, 0, 0, 0, 0]),
        [a, b] => u64::from_le_bytes([a, b, 0, 0, 0, 0, 0, 0]),
        [a, b, c] => u64::from_le_bytes([a, b, c, 0, 0, 0, 0, 0]),
        _ => 0,
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
#[expect(clippy::cast_possible_truncation, reason = "a table has far fewer slots")]
fn bucket(hash: u64, shift: u32) -> usize {
    (hash >> shift) as usize
}

#[expect(clippy::cast_possible_truncation, reason = "no app has four thousand million rules")]
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
                let alone = scan(&path.as_bytes()[start..expected], 0);
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
    fn finds_whole_paths() {
        let mut draft = Draft::default();
        let root = draft.root();
        let text = |text: &str| Segment::Static(text.to_owned());
        let a = draft.child(root, &text("a"));
        let slash = draft.child(a, &text(""));
        let long = draft.child(a, &text("a-long-segment"));
        for node in [slash, long] {
            draft.add_rule(node, RuleId(0));
        }
        let trie = draft.freeze();
        for (path, there) in [
            ("/a/", true),
            ("/a/a-long-segment", true),
            ("/a", false),
            ("", false),
            ("/a//", false),
        ] {
            assert_eq!(trie.path(path.as_bytes()).is_some(), there, "{path}");
        }
    }

    #[test]
    fn finds_literal_children() {
        let mut draft = Draft::default();
        let root = draft.root();
        let texts: Vec<String> =
            (0..500).map(|n| format!("{}{n}", "long-prefix-".repeat(n % 3))).collect();
        let nodes: Vec<usize> =
            texts.iter().map(|text| draft.child(root, &Segment::Static(text.clone()))).collect();
        let trie = draft.freeze();
        let node = trie.node(Trie::id(root));
        let find = |text: &str| node.child(text.as_bytes(), scan(text.as_bytes(), 0).hash);
        for (text, id) in texts.iter().zip(nodes) {
            assert_eq!(find(text), Some(Trie::id(id)), "{text}");
        }
        for text in ["500", "0\0", "long-prefix-", "long-prefix-2", "\0"] {
            assert_eq!(find(text), None, "{text:?}");
        }
        assert_eq!(node.children().count(), 500);
    }
}
