//! What `check` finds in templates and in the app's sources: `render!` of templates that are not
//! there, and `url_for` of endpoints that nobody has.
//!
//! `url_for!(handler)` needs no look: the compiler checks it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::app::Site;
use crate::config::closest;
use crate::few;
use crate::routing::{Router, Rule};
use crate::templates::UrlCall;

/// The mistakes in the app's templates, one line each.
pub(crate) fn templates(site: &Site) -> Vec<String> {
    let router = &site.shared.router;
    let problems = site.core.templates.check(&|call| url_problem(router, call));
    problems.iter().map(ToString::to_string).collect()
}

/// What is wrong with a template's `url_for`, and what to do about it.
fn url_problem(router: &Router, call: &UrlCall<'_>) -> Option<(String, Option<String>)> {
    let endpoint = call.endpoint;
    if let Some(name) = endpoint.strip_prefix('.') {
        // Which blueprint is meant is only known while one of its pages is rendered.
        let last = |rule: &Rule| rule.endpoint().rsplit('.').next() == Some(name);
        let known = router.rules().any(last);
        return (!known).then(|| (format!("no blueprint has the endpoint `{name}`"), None));
    }
    let lacks = |rule: &Rule| {
        let given = |name: &str| call.values.contains(&name) || rule.default(name).is_some();
        rule.names().find(|name| !given(name)).map(str::to_owned)
    };
    let mut missing = None;
    for rule in router.rules_of(endpoint) {
        missing = Some(lacks(rule)?);
    }
    match missing {
        Some(_) if call.has_more => None,
        Some(name) => {
            let words = format!("the URL of `{endpoint}` needs the value `{name}`");
            Some((words, Some(format!("write `url_for('{endpoint}', {name}=..)`"))))
        }
        None => {
            let known = router.rules().map(|rule| &**rule.endpoint());
            let hint = closest(endpoint, known).map(|name| format!("did you mean `{name}`?"));
            Some((format!("there is no endpoint `{endpoint}`"), hint))
        }
    }
}

/// The mistakes in the Rust sources below a crate's folder, one line each.
pub(crate) fn sources(site: &Site, folder: &Path) -> Vec<String> {
    let (templates, router) = (&site.core.templates, &site.shared.router);
    let known = templates.names();
    let or_hint = |words: String, hint: Option<&str>| match hint {
        Some(name) => format!("{words}; did you mean `{name}`?"),
        None => words,
    };
    let mut problems = Vec::new();
    for file in rust_files(&folder.join("src")) {
        let Ok(text) = fs::read_to_string(&file) else { continue };
        let shown = file.strip_prefix(folder).unwrap_or(&file).display().to_string();
        for call in calls(&text) {
            let at = format!("{shown}:{}", call.line);
            match call.name {
                "render" | "stream" | "stream_template" if !known.contains(&call.argument) => {
                    let words = format!("{at}: there is no template `{}`", call.argument);
                    let near = closest(&call.argument, known.iter().map(String::as_str));
                    problems.push(or_hint(words, near));
                }
                "render_string" | "stream_template_string" => {
                    let found =
                        templates.check_string(&call.argument, &|it| url_problem(router, it));
                    problems.extend(found.iter().map(|problem| format!("{at}: {problem}")));
                }
                "url_for"
                    if !call.argument.starts_with('.')
                        && router.rules_of(&call.argument).next().is_none() =>
                {
                    let words = format!("{at}: there is no endpoint `{}`", call.argument);
                    let endpoints = router.rules().map(|rule| &**rule.endpoint());
                    problems.push(or_hint(words, closest(&call.argument, endpoints)));
                }
                _ => {}
            }
        }
    }
    problems
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    few::sort_by(&mut found, PathBuf::cmp);
    found
}

/// A call such as `render!("index.html", ..)`, with a text as its first argument.
#[derive(Debug, PartialEq, Eq)]
struct Call<'a> {
    name: &'a str,
    argument: String,
    line: usize,
}

/// What `sources` looks at: macros, and functions whose names nobody else has.
const CALLS: [&str; 6] =
    ["render", "render_string", "stream", "stream_template", "stream_template_string", "url_for"];

/// The calls that `sources` looks at, outside comments and other texts.
fn calls(source: &str) -> Vec<Call<'_>> {
    let mut calls = Vec::new();
    let mut scan = Scan { source, at: 0 };
    while let Some(c) = scan.rest().chars().next() {
        if scan.skip_comment_or_text() {
            continue;
        }
        if c.is_alphanumeric() || c == '_' {
            let name = scan.word();
            let line = source[..scan.at].lines().count();
            if CALLS.contains(&name)
                && let Some(argument) = scan.text_argument(name)
            {
                calls.push(Call { name, argument, line });
            }
        } else {
            scan.at += c.len_utf8();
        }
    }
    calls
}

/// A place in a source text.
struct Scan<'a> {
    source: &'a str,
    at: usize,
}

impl<'a> Scan<'a> {
    fn rest(&self) -> &'a str {
        &self.source[self.at..]
    }

    fn word(&mut self) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    /// Skips to the end of a comment or a text that begins here.
    fn skip_comment_or_text(&mut self) -> bool {
        let rest = self.rest();
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if rest.starts_with('"') {
            text_length(rest)
        } else if rest.starts_with("r\"") || rest.starts_with("r#") {
            raw_text_length(rest)
        } else if rest.starts_with("'\"'") {
            3
        } else {
            return false;
        };
        self.at += length.max(1);
        true
    }

    /// The text in `!("text"`, or `("text"` of a function, that follows a name.
    fn text_argument(&mut self, name: &str) -> Option<String> {
        let rest = match name.starts_with("stream_template") {
            true => self.rest(),
            false => self.rest().strip_prefix('!')?.trim_start(),
        };
        let rest = rest.strip_prefix(['(', '[', '{'])?.trim_start();
        let (length, text) = if rest.starts_with('"') {
            let length = text_length(rest);
            (length, unescaped(&rest[1..length.max(2) - 1]))
        } else if rest.starts_with("r\"") || rest.starts_with("r#\"") {
            let length = raw_text_length(rest);
            let inner = rest[1..length].trim_matches('#');
            (length, inner.trim_start_matches('"').trim_end_matches('"').to_owned())
        } else {
            return None;
        };
        self.at = self.source.len() - rest.len() + length;
        Some(text)
    }
}

/// What a text literal means, without its quotes.
fn unescaped(inner: &str) -> String {
    let mut text = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some((before, after)) = rest.split_once('\\') {
        text.push_str(before);
        let Some(c) = after.chars().next() else { break };
        rest = &after[c.len_utf8()..];
        match c {
            // A line that goes on.
            '\n' => rest = rest.trim_start(),
            'n' => text.push('\n'),
            't' => text.push('\t'),
            'r' => text.push('\r'),
            _ => text.push(c),
        }
    }
    text.push_str(rest);
    text
}

/// The length of a text literal with its quotes.
fn text_length(rest: &str) -> usize {
    let mut escaped = false;
    for (i, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return i + 1,
            _ => {}
        }
    }
    rest.len()
}

fn raw_text_length(rest: &str) -> usize {
    let hashes = rest[1..].chars().take_while(|c| *c == '#').count();
    let close = format!("\"{}", "#".repeat(hashes));
    let start = hashes + 2;
    match rest.get(start..).and_then(|inner| inner.find(&close)) {
        Some(end) => start + end + close.len(),
        // `r#ident`, not a text.
        None => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_calls_outside_comments_and_texts() {
        let check = |source: &str, expected: &[(&str, &str, usize)]| {
            let found = calls(source);
            let found: Vec<_> =
                found.iter().map(|call| (call.name, call.argument.as_str(), call.line)).collect();
            assert_eq!(found, expected, "{source}");
        };
        check("render!(\"a.html\", x: 1)", &[("render", "a.html", 1)]);
        check("\n  render! [ \"a.html\" ]", &[("render", "a.html", 2)]);
        check("url_for!(\"admin.index\", id = 1)", &[("url_for", "admin.index", 1)]);
        check("url_for!(index)", &[]);
        check("// render!(\"a.html\")\n/* render!(\"b\") */", &[]);
        check("let s = \"render!(\\\"a.html\\\")\"; render!(\"b\")", &[("render", "b", 1)]);
        check("r#\"render!(\"a\")\"# '\"' render!(\"c\")", &[("render", "c", 1)]);
        check("my_render!(\"a\")", &[]);
        check("stream_template(\"a\", x)", &[("stream_template", "a", 1)]);
        check(
            "\nrender_string!(\"{{ \\\"a\\\" }}\\\n   b\")",
            &[("render_string", "{{ \"a\" }}b", 2)],
        );
        check("render_string!(r#\"{{ \"a\" }}\"#)", &[("render_string", "{{ \"a\" }}", 1)]);
    }

    #[test]
    fn urls_in_templates_are_checked() {
        use crate::routing::{Map, MapSettings, RuleSpec};

        let mut map = Map::new(MapSettings::default());
        for (rule, endpoint) in [("/", "index"), ("/<int:id>", "shop.show"), ("/all", "shop.list")]
        {
            map.add(RuleSpec::new(rule, endpoint, 0)).unwrap();
        }
        let router = map.freeze();
        let check = |endpoint, values: &[&'static str], has_more, wanted: Option<&str>| {
            let call = UrlCall { endpoint, values: values.to_vec(), has_more };
            let problem = url_problem(&router, &call);
            let told =
                problem.map(|(words, hint)| format!("{words}; {}", hint.unwrap_or_default()));
            assert_eq!(told.as_deref(), wanted);
        };
        check("index", &["page"], false, None);
        check("shop.show", &["id"], false, None);
        check("shop.show", &[], true, None);
        check(".show", &[], false, None);
        let missing =
            "the URL of `shop.show` needs the value `id`; write `url_for('shop.show', id=..)`";
        check("shop.show", &[], false, Some(missing));
        check("indx", &[], true, Some("there is no endpoint `indx`; did you mean `index`?"));
        check(".nope", &[], false, Some("no blueprint has the endpoint `nope`; "));
    }
}
