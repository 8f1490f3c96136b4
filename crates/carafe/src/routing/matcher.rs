//! From a host, a path and a method to a rule with typed values.
//!
//! Werkzeug's search: segment by segment, literal text before patterns, patterns by weight, and
//! back when a way leads nowhere. One deliberate difference: a converter that refuses a value
//! lets the next rule try. As a node of the tree has one parent, no search visits a node twice,
//! so that its cost is bounded by the rules that share the path's beginnings, not by the path.

use super::builtin::Taker;
use super::method_set::{MethodSet, RequestMethod};
use super::pattern::{Captures, Pattern};
use super::router::Router;
use super::rule::{Rule, RuleId};
use super::segments::merge_slashes;
use super::trie::{Node, NodeId, scan};
use super::value::{PathValue, Span, Values};

/// How a search, or a branch of it, ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Found(RuleId),
    /// The path with a slash behind it would be found.
    Slash(RuleId),
    No,
}

/// One search through the tree. Small, as it is set up for every request.
pub(crate) struct Search<'r> {
    router: &'r Router,
    /// What rules' hosts are compared with.
    host: &'r str,
    /// The path from its last leading slash on.
    pub(crate) path: &'r str,
    /// How many leading slashes were left out.
    base: usize,
    method: RequestMethod<'r>,
    websocket: bool,
    captures: Captures,
    /// What the host's placeholders took spans of, if there are any.
    host_text: Option<Box<str>>,
    /// Those of the rule that was found.
    pub(crate) values: Values,
    pub(crate) misses: Option<Box<Misses>>,
}

/// Rules that would have answered another kind of request; there is at least one.
#[derive(Default)]
pub(crate) struct Misses {
    /// Empty if only the websocket was in the way.
    pub(crate) allowed: MethodSet,
}

impl<'r> Search<'r> {
    #[inline]
    pub(crate) fn new(
        router: &'r Router,
        host: &'r str,
        path: &'r str,
        method: RequestMethod<'r>,
        websocket: bool,
    ) -> Self {
        let base = match path.as_bytes() {
            [b'/', b'/', ..] => path.bytes().take_while(|byte| *byte == b'/').count() - 1,
            _ => 0,
        };
        Self {
            router,
            host,
            path: &path[base..],
            base,
            method,
            websocket,
            captures: Captures::default(),
            host_text: None,
            values: Values::default(),
            misses: None,
        }
    }

    #[inline]
    pub(crate) fn run(&mut self) -> Step {
        // All paths start with a slash. To go on behind the end means that no segment is left: an
        // empty path is as if the slash at its end was forgotten.
        let start = usize::from(self.path.is_empty() || self.path.starts_with('/'));
        match self.router.hosts {
            None => self.walk(self.router.top, start),
            Some(hosts) => self.run_host(hosts, start),
        }
    }

    /// Searches again with doubled slashes merged, if there are any. Returns the merged path too.
    pub(crate) fn run_merged(&mut self) -> Option<(Step, String)> {
        if !self.path.contains("//") {
            return None;
        }
        let merged = merge_slashes(self.path);
        let mut search = Search::new(self.router, self.host, &merged, self.method, self.websocket);
        let step = search.run();
        if let Some(misses) = search.misses {
            self.misses.get_or_insert_default().allowed.extend(&misses.allowed);
        }
        Some((step, merged))
    }

    #[inline(never)]
    fn run_host(&mut self, hosts: NodeId, start: usize) -> Step {
        let router = self.router;
        let Some(host) = router.host_part(self.host) else {
            return Step::No;
        };
        let node = router.trie.node(hosts);
        let scanned = scan(host.as_bytes(), 0);
        if scanned.end == host.len()
            && let Some(child) = node.child(host.as_bytes(), scanned.hash)
        {
            match self.walk(child, start) {
                Step::No => self.captures.truncate(0),
                step => return step,
            }
        }
        for edge in &node.edges {
            if edge.pattern.matches(&host, 0, &mut self.captures) {
                self.host_text = Some(host.as_ref().into());
                match self.walk(edge.node, start) {
                    Step::No => self.captures.truncate(0),
                    step => return step,
                }
            }
        }
        self.walk(router.top, start)
    }

    /// Goes on from a node with the segments from byte `at` on; behind the path's end, with none.
    ///
    /// Calls itself only where there is another way to come back to: a chain of nodes with one
    /// child each is a loop.
    fn walk(&mut self, mut id: NodeId, mut at: usize) -> Step {
        let router = self.router;
        'next: loop {
            let node = router.trie.node(id);
            let bytes = self.path.as_bytes();
            if at >= bytes.len() {
                return if at > bytes.len() {
                    self.arrive(node)
                } else {
                    self.arrive_at_slash(node)
                };
            }
            let scanned = scan(bytes, at);
            let edges = &*node.edges;
            let mark = self.captures.len();
            if let Some(child) = node.child(&bytes[at..scanned.end], scanned.hash) {
                if edges.is_empty() {
                    (id, at) = (child, scanned.end + 1);
                    continue 'next;
                }
                match self.walk(child, scanned.end + 1) {
                    Step::No => self.captures.truncate(mark),
                    step => return step,
                }
            }
            for (index, edge) in edges.iter().enumerate() {
                let Some(rest) = self.follow(&edge.pattern, at, scanned.end) else {
                    continue;
                };
                if index + 1 == edges.len() {
                    (id, at) = (edge.node, rest);
                    continue 'next;
                }
                match self.walk(edge.node, rest) {
                    Step::No => self.captures.truncate(mark),
                    step => return step,
                }
            }
            return Step::No;
        }
    }

    /// Matches a pattern with the segment from `at` to `end`, or with all the rest of the path.
    /// Returns where to go on.
    #[inline]
    fn follow(&mut self, pattern: &Pattern, at: usize, end: usize) -> Option<usize> {
        if pattern.is_final {
            return self.take_rest(pattern, at);
        }
        let segment = &self.path[at..end];
        pattern.matches(segment, self.base + at, &mut self.captures).then_some(end + 1)
    }

    /// Matches all the rest of the path with a pattern that spans slashes. What is left then is
    /// nothing, or the empty segment behind a last slash that the rule has as well.
    fn take_rest(&mut self, pattern: &Pattern, at: usize) -> Option<usize> {
        let rest = &self.path[at..];
        let (body, left) = match rest.strip_suffix('/') {
            Some(body) if pattern.ends_with_slash => (body, self.path.len()),
            _ => (rest, self.path.len() + 1),
        };
        if pattern.ends_with_slash && body.ends_with('/') {
            return None;
        }
        pattern.matches(body, self.base + at, &mut self.captures).then_some(left)
    }

    /// The path ends at this node.
    #[inline(always)]
    fn arrive(&mut self, node: &Node) -> Step {
        match (self.accept_any(node), node.slash) {
            (Step::No, Some(slash)) => self.arrive_without_slash(self.router.trie.node(slash)),
            (step, _) => step,
        }
    }

    /// The path ends at this node with a slash: the empty segment, which no placeholder takes.
    #[inline(always)]
    fn arrive_at_slash(&mut self, node: &Node) -> Step {
        if let Some(slash) = node.slash {
            match self.arrive(self.router.trie.node(slash)) {
                Step::No => {}
                step => return step,
            }
        }
        for id in &node.rules {
            let rule = self.router.rule(*id);
            if !rule.strict_slashes && self.accept(rule) {
                return Step::Found(*id);
            }
        }
        Step::No
    }

    /// The path ends but for a slash that the rules of this node have.
    fn arrive_without_slash(&mut self, node: &Node) -> Step {
        for id in &node.rules {
            let rule = self.router.rule(*id);
            if rule.websocket == self.websocket
                && rule.methods.allows(self.method)
                && self.convert(rule)
            {
                return if rule.strict_slashes { Step::Slash(*id) } else { Step::Found(*id) };
            }
        }
        Step::No
    }

    #[inline(always)]
    fn accept_any(&mut self, node: &Node) -> Step {
        for id in &node.rules {
            if self.accept(self.router.rule(*id)) {
                return Step::Found(*id);
            }
        }
        Step::No
    }

    /// Whether the rule answers the request; if so, its values are ready.
    #[inline(always)]
    fn accept(&mut self, rule: &Rule) -> bool {
        if rule.methods.allows(self.method) && rule.websocket == self.websocket {
            return self.convert(rule);
        }
        self.note_near_miss(rule);
        false
    }

    /// Remembers that a rule would have answered another kind of request.
    #[cold]
    #[inline(never)]
    fn note_near_miss(&mut self, rule: &Rule) {
        if !self.convert(rule) {
            return;
        }
        let misses = self.misses.get_or_insert_default();
        let is_websocket_question = self.method.is_unheard_of() && rule.websocket;
        if !rule.methods.allows(self.method) && !is_websocket_question {
            misses.allowed.extend(&rule.methods);
        }
    }

    /// Turns what was captured into the rule's values, unless a converter refuses.
    #[inline]
    fn convert(&mut self, rule: &Rule) -> bool {
        rule.value_count == 0 || self.convert_all(rule)
    }

    fn convert_all(&mut self, rule: &Rule) -> bool {
        self.values = Values::with_capacity(rule.value_count);
        for (index, argument) in rule.arguments.iter().enumerate() {
            let span = self.captures.get(index);
            let value = if index < rule.host_arguments {
                self.host_value(&argument.taker, span)
            } else {
                let range = span.range();
                let text = &self.path[range.start - self.base..range.end - self.base];
                argument.taker.take(text, span)
            };
            let Some(value) = value else { return false };
            self.values.push(value);
        }
        for default in &rule.defaults {
            let value = default.value.to_path_value();
            if default.position < rule.arguments.len() {
                self.values.set(default.position, value);
            } else {
                self.values.push(value);
            }
        }
        true
    }

    #[inline(never)]
    fn host_value(&self, taker: &Taker, span: Span) -> Option<PathValue> {
        let text = &self.host_text.as_deref().unwrap_or_default()[span.range()];
        taker.take(text, span).map(|value| match value {
            PathValue::Text(_) => PathValue::Owned(text.into()),
            other => other,
        })
    }
}
