//! The `Forwarded` header (RFC 7239), read from its right end: what the nearest proxy added comes
//! first, and nothing that a visitor sent in front of it can change how it is read.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use super::InvalidValue;
use super::syntax::{is_token, is_token_byte, trim_ows, unquote};

/// One element of a `Forwarded` header: what one proxy says of the request as it came in there.
///
/// ```
/// use carafe::http::values::{Forwarded, ForwardedNode};
///
/// let line = b"for=unknown, for=\"[2001:db8::1]:4711\";proto=https;host=example.com";
/// let mut elements = Forwarded::from_right(line);
/// let nearest = elements.next().unwrap().unwrap();
/// assert_eq!(nearest.host.as_deref(), Some("example.com"));
/// let client = nearest.client().unwrap().unwrap();
/// assert_eq!(client, ForwardedNode::Address("2001:db8::1".parse().unwrap(), Some(4711)));
/// assert_eq!(elements.next().unwrap().unwrap().client(), Some(Ok(ForwardedNode::Unknown)));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Forwarded<'a> {
    /// `for`: who sent the request to the proxy, as written; see [`Forwarded::client`].
    pub for_: Option<Cow<'a, str>>,
    /// `by`: the proxy's own side, as written.
    pub by: Option<Cow<'a, str>>,
    /// `host`: the `Host` that came to the proxy, as written; nothing has checked it.
    pub host: Option<Cow<'a, str>>,
    /// `proto`: `http` or `https` in most cases, as written.
    pub proto: Option<Cow<'a, str>>,
}

const ELEMENT: &str = "an element of `Forwarded`";

impl<'a> Forwarded<'a> {
    /// Reads one element, such as `for=192.0.2.60;proto=http`.
    ///
    /// Names may be in any case, and those that RFC 7239 does not know are passed over.
    ///
    /// # Errors
    /// When a pair is not `name=token` or `name="text"`, or a name comes twice (section 4).
    pub fn parse(element: &'a str) -> Result<Forwarded<'a>, InvalidValue> {
        let invalid = || InvalidValue::new(ELEMENT, element);
        let mut read = Forwarded::default();
        let mut rest = trim_ows(element);
        let mut pairs = 0;
        while !rest.is_empty() {
            // Section 4 allows a pair to be left out, as in `a=b;;c=d`.
            if let Some(after) = rest.strip_prefix(';') {
                rest = trim_ows(after);
                continue;
            }
            let (name, after) = rest.split_once('=').ok_or_else(invalid)?;
            let end = value_end(after).ok_or_else(invalid)?;
            let (value, after) = after.split_at(end);
            if !is_token(name) || !read.keep(name, unquote(value)) {
                return Err(invalid());
            }
            rest = trim_ows(after);
            if !rest.is_empty() && !rest.starts_with(';') {
                return Err(invalid());
            }
            pairs += 1;
        }
        if pairs == 0 { Err(invalid()) } else { Ok(read) }
    }

    /// The elements of one header line, the last one first; empty ones are passed over.
    pub fn from_right(
        line: &'a [u8],
    ) -> impl Iterator<Item = Result<Forwarded<'a>, InvalidValue>> + use<'a> {
        ElementsFromRight { rest: Some(line) }.filter(|element| !is_blank(element)).map(|element| {
            match std::str::from_utf8(element) {
                Ok(element) => Forwarded::parse(element),
                Err(_) => Err(InvalidValue::new(ELEMENT, &String::from_utf8_lossy(element))),
            }
        })
    }

    /// Who sent the request to the proxy: `for`, read. `None` when the element does not say.
    pub fn client(&self) -> Option<Result<ForwardedNode, InvalidValue>> {
        self.for_.as_ref().map(|text| text.parse())
    }

    /// `false` when the name came before.
    fn keep(&mut self, name: &str, value: Cow<'a, str>) -> bool {
        let place = match name.to_ascii_lowercase().as_str() {
            "for" => &mut self.for_,
            "by" => &mut self.by,
            "host" => &mut self.host,
            "proto" => &mut self.proto,
            _ => return true,
        };
        place.replace(value).is_none()
    }
}

/// Where a token or a quoted string ends that begins here.
fn value_end(text: &str) -> Option<usize> {
    if !text.starts_with('"') {
        let end = text.bytes().position(|byte| !is_token_byte(byte)).unwrap_or(text.len());
        return (end > 0).then_some(end);
    }
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Some(at + 1),
            _ => {}
        }
    }
    None
}

fn is_blank(element: &[u8]) -> bool {
    element.iter().all(|byte| matches!(byte, b' ' | b'\t'))
}

/// Cuts at commas outside of quoted strings, from the right.
struct ElementsFromRight<'a> {
    rest: Option<&'a [u8]>,
}

impl<'a> Iterator for ElementsFromRight<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let line = self.rest?;
        let mut quoted = false;
        for (at, byte) in line.iter().enumerate().rev() {
            match byte {
                // The quote that opens a string has no backslash before it; within the string, an
                // odd number of backslashes makes the quote a part of it.
                b'"' if quoted && is_escaped(line, at) => {}
                b'"' => quoted = !quoted,
                b',' if !quoted => {
                    self.rest = Some(&line[..at]);
                    return Some(&line[at + 1..]);
                }
                _ => {}
            }
        }
        self.rest = None;
        Some(line)
    }
}

fn is_escaped(line: &[u8], quote: usize) -> bool {
    line[..quote].iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1
}

/// What `for` and `by` name (RFC 7239 section 6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ForwardedNode {
    /// An address, and the port when it is a number.
    Address(IpAddr, Option<u16>),
    /// `unknown`: the proxy does not know, or does not tell.
    Unknown,
    /// A name that only the proxy understands, such as `_hidden`.
    Obfuscated(String),
}

/// The text without its quotes: `192.0.2.43`, `[2001:db8::1]:4711`, `unknown`, `_hidden`.
impl FromStr for ForwardedNode {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<ForwardedNode, InvalidValue> {
        node(text)
            .ok_or_else(|| InvalidValue::new("a node such as `192.0.2.43` or `\"[::1]\"`", text))
    }
}

fn node(text: &str) -> Option<ForwardedNode> {
    // An address of IPv6 stands in brackets, so that the colon before a port is the only other one.
    let (name, port) = match text.rfind(']') {
        Some(end) => {
            let (name, rest) = text.split_at(end + 1);
            (name, if rest.is_empty() { None } else { Some(rest.strip_prefix(':')?) })
        }
        None => match text.split_once(':') {
            Some((name, port)) => (name, Some(port)),
            None => (text, None),
        },
    };
    let port = port.map_or(Some(None), node_port)?;
    if let Some(inner) = name.strip_prefix('[') {
        let ip: Ipv6Addr = inner.strip_suffix(']')?.parse().ok()?;
        return Some(ForwardedNode::Address(IpAddr::V6(ip).to_canonical(), port));
    }
    if let Ok(ip) = name.parse::<Ipv4Addr>() {
        return Some(ForwardedNode::Address(ip.into(), port));
    }
    if name.eq_ignore_ascii_case("unknown") {
        return Some(ForwardedNode::Unknown);
    }
    is_obfuscated(name).then(|| ForwardedNode::Obfuscated(name.to_owned()))
}

/// A number of a port, or an obfuscated one, which is `Some(None)`.
fn node_port(text: &str) -> Option<Option<u16>> {
    if is_obfuscated(text) {
        return Some(None);
    }
    let digits = (1..=5).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten().map(Some)
}

/// RFC 7239 section 6.3.
fn is_obfuscated(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    text.strip_prefix('_').is_some_and(|rest| !rest.is_empty() && rest.bytes().all(is_part))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All elements from the right, each as its four parameters; `!` for one that cannot be read.
    fn check(line: &str, expected: &[&str]) {
        let part = |value: &Option<Cow<'_, str>>| value.as_deref().unwrap_or("-").to_owned();
        let read: Vec<String> = Forwarded::from_right(line.as_bytes())
            .map(|element| match element {
                Ok(it) => [&it.for_, &it.by, &it.host, &it.proto].map(part).join(" "),
                Err(_) => "!".to_owned(),
            })
            .collect();
        assert_eq!(read, expected, "{line}");
    }

    #[test]
    fn elements() {
        // The examples of RFC 7239 section 4.
        check("for=\"_gazonk\"", &["_gazonk - - -"]);
        check("For=\"[2001:db8:cafe::17]:4711\"", &["[2001:db8:cafe::17]:4711 - - -"]);
        check("for=192.0.2.60;proto=http;by=203.0.113.43", &["192.0.2.60 203.0.113.43 - http"]);
        check("for=192.0.2.43, for=198.51.100.17", &["198.51.100.17 - - -", "192.0.2.43 - - -"]);
        check("host=a;HOST=b", &["!"]);
        check("for=a; proto=b ;by=c", &["a c - b"]);
        check(";;for=a;", &["a - - -"]);
        check("secret=x;for=a;secret=y", &["a - - -"]);
        check("host=\"a:80\"", &["- - a:80 -"]);
        check("host=\"a\\\"b\\\\\"", &["- - a\"b\\ -"]);
        check("host=\"a,b;c\",for=x", &["x - - -", "- - a,b;c -"]);
        check(" , ,for=a,", &["a - - -"]);
        check("", &[]);
        check(";", &["!"]);
        check("for", &["!"]);
        check("for=", &["!"]);
        check("=a", &["!"]);
        check("for =a", &["!"]);
        check("for= a", &["!"]);
        check("for=a b", &["!"]);
        // A colon or a bracket is no part of a token.
        check("for=1.2.3.4:80", &["!"]);
        check("for=[::1]", &["!"]);
        check("for=\"a\"b", &["!"]);
        check("for=a;for=a", &["!"]);
        check("for=é", &["!"]);
    }

    /// A visitor sends the front of the line, the proxy adds `, for=192.0.2.1;proto=https`.
    #[test]
    fn nothing_in_front_changes_the_end() {
        let ours = "192.0.2.1 - - https";
        for front in
            ["\"", "for=\"x", "for=\"x\\", "for=\"x\\\"", "for=\"a,\", \"", "=,;\u{e9}\\", ""]
        {
            let line = format!("{front}, for=192.0.2.1;proto=https");
            let first = Forwarded::from_right(line.as_bytes()).next().unwrap();
            let first = first.unwrap_or_else(|error| panic!("{front}: {error}"));
            assert_eq!(first.for_.as_deref(), ours.split(' ').next(), "{front}");
            let line = format!("{front}, for=\"[2001:db8::1]:4711\"");
            let first = Forwarded::from_right(line.as_bytes()).next().unwrap().unwrap();
            assert_eq!(first.for_.as_deref(), Some("[2001:db8::1]:4711"), "{front}");
        }
    }

    #[test]
    fn nodes() {
        let check = |text: &str, expected: &str| {
            let shown = match text.parse() {
                Ok(ForwardedNode::Address(ip, port)) => format!("{ip} {port:?}"),
                Ok(ForwardedNode::Unknown) => "unknown".to_owned(),
                Ok(ForwardedNode::Obfuscated(name)) => name,
                Err(_) => "!".to_owned(),
            };
            assert_eq!(shown, expected, "{text}");
        };
        check("192.0.2.43", "192.0.2.43 None");
        check("192.0.2.43:47011", "192.0.2.43 Some(47011)");
        check("192.0.2.43:_port", "192.0.2.43 None");
        check("[2001:db8::1]", "2001:db8::1 None");
        check("[2001:db8::1]:80", "2001:db8::1 Some(80)");
        check("[::ffff:192.0.2.43]", "192.0.2.43 None");
        check("UNKNOWN", "unknown");
        check("unknown:80", "unknown");
        check("_hidden", "_hidden");
        check("_SEVKISEK.a-b:80", "_SEVKISEK.a-b");
        check("_", "!");
        check("_a b", "!");
        check("2001:db8::1", "!");
        check("[2001:db8::1", "!");
        check("2001:db8::1]", "!");
        check("[192.0.2.43]", "!");
        check("[::1%eth0]", "!");
        check("[::1]80", "!");
        check("[::1]]:80", "!");
        check("192.0.2.43:", "!");
        check("192.0.2.43:65536", "!");
        check("192.0.2.43:123456", "!");
        check("192.0.2.43:+80", "!");
        check("192.0.2.043", "!");
        check("example.com", "!");
        check("", "!");
    }
}
