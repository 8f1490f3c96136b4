//! Why each rule did or did not answer: for `carafe explain` and the 404 page, never on a
//! request's usual way.

use std::fmt;

use ::http::Method;

use super::matcher::{Search, Step};
use super::method_set::RequestMethod;
use super::pattern::Captures;
use super::redirect::RedirectKind;
use super::router::Router;
use super::rule::{Rule, RuleId};
use super::segments::Segment;
use super::trie::NodeId;
use crate::few;

/// A rule and what became of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Tried {
    /// The rule.
    pub rule: RuleId,
    /// What became of it; its `Display` is one lower-case line.
    pub reason: Reason,
}

/// What became of a rule.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Reason {
    /// It answers.
    Answers,
    /// It answers with a redirect.
    Redirects(RedirectKind),
    /// It would answer, but another rule comes before it.
    Shadowed {
        /// The rule that answers.
        by: RuleId,
        /// That rule's text.
        text: String,
    },
    /// It only builds URLs.
    BuildOnly,
    /// It is for another host.
    Host {
        /// The request's host or subdomain.
        found: String,
        /// What the rule has.
        wanted: String,
    },
    /// The request is for a host that is not below the server name.
    ServerName {
        /// The request's host.
        found: String,
        /// The server name.
        wanted: String,
    },
    /// A segment of the path is another one, or not of the rule's form.
    Segment {
        /// Which one, counted from 1.
        number: usize,
        /// The path's.
        found: String,
        /// The rule's.
        wanted: String,
    },
    /// A converter does not take a text.
    Refused {
        /// The placeholder, such as `<int:id>`.
        placeholder: String,
        /// The text.
        text: String,
        /// Why not.
        why: String,
    },
    /// The path ends and the rule goes on.
    PathEnds {
        /// The rule's next segment.
        wanted: String,
    },
    /// The rule ends and the path goes on.
    RuleEnds {
        /// The path's next segment.
        found: String,
    },
    /// The path ends with a slash and the rule does not.
    TrailingSlash,
    /// The rule does not have the method.
    Method {
        /// The request's.
        method: Method,
        /// The rule's.
        among: Vec<Method>,
    },
    /// The rule is for websockets and the request is not, or the reverse.
    Websocket {
        /// Whether the rule is for websockets.
        rule: bool,
    },
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answers => f.write_str("it answers"),
            Self::Redirects(kind) => f.write_str(match kind {
                RedirectKind::Slash => "the rule ends with a slash (308 redirect)",
                RedirectKind::Merge => "the path has doubled slashes (308 redirect)",
                RedirectKind::Default => "a shorter rule has these defaults (308 redirect)",
                RedirectKind::Alias => "the rule is an alias (308 redirect)",
                RedirectKind::RedirectTo => "the rule redirects (308 redirect)",
            }),
            Self::Shadowed { text, .. } => write!(f, "the rule `{text}` comes before it"),
            Self::BuildOnly => f.write_str("the rule only builds URLs"),
            Self::Host { found, wanted } if found.is_empty() => {
                write!(f, "the request is for no subdomain, the rule wants `{wanted}`")
            }
            Self::Host { found, wanted } if wanted.is_empty() => {
                write!(f, "the request is for `{found}`, the rule for none")
            }
            Self::ServerName { found, wanted } => {
                write!(
                    f,
                    "the host `{found}` is not `server_name`, which is `{wanted}`, or below it"
                )
            }
            Self::Host { found, wanted } => {
                write!(f, "the host is `{found}`, the rule wants `{wanted}`")
            }
            Self::Segment { number, found, wanted } => {
                write!(f, "segment {number} is `{found}`, the rule wants `{wanted}`")
            }
            Self::Refused { placeholder, text, why } => {
                write!(f, "`{placeholder}` does not take `{text}`: {why}")
            }
            Self::PathEnds { wanted } => {
                write!(f, "the path ends, the rule goes on with `{wanted}`")
            }
            Self::RuleEnds { found } => write!(f, "the rule ends, the path goes on with `{found}`"),
            Self::TrailingSlash => f.write_str("the path ends with a slash, the rule does not"),
            Self::Method { method, among } => {
                let among: Vec<&str> = among.iter().map(Method::as_str).collect();
                write!(f, "method {method} is not among {}", among.join(", "))
            }
            Self::Websocket { rule: true } => f.write_str("the rule is for websockets"),
            Self::Websocket { rule: false } => f.write_str("the rule is not for websockets"),
        }
    }
}

impl Router {
    /// Says for every rule why it does or does not answer a request, in the order in which rules
    /// are tried; those that the search never reaches come where they would have.
    ///
    /// The arguments are those of [`Router::find`].
    #[must_use]
    pub fn explain(&self, host: &str, path: &str, method: &Method, websocket: bool) -> Vec<Tried> {
        let (winner, path) = self.winner(host, path, method, websocket);
        let part = self.host_part(host);
        let foreign = match (&part, self.hosts, &self.server_name) {
            (None, Some(_), Some(name)) => {
                Some(Reason::ServerName { found: host.to_owned(), wanted: name.clone() })
            }
            _ => None,
        };
        let host = self.hosts.map(|_| part.unwrap_or_default().into_owned());
        let question = Question { router: self, host, path, method, websocket };
        let reason =
            |rule: &Rule| match (foreign.clone().or_else(|| question.refuses(rule)), &winner) {
                (Some(reason), _) => reason,
                (None, Some((id, _))) if *id != rule.id => {
                    Reason::Shadowed { by: *id, text: self.rule(*id).text().to_owned() }
                }
                (None, Some((_, reason))) => reason.clone(),
                (None, None) => Reason::Answers,
            };
        let order = question.order();
        order.into_iter().map(|id| Tried { rule: id, reason: reason(self.rule(id)) }).collect()
    }

    /// The rule that answers and how, and the path, without its leading slash, that it answers.
    fn winner(
        &self,
        host: &str,
        path: &str,
        method: &Method,
        websocket: bool,
    ) -> (Option<(RuleId, Reason)>, String) {
        let request = RequestMethod::new(method);
        let mut search = Search::new(self, host, path, request, websocket);
        let winner = match search.run() {
            Step::Slash(id) => Some((id, Reason::Redirects(RedirectKind::Slash))),
            Step::Found(id) => {
                let redirect = self.redirect(self.rule(id), &search.values, path, request);
                let reason = redirect.map_or(Reason::Answers, |it| Reason::Redirects(it.kind));
                Some((id, reason))
            }
            Step::No if self.settings.merge_slashes => {
                if let Some((step, merged)) = search.run_merged()
                    && let Some(id) = self.merges(step)
                {
                    let merged = merged.trim_start_matches('/').to_owned();
                    return (Some((id, Reason::Redirects(RedirectKind::Merge))), merged);
                }
                None
            }
            Step::No => None,
        };
        (winner, path.trim_start_matches('/').to_owned())
    }
}

/// A request, asked of each rule on its own.
struct Question<'a> {
    router: &'a Router,
    /// The part that rules are compared with, if they are.
    host: Option<String>,
    /// Without its leading slash.
    path: String,
    method: &'a Method,
    websocket: bool,
}

impl Question<'_> {
    /// All rules in the order in which a search that never succeeds would come to them.
    fn order(&self) -> Vec<RuleId> {
        let mut order = Vec::new();
        if let Some(hosts) = self.router.hosts {
            self.visit(hosts, self.host.as_deref(), &mut order);
        }
        self.visit(self.router.top, Some(&self.path), &mut order);
        order.extend(self.router.rules().filter(|rule| rule.build_only).map(Rule::id));
        order
    }

    fn visit(&self, id: NodeId, rest: Option<&str>, order: &mut Vec<RuleId>) {
        let trie = &self.router.trie;
        let node = trie.node(id);
        order.extend(&node.rules);
        let is_host = self.router.hosts == Some(id);
        let (segment, after) = match rest {
            Some(host) if is_host => (Some(host), Some(self.path.as_str())),
            Some(rest) => match rest.split_once('/') {
                Some((segment, after)) => (Some(segment), Some(after)),
                None => (Some(rest), None),
            },
            None => (None, None),
        };
        let mut children: Vec<(&str, NodeId)> = node.children().collect();
        // The matching one first, and then, behind the patterns, the others by name.
        few::sort_by(&mut children, |(a, _), (b, _)| {
            (Some(*a) != segment, *a).cmp(&(Some(*b) != segment, *b))
        });
        let fits = children.first().is_some_and(|(text, _)| Some(*text) == segment);
        let (same, others) = children.split_at(usize::from(fits));
        for (_, child) in same {
            self.visit(*child, after, order);
        }
        for edge in &node.edges {
            let after = if edge.pattern.is_final { None } else { after };
            self.visit(edge.node, after, order);
        }
        for (_, child) in others {
            self.visit(*child, after, order);
        }
    }

    /// Why a rule does not answer, whatever other rules do.
    fn refuses(&self, rule: &Rule) -> Option<Reason> {
        if rule.build_only {
            return Some(Reason::BuildOnly);
        }
        let mut taken = Vec::new();
        if let Some(reason) = self.refuses_host(rule, &mut taken) {
            return Some(reason);
        }
        self.refuses_path(rule, &mut taken)
            .or_else(|| refuses_values(rule, &taken))
            .or_else(|| self.refuses_method(rule))
    }

    fn refuses_host(&self, rule: &Rule, taken: &mut Vec<String>) -> Option<Reason> {
        let host = self.host.as_deref()?;
        let wanted = rule.host().unwrap_or_default();
        let fits = match rule.host_segment.as_ref()? {
            Segment::Static(text) => text == host,
            Segment::Dynamic { pattern, .. } => {
                let mut captures = Captures::default();
                let fits = pattern.matches(host, 0, &mut captures);
                taken.extend((0..captures.len()).map(|i| host[captures.get(i).range()].to_owned()));
                fits
            }
        };
        (!fits).then(|| Reason::Host { found: host.to_owned(), wanted: wanted.to_owned() })
    }

    fn refuses_path(&self, rule: &Rule, taken: &mut Vec<String>) -> Option<Reason> {
        let mut rest = Some(self.path.as_str());
        for (index, segment) in rule.segments.iter().enumerate() {
            let number = index + 1;
            let Some(text) = rest else {
                return match segment {
                    // A slash is missing at the end, which a redirect adds.
                    Segment::Static(wanted) if wanted.is_empty() => None,
                    Segment::Static(wanted) | Segment::Dynamic { source: wanted, .. } => {
                        Some(Reason::PathEnds { wanted: wanted.clone() })
                    }
                };
            };
            let (found, after) = match text.split_once('/') {
                Some((found, after)) => (found, Some(after)),
                None => (text, None),
            };
            match segment {
                Segment::Static(wanted) if wanted == found => rest = after,
                Segment::Static(wanted) if wanted.is_empty() => {
                    return Some(Reason::RuleEnds { found: found.to_owned() });
                }
                Segment::Static(wanted) if found.is_empty() && after.is_none() => {
                    return Some(Reason::PathEnds { wanted: wanted.clone() });
                }
                Segment::Static(wanted) => {
                    let (found, wanted) = (found.to_owned(), wanted.clone());
                    return Some(Reason::Segment { number, found, wanted });
                }
                Segment::Dynamic { pattern, source } => {
                    let (whole, left) = match text.strip_suffix('/') {
                        _ if !pattern.is_final => (found, after),
                        Some(body) if pattern.ends_with_slash => (body, Some("")),
                        _ => (text, None),
                    };
                    let doubled = pattern.ends_with_slash && whole.ends_with('/');
                    let mut captures = Captures::default();
                    if doubled || !pattern.matches(whole, 0, &mut captures) {
                        return Some(wrong_form(rule, segment, source, whole, number, taken.len()));
                    }
                    let texts = (0..captures.len()).map(|i| &whole[captures.get(i).range()]);
                    taken.extend(texts.map(str::to_owned));
                    rest = left;
                }
            }
        }
        match rest {
            None => None,
            Some("") if !rule.strict_slashes => None,
            Some("") => Some(Reason::TrailingSlash),
            Some(rest) => {
                let found = rest.split('/').next().unwrap_or_default().to_owned();
                Some(Reason::RuleEnds { found })
            }
        }
    }

    fn refuses_method(&self, rule: &Rule) -> Option<Reason> {
        if !rule.allows(self.method) {
            let among = rule.methods().unwrap_or_default();
            return Some(Reason::Method { method: self.method.clone(), among });
        }
        (rule.websocket != self.websocket).then_some(Reason::Websocket { rule: rule.websocket })
    }
}

/// The text is not of the form of a segment with placeholders.
fn wrong_form(
    rule: &Rule,
    segment: &Segment,
    source: &str,
    found: &str,
    number: usize,
    argument: usize,
) -> Reason {
    let argument = rule.arguments.get(argument);
    if found.is_empty() {
        return Reason::PathEnds { wanted: source.to_owned() };
    }
    match (segment, argument) {
        // Nothing but one placeholder: its converter knows more.
        (Segment::Dynamic { pattern, source }, Some(argument))
            if pattern.count() == 1 && **source == *argument.placeholder =>
        {
            Reason::Refused {
                placeholder: source.clone(),
                text: found.to_owned(),
                why: argument.taker.why_not(found),
            }
        }
        _ => Reason::Segment { number, found: found.to_owned(), wanted: source.to_owned() },
    }
}

fn refuses_values(rule: &Rule, taken: &[String]) -> Option<Reason> {
    let mut both = rule.arguments.iter().zip(taken);
    let (argument, text) =
        both.find(|(argument, text)| argument.taker.take(text, Default::default()).is_none())?;
    Some(Reason::Refused {
        placeholder: argument.placeholder.to_string(),
        text: text.clone(),
        why: argument.taker.why_not(text),
    })
}
