//! The tags of a template as tokens with their places: enough to find calls and names, no parser.

use minijinja::syntax::SyntaxConfig;

/// A `{{ .. }}` or `{% .. %}`.
#[derive(Debug)]
pub(super) struct Tag<'a> {
    pub(super) is_block: bool,
    pub(super) tokens: Vec<Token<'a>>,
}

/// A token, and where it begins in the source, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind,
    /// A text's content as it is written, without the quotes.
    pub(super) text: &'a str,
    pub(super) at: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Name,
    Text,
    Number,
    Symbol,
}

impl Token<'_> {
    pub(super) fn is_name(&self, name: &str) -> bool {
        self.kind == Kind::Name && self.text == name
    }

    pub(super) fn is_symbol(&self, symbol: &str) -> bool {
        self.kind == Kind::Symbol && self.text == symbol
    }
}

/// All tags outside of comments and `{% raw %}`.
pub(super) fn tags<'a>(source: &'a str, syntax: &'a SyntaxConfig) -> Vec<Tag<'a>> {
    let (block, variable, comment) =
        (syntax.block_delimiters(), syntax.variable_delimiters(), syntax.comment_delimiters());
    let mut tags = Vec::new();
    let mut at = 0;
    while let Some(rest) = source.get(at..) {
        let starts = [block.0, variable.0, comment.0].map(|start| rest.find(start));
        let Some(first) = starts.iter().flatten().min().copied() else {
            break;
        };
        if starts[2] == Some(first) {
            let Some(end) = rest.get(first..).and_then(|rest| rest.find(comment.1)) else {
                break;
            };
            at += first + end + comment.1.len();
            continue;
        }
        let is_block = starts[0] == Some(first);
        let (start, end) = if is_block { block } else { variable };
        let mut lexer = Lexer { source, at: at + first + start.len(), end, depth: 0 };
        let tokens = lexer.tokens();
        at = lexer.at;
        if is_block && tokens.first().is_some_and(|token| token.is_name("raw")) {
            at = end_of_raw(source, at, block);
            continue;
        }
        tags.push(Tag { is_block, tokens });
    }
    tags
}

/// Where the `{% endraw %}` ends that belongs to a `{% raw %}`.
fn end_of_raw(source: &str, from: usize, (start, end): (&str, &str)) -> usize {
    let mut at = from;
    while let Some(found) = source.get(at..).and_then(|rest| rest.find(start)) {
        at += found + start.len();
        let inside =
            source.get(at..).unwrap_or_default().trim_start_matches(['-', '+']).trim_start();
        if inside.starts_with("endraw") {
            return source
                .get(at..)
                .and_then(|rest| rest.find(end))
                .map_or(source.len(), |to| at + to + end.len());
        }
    }
    source.len()
}

struct Lexer<'a> {
    source: &'a str,
    at: usize,
    /// What ends the tag, outside of brackets.
    end: &'a str,
    depth: usize,
}

impl<'a> Lexer<'a> {
    fn tokens(&mut self) -> Vec<Token<'a>> {
        let mut tokens = Vec::new();
        while let Some(rest) = self.source.get(self.at..).filter(|rest| !rest.is_empty()) {
            if self.depth == 0 && rest.starts_with(self.end) {
                self.at += self.end.len();
                break;
            }
            let Some(c) = rest.chars().next() else { break };
            if c.is_whitespace() {
                self.at += c.len_utf8();
            } else {
                tokens.push(self.token(rest, c));
            }
        }
        tokens
    }

    fn token(&mut self, rest: &'a str, c: char) -> Token<'a> {
        let at = self.at;
        let until = |wrong: fn(char) -> bool| rest.find(wrong).unwrap_or(rest.len());
        let (kind, length, text) = if c.is_alphabetic() || c == '_' {
            let length = until(|c| !c.is_alphanumeric() && c != '_');
            (Kind::Name, length, rest.get(..length))
        } else if c.is_ascii_digit() {
            let length = until(|c| !c.is_alphanumeric() && c != '_' && c != '.');
            (Kind::Number, length, rest.get(..length))
        } else if c == '"' || c == '\'' {
            let length = text_length(rest, c);
            (Kind::Text, length + 2, rest.get(1..=length))
        } else {
            let doubled =
                ["**", "==", "!=", "<=", ">=", "//"].iter().any(|two| rest.starts_with(two));
            let length = if doubled { 2 } else { c.len_utf8() };
            match c {
                '(' | '[' | '{' => self.depth += 1,
                ')' | ']' | '}' => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
            (Kind::Symbol, length, rest.get(..length))
        };
        self.at = (at + length).min(self.source.len());
        Token { kind, text: text.unwrap_or_default(), at }
    }
}

/// The bytes of a text between its quotes.
fn text_length(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return at - 1,
            _ => {}
        }
    }
    rest.len().saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(source: &str, wanted: &[&str]) {
        let found: Vec<String> = tags(source, &SyntaxConfig::default())
            .iter()
            .map(|tag| {
                let tokens: Vec<&str> = tag.tokens.iter().map(|token| token.text).collect();
                format!("{}{}", if tag.is_block { "%" } else { "" }, tokens.join(" "))
            })
            .collect();
        assert_eq!(found, wanted, "{source}");
    }

    #[test]
    fn tags_are_found() {
        check("a {{ b.c|d('e}}') }} f {% if x == 1 -%} g", &["b . c | d ( e}} )", "%if x == 1 -"]);
        check(
            "{# {{ no }} #}{{ {'a': {}} }}{% raw %}{{ no }}{%- endraw %}{{ y }}",
            &["{ a : { } }", "y"],
        );
        check("{{ \"it's \\\" ok\" }}{{ 'é' ~ é }}", &["it's \\\" ok", "é ~ é"]);
        check("{{ open", &["open"]);
        check("{{ 'open", &["open"]);
        check("{# open", &[]);
        check("{% raw %}{{ x }}", &[]);
        check("", &[]);
    }
}
