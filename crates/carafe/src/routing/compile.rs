//! A rule's options, as an app gives them, checked and turned into a rule that matches and builds.

use ::http::Method;
use carafe_rule::{BUILTIN_NAMES, Builtin, ParseError, Part};

use super::builtin::Taker;
use super::converter::Converters;
use super::error::RuleError;
use super::map::MapSettings;
use super::method_set::MethodSet;
use super::rule::{RedirectTo, Rule, RuleArgument, RuleDefault, RuleId, RuleSpec};
use super::segments::{self, Segment};
use super::url_for;

/// Makes rules from what apps say about them.
pub(super) struct Compiler<'a> {
    pub(super) settings: &'a MapSettings,
    pub(super) converters: &'a Converters,
}

/// What is wrong with a rule, and the next step.
struct Mistake {
    message: String,
    hint: Option<String>,
}

impl Mistake {
    fn new(message: impl Into<String>, hint: Option<&str>) -> Self {
        Self { message: message.into(), hint: hint.map(str::to_owned) }
    }
}

impl From<ParseError> for Mistake {
    fn from(error: ParseError) -> Self {
        Self::new(error.message(), error.hint())
    }
}

/// The texts of a rule, read.
struct Parsed {
    parts: Vec<Part>,
    host_text: String,
    host_parts: Vec<Part>,
    /// The host's come first.
    arguments: Vec<RuleArgument>,
    host_arguments: usize,
    merge_slashes: bool,
}

impl Compiler<'_> {
    pub(super) fn rule(&self, id: RuleId, spec: RuleSpec) -> Result<Rule, RuleError> {
        match self.parse(&spec) {
            Ok(parsed) => Ok(self.assemble(id, spec, parsed)),
            Err(mistake) => {
                let at = (spec.file, spec.line);
                Err(RuleError::new(&spec.rule, at, mistake.message).with_hint(mistake.hint))
            }
        }
    }

    fn parse(&self, spec: &RuleSpec) -> Result<Parsed, Mistake> {
        let merge_slashes = spec.merge_slashes.unwrap_or(self.settings.merge_slashes);
        let mut parts = carafe_rule::parse(&spec.rule)?.parts;
        if merge_slashes {
            merge_static(&mut parts);
        }
        let host_text = self.host(spec)?.unwrap_or_default();
        let host_parts = carafe_rule::parse_host(&host_text)?.parts;
        let mut arguments = self.arguments(&host_parts, &host_text)?;
        let host_arguments = arguments.len();
        if arguments.iter().any(|argument| argument.taker.shape().spans_slashes()) {
            let message = "a converter that takes slashes cannot stand in a host";
            return Err(Mistake::new(message, None));
        }
        arguments.extend(self.arguments(&parts, &spec.rule)?);
        check_names(&arguments)?;
        for (name, range) in &spec.narrow {
            for argument in arguments.iter_mut().filter(|argument| *argument.name == **name) {
                argument.taker.narrow(*range);
            }
        }
        check_options(spec, &arguments)?;
        Ok(Parsed { parts, host_text, host_parts, arguments, host_arguments, merge_slashes })
    }

    fn assemble(&self, id: RuleId, spec: RuleSpec, parsed: Parsed) -> Rule {
        let Parsed { parts, host_text, host_parts, arguments, host_arguments, merge_slashes } =
            parsed;
        let (methods, declared, automatic_options) = self.methods(&spec);
        let takers: Vec<Taker> = arguments.iter().map(|argument| argument.taker.clone()).collect();
        let (host_takers, path_takers) = takers.split_at(host_arguments);
        let (defaults, value_count) = place_defaults(&spec, &arguments);
        Rule {
            id,
            segments: segments::of_path(&parts, path_takers, &spec.rule),
            host_segment: self.host_segment(&host_parts, host_takers, &host_text),
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
        }
    }

    fn host_segment(&self, parts: &[Part], takers: &[Taker], text: &str) -> Option<Segment> {
        if !parts.is_empty() {
            return segments::of_host(parts, takers, text);
        }
        // Without a subdomain, a rule belongs to the server name itself.
        let is_subdomain = self.settings.subdomain_matching && !self.settings.host_matching;
        is_subdomain.then(|| Segment::Static(String::new()))
    }

    /// The host or the subdomain of a rule, lower-case.
    fn host(&self, spec: &RuleSpec) -> Result<Option<String>, Mistake> {
        let off = |what: &str, setting: &'static str| {
            let message = format!("it has a {what}, but `{what}_matching` is off");
            Err(Mistake::new(message, Some(setting)))
        };
        if spec.host.is_some() && !self.settings.host_matching {
            return off("host", "turn on `host_matching`");
        }
        if spec.subdomain.is_some() && self.settings.host_matching {
            let message = "it has a subdomain, but `host_matching` is on";
            return Err(Mistake::new(message, Some("write the whole host")));
        }
        if spec.subdomain.as_deref().is_some_and(|name| !name.is_empty()) {
            if !self.settings.subdomain_matching {
                return off("subdomain", "turn on `subdomain_matching`");
            }
            if self.settings.server_name.is_none() {
                let hint = "set `server_name` to the host that the subdomains belong to";
                return Err(Mistake::new(
                    "it has a subdomain, but no server name is set",
                    Some(hint),
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
            let Part::Dynamic { converter, arguments, name, span } = part else {
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
                return Err(carafe_rule::unknown_converter(converter, name, span.clone(), known));
            };
            let placeholder = text[span.clone()].into();
            found.push(RuleArgument { name: name.as_str().into(), taker, placeholder });
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
            && spec.provide_automatic_options.unwrap_or(self.settings.automatic_options);
        if automatic {
            all.insert(Method::OPTIONS);
        }
        (all, declared, automatic || spec.provide_automatic_options == Some(true))
    }
}

fn check_names(arguments: &[RuleArgument]) -> Result<(), Mistake> {
    for (index, argument) in arguments.iter().enumerate() {
        if arguments[..index].iter().any(|other| other.name == argument.name) {
            let message = format!("the name `{}` is used twice in one rule", argument.name);
            return Err(Mistake::new(message, Some("give each placeholder its own name")));
        }
    }
    Ok(())
}

fn check_options(spec: &RuleSpec, arguments: &[RuleArgument]) -> Result<(), Mistake> {
    if spec.methods.as_ref().is_some_and(Vec::is_empty) {
        return Err(Mistake::new("it has no methods", Some("leave the methods out to take any")));
    }
    let of_websocket =
        |method: &Method| [Method::GET, Method::HEAD, Method::OPTIONS].contains(&upper(method));
    if spec.websocket
        && let Some(methods) = &spec.methods
        && let Some(wrong) = methods.iter().find(|method| !of_websocket(method))
    {
        let message = format!("a websocket rule cannot take the method `{wrong}`");
        return Err(Mistake::new(message, Some("leave the methods out")));
    }
    for (index, (name, _)) in spec.defaults.iter().enumerate() {
        if spec.defaults[..index].iter().any(|(other, _)| other == name) {
            return Err(Mistake::new(format!("the default `{name}` is given twice"), None));
        }
    }
    if let Some(RedirectTo::Template(template)) = &spec.redirect_to {
        for name in super::redirect::template_names(template) {
            let known = arguments.iter().any(|argument| *argument.name == *name)
                || spec.defaults.iter().any(|(other, _)| other == name);
            if !known {
                let message =
                    format!("`redirect_to` names `<{name}>`, which the rule does not have");
                return Err(Mistake::new(message, None));
            }
        }
    }
    Ok(())
}

fn place_defaults(spec: &RuleSpec, arguments: &[RuleArgument]) -> (Vec<RuleDefault>, usize) {
    let mut count = arguments.len();
    let mut place = |name: &str| {
        arguments.iter().position(|argument| &*argument.name == name).unwrap_or_else(|| {
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
