//! What a setting's type cannot say: the values that would not work.

use super::show::found;
use super::tree::Node;
use super::{
    Bytes, ConfigError, ConfigErrors, CookieSameSite, CookieSecure, Hops, Seconds, Settings,
};

/// hyper refuses to run with a smaller buffer.
const LEAST_HEADER_SIZE: u64 = 8 << 10;

/// The settings that have the right type and still cannot work.
pub(super) fn check(settings: &Settings, tree: &Node) -> ConfigErrors {
    let rules = [server(settings), urls(settings), proxies(settings), cookies(settings)];
    let broken = rules.into_iter().flatten().filter(|rule| !rule.holds);
    broken.filter_map(|rule| rule.error(tree)).collect()
}

struct Rule {
    key: &'static str,
    holds: bool,
    must: &'static str,
}

impl Rule {
    fn error(&self, tree: &Node) -> Option<ConfigError> {
        let (key, node) = (self.key, tree.find(self.key)?);
        let what = format!("`{key}` must {}, but is {}", self.must, found(key, node));
        Some(ConfigError::at(key, &node.source, &what))
    }
}

fn rule(key: &'static str, holds: bool, must: &'static str) -> Rule {
    Rule { key, holds, must }
}

fn server(settings: &Settings) -> Vec<Rule> {
    let takes_time = |time: Seconds| !time.duration().is_zero();
    let is_language = |lang: &str| carafe_net::Lang::parse(lang).is_some();
    let lang = settings.lang.as_deref().is_none_or(is_language);
    let header_size = settings.max_header_size >= Bytes::new(LEAST_HEADER_SIZE);
    vec![
        rule("lang", lang, "be `en` or `ko`"),
        rule("max_header_size", header_size, "be at least 8 KiB"),
        rule("max_headers", settings.max_headers > 0, "be at least 1"),
        rule("threads", settings.threads > 0, "be at least 1"),
        rule("max_connections", settings.max_connections > 0, "be at least 1"),
        rule("header_read_timeout", takes_time(settings.header_read_timeout), "be more than 0"),
        rule("body_read_timeout", takes_time(settings.body_read_timeout), "be more than 0"),
        rule("request_timeout", settings.request_timeout.is_none_or(takes_time), "be more than 0"),
    ]
}

fn urls(settings: &Settings) -> Vec<Rule> {
    let scheme = matches!(settings.preferred_url_scheme.as_str(), "http" | "https");
    let is_host = |name: &str| !name.is_empty() && !name.contains(['/', '@', ' ']);
    let server_name = settings.server_name.as_deref().is_none_or(is_host);
    vec![
        rule("application_root", settings.application_root.starts_with('/'), "begin with `/`"),
        rule("static_url_path", settings.static_url_path.starts_with('/'), "begin with `/`"),
        rule("preferred_url_scheme", scheme, "be `http` or `https`"),
        rule("server_name", server_name, "be a host such as `example.com` or `example.com:8080`"),
    ]
}

fn proxies(settings: &Settings) -> Vec<Rule> {
    let proxies = &settings.trusted_proxies;
    let counts = |hops: Hops| !matches!(hops, Hops::Auto | Hops::Count(0));
    let port = !proxies.forwarded || proxies.x_port == Hops::Count(0);
    let prefix = !proxies.forwarded || !counts(proxies.x_prefix);
    vec![
        rule("trusted_proxies.x_port", port, "be left out with `forwarded`, which has no port"),
        rule(
            "trusted_proxies.x_prefix",
            prefix,
            "be left out with `forwarded`, which has no prefix",
        ),
    ]
}

fn cookies(settings: &Settings) -> Vec<Rule> {
    let name = &settings.session_cookie_name;
    let is_name = !name.is_empty() && name.bytes().all(is_token);
    let is_attribute = |text: &str| !text.contains(|c: char| c == ';' || c.is_control());
    let is_path = |path: &str| path.starts_with('/') && is_attribute(path);
    let wants_https = settings.session_cookie_partitioned
        || settings.session_cookie_samesite == CookieSameSite::None;
    let sent_to_all = wants_https && settings.session_cookie_secure == CookieSecure::Never;
    vec![
        rule("session_cookie_name", is_name, "be letters, digits and ``!#$%&'*+-.^_`|~``"),
        rule(
            "session_cookie_domain",
            settings.session_cookie_domain.as_deref().is_none_or(is_attribute),
            "not hold `;` or control characters",
        ),
        rule(
            "session_cookie_path",
            settings.session_cookie_path.as_deref().is_none_or(is_path),
            "begin with `/` and not hold `;` or control characters",
        ),
        rule(
            "session_cookie_secure",
            !sent_to_all,
            "be `true` or `\"auto\"` for a cookie that is partitioned or whose samesite is `None`",
        ),
    ]
}

/// RFC 9110 section 5.6.2; RFC 6265 section 4.1.1 wants it of a cookie's name.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}
