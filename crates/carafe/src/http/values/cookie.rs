//! The `Cookie` header (RFC 6265 section 4.2), read as forgivingly as Werkzeug does.

use super::multidict::MultiDict;
use super::syntax::{MAX_ITEMS, MAX_LEN};

/// Reads a `Cookie` header: names and values in order, several of one name kept.
///
/// Values in quotes lose them, with `\"` and `\073` read as the bytes they stand for; percent
/// signs mean nothing here. Parts that are no cookie are skipped. At most 1000 cookies; a header
/// over 64 KiB has none. Bytes that are not UTF-8 become U+FFFD.
///
/// ```
/// use carafe::http::values::parse_cookies;
/// let cookies = parse_cookies(br#"theme=dark; name="a\073b"; off=50%25"#);
/// assert_eq!(cookies.get("theme"), Some("dark"));
/// assert_eq!(cookies.get("name"), Some("a;b"));
/// assert_eq!(cookies.get("off"), Some("50%25"));
/// ```
#[inline]
pub fn parse_cookies(header: &[u8]) -> MultiDict {
    let mut cookies = MultiDict::new();
    let mut rest = if header.len() <= MAX_LEN { header } else { &[] };
    while !rest.is_empty() && cookies.len() < MAX_ITEMS {
        match take_cookie(rest) {
            Some((name, value, after)) => {
                cookies.add(String::from_utf8_lossy(name), decode_value(value));
                rest = after;
            }
            None => rest = after_semicolon(rest),
        }
    }
    cookies
}

/// One `name=value` or `name` with what ends it; `None` when this part is no cookie.
#[inline]
fn take_cookie(text: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let text = skip_ows(text);
    let name_len = text.iter().position(|b| b" \t=\";".contains(b)).unwrap_or(text.len());
    let (name, rest) = text.split_at(name_len);
    if name.is_empty() {
        return None;
    }
    let rest = skip_ows(rest);
    let (value, rest) = match rest.strip_prefix(b"=") {
        Some(rest) => {
            let rest = skip_ows(rest);
            rest.split_at(value_len(rest)?)
        }
        None => (&rest[..0], rest),
    };
    match skip_ows(rest) {
        [] => Some((name, value, &[])),
        [b';', after @ ..] => Some((name, value, after)),
        _ => None,
    }
}

/// A quoted value reaches to its closing quote, semicolons and all.
#[inline]
fn value_len(text: &[u8]) -> Option<usize> {
    let Some(inner) = text.strip_prefix(b"\"") else {
        return Some(text.iter().position(|b| b" \t\";".contains(b)).unwrap_or(text.len()));
    };
    let mut escaped = false;
    let closing = inner.iter().position(|&byte| {
        let closes = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        closes
    });
    closing.map(|at| at + 2)
}

#[inline]
fn skip_ows(text: &[u8]) -> &[u8] {
    let start = text.iter().position(|b| !b" \t".contains(b)).unwrap_or(text.len());
    &text[start..]
}

#[inline]
fn after_semicolon(text: &[u8]) -> &[u8] {
    match text.iter().position(|&byte| byte == b';') {
        Some(at) => &text[at + 1..],
        None => &[],
    }
}

#[inline]
fn decode_value(raw: &[u8]) -> String {
    let quoted = raw.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\""));
    let Some(mut rest) = quoted else {
        return String::from_utf8_lossy(raw).into_owned();
    };
    let mut bytes = Vec::with_capacity(rest.len());
    while let [first, after @ ..] = rest {
        rest = match (first, after) {
            (b'\\', [a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', after @ ..]) => {
                bytes.push((a - b'0') * 64 + (b - b'0') * 8 + (c - b'0'));
                after
            }
            (b'\\', [escaped, after @ ..]) => {
                bytes.push(*escaped);
                after
            }
            _ => {
                bytes.push(*first);
                after
            }
        };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expected values are Werkzeug's `parse_cookie`.
    #[test]
    fn parses_as_werkzeug() {
        let check = |header: &str, expected: &[(&str, &str)]| {
            let cookies = parse_cookies(header.as_bytes());
            assert_eq!(cookies.iter().collect::<Vec<_>>(), expected, "{header}");
        };
        check("", &[]);
        check("a=b", &[("a", "b")]);
        check("a=b; c=d", &[("a", "b"), ("c", "d")]);
        check("a=b;c=d", &[("a", "b"), ("c", "d")]);
        check("a = b ; c", &[("a", "b"), ("c", "")]);
        check("a=\"b c\"; d=e", &[("a", "b c"), ("d", "e")]);
        check("a=\"b;c\"; d=e", &[("a", "b;c"), ("d", "e")]);
        check("a=\"\\\"\\\\\\073\\303\\251x\"", &[("a", "\"\\;éx")]);
        check("a=\"\\q\\9\"", &[("a", "q9")]);
        check("a=\"b\"c; d=e", &[("d", "e")]);
        check("a=\"open; d=e", &[("d", "e")]);
        check("=b; c=d", &[("c", "d")]);
        check("a==b; c=d=e", &[("a", "=b"), ("c", "d=e")]);
        check("a=1; a=2; A=3", &[("a", "1"), ("a", "2"), ("A", "3")]);
        check("a=b c; d=e", &[("d", "e")]);
        check("a=50%25+1", &[("a", "50%25+1")]);
        check(";;a=b;;", &[("a", "b")]);
        check("a,b=c,d", &[("a,b", "c,d")]);
        check("é=한", &[("é", "한")]);
        check("a=\"", &[]);
        check("a=\"\\377\"", &[("a", "\u{fffd}")]);
        check("a=\" b\"", &[("a", " b")]);
        check("a=\"\"", &[("a", "")]);
        check("\"a\"=b; c=d", &[("c", "d")]);
        check("[x]=y; {z}=1", &[("[x]", "y"), ("{z}", "1")]);
        check("a\t=\tb", &[("a", "b")]);
    }

    #[test]
    fn hostile_headers() {
        assert_eq!(parse_cookies(b"a=\xff; b=1").get("b"), Some("1"));
        assert_eq!(parse_cookies(b"a=\xff").get("a"), Some("\u{fffd}"));
        assert_eq!(parse_cookies(&[b'a'; MAX_LEN]).len(), 1);
        assert_eq!(parse_cookies(&[b'a'; MAX_LEN + 1]).len(), 0);
        assert_eq!(parse_cookies("a=1;".repeat(MAX_ITEMS + 1).as_bytes()).len(), MAX_ITEMS);
        // Every part opens a quote that never closes: still one pass or so.
        parse_cookies("a=\"\\\";".repeat(9000).as_bytes());
    }
}
