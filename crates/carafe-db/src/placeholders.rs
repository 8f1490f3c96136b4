//! `?` for every database: PostgreSQL's `$1`, `$2` take its place, where it is not inside a text or a comment.

use std::borrow::Cow;

/// `sql` as PostgreSQL takes it. `?` becomes the next `$n`, `?3` becomes `$3`, `??` a plain `?` (an operator there).
pub(crate) fn numbered(sql: &str) -> Cow<'_, str> {
    if !sql.contains('?') {
        return Cow::Borrowed(sql);
    }
    let bytes = sql.as_bytes();
    let mut text = String::with_capacity(sql.len() + 8);
    let (mut at, mut copied, mut count) = (0, 0, 0);
    while at < bytes.len() {
        let after = quoted_until(sql, at);
        if after > at {
            at = after;
            continue;
        }
        if bytes[at] != b'?' {
            at += 1;
            continue;
        }
        text.push_str(&sql[copied..at]);
        at += 1;
        let digits = bytes[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        if digits > 0 {
            text.push('$');
        } else if bytes.get(at) == Some(&b'?') {
            text.push('?');
            at += 1;
        } else {
            count += 1;
            text.push_str(&format!("${count}"));
        }
        copied = at;
    }
    text.push_str(&sql[copied..]);
    Cow::Owned(text)
}

/// Where a text, a quoted name or a comment that begins at `at` ends; `at` itself when none begins there.
fn quoted_until(sql: &str, at: usize) -> usize {
    let bytes = sql.as_bytes();
    let Some(rest) = sql.get(at..) else {
        // In the middle of a character.
        return at;
    };
    let end_of =
        |found: Option<usize>, length: usize| found.map_or(sql.len(), |end| at + end + length);
    match bytes[at] {
        b'\'' => text_until(bytes, at, b'\'', is_escape_text(bytes, at)),
        b'"' => text_until(bytes, at, b'"', false),
        b'-' if rest.starts_with("--") => end_of(rest.find('\n'), 1),
        b'/' if rest.starts_with("/*") => comment_until(bytes, at),
        b'$' => match dollar_tag(rest) {
            Some(tag) if !follows_name(bytes, at) => {
                end_of(rest[tag.len()..].find(tag).map(|end| end + tag.len()), tag.len())
            }
            _ => at,
        },
        _ => at,
    }
}

/// Past the closing quote; a doubled one is a part of the text, and after `\` in an `E'..'` anything is.
fn text_until(bytes: &[u8], at: usize, quote: u8, escapes: bool) -> usize {
    let mut at = at + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if escapes => at += 1,
            byte if byte == quote && bytes.get(at + 1) == Some(&quote) => at += 1,
            byte if byte == quote => return at + 1,
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

/// Whether the quote stands behind the `E` of PostgreSQL's `E'..'`.
fn is_escape_text(bytes: &[u8], at: usize) -> bool {
    at > 0 && matches!(bytes[at - 1], b'e' | b'E') && !follows_name(bytes, at - 1)
}

fn follows_name(bytes: &[u8], at: usize) -> bool {
    at > 0
        && (bytes[at - 1].is_ascii_alphanumeric() || bytes[at - 1] == b'_' || bytes[at - 1] >= 128)
}

/// Past the end of a comment, which may hold others.
fn comment_until(bytes: &[u8], at: usize) -> usize {
    let (mut at, mut depth) = (at + 2, 1);
    while at < bytes.len() && depth > 0 {
        match (bytes[at], bytes.get(at + 1)) {
            (b'/', Some(b'*')) => (at, depth) = (at + 2, depth + 1),
            (b'*', Some(b'/')) => (at, depth) = (at + 2, depth - 1),
            _ => at += 1,
        }
    }
    at.min(bytes.len())
}

/// The `$$` or `$tag$` that a text begins with.
fn dollar_tag(text: &str) -> Option<&str> {
    let end = text[1..].find('$')? + 1;
    let name = &text[1..end];
    let is_name =
        name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 128);
    (is_name && !name.starts_with(|first: char| first.is_ascii_digit())).then(|| &text[..=end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        let check = |sql: &str, expected: &str| assert_eq!(numbered(sql), expected, "{sql}");
        check("select 1", "select 1");
        check("select ?, ?", "select $1, $2");
        check("a = ? and b = ?1 and c = ?", "a = $1 and b = $1 and c = $2");
        check("tags ?? ?", "tags ? $1");
        check("'a?''?' || ?", "'a?''?' || $1");
        check("\"odd?\" = ?", "\"odd?\" = $1");
        check("E'it\\'s ?' = ?", "E'it\\'s ?' = $1");
        check("re'it\\' = ? '", "re'it\\' = $1 '");
        check("-- why?\n select ?", "-- why?\n select $1");
        check("-- why?", "-- why?");
        check("/* a /* ? */ ? */ ?", "/* a /* ? */ ? */ $1");
        check("/* ?", "/* ?");
        check("$$ ? $$ ?", "$$ ? $$ $1");
        check("$f$ ? $$ ? $f$ ?", "$f$ ? $$ ? $f$ $1");
        check("$1 = ?", "$1 = $1");
        check("a$b$ ? $b$", "a$b$ $1 $b$");
        check("'open ?", "'open ?");
        check("ö ? 'ö?'", "ö $1 'ö?'");
        check("?", "$1");
        check("1 - ? / ?", "1 - $1 / $2");
    }

    #[test]
    fn never_panics() {
        // Every text of five of the characters that mean something.
        let letters = ['?', '\'', '"', '$', '-', '/', '*', '\n', 'E', '\\', '1', 'é'];
        for mut number in 0..letters.len().pow(5) {
            let mut sql = String::new();
            for _ in 0..5 {
                sql.push(letters[number % letters.len()]);
                number /= letters.len();
            }
            numbered(&sql);
        }
    }
}
