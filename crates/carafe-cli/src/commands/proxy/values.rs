//! What may stand in a configuration file: names, domains, paths and addresses, checked.
//!
//! Every format has its own rules for quoting, and some have none for some characters. So what could
//! end a line or a word, or be read as a variable, is refused here, whoever said it: the command line
//! or the app's own settings.

use std::fmt;
use std::net::IpAddr;

/// Reads a domain such as `example.com`, in lower case.
pub(super) fn domain(text: &str) -> Result<String, String> {
    let is_label = |label: &str| {
        let inside = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        (1..=63).contains(&label.len())
            && label.bytes().all(inside)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let name = text.strip_suffix('.').unwrap_or(text).to_ascii_lowercase();
    if !name.is_ascii() {
        return Err("write it in its ASCII form, `xn--...`".to_owned());
    }
    match name.len() <= 253 && name.split('.').all(is_label) {
        true => Ok(name),
        false => Err("it must be a name such as `example.com`".to_owned()),
    }
}

/// Reads the path in front of an app or of its static files: `/app/`, `app` and `/app` are `/app`; `/` is
/// nothing.
pub(super) fn url_path(text: &str) -> Result<String, String> {
    let inside = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let path = text.trim_matches('/');
    // One that begins with a dot would be hidden by the rules for files.
    let is_segment =
        |part: &str| !part.is_empty() && !part.starts_with('.') && part.bytes().all(inside);
    if path.is_empty() {
        return Ok(String::new());
    }
    match path.split('/').all(is_segment) {
        true => Ok(format!("/{path}")),
        false => Err("it must be a path such as `/app`, of letters, digits and `-._~`".to_owned()),
    }
}

/// Reads an absolute path in the file system of the machine that will serve.
pub(super) fn file_path(text: &str) -> Result<String, String> {
    if !text.starts_with('/') {
        return Err("it must begin with `/`".to_owned());
    }
    let special = |c: char| c.is_control() || "\"'\\$%`;{}#*?[]<>|&\u{2028}\u{2029}".contains(c);
    if let Some(c) = text.chars().find(|c| special(*c)) {
        return Err(format!("it must not hold `{}`", c.escape_debug()));
    }
    let parts = text.split('/').filter(|part| !matches!(*part, "" | "."));
    let mut clean: Vec<&str> = Vec::new();
    for part in parts {
        match part {
            ".." => drop(clean.pop()),
            part => clean.push(part),
        }
    }
    Ok(format!("/{}", clean.join("/")))
}

/// Reads the name of a user or a group of Linux.
pub(super) fn account(text: &str) -> Result<String, String> {
    let inside =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-".contains(&byte);
    let begins = text.starts_with(|c: char| c.is_ascii_lowercase() || c == '_');
    match begins && text.len() <= 32 && text.bytes().all(inside) {
        true => Ok(text.to_owned()),
        false => Err("it must be a name such as `www-data`".to_owned()),
    }
}

/// Reads the name of an app: a Cargo package's, or a program's.
pub(super) fn app_name(text: &str) -> Result<String, String> {
    let inside = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    match (1..=64).contains(&text.len()) && text.bytes().all(inside) && !text.starts_with('-') {
        true => Ok(text.to_owned()),
        false => Err("it must be of letters, digits, `-` and `_`".to_owned()),
    }
}

/// Where the app listens, as the proxy reaches it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Upstream {
    /// A host and a port; an IPv6 address stands in brackets.
    Tcp { host: String, port: u16 },
    /// The path of a Unix socket.
    Unix(String),
}

impl Upstream {
    /// Reads `127.0.0.1:8000`, `[::1]:8000`, `app:8000` or `unix:/run/app/app.sock`.
    pub(super) fn parse(text: &str) -> Result<Upstream, String> {
        const WANTED: &str = "it must be like `127.0.0.1:8000` or `unix:/run/app/app.sock`";
        if let Some(path) = text.strip_prefix("unix:") {
            return file_path(path).map(Upstream::Unix);
        }
        let (host, port) = text.rsplit_once(':').ok_or(WANTED)?;
        let port = port.parse().ok().filter(|port| *port != 0).ok_or(WANTED)?;
        Upstream::tcp(host, port).ok_or_else(|| WANTED.to_owned())
    }

    /// A host, in brackets or not, with a port; `None` when it is none.
    pub(super) fn tcp(host: &str, port: u16) -> Option<Upstream> {
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        let host = match bare.parse() {
            Ok(IpAddr::V6(address)) => format!("[{address}]"),
            Ok(IpAddr::V4(address)) => address.to_string(),
            Err(_) => domain(host).ok()?,
        };
        Some(Upstream::Tcp { host, port })
    }

    /// Whether only this machine reaches it.
    pub(super) fn is_local(&self) -> bool {
        match self {
            Upstream::Unix(_) => true,
            Upstream::Tcp { host, .. } => {
                let bare = host.trim_matches(['[', ']']);
                host == "localhost"
                    || bare.parse().is_ok_and(|address: IpAddr| address.is_loopback())
            }
        }
    }
}

impl fmt::Display for Upstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Upstream::Tcp { host, port } => write!(f, "{host}:{port}"),
            Upstream::Unix(path) => write!(f, "unix:{path}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(read: fn(&str) -> Result<String, String>, text: &str, wanted: Option<&str>) {
        assert_eq!(read(text).ok().as_deref(), wanted, "{text:?}");
    }

    #[test]
    fn domains() {
        check(domain, "Example.COM.", Some("example.com"));
        check(domain, "192.0.2.1", Some("192.0.2.1"));
        check(domain, "localhost", Some("localhost"));
        let long = "a".repeat(64);
        for text in ["", ".", "a..b", "-a.b", "a b", "a;b", "a\nb", "a{b", "*.a", "한글.kr", &long]
        {
            check(domain, text, None);
        }
    }

    #[test]
    fn url_paths() {
        check(url_path, "/", Some(""));
        check(url_path, "/app/", Some("/app"));
        check(url_path, "a/b~c", Some("/a/b~c"));
        for text in
            ["/a//b", "/../a", "/.a", "/a b", "/a;", "/a\n", "/a$b", "/a%20", "/a{", "/a\"", "/a?b"]
        {
            check(url_path, text, None);
        }
    }

    #[test]
    fn file_paths() {
        check(file_path, "/srv/my app/./x/../static/", Some("/srv/my app/static"));
        check(file_path, "/srv/한글", Some("/srv/한글"));
        check(file_path, "/../..", Some("/"));
        for text in ["", "a", "/a\nb", "/a;b", "/a\"", "/$x", "/a%h", "/a{", "/a`", "/a#", "/a\\"] {
            check(file_path, text, None);
        }
    }

    #[test]
    fn names() {
        check(account, "www-data", Some("www-data"));
        check(app_name, "guest_book-2", Some("guest_book-2"));
        for text in ["", "Root", "0a", "a b", "a\n", "a;b"] {
            check(account, text, None);
        }
        for text in ["", "-a", "a b", "a.b", "a\n", "a/b"] {
            check(app_name, text, None);
        }
    }

    #[test]
    fn upstreams() {
        let check = |text: &str, wanted: Option<&str>, local: bool| {
            let found = Upstream::parse(text).ok();
            let shown = found.as_ref().map(Upstream::to_string);
            assert_eq!(shown.as_deref(), wanted, "{text:?}");
            assert_eq!(found.is_some_and(|found| found.is_local()), local, "{text:?}");
        };
        check("127.0.0.1:8000", Some("127.0.0.1:8000"), true);
        check("[::1]:80", Some("[::1]:80"), true);
        check("::1:80", Some("[::1]:80"), true);
        check("app:8000", Some("app:8000"), false);
        check("10.0.0.5:1", Some("10.0.0.5:1"), false);
        check("unix:/run/a.sock", Some("unix:/run/a.sock"), true);
        for text in ["", "8000", "a:0", "a:65536", "a b:1", "unix:a", "unix:/a;b", ":80", "a;b:80"]
        {
            check(text, None, false);
        }
    }
}
