//! A rule: its options as an app gives them, and what becomes of them once it is in a map.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use ::http::Method;

use super::builtin::{IntRange, Taker};
use super::converter::ValueType;
use super::method_set::MethodSet;
use super::segments::Segment;
use super::url_value::UrlValue;
use super::value::{DefaultValue, PathValue, Values};

/// A rule of one map; ids count up from 0 in the order of registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RuleId(pub(crate) u32);

impl RuleId {
    /// The rule's place in [`Router::rules`](super::Router::rules).
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// Everything that can be said about a rule when it is added to a [`Map`](super::Map).
#[derive(Clone, Debug)]
pub struct RuleSpec {
    /// The rule, such as `/users/<int:id>`.
    pub rule: String,
    /// The name that URLs are built by.
    pub endpoint: Arc<str>,
    /// The methods; `None` means any. `HEAD` comes with `GET`.
    pub methods: Option<Vec<Method>>,
    /// Values that do not stand in the path.
    pub defaults: Vec<(String, DefaultValue)>,
    /// Whether `/a` redirects to a rule `/a/`, instead of being answered by it; `None` means the
    /// map's setting.
    pub strict_slashes: Option<bool>,
    /// Whether a path with doubled slashes redirects to this rule; `None` means the map's setting.
    pub merge_slashes: Option<bool>,
    /// The subdomain, which may have placeholders; `None` means none.
    pub subdomain: Option<String>,
    /// The host, which may have placeholders; `None` means any.
    pub host: Option<String>,
    /// Redirect instead of calling a view.
    pub redirect_to: Option<RedirectTo>,
    /// Redirect to the endpoint's canonical rule.
    pub alias: bool,
    /// Only build URLs, never match.
    pub build_only: bool,
    /// Match websocket requests instead of others.
    pub websocket: bool,
    /// Whether the app answers `OPTIONS` for this rule; `None` means the map's setting, unless
    /// `methods` has `OPTIONS`.
    pub provide_automatic_options: Option<bool>,
    /// The source file that registers the rule.
    pub file: &'static str,
    /// The line that does.
    pub line: u32,
    /// The index into the app's table of views.
    pub target: usize,
    /// Which whole numbers the view's arguments can hold, by name.
    pub narrow: Vec<(String, IntRange)>,
}

impl RuleSpec {
    /// A rule for any method without further options.
    #[must_use]
    pub fn new(rule: impl Into<String>, endpoint: impl Into<Arc<str>>, target: usize) -> Self {
        Self {
            rule: rule.into(),
            endpoint: endpoint.into(),
            methods: None,
            defaults: Vec::new(),
            strict_slashes: None,
            merge_slashes: None,
            subdomain: None,
            host: None,
            redirect_to: None,
            alias: false,
            build_only: false,
            websocket: false,
            provide_automatic_options: None,
            file: "",
            line: 0,
            target,
            narrow: Vec::new(),
        }
    }
}

/// Where a rule redirects to.
#[derive(Clone)]
#[non_exhaustive]
pub enum RedirectTo {
    /// A path below the app's root, or a whole URL, with the rule's placeholders: `new/<id>`.
    Template(String),
    /// Computed from the match; a path below the app's root, or a whole URL.
    Function(RedirectFunction),
}

/// Computes the target of a redirect.
pub type RedirectFunction = Arc<dyn Fn(&Matched<'_>) -> String + Send + Sync>;

impl From<&str> for RedirectTo {
    #[inline]
    fn from(template: &str) -> RedirectTo {
        RedirectTo::Template(template.to_owned())
    }
}

impl From<String> for RedirectTo {
    #[inline]
    fn from(template: String) -> RedirectTo {
        RedirectTo::Template(template)
    }
}

impl<F: Fn(&Matched<'_>) -> String + Send + Sync + 'static> From<F> for RedirectTo {
    #[inline]
    fn from(function: F) -> RedirectTo {
        RedirectTo::Function(Arc::new(function))
    }
}

impl fmt::Debug for RedirectTo {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Template(template) => write!(f, "Template({template:?})"),
            Self::Function(_) => f.write_str("Function(..)"),
        }
    }
}

/// A matched rule with its values, by name.
#[derive(Clone, Copy, Debug)]
pub struct Matched<'a> {
    /// The rule.
    pub rule: &'a Rule,
    /// Its values.
    pub values: &'a Values,
    /// The decoded path.
    pub path: &'a str,
}

impl<'a> Matched<'a> {
    /// The value of `name`.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&'a PathValue> {
        self.values.get(self.rule.position(name)?)
    }

    /// The value of `name` as text: a number without the zeros of `fixed_digits`. A value of an
    /// app's own converter is told as in a URL.
    #[must_use]
    #[inline]
    pub fn value_text(&self, name: &str) -> Option<String> {
        let plain = UrlValue::from_path(self.value(name)?, self.path).to_text();
        plain.or_else(|| self.text(name).map(Cow::into_owned))
    }

    /// The text of `name` as it would stand in a URL, decoded.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<Cow<'a, str>> {
        let value = self.value(name)?;
        if let Some(text) = value.text(self.path) {
            return Some(text.into());
        }
        let value = UrlValue::from_path(value, self.path);
        let text = match self.rule.argument(name) {
            Some(argument) => argument.taker.url(&value).ok(),
            None => value.to_text(),
        };
        text.map(Into::into)
    }
}

/// A rule of a map, ready to match and to build.
#[derive(Clone, Debug)]
pub struct Rule {
    pub(crate) id: RuleId,
    pub(crate) text: Box<str>,
    pub(crate) endpoint: Arc<str>,
    pub(crate) methods: MethodSet,
    /// Without what was added: `HEAD`, `OPTIONS`.
    pub(crate) declared: MethodSet,
    /// The host's come first.
    pub(crate) arguments: Vec<RuleArgument>,
    pub(crate) host_arguments: usize,
    pub(crate) defaults: Vec<RuleDefault>,
    pub(crate) value_count: usize,
    pub(crate) strict_slashes: bool,
    pub(crate) merge_slashes: bool,
    pub(crate) alias: bool,
    pub(crate) build_only: bool,
    pub(crate) websocket: bool,
    pub(crate) automatic_options: bool,
    /// The host or the subdomain.
    pub(crate) host: Option<Box<str>>,
    pub(crate) host_segment: Option<Segment>,
    pub(crate) segments: Vec<Segment>,
    pub(crate) host_url: Vec<UrlPart>,
    pub(crate) path_url: Vec<UrlPart>,
    pub(crate) redirect_to: Option<RedirectTo>,
    /// Rules with defaults for this one, to which it redirects if the values are those defaults.
    pub(crate) default_redirects: Vec<RuleId>,
    /// Matching this rule may mean a redirect.
    pub(crate) may_redirect: bool,
    pub(crate) location: (&'static str, u32),
    pub(crate) target: usize,
}

/// A placeholder of a rule.
#[derive(Clone, Debug)]
pub(crate) struct RuleArgument {
    pub(crate) name: Box<str>,
    pub(crate) taker: Taker,
    /// As written, such as `<int:id>`.
    pub(crate) placeholder: Box<str>,
}

/// A default of a rule, and the place of its value among all values.
#[derive(Clone, Debug)]
pub(crate) struct RuleDefault {
    pub(crate) name: Box<str>,
    pub(crate) value: DefaultValue,
    pub(crate) position: usize,
}

/// A piece of a URL to build.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum UrlPart {
    /// Text, encoded.
    Text(String),
    /// The argument with this index.
    Argument(usize),
}

impl Rule {
    /// The id.
    #[must_use]
    pub fn id(&self) -> RuleId {
        self.id
    }

    /// The rule as written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The name that URLs are built by.
    #[must_use]
    pub fn endpoint(&self) -> &Arc<str> {
        &self.endpoint
    }

    /// The methods, with `HEAD` and `OPTIONS` where they were added; `None` means any.
    #[must_use]
    pub fn methods(&self) -> Option<Vec<Method>> {
        self.methods.list()
    }

    /// Whether the rule takes `method`.
    #[must_use]
    pub fn allows(&self, method: &Method) -> bool {
        self.methods.contains(method)
    }

    /// The names of the values, in the order of [`Values`]: placeholders of the host, of the path,
    /// then defaults that no placeholder names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let arguments = self.arguments.iter().map(|argument| &*argument.name);
        arguments.chain(self.added_defaults().map(|default| &*default.name))
    }

    /// Where the value of `name` is in [`Values`].
    #[must_use]
    pub fn position(&self, name: &str) -> Option<usize> {
        self.names().position(|other| other == name)
    }

    /// The type of the value of `name`.
    #[must_use]
    pub fn value_type(&self, name: &str) -> Option<ValueType> {
        if let Some(default) = self.default(name) {
            return Some(match default {
                DefaultValue::Int(_) => ValueType::Int,
                DefaultValue::Float(_) => ValueType::Float,
                DefaultValue::Bool(_) => ValueType::Bool,
                DefaultValue::Text(_) => ValueType::Text,
                DefaultValue::Uuid(_) => ValueType::Uuid,
            });
        }
        self.argument(name).map(|argument| argument.taker.value_type())
    }

    /// The default of `name`.
    #[must_use]
    pub fn default(&self, name: &str) -> Option<&DefaultValue> {
        self.defaults.iter().find(|default| &*default.name == name).map(|default| &default.value)
    }

    /// The names that have defaults, with their defaults.
    pub fn defaults(&self) -> impl Iterator<Item = (&str, &DefaultValue)> {
        self.defaults.iter().map(|default| (&*default.name, &default.value))
    }

    /// The host or the subdomain as written.
    #[must_use]
    pub fn host(&self) -> Option<&str> {
        self.host.as_deref()
    }

    /// Whether the rule answers websocket requests.
    #[must_use]
    pub fn is_websocket(&self) -> bool {
        self.websocket
    }

    /// Whether the rule redirects to the endpoint's canonical rule.
    #[must_use]
    pub fn is_alias(&self) -> bool {
        self.alias
    }

    /// Whether the rule only builds URLs.
    #[must_use]
    pub fn is_build_only(&self) -> bool {
        self.build_only
    }

    /// Whether the app is to answer `OPTIONS` instead of the view.
    #[must_use]
    pub fn automatic_options(&self) -> bool {
        self.automatic_options
    }

    /// Whether `/a` redirects to a rule `/a/`, instead of being answered by it.
    #[must_use]
    pub fn strict_slashes(&self) -> bool {
        self.strict_slashes
    }

    /// Where the rule redirects to.
    #[must_use]
    pub fn redirect_to(&self) -> Option<&RedirectTo> {
        self.redirect_to.as_ref()
    }

    /// The source file and the line that registered the rule.
    #[must_use]
    pub fn location(&self) -> (&'static str, u32) {
        self.location
    }

    /// The index into the app's table of views.
    #[must_use]
    pub fn target(&self) -> usize {
        self.target
    }

    pub(crate) fn argument(&self, name: &str) -> Option<&RuleArgument> {
        self.arguments.iter().find(|argument| &*argument.name == name)
    }

    /// Whether URLs for this rule need, or know, a value of this name.
    pub(crate) fn knows(&self, name: &str) -> bool {
        self.argument(name).is_some() || self.default(name).is_some()
    }

    fn added_defaults(&self) -> impl Iterator<Item = &RuleDefault> {
        self.defaults.iter().filter(|default| default.position >= self.arguments.len())
    }

    /// Whether both have the same names, from placeholders and defaults.
    fn has_names_of(&self, other: &Self) -> bool {
        self.value_count == other.value_count && self.names().all(|name| other.knows(name))
    }

    /// Whether this rule is the short form of `other` for some values.
    pub(crate) fn provides_defaults_for(&self, other: &Self) -> bool {
        !self.build_only
            && !self.defaults.is_empty()
            && self.endpoint == other.endpoint
            && self.has_names_of(other)
            && (&self.host_url, &self.path_url) != (&other.host_url, &other.path_url)
    }

    /// The order in which rules of one endpoint are tried when building, smallest first.
    pub(crate) fn build_key(&self) -> (bool, std::cmp::Reverse<usize>, std::cmp::Reverse<usize>) {
        use std::cmp::Reverse;
        (self.alias, Reverse(self.value_count), Reverse(self.defaults.len()))
    }
}
