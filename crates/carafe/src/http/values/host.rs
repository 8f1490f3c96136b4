//! The `Host` header (RFC 9110 section 7.2): is it well-formed, is it ours, what is it without the
//! port everyone knows.

use std::fmt;

/// A name of DNS has at most 253 bytes (RFC 1035 section 2.3.4).
const MAX_HOST: usize = 253;

/// Whether a `Host` value is a name or an address with an optional port, in allowed characters:
/// letters, digits, `.` and `-`, or an IPv6 address in brackets; a port from 1 to 65535.
///
/// ```
/// use carafe::http::values::is_valid_host;
/// assert!(is_valid_host("example.com:8080") && is_valid_host("[::1]"));
/// assert!(!is_valid_host("example.com/x") && !is_valid_host(""));
/// ```
pub fn is_valid_host(host: &str) -> bool {
    split_host(host).is_some()
}

/// Whether a `Host` value is well-formed and one of the trusted names, or under one that starts
/// with a dot (`.example.com` is `example.com` and every subdomain). Ports and case do not count.
/// An empty list trusts every well-formed host.
///
/// ```
/// use carafe::http::values::host_is_trusted;
/// assert!(host_is_trusted("api.example.com:443", &[".example.com"]));
/// assert!(!host_is_trusted("badexample.com", &[".example.com"]));
/// ```
pub fn host_is_trusted<S: AsRef<str>>(host: &str, trusted: &[S]) -> bool {
    let Some((name, _)) = split_host(host) else {
        return false;
    };
    trusted.is_empty() || trusted.iter().any(|pattern| is_under(name, pattern.as_ref()))
}

/// A request for a host that is not in the list of trusted ones: a 400.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UntrustedHost {
    /// What the client asked for.
    pub host: String,
}

impl fmt::Display for UntrustedHost {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown: String = self.host.chars().take(60).flat_map(char::escape_debug).collect();
        write!(f, "host `{shown}` is not trusted")
    }
}

impl std::error::Error for UntrustedHost {}

/// The host of a request, without the scheme's own port (80, 443).
///
/// `header` is the `Host` header; without it (HTTP/1.0) the server's own name and port count, if
/// there are any. A malformed host is the empty text when every host is trusted and an error
/// otherwise, as in Werkzeug.
///
/// ```
/// use carafe::http::values::request_host;
/// let any: [&str; 0] = [];
/// assert_eq!(request_host("http", Some("example.com:80"), None, &any).unwrap(), "example.com");
/// assert_eq!(request_host("https", None, Some(("::1", 8443)), &any).unwrap(), "[::1]:8443");
/// assert!(request_host("http", Some("evil.test"), None, &["example.com"]).is_err());
/// ```
pub fn request_host<S: AsRef<str>>(
    scheme: &str,
    header: Option<&str>,
    server: Option<(&str, u16)>,
    trusted: &[S],
) -> Result<String, UntrustedHost> {
    let host = match (header, server) {
        (Some(header), _) => header.to_owned(),
        (None, Some((name, port))) if name.contains(':') && !name.starts_with('[') => {
            format!("[{name}]:{port}")
        }
        (None, Some((name, port))) => format!("{name}:{port}"),
        (None, None) => return Ok(String::new()),
    };
    let known_port = match scheme {
        "http" | "ws" => ":80",
        "https" | "wss" => ":443",
        _ => "",
    };
    let host = host.strip_suffix(known_port).unwrap_or(&host);
    match host_is_trusted(host, trusted) {
        true => Ok(host.to_owned()),
        false if trusted.is_empty() => Ok(String::new()),
        false => Err(UntrustedHost { host: host.to_owned() }),
    }
}

/// Name and port; `None` when either has characters or sizes it may not have.
fn split_host(host: &str) -> Option<(&str, Option<u16>)> {
    let end = if host.starts_with('[') {
        host.find(']')? + 1
    } else {
        host.find(':').unwrap_or(host.len())
    };
    let (name, rest) = host.split_at(end);
    let valid = match name.strip_prefix('[') {
        Some(address) => is_ipv6(address.strip_suffix(']')?),
        None => name.bytes().all(|b| b.is_ascii_alphanumeric() || b".-".contains(&b)),
    };
    if !valid || name.is_empty() || name.len() > MAX_HOST {
        return None;
    }
    let Some(port) = rest.strip_prefix(':') else {
        return rest.is_empty().then_some((name, None));
    };
    let well_formed = port.bytes().all(|b| b.is_ascii_digit()) && !port.starts_with('0');
    Some((name, Some(port.parse().ok().filter(|_| well_formed)?)))
}

/// The characters of an address with at least one colon, as Werkzeug checks it.
fn is_ipv6(address: &str) -> bool {
    let is_part = |b: u8| b.is_ascii_hexdigit() || b".:".contains(&b);
    match address.split_once(':') {
        Some((first, rest)) => {
            first.bytes().all(|b| b.is_ascii_hexdigit())
                && !rest.is_empty()
                && rest.bytes().all(is_part)
        }
        None => false,
    }
}

fn is_under(name: &str, pattern: &str) -> bool {
    let (suffix, domain) = match pattern.strip_prefix('.') {
        Some(domain) => (true, domain),
        None => (false, pattern),
    };
    let domain = match domain.starts_with('[') {
        true => domain.split_inclusive(']').next().unwrap_or(domain),
        false => domain.split(':').next().unwrap_or(domain),
    };
    if domain.is_empty() {
        return false;
    }
    name.eq_ignore_ascii_case(domain) || (suffix && has_parent(name, domain))
}

fn has_parent(name: &str, domain: &str) -> bool {
    let dot = name.len().checked_sub(domain.len() + 1);
    let parts = dot.and_then(|at| Some((name.as_bytes().get(at)?, name.get(at + 1..)?)));
    parts.is_some_and(|(dot, parent)| *dot == b'.' && parent.eq_ignore_ascii_case(domain))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expected values are Werkzeug's `host_is_trusted` without a list.
    #[test]
    fn syntax() {
        let check = |host: &str, valid| assert_eq!(is_valid_host(host), valid, "{host:?}");
        check("a.com", true);
        check("a.com:80", true);
        check("A-b.c", true);
        check("127.0.0.1:5000", true);
        check("[::1]", true);
        check("[::1]:80", true);
        check("[::ffff:1.2.3.4]", true);
        check("", false);
        check("a_b.com", false);
        check("a.com:", false);
        check("a.com:0", false);
        check("a.com:080", false);
        check("a.com:65535", true);
        check("a.com:65536", false);
        check("a.com:999999", false);
        check("a.com:x", false);
        check("a.com/", false);
        check("a@b", false);
        check("a b", false);
        check("a,b", false);
        check("[::1", false);
        check("[]", false);
        check("[1]", false);
        check("[:]", false);
        check("[g::1]", false);
        check("[::1]x", false);
        check("::1", false);
        check("é.com", false);
        check("a.com:80:80", false);
        check("-", true);
        check("..", true);
        check("a\n", false);
        check("[1.2:3]", false);
        check("a.com:+80", false);
        check(&"a".repeat(MAX_HOST), true);
        check(&"a".repeat(MAX_HOST + 1), false);
    }

    /// Expected values are Werkzeug's, but that case does not count.
    #[test]
    fn trust() {
        let check = |host, trusted: &[&str], is| {
            assert_eq!(host_is_trusted(host, trusted), is, "{host} in {trusted:?}");
        };
        check("a.com", &["a.com"], true);
        check("a.com:80", &["a.com"], true);
        check("a.com", &["a.com:80"], true);
        check("b.a.com", &["a.com"], false);
        check("b.a.com", &[".a.com"], true);
        check("a.com", &[".a.com"], true);
        check("ba.com", &[".a.com"], false);
        check("c.b.a.com:1", &["x.com", ".a.com"], true);
        check("a.com", &["b.com"], false);
        check("a.com/", &["a.com"], false);
        check("", &["a.com"], false);
        check("a.com", &[], true);
        check(".a.com", &[".a.com"], true);
        check("a.com.", &["a.com"], false);
        check("EXAMPLE.com", &["example.COM"], true);
        check("[::1]:80", &["[::1]"], true);
        check("a.com", &["."], false);
    }

    /// Expected values are Werkzeug's `get_host`.
    #[test]
    fn hosts() {
        let any: [&str; 0] = [];
        let check = |scheme, header, server, expected: &str| {
            assert_eq!(request_host(scheme, header, server, &any).unwrap(), expected);
        };
        check("http", Some("a.com"), None, "a.com");
        check("http", Some("a.com:80"), None, "a.com");
        check("https", Some("a.com:443"), None, "a.com");
        check("http", Some("a.com:443"), None, "a.com:443");
        check("ws", Some("a.com:80"), None, "a.com");
        check("wss", Some("a.com:443"), None, "a.com");
        check("http", None, Some(("a.com", 80)), "a.com");
        check("https", None, Some(("a.com", 8443)), "a.com:8443");
        check("http", None, Some(("::1", 80)), "[::1]");
        check("http", None, None, "");
        check("http", Some("a b"), None, "");
        check("http", Some(""), None, "");
        check("http", Some("a.com"), Some(("b.com", 80)), "a.com");
        let error = request_host("http", Some("a\nb"), None, &["c"]).unwrap_err();
        assert_eq!(error.to_string(), "host `a\\nb` is not trusted");
    }
}
