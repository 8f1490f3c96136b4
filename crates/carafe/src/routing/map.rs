//! Rules while an app is set up: added one by one, checked, then frozen into a
//! [`Router`](super::Router).

use std::collections::HashMap;
use std::sync::Arc;

use ::http::Method;
use carafe_rule::{BUILTIN_NAMES, Builtin, Part};

use super::builtin::Taker;
use super::converter::Converters;
use super::error::RuleError;
use super::matcher::Router;
use super::method_set::MethodSet;
use super::rule::{RedirectTo, Rule, RuleArgument, RuleDefault, RuleId, RuleSpec};
use super::segments::{self, Segment};
use super::trie::{Draft, Trie, small};
use super::url_for;

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
        let rule = self.rule(id, spec)?;
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
                problems.push(
                    RuleError::new(&rule.text, rule.location, message).with_hint(Some(
                        "add a rule with the same endpoint and placeholders, but without `alias`",
                    )),
                );
            }
        }
        problems
    }

    /// Ends setting up.
    #[must_use]
    pub fn freeze(mut self) -> Router {
        let mut endpoints: HashMap<Arc<str>, Vec<RuleId>> = HashMap::new();
        for rule in &self.rules {
            endpoints
                .entry(rule.endpoint.clone())
                .or_default()
                .push(rule.id);
        }
        for ids in endpoints.values_mut() {
            ids.sort_by_key(|id| self.rules[id.index()].build_key());
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
            let end = rule
                .segments
                .iter()
                .fold(start, |node, part| draft.child(node, part));
            draft.add_rule(end, rule.id);
        }
        Router {
            trie: draft.freeze(),
            top: Trie::id(top),
            hosts: matches_hosts.then(|| Trie::id(hosts)),
            compares_ports: self.settings.host_matching
                && self
                    .rules
                    .iter()
                    .any(|rule| rule.host().is_some_and(names_port)),
            server_name: self.settings.server_name.as_deref().map(bare_host),
            websockets: self.rules.iter().any(Rule::is_websocket),
            rules: self.rules,
            endpoints,
            settings: self.settings,
        }
    }

    fn rule(&self, id: RuleId, spec: RuleSpec) -> Result<Rule, RuleError> {
        let fail = |message: String, hint: Option<&str>| {
            RuleError::new(&spec.rule, (spec.file, spec.line), message).with_hint(hint)
        };
        let parsed =
            |error: carafe_rule::ParseError| fail(error.message().to_owned(), error.hint());
        let merge_slashes = spec.merge_slashes.unwrap_or(self.settings.merge_slashes);
        let mut parts = carafe_rule::parse(&spec.rule).map_err(parsed)?.parts;
        if merge_slashes {
            merge_static(&mut parts);
        }
        let host = self
            .host(&spec)
            .map_err(|(message, hint)| fail(message, hint))?;
        let host_parts = match &host {
            Some(text) => carafe_rule::parse_host(text).map_err(parsed)?.parts,
            None => Vec::new(),
        };
        let host_text = host.unwrap_or_default();
        let mut arguments = self.arguments(&host_parts, &host_text).map_err(parsed)?;
        let host_arguments = arguments.len();
        if arguments
            .iter()
            .any(|argument| argument.taker.shape().spans_slashes())
        {
            return Err(fail(
                "a converter that takes slashes cannot stand in a host".into(),
                None,
            ));
        }
        arguments.extend(self.arguments(&parts, &spec.rule).map_err(parsed)?);
        for (index, argument) in arguments.iter().enumerate() {
            if arguments[..index]
                .iter()
                .any(|other| other.name == argument.name)
            {
                return Err(fail(
                    format!("the name `{}` is used twice in one rule", argument.name),
                    Some("give each placeholder its own name"),
                ));
            }
        }
        for (name, range) in &spec.narrow {
            for argument in arguments
                .iter_mut()
                .filter(|argument| *argument.name == **name)
            {
                argument.taker.narrow(*range);
            }
        }
        check_options(&spec, &arguments).map_err(|(message, hint)| fail(message, hint))?;
        let (methods, declared, automatic_options) = self.methods(&spec);
        let takers: Vec<Taker> = arguments
            .iter()
            .map(|argument| argument.taker.clone())
            .collect();
        let (host_takers, path_takers) = takers.split_at(host_arguments);
        let host_segment = match (&spec.subdomain, self.settings.subdomain_matching) {
            _ if !host_parts.is_empty() => segments::of_host(&host_parts, host_takers, &host_text),
            // Without a subdomain, a rule belongs to the server name itself.
            (_, true) if !self.settings.host_matching => Some(Segment::Static(String::new())),
            _ => None,
        };
        let (defaults, value_count) = place_defaults(&spec, &arguments);
        Ok(Rule {
            id,
            segments: segments::of_path(&parts, path_takers, &spec.rule),
            host_segment,
            host_url: url_for::parts(&host_parts, 0),
            path_url: url_for::parts(&parts, host_arguments),
            host: (!host_text.is_empty()).then(|| host_text.into()),
            text: spec.rule.into(),
            endpoint: spec.endpoint,
            methods,
            declared,
            arguments,
            host_arguments,
            defaults,
            value_count,
            strict_slashes: spec.strict_slashes.unwrap_or(self.settings.strict_slashes),
            merge_slashes,
            alias: spec.alias,
            build_only: spec.build_only,
            websocket: spec.websocket,
            automatic_options,
            redirect_to: spec.redirect_to,
            default_redirects: Vec::new(),
            may_redirect: false,
            location: (spec.file, spec.line),
            target: spec.target,
        })
    }

    /// The host or the subdomain of a rule, lower-case.
    fn host(&self, spec: &RuleSpec) -> Result<Option<String>, Mistake> {
        let off = |what: &str, setting: &'static str| {
            Err((
                format!("it has a {what}, but `{what}_matching` is off"),
                Some(setting),
            ))
        };
        if spec.host.is_some() && !self.settings.host_matching {
            return off("host", "turn on `host_matching`");
        }
        if spec.subdomain.is_some() && self.settings.host_matching {
            return Err((
                "it has a subdomain, but `host_matching` is on".to_owned(),
                Some("write the whole host"),
            ));
        }
        if spec
            .subdomain
            .as_deref()
            .is_some_and(|name| !name.is_empty())
        {
            if !self.settings.subdomain_matching {
                return off("subdomain", "turn on `subdomain_matching`");
            }
            if self.settings.server_name.is_none() {
                return Err((
                    "it has a subdomain, but no server name is set".to_owned(),
                    Some("set `server_name` to the host that the subdomains belong to"),
                ));
            }
        }
        let text = spec.host.as_ref().or(spec.subdomain.as_ref());
        Ok(text.map(|text| lower_static(text)))
    }

    fn arguments(
        &self,
        parts: &[Part],
        text: &str,
    ) -> Result<Vec<RuleArgument>, carafe_rule::ParseError> {
        let mut found = Vec::new();
        for part in parts {
            let Part::Dynamic {
                converter,
                arguments,
                name,
                span,
            } = part
            else {
                continue;
            };
            let taker = match self.converters.make(converter, arguments) {
                Some(Ok(custom)) => Some(Taker::Custom(custom)),
                Some(Err(message)) => {
                    return Err(carafe_rule::ParseError::for_converter(
                        converter,
                        &message,
                        span.clone(),
                    ));
                }
                None => {
                    Builtin::new(converter, arguments, span.clone())?.and_then(Taker::from_builtin)
                }
            };
            let Some(taker) = taker else {
                let known = self.converters.names().chain(BUILTIN_NAMES);
                return Err(carafe_rule::unknown_converter(
                    converter,
                    name,
                    span.clone(),
                    known,
                ));
            };
            let placeholder = text[span.clone()].into();
            found.push(RuleArgument {
                name: name.as_str().into(),
                taker,
                placeholder,
            });
        }
        Ok(found)
    }

    /// The methods that the rule answers, those that it was given, and whether the app answers
    /// `OPTIONS`.
    fn methods(&self, spec: &RuleSpec) -> (MethodSet, MethodSet, bool) {
        let Some(methods) = &spec.methods else {
            return (MethodSet::any(), MethodSet::any(), false);
        };
        let declared: MethodSet = methods.iter().map(upper).collect();
        let mut all = declared.clone();
        if all.contains(&Method::GET) {
            all.insert(Method::HEAD);
        }
        let automatic = !all.contains(&Method::OPTIONS)
            && spec
                .provide_automatic_options
                .unwrap_or(self.settings.automatic_options);
        if automatic {
            all.insert(Method::OPTIONS);
        }
        (
            all,
            declared,
            automatic || spec.provide_automatic_options == Some(true),
        )
    }

    fn note_duplicate(&mut self, rule: &Rule) {
        if rule.build_only {
            return;
        }
        let takers: Vec<&Taker> = rule
            .arguments
            .iter()
            .map(|argument| &argument.taker)
            .collect();
        let key = format!(
            "{:?}{:?}{takers:?}{}",
            rule.host_segment,
            shape_of(rule),
            rule.websocket
        );
        let same = self.by_key.entry(key).or_default();
        let earlier = same.iter().map(|id| &self.rules[id.index()]);
        if let Some(earlier) = earlier
            .into_iter()
            .find(|e| e.declared.overlaps(&rule.declared))
        {
            let (file, line) = earlier.location;
            let message = format!("duplicate of rule `{}` at {file}:{line}", earlier.text);
            self.duplicates.push(
                RuleError::new(&rule.text, rule.location, message).with_hint(Some(
                    "the first one answers: remove one of them, or its methods",
                )),
            );
        }
        same.push(rule.id);
    }
}

/// A message and a hint.
type Mistake = (String, Option<&'static str>);

fn check_options(spec: &RuleSpec, arguments: &[RuleArgument]) -> Result<(), Mistake> {
    if spec.methods.as_ref().is_some_and(Vec::is_empty) {
        return Err((
            "it has no methods".into(),
            Some("leave the methods out to take any"),
        ));
    }
    let of_websocket =
        |method: &Method| [Method::GET, Method::HEAD, Method::OPTIONS].contains(&upper(method));
    if spec.websocket
        && let Some(methods) = &spec.methods
        && let Some(wrong) = methods.iter().find(|method| !of_websocket(method))
    {
        let message = format!("a websocket rule cannot take the method `{wrong}`");
        return Err((message, Some("leave the methods out")));
    }
    for (index, (name, _)) in spec.defaults.iter().enumerate() {
        if spec.defaults[..index]
            .iter()
            .any(|(other, _)| other == name)
        {
            return Err((format!("the default `{name}` is given twice"), None));
        }
    }
    if let Some(RedirectTo::Template(template)) = &spec.redirect_to {
        for name in super::redirect::template_names(template) {
            let known = arguments.iter().any(|argument| *argument.name == *name)
                || spec.defaults.iter().any(|(other, _)| other == name);
            if !known {
                let message =
                    format!("`redirect_to` names `<{name}>`, which the rule does not have");
                return Err((message, None));
            }
        }
    }
    Ok(())
}

fn place_defaults(spec: &RuleSpec, arguments: &[RuleArgument]) -> (Vec<RuleDefault>, usize) {
    let mut count = arguments.len();
    let mut place = |name: &str| {
        arguments
            .iter()
            .position(|argument| &*argument.name == name)
            .unwrap_or_else(|| {
                count += 1;
                count - 1
            })
    };
    let defaults = spec
        .defaults
        .iter()
        .map(|(name, value)| RuleDefault {
            name: name.as_str().into(),
            value: value.clone(),
            position: place(name),
        })
        .collect();
    (defaults, count)
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

fn merge_static(parts: &mut [Part]) {
    for part in parts {
        if let Part::Static(text) = part {
            *text = segments::merge_slashes(text);
        }
    }
}

/// Lower-case outside of placeholders.
fn lower_static(text: &str) -> String {
    let mut depth = false;
    text.chars()
        .map(|c| {
            depth = (depth || c == '<') && c != '>';
            if depth { c } else { c.to_ascii_lowercase() }
        })
        .collect()
}

/// Methods are upper-case; `get` would be another method.
fn upper(method: &Method) -> Method {
    Method::from_bytes(method.as_str().to_ascii_uppercase().as_bytes())
        .unwrap_or_else(|_| method.clone())
}

fn names_port(host: &str) -> bool {
    host.rsplit_once(':')
        .is_some_and(|(_, port)| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()))
}

/// A host without its port, lower-case.
fn bare_host(host: &str) -> String {
    let bare = if names_port(host) {
        host.rsplit_once(':').map_or(host, |(bare, _)| bare)
    } else {
        host
    };
    bare.to_ascii_lowercase()
}
