//! The `Content-Range` header (RFC 9110 section 14.4).

use super::invalid::InvalidValue;
use super::syntax::{digits, header_value, trim_ows};
use http::HeaderValue;
use std::fmt;
use std::str::FromStr;

/// Which bytes of a content an answer holds.
///
/// ```
/// use carafe::http::values::ContentRange;
/// let range = ContentRange::new(0, 5, Some(11)).unwrap();
/// assert_eq!(range.to_string(), "bytes 0-4/11");
/// assert_eq!("bytes 0-4/11".parse(), Ok(range));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContentRange {
    /// Start and end, the end not included.
    range: Option<(u64, u64)>,
    length: Option<u64>,
}

impl ContentRange {
    /// The bytes from `start` up to, not including, `end`, of `length` if that is known. `None`
    /// unless `start < end <= length`.
    pub fn new(start: u64, end: u64, length: Option<u64>) -> Option<Self> {
        let inside = length.is_none_or(|length| end <= length);
        (start < end && inside).then_some(ContentRange { range: Some((start, end)), length })
    }

    /// No bytes, only the content's length: for a 416.
    pub fn unsatisfied(length: u64) -> Self {
        ContentRange { range: None, length: Some(length) }
    }

    /// Start and end, the end not included.
    pub fn range(&self) -> Option<(u64, u64)> {
        self.range
    }

    /// The whole content's length in bytes, if it is known.
    pub fn complete_length(&self) -> Option<u64> {
        self.length
    }

    /// The header's value.
    pub fn to_header_value(&self) -> HeaderValue {
        header_value(self.to_string())
    }
}

impl fmt::Display for ContentRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.range {
            Some((start, end)) => write!(f, "bytes {start}-{}/", end - 1)?,
            None => f.write_str("bytes */")?,
        }
        match self.length {
            Some(length) => write!(f, "{length}"),
            None => f.write_str("*"),
        }
    }
}

impl FromStr for ContentRange {
    type Err = InvalidValue;

    #[inline]
    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        parse(text).ok_or_else(|| InvalidValue::new("a byte content range", text))
    }
}

#[inline]
fn parse(text: &str) -> Option<ContentRange> {
    let (unit, rest) = trim_ows(text).split_once(' ')?;
    let (range, length) = rest.split_once('/')?;
    if !unit.eq_ignore_ascii_case("bytes") {
        return None;
    }
    let length = if length == "*" { None } else { Some(digits(length)?) };
    if range == "*" {
        // Without a length it would say nothing.
        return length.map(ContentRange::unsatisfied);
    }
    let (first, last) = range.split_once('-')?;
    ContentRange::new(digits(first)?, digits(last)?.checked_add(1)?, length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_and_prints() {
        let check = |text: &str, valid: bool| {
            let got = text.parse::<ContentRange>().ok().map(|range| range.to_string());
            assert_eq!(got.as_deref(), valid.then_some(text));
        };
        check("bytes 0-4/11", true);
        check("bytes 0-4/*", true);
        check("bytes */11", true);
        check("bytes 0-10/11", true);
        check("bytes 0-11/11", false);
        check("bytes 4-0/11", false);
        check("bytes */*", false);
        check("bytes 0/11", false);
        check("bytes -4/11", false);
        check("bytes", false);
        check("items 0-4/11", false);
        check("bytes 0-18446744073709551615/*", false);
        assert_eq!(ContentRange::new(5, 5, None), None);
        assert_eq!(ContentRange::new(0, 12, Some(11)), None);
    }
}
