//! From an endpoint and values to a URL.

use ::http::Method;
use carafe_rule::Part;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::error::{BuildError, BuildErrorKind};
use super::router::Router;
use super::rule::{Rule, RuleId, UrlPart};
use super::suggest::closest;
use super::url_value::{BuildValues, UrlValue};

/// What Python's `quote` never encodes.
const UNRESERVED: AsciiSet = NON_ALPHANUMERIC.remove(b'_').remove(b'.').remove(b'-').remove(b'~');

/// What may stand in a path, slashes included:
/// <https://url.spec.whatwg.org/#url-path-segment-string>.
const PATH: AsciiSet = UNRESERVED
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b'/')
    .remove(b':')
    .remove(b';')
    .remove(b'=')
    .remove(b'@');

/// What may stand in a name or a value of a query; spaces become `+`.
const QUERY: AsciiSet = UNRESERVED
    .remove(b'!')
    .remove(b'$')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b',')
    .remove(b'/')
    .remove(b':')
    .remove(b';')
    .remove(b'?')
    .remove(b'@')
    .remove(b' ');

/// What may stand behind `#`.
const ANCHOR: AsciiSet = UNRESERVED
    .remove(b'%')
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b'/')
    .remove(b':')
    .remove(b';')
    .remove(b'=')
    .remove(b'?')
    .remove(b'@');

/// How [`Router::build`] chooses among the rules of an endpoint, and what it adds.
#[derive(Clone, Copy, Debug)]
pub struct BuildOptions<'a> {
    /// Only rules with this method.
    pub method: Option<&'a Method>,
    /// The request's method, whose rules are tried first; `GET` outside of a request.
    pub request_method: &'a Method,
    /// The request's host, whose rules are preferred when hosts are matched.
    pub request_host: Option<&'a str>,
    /// Whether values that the rule does not know go to the query; if not, they are left out.
    pub append_unknown: bool,
    /// The text behind `#`, not yet encoded.
    pub anchor: Option<&'a str>,
}

impl Default for BuildOptions<'_> {
    fn default() -> Self {
        Self {
            method: None,
            request_method: &Method::GET,
            request_host: None,
            append_unknown: true,
            anchor: None,
        }
    }
}

/// A URL, in the parts that a router knows; the caller adds scheme and root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Built {
    /// The host, if the rule or the subdomain matching gives one; without the server's port.
    pub host: Option<String>,
    /// The path with query and anchor, percent-encoded. Starts with a slash.
    pub path: String,
    /// Whether the URL is for a websocket, which browsers want whole.
    pub websocket: bool,
    /// The rule that was chosen.
    pub rule: RuleId,
}

impl Router {
    /// Builds the URL of an endpoint.
    ///
    /// Rules are tried in the order: no alias, more names, more defaults; first those with the
    /// request's method. Values of [`UrlValue::None`] count as not given. What a rule does not
    /// know goes to the query, lists as one pair for each item.
    ///
    /// ```
    /// use carafe::routing::{BuildOptions, BuildValues, Map, MapSettings, RuleSpec};
    ///
    /// let mut map = Map::new(MapSettings::default());
    /// map.add(RuleSpec::new("/users/<int:id>", "user", 0)).unwrap();
    /// let router = map.freeze();
    /// let values = BuildValues::new().with("id", 5).with("tab", "new posts");
    /// let built = router.build("user", &values, &BuildOptions::default()).unwrap();
    /// assert_eq!(built.path, "/users/5?tab=new+posts");
    /// ```
    ///
    /// # Errors
    /// When there is no such endpoint, none of its rules has the method, values are missing, or a
    /// converter does not take its value.
    pub fn build(
        &self,
        endpoint: &str,
        values: &BuildValues<'_>,
        options: &BuildOptions<'_>,
    ) -> Result<Built, BuildError> {
        let Some(rules) = self.endpoints.get(endpoint) else {
            return Err(self.unknown_endpoint(endpoint));
        };
        let mut wrong = None;
        let built = match options.method {
            Some(method) => self.choose(rules, values, Some(method), options, &mut wrong),
            None => self
                .choose(rules, values, Some(options.request_method), options, &mut wrong)
                .or_else(|| self.choose(rules, values, None, options, &mut wrong)),
        };
        let Some(mut built) = built else {
            return Err(wrong.unwrap_or_else(|| self.no_rule_fits(endpoint, values, options)));
        };
        if let Some(anchor) = options.anchor {
            built.path.push('#');
            built.path.extend(utf8_percent_encode(anchor, &ANCHOR));
        }
        Ok(built)
    }

    fn choose(
        &self,
        rules: &[RuleId],
        values: &BuildValues<'_>,
        method: Option<&Method>,
        options: &BuildOptions<'_>,
        wrong: &mut Option<BuildError>,
    ) -> Option<Built> {
        let mut elsewhere = None;
        for rule in rules.iter().map(|id| self.rule(*id)) {
            if !suits(rule, values, method) {
                continue;
            }
            let built = match self.build_rule(rule, values, options.append_unknown) {
                Ok(built) => built,
                Err(error) => {
                    wrong.get_or_insert(error);
                    continue;
                }
            };
            let is_here = !self.settings.host_matching
                || built.host.is_none()
                || built
                    .host
                    .as_deref()
                    .zip(options.request_host)
                    .is_none_or(|(host, own)| self.is_own_host(host, own));
            if is_here {
                return Some(built);
            }
            elsewhere.get_or_insert(built);
        }
        elsewhere
    }

    /// Builds the URL of one rule that suits the values.
    pub(crate) fn build_rule(
        &self,
        rule: &Rule,
        values: &BuildValues<'_>,
        append_unknown: bool,
    ) -> Result<Built, BuildError> {
        let mut path = fill(rule, &rule.path_url, values)?;
        if append_unknown {
            append_query(&mut path, rule, values)?;
        }
        let host_part = fill(rule, &rule.host_url, values)?;
        let host = match &self.server_name {
            _ if self.settings.host_matching => (!host_part.is_empty()).then_some(host_part),
            Some(name) if self.settings.subdomain_matching => Some(match host_part.as_str() {
                "" => name.clone(),
                subdomain => format!("{subdomain}.{name}"),
            }),
            _ => None,
        };
        Ok(Built { host, path, websocket: rule.websocket, rule: rule.id })
    }

    #[cold]
    fn unknown_endpoint(&self, endpoint: &str) -> BuildError {
        let hint = closest(endpoint, self.endpoints.keys().map(AsRef::as_ref))
            .map(|near| format!("did you mean `{near}`?"));
        BuildError {
            kind: BuildErrorKind::UnknownEndpoint,
            message: format!("could not build a URL for endpoint `{endpoint}`"),
            hint: hint.or_else(|| Some("no rule has this endpoint".to_owned())),
        }
    }

    /// Why no rule of an endpoint suits.
    #[cold]
    fn no_rule_fits(
        &self,
        endpoint: &str,
        values: &BuildValues<'_>,
        options: &BuildOptions<'_>,
    ) -> BuildError {
        let rules: Vec<&Rule> = self.rules_of(endpoint).collect();
        let start = format!("could not build a URL for endpoint `{endpoint}`");
        if let Some(method) = options.method
            && !rules.iter().any(|rule| rule.allows(method))
        {
            let methods = rules.iter().flat_map(|rule| rule.methods().unwrap_or_default());
            let mut methods: Vec<String> = methods.map(|method| format!("`{method}`")).collect();
            methods.dedup();
            return BuildError {
                kind: BuildErrorKind::Method,
                message: format!("{start} with the method `{method}`"),
                hint: Some(format!("its methods are {}", methods.join(", "))),
            };
        }
        let nearest = rules
            .iter()
            .filter(|rule| options.method.is_none_or(|method| rule.allows(method)))
            .map(|rule| (missing(rule, values).collect::<Vec<_>>(), conflict(rule, values)))
            .min_by_key(|(missing, conflict)| (missing.len(), conflict.is_some()));
        let hint = match nearest {
            Some((names, _)) if !names.is_empty() => {
                let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
                Some(format!("give a value for {}", names.join(", ")))
            }
            Some((_, Some(name))) => {
                Some(format!("the value of `{name}` is not the default that the rule has for it"))
            }
            _ => None,
        };
        BuildError { kind: BuildErrorKind::Values, message: start, hint }
    }
}

/// A rule's parts as pieces of a URL; `first` is the index of the first placeholder.
pub(crate) fn parts(parts: &[Part], first: usize) -> Vec<UrlPart> {
    let mut next = first..;
    parts
        .iter()
        .map(|part| match part {
            Part::Static(text) => UrlPart::Text(encode_path(text)),
            Part::Dynamic { .. } => UrlPart::Argument(next.next().unwrap_or_default()),
        })
        .collect()
}

/// Percent-encodes what may not stand in a path.
pub(crate) fn encode_path(text: &str) -> String {
    utf8_percent_encode(text, &PATH).collect()
}

/// Whether a rule has the method and its names have values.
fn suits(rule: &Rule, values: &BuildValues<'_>, method: Option<&Method>) -> bool {
    method.is_none_or(|method| rule.allows(method))
        && missing(rule, values).next().is_none()
        && conflict(rule, values).is_none()
}

/// The names that have neither value nor default.
fn missing<'r>(rule: &'r Rule, values: &BuildValues<'_>) -> impl Iterator<Item = &'r str> {
    rule.names().filter(|name| rule.default(name).is_none() && values.get(name).is_none())
}

/// A name whose value is not the rule's default for it.
fn conflict<'r>(rule: &'r Rule, values: &BuildValues<'_>) -> Option<&'r str> {
    let differs = |name: &str, default| {
        values.get(name).is_some_and(|value| *value != UrlValue::from_default(default))
    };
    rule.defaults().find(|(name, default)| differs(name, default)).map(|(name, _)| name)
}

fn fill(rule: &Rule, parts: &[UrlPart], values: &BuildValues<'_>) -> Result<String, BuildError> {
    let mut url = String::new();
    for part in parts {
        match part {
            UrlPart::Text(text) => url.push_str(text),
            UrlPart::Argument(index) => {
                let argument = &rule.arguments[*index];
                let default;
                let value = match rule.default(&argument.name) {
                    None => values.get(&argument.name),
                    Some(value) => {
                        default = UrlValue::from_default(value);
                        Some(&default)
                    }
                };
                let value = value.unwrap_or(&UrlValue::None);
                let text = argument.taker.url(value).map_err(|reason| {
                    let what = format!("`{}` does not take `{value}`", argument.placeholder);
                    wrong_value(rule, format!("{what}: {reason}"))
                })?;
                url.extend(utf8_percent_encode(&text, &PATH));
            }
        }
    }
    Ok(url)
}

fn append_query(
    path: &mut String,
    rule: &Rule,
    values: &BuildValues<'_>,
) -> Result<(), BuildError> {
    let mut separator = '?';
    for (name, value) in values.iter().filter(|(name, _)| !rule.knows(name)) {
        let items = match value {
            UrlValue::List(items) => items.as_slice(),
            single => std::slice::from_ref(single),
        };
        for item in items.iter().filter(|item| !matches!(item, UrlValue::None)) {
            let text = item.to_text().ok_or_else(|| {
                wrong_value(rule, format!("`{name}` goes to the query, which takes no `{item}`"))
            })?;
            path.push(separator);
            separator = '&';
            push_query(path, name);
            path.push('=');
            push_query(path, &text);
        }
    }
    Ok(())
}

fn push_query(path: &mut String, text: &str) {
    for piece in utf8_percent_encode(text, &QUERY) {
        // Only spaces are left as they were and wanted otherwise: a `+` of the text is encoded.
        for (index, words) in piece.split(' ').enumerate() {
            if index > 0 {
                path.push('+');
            }
            path.push_str(words);
        }
    }
}

fn wrong_value(rule: &Rule, message: String) -> BuildError {
    BuildError {
        kind: BuildErrorKind::WrongValue,
        message: format!("could not build a URL for endpoint `{}`: {message}", rule.endpoint),
        hint: None,
    }
}
