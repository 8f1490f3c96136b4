//! The rules of a running app: finds the rule for a request, or what to answer instead.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use ::http::Method;

use super::map::{MapSettings, port_of};
use super::matcher::{Search, Step};
use super::method_set::RequestMethod;
use super::redirect::{Redirect, RedirectKind};
use super::rule::{Rule, RuleId};
use super::trie::{NodeId, Trie};
use super::value::Values;

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
            return Outcome::Found(Match { rule, values: Values::default() });
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
        Outcome::Found(Match { rule: id, values: search.values })
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
        search.misses.map(|misses| misses.allowed.list().unwrap_or_default()).unwrap_or_default()
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
        let ids = self.endpoints.get(endpoint).map(Vec::as_slice).unwrap_or_default();
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
            Some(misses) => {
                Outcome::MethodNotAllowed { allow: misses.allowed.list().unwrap_or_default() }
            }
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

    /// A host that a URL was built for, with its port: the server name's, or else the one that the
    /// request came to. A host is complete where rules name ports themselves.
    pub(crate) fn with_port<'h>(&self, host: &'h str, own: Option<&str>) -> Cow<'h, str> {
        if self.compares_ports {
            return Cow::Borrowed(host);
        }
        let server_name = self.settings.server_name.as_deref();
        let server_name = server_name.filter(|_| self.settings.subdomain_matching);
        match server_name.and_then(port_of).or_else(|| own.and_then(port_of)) {
            Some(port) => Cow::Owned(format!("{host}:{port}")),
            None => Cow::Borrowed(host),
        }
    }

    /// Whether a host that a URL was built for is the one that the request came to.
    pub(crate) fn is_own_host(&self, host: &str, own: &str) -> bool {
        match port_of(own) {
            Some(port) if !self.compares_ports => {
                host.eq_ignore_ascii_case(&own[..own.len() - port.len() - 1])
            }
            _ => host.eq_ignore_ascii_case(own),
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
