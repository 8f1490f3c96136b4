//! When a member of an `Accept...` header matches an offer, and how specific it is
//! (RFC 9110 sections 12.5.1 to 12.5.4). Knows no qualities.

use crate::few;

/// What is accepted decides how it compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Media,
    Charset,
    Encoding,
    Language,
}

/// Type named, subtype named, number of parameters; compared in that order.
pub(super) type Specificity = (bool, bool, usize);

pub(super) fn specificity(kind: Kind, value: &str) -> Specificity {
    if kind != Kind::Media {
        return (value != "*", false, 0);
    }
    let (range, params) = value.split_once(';').unwrap_or((value, ""));
    let (main, sub) = range.split_once('/').unwrap_or((range, "*"));
    let count = if params.is_empty() { 0 } else { params.split(';').count() };
    (main != "*", sub.trim_end() != "*", count)
}

pub(super) fn matches(kind: Kind, value: &str, item: &str) -> bool {
    match kind {
        Kind::Media => media_matches(value, item),
        _ if item == "*" => true,
        Kind::Encoding => value.eq_ignore_ascii_case(item),
        Kind::Charset => charset_eq(value, item),
        Kind::Language => value.len() == item.len() && tags(value).eq(tags(item)),
    }
}

/// `value` is the application's, `item` the client's; `*/json` is neither's.
fn media_matches(value: &str, item: &str) -> bool {
    let (Some(value), Some(item)) = (Media::split(value), Media::split(item)) else {
        return false;
    };
    if value.is_any() || item.is_any() {
        return true;
    }
    value.main.eq_ignore_ascii_case(item.main)
        && (value.sub == "*"
            || item.sub == "*"
            || (value.sub.eq_ignore_ascii_case(item.sub)
                && value.sorted_params() == item.sorted_params()))
}

struct Media<'a> {
    main: &'a str,
    sub: &'a str,
    params: &'a str,
}

impl<'a> Media<'a> {
    fn split(text: &'a str) -> Option<Media<'a>> {
        let (range, params) = text.split_once(';').unwrap_or((text, ""));
        let (main, sub) = range.trim().split_once('/')?;
        (main != "*" || sub == "*").then_some(Media { main, sub, params })
    }

    fn is_any(&self) -> bool {
        self.main == "*"
    }

    fn sorted_params(&self) -> Vec<String> {
        let params = self.params.split(';').map(|param| param.trim().to_ascii_lowercase());
        let mut params: Vec<_> = params.filter(|param| !param.is_empty()).collect();
        few::sort_by(&mut params, String::cmp);
        params
    }
}

/// `utf8` and `UTF-8` are one charset, whatever the separators.
fn charset_eq(a: &str, b: &str) -> bool {
    fn letters(name: &str) -> impl Iterator<Item = u8> {
        name.bytes().filter(|b| !matches!(b, b'-' | b'_')).map(|b| b.to_ascii_lowercase())
    }
    letters(a).eq(letters(b))
}

/// Language tags compare without case, `en_US` as `en-US` (RFC 4647 section 3.3).
fn tags(tag: &str) -> impl Iterator<Item = u8> {
    tag.bytes().map(|byte| if byte == b'_' { b'-' } else { byte.to_ascii_lowercase() })
}

pub(super) fn primary(tag: &str) -> &str {
    tag.split(['-', '_']).next().unwrap_or(tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expected values are those of Werkzeug's `_value_matches`, value first.
    #[test]
    fn compares_as_werkzeug() {
        let check = |kind, value, item, expected| {
            assert_eq!(matches(kind, value, item), expected, "{value} {item}");
        };
        check(Kind::Media, "text/html", "TEXT/*", true);
        check(Kind::Media, "text/*", "text/html;a=b", true);
        check(Kind::Media, "*/*", "a/b", true);
        check(Kind::Media, "a/b;x=1;y=2", "a/b; y=2; x=1", true);
        check(Kind::Media, "a/b;x=1", "a/b", false);
        check(Kind::Media, "a/b", "*/b", false);
        check(Kind::Media, "a/b", "*", false);
        check(Kind::Media, "a", "*/*", false);
        check(Kind::Language, "en_us", "EN-US", true);
        check(Kind::Language, "en", "en-US", false);
        check(Kind::Charset, "UTF8", "utf-8", true);
        check(Kind::Encoding, "GZIP", "gzip", true);
        check(Kind::Encoding, "br", "*", true);
    }
}
