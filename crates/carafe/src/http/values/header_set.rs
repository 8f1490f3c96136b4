//! Lists in which case and order do not matter: `Vary`, `Allow`, `Content-Language`.

use super::syntax::{MAX_LEN, header_value, push_value, split_list, unquote};
use http::HeaderValue;
use std::collections::BTreeSet;
use std::fmt;

/// Names without regard to case, each once, in the order they came.
///
/// ```
/// use carafe::http::values::HeaderSet;
/// let mut vary = HeaderSet::parse("Accept, cookie");
/// vary.add("Cookie");
/// vary.add("Origin");
/// assert_eq!(vary.to_string(), "Accept, cookie, Origin");
/// assert!(vary.contains("ACCEPT"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeaderSet {
    names: Vec<String>,
}

impl HeaderSet {
    /// An empty set.
    #[inline]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads a comma-separated list; at most 1000 names count.
    #[inline]
    pub fn parse(header: &str) -> Self {
        let names = if header.len() <= MAX_LEN { split_list(header) } else { Vec::new() };
        names.into_iter().map(unquote).collect()
    }

    /// Adds a name unless it is there already.
    #[inline]
    pub fn add(&mut self, name: &str) {
        if !self.contains(name) {
            self.names.push(name.to_owned());
        }
    }

    /// Takes a name out; says whether it was there.
    #[inline]
    pub fn remove(&mut self, name: &str) -> bool {
        let before = self.names.len();
        self.names.retain(|known| !known.eq_ignore_ascii_case(name));
        self.names.len() < before
    }

    /// Whether the name is there.
    #[inline]
    pub fn contains(&self, name: &str) -> bool {
        self.names.iter().any(|known| known.eq_ignore_ascii_case(name))
    }

    /// The names in order, as they were written.
    #[inline]
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// How many names there are.
    #[inline]
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there are none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The header's value.
    #[inline]
    pub fn to_header_value(&self) -> HeaderValue {
        header_value(self.to_string())
    }
}

impl<S: AsRef<str>> FromIterator<S> for HeaderSet {
    #[inline]
    fn from_iter<I: IntoIterator<Item = S>>(names: I) -> Self {
        // Not `add` in a loop: a hostile list is long.
        let mut seen = BTreeSet::new();
        let names =
            names.into_iter().filter(|name| seen.insert(name.as_ref().to_ascii_lowercase()));
        HeaderSet { names: names.map(|name| name.as_ref().to_owned()).collect() }
    }
}

impl fmt::Display for HeaderSet {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = String::new();
        for name in &self.names {
            out.push_str(if out.is_empty() { "" } else { ", " });
            push_value(&mut out, name);
        }
        f.write_str(&out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_and_prints() {
        let check = |text, printed| assert_eq!(HeaderSet::parse(text).to_string(), printed);
        check("", "");
        check("GET, HEAD,get", "GET, HEAD");
        check("a, \"b c\" ,, *", "a, \"b c\", *");
        check("a, \"b", "");
    }

    #[test]
    fn adds_and_removes() {
        let mut set: HeaderSet = ["en", "ko"].into_iter().collect();
        assert!(set.remove("EN") && !set.remove("en"));
        set.add("KO");
        assert_eq!((set.len(), set.is_empty()), (1, false));
        assert_eq!(set.iter().collect::<Vec<_>>(), ["ko"]);
    }
}
