//! What a template's tags name: endpoints, other templates, filters and tests.

use super::scan::{Kind, Tag, Token};

/// A `url_for('endpoint', name=..)` whose endpoint is written out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UrlCall<'a> {
    /// The endpoint.
    pub(crate) endpoint: &'a str,
    /// The names of the values, without Flask's options such as `_external`.
    pub(crate) values: Vec<&'a str>,
    /// Whether there may be more values: `**values`.
    pub(crate) has_more: bool,
}

/// Something that a template names, and where.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Mention<'a> {
    Url(UrlCall<'a>),
    /// One of these templates has to exist.
    Templates(Vec<&'a str>),
    Filter(String),
    Test(&'a str),
}

/// All mentions in a tag, with the place and the length of each in bytes.
pub(super) fn mentions<'a>(tag: &Tag<'a>) -> Vec<(Mention<'a>, std::ops::Range<usize>)> {
    let mut found = Vec::new();
    if tag.is_block {
        // `{%- if` begins with a sign.
        let signs =
            usize::from(tag.tokens.first().is_some_and(|t| t.is_symbol("-") || t.is_symbol("+")));
        let tokens = tag.tokens.get(signs..).unwrap_or_default();
        found.extend(of_block(tokens));
    }
    for (at, token) in tag.tokens.iter().enumerate() {
        let after = tag.tokens.get(at + 1..).unwrap_or_default();
        let before = at.checked_sub(1).and_then(|at| tag.tokens.get(at));
        if before.is_some_and(|before| before.is_symbol(".")) {
            continue;
        }
        if token.is_symbol("|") {
            found.extend(filter(after));
        } else if token.is_name("is") {
            found.extend(test(after));
        } else if token.is_name("url_for") {
            found.extend(url_call(after));
        }
    }
    found
}

type Found<'a> = Option<(Mention<'a>, std::ops::Range<usize>)>;

fn of_block<'a>(tokens: &[Token<'a>]) -> Found<'a> {
    let (first, rest) = tokens.split_first()?;
    match first.text {
        "filter" => filter(rest),
        "extends" | "include" | "import" | "from" => templates(rest),
        _ => None,
    }
}

/// `'a.html'` or `['a.html', 'b.html']`, when nothing is worked out and none may be missing.
fn templates<'a>(tokens: &[Token<'a>]) -> Found<'a> {
    let first = tokens.first()?;
    let (names, rest) = if first.is_symbol("[") {
        let end = tokens.iter().position(|token| token.is_symbol("]"))?;
        let items = tokens.get(1..end)?;
        if items.iter().any(|token| token.kind != Kind::Text && !token.is_symbol(",")) {
            return None;
        }
        (
            items.iter().filter(|token| token.kind == Kind::Text).map(|t| t.text).collect(),
            &tokens[end + 1..],
        )
    } else if first.kind == Kind::Text {
        (vec![first.text], &tokens[1..])
    } else {
        return None;
    };
    let is_whole = rest.first().is_none_or(|next| {
        next.is_symbol("-")
            || next.is_symbol("+")
            || ["import", "as", "with", "without"].iter().any(|word| next.is_name(word))
    });
    (is_whole && !names.is_empty()).then(|| (Mention::Templates(names), span(first)))
}

/// A filter's name, which may have dots.
fn filter<'a>(tokens: &[Token<'a>]) -> Found<'a> {
    let first = tokens.first().filter(|token| token.kind == Kind::Name)?;
    let mut name = first.text.to_owned();
    for pair in tokens.get(1..)?.chunks(2) {
        match pair {
            [dot, part] if dot.is_symbol(".") && part.kind == Kind::Name => {
                name.push('.');
                name.push_str(part.text);
            }
            _ => break,
        }
    }
    Some((Mention::Filter(name), span(first)))
}

fn test<'a>(tokens: &[Token<'a>]) -> Found<'a> {
    let name = match tokens {
        [not, name, ..] if not.is_name("not") => name,
        [name, ..] => name,
        [] => return None,
    };
    (name.kind == Kind::Name).then(|| (Mention::Test(name.text), span(name)))
}

fn url_call<'a>(tokens: &[Token<'a>]) -> Found<'a> {
    let [open, endpoint, after, ..] = tokens else {
        return None;
    };
    let is_whole = after.is_symbol(",") || after.is_symbol(")");
    if !open.is_symbol("(") || endpoint.kind != Kind::Text || !is_whole {
        return None;
    }
    let mut call = UrlCall { endpoint: endpoint.text, values: Vec::new(), has_more: false };
    let mut depth = 1_usize;
    for (at, token) in tokens.iter().enumerate().skip(2) {
        match token.text {
            _ if token.kind == Kind::Text => {}
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth -= 1,
            "**" if depth == 1 && tokens[at - 1].is_symbol(",") => call.has_more = true,
            "=" if depth == 1 && tokens[at - 1].kind == Kind::Name => {
                let name = tokens[at - 1].text;
                let options = ["_external", "_anchor", "_scheme", "_method"];
                call.values.extend((!options.contains(&name)).then_some(name));
            }
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    Some((Mention::Url(call), span(endpoint)))
}

fn span(token: &Token<'_>) -> std::ops::Range<usize> {
    let quotes = if token.kind == Kind::Text { 2 } else { 0 };
    token.at..token.at + token.text.len() + quotes
}

#[cfg(test)]
mod tests {
    use minijinja::syntax::SyntaxConfig;

    use super::super::scan::tags;
    use super::*;

    fn check(source: &str, wanted: &[&str]) {
        let found: Vec<String> = tags(source, &SyntaxConfig::default())
            .iter()
            .flat_map(mentions)
            .map(|(mention, range)| match mention {
                Mention::Url(call) => format!(
                    "url {} {:?} {} @{}",
                    call.endpoint, call.values, call.has_more, range.start
                ),
                Mention::Templates(names) => format!("templates {}", names.join(" ")),
                Mention::Filter(name) => format!("filter {name}"),
                Mention::Test(name) => format!("test {name}"),
            })
            .collect();
        assert_eq!(found, wanted, "{source}");
    }

    #[test]
    fn mentions_are_found() {
        check("{{ url_for('a.b') }}", &["url a.b [] false @11"]);
        check("{{ url_for('a', id=x(y=1), _anchor='q', **more) }}", &["url a [\"id\"] true @11"]);
        check("{{ url_for(name) }}{{ url_for('a' ~ b) }}{{ x.url_for('a') }}", &[]);
        check(
            "{% extends 'a.html' %}{%- include \"b\" -%}{% from 'c' import d %}",
            &["templates a.html", "templates b", "templates c"],
        );
        check(
            "{% include ['a', 'b'] %}{% include 'x' ignore missing %}{% extends 'a' ~ b %}",
            &["templates a b"],
        );
        check(
            "{{ a|b|c.d(1) if x is not odd }}{% filter upper %}",
            &["filter b", "filter c.d", "test odd", "filter upper"],
        );
        check("{{ 'x|y is z' }}", &[]);
    }
}
