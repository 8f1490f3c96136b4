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

use super::map::MapSettings;
use super::method_set::{MethodSet, RequestMethod};
use super::pattern::{Captures, Pattern};
use super::redirect::{Redirect, RedirectKind};
use super::rule::{Rule, RuleId};
use super::segments::merge_slashes;
use super::trie::{Node, NodeId, Trie, scan};
use super::value::{PathValue, Values};

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
        let mut search = Search::new(self, host, path, method, websocket);
        let step = search.run();
        if let Step::Found(id) = step {
            let found = Match {
                rule: id,
                values: search.values,
            };
            let rule = self.rule(id);
            if rule.may_redirect
                && let Some(redirect) = self.redirect(rule, &found.values, path, method)
            {
                return Outcome::Redirect(Box::new(redirect));
            }
            return Outcome::Found(found);
        }
        self.find_otherwise(search, step)
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
        search.allowed.list().unwrap_or_default()
    }

    /// The rule of an id. Ids come from this router's map.
    ///
    /// # Panics
    /// When the id is of another map with more rules.
    #[must_use]
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
        if !search.allowed.is_empty() {
            return Outcome::MethodNotAllowed {
                allow: search.allowed.list().unwrap_or_default(),
            };
        }
        if search.websocket_mismatch {
            return Outcome::WebsocketMismatch;
        }
        Outcome::NotFound
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

/// One search through the tree.
pub(crate) struct Search<'r> {
    router: &'r Router,
    host: &'r str,
    /// The path from its last leading slash on.
    path: &'r str,
    /// How many leading slashes were left out.
    base: usize,
    method: RequestMethod<'r>,
    websocket: bool,
    captures: Captures,
    /// What the host's placeholders took.
    host_text: Cow<'r, str>,
    values: Values,
    allowed: MethodSet,
    websocket_mismatch: bool,
}

impl<'r> Search<'r> {
    pub(crate) fn new(
        router: &'r Router,
        host: &'r str,
        path: &'r str,
        method: RequestMethod<'r>,
        websocket: bool,
    ) -> Self {
        let slashes = path.bytes().take_while(|byte| *byte == b'/').count();
        let base = slashes.saturating_sub(1);
        Self {
            router,
            host,
            path: &path[base..],
            base,
            method,
            websocket,
            captures: Captures::default(),
            host_text: Cow::Borrowed(""),
            values: Values::default(),
            allowed: MethodSet::default(),
            websocket_mismatch: false,
        }
    }

    pub(crate) fn run(&mut self) -> Step {
        // All paths start with a slash; an empty one is as if the slash was forgotten.
        let start = match self.path.as_bytes().first() {
            None => None,
            Some(b'/') => Some(1),
            Some(_) => Some(0),
        };
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
        let (allowed, mismatch) = (search.allowed, search.websocket_mismatch);
        self.allowed.extend(&allowed);
        self.websocket_mismatch |= mismatch;
        Some((step, merged))
    }

    fn run_host(&mut self, hosts: NodeId, start: Option<usize>) -> Step {
        let router = self.router;
        let Some(host) = router.host_part(self.host) else {
            return Step::No;
        };
        self.host_text = host.clone();
        let node = router.trie.node(hosts);
        let scanned = scan(host.as_bytes(), 0);
        if scanned.end == host.len()
            && let Some(child) = router.trie.child(node, &host, scanned.hash)
        {
            match self.walk(child, start) {
                Step::No => {}
                step => return step,
            }
        }
        for edge in router.trie.edges(node) {
            if edge.pattern.matches(&host, 0, &mut self.captures) {
                match self.walk(edge.node, start) {
                    Step::No => self.captures.truncate(0),
                    step => return step,
                }
            }
        }
        self.walk(router.top, start)
    }

    /// Goes on from a node with what is left of the path: the segments from byte `at` on, or none.
    fn walk(&mut self, id: NodeId, at: Option<usize>) -> Step {
        let trie = &self.router.trie;
        let node = trie.node(id);
        let Some(at) = at else {
            return self.arrive(node);
        };
        let scanned = scan(self.path.as_bytes(), at);
        let segment = &self.path[at..scanned.end];
        let next = (scanned.end < self.path.len()).then_some(scanned.end + 1);
        if let Some(child) = trie.child(node, segment, scanned.hash) {
            match self.walk(child, next) {
                Step::No => {}
                step => return step,
            }
        }
        for edge in trie.edges(node) {
            let mark = self.captures.len();
            let rest = if edge.pattern.is_final {
                self.take_rest(&edge.pattern, at)
            } else {
                edge.pattern
                    .matches(segment, self.base + at, &mut self.captures)
                    .then_some(next)
            };
            if let Some(rest) = rest {
                match self.walk(edge.node, rest) {
                    Step::No => self.captures.truncate(mark),
                    step => return step,
                }
            }
        }
        if at == self.path.len() {
            return self.arrive_with_slash(node);
        }
        Step::No
    }

    /// Matches all the rest of the path with a pattern that spans slashes. Returns what is left
    /// then: nothing, or the empty segment behind a last slash that the rule has as well.
    fn take_rest(&mut self, pattern: &Pattern, at: usize) -> Option<Option<usize>> {
        let rest = &self.path[at..];
        let (body, left) = match rest.strip_suffix('/') {
            Some(body) if pattern.ends_with_slash => (body, Some(self.path.len())),
            _ => (rest, None),
        };
        if pattern.ends_with_slash && body.ends_with('/') {
            return None;
        }
        pattern
            .matches(body, self.base + at, &mut self.captures)
            .then_some(left)
    }

    /// The path ends at this node.
    fn arrive(&mut self, node: &'r Node) -> Step {
        let router = self.router;
        for id in router.trie.rules(node) {
            if self.accept(router.rule(*id)) {
                return Step::Found(*id);
            }
        }
        let Some(slash) = router.trie.slash(node) else {
            return Step::No;
        };
        for id in router.trie.rules(router.trie.node(slash)) {
            let rule = router.rule(*id);
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

    /// The path ends at this node but for a slash that the rules do not have.
    fn arrive_with_slash(&mut self, node: &'r Node) -> Step {
        for id in self.router.trie.rules(node) {
            let rule = self.router.rule(*id);
            if !rule.strict_slashes && self.accept(rule) {
                return Step::Found(*id);
            }
        }
        Step::No
    }

    /// Whether the rule answers the request; if so, its values are ready.
    #[inline]
    fn accept(&mut self, rule: &Rule) -> bool {
        if rule.methods.allows(self.method) && rule.websocket == self.websocket {
            return self.convert(rule);
        }
        self.note_near_miss(rule);
        false
    }

    /// Remembers that a rule would have answered another kind of request.
    #[cold]
    fn note_near_miss(&mut self, rule: &Rule) {
        if !self.convert(rule) {
            return;
        }
        if rule.methods.allows(self.method) {
            self.websocket_mismatch = true;
        } else if !(self.method.is_unheard_of() && rule.websocket) {
            self.allowed.extend(&rule.methods);
        }
    }

    /// Turns what was captured into the rule's values, unless a converter refuses.
    #[inline]
    fn convert(&mut self, rule: &Rule) -> bool {
        if rule.value_count == 0 {
            return true;
        }
        self.convert_all(rule)
    }

    fn convert_all(&mut self, rule: &Rule) -> bool {
        let mut values = Values::with_capacity(rule.value_count);
        for (index, argument) in rule.arguments.iter().enumerate() {
            let span = self.captures.get(index);
            let value = if index < rule.host_arguments {
                let text = &self.host_text[span.range()];
                argument.taker.take(text, span).map(|value| match value {
                    PathValue::Text(_) => PathValue::Owned(text.into()),
                    other => other,
                })
            } else {
                let range = span.range();
                let text = &self.path[range.start - self.base..range.end - self.base];
                argument.taker.take(text, span)
            };
            let Some(value) = value else { return false };
            values.push(value);
        }
        for default in &rule.defaults {
            let value = default.value.to_path_value();
            if default.position < rule.arguments.len() {
                values.set(default.position, value);
            } else {
                values.push(value);
            }
        }
        self.values = values;
        true
    }
}
