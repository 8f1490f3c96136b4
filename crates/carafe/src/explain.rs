//! Why a request is answered as it is: each rule with its reason, for `explain` and the 404 page.

use std::fmt;

use ::http::Method;

use crate::app::Core;
use crate::request::Shared;
use crate::routing::{Outcome, Reason, RedirectKind, Rule};

/// What routing makes of a request, in words.
pub(crate) struct Explanation {
    request: String,
    verdict: String,
    /// The rules that fit or came near, then how many others there are.
    tried: Vec<(String, String)>,
}

/// Explains what becomes of a request. `path` is decoded.
pub(crate) fn explain(shared: &Shared, host: &str, path: &str, method: &Method) -> Explanation {
    let core = Core::of_shared(shared);
    let router = &shared.router;
    let verdict = match router.find(host, path, method, false) {
        Outcome::Found(found) => {
            let rule = router.rule(found.rule);
            let (endpoint, text) = (rule.endpoint(), rule.text());
            match core.target_of(rule) {
                Some(target) if !target.handler.is_empty() => format!(
                    "the rule `{text}` answers: endpoint `{endpoint}`, handler {} at {}",
                    target.handler, target.place
                ),
                _ => format!("the rule `{text}` answers: endpoint `{endpoint}`"),
            }
        }
        Outcome::Redirect(redirect) => {
            let why = match redirect.kind {
                RedirectKind::Slash => "the rule ends with a slash",
                RedirectKind::Merge => "doubled slashes are merged",
                RedirectKind::Default => "these values are the defaults of a shorter rule",
                RedirectKind::Alias => "the rule is an alias",
                _ => "the rule redirects",
            };
            format!("{} to `{}`: {why}", redirect.code, redirect.path)
        }
        Outcome::MethodNotAllowed { allow } => {
            let names: Vec<&str> = allow.iter().map(Method::as_str).collect();
            format!("405 Method Not Allowed: this path takes {}", names.join(", "))
        }
        Outcome::WebsocketMismatch => "400 Bad Request: this path is for websockets".to_owned(),
        _ => "404 Not Found: no rule fits".to_owned(),
    };
    let tried = router.explain(host, path, method, false).into_iter().map(|tried| {
        let rule = router.rule(tried.rule);
        let mark = if matches!(tried.reason, Reason::Answers) { "+" } else { "-" };
        (format!("{mark} {}{}", methods(rule), rule.text()), tried.reason.to_string())
    });
    Explanation { request: format!("{method} {path}"), verdict, tried: tried.collect() }
}

/// The methods that a rule was given, such as `GET `; those that come by themselves are left out.
fn methods(rule: &Rule) -> String {
    let mut text = String::new();
    for method in rule.methods().into_iter().flatten() {
        if method != Method::HEAD && method != Method::OPTIONS {
            text.push_str(method.as_str());
            text.push(' ');
        }
    }
    text
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{}\n", self.request, self.verdict)?;
        let width = self.tried.iter().map(|(rule, _)| rule.chars().count()).max().unwrap_or(0);
        for (rule, reason) in &self.tried {
            writeln!(f, "  {rule:width$}  {reason}")?;
        }
        Ok(())
    }
}
