//! Who may ask: nobody but a browser that was opened by whoever started the tool.
//!
//! What a debugger can evaluate, an attacker's page could, too. So a request has to name this
//! computer as its host (a rebound name does not), must not come from a page of another origin, and
//! has to show a cookie that is given for the token in the first URL alone.

use std::fmt;

/// What lets a browser in.
#[derive(Clone)]
pub(super) struct Keys {
    port: u16,
    /// In the first URL, and then in the cookie.
    token: String,
    /// The first part of every path. Cookies know no ports: below a path that nobody can guess, no
    /// other server of this computer is sent ours.
    folder: String,
}

/// What a request says of where it comes from.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Asked<'a> {
    pub(super) method: &'a str,
    pub(super) path: &'a str,
    /// All `Host` headers, and the host of a request line that names one.
    pub(super) hosts: &'a [&'a str],
    pub(super) origin: Option<&'a str>,
    /// `Sec-Fetch-Site`.
    pub(super) site: Option<&'a str>,
    /// `Sec-Fetch-Mode`.
    pub(super) mode: Option<&'a str>,
    pub(super) upgrades: bool,
    pub(super) cookie: Option<&'a str>,
    pub(super) media_type: Option<&'a str>,
}

/// Why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    Host,
    Origin,
    Upgrade,
    Token,
    Type,
}

impl Refusal {
    /// The status of the answer.
    pub(super) fn status(self) -> u16 {
        match self {
            Refusal::Host | Refusal::Origin | Refusal::Token => 403,
            Refusal::Upgrade => 400,
            Refusal::Type => 415,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Refusal::Host => {
                "the debugger's page answers only under this computer's own name\n\nhint: open the URL that the terminal shows, as it is"
            }
            Refusal::Origin => "another page asked for this; the debugger answers its own page only",
            Refusal::Upgrade => "the debugger's page has no WebSockets",
            Refusal::Token => {
                "this browser has not been let in yet\n\nhint: open the URL with the token that the terminal shows"
            }
            Refusal::Type => "what is sent here has to be `application/json`",
        })
    }
}

impl Keys {
    /// New ones, that nobody can guess.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub(super) fn new(port: u16) -> Result<Keys, String> {
        Ok(Keys { port, token: random::<16>()?, folder: random::<8>()? })
    }

    /// What the browser is opened with.
    pub(super) fn url(&self) -> String {
        format!("{}/?token={}", self.origin(), self.token)
    }

    /// Where the page is, for a browser that was let in.
    pub(super) fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(super) fn folder(&self) -> &str {
        &self.folder
    }

    pub(super) fn token(&self) -> &str {
        &self.token
    }

    /// The cookie's name; browsers send it to every port.
    pub(super) fn cookie(&self) -> String {
        format!("carafe_debug_{}", self.port)
    }

    /// Whether this is the token.
    pub(super) fn opens(&self, given: Option<&str>) -> bool {
        given.is_some_and(|given| is_same(given.as_bytes(), self.token.as_bytes()))
    }

    /// Whether a request may go on.
    pub(super) fn judge(&self, asked: &Asked<'_>) -> Result<(), Refusal> {
        if asked.hosts.is_empty() || !asked.hosts.iter().all(|host| self.is_here(host)) {
            return Err(Refusal::Host);
        }
        if asked.upgrades {
            return Err(Refusal::Upgrade);
        }
        let own = asked.origin.is_none_or(|origin| {
            origin.strip_prefix("http://").is_some_and(|host| asked.hosts.contains(&host))
        });
        if !own || !self.is_own_site(asked) {
            return Err(Refusal::Origin);
        }
        let inside = asked.path.strip_prefix('/').and_then(|path| path.split('/').next());
        if inside == Some(&*self.folder) {
            if !self.opens(asked.cookie) {
                return Err(Refusal::Token);
            }
        } else if !matches!(asked.path, "/" | "/debug") {
            return Err(Refusal::Token);
        }
        let is_json = asked.media_type.is_some_and(|media_type| {
            media_type.split(';').next().unwrap_or_default().trim() == "application/json"
        });
        match asked.method {
            "GET" | "HEAD" => Ok(()),
            "POST" if is_json => Ok(()),
            _ => Err(Refusal::Type),
        }
    }

    /// A loopback address or `localhost`, with our port.
    fn is_here(&self, host: &str) -> bool {
        let Some((name, port)) = host.rsplit_once(':') else { return false };
        port.parse() == Ok(self.port) && matches!(name, "127.0.0.1" | "localhost" | "[::1]")
    }

    /// Links lead here from a terminal, and from an app's error page with a ticket; everything else
    /// comes from our own page. Whoever is no browser says nothing of it.
    fn is_own_site(&self, asked: &Asked<'_>) -> bool {
        let is_link = matches!(asked.path, "/" | "/debug")
            && asked.method == "GET"
            && asked.mode == Some("navigate");
        matches!(asked.site, None | Some("same-origin" | "none")) || is_link
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keys({})", self.port)
    }
}

/// Compares in a time that tells nothing of where they differ.
fn is_same(given: &[u8], wanted: &[u8]) -> bool {
    let differing = given.iter().zip(wanted).fold(0, |all, (a, b)| all | (a ^ b));
    given.len() == wanted.len() && differing == 0
}

fn random<const BYTES: usize>() -> Result<String, String> {
    let mut random = [0; BYTES];
    getrandom::fill(&mut random)
        .map_err(|error| format!("the system gives no random numbers: {error}"))?;
    Ok(random.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> Keys {
        Keys { port: 9173, token: "t0".repeat(16), folder: "f0f0".to_owned() }
    }

    #[track_caller]
    fn check(change: impl for<'a> FnOnce(&mut Asked<'a>), expected: Result<(), Refusal>) {
        let token = keys().token;
        let mut asked = Asked {
            method: "GET",
            path: "/f0f0/api/state",
            hosts: &["127.0.0.1:9173"],
            site: Some("same-origin"),
            // Lives as long as the process, so that cases can name others.
            cookie: Some(Box::leak(token.into_boxed_str())),
            ..Asked::default()
        };
        change(&mut asked);
        assert_eq!(keys().judge(&asked), expected, "{asked:?}");
    }

    #[test]
    fn hosts() {
        for host in ["127.0.0.1:9173", "localhost:9173", "[::1]:9173"] {
            check(|asked| asked.hosts = Box::leak(Box::new([host])), Ok(()));
        }
        for host in [
            "evil.example:9173",
            "127.0.0.1",
            "localhost",
            "127.0.0.1:80",
            "127.0.0.1.evil.example:9173",
            "localhost.evil.example:9173",
            "127.0.0.2:9173",
            "",
        ] {
            check(|asked| asked.hosts = Box::leak(Box::new([host])), Err(Refusal::Host));
        }
        check(|asked| asked.hosts = &[], Err(Refusal::Host));
        check(|asked| asked.hosts = &["127.0.0.1:9173", "evil.example:9173"], Err(Refusal::Host));
    }

    #[test]
    fn origins() {
        check(|asked| asked.origin = Some("http://127.0.0.1:9173"), Ok(()));
        for origin in
            ["http://127.0.0.1:5000", "https://127.0.0.1:9173", "http://evil.example", "null", ""]
        {
            check(|asked| asked.origin = Some(origin), Err(Refusal::Origin));
        }
        check(|asked| asked.site = None, Ok(()));
        check(|asked| asked.site = Some("none"), Ok(()));
        check(|asked| asked.site = Some("same-site"), Err(Refusal::Origin));
        check(|asked| asked.site = Some("cross-site"), Err(Refusal::Origin));
        let link = |path: &'static str, mode: &'static str| {
            move |asked: &mut Asked<'_>| {
                (asked.path, asked.site, asked.mode) = (path, Some("cross-site"), Some(mode));
            }
        };
        check(link("/debug", "navigate"), Ok(()));
        check(link("/", "navigate"), Ok(()));
        check(link("/debug", "cors"), Err(Refusal::Origin));
        check(link("/f0f0/", "navigate"), Err(Refusal::Origin));
    }

    #[test]
    fn tokens() {
        check(|asked| asked.cookie = None, Err(Refusal::Token));
        check(|asked| asked.cookie = Some(""), Err(Refusal::Token));
        check(|asked| asked.cookie = Some("t0t0"), Err(Refusal::Token));
        check(|asked| asked.path = "/other/", Err(Refusal::Token));
        check(|asked| asked.path = "/f0f0", Ok(()));
        assert!(keys().opens(Some(&"t0".repeat(16))) && !keys().opens(Some(&"t1".repeat(16))));
        assert!(!keys().opens(None));
        let (one, other) = (Keys::new(1).unwrap(), Keys::new(1).unwrap());
        assert_eq!(one.token.len(), 32);
        assert!(one.token != other.token && one.folder != other.folder);
    }

    #[test]
    fn upgrades_and_types() {
        check(|asked| asked.upgrades = true, Err(Refusal::Upgrade));
        let post = |media_type: Option<&'static str>| {
            move |asked: &mut Asked<'_>| {
                (asked.method, asked.media_type) = ("POST", media_type);
            }
        };
        check(post(Some("application/json")), Ok(()));
        check(post(Some("application/json; charset=utf-8")), Ok(()));
        check(post(Some("text/plain")), Err(Refusal::Type));
        check(post(None), Err(Refusal::Type));
        check(|asked| asked.method = "PUT", Err(Refusal::Type));
    }
}
