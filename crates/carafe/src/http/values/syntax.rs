//! The grammar that header fields share: tokens, quoted strings, lists and parameters
//! (RFC 9110 section 5.6). Knows no header by name.

use super::invalid::InvalidValue;
use http::HeaderValue;
use percent_encoding::percent_decode_str;
use std::borrow::Cow;

/// Longer field values are not looked at: no client has a reason to send one.
pub(super) const MAX_LEN: usize = 65_536;
/// Members kept of a list or of parameters; later ones are ignored.
pub(super) const MAX_ITEMS: usize = 1_000;

/// The text itself, or an error when it is longer than [`MAX_LEN`].
pub(super) fn capped<'a>(text: &'a str, expected: &'static str) -> Result<&'a str, InvalidValue> {
    if text.len() <= MAX_LEN { Ok(text) } else { Err(InvalidValue::new(expected, text)) }
}

/// RFC 9110 section 5.6.2.
pub(super) fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

pub(super) fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(is_token_byte)
}

/// Optional whitespace is space and tab only (RFC 9110 section 5.6.3).
pub(super) fn trim_ows(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

/// `1*DIGIT`; a number too large for `u64` becomes `u64::MAX`, which no length or age reaches.
pub(super) fn digits(text: &str) -> Option<u64> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(text.parse().unwrap_or(u64::MAX))
}

/// A field value can carry no control character; a recipient reads them as spaces
/// (RFC 9110 section 5.5), so that is how they are sent.
pub(super) fn header_value(text: String) -> HeaderValue {
    HeaderValue::try_from(text.as_str()).unwrap_or_else(|_| {
        let safe: String =
            text.chars().map(|c| if c.is_ascii_control() { ' ' } else { c }).collect();
        HeaderValue::try_from(safe).unwrap_or(HeaderValue::from_static(""))
    })
}

/// The members of a comma-separated list (RFC 9110 section 5.6.1), trimmed; empty ones are
/// dropped. Commas in quoted strings do not separate. A quote left open makes the whole list
/// unreadable: no members.
pub(super) fn split_list(text: &str) -> Vec<&str> {
    let mut items = Vec::new();
    let (mut start, mut quoted, mut escaped) = (0, false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b',' if !quoted => {
                push_item(&mut items, &text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    if quoted {
        return Vec::new();
    }
    push_item(&mut items, &text[start..]);
    items
}

fn push_item<'a>(items: &mut Vec<&'a str>, item: &'a str) {
    let item = trim_ows(item);
    if !item.is_empty() && items.len() < MAX_ITEMS {
        items.push(item);
    }
}

/// Takes the quotes and the backslashes off a quoted string (RFC 9110 section 5.6.4);
/// anything else stays as it is.
pub(super) fn unquote(text: &str) -> Cow<'_, str> {
    let Some(inner) = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return Cow::Borrowed(text);
    };
    if !inner.contains('\\') {
        return Cow::Borrowed(inner);
    }
    let mut out = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        // A backslash at the very end escapes nothing and stays.
        out.push(if c == '\\' { chars.next().unwrap_or(c) } else { c });
    }
    Cow::Owned(out)
}

/// A token as it is, anything else as a quoted string.
pub(super) fn push_value(out: &mut String, value: &str) {
    if is_token(value) {
        out.push_str(value);
    } else {
        push_quoted(out, value);
    }
}

/// Always a quoted string.
pub(super) fn push_quoted(out: &mut String, value: &str) {
    out.push('"');
    for c in value.chars() {
        if matches!(c, '"' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
}

/// `name`, or `name=value` with the value quoted where it has to be.
pub(super) fn push_pair(out: &mut String, name: &str, value: Option<&str>) {
    out.push_str(name);
    if let Some(value) = value {
        out.push('=');
        // RFC 8187 values are percent-encoded already.
        if name.ends_with('*') { out.push_str(value) } else { push_value(out, value) }
    }
}

/// A list of `key` and `key=value` members, keys in lower case (`Cache-Control`, challenges).
#[inline]
pub(super) fn parse_pairs(text: &str) -> Vec<(String, Option<String>)> {
    split_list(text)
        .into_iter()
        .filter_map(|item| {
            let (key, value) = match item.split_once('=') {
                Some((key, value)) => (key, Some(unquote(trim_ows(value)).into_owned())),
                None => (item, None),
            };
            let key = trim_ows(key);
            is_token(key).then(|| (key.to_ascii_lowercase(), value))
        })
        .collect()
}

/// Splits `value; key=value; ...` into its first part and the readable parameters
/// (RFC 9110 section 5.6.6). Unreadable parameters are skipped. Names are in lower case;
/// `name*` keeps its star, its value is decoded (RFC 8187 section 3.2).
pub(super) fn parse_params(text: &str) -> (&str, Vec<(String, String)>) {
    let (value, mut rest) = text.split_once(';').unwrap_or((text, ""));
    let mut params = Vec::new();
    while !rest.is_empty() && params.len() < MAX_ITEMS {
        rest = rest.trim_start_matches([' ', '\t']);
        match take_param(rest) {
            Taken::Param(name, raw, after) => {
                params.extend(decode_param(name, raw));
                rest = after;
            }
            Taken::Nothing => {}
            // Where an open quote ends cannot be known, so nothing after it counts.
            Taken::OpenQuote => break,
        }
        rest = rest.split_once(';').map_or("", |(_, after)| after);
    }
    (trim_ows(value), params)
}

enum Taken<'a> {
    Param(&'a str, &'a str, &'a str),
    Nothing,
    OpenQuote,
}

fn take_param(text: &str) -> Taken<'_> {
    let name_len = token_len(text);
    let (name, after) = text.split_at(name_len);
    let Some(value) = after.strip_prefix('=').filter(|_| name_len > 0) else {
        return Taken::Nothing;
    };
    let len = match value.strip_prefix('"') {
        Some(inner) => match closing_quote(inner) {
            Some(at) => at + 2,
            None => return Taken::OpenQuote,
        },
        None => token_len(value),
    };
    if len == 0 {
        return Taken::Nothing;
    }
    Taken::Param(name, &value[..len], &value[len..])
}

fn token_len(text: &str) -> usize {
    text.bytes().take_while(|&byte| is_token_byte(byte)).count()
}

fn closing_quote(inner: &str) -> Option<usize> {
    let mut escaped = false;
    inner.bytes().position(|byte| {
        let closes = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        closes
    })
}

fn decode_param(name: &str, raw: &str) -> Option<(String, String)> {
    let name = name.to_ascii_lowercase();
    let value = if name.ends_with('*') {
        // An extended value that cannot be read gives way to the plain one (RFC 6266 section 4.3).
        decode_extended(raw)?
    } else {
        // HTML forms write a quote in a file name as `%22` (HTML, multipart/form-data encoding).
        unquote(raw).replace("%22", "\"")
    };
    Some((name, value))
}

/// `charset'language'percent-encoded` (RFC 8187 section 3.2.1).
fn decode_extended(raw: &str) -> Option<String> {
    let (charset, rest) = raw.split_once('\'')?;
    let (_language, value) = rest.split_once('\'')?;
    if value.is_empty() {
        return None;
    }
    match charset.to_ascii_lowercase().as_str() {
        "utf-8" | "us-ascii" | "ascii" => {
            Some(percent_decode_str(value).decode_utf8_lossy().into_owned())
        }
        "iso-8859-1" => Some(percent_decode_str(value).map(char::from).collect()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists() {
        let check = |text, expected: &[&str]| assert_eq!(split_list(text), expected, "{text}");
        check("", &[]);
        check("a,b", &["a", "b"]);
        check(" a ,, \tb,", &["a", "b"]);
        check("a, \"b, c\", d", &["a", "\"b, c\"", "d"]);
        check("a, \"b\\\", c\", d", &["a", "\"b\\\", c\"", "d"]);
        check("a, \"b", &[]);
        check("x=\"1,2\",y", &["x=\"1,2\"", "y"]);
        assert_eq!(split_list(&"a,".repeat(MAX_ITEMS)).len(), MAX_ITEMS);
        assert_eq!(split_list(&"a,".repeat(MAX_ITEMS + 1)).len(), MAX_ITEMS);
    }

    #[test]
    fn quoting_and_back() {
        let check = |value: &str, printed: &str| {
            let mut out = String::new();
            push_value(&mut out, value);
            assert_eq!(out, printed);
            assert_eq!(unquote(printed), value);
        };
        check("token", "token");
        check("", "\"\"");
        check("two words", "\"two words\"");
        check("a\"b\\c", "\"a\\\"b\\\\c\"");
        check("é", "\"é\"");
    }

    /// Expected values are Werkzeug's `parse_options_header`.
    #[test]
    fn params() {
        let check = |text, value, expected: &[(&str, &str)]| {
            let (got, params) = parse_params(text);
            let params: Vec<_> = params.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
            assert_eq!((got, params.as_slice()), (value, expected), "{text}");
        };
        check("text/html", "text/html", &[]);
        check("a; b=c", "a", &[("b", "c")]);
        check("a;B=c ;d=\"e;f\"", "a", &[("b", "c"), ("d", "e;f")]);
        check("a; b; c=d", "a", &[("c", "d")]);
        check("a; b=; c=d", "a", &[("c", "d")]);
        check("a; =b; c=d", "a", &[("c", "d")]);
        check("a; b=\"c", "a", &[]);
        check("a; b=\"c\\\"d\"", "a", &[("b", "c\"d")]);
        check("a; b=%22c%22", "a", &[("b", "\"c\"")]);
        check("a; b=c d; e=f", "a", &[("b", "c"), ("e", "f")]);
        check("a; b*=UTF-8''%c3%a9", "a", &[("b*", "é")]);
        check("a; b*=iso-8859-1'en'%e9", "a", &[("b*", "é")]);
        check("a; b*=koi8-r''%e9; c=d", "a", &[("c", "d")]);
        check("a; b*=%e9; c=d", "a", &[("c", "d")]);
        check("", "", &[]);
        check(";;;", "", &[]);
    }

    #[test]
    fn no_value_starts_another_line() {
        assert_eq!(header_value("a\r\nset-cookie: x".into()), "a  set-cookie: x");
        assert_eq!(header_value("é\0".into()).as_bytes(), "é ".as_bytes());
    }
}
