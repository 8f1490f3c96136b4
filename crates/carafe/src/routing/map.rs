//! Rules while an app is set up: added one by one, checked, then frozen into a
//! [`Router`](super::Router).

use std::collections::HashMap;
use std::sync::Arc;

use super::builtin::Taker;
use super::compile::Compiler;
use super::converter::Converters;
use super::error::RuleError;
use super::router::Router;
use super::rule::{Rule, RuleId, RuleSpec};
use super::segments::Segment;
use super::trie::{Draft, Trie, small};
use crate::few;

/// What holds for all rules of a map.
#[derive(Clone, Debug)]
pub struct MapSettings {
    /// Whether `/a` redirects to a rule `/a/`, instead of being answered by it.
    pub strict_slashes: bool,
    /// Whether `/a//b` redirects to `/a/b`.
    pub merge_slashes: bool,
    /// Whether rules may name a host. A rule without one then answers on every host, after those
    /// that name it.
    pub host_matching: bool,
    /// Whether rules may name a subdomain of `server_name`. A rule without one then answers on
    /// `server_name` itself.
    pub subdomain_matching: bool,
    /// The app's own host; a port is ignored.
    pub server_name: Option<String>,
    /// Whether a URL with a value that another rule has as its default redirects there, and an
    /// alias to its canonical rule.
    pub redirect_defaults: bool,
    /// Whether the app answers `OPTIONS` for rules that do not.
    pub automatic_options: bool,
}

impl Default for MapSettings {
    fn default() -> Self {
        Self {
            strict_slashes: true,
            merge_slashes: true,
            host_matching: false,
            subdomain_matching: false,
            server_name: None,
            redirect_defaults: true,
            automatic_options: true,
        }
    }
}

/// The rules of an app that is being set up.
///
/// ```
/// use carafe::routing::{Map, MapSettings, Outcome, RuleSpec};
/// use http::Method;
///
/// let mut map = Map::new(MapSettings::default());
/// let user = map.add(RuleSpec::new("/users/<int:id>", "user", 0)).unwrap();
/// let router = map.freeze();
/// let Outcome::Found(found) = router.find("localhost", "/users/5", &Method::GET, false) else {
///     panic!("no rule matches")
/// };
/// assert_eq!(found.rule, user);
/// ```
#[derive(Debug)]
pub struct Map {
    settings: MapSettings,
    converters: Converters,
    rules: Vec<Rule>,
    /// By what they match; to notice rules that can never be reached.
    by_key: HashMap<String, Vec<RuleId>>,
    duplicates: Vec<RuleError>,
}

impl Map {
    /// A map without rules.
    #[must_use]
    pub fn new(settings: MapSettings) -> Self {
        Self {
            settings,
            converters: Converters::default(),
            rules: Vec::new(),
            by_key: HashMap::new(),
            duplicates: Vec::new(),
        }
    }

    /// The converters of the app, to register more.
    pub fn converters_mut(&mut self) -> &mut Converters {
        &mut self.converters
    }

    /// The settings.
    #[must_use]
    pub fn settings(&self) -> &MapSettings {
        &self.settings
    }

    /// The rules so far, in the order of registration.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter()
    }

    /// Adds a rule.
    ///
    /// # Errors
    /// When the rule is malformed, names an unknown converter, has wrong arguments for one, or has
    /// options that contradict each other or the map's settings. The map stays as it was.
    pub fn add(&mut self, spec: RuleSpec) -> Result<RuleId, RuleError> {
        let id = RuleId(small(self.rules.len()));
        let compiler = Compiler { settings: &self.settings, converters: &self.converters };
        let rule = compiler.rule(id, spec)?;
        self.note_duplicate(&rule);
        self.rules.push(rule);
        Ok(id)
    }

    /// Mistakes that concern several rules or the settings: rules that can never be reached
    /// because an equal one comes first, and aliases that stand for nothing.
    #[must_use]
    pub fn problems(&self) -> Vec<RuleError> {
        let mut problems = self.duplicates.clone();
        for rule in self.rules.iter().filter(|rule| rule.alias) {
            let canonical = |other: &Rule| {
                !other.alias
                    && other.endpoint == rule.endpoint
                    && other.arguments.iter().all(|argument| {
                        rule.knows(&argument.name) || other.default(&argument.name).is_some()
                    })
            };
            if !self.rules.iter().any(canonical) {
                let message = format!(
                    "no rule of the endpoint `{}` is what it is an alias of",
                    rule.endpoint
                );
                problems.push(RuleError::new(&rule.text, rule.location, message).with_hint(Some(
                    "add a rule with the same endpoint and placeholders, but without `alias`",
                )));
            }
        }
        problems
    }

    /// Ends setting up.
    #[must_use]
    pub fn freeze(mut self) -> Router {
        let mut endpoints: HashMap<Arc<str>, Vec<RuleId>> = HashMap::new();
        for rule in &self.rules {
            endpoints.entry(rule.endpoint.clone()).or_default().push(rule.id);
        }
        for ids in endpoints.values_mut() {
            let key = |id: &RuleId| self.rules[id.index()].build_key();
            few::sort_by(ids, |a, b| key(a).cmp(&key(b)));
            if self.settings.redirect_defaults {
                link_defaults(&mut self.rules, ids);
            }
        }
        for rule in &mut self.rules {
            rule.may_redirect = rule.redirect_to.is_some()
                || !rule.default_redirects.is_empty()
                || rule.alias && self.settings.redirect_defaults;
        }
        let matches_hosts = self.settings.host_matching || self.settings.subdomain_matching;
        let mut draft = Draft::default();
        let (top, hosts) = (draft.root(), draft.root());
        for rule in self.rules.iter().filter(|rule| !rule.build_only) {
            let start = match &rule.host_segment {
                Some(segment) => draft.child(hosts, segment),
                None => top,
            };
            let end = rule.segments.iter().fold(start, |node, part| draft.child(node, part));
            draft.add_rule(end, rule.id);
        }
        Router {
            trie: draft.freeze(),
            top: Trie::id(top),
            hosts: matches_hosts.then(|| Trie::id(hosts)),
            compares_ports: self.settings.host_matching
                && self.rules.iter().any(|rule| rule.host().is_some_and(names_port)),
            server_name: self.settings.server_name.as_deref().map(bare_host),
            websockets: self.rules.iter().any(Rule::is_websocket),
            rules: self.rules,
            endpoints,
            settings: self.settings,
        }
    }

    fn note_duplicate(&mut self, rule: &Rule) {
        if rule.build_only {
            return;
        }
        let takers: Vec<&Taker> = rule.arguments.iter().map(|argument| &argument.taker).collect();
        let key =
            format!("{:?}{:?}{takers:?}{}", rule.host_segment, shape_of(rule), rule.websocket);
        let same = self.by_key.entry(key).or_default();
        let earlier = same.iter().map(|id| &self.rules[id.index()]);
        if let Some(earlier) = earlier.into_iter().find(|e| e.declared.overlaps(&rule.declared)) {
            let (file, line) = earlier.location;
            let message = format!("duplicate of rule `{}` at {file}:{line}", earlier.text);
            self.duplicates.push(
                RuleError::new(&rule.text, rule.location, message)
                    .with_hint(Some("the first one answers: remove one of them, or its methods")),
            );
        }
        same.push(rule.id);
    }
}

/// Notes which rules of one endpoint, given in the order of building, are shorter forms of others.
fn link_defaults(rules: &mut [Rule], ids: &[RuleId]) {
    for (index, id) in ids.iter().enumerate() {
        let rule = &rules[id.index()];
        let shorter = ids[..index]
            .iter()
            .copied()
            .filter(|other| rules[other.index()].provides_defaults_for(rule))
            .collect();
        rules[id.index()].default_redirects = shorter;
    }
}

/// The segments without what does not tell rules apart.
fn shape_of(rule: &Rule) -> Vec<String> {
    let shape = |segment: &Segment| match segment {
        Segment::Static(text) => format!("{text:?}"),
        Segment::Dynamic { pattern, .. } => format!("{pattern:?}"),
    };
    rule.segments.iter().map(shape).collect()
}

/// The port that a host names.
pub(super) fn port_of(host: &str) -> Option<&str> {
    let (_, port) = host.rsplit_once(':')?;
    (!port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit())).then_some(port)
}

fn names_port(host: &str) -> bool {
    port_of(host).is_some()
}

/// A host without its port, lower-case.
fn bare_host(host: &str) -> String {
    let bare =
        if names_port(host) { host.rsplit_once(':').map_or(host, |(bare, _)| bare) } else { host };
    bare.to_ascii_lowercase()
}
