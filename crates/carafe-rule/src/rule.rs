//! A rule's text into static text and placeholders.

use std::ops::Range;

use crate::arguments::{self, Arguments};
use crate::error::ParseError;

/// A rule's parts, in order. Never empty when parsed by [`parse`].
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// Static text (slashes included) and placeholders, as they alternate.
    pub parts: Vec<Part>,
}

/// A piece of a rule.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// Text that the path must contain literally, such as `/users/`.
    Static(String),
    /// A placeholder, such as `<int(min=1):id>`.
    Dynamic {
        /// The converter's name; `default` when none is written.
        converter: String,
        /// The arguments in parentheses.
        arguments: Arguments,
        /// The name that the value gets.
        name: String,
        /// The bytes of the rule's text from `<` to `>`.
        span: Range<usize>,
    },
}

impl Rule {
    /// The placeholders' names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Dynamic { name, .. } => Some(name.as_str()),
            Part::Static(_) => None,
        })
    }
}

/// Reads a rule for a path, such as `/users/<int:id>`.
///
/// # Errors
/// When the text does not start with a slash, or a placeholder is malformed.
pub fn parse(text: &str) -> Result<Rule, ParseError> {
    check_edges(text, "rule")?;
    if text.is_empty() {
        return Err(ParseError::new(0..0, "the rule is empty").with_hint("write `/` for the root"));
    }
    if !text.starts_with('/') {
        return Err(ParseError::new(
            0..text.len(),
            format!("`{text}` does not start with a slash"),
        )
        .with_hint(format!("write `/{text}`")));
    }
    let rule = parse_parts(text)?;
    check_static(text, &rule)?;
    Ok(rule)
}

/// Reads a rule for a host or a subdomain, such as `<user>.example.com`.
///
/// # Errors
/// When the text contains a slash, or a placeholder is malformed.
pub fn parse_host(text: &str) -> Result<Rule, ParseError> {
    check_edges(text, "host")?;
    let rule = parse_parts(text)?;
    let has_slash = |part: &Part| matches!(part, Part::Static(text) if text.contains('/'));
    if rule.parts.iter().any(has_slash) {
        return Err(ParseError::new(0..text.len(), format!("the host `{text}` contains a slash"))
            .with_hint("write only the host; the path belongs to the rule"));
    }
    Ok(rule)
}

fn check_edges(text: &str, what: &str) -> Result<(), ParseError> {
    if text.trim() != text {
        return Err(ParseError::new(
            0..text.len(),
            format!("the {what} `{text}` starts or ends with whitespace"),
        )
        .with_hint(format!("write `{}`", text.trim())));
    }
    match text.char_indices().find(|(_, c)| c.is_control()) {
        Some((at, c)) => Err(ParseError::new(
            at..at + c.len_utf8(),
            format!("the {what} contains the control character {c:?}"),
        )),
        None => Ok(()),
    }
}

fn parse_parts(text: &str) -> Result<Rule, ParseError> {
    let mut parts = Vec::new();
    let mut at = 0;
    while at < text.len() {
        if text.as_bytes()[at] == b'<' {
            let (part, end) = placeholder(text, at)?;
            check_duplicate(&parts, &part)?;
            parts.push(part);
            at = end;
        } else {
            let rest = &text[at..];
            let length = rest.find('<').unwrap_or(rest.len());
            if let Some(stray) = rest[..length].find('>') {
                let stray = at + stray;
                return Err(ParseError::new(stray..stray + 1, "`>` closes nothing")
                    .with_hint("a placeholder looks like `<name>` or `<int:name>`"));
            }
            parts.push(Part::Static(rest[..length].to_owned()));
            at += length;
        }
    }
    Ok(Rule { parts })
}

fn check_duplicate(before: &[Part], part: &Part) -> Result<(), ParseError> {
    let Part::Dynamic { name, span, .. } = part else {
        return Ok(());
    };
    let same =
        |earlier: &Part| matches!(earlier, Part::Dynamic { name: other, .. } if other == name);
    if before.iter().any(same) {
        return Err(ParseError::new(
            span.clone(),
            format!("the name `{name}` is used twice in one rule"),
        )
        .with_hint("give each placeholder its own name"));
    }
    Ok(())
}

/// Paths are compared decoded and without their query, so a rule that contains a query or an
/// escape could never match.
fn check_static(text: &str, rule: &Rule) -> Result<(), ParseError> {
    let mut at = 0;
    for part in &rule.parts {
        match part {
            Part::Dynamic { span, .. } => at = span.end,
            Part::Static(piece) => {
                if let Some(offset) = piece.find('?') {
                    let start = at + offset;
                    return Err(ParseError::new(
                        start..text.len(),
                        "`?` starts a query, which is not part of a rule",
                    )
                    .with_hint("end the rule before `?` and read the query in the view"));
                }
                if let Some(offset) = find_escape(piece) {
                    let start = at + offset;
                    let escape = &text[start..start + 3];
                    return Err(ParseError::new(
                        start..start + 3,
                        format!("`{escape}` never matches"),
                    )
                    .with_hint("paths are decoded first: write the character itself"));
                }
                at += piece.len();
            }
        }
    }
    Ok(())
}

fn find_escape(text: &str) -> Option<usize> {
    text.as_bytes().windows(3).position(|three| {
        three[0] == b'%' && three[1].is_ascii_hexdigit() && three[2].is_ascii_hexdigit()
    })
}

/// Reads the placeholder that starts at `start`, which is a `<`. Returns it and the position
/// behind its `>`.
fn placeholder(text: &str, start: usize) -> Result<(Part, usize), ParseError> {
    let (first, mut at) = word(text, start + 1);
    let first_span = start + 1..at;
    let mut arguments = Arguments::default();
    let mut has_arguments = false;
    if text[at..].starts_with('(') {
        (arguments, at) = arguments::parse(text, at + 1)?;
        has_arguments = true;
    }
    let (converter, name, name_span) = if text[at..].starts_with(':') {
        check_name(text, start, first, &first_span, "converter")?;
        let (name, end) = word(text, at + 1);
        let span = at + 1..end;
        at = end;
        (first, name, span)
    } else if has_arguments {
        return Err(ParseError::new(first_span.start..at, "`:` and a name are missing behind `)`")
            .with_hint(format!("write `<{}:name>`", &text[first_span.start..at])));
    } else {
        ("default", first, first_span)
    };
    check_closed(text, start, at)?;
    check_name(text, start, name, &name_span, "name")?;
    let part = Part::Dynamic {
        converter: converter.to_owned(),
        arguments,
        name: name.to_owned(),
        span: start..at + 1,
    };
    Ok((part, at + 1))
}

/// The text up to the next character that has a meaning in a placeholder.
fn word(text: &str, start: usize) -> (&str, usize) {
    let rest = &text[start..];
    let length = rest.find(['<', '>', '(', ')', ':', '/']).unwrap_or(rest.len());
    (&rest[..length], start + length)
}

fn check_closed(text: &str, start: usize, at: usize) -> Result<(), ParseError> {
    match text[at..].chars().next() {
        Some('>') => Ok(()),
        Some('<') => Err(ParseError::new(at..at + 1, "a `<` stands inside a placeholder")
            .with_hint(format!("close `{}` with `>` first", &text[start..at]))),
        Some('/') | None => {
            Err(ParseError::new(start..at, format!("`{}` is not closed", &text[start..at]))
                .with_hint(format!("write `{}>`", &text[start..at])))
        }
        Some(c) => Err(ParseError::new(
            at..at + c.len_utf8(),
            format!("`{c}` is not expected in a placeholder"),
        )
        .with_hint("a placeholder looks like `<name>`, `<int:name>` or `<int(min=1):name>`")),
    }
}

fn check_name(
    text: &str,
    start: usize,
    name: &str,
    span: &Range<usize>,
    what: &str,
) -> Result<(), ParseError> {
    if name.is_empty() {
        let end = (span.end + 1).min(text.len());
        let hint = match what {
            "name" => "a placeholder looks like `<name>` or `<int:name>`",
            _ => "leave out the `:` for text, as in `<name>`",
        };
        return Err(
            ParseError::new(start..end, format!("a placeholder has no {what}")).with_hint(hint)
        );
    }
    if name.contains(char::is_whitespace) {
        let error =
            ParseError::new(span.clone(), format!("the {what} `{name}` contains whitespace"));
        let fixed = name.trim();
        return Err(match is_identifier(fixed) {
            true => error.with_hint(format!("write `{fixed}`")),
            false => error,
        });
    }
    if !is_identifier(name) {
        let fixed = name.replace('-', "_");
        let error = ParseError::new(span.clone(), format!("`{name}` cannot be a {what}"));
        return Err(match is_identifier(&fixed) {
            true => error.with_hint(format!("write `{fixed}`")),
            false => {
                error.with_hint("use ASCII letters, digits and `_`, not starting with a digit")
            }
        });
    }
    Ok(())
}

fn is_identifier(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
        && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(rule: &Rule) -> String {
        rule.parts
            .iter()
            .map(|part| match part {
                Part::Static(text) => format!("[{text}]"),
                Part::Dynamic { converter, arguments, name, .. } => {
                    format!("<{converter}({arguments}):{name}>")
                }
            })
            .collect()
    }

    #[test]
    fn parts() {
        let check = |text: &str, expected: &str| {
            assert_eq!(shown(&parse(text).unwrap()), expected, "{text}");
        };
        check("/", "[/]");
        check("/users/", "[/users/]");
        check("/<x>", "[/]<default():x>");
        check("/users/<int:id>/edit", "[/users/]<int():id>[/edit]");
        check("/v<int:n>", "[/v]<int():n>");
        check("/<a>-<b>", "[/]<default():a>[-]<default():b>");
        check("/<a><b>", "[/]<default():a><default():b>");
        check("/<int(min=1, max=5):x>", "[/]<int(min=1, max=5):x>");
        check("/<any(a, 'b>c', \"d:e\"):x>", "[/]<any(a, \"b>c\", \"d:e\"):x>");
        check("/<_x1>", "[/]<default():_x1>");
        check("/a b/é", "[/a b/é]");
        check("/100%", "[/100%]");
        check("//x", "[//x]");
    }

    #[test]
    fn spans() {
        let rule = parse("/é/<int:id>").unwrap();
        let Part::Dynamic { span, .. } = &rule.parts[1] else { panic!("{rule:?}") };
        assert_eq!(&"/é/<int:id>"[span.clone()], "<int:id>");
    }

    #[test]
    fn hosts() {
        let check = |text: &str, expected: &str| {
            assert_eq!(shown(&parse_host(text).unwrap()), expected, "{text}");
        };
        check("", "");
        check("api", "[api]");
        check("<u>.example.com:5000", "<default():u>[.example.com:5000]");
        assert!(parse_host("a/b").is_err());
        assert!(parse_host("<u").is_err());
    }

    #[test]
    fn mistakes() {
        let check = |text: &str, at: &str, message: &str, hint: &str| {
            let error = parse(text).unwrap_err();
            assert_eq!(error.message(), message, "{text}");
            assert_eq!(&text[error.span()], at, "{text}");
            assert_eq!(error.hint().unwrap_or(""), hint, "{text}");
        };
        check("", "", "the rule is empty", "write `/` for the root");
        check("users", "users", "`users` does not start with a slash", "write `/users`");
        check("<id>", "<id>", "`<id>` does not start with a slash", "write `/<id>`");
        check(" /a", " /a", "the rule ` /a` starts or ends with whitespace", "write `/a`");
        check("/a\n/b", "\n", "the rule contains the control character '\\n'", "");
        check("/<id", "<id", "`<id` is not closed", "write `<id>`");
        check("/<int:id/x>", "<int:id", "`<int:id` is not closed", "write `<int:id>`");
        check("/<a<b>>", "<", "a `<` stands inside a placeholder", "close `<a` with `>` first");
        check(
            "/a>",
            ">",
            "`>` closes nothing",
            "a placeholder looks like `<name>` or `<int:name>`",
        );
        check(
            "/<>",
            "<>",
            "a placeholder has no name",
            "a placeholder looks like `<name>` or `<int:name>`",
        );
        check(
            "/<int:>",
            "<int:>",
            "a placeholder has no name",
            "a placeholder looks like `<name>` or `<int:name>`",
        );
        check(
            "/<:id>",
            "<:",
            "a placeholder has no converter",
            "leave out the `:` for text, as in `<name>`",
        );
        check(
            "/<a>/<a>",
            "<a>",
            "the name `a` is used twice in one rule",
            "give each placeholder its own name",
        );
        check("/<user-id>", "user-id", "`user-id` cannot be a name", "write `user_id`");
        check(
            "/<1a>",
            "1a",
            "`1a` cannot be a name",
            "use ASCII letters, digits and `_`, not starting with a digit",
        );
        check("/<i nt:a>", "i nt", "the converter `i nt` contains whitespace", "");
        check("/<int: a>", " a", "the name ` a` contains whitespace", "write `a`");
        check(
            "/<int(1)>",
            "int(1)",
            "`:` and a name are missing behind `)`",
            "write `<int(1):name>`",
        );
        check("/<int(1:a>", ":", "expected `,` or `)` before `:`", "close the arguments with `)`");
        check(
            "/<a:b:c>",
            ":",
            "`:` is not expected in a placeholder",
            "a placeholder looks like `<name>`, `<int:name>` or `<int(min=1):name>`",
        );
        check(
            "/s?q=<q>",
            "?q=<q>",
            "`?` starts a query, which is not part of a rule",
            "end the rule before `?` and read the query in the view",
        );
        check(
            "/<a>/b%20c",
            "%20",
            "`%20` never matches",
            "paths are decoded first: write the character itself",
        );
    }
}
