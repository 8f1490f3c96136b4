//! Entity tags (RFC 9110 section 8.8.3) and the lists of them in `If-Match` and `If-None-Match`.

use super::invalid::InvalidValue;
use super::syntax::{MAX_ITEMS, MAX_LEN, header_value, trim_ows};
use http::HeaderValue;
use sha2::{Digest, Sha256};
use std::fmt::{self, Write};
use std::str::FromStr;

/// A name for one state of a resource. A weak tag says "the same for its readers", a strong one
/// "the same byte for byte".
///
/// ```
/// use carafe::http::values::ETag;
/// let tag: ETag = "W/\"v1\"".parse()?;
/// assert!(tag.is_weak());
/// assert!(tag.weak_eq(&ETag::strong("v1")?) && !tag.strong_eq(&ETag::strong("v1")?));
/// # Ok::<(), carafe::http::values::InvalidValue>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ETag {
    weak: bool,
    tag: String,
}

const WHAT: &str = "an entity tag";

impl ETag {
    /// A strong tag; fails on quotes, spaces and control characters (RFC 9110 section 8.8.3).
    pub fn strong(tag: impl Into<String>) -> Result<Self, InvalidValue> {
        Self::new(false, tag.into())
    }

    /// A weak tag, with the limits of [`ETag::strong`].
    pub fn weak(tag: impl Into<String>) -> Result<Self, InvalidValue> {
        Self::new(true, tag.into())
    }

    /// A strong tag made of the content itself: 32 hexadecimal digits of its SHA-256.
    pub fn from_content(content: &[u8]) -> Self {
        let mut tag = String::with_capacity(32);
        for byte in Sha256::digest(content).iter().take(16) {
            // Writing to a String cannot fail.
            let _ = write!(tag, "{byte:02x}");
        }
        ETag { weak: false, tag }
    }

    fn new(weak: bool, tag: String) -> Result<Self, InvalidValue> {
        if tag.bytes().all(|b| b > b' ' && b != b'"' && b != 0x7f) && tag.len() <= MAX_LEN {
            Ok(ETag { weak, tag })
        } else {
            Err(InvalidValue::new(WHAT, &tag))
        }
    }

    /// The tag without quotes and `W/`.
    pub fn tag(&self) -> &str {
        &self.tag
    }

    /// Whether the tag is weak.
    pub fn is_weak(&self) -> bool {
        self.weak
    }

    /// Equal, and neither is weak (RFC 9110 section 8.8.3.2).
    pub fn strong_eq(&self, other: &ETag) -> bool {
        !self.weak && !other.weak && self.tag == other.tag
    }

    /// Equal, weak or not (RFC 9110 section 8.8.3.2).
    pub fn weak_eq(&self, other: &ETag) -> bool {
        self.tag == other.tag
    }

    /// The value of an `ETag` header.
    pub fn to_header_value(&self) -> HeaderValue {
        header_value(self.to_string())
    }
}

/// Reads `"tag"` and `W/"tag"`; the quotes are required.
impl FromStr for ETag {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let (weak, rest) = strip_weak(trim_ows(text));
        let tag = rest.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        Self::new(weak, tag.ok_or_else(|| InvalidValue::new(WHAT, text))?.to_owned())
    }
}

impl fmt::Display for ETag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\"{}\"", if self.weak { "W/" } else { "" }, self.tag)
    }
}

/// The value of `If-Match` or `If-None-Match`: any tag at all (`*`), or one of a list.
///
/// Read as Werkzeug does: tags without quotes count, what is no tag is skipped. At most 1000.
///
/// ```
/// use carafe::http::values::{ETag, ETags};
/// let tags = ETags::parse("\"a\", W/\"b\"");
/// assert!(tags.contains_weak(&ETag::strong("b")?));
/// assert!(!tags.contains_strong(&ETag::strong("b")?));
/// assert!(ETags::parse("*").is_any());
/// # Ok::<(), carafe::http::values::InvalidValue>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ETags {
    any: bool,
    tags: Vec<ETag>,
}

impl ETags {
    /// Reads a header's value. Lines of the same name are joined before (see
    /// [`field`](super::field)).
    pub fn parse(header: &str) -> Self {
        let header = trim_ows(header);
        if header == "*" {
            return ETags { any: true, tags: Vec::new() };
        }
        let mut tags = Vec::new();
        let mut rest = if header.len() <= MAX_LEN { header } else { "" };
        while !rest.is_empty() && tags.len() < MAX_ITEMS {
            match take_tag(rest) {
                Some((tag, after)) => {
                    tags.push(tag);
                    rest = after;
                }
                None => rest = rest.split_once(',').map_or("", |(_, after)| after),
            }
        }
        ETags { any: false, tags }
    }

    /// Whether the header was `*`.
    pub fn is_any(&self) -> bool {
        self.any
    }

    /// Whether there is neither `*` nor a tag.
    pub fn is_empty(&self) -> bool {
        !self.any && self.tags.is_empty()
    }

    /// `*`, or a tag that is equal in the strong comparison.
    pub fn contains_strong(&self, etag: &ETag) -> bool {
        self.any || self.tags.iter().any(|tag| tag.strong_eq(etag))
    }

    /// `*`, or a tag that is equal in the weak comparison.
    pub fn contains_weak(&self, etag: &ETag) -> bool {
        self.any || self.tags.iter().any(|tag| tag.weak_eq(etag))
    }

    /// The listed tags; none for `*`.
    pub fn iter(&self) -> impl Iterator<Item = &ETag> {
        self.tags.iter()
    }

    /// The header's value.
    pub fn to_header_value(&self) -> HeaderValue {
        header_value(self.to_string())
    }
}

impl fmt::Display for ETags {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.any {
            return f.write_str("*");
        }
        for (at, tag) in self.tags.iter().enumerate() {
            write!(f, "{}{tag}", if at == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

/// `W/` is case-sensitive in the RFC; Werkzeug also takes `w/`.
fn strip_weak(text: &str) -> (bool, &str) {
    match text.strip_prefix("W/").or_else(|| text.strip_prefix("w/")) {
        Some(rest) => (true, rest),
        None => (false, text),
    }
}

/// A tag, quoted or bare, that a comma or the end follows. Commas belong to quoted tags.
fn take_tag(text: &str) -> Option<(ETag, &str)> {
    let (weak, rest) = strip_weak(text.trim_start_matches([' ', '\t']));
    let quoted = rest.starts_with('"');
    let (tag, rest) = match rest.strip_prefix('"') {
        Some(inner) => inner.split_once('"')?,
        None => rest.split_at(rest.find(['"', ' ', '\t', ',']).unwrap_or(rest.len())),
    };
    let rest = rest.trim_start_matches([' ', '\t']);
    let after = if rest.is_empty() { rest } else { rest.strip_prefix(',')? };
    (quoted || !tag.is_empty()).then(|| (ETag { weak, tag: tag.to_owned() }, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_tag() {
        let check = |text: &str, printed: Option<&str>| {
            let got = text.parse::<ETag>().ok().map(|tag| tag.to_string());
            assert_eq!(got.as_deref(), printed, "{text}");
        };
        check("\"a\"", Some("\"a\""));
        check("w/\"a\"", Some("W/\"a\""));
        check("\"\"", Some("\"\""));
        check("\"é\"", Some("\"é\""));
        check("a", None);
        check("\"", None);
        check("\"a\"b\"", None);
        check("\"a b\"", None);
        check("\"a\n\"", None);
        assert!(ETag::strong("a\"").is_err());
        assert_eq!(ETag::from_content(b"").tag(), "e3b0c44298fc1c149afbf4c8996fb924");
    }

    /// Expected values are Werkzeug's `parse_etags`.
    #[test]
    fn many_tags() {
        let check = |text, printed| assert_eq!(ETags::parse(text).to_string(), printed, "{text}");
        check("", "");
        check("*", "*");
        check("\"a\", \"b\"", "\"a\", \"b\"");
        check("\"a,b\",W/\"c\"", "\"a,b\", W/\"c\"");
        check("a, W/b", "\"a\", W/\"b\"");
        check("\"a\" x, \"b\"", "\"b\"");
        check("\"a, b", "\"b\"");
        check("a b, c", "\"c\"");
        check(",, \"a\" ,", "\"a\"");
        check("\"a b\"", "\"a b\"");
        check("*, \"a\"", "\"*\", \"a\"");
        assert_eq!(ETags::parse(&"a,".repeat(MAX_ITEMS + 1)).iter().count(), MAX_ITEMS);
    }
}
