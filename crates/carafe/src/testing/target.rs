//! [`Target`]: where a test's request goes, and where a redirect leads.

use std::fmt;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

/// What cannot stand in a path or a query as it is; a `%` is taken to be an escape already.
const UNSAFE: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// A URL in the parts that a request has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) secure: bool,
    /// With the port, when there is one.
    pub(super) host: String,
    /// Begins with a slash; escaped.
    pub(super) path: String,
    pub(super) query: Option<String>,
}

impl Target {
    /// The root of a server.
    #[inline]
    pub(super) fn root(secure: bool, host: &str) -> Target {
        Target { secure, host: host.to_owned(), path: "/".to_owned(), query: None }
    }

    /// What a test asks for: a path on the base's server, or a whole URL. Dots stay as they are,
    /// so that tests can send what no browser does.
    #[inline]
    pub(super) fn ask(&self, asked: &str) -> Target {
        let asked = without_fragment(asked);
        let (mut target, rest) = match whole(asked) {
            Some((secure, host, rest)) => (Target::root(secure, host), rest),
            None => (Target::root(self.secure, &self.host), asked),
        };
        target.set_path_and_query(rest);
        target
    }

    /// Where a `Location` leads from here (RFC 3986 section 5.2).
    #[inline]
    pub(super) fn follow(&self, location: &str) -> Target {
        let location = without_fragment(location);
        if let Some((secure, host, rest)) = whole(location) {
            let mut target = Target::root(secure, host);
            target.set_path_and_query(rest);
            return target.without_dots();
        }
        if let Some(rest) = location.strip_prefix("//") {
            let scheme = if self.secure { "https://" } else { "http://" };
            return self.follow(&format!("{scheme}{rest}"));
        }
        let mut target = self.clone();
        if location.starts_with('/') {
            target.set_path_and_query(location);
        } else if let Some(query) = location.strip_prefix('?') {
            target.query = Some(escape(query));
        } else if !location.is_empty() {
            let folder = self.path.rsplit_once('/').map_or("", |(folder, _)| folder);
            target.set_path_and_query(&format!("{folder}/{location}"));
        }
        target.without_dots()
    }

    /// Adds to the query.
    #[inline]
    pub(super) fn add_query(&mut self, encoded: &str) {
        match &mut self.query {
            Some(query) if !query.is_empty() => {
                query.push('&');
                query.push_str(encoded);
            }
            query => *query = Some(encoded.to_owned()),
        }
    }

    #[inline]
    pub(super) fn path_and_query(&self) -> String {
        match &self.query {
            Some(query) => format!("{}?{query}", self.path),
            None => self.path.clone(),
        }
    }

    /// The host without its port.
    #[inline]
    pub(super) fn hostname(&self) -> &str {
        match self.host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
            _ => &self.host,
        }
    }

    #[inline]
    fn set_path_and_query(&mut self, text: &str) {
        let (path, query) = match text.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (text, None),
        };
        let slash = if path.starts_with('/') { "" } else { "/" };
        self.path = format!("{slash}{}", escape(path));
        self.query = query.map(escape);
    }

    /// RFC 3986 section 5.2.4.
    #[inline]
    fn without_dots(mut self) -> Target {
        let mut kept: Vec<&str> = Vec::new();
        let segments: Vec<&str> = self.path.split('/').skip(1).collect();
        for (i, segment) in segments.iter().enumerate() {
            let is_last = i + 1 == segments.len();
            match *segment {
                "." => {}
                ".." => drop(kept.pop()),
                segment => {
                    kept.push(segment);
                    continue;
                }
            }
            if is_last {
                kept.push("");
            }
        }
        self.path = format!("/{}", kept.join("/"));
        self
    }
}

impl fmt::Display for Target {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.secure { "https" } else { "http" };
        write!(f, "{scheme}://{}{}", self.host, self.path_and_query())
    }
}

#[inline]
fn without_fragment(url: &str) -> &str {
    url.split_once('#').map_or(url, |(url, _)| url)
}

/// Whether it is https, the host, and what follows, of a URL that begins with its scheme.
#[inline]
fn whole(url: &str) -> Option<(bool, &str, &str)> {
    let (secure, rest) = match url.strip_prefix("https://") {
        Some(rest) => (true, rest),
        None => (false, url.strip_prefix("http://")?),
    };
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    Some((secure, &rest[..end], &rest[end..]))
}

#[inline]
fn escape(text: &str) -> String {
    utf8_percent_encode(text, UNSAFE).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base() -> Target {
        Target::root(false, "localhost")
    }

    #[test]
    fn asks_for_what_the_test_says() {
        let check = |asked: &str, url: &str| assert_eq!(base().ask(asked).to_string(), url);
        check("/", "http://localhost/");
        check("", "http://localhost/");
        check("users", "http://localhost/users");
        check("/a?b=c&d", "http://localhost/a?b=c&d");
        check("/a?", "http://localhost/a?");
        check("/a#b", "http://localhost/a");
        check("//a//b", "http://localhost//a//b");
        check("/a/../b", "http://localhost/a/../b");
        check("/Ann Lee/é%2F?q=한 a", "http://localhost/Ann%20Lee/%C3%A9%2F?q=%ED%95%9C%20a");
        check("https://shop.example:8443?x", "https://shop.example:8443/?x");
        check("/http://x", "http://localhost/http://x");
    }

    #[test]
    fn follows_as_browsers_do() {
        let from = base().ask("/a/b?c=d");
        let check = |location: &str, url: &str| assert_eq!(from.follow(location).to_string(), url);
        check("/x", "http://localhost/x");
        check("x?y#z", "http://localhost/a/x?y");
        check("../x", "http://localhost/x");
        check("../../../x", "http://localhost/x");
        check("./", "http://localhost/a/");
        check("..", "http://localhost/");
        check("?e=f", "http://localhost/a/b?e=f");
        check("", "http://localhost/a/b?c=d");
        check("//other/x", "http://other/x");
        check("https://other", "https://other/");
        check("/x//y", "http://localhost/x//y");
    }

    #[test]
    fn hosts_and_queries() {
        let check = |host: &str, name: &str| assert_eq!(Target::root(false, host).hostname(), name);
        check("a:80", "a");
        check("a", "a");
        check("[::1]:80", "[::1]");
        check("[::1]", "[::1]");
        let mut target = base().ask("/?a=b");
        target.add_query("c=d");
        assert_eq!(target.path_and_query(), "/?a=b&c=d");
    }
}
