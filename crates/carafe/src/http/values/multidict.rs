//! Keys with several values, in order: query strings, forms, cookies.

use super::syntax::MAX_ITEMS;
use crate::few;
use percent_encoding::percent_decode;
use serde::ser::{Serialize, SerializeMap, Serializer};
use std::fmt::{self, Write};
use std::str::FromStr;

/// Keys and values in the order they came; a key may come more than once.
///
/// Look-ups take the first value and read the list from the start: a request has a handful of
/// pairs. As serde sees it, it is a map of each key to its first value.
///
/// ```
/// use carafe::http::values::MultiDict;
/// let args = MultiDict::parse(b"page=2&tag=a&tag=b&q=two+words")?;
/// assert_eq!(args.get("q"), Some("two words"));
/// assert_eq!(args.get_or("page", 1), 2);
/// assert_eq!(args.getlist("tag").collect::<Vec<_>>(), ["a", "b"]);
/// # Ok::<(), carafe::http::values::TooManyFields>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct MultiDict {
    pairs: Vec<(String, String)>,
}

/// A query string or a form has more fields than allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyFields {
    /// How many were allowed.
    pub limit: usize,
}

impl fmt::Display for TooManyFields {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "more than {} fields", self.limit)
    }
}

impl std::error::Error for TooManyFields {}

impl MultiDict {
    /// An empty dictionary.
    #[inline]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads a query string or an `application/x-www-form-urlencoded` body of at most 1000 fields.
    ///
    /// `+` is a space; a field without `=` has the empty value; percent-encoded bytes that are not
    /// UTF-8 stay percent-encoded, so nothing is lost. Fails only with [`TooManyFields`].
    #[inline]
    pub fn parse(encoded: &[u8]) -> Result<Self, TooManyFields> {
        Self::parse_with_limit(encoded, MAX_ITEMS)
    }

    /// Like [`MultiDict::parse`] with a limit of one's own.
    #[inline]
    pub fn parse_with_limit(encoded: &[u8], limit: usize) -> Result<Self, TooManyFields> {
        let mut pairs = Vec::new();
        for field in encoded.split(|&byte| byte == b'&').filter(|field| !field.is_empty()) {
            if pairs.len() == limit {
                return Err(TooManyFields { limit });
            }
            let equals = field.iter().position(|&byte| byte == b'=').unwrap_or(field.len());
            let value = field.get(equals + 1..).unwrap_or_default();
            pairs.push((decode(&field[..equals]), decode(value)));
        }
        Ok(MultiDict { pairs })
    }

    /// The first value of `key`.
    #[inline]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.getlist(key).next()
    }

    /// The first value of `key` as a `T`: `None` without the key, an error when it does not parse.
    ///
    /// ```
    /// # use carafe::http::values::MultiDict;
    /// let args = MultiDict::parse(b"page=two")?;
    /// assert!(args.get_as::<u32>("page").unwrap().is_err());
    /// assert!(args.get_as::<u32>("size").is_none());
    /// # Ok::<(), carafe::http::values::TooManyFields>(())
    /// ```
    pub fn get_as<T: FromStr>(&self, key: &str) -> Option<Result<T, T::Err>> {
        self.get(key).map(str::parse)
    }

    /// The first value of `key` as a `T`, or `default` when it is missing or does not parse
    /// (Flask's `args.get(key, default, type=T)`).
    pub fn get_or<T: FromStr>(&self, key: &str, default: T) -> T {
        self.get(key).and_then(|value| value.parse().ok()).unwrap_or(default)
    }

    /// Every value of `key`, in order.
    #[inline]
    pub fn getlist<'a>(&'a self, key: &str) -> impl Iterator<Item = &'a str> {
        self.pairs.iter().filter(move |(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    /// Whether `key` is there, with whatever value.
    #[inline]
    pub fn contains(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// Every pair in order, repeated keys included.
    #[inline]
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// Each key once, in the order of first appearance.
    #[inline]
    pub fn keys(&self) -> MultiDictKeys<'_> {
        // Not a scan of what came before: a hostile form has many keys.
        let compare = |a: usize, b: usize| self.pairs[a].0.cmp(&self.pairs[b].0);
        let firsts = few::firsts(self.pairs.len(), &compare);
        MultiDictKeys { pairs: &self.pairs, firsts: firsts.into_iter() }
    }

    /// How many pairs there are; a key with two values counts twice.
    #[inline]
    pub fn len(&self) -> usize {
        self.pairs.len()
    }

    /// Whether there are no pairs.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// Adds a pair at the end; earlier values of the key stay.
    pub fn add(&mut self, key: impl Into<String>, value: impl Into<String>) {
        self.pairs.push((key.into(), value.into()));
    }
}

/// The different keys of a [`MultiDict`]; see [`MultiDict::keys`].
pub struct MultiDictKeys<'a> {
    pairs: &'a [(String, String)],
    /// Where each key stands first.
    firsts: std::vec::IntoIter<usize>,
}

impl<'a> MultiDictKeys<'a> {
    #[inline]
    fn next_pair(&mut self) -> Option<(&'a str, &'a str)> {
        let (key, value) = &self.pairs[self.firsts.next()?];
        Some((key, value))
    }
}

impl<'a> Iterator for MultiDictKeys<'a> {
    type Item = &'a str;

    #[inline]
    fn next(&mut self) -> Option<&'a str> {
        self.next_pair().map(|(key, _)| key)
    }
}

impl FromIterator<(String, String)> for MultiDict {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(pairs: I) -> Self {
        MultiDict { pairs: pairs.into_iter().collect() }
    }
}

impl Extend<(String, String)> for MultiDict {
    fn extend<I: IntoIterator<Item = (String, String)>>(&mut self, pairs: I) {
        self.pairs.extend(pairs);
    }
}

impl IntoIterator for MultiDict {
    type Item = (String, String);
    type IntoIter = std::vec::IntoIter<(String, String)>;

    #[inline]
    fn into_iter(self) -> Self::IntoIter {
        self.pairs.into_iter()
    }
}

impl fmt::Debug for MultiDict {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

/// Prints a query string, without `?`.
impl fmt::Display for MultiDict {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut printer = form_urlencoded::Serializer::new(String::new());
        f.write_str(&printer.extend_pairs(self.iter()).finish())
    }
}

impl Serialize for MultiDict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let mut keys = self.keys();
        while let Some((key, value)) = keys.next_pair() {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

#[inline]
fn decode(encoded: &[u8]) -> String {
    let mut bytes = encoded.to_vec();
    for byte in bytes.iter_mut().filter(|byte| **byte == b'+') {
        *byte = b' ';
    }
    if bytes.contains(&b'%') {
        bytes = percent_decode(&bytes).collect();
    }
    String::from_utf8(bytes).unwrap_or_else(|error| keep_undecodable(error.as_bytes()))
}

/// Bytes that are not UTF-8 go back to `%XX`, as Werkzeug leaves them.
#[inline]
fn keep_undecodable(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            // Writing to a String cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expected values are Werkzeug's `Request.args`.
    #[test]
    fn parses_as_werkzeug() {
        let check = |text: &str, expected: &[(&str, &str)]| {
            let dict = MultiDict::parse(text.as_bytes()).unwrap();
            assert_eq!(dict.iter().collect::<Vec<_>>(), expected, "{text}");
        };
        check("", &[]);
        check("a=1", &[("a", "1")]);
        check("a=1&a=2&b=3", &[("a", "1"), ("a", "2"), ("b", "3")]);
        check("a", &[("a", "")]);
        check("a=&=b", &[("a", ""), ("", "b")]);
        check("&&a=1&&", &[("a", "1")]);
        check("a=b=c", &[("a", "b=c")]);
        check("a+b=c+d%2B", &[("a b", "c d+")]);
        check("%C3%A9=%ED%95%9C", &[("é", "한")]);
        check("a=%ff%41", &[("a", "%FFA")]);
        check("a=%zz%4", &[("a", "%zz%4")]);
        check("a;b=1", &[("a;b", "1")]);
    }

    #[test]
    fn the_cap_holds() {
        let fields = |n: usize| "a=1&".repeat(n);
        assert_eq!(MultiDict::parse(fields(MAX_ITEMS).as_bytes()).unwrap().len(), MAX_ITEMS);
        let error = MultiDict::parse(fields(MAX_ITEMS + 1).as_bytes()).unwrap_err();
        assert_eq!(error.to_string(), "more than 1000 fields");
        assert!(MultiDict::parse_with_limit(b"a", 0).is_err());
        assert!(MultiDict::parse_with_limit(b"", 0).is_ok());
    }

    #[test]
    fn serializes_first_values_and_prints_all() {
        let dict = MultiDict::parse(b"b=1&a=2&b=3").unwrap();
        assert_eq!(serde_json::to_string(&dict).unwrap(), r#"{"b":"1","a":"2"}"#);
        assert_eq!(dict.keys().collect::<Vec<_>>(), ["b", "a"]);
        assert_eq!(dict.to_string(), "b=1&a=2&b=3");
        assert_eq!(MultiDict::parse(b"a+b=%26%C3%A9").unwrap().to_string(), "a+b=%26%C3%A9");
    }

    #[test]
    fn typed_values() {
        let dict = MultiDict::parse(b"n=7&x=y").unwrap();
        assert_eq!(dict.get_as::<u8>("n"), Some(Ok(7)));
        assert_eq!((dict.get_or("x", 1), dict.get_or("z", 2)), (1, 2));
        assert!(dict.contains("x") && !dict.contains("z"));
    }
}
