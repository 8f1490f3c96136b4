//! Redirects that routing itself answers with.

use ::http::Method;

use super::method_set::RequestMethod;
use super::router::{Outcome, Router};
use super::rule::{Matched, RedirectTo, Rule};
use super::url_for::{BuildOptions, Built, encode_path};
use super::url_value::{BuildValues, UrlValue};
use super::value::Values;

/// A redirect to the URL that should have been asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirect {
    /// The path, percent-encoded, below the app's root and without the request's query. A whole
    /// URL if [`Redirect::is_absolute`].
    pub path: String,
    /// The host, if it is not the request's.
    pub host: Option<String>,
    /// The status code, always 308: the method and the body stay.
    pub code: u16,
    /// Why.
    pub kind: RedirectKind,
}

/// Why routing redirects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RedirectKind {
    /// The rule ends with a slash.
    Slash,
    /// The path has doubled slashes.
    Merge,
    /// The values are the defaults of a shorter rule.
    Default,
    /// The rule is an alias.
    Alias,
    /// The rule redirects.
    RedirectTo,
}

impl Redirect {
    /// Whether the request's query is to be kept; all but `redirect_to` keep it, as in Flask.
    #[must_use]
    pub fn keeps_query(&self) -> bool {
        self.kind != RedirectKind::RedirectTo
    }

    /// Whether `path` is a whole URL, from a rule's `redirect_to`.
    #[must_use]
    pub fn is_absolute(&self) -> bool {
        !self.path.starts_with('/')
    }

    /// A redirect on the same host to a decoded path.
    pub(crate) fn outcome(kind: RedirectKind, path: &str) -> Outcome {
        let path = rooted(encode_path(path));
        Outcome::Redirect(Box::new(Self { path, host: None, code: 308, kind }))
    }

    fn built(kind: RedirectKind, built: Built) -> Self {
        Self { path: built.path, host: built.host, code: 308, kind }
    }
}

impl Router {
    /// The redirect that a match means, if it does.
    #[cold]
    #[inline(never)]
    pub(crate) fn redirect(
        &self,
        rule: &Rule,
        values: &Values,
        path: &str,
        method: RequestMethod<'_>,
    ) -> Option<Redirect> {
        if rule.alias && self.settings.redirect_defaults {
            // Without a canonical rule the alias answers itself.
            return self.redirect_alias(rule, values, path, method.method());
        }
        if let Some(redirect) = self.redirect_default(rule, values, path, method) {
            return Some(redirect);
        }
        let matched = Matched { rule, values, path };
        let target = match rule.redirect_to.as_ref()? {
            RedirectTo::Template(template) => fill_template(template, &matched),
            RedirectTo::Function(function) => match function(&matched) {
                url if is_whole_url(&url) => url,
                path => rooted(path),
            },
        };
        Some(Redirect { path: target, host: None, code: 308, kind: RedirectKind::RedirectTo })
    }

    fn redirect_alias(
        &self,
        rule: &Rule,
        values: &Values,
        path: &str,
        method: &Method,
    ) -> Option<Redirect> {
        let options =
            BuildOptions { method: Some(method), append_unknown: false, ..BuildOptions::default() };
        let values = named(rule, values, path);
        let built = self.build(&rule.endpoint, &values, &options).ok()?;
        (built.rule != rule.id).then(|| Redirect::built(RedirectKind::Alias, built))
    }

    fn redirect_default(
        &self,
        rule: &Rule,
        values: &Values,
        path: &str,
        method: RequestMethod<'_>,
    ) -> Option<Redirect> {
        let fits = |shorter: &Rule| {
            shorter.methods.allows(method)
                && shorter.defaults.iter().all(|default| {
                    let value = rule.position(&default.name).and_then(|index| values.get(index));
                    value.is_some_and(|value| default.value.equals(value, path))
                })
        };
        let shorter = rule.default_redirects.iter().map(|id| self.rule(*id)).find(|r| fits(r))?;
        let built = self.build_rule(shorter, &named(rule, values, path), false).ok()?;
        Some(Redirect::built(RedirectKind::Default, built))
    }
}

fn named<'a>(rule: &'a Rule, values: &Values, path: &'a str) -> BuildValues<'a> {
    rule.names().zip(values).map(|(name, value)| (name, UrlValue::from_path(value, path))).collect()
}

/// The names between `<` and `>` in a template.
pub(crate) fn template_names(template: &str) -> impl Iterator<Item = &str> {
    template.split('<').skip(1).filter_map(|rest| rest.split_once('>').map(|(name, _)| name))
}

fn fill_template(template: &str, matched: &Matched<'_>) -> String {
    let mut filled = String::new();
    let mut rest = template;
    while let Some((before, (name, after))) =
        rest.split_once('<').and_then(|(before, tail)| Some((before, tail.split_once('>')?)))
    {
        filled.push_str(before);
        filled.push_str(&encode_path(&matched.text(name).unwrap_or_default()));
        rest = after;
    }
    filled.push_str(rest);
    // The template decides whether it leads away: a value such as `https://…` must not.
    if is_whole_url(template) { filled } else { rooted(filled) }
}

fn is_whole_url(url: &str) -> bool {
    let scheme_length = url.bytes().take_while(u8::is_ascii_alphabetic).count();
    scheme_length > 0 && url[scheme_length..].starts_with("://")
}

/// The path with exactly one slash in front, since two would start a host.
fn rooted(path: String) -> String {
    let bare = path.trim_start_matches(['/', '\\']);
    if path.starts_with('/') && path.len() == bare.len() + 1 { path } else { format!("/{bare}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_paths() {
        let check = |path: &str, expected: &str| assert_eq!(rooted(path.to_owned()), expected);
        check("a", "/a");
        check("/a", "/a");
        check("//evil.example/", "/evil.example/");
        check("/\\evil.example", "/evil.example");
        check("", "/");
        check("/", "/");
    }

    #[test]
    fn knows_whole_urls() {
        for url in ["https://a/", "http://a"] {
            assert!(is_whole_url(url), "{url}");
        }
        for path in ["a", "/https://a", "<x>://a", "://a", "a:b"] {
            assert!(!is_whole_url(path), "{path}");
        }
    }
}
