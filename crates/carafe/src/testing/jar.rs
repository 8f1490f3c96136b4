//! [`Jar`]: the cookies that a test client keeps (RFC 6265 sections 5.3 and 5.4).

use std::time::SystemTime;

use super::cookie::TestCookie;
use super::target::Target;
use crate::few;

/// Cookies with where they belong.
#[derive(Clone, Debug, Default)]
pub(super) struct Jar(Vec<Kept>);

#[derive(Clone, Debug)]
struct Kept {
    cookie: TestCookie,
    domain: String,
    /// Whether only the very host gets it back.
    host_only: bool,
    path: String,
    ends: Option<SystemTime>,
}

impl Jar {
    /// Keeps or forgets what a response of `target` has set; `path` is the request's whole path.
    #[inline]
    pub(super) fn keep(
        &mut self,
        cookie: TestCookie,
        target: &Target,
        path: &str,
        now: SystemTime,
    ) {
        let host = target.hostname().to_ascii_lowercase();
        let named = cookie.domain().map(str::to_ascii_lowercase);
        if named.as_ref().is_some_and(|domain| !is_within(&host, domain)) {
            return;
        }
        let kept = Kept {
            host_only: named.is_none(),
            domain: named.unwrap_or(host),
            path: match cookie.path() {
                Some(path) if path.starts_with('/') => path.to_owned(),
                _ => default_path(path).to_owned(),
            },
            ends: cookie.ends(now),
            cookie,
        };
        let is_same = |other: &Kept| {
            other.cookie.name() == kept.cookie.name()
                && other.domain == kept.domain
                && other.path == kept.path
        };
        self.0.retain(|other| !is_same(other));
        if kept.ends.is_none_or(|end| end > now) {
            self.0.push(kept);
        }
    }

    /// The cookies that go with a request, longer paths first.
    #[inline]
    pub(super) fn matching(
        &self,
        target: &Target,
        path: &str,
        now: SystemTime,
    ) -> Vec<&TestCookie> {
        let host = target.hostname().to_ascii_lowercase();
        let mut matching: Vec<&Kept> = self
            .0
            .iter()
            .filter(|kept| {
                (kept.domain == host || (!kept.host_only && is_within(&host, &kept.domain)))
                    && is_below(path, &kept.path)
                    && (target.secure || !kept.cookie.secure())
                    && kept.ends.is_none_or(|end| end > now)
            })
            .collect();
        // The sort is stable: cookies of one length stay in the order they were made.
        few::sort_by(&mut matching, |a, b| b.path.len().cmp(&a.path.len()));
        matching.into_iter().map(|kept| &kept.cookie).collect()
    }

    /// The cookie of this name that was kept last.
    #[inline]
    pub(super) fn find(&self, name: &str, now: SystemTime) -> Option<&TestCookie> {
        let live = |kept: &&Kept| kept.ends.is_none_or(|end| end > now);
        let found = self.0.iter().rev().filter(live).find(|kept| kept.cookie.name() == name);
        found.map(|kept| &kept.cookie)
    }

    /// Forgets all cookies of this name.
    #[inline]
    pub(super) fn delete(&mut self, name: &str) {
        self.0.retain(|kept| kept.cookie.name() != name);
    }

    #[inline]
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

/// RFC 6265 section 5.1.3.
#[inline]
fn is_within(host: &str, domain: &str) -> bool {
    let is_address = host.parse::<std::net::IpAddr>().is_ok();
    host == domain
        || (!is_address && host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.')))
}

/// RFC 6265 section 5.1.4.
#[inline]
fn is_below(path: &str, cookie_path: &str) -> bool {
    path.strip_prefix(cookie_path)
        .is_some_and(|rest| rest.is_empty() || cookie_path.ends_with('/') || rest.starts_with('/'))
}

/// The folder of the request's path (RFC 6265 section 5.1.4).
#[inline]
fn default_path(path: &str) -> &str {
    match path.rsplit_once('/') {
        Some(("", _)) | None => "/",
        Some((folder, _)) => folder,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const NOW: SystemTime = SystemTime::UNIX_EPOCH;

    fn names(jar: &Jar, url: &str, now: SystemTime) -> String {
        let target = Target::root(false, "-").ask(url);
        let cookies = jar.matching(&target, &target.path, now);
        cookies.iter().map(|cookie| cookie.name()).collect::<Vec<_>>().join(" ")
    }

    fn jar(cookies: &[(&str, &str)]) -> Jar {
        let mut jar = Jar::default();
        for (url, header) in cookies {
            let target = Target::root(false, "-").ask(url);
            jar.keep(TestCookie::parse(header).unwrap(), &target, &target.path, NOW);
        }
        jar
    }

    #[test]
    fn hosts() {
        let jar = jar(&[
            ("http://shop.example/", "own=1"),
            ("http://shop.example/", "wide=1; Domain=shop.example"),
            ("http://api.shop.example/", "up=1; Domain=shop.example"),
            ("http://shop.example/", "foreign=1; Domain=bank.example"),
            ("http://shop.example/", "down=1; Domain=api.shop.example"),
        ]);
        let check =
            |url: &str, expected: &str| assert_eq!(names(&jar, url, NOW), expected, "{url}");
        check("http://shop.example/", "own wide up");
        check("http://SHOP.example:8000/", "own wide up");
        check("http://api.shop.example/", "wide up");
        check("http://workshop.example/", "");
        check("http://bank.example/", "");
    }

    #[test]
    fn paths() {
        let jar = jar(&[
            ("http://a/", "root=1; Path=/"),
            ("http://a/x/y", "folder=1"),
            ("http://a/", "z=1; Path=/x/y/"),
        ]);
        let check = |path: &str, expected: &str| {
            assert_eq!(names(&jar, &format!("http://a{path}"), NOW), expected, "{path}");
        };
        check("/", "root");
        check("/x", "folder root");
        check("/xx", "root");
        check("/x/y", "folder root");
        check("/x/y/z", "z folder root");
    }

    #[test]
    fn lives_and_secrets() {
        let later = NOW + Duration::from_secs(10);
        let jar = jar(&[
            ("http://a/", "short=1; Max-Age=5"),
            ("http://a/", "safe=1; Secure"),
            ("http://a/", "gone=1"),
            ("http://a/", "gone=; Max-Age=0"),
        ]);
        assert_eq!(names(&jar, "http://a/", NOW), "short");
        assert_eq!(names(&jar, "https://a/", NOW), "short safe");
        assert_eq!(names(&jar, "https://a/", later), "safe");
        assert!(jar.find("short", NOW).is_some() && jar.find("short", later).is_none());
    }
}
