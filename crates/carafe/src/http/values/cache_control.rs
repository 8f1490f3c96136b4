//! The `Cache-Control` header of requests and responses (RFC 9111 section 5.2).

use super::syntax::{MAX_LEN, digits, header_value, parse_pairs, push_pair};
use http::HeaderValue;
use std::fmt;
use std::time::Duration;

/// What caches may do. Directives keep their order, unknown ones too; of equal names the first
/// counts (RFC 9111 section 4.2.1).
///
/// ```
/// use carafe::http::values::CacheControl;
/// use std::time::Duration;
/// let cache = CacheControl::new().public().max_age(Duration::from_secs(3600)).immutable();
/// assert_eq!(cache.to_string(), "public, max-age=3600, immutable");
/// let asked = CacheControl::parse("no-cache, max-age=0");
/// assert!(asked.is_no_cache());
/// assert_eq!(asked.seconds("max-age"), Some(0));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CacheControl {
    directives: Vec<(String, Option<String>)>,
}

impl CacheControl {
    /// No directives.
    #[inline]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads a header's value; what is no directive is skipped.
    #[inline]
    pub fn parse(header: &str) -> Self {
        let directives = if header.len() <= MAX_LEN { parse_pairs(header) } else { Vec::new() };
        CacheControl { directives }
    }

    /// A directive's value: `None` without the directive, `Some(None)` without a value.
    #[inline]
    pub fn get(&self, name: &str) -> Option<Option<&str>> {
        let found = self.directives.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        Some(found.1.as_deref())
    }

    /// Whether the directive is there.
    #[inline]
    pub fn contains(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// A directive's value in seconds; `None` also when it is no number (RFC 9111 section 1.2.2).
    #[inline]
    pub fn seconds(&self, name: &str) -> Option<u64> {
        digits(self.get(name)??)
    }

    /// Whether no directive is there.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.directives.is_empty()
    }

    /// `no-cache`: ask the origin first.
    #[inline]
    pub fn is_no_cache(&self) -> bool {
        self.contains("no-cache")
    }

    /// `no-store`: keep no copy.
    #[inline]
    pub fn is_no_store(&self) -> bool {
        self.contains("no-store")
    }

    /// `private`: for one user.
    #[inline]
    pub fn is_private(&self) -> bool {
        self.contains("private")
    }

    /// `public`: for any cache.
    #[inline]
    pub fn is_public(&self) -> bool {
        self.contains("public")
    }

    /// `only-if-cached`: the client does not want the origin asked.
    #[inline]
    pub fn is_only_if_cached(&self) -> bool {
        self.contains("only-if-cached")
    }

    /// Sets any directive, in place of an equal one. Names are lower-cased; a value that is no
    /// token is quoted.
    #[inline]
    pub fn with(mut self, name: &str, value: Option<&str>) -> Self {
        let value = value.map(str::to_owned);
        match self.directives.iter_mut().find(|(key, _)| key.eq_ignore_ascii_case(name)) {
            Some(found) => found.1 = value,
            None => self.directives.push((name.to_ascii_lowercase(), value)),
        }
        self
    }

    /// Takes a directive out.
    #[inline]
    pub fn without(mut self, name: &str) -> Self {
        self.directives.retain(|(key, _)| !key.eq_ignore_ascii_case(name));
        self
    }

    /// May be kept, but not used without asking the origin.
    #[inline]
    pub fn no_cache(self) -> Self {
        self.with("no-cache", None)
    }

    /// May not be kept at all.
    #[inline]
    pub fn no_store(self) -> Self {
        self.with("no-store", None)
    }

    /// Must be passed on as it is.
    #[inline]
    pub fn no_transform(self) -> Self {
        self.with("no-transform", None)
    }

    /// May be kept by any cache. Takes `private` out.
    #[inline]
    pub fn public(self) -> Self {
        self.without("private").with("public", None)
    }

    /// May be kept by the user's own cache only. Takes `public` out.
    #[inline]
    pub fn private(self) -> Self {
        self.without("public").with("private", None)
    }

    /// Once stale, never to be used without asking.
    #[inline]
    pub fn must_revalidate(self) -> Self {
        self.with("must-revalidate", None)
    }

    /// Like [`CacheControl::must_revalidate`], for shared caches.
    #[inline]
    pub fn proxy_revalidate(self) -> Self {
        self.with("proxy-revalidate", None)
    }

    /// To be kept only by caches that know the status code's rules.
    #[inline]
    pub fn must_understand(self) -> Self {
        self.with("must-understand", None)
    }

    /// Never changes while it is fresh (RFC 8246).
    #[inline]
    pub fn immutable(self) -> Self {
        self.with("immutable", None)
    }

    /// Fresh for so many whole seconds.
    #[inline]
    pub fn max_age(self, age: Duration) -> Self {
        self.with_seconds("max-age", age)
    }

    /// Fresh for so many whole seconds in shared caches.
    #[inline]
    pub fn s_maxage(self, age: Duration) -> Self {
        self.with_seconds("s-maxage", age)
    }

    /// May be used so long after it went stale, while it is fetched again (RFC 5861 section 3).
    #[inline]
    pub fn stale_while_revalidate(self, age: Duration) -> Self {
        self.with_seconds("stale-while-revalidate", age)
    }

    /// May be used so long after it went stale, when the origin fails (RFC 5861 section 4).
    #[inline]
    pub fn stale_if_error(self, age: Duration) -> Self {
        self.with_seconds("stale-if-error", age)
    }

    /// The header's value.
    #[inline]
    pub fn to_header_value(&self) -> HeaderValue {
        header_value(self.to_string())
    }

    #[inline]
    fn with_seconds(self, name: &str, age: Duration) -> Self {
        self.with(name, Some(&age.as_secs().to_string()))
    }
}

impl fmt::Display for CacheControl {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = String::new();
        for (name, value) in &self.directives {
            out.push_str(if out.is_empty() { "" } else { ", " });
            push_pair(&mut out, name, value.as_deref());
        }
        f.write_str(&out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expected values are Werkzeug's, but for case and repeated names.
    #[test]
    fn parses_and_prints() {
        let check = |text, printed| {
            assert_eq!(CacheControl::parse(text).to_string(), printed, "{text}");
        };
        check("", "");
        check("No-Cache , MAX-AGE=\"60\"", "no-cache, max-age=60");
        check("private=\"a, b\", x-y=z", "private=\"a, b\", x-y=z");
        check("=1, a b, c=", "c=\"\"");
        check("no-cache=\"a", "");
    }

    #[test]
    fn typed() {
        let check = |text, seconds| {
            assert_eq!(CacheControl::parse(text).seconds("max-age"), seconds, "{text}");
        };
        check("max-age=60", Some(60));
        check("max-age=60, max-age=1", Some(60));
        check("max-age=99999999999999999999", Some(u64::MAX));
        check("max-age=-1", None);
        check("max-age", None);
        check("s-maxage=1", None);
        let cache = CacheControl::new().private().public().no_cache().no_cache();
        assert_eq!(cache.without("PUBLIC").to_string(), "no-cache");
        assert_eq!(CacheControl::parse("max-stale").get("max-stale"), Some(None));
    }
}
