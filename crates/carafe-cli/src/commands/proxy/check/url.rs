//! [`Url`]: an address as visitors have it, in the parts that a request needs.

use std::fmt;

/// An http or https URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Url {
    pub(super) secure: bool,
    /// A name or an address; that of IPv6 in brackets.
    pub(super) host: String,
    pub(super) port: Option<u16>,
    /// Begins with a slash.
    pub(super) path: String,
    query: Option<String>,
}

impl Url {
    /// Reads a URL; a fragment is left out, as browsers do.
    pub(super) fn parse(text: &str) -> Result<Url, String> {
        let wanted = || "write a whole URL, such as https://example.com/app/".to_owned();
        let (scheme, rest) = text.split_once("://").ok_or_else(wanted)?;
        let secure = match scheme.to_ascii_lowercase().as_str() {
            "https" => true,
            "http" => false,
            _ => return Err(wanted()),
        };
        if !rest.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("write it in ASCII: `xn--` for a name, `%` for a path".to_owned());
        }
        let rest = rest.split('#').next().unwrap_or_default();
        let (authority, target) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        let (host, port) = split_port(authority).ok_or_else(wanted)?;
        if host.is_empty() || host.contains(['@', '"', '\\']) {
            return Err(wanted());
        }
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, Some(query.to_owned())),
            None => (target, None),
        };
        let path = if path.is_empty() { "/" } else { path };
        let usual = if secure { 443 } else { 80 };
        let port = port.filter(|port| *port != usual);
        Ok(Url { secure, host: host.to_ascii_lowercase(), port, path: path.to_owned(), query })
    }

    pub(super) fn scheme(&self) -> &'static str {
        if self.secure { "https" } else { "http" }
    }

    /// The port to connect to.
    pub(super) fn open_port(&self) -> u16 {
        self.port.unwrap_or(if self.secure { 443 } else { 80 })
    }

    /// What a browser sends as `Host`: the port only when it is not the usual one.
    pub(super) fn authority(&self) -> String {
        match self.port {
            Some(port) => format!("{}:{port}", self.host),
            None => self.host.clone(),
        }
    }

    /// The host without brackets.
    pub(super) fn name(&self) -> &str {
        self.host.trim_start_matches('[').trim_end_matches(']')
    }

    /// The target of a request, with one pair more in the query.
    pub(super) fn target_with(&self, pair: &str) -> String {
        match self.query.as_deref() {
            None | Some("") => format!("{}?{pair}", self.path),
            Some(query) => format!("{}?{query}&{pair}", self.path),
        }
    }
}

/// A host and its port, if it has one.
fn split_port(authority: &str) -> Option<(&str, Option<u16>)> {
    let end = match authority.starts_with('[') {
        true => authority.find(']')? + 1,
        false => authority.find(':').unwrap_or(authority.len()),
    };
    let (host, rest) = authority.split_at(end);
    match rest.strip_prefix(':') {
        None => rest.is_empty().then_some((host, None)),
        Some(port) if port.bytes().all(|byte| byte.is_ascii_digit()) => {
            Some((host, Some(port.parse().ok().filter(|port| *port > 0)?)))
        }
        Some(_) => None,
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}{}", self.scheme(), self.authority(), self.path)?;
        self.query.iter().try_for_each(|query| write!(f, "?{query}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls() {
        let check = |text: &str, expected: Option<&str>| {
            let got = Url::parse(text).ok().map(|url| format!("{url} {}", url.target_with("n=1")));
            assert_eq!(got.as_deref(), expected, "{text}");
        };
        check("http://a.test", Some("http://a.test/ /?n=1"));
        check("HTTPS://A.test:443/b?c=d#e", Some("https://a.test/b?c=d /b?c=d&n=1"));
        check("https://a.test:8443/b/?", Some("https://a.test:8443/b/? /b/?n=1"));
        check("http://[::1]:80?x", Some("http://[::1]/?x /?x&n=1"));
        check("http://127.0.0.1:8000", Some("http://127.0.0.1:8000/ /?n=1"));
        for wrong in [
            "a.test",
            "ftp://a.test",
            "http://",
            "http://:80",
            "http://a.test:x",
            "http://a.test:0",
            "http://a.test:65536",
            "http://u@a.test",
            "http://[::1",
            "http://a.test/한",
            "http://a b",
            "http://a.test/\r\nx: y",
        ] {
            check(wrong, None);
        }
    }
}
