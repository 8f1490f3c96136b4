//! What a converter's text looks like: the part that Werkzeug writes as a regular expression,
//! as functions over bytes.
//!
//! A shape decides which texts a placeholder may take and, where several could do, which is tried
//! first. Whether the value is in range is the converter's business, later: see `builtin.rs`.

use std::sync::Arc;

/// The form of a placeholder's text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Shape {
    /// Characters other than `/`, as many as possible. The limits count characters.
    Text { min: usize, max: usize },
    /// ASCII digits, as many as possible, with an optional `-` if signed.
    Digits { signed: bool },
    /// Digits, a point, digits.
    Decimal { signed: bool },
    /// One of these words, the first that leads to a match.
    Any(Arc<[String]>),
    /// 8-4-4-4-12 hexadecimal digits.
    Uuid,
    /// Anything that does not start with `/`, as little as possible.
    Path,
    /// A converter of the app: like `Path` if it takes slashes, else like any text.
    Custom { key: Arc<str>, slashes: bool },
}

impl Shape {
    /// Whether texts of this shape may contain slashes.
    pub(crate) fn spans_slashes(&self) -> bool {
        matches!(self, Self::Path | Self::Custom { slashes: true, .. })
    }

    /// Whether the whole of `text` has this shape. Unless the shape spans slashes, `text` must
    /// not contain any: the caller has split at them.
    #[inline]
    pub(crate) fn takes(&self, text: &str) -> bool {
        match self {
            Self::Text { min: 1, max: usize::MAX } => !text.is_empty(),
            Self::Digits { signed: false } => is_digits(text),
            _ => self.takes_other(text),
        }
    }

    #[inline(never)]
    fn takes_other(&self, text: &str) -> bool {
        match self {
            Self::Custom { slashes: false, .. } => !text.is_empty(),
            Self::Text { min, max } => {
                // Bytes bound the characters; count only if they do not decide.
                let most = text.len();
                let least = most.div_ceil(4);
                (least >= *min || most >= *min && text.chars().count() >= *min)
                    && (most <= *max || least <= *max && text.chars().count() <= *max)
            }
            Self::Digits { signed } => is_digits(unsigned(text, *signed)),
            Self::Decimal { signed } => unsigned(text, *signed)
                .split_once('.')
                .is_some_and(|(whole, fraction)| is_digits(whole) && is_digits(fraction)),
            Self::Any(items) => items.iter().any(|item| item == text),
            Self::Uuid => text.len() == 36 && is_uuid(text.as_bytes()),
            Self::Path | Self::Custom { slashes: true, .. } => is_path(text),
        }
    }

    /// Where the preferred text of this shape that starts at `at` ends.
    pub(crate) fn first_end(&self, text: &str, at: usize) -> Option<usize> {
        let rest = &text[at..];
        match self {
            Self::Text { min, max } => {
                let end = match *max {
                    usize::MAX => rest.find('/').unwrap_or(rest.len()),
                    // Looks no further than the limit, so that the search stays cheap.
                    max => {
                        rest.chars().take(max).take_while(|c| *c != '/').map(char::len_utf8).sum()
                    }
                };
                has_chars(&rest[..end], *min).then_some(at + end)
            }
            Self::Custom { slashes: false, .. } => {
                let run = rest.find('/').unwrap_or(rest.len());
                (run > 0).then_some(at + run)
            }
            Self::Digits { signed } => {
                let sign = sign_length(rest, *signed);
                let run = digit_run(&rest.as_bytes()[sign..]);
                (run > 0).then_some(at + sign + run)
            }
            Self::Decimal { signed } => {
                let start = decimal_start(rest, *signed)?;
                let run = digit_run(&rest.as_bytes()[start..]);
                (run > 0).then_some(at + start + run)
            }
            Self::Any(items) => prefix_of(items, rest).map(|end| at + end),
            Self::Uuid => {
                let head = rest.as_bytes().get(..36)?;
                is_uuid(head).then_some(at + 36)
            }
            Self::Path | Self::Custom { slashes: true, .. } => {
                let first = rest.chars().next()?;
                (first != '/').then(|| at + first.len_utf8())
            }
        }
    }

    /// The next end to try after `end`, which this or [`Self::first_end`] gave for the same `at`.
    pub(crate) fn next_end(&self, text: &str, at: usize, end: usize) -> Option<usize> {
        match self {
            Self::Text { min, .. } => {
                let shorter = previous_boundary(text, end);
                (shorter > at && has_chars(&text[at..shorter], *min)).then_some(shorter)
            }
            Self::Custom { slashes: false, .. } => {
                let shorter = previous_boundary(text, end);
                (shorter > at).then_some(shorter)
            }
            Self::Digits { signed } => {
                let least = at + sign_length(&text[at..], *signed) + 1;
                (end > least).then(|| end - 1)
            }
            // One digit must stay behind the point.
            Self::Decimal { .. } => (text.as_bytes()[end - 2] != b'.').then(|| end - 1),
            Self::Any(items) => {
                let tried = items.iter().position(|item| *item == text[at..end])?;
                prefix_of(&items[tried + 1..], &text[at..]).map(|end| at + end)
            }
            Self::Uuid => None,
            Self::Path | Self::Custom { slashes: true, .. } => {
                // Werkzeug's `.` does not take a line break.
                let next = text[end..].chars().next().filter(|c| *c != '\n')?;
                Some(end + next.len_utf8())
            }
        }
    }
}

fn unsigned(text: &str, signed: bool) -> &str {
    &text[sign_length(text, signed)..]
}

fn sign_length(text: &str, signed: bool) -> usize {
    usize::from(signed && text.starts_with('-'))
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

fn digit_run(bytes: &[u8]) -> usize {
    bytes.iter().position(|b| !b.is_ascii_digit()).unwrap_or(bytes.len())
}

/// Where the digits behind the point start, if there are digits and a point.
fn decimal_start(text: &str, signed: bool) -> Option<usize> {
    let sign = sign_length(text, signed);
    let whole = digit_run(&text.as_bytes()[sign..]);
    let point = sign + whole;
    (whole > 0 && text.as_bytes().get(point) == Some(&b'.')).then_some(point + 1)
}

fn prefix_of(items: &[String], text: &str) -> Option<usize> {
    items.iter().find(|item| text.starts_with(item.as_str())).map(String::len)
}

fn is_path(text: &str) -> bool {
    let mut bytes = text.bytes();
    // The first character may be a line break and the others may not: so says the expression
    // `[^/].*?` that this follows.
    bytes.next().is_some_and(|first| first != b'/') && !bytes.any(|b| b == b'\n')
}

fn is_uuid(bytes: &[u8]) -> bool {
    bytes.iter().enumerate().all(|(index, byte)| match index {
        8 | 13 | 18 | 23 => *byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    })
}

fn has_chars(text: &str, least: usize) -> bool {
    least == 0 || text.chars().nth(least - 1).is_some()
}

fn previous_boundary(text: &str, end: usize) -> usize {
    text[..end].char_indices().next_back().map_or(0, |(start, _)| start)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANY_TEXT: Shape = Shape::Text { min: 1, max: usize::MAX };

    #[test]
    fn takes() {
        let check = |shape: &Shape, yes: &[&str], no: &[&str]| {
            for text in yes {
                assert!(shape.takes(text), "{shape:?} takes {text:?}");
            }
            for text in no {
                assert!(!shape.takes(text), "{shape:?} does not take {text:?}");
            }
        };
        check(&ANY_TEXT, &["a", "é", "a b", "\n"], &[""]);
        check(
            &Shape::Text { min: 2, max: 3 },
            &["ab", "éé", "ééé", "abc"],
            &["", "a", "é", "abcd", "éééé"],
        );
        check(&Shape::Text { min: 2, max: 2 }, &["日本"], &["日", "日本語"]);
        check(&Shape::Digits { signed: false }, &["0", "007"], &["", "-1", "1.0", "+1", "٣", "1 "]);
        check(&Shape::Digits { signed: true }, &["0", "-1"], &["", "-", "--1", "+1"]);
        check(
            &Shape::Decimal { signed: false },
            &["1.5", "00.0"],
            &["1", "1.", ".5", "-1.5", "1.5.5", "1e5"],
        );
        check(&Shape::Decimal { signed: true }, &["-1.5"], &["-.5", "-"]);
        check(&Shape::Any(vec!["a".into(), "ab".into()].into()), &["a", "ab"], &["", "abc", "A"]);
        check(
            &Shape::Uuid,
            &["4E71e6a2-0000-4000-8000-00000000000f"],
            &["4e71e6a2000040008000000000000000", "4e71e6a2-0000-4000-8000-00000000000g"],
        );
        check(&Shape::Path, &["a", "a/b", "a//b/", "\na"], &["", "/a", "a\n"]);
    }

    /// All ends in the order tried.
    fn ends(shape: &Shape, text: &str, at: usize) -> Vec<usize> {
        let mut ends = Vec::new();
        let mut next = shape.first_end(text, at);
        while let Some(end) = next {
            ends.push(end);
            next = shape.next_end(text, at, end);
        }
        ends
    }

    #[test]
    fn tries_ends_as_the_expression_would() {
        let check = |shape: &Shape, text: &str, expected: &[usize]| {
            assert_eq!(ends(shape, text, 1), expected, "{shape:?} {text:?}");
        };
        check(&ANY_TEXT, "xab/c", &[3, 2]);
        check(&ANY_TEXT, "xéa", &[4, 3]);
        check(&ANY_TEXT, "x/", &[]);
        check(&Shape::Text { min: 2, max: 3 }, "xabcde", &[4, 3]);
        check(&Shape::Digits { signed: false }, "x12a", &[3, 2]);
        check(&Shape::Digits { signed: true }, "x-12", &[4, 3]);
        check(&Shape::Digits { signed: false }, "x-12", &[]);
        check(&Shape::Decimal { signed: false }, "x1.25", &[5, 4]);
        check(&Shape::Decimal { signed: false }, "x1.", &[]);
        check(&Shape::Any(vec!["a".into(), "b".into(), "ab".into()].into()), "xabc", &[2, 3]);
        check(&Shape::Path, "xa/b", &[2, 3, 4]);
        check(&Shape::Path, "xa\nb", &[2]);
        check(&Shape::Path, "x/b", &[]);
    }
}
