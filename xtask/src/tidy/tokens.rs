//! Rust source to tokens, enough for the checks: no comments, no text inside strings, and on
//! demand no tests. It does not judge whether the source is valid; the compiler does.

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Word,
    Literal,
    Lifetime,
    /// One character, except `::`.
    Mark,
}

/// One token and the lines it covers, counted from 1; only a string covers more than one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token<'a> {
    pub(crate) kind: Kind,
    pub(crate) text: &'a str,
    pub(crate) line: usize,
    pub(crate) last_line: usize,
}

impl Token<'_> {
    pub(crate) fn is(&self, text: &str) -> bool {
        self.text == text && matches!(self.kind, Kind::Word | Kind::Mark)
    }
}

/// Cuts a source into tokens and drops its comments, doc comments included.
pub(crate) fn tokens(source: &str) -> Vec<Token<'_>> {
    let mut lexer = Lexer { rest: source, line: 1 };
    std::iter::from_fn(|| lexer.next()).collect()
}

struct Lexer<'a> {
    rest: &'a str,
    line: usize,
}

impl<'a> Lexer<'a> {
    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            let first = self.rest.chars().next()?;
            if first.is_whitespace() {
                self.take(first.len_utf8());
            } else if self.rest.starts_with("//") {
                self.take(self.rest.find('\n').unwrap_or(self.rest.len()));
            } else if self.rest.starts_with("/*") {
                self.take(block_comment(self.rest));
            } else {
                let line = self.line;
                let (kind, length) = measure(self.rest, first);
                let text = self.take(length);
                return Some(Token { kind, text, line, last_line: self.line });
            }
        }
    }

    fn take(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(length);
        self.line += taken.matches('\n').count();
        self.rest = rest;
        taken
    }
}

fn measure(rest: &str, first: char) -> (Kind, usize) {
    if first == '"' {
        return (Kind::Literal, string(rest, 0));
    }
    if first == '\'' {
        return quote(rest);
    }
    if first.is_ascii_digit() {
        return (Kind::Literal, word(rest));
    }
    if !is_word(first) {
        let length = if rest.starts_with("::") { 2 } else { first.len_utf8() };
        return (Kind::Mark, length);
    }
    let length = word(rest);
    let after = &rest[length..];
    match &rest[..length] {
        "b" | "c" if after.starts_with('"') => (Kind::Literal, string(rest, length)),
        "b" if after.starts_with('\'') => (Kind::Literal, length + quote(after).1),
        "r" | "br" | "cr" => raw(rest, length),
        _ => (Kind::Word, length),
    }
}

fn is_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

fn word(rest: &str) -> usize {
    rest.find(|c| !is_word(c)).unwrap_or(rest.len())
}

/// The length of a block comment; they nest.
fn block_comment(rest: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < rest.len() {
        match &rest.as_bytes()[at..] {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    rest.len()
}

/// The length of a string whose opening quote is at `open`.
fn string(rest: &str, open: usize) -> usize {
    closing(rest, open, b'"')
}

fn closing(rest: &str, open: usize, quote: u8) -> usize {
    let bytes = rest.as_bytes();
    let mut at = open + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            byte if byte == quote => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

/// A character, or else a lifetime.
fn quote(rest: &str) -> (Kind, usize) {
    let mut after = rest[1..].chars();
    match (after.next(), after.next()) {
        (Some('\\'), _) => (Kind::Literal, closing(rest, 0, b'\'')),
        (Some(c), Some('\'')) => (Kind::Literal, 2 + c.len_utf8()),
        _ => (Kind::Lifetime, 1 + word(&rest[1..])),
    }
}

/// What follows `r`, `br` or `cr`: a raw string, a raw name such as `r#type`, or nothing.
fn raw(rest: &str, prefix: usize) -> (Kind, usize) {
    let after = &rest[prefix..];
    let hashes = after.len() - after.trim_start_matches('#').len();
    if after[hashes..].starts_with('"') {
        let open = prefix + hashes + 1;
        let end = format!("\"{}", "#".repeat(hashes));
        let length = rest[open..].find(&end).map(|at| open + at + end.len());
        return (Kind::Literal, length.unwrap_or(rest.len()));
    }
    if hashes == 1 {
        return (Kind::Word, prefix + 1 + word(&after[1..]));
    }
    (Kind::Word, prefix)
}

/// The index just past the bracket that closes the one at `open`.
pub(crate) fn past_group(tokens: &[Token<'_>], open: usize) -> usize {
    let mut depth = 0_usize;
    for (index, token) in tokens.iter().enumerate().skip(open) {
        if opens(token) {
            depth += 1;
        } else if closes(token) {
            depth -= 1;
            if depth == 0 {
                return index + 1;
            }
        }
    }
    tokens.len()
}

fn opens(token: &Token<'_>) -> bool {
    token.is("{") || token.is("(") || token.is("[")
}

fn closes(token: &Token<'_>) -> bool {
    token.is("}") || token.is(")") || token.is("]")
}

/// Leaves out what only tests compile: items under `#[cfg(test)]` and `#[test]`, or everything
/// where the file itself says `#![cfg(test)]`.
pub(crate) fn without_tests<'a>(tokens: &[Token<'a>]) -> Vec<Token<'a>> {
    let mut kept = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while at < tokens.len() {
        let inner = tokens[at].is("#") && tokens.get(at + 1).is_some_and(|t| t.is("!"));
        let open = at + 1 + usize::from(inner);
        let attribute = tokens[at].is("#") && tokens.get(open).is_some_and(|token| token.is("["));
        if !attribute {
            kept.push(tokens[at]);
            at += 1;
            continue;
        }
        let end = past_group(tokens, open);
        if !is_test(&tokens[open..end]) {
            kept.extend_from_slice(&tokens[at..end]);
            at = end;
        } else if inner {
            return Vec::new();
        } else {
            at = past_item(tokens, end);
        }
    }
    kept
}

/// `[test]`, `[tokio::test]`, `[cfg(test)]`, `[cfg(all(test, unix))]`; but not `any` or `not`.
fn is_test(attribute: &[Token<'_>]) -> bool {
    let has = |word: &str| attribute.iter().any(|token| token.is(word));
    let first = attribute.get(1);
    if first.is_some_and(|token| token.is("cfg")) {
        return has("test") && !has("any") && !has("not");
    }
    let path_end = attribute
        .iter()
        .skip(1)
        .take_while(|token| token.kind == Kind::Word || token.is("::"))
        .last();
    path_end.is_some_and(|token| token.is("test"))
}

/// Words that open an item or a statement; what opens with another word is a field, a variant or
/// an argument, which a comma ends.
const ITEMS: &[&str] = &[
    "async",
    "const",
    "enum",
    "extern",
    "fn",
    "impl",
    "let",
    "macro_rules",
    "mod",
    "static",
    "struct",
    "trait",
    "type",
    "unsafe",
    "use",
];

fn past_item(tokens: &[Token<'_>], mut at: usize) -> usize {
    while tokens.get(at).is_some_and(|token| token.is("#")) {
        at = past_group(tokens, at + 1);
    }
    if tokens.get(at).is_some_and(|token| token.is("pub")) {
        at += 1;
        if tokens.get(at).is_some_and(|token| token.is("(")) {
            at = past_group(tokens, at);
        }
    }
    let item = tokens.get(at).is_some_and(|token| ITEMS.contains(&token.text));
    while let Some(token) = tokens.get(at) {
        if token.is(";") || (token.is(",") && !item) {
            return at + 1;
        }
        if closes(token) {
            return at;
        }
        let body = token.is("{") && item;
        at = if opens(token) { past_group(tokens, at) } else { at + 1 };
        if body {
            return at + usize::from(tokens.get(at).is_some_and(|token| token.is(";")));
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(source: &str, want: &str) {
        let found: Vec<&str> = tokens(source).iter().map(|token| token.text).collect();
        assert_eq!(found.join(" "), want, "{source}");
    }

    #[test]
    fn cuts() {
        check("a::b // c\n d", "a :: b d");
        check("a /* b /* c */ d */ e", "a e");
        check("/// x\n//! y\nfn z() {}", "fn z ( ) { }");
        check(r#"a("b \" // c", 'd')"#, r#"a ( "b \" // c" , 'd' )"#);
        check(r###"r#"a "b" "# c"###, r###"r#"a "b" "# c"###);
        check("br\"\\\" x", "br\"\\\" x");
        check("r#type r", "r#type r");
        check(r"'\'' 'a' '한' '\n'", r"'\'' 'a' '한' '\n'");
        check("&'static x, 'a: loop", "& 'static x , 'a : loop");
        check("b'\\'' c\"x\" b\"y\"", "b'\\'' c\"x\" b\"y\"");
        check("0x1f..2.5", "0x1f . . 2 . 5");
        check("\"unfinished", "\"unfinished");
        check("/* unfinished", "");
    }

    #[test]
    fn counts_lines() {
        let found = tokens("a\n\"b\nc\" d\n/* \n */ e");
        let lines: Vec<_> = found.iter().map(|token| (token.line, token.last_line)).collect();
        assert_eq!(lines, [(1, 1), (2, 3), (3, 3), (5, 5)]);
    }

    fn check_kept(source: &str, want: &str) {
        let all = tokens(source);
        let kept: Vec<&str> = without_tests(&all).iter().map(|token| token.text).collect();
        assert_eq!(kept.join(" "), want, "{source}");
    }

    #[test]
    fn drops_tests() {
        check_kept("a; #[cfg(test)] mod tests { x { y } } b;", "a ; b ;");
        check_kept("#[cfg(test)] mod tests; b", "b");
        check_kept("#[cfg(test)] use a::{b, c}; d", "d");
        check_kept("#[cfg(test)] #[allow(x)] pub(crate) fn a<B, C>() -> [u8; 2] {} d", "d");
        check_kept("#[test] fn a() {} #[tokio::test(x = 1)] async fn b() {} c", "c");
        check_kept("struct A { #[cfg(test)] b: (C, D), e: F }", "struct A { e : F }");
        check_kept("struct A { #[cfg(test)] b: C }", "struct A { }");
        check_kept("#[cfg(all(test, unix))] const A: B = B {}; c", "c");
        check_kept("#![cfg(test)] a", "");
    }

    #[test]
    fn keeps_the_rest() {
        check_kept("#[cfg(not(test))] a", "# [ cfg ( not ( test ) ) ] a");
        check_kept("#[cfg(any(test, x))] a", "# [ cfg ( any ( test , x ) ) ] a");
        check_kept("#[cfg_attr(test, b)] a", "# [ cfg_attr ( test , b ) ] a");
        check_kept("#![forbid(c)] a", "# ! [ forbid ( c ) ] a");
    }
}
