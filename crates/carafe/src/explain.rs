//! Why a request is answered as it is: each rule with its reason, for `explain` and the 404 page.

use std::cell::Cell;
use std::fmt;

use ::http::Method;
use serde_json::{Value, json};

use crate::app::Core;
use crate::config::closest;
use crate::request::Shared;
use crate::routing::{Outcome, Reason, RedirectKind, Rule};

/// What routing makes of a request, in words.
pub(crate) struct Explanation {
    pub(crate) request: String,
    pub(crate) verdict: String,
    /// Each rule with its methods, and what became of it.
    pub(crate) tried: Vec<(String, String)>,
    /// How many rules are left out, being too far from the path.
    pub(crate) others: usize,
}

/// As [`explain`], with only those rules that came near: for a page.
pub(crate) fn near(shared: &Shared, host: &str, path: &str, method: &Method) -> Explanation {
    let told = Cell::new(false);
    explain_some(shared, host, path, method, |reason| match reason {
        // The same of every rule.
        Reason::ServerName { .. } => !told.replace(true),
        Reason::Segment { number: 1, found, wanted } => {
            closest(found, std::iter::once(&**wanted)).is_some()
        }
        _ => true,
    })
}

/// Explains what becomes of a request. `path` is decoded.
pub(crate) fn explain(shared: &Shared, host: &str, path: &str, method: &Method) -> Explanation {
    explain_some(shared, host, path, method, |_| true)
}

fn explain_some(
    shared: &Shared,
    host: &str,
    path: &str,
    method: &Method,
    is_told: impl Fn(&Reason) -> bool,
) -> Explanation {
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
    let (told, others): (Vec<_>, Vec<_>) = router
        .explain(host, path, method, false)
        .into_iter()
        .partition(|tried| is_told(&tried.reason));
    let tried = told.into_iter().map(|tried| {
        let rule = router.rule(tried.rule);
        let mark = if matches!(tried.reason, Reason::Answers) { "+" } else { "-" };
        (format!("{mark} {}{}", methods(rule), rule.text()), tried.reason.to_string())
    });
    Explanation {
        request: format!("{method} {path}"),
        verdict,
        tried: tried.collect(),
        others: others.len(),
    }
}

/// A rule as programs read it: for `routes --json` and for the tool.
pub(crate) fn rule_json(core: &Core, rule: &Rule) -> Value {
    let target = core.target_of(rule);
    json!({
        "endpoint": &**rule.endpoint(),
        "methods": rule.methods().map(|methods| {
            methods.into_iter().map(|method| method.to_string()).collect::<Vec<_>>()
        }),
        "rule": rule.text(),
        "host": rule.host(),
        "handler": target.map(|target| &target.handler),
        "file": target.map(|target| target.place.file),
        "line": target.map(|target| target.place.line),
    })
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

impl Explanation {
    /// All but the request, for what has named it already.
    pub(crate) fn write_rules(&self, f: &mut impl fmt::Write) -> fmt::Result {
        writeln!(f, "{}\n", self.verdict)?;
        let width = self.tried.iter().map(|(rule, _)| rule.chars().count()).max().unwrap_or(0);
        for (rule, reason) in &self.tried {
            writeln!(f, "  {rule:width$}  {reason}")?;
        }
        match self.others {
            0 => Ok(()),
            1 => writeln!(f, "  and 1 other rule, which `explain` shows"),
            others => writeln!(f, "  and {others} other rules, which `explain` shows"),
        }
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.request)?;
        self.write_rules(f)
    }
}
