//! Conditional requests: whether to answer at all (RFC 9110 section 13).

use super::date::{parse_date, unix_seconds};
use super::etag::{ETag, ETags};
use super::field::field;
use super::range::IfRange;
use http::{HeaderMap, Method, header};
use std::time::SystemTime;

/// What a conditional request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Precondition {
    /// Answer as if there were no conditions.
    Proceed,
    /// 304: the client has this already.
    NotModified,
    /// 412: the client's idea of the resource is out of date.
    Failed,
}

/// What is known of the resource as it is now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Validators {
    /// The tag its answer would carry.
    pub etag: Option<ETag>,
    /// When it last changed; fractions of a second do not count.
    pub last_modified: Option<SystemTime>,
}

/// The conditions of a request.
///
/// Evaluate them only where the answer would otherwise be a success: errors and redirects go out
/// as they are (RFC 9110 section 13.2.1).
///
/// ```
/// use carafe::http::values::{Conditions, ETag, Precondition, Validators};
/// let mut headers = http::HeaderMap::new();
/// headers.insert("if-none-match", "\"v1\"".parse().unwrap());
/// let conditions = Conditions::from_headers(&headers);
/// let now = Validators { etag: ETag::strong("v1").ok(), last_modified: None };
/// let answer = conditions.evaluate(&http::Method::GET, Some(&now));
/// assert_eq!(answer, Precondition::NotModified);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conditions {
    /// `If-Match`; `None` when absent.
    pub if_match: Option<ETags>,
    /// `If-None-Match`; `None` when absent.
    pub if_none_match: Option<ETags>,
    /// `If-Modified-Since`; `None` when absent or no date.
    pub if_modified_since: Option<SystemTime>,
    /// `If-Unmodified-Since`; `None` when absent or no date.
    pub if_unmodified_since: Option<SystemTime>,
    /// `If-Range`; `None` when absent.
    pub if_range: Option<IfRange>,
}

impl Conditions {
    /// Reads the five headers. Empty ones count as absent, dates that are none are ignored
    /// (RFC 9110 sections 13.1.3 and 13.1.4).
    pub fn from_headers(headers: &HeaderMap) -> Self {
        let tags = |name| {
            let value = field(headers, name)?;
            (!value.trim().is_empty()).then(|| ETags::parse(&value))
        };
        let date = |name| parse_date(&field(headers, name)?);
        Conditions {
            if_match: tags(header::IF_MATCH),
            if_none_match: tags(header::IF_NONE_MATCH),
            if_modified_since: date(header::IF_MODIFIED_SINCE),
            if_unmodified_since: date(header::IF_UNMODIFIED_SINCE),
            if_range: field(headers, header::IF_RANGE).map(|value| IfRange::parse(&value)),
        }
    }

    /// Steps 1 to 4 of RFC 9110 section 13.2.2. `current` is `None` for a resource that does not
    /// exist (yet).
    pub fn evaluate(&self, method: &Method, current: Option<&Validators>) -> Precondition {
        if !self.is_still_wanted(current) {
            return Precondition::Failed;
        }
        let is_read = matches!(*method, Method::GET | Method::HEAD);
        let is_new = match &self.if_none_match {
            Some(tags) => none_matches(tags, current),
            None => !is_read || self.is_modified(current),
        };
        match (is_new, is_read) {
            (true, _) => Precondition::Proceed,
            (false, true) => Precondition::NotModified,
            (false, false) => Precondition::Failed,
        }
    }

    /// Step 5: whether a `Range` header may be honoured. Without `If-Range` it always may.
    pub fn range_applies(&self, current: &Validators) -> bool {
        match &self.if_range {
            Some(if_range) => if_range.matches(current.etag.as_ref(), current.last_modified),
            None => true,
        }
    }

    /// Steps 1 and 2: `If-Match`, else `If-Unmodified-Since`.
    fn is_still_wanted(&self, current: Option<&Validators>) -> bool {
        if let Some(tags) = &self.if_match {
            let etag = current.and_then(|current| current.etag.as_ref());
            return match etag {
                Some(etag) => tags.contains_strong(etag),
                None => tags.is_any() && current.is_some(),
            };
        }
        let changed = current.and_then(|current| current.last_modified);
        match (self.if_unmodified_since, changed) {
            (Some(since), Some(changed)) => unix_seconds(changed) <= unix_seconds(since),
            _ => true,
        }
    }

    /// Step 4: `If-Modified-Since`, of use only with a date to compare (section 13.1.3).
    fn is_modified(&self, current: Option<&Validators>) -> bool {
        let changed = current.and_then(|current| current.last_modified);
        match (self.if_modified_since, changed) {
            (Some(since), Some(changed)) => unix_seconds(changed) > unix_seconds(since),
            _ => true,
        }
    }
}

/// Step 3, compared weakly (RFC 9110 section 13.1.2).
fn none_matches(tags: &ETags, current: Option<&Validators>) -> bool {
    match current {
        Some(Validators { etag: Some(etag), .. }) => !tags.contains_weak(etag),
        Some(_) => !tags.is_any(),
        None => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "Sun, 06 Nov 1994 08:49:36 GMT";
    const NOW: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
    const NEW: &str = "Sun, 06 Nov 1994 08:49:38 GMT";

    fn conditions(lines: &[(&'static str, &str)]) -> Conditions {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, value.parse().unwrap());
        }
        Conditions::from_headers(&headers)
    }

    fn current() -> Validators {
        let half = std::time::Duration::from_millis(500);
        let changed = parse_date(NOW).map(|date| date + half);
        Validators { etag: ETag::strong("a").ok(), last_modified: changed }
    }

    #[test]
    fn order_of_rfc_9110() {
        use Precondition::{Failed, NotModified, Proceed};
        let check = |lines: &[(&'static str, &str)], get, put| {
            let conditions = conditions(lines);
            let answer = |method| conditions.evaluate(&method, Some(&current()));
            let got = (answer(Method::GET), answer(Method::HEAD), answer(Method::PUT));
            assert_eq!(got, (get, get, put), "{lines:?}");
        };
        check(&[], Proceed, Proceed);
        check(&[("if-match", "\"a\"")], Proceed, Proceed);
        check(&[("if-match", "\"b\""), ("if-match", "\"a\"")], Proceed, Proceed);
        check(&[("if-match", "*")], Proceed, Proceed);
        check(&[("if-match", "W/\"a\"")], Failed, Failed);
        check(&[("if-match", "\"b\"")], Failed, Failed);
        check(&[("if-match", "\"b")], Failed, Failed);
        check(&[("if-match", "")], Proceed, Proceed);
        check(&[("if-unmodified-since", OLD)], Failed, Failed);
        check(&[("if-unmodified-since", NOW)], Proceed, Proceed);
        check(&[("if-unmodified-since", "never")], Proceed, Proceed);
        check(&[("if-match", "\"a\""), ("if-unmodified-since", OLD)], Proceed, Proceed);
        check(&[("if-none-match", "\"a\"")], NotModified, Failed);
        check(&[("if-none-match", "W/\"a\"")], NotModified, Failed);
        check(&[("if-none-match", "*")], NotModified, Failed);
        check(&[("if-none-match", "\"b\"")], Proceed, Proceed);
        check(&[("if-modified-since", OLD)], Proceed, Proceed);
        check(&[("if-modified-since", NOW)], NotModified, Proceed);
        check(&[("if-modified-since", NEW)], NotModified, Proceed);
        check(&[("if-modified-since", "soon")], Proceed, Proceed);
        check(&[("if-none-match", "\"b\""), ("if-modified-since", NEW)], Proceed, Proceed);
        check(&[("if-match", "\"a\""), ("if-none-match", "\"a\"")], NotModified, Failed);
        check(&[("if-match", "\"b\""), ("if-none-match", "\"a\"")], Failed, Failed);
    }

    #[test]
    fn nothing_there_yet() {
        let check = |name, value, answer| {
            let got = conditions(&[(name, value)]).evaluate(&Method::PUT, None);
            assert_eq!(got, answer, "{name}: {value}");
        };
        check("if-match", "*", Precondition::Failed);
        check("if-match", "\"a\"", Precondition::Failed);
        check("if-none-match", "*", Precondition::Proceed);
        check("if-unmodified-since", OLD, Precondition::Proceed);
    }

    #[test]
    fn ranges_of_the_same_thing_only() {
        let check = |value, applies| {
            let got = conditions(&[("if-range", value)]).range_applies(&current());
            assert_eq!(got, applies, "{value}");
        };
        check("\"a\"", true);
        check("\"b\"", false);
        check("W/\"a\"", false);
        check(NOW, true);
        check(OLD, false);
        check(NEW, false);
        check("", false);
        assert!(Conditions::default().range_applies(&current()));
    }
}
