//! The `Range` and `If-Range` headers (RFC 9110 sections 13.1.5 and 14.1).

use super::content_range::ContentRange;
use super::date::{http_date, parse_date, unix_seconds};
use super::etag::ETag;
use super::invalid::InvalidValue;
use super::syntax::{capped, digits, header_value, trim_ows};
use crate::few;
use http::HeaderValue;
use std::fmt;
use std::str::FromStr;
use std::time::SystemTime;

/// More ranges than a download manager asks for; a cheap request must not cost a big answer
/// (RFC 9110 section 17.15).
const MAX_RANGES: usize = 16;

/// The parts of a file that a client asks for, in bytes.
///
/// Other units are errors, to be ignored as if there were no header (RFC 9110 section 14.2).
///
/// ```
/// use carafe::http::values::Range;
/// let range: Range = "bytes=0-4, -2".parse()?;
/// assert_eq!(range.resolve(11).unwrap(), [(0, 5), (9, 11)]);
/// let error = "bytes=11-".parse::<Range>()?.resolve(11).unwrap_err();
/// assert_eq!(error.content_range().to_string(), "bytes */11");
/// # Ok::<(), carafe::http::values::InvalidValue>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    specs: Vec<RangeSpec>,
}

/// One part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RangeSpec {
    /// `first-last`, both included.
    FromTo(u64, u64),
    /// `first-`, to the end.
    From(u64),
    /// `-count`: the last so many bytes.
    Suffix(u64),
}

/// None of the parts is inside the content: 416, with [`NotSatisfiable::content_range`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotSatisfiable {
    /// The content's length in bytes.
    pub length: u64,
}

impl NotSatisfiable {
    /// The `Content-Range` that tells the client how long the content is.
    pub fn content_range(&self) -> ContentRange {
        ContentRange::unsatisfied(self.length)
    }
}

impl fmt::Display for NotSatisfiable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no requested range is inside the {} bytes", self.length)
    }
}

impl std::error::Error for NotSatisfiable {}

impl Range {
    /// The parts as they were asked for.
    pub fn specs(&self) -> &[RangeSpec] {
        &self.specs
    }

    /// The parts of a content of `length` bytes, each as (start, end), the end not included.
    ///
    /// Parts outside are dropped. When parts overlap, all are sorted and joined, so no answer is
    /// longer than the content (RFC 9110 sections 14.2 and 15.3.7.2). No part of an empty content
    /// can be sent.
    pub fn resolve(&self, length: u64) -> Result<Vec<(u64, u64)>, NotSatisfiable> {
        let mut parts: Vec<_> = self.specs.iter().filter_map(|spec| spec.within(length)).collect();
        if parts.is_empty() {
            return Err(NotSatisfiable { length });
        }
        let mut sorted = parts.clone();
        few::sort_by(&mut sorted, Ord::cmp);
        if sorted.windows(2).any(|pair| pair[1].0 < pair[0].1) {
            sorted.dedup_by(|next, kept| {
                let touches = next.0 <= kept.1;
                if touches {
                    kept.1 = kept.1.max(next.1);
                }
                touches
            });
            parts = sorted;
        }
        Ok(parts)
    }

    /// The header's value.
    #[inline]
    pub fn to_header_value(&self) -> HeaderValue {
        header_value(self.to_string())
    }
}

impl RangeSpec {
    /// RFC 9110 section 14.1.2: ends past the content mean its end.
    fn within(self, length: u64) -> Option<(u64, u64)> {
        let (start, end) = match self {
            RangeSpec::FromTo(first, last) => (first, last.saturating_add(1).min(length)),
            RangeSpec::From(first) => (first, length),
            RangeSpec::Suffix(count) => (length.saturating_sub(count), length),
        };
        (start < end).then_some((start, end))
    }
}

impl FromStr for RangeSpec {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let (first, last) = text.split_once('-').unwrap_or(("", ""));
        let (first, last) = (trim_ows(first), trim_ows(last));
        let spec = match (digits(first), digits(last)) {
            (Some(first), Some(last)) if first <= last => RangeSpec::FromTo(first, last),
            (Some(first), None) if last.is_empty() => RangeSpec::From(first),
            (None, Some(count)) if first.is_empty() => RangeSpec::Suffix(count),
            _ => return Err(InvalidValue::new("a range such as `0-99`", text)),
        };
        Ok(spec)
    }
}

/// Fails on other units than bytes, on what is no range and on more than 16 of them.
impl FromStr for Range {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let invalid = || InvalidValue::new("a byte range of at most 16 parts", text);
        let (unit, set) = capped(text, "a byte range")?.split_once('=').ok_or_else(invalid)?;
        if !trim_ows(unit).eq_ignore_ascii_case("bytes") {
            return Err(invalid());
        }
        let items = || set.split(',').map(trim_ows).filter(|item| !item.is_empty());
        if !(1..=MAX_RANGES).contains(&items().take(MAX_RANGES + 1).count()) {
            return Err(invalid());
        }
        Ok(Range { specs: items().map(str::parse).collect::<Result<_, _>>()? })
    }
}

impl fmt::Display for RangeSpec {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RangeSpec::FromTo(first, last) => write!(f, "{first}-{last}"),
            RangeSpec::From(first) => write!(f, "{first}-"),
            RangeSpec::Suffix(count) => write!(f, "-{count}"),
        }
    }
}

impl fmt::Display for Range {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, spec) in self.specs.iter().enumerate() {
            write!(f, "{}{spec}", if at == 0 { "bytes=" } else { "," })?;
        }
        Ok(())
    }
}

/// What a partial download started from: the rest is wanted only if it is still that.
///
/// ```
/// use carafe::http::values::{ETag, IfRange};
/// let current = ETag::strong("v2")?;
/// assert!(!IfRange::parse("\"v1\"").matches(Some(&current), None));
/// # Ok::<(), carafe::http::values::InvalidValue>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum IfRange {
    /// A tag, to be compared strongly.
    Tag(ETag),
    /// A date, to be compared exactly.
    Date(SystemTime),
    /// Neither: matches nothing, so all of the content is sent.
    Unreadable,
}

impl IfRange {
    /// Reads a header's value.
    pub fn parse(text: &str) -> Self {
        match (text.parse(), parse_date(text)) {
            (Ok(tag), _) => IfRange::Tag(tag),
            (_, Some(date)) => IfRange::Date(date),
            _ => IfRange::Unreadable,
        }
    }

    /// Whether the content is still the same (RFC 9110 section 13.1.5).
    pub fn matches(&self, etag: Option<&ETag>, last_modified: Option<SystemTime>) -> bool {
        match self {
            IfRange::Tag(tag) => etag.is_some_and(|etag| tag.strong_eq(etag)),
            IfRange::Date(date) => {
                last_modified.is_some_and(|time| unix_seconds(time) == unix_seconds(*date))
            }
            IfRange::Unreadable => false,
        }
    }

    /// The header's value; empty for [`IfRange::Unreadable`].
    #[inline]
    pub fn to_header_value(&self) -> HeaderValue {
        header_value(self.to_string())
    }
}

impl fmt::Display for IfRange {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            IfRange::Tag(tag) => tag.fmt(f),
            IfRange::Date(date) => f.write_str(&http_date(*date)),
            IfRange::Unreadable => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses() {
        let check = |text: &str, printed: Option<&str>| {
            let got = text.parse::<Range>().ok().map(|range| range.to_string());
            assert_eq!(got.as_deref(), printed, "{text}");
        };
        check("bytes=0-4", Some("bytes=0-4"));
        check("Bytes = 5- , -3,,", Some("bytes=5-,-3"));
        check("bytes=0-0", Some("bytes=0-0"));
        check("bytes=0-99999999999999999999", Some("bytes=0-18446744073709551615"));
        check("bytes=4-3", None);
        check("bytes=-", None);
        check("bytes=", None);
        check("bytes=a-b", None);
        check("bytes=+1-2", None);
        check("bytes=1", None);
        check("bytes=1-2-3", None);
        check("bytes=--1", None);
        check("bytes 0-4", None);
        check("items=0-4", None);
        check("", None);
        let many = |n: usize| format!("bytes={}", vec!["1-2"; n].join(","));
        assert!(many(MAX_RANGES).parse::<Range>().is_ok());
        assert!(many(MAX_RANGES + 1).parse::<Range>().is_err());
    }

    #[test]
    fn resolves() {
        let check = |text: &str, length, expected: Option<&[(u64, u64)]>| {
            let got = text.parse::<Range>().unwrap().resolve(length);
            assert_eq!(got.ok().as_deref(), expected, "{text} of {length}");
        };
        check("bytes=0-4", 11, Some(&[(0, 5)]));
        check("bytes=5-", 11, Some(&[(5, 11)]));
        check("bytes=-3", 11, Some(&[(8, 11)]));
        check("bytes=-30", 11, Some(&[(0, 11)]));
        check("bytes=10-99", 11, Some(&[(10, 11)]));
        check("bytes=0-18446744073709551615", 11, Some(&[(0, 11)]));
        check("bytes=11-", 11, None);
        check("bytes=-0", 11, None);
        check("bytes=0-", 0, None);
        check("bytes=-5", 0, None);
        check("bytes=20-30,0-1", 11, Some(&[(0, 2)]));
        check("bytes=5-6,0-1", 11, Some(&[(5, 7), (0, 2)]));
        check("bytes=0-1,2-3", 11, Some(&[(0, 2), (2, 4)]));
        check("bytes=0-,0-,0-", 11, Some(&[(0, 11)]));
        check("bytes=4-6,9-,0-4", 11, Some(&[(0, 7), (9, 11)]));
    }
}
