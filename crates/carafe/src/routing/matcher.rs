//! From a host, a path and a method to a rule with typed values.
//!
//! Werkzeug's search: segment by segment, literal text before patterns, patterns by weight, and
//! back when a way leads nowhere. One deliberate difference: a converter that refuses a value
//! lets the next rule try. As a node of the tree has one parent, no search visits a node twice,
//! so that its cost is bounded by the rules that share the path's beginnings, not by the path.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use ::http::Method;

use super::builtin::Taker;
use super::map::MapSettings;
use super::method_set::{MethodSet, RequestMethod};
use super::pattern::{Captures, Pattern};
use super::redirect::{Redirect, RedirectKind};
use super::rule::{Rule, RuleId};
use super::segments::merge_slashes;
use super::trie::{Node, NodeId, Trie, scan};
use super::value::{PathValue, Span, Values};

/// The rules of a running app. Made by [`Map::freeze`](super::Map::freeze).
#[derive(Debug)]
pub struct Router {
    pub(crate) trie: Trie,
    /// Where paths start for rules of any host.
    pub(crate) top: NodeId,
    /// Where hosts start, if rules can have some.
    pub(crate) hosts: Option<NodeId>,
    /// Whether a rule names a port, so that ports count.
    pub(crate) compares_ports: bool,
    pub(crate) server_name: Option<String>,
    pub(crate) rules: Vec<Rule>,
    /// The rules of each endpoint, in the order of building.
    pub(crate) endpoints: HashMap<Arc<str>, Vec<RuleId>>,
    pub(crate) settings: MapSettings,
    pub(crate) websockets: bool,
}

/// What [`Router::find`] found.
#[derive(Debug)]
#[non_exhaustive]
pub enum Outcome {
    /// A rule, with its values.
    Found(Match),
    /// Another URL is the right one.
    Redirect(Box<Redirect>),
    /// No rule has this path.
    NotFound,
    /// Rules have this path, but not this method.
    MethodNotAllowed {
        /// The methods that they have, in a fixed order.
        allow: Vec<Method>,
    },
    /// The only rules with this path are for websockets and the request is not, or the reverse.
    WebsocketMismatch,
}

/// A rule that matches, with its values.
#[derive(Clone, Debug)]
pub struct Match {
    /// The rule.
    pub rule: RuleId,
    /// Its values, in the order of [`Rule::names`].
    pub values: Values,
}

impl Router {
    /// Finds the rule for a request.
    ///
    /// `host` is the request's host, with or without a port, which counts only if a rule names
    /// one; it is not looked at unless host or subdomain matching is on. `path` is
    /// percent-decoded by the caller; text values are spans of it.
    #[must_use]
    pub fn find(&self, host: &str, path: &str, method: &Method, websocket: bool) -> Outcome {
        let method = RequestMethod::new(method);
        if let Some(rule) = self.find_literal(path, method, websocket) {
            return Outcome::Found(Match {
                rule,
                values: Values::default(),
            });
        }
        let mut search = Search::new(self, host, path, method, websocket);
        let step = search.run();
        let Step::Found(id) = step else {
            return self.find_otherwise(search, step);
        };
        let rule = self.rule(id);
        if rule.may_redirect
            && let Some(redirect) = self.redirect(rule, &search.values, path, method)
        {
            return Outcome::Redirect(Box::new(redirect));
        }
        Outcome::Found(Match {
            rule: id,
            values: search.values,
        })
    }

    /// Whether the host of a request counts: host or subdomain matching is on.
    #[must_use]
    pub fn looks_at_hosts(&self) -> bool {
        self.hosts.is_some()
    }

    /// Whether a rule is for websockets; if none is, a handshake is a request like any other.
    #[must_use]
    pub fn has_websockets(&self) -> bool {
        self.websockets
    }

    /// The methods of all rules that have this path, to answer `OPTIONS` and to fill `Allow`.
    /// Empty if there is no such rule.
    #[must_use]
    pub fn allowed_methods(&self, host: &str, path: &str) -> Vec<Method> {
        let mut search = Search::new(self, host, path, RequestMethod::unheard_of(), false);
        search.run();
        search.run_merged();
        search
            .misses
            .map(|misses| misses.allowed.list().unwrap_or_default())
            .unwrap_or_default()
    }

    /// The rule of an id. Ids come from this router's map.
    ///
    /// # Panics
    /// When the id is of another map with more rules.
    #[must_use]
    #[inline]
    pub fn rule(&self, id: RuleId) -> &Rule {
        &self.rules[id.index()]
    }

    /// All rules, in the order of registration.
    pub fn rules(&self) -> std::slice::Iter<'_, Rule> {
        self.rules.iter()
    }

    /// The rules of an endpoint, in the order in which [`Router::build`] tries them.
    pub fn rules_of(&self, endpoint: &str) -> impl Iterator<Item = &Rule> {
        let ids = self
            .endpoints
            .get(endpoint)
            .map(Vec::as_slice)
            .unwrap_or_default();
        ids.iter().map(|id| self.rule(*id))
    }

    /// The settings of the map.
    #[must_use]
    pub fn settings(&self) -> &MapSettings {
        &self.settings
    }

    /// Finds a rule without values at once. The search tries literal text first everywhere, so
    /// that it would find no other.
    #[inline]
    fn find_literal(
        &self,
        path: &str,
        method: RequestMethod<'_>,
        websocket: bool,
    ) -> Option<RuleId> {
        if self.hosts.is_some() {
            return None;
        }
        let answers = |rule: &Rule| rule.methods.allows(method) && rule.websocket == websocket;
        let node = self.trie.path(path.as_bytes())?;
        let id = *node.rules.iter().find(|id| answers(self.rule(**id)))?;
        let rule = self.rule(id);
        (rule.value_count == 0 && !rule.may_redirect).then_some(id)
    }

    /// All that is not simply found; off the usual way.
    #[cold]
    #[inline(never)]
    fn find_otherwise(&self, mut search: Search<'_>, step: Step) -> Outcome {
        if let Step::Slash(_) = step {
            return Redirect::outcome(RedirectKind::Slash, &format!("{}/", search.path));
        }
        if self.settings.merge_slashes
            && let Some((step, mut merged)) = search.run_merged()
            && self.merges(step).is_some()
        {
            if let Step::Slash(_) = step {
                merged.push('/');
            }
            return Redirect::outcome(RedirectKind::Merge, &merged);
        }
        match search.misses {
            None => Outcome::NotFound,
            Some(misses) if misses.allowed.is_empty() => Outcome::WebsocketMismatch,
            Some(misses) => Outcome::MethodNotAllowed {
                allow: misses.allowed.list().unwrap_or_default(),
            },
        }
    }

    /// The rule to which a path redirects if the path with its slashes merged ended so.
    pub(crate) fn merges(&self, step: Step) -> Option<RuleId> {
        match step {
            Step::Found(id) if self.rule(id).merge_slashes => Some(id),
            Step::Slash(id) => Some(id),
            Step::Found(_) | Step::No => None,
        }
    }

    /// The part of `host` that rules are compared with: all of it, or the subdomain. `None` if it
    /// is not below the server name.
    pub(crate) fn host_part<'h>(&self, host: &'h str) -> Option<Cow<'h, str>> {
        let bare = match host.rsplit_once(':') {
            Some((bare, port))
                if !self.compares_ports && port.bytes().all(|byte| byte.is_ascii_digit()) =>
            {
                bare
            }
            _ => host,
        };
        let lower = if bare.bytes().any(|byte| byte.is_ascii_uppercase()) {
            Cow::Owned(bare.to_ascii_lowercase())
        } else {
            Cow::Borrowed(bare)
        };
        if self.settings.host_matching {
            return Some(lower);
        }
        let server_name = self.server_name.as_deref().unwrap_or(&lower);
        let subdomain = lower.strip_suffix(server_name)?;
        let length = match subdomain.strip_suffix('.') {
            Some(name) => name.len(),
            None if subdomain.is_empty() => 0,
            None => return None,
        };
        Some(match lower {
            Cow::Borrowed(text) => Cow::Borrowed(&text[..length]),
            Cow::Owned(text) => Cow::Owned(text[..length].to_owned()),
        })
    }
}

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
    path: &'r str,
    /// How many leading slashes were left out.
    base: usize,
    method: RequestMethod<'r>,
    websocket: bool,
    captures: Captures,
    /// What the host's placeholders took spans of, if there are any.
    host_text: Option<Box<str>>,
    values: Values,
    misses: Option<Box<Misses>>,
}

/// Rules that would have answered another kind of request; there is at least one.
#[derive(Default)]
struct Misses {
    /// Empty if only the websocket was in the way.
    allowed: MethodSet,
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

    /// The values of the rule that was found.
    pub(crate) fn values(&self) -> &Values {
        &self.values
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
            self.misses
                .get_or_insert_default()
                .allowed
                .extend(&misses.allowed);
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
        pattern
            .matches(segment, self.base + at, &mut self.captures)
            .then_some(end + 1)
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
        pattern
            .matches(body, self.base + at, &mut self.captures)
            .then_some(left)
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
                return if rule.strict_slashes {
                    Step::Slash(*id)
                } else {
                    Step::Found(*id)
                };
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
