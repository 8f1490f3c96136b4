//! Rust in colours, a line at a time: words, texts, numbers and comments, and no more.

use crate::http::escaped;

const WORDS: &[&str] = &[
    "as", "async", "await", "break", "const", "continue", "crate", "dyn", "else", "enum", "extern",
    "false", "fn", "for", "if", "impl", "in", "let", "loop", "match", "mod", "move", "mut", "pub",
    "ref", "return", "self", "Self", "static", "struct", "super", "trait", "true", "type",
    "unsafe", "use", "where", "while",
];

/// A line of Rust as HTML.
pub(super) fn rust(line: &str) -> String {
    let mut html = String::with_capacity(line.len() * 2);
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        let (length, class) = token(rest, first);
        let (text, after) = rest.split_at(length.max(first.len_utf8()).min(rest.len()));
        match class {
            Some(class) => html.push_str(&format!("<i class={class}>{}</i>", escaped(text))),
            None => html.push_str(&escaped(text)),
        }
        rest = after;
    }
    html
}

/// The bytes of the first token, and its class.
fn token(rest: &str, first: char) -> (usize, Option<&'static str>) {
    let while_ = |is: fn(char) -> bool| rest.find(|c| !is(c)).unwrap_or(rest.len());
    match first {
        _ if rest.starts_with("//") => (rest.len(), Some("c")),
        '"' => (text_end(rest), Some("s")),
        '\'' => match char_end(rest) {
            Some(end) => (end, Some("s")),
            None => (1, None),
        },
        c if c.is_ascii_digit() => (while_(|c| c.is_ascii_alphanumeric() || c == '_'), Some("n")),
        c if c.is_alphabetic() || c == '_' => {
            let length = while_(|c| c.is_alphanumeric() || c == '_');
            let word = &rest[..length];
            let after = &rest[length..];
            let class = if WORDS.contains(&word) {
                Some("k")
            } else if after.starts_with('!') {
                Some("m")
            } else if word.starts_with(char::is_uppercase) {
                Some("t")
            } else if after.starts_with('(') {
                Some("f")
            } else {
                None
            };
            (length, class)
        }
        '#' if rest.starts_with("#[") => {
            (rest.find(']').map_or(rest.len(), |at| at + 1), Some("m"))
        }
        c => (c.len_utf8(), None),
    }
}

/// Where a text ends, which may be in another line.
fn text_end(rest: &str) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// Where a character ends; `None` for a lifetime.
fn char_end(rest: &str) -> Option<usize> {
    let inner = rest.get(1..)?;
    let length = match inner.strip_prefix('\\') {
        Some(escape) => 1 + escape.find('\'')?,
        None => inner.chars().next()?.len_utf8(),
    };
    inner.get(length..)?.starts_with('\'').then_some(length + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_have_colours() {
        let check = |line: &str, html: &str| assert_eq!(rust(line), html);
        check("let a = 1;", "<i class=k>let</i> a = <i class=n>1</i>;");
        check(
            "f(\"<b>\") // x",
            "<i class=f>f</i>(<i class=s>&#34;&lt;b&gt;&#34;</i>) <i class=c>// x</i>",
        );
        check("&'a str == 'x'", "&amp;&#39;a str == <i class=s>&#39;x&#39;</i>");
        check("panic!(\"가\\\"", "<i class=m>panic</i>!(<i class=s>&#34;가\\&#34;</i>");
        check("", "");
    }
}
