//! [`Question`]: which URL is asked about, and from where it is opened.

use std::net::{IpAddr, Ipv6Addr};

/// How the URL is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    Http,
    Https,
}

impl Scheme {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Scheme::Http => "http",
            Scheme::Https => "https",
        }
    }

    fn port(self) -> u16 {
        match self {
            Scheme::Http => 80,
            Scheme::Https => 443,
        }
    }
}

/// What the command line says; the rest is found out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) scheme: Scheme,
    pub(crate) host: Option<String>,
    pub(crate) port: Option<u16>,
    /// With its query, `/` at least.
    pub(crate) path: String,
    pub(crate) from: Option<IpAddr>,
}

/// Who opens the URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Client {
    /// A program on this machine.
    ThisMachine,
    /// Another device on the network of the address that is opened.
    Network,
    /// This one.
    At(IpAddr),
}

/// What is to be found out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Question {
    pub(crate) scheme: Scheme,
    /// A name or an address, without brackets.
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) path: String,
    pub(crate) client: Client,
    /// Whether the user said who the client is.
    pub(crate) from_given: bool,
}

impl Question {
    /// The URL as a browser takes it.
    pub(crate) fn url(&self) -> String {
        let path = if self.path == "/" { "" } else { &self.path };
        format!("{}{path}", origin(self.scheme, &self.host, self.port))
    }

    /// The `Host` header that a browser sends for this URL.
    pub(crate) fn host_header(&self) -> String {
        host_header(self.scheme, &self.host, self.port)
    }

    /// The URL's host where it is an address.
    pub(crate) fn address(&self) -> Option<IpAddr> {
        self.host.parse().ok()
    }
}

/// `http://192.168.1.20:8000`; a port that the scheme implies is left out.
pub(crate) fn origin(scheme: Scheme, host: &str, port: u16) -> String {
    format!("{}://{}", scheme.name(), host_header(scheme, host, port))
}

/// The `Host` header for a name or an address.
pub(crate) fn host_header(scheme: Scheme, host: &str, port: u16) -> String {
    let host = if host.parse::<Ipv6Addr>().is_ok() { format!("[{host}]") } else { host.to_owned() };
    if port == scheme.port() { host } else { format!("{host}:{port}") }
}

impl Wanted {
    /// Reads a URL, or what people type for one: `192.168.1.20:8000`, `localhost`, `8000`.
    ///
    /// A URL with its scheme means that scheme's port, as in a browser; without it the port is
    /// left open.
    pub(crate) fn parse(
        url: Option<&str>,
        port: Option<u16>,
        from: Option<IpAddr>,
    ) -> Result<Wanted, Refusal> {
        let mut wanted =
            Wanted { scheme: Scheme::Http, host: None, port, path: "/".to_owned(), from };
        let Some(url) = url else { return Ok(wanted) };
        let (scheme, rest) = match url.split_once("://") {
            Some((scheme, rest)) => (Some(scheme.to_ascii_lowercase()), rest),
            None => (None, url),
        };
        wanted.scheme = match scheme.as_deref() {
            None | Some("http" | "ws") => Scheme::Http,
            Some("https" | "wss") => Scheme::Https,
            Some(_) => return Err(Refusal::Scheme),
        };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let path = path.split('#').next().unwrap_or_default();
        if !path.is_empty() {
            wanted.path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        }
        if !wanted.path.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Refusal::Path);
        }
        // A name and a password before `@` are not needed to reach a server.
        let authority = authority.rsplit('@').next().unwrap_or_default();
        let implied = scheme.is_some().then(|| wanted.scheme.port());
        let (host, written) = split_port(authority, scheme.is_none())?;
        wanted.host = host;
        wanted.port = port.or(written).or(implied);
        Ok(wanted)
    }
}

/// Why something is no URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    Scheme,
    Host,
    Port,
    Path,
}

/// Host and port of `localhost:8000`, `[::1]:8000`, `::1`, `:8000` and, when it may be a port
/// alone, `8000`.
fn split_port(authority: &str, bare: bool) -> Result<(Option<String>, Option<u16>), Refusal> {
    let port = |text: &str| match text.parse::<u16>() {
        Ok(0) | Err(_) => Err(Refusal::Port),
        Ok(port) => Ok(Some(port)),
    };
    if bare && !authority.is_empty() && authority.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok((None, port(authority)?));
    }
    if authority.parse::<Ipv6Addr>().is_ok() {
        return Ok((Some(authority.to_owned()), None));
    }
    let (host, after) = match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, after)) if host.parse::<Ipv6Addr>().is_ok() => (host, after),
        Some(_) => return Err(Refusal::Host),
        None => authority.split_at(authority.find(':').unwrap_or(authority.len())),
    };
    let written = match after.strip_prefix(':') {
        Some(text) => port(text)?,
        None if after.is_empty() => None,
        None => return Err(Refusal::Host),
    };
    if !host.chars().all(|letter| letter.is_alphanumeric() || "-._:".contains(letter)) {
        return Err(Refusal::Host);
    }
    let host = (!host.is_empty()).then(|| host.trim_end_matches('.').to_lowercase());
    if host.is_none() && written.is_none() { Err(Refusal::Host) } else { Ok((host, written)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_people_type() {
        let check = |url: &str, want: &str| {
            let found = match Wanted::parse(Some(url), None, None) {
                Ok(wanted) => format!(
                    "{} {} {} {}",
                    wanted.scheme.name(),
                    wanted.host.unwrap_or_default(),
                    wanted.port.unwrap_or_default(),
                    wanted.path
                ),
                Err(refusal) => format!("{refusal:?}"),
            };
            assert_eq!(found, want, "{url}");
        };
        check("http://localhost:8000", "http localhost 8000 /");
        check("http://localhost:8000/a?b=c#d", "http localhost 8000 /a?b=c");
        check("http://localhost:8000?b", "http localhost 8000 /?b");
        check("HTTPS://Example.com./", "https example.com 443 /");
        check("http://me:secret@example.com", "http example.com 80 /");
        check("192.168.1.20:8000/x", "http 192.168.1.20 8000 /x");
        check("localhost", "http localhost 0 /");
        check("8000", "http  8000 /");
        check(":8000", "http  8000 /");
        check("[::1]:8000", "http ::1 8000 /");
        check("http://[fd00::2]", "http fd00::2 80 /");
        check("::1", "http ::1 0 /");
        check("ftp://localhost", "Scheme");
        check("http://localhost:99999", "Port");
        check("0", "Port");
        check("http://", "Host");
        check("", "Host");
        check("http://[nonsense]:8000", "Host");
        check("http://a b", "Host");
        check("http://localhost/a\r\nHost: b", "Path");
    }

    #[test]
    fn an_option_beats_the_urls_port() {
        let wanted = Wanted::parse(Some("http://localhost:8000"), Some(3000), None).unwrap();
        assert_eq!(wanted.port, Some(3000));
    }

    #[test]
    fn writes_urls() {
        let check =
            |scheme, host: &str, port, want: &str| assert_eq!(origin(scheme, host, port), want);
        check(Scheme::Http, "::1", 8000, "http://[::1]:8000");
        check(Scheme::Http, "localhost", 80, "http://localhost");
        check(Scheme::Https, "localhost", 443, "https://localhost");
        check(Scheme::Https, "localhost", 80, "https://localhost:80");
    }
}
