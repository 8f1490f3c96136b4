//! The line that mends a check: one of carafe.toml, or one of the proxy's own configuration.

use carafe_net::Lang;
use serde_json::Value;

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Mend {
    /// A line in carafe.toml.
    Key(String),
    /// A line in its section `[trusted_proxies]`.
    Section(String),
    /// A header that the proxy has to set.
    Proxy(Kind, Header),
    /// The proxy has to write `Forwarded` itself.
    Forwarded,
    /// Something else, in the reader's language.
    Words(&'static str),
}

/// A header, or the part of a request that it tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Header {
    For,
    Proto,
    Host,
    ForwardedHost,
    /// With the prefix; empty where there is none.
    Prefix(String),
}

/// Which program the proxy is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Nginx,
    Apache,
    Caddy,
    /// It does not say: nginx is shown as an example.
    Other,
}

impl Kind {
    /// By the `Server` header of the answer.
    pub(super) fn of(server: Option<&str>) -> Kind {
        let server = server.unwrap_or_default().to_ascii_lowercase();
        let named = [("nginx", Kind::Nginx), ("apache", Kind::Apache), ("caddy", Kind::Caddy)];
        let found = named.iter().find(|(name, _)| server.starts_with(name));
        found.map_or(Kind::Other, |(_, kind)| *kind)
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Kind::Nginx | Kind::Other => "nginx",
            Kind::Apache => "Apache",
            Kind::Caddy => "Caddy",
        }
    }

    /// The line that sets a header to what the proxy itself sees.
    pub(super) fn line(self, header: &Header) -> String {
        let line = match (self, header) {
            (Kind::Nginx | Kind::Other, Header::For) => {
                "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;"
            }
            (Kind::Nginx | Kind::Other, Header::Proto) => {
                "proxy_set_header X-Forwarded-Proto $scheme;"
            }
            (Kind::Nginx | Kind::Other, Header::Host) => "proxy_set_header Host $http_host;",
            (Kind::Nginx | Kind::Other, Header::ForwardedHost) => {
                "proxy_set_header X-Forwarded-Host $http_host;"
            }
            (Kind::Nginx | Kind::Other, Header::Prefix(prefix)) => {
                let prefix = if prefix.is_empty() { "\"\"" } else { prefix };
                return format!("proxy_set_header X-Forwarded-Prefix {prefix};");
            }
            (Kind::Apache, Header::For) => "ProxyAddHeaders On",
            (Kind::Apache, Header::Proto) => {
                "RequestHeader set X-Forwarded-Proto expr=%{REQUEST_SCHEME}"
            }
            (Kind::Apache, Header::Host) => "ProxyPreserveHost On",
            // It adds its own to the end by itself, when nothing is there yet.
            (Kind::Apache, Header::ForwardedHost) => "RequestHeader unset X-Forwarded-Host early",
            (Kind::Apache, Header::Prefix(prefix)) if prefix.is_empty() => {
                "RequestHeader unset X-Forwarded-Prefix early"
            }
            (Kind::Apache, Header::Prefix(prefix)) => {
                return format!("RequestHeader set X-Forwarded-Prefix \"{prefix}\"");
            }
            (Kind::Caddy, Header::For) => "header_up X-Forwarded-For {remote_host}",
            (Kind::Caddy, Header::Proto) => "header_up X-Forwarded-Proto {scheme}",
            (Kind::Caddy, Header::Host) => "header_up Host {hostport}",
            (Kind::Caddy, Header::ForwardedHost) => "header_up X-Forwarded-Host {hostport}",
            (Kind::Caddy, Header::Prefix(prefix)) if prefix.is_empty() => {
                "header_up -X-Forwarded-Prefix"
            }
            (Kind::Caddy, Header::Prefix(prefix)) => {
                return format!("header_up X-Forwarded-Prefix {prefix}");
            }
        };
        line.to_owned()
    }
}

impl Mend {
    /// Where the line belongs, and the line.
    pub(super) fn words(&self, lang: Lang) -> (String, Option<String>) {
        let file = lang.pick("in carafe.toml:", "carafe.toml에:").to_owned();
        match self {
            Mend::Key(line) => (file, Some(line.clone())),
            Mend::Section(line) => (
                lang.pick(
                    "in the section [trusted_proxies] of carafe.toml:",
                    "carafe.toml의 [trusted_proxies] 구역에:",
                )
                .to_owned(),
                Some(line.clone()),
            ),
            Mend::Words(words) => ((*words).to_owned(), None),
            Mend::Forwarded => (
                lang.pick(
                    "have the proxy write `Forwarded` itself, or believe the other headers; in [trusted_proxies] of carafe.toml:",
                    "프록시가 `Forwarded`를 직접 쓰게 하거나 다른 헤더를 믿게 합니다. carafe.toml의 [trusted_proxies] 구역에:",
                )
                .to_owned(),
                Some("forwarded = false".to_owned()),
            ),
            Mend::Proxy(Kind::Other, header) => (
                lang.pick(
                    "in the proxy; if it were nginx:",
                    "프록시 설정에서. nginx라면 다음과 같습니다:",
                )
                .to_owned(),
                Some(Kind::Other.line(header)),
            ),
            Mend::Proxy(kind, header) => {
                let name = kind.name();
                let place = lang.pick(
                    format!("in {name}, where it hands the request on:"),
                    format!("{name} 설정에서 요청을 넘기는 곳에:"),
                );
                (place, Some(kind.line(header)))
            }
        }
    }
}

/// A line with a list, such as `trusted_proxies = ["127.0.0.1"]`; in a section, its `from`.
pub(super) fn list(key: &str, items: &[String], written: &Value) -> Mend {
    let items = Value::from(items.to_vec()).to_string().replace("\",\"", "\", \"");
    match written.is_object() {
        true => Mend::Section(format!("from = {items}")),
        false => Mend::Key(format!("{key} = {items}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxies_by_their_own_word() {
        let check = |server: &str, kind| assert_eq!(Kind::of(Some(server)), kind, "{server}");
        check("nginx", Kind::Nginx);
        check("nginx/1.26.3 (Debian)", Kind::Nginx);
        check("Apache/2.4.65 (Debian)", Kind::Apache);
        check("Caddy", Kind::Caddy);
        check("openresty", Kind::Other);
        assert_eq!(Kind::of(None), Kind::Other);
    }

    #[test]
    fn lines() {
        let check = |kind: Kind, header: Header, line: &str| assert_eq!(kind.line(&header), line);
        check(Kind::Other, Header::Proto, "proxy_set_header X-Forwarded-Proto $scheme;");
        let prefix = |prefix: &str| Header::Prefix(prefix.to_owned());
        check(Kind::Nginx, prefix(""), "proxy_set_header X-Forwarded-Prefix \"\";");
        check(Kind::Nginx, prefix("/a"), "proxy_set_header X-Forwarded-Prefix /a;");
        check(Kind::Apache, prefix(""), "RequestHeader unset X-Forwarded-Prefix early");
        check(Kind::Apache, prefix("/a"), "RequestHeader set X-Forwarded-Prefix \"/a\"");
        check(Kind::Caddy, Header::For, "header_up X-Forwarded-For {remote_host}");
        check(Kind::Caddy, Header::Proto, "header_up X-Forwarded-Proto {scheme}");
        check(Kind::Caddy, Header::Host, "header_up Host {hostport}");
        check(Kind::Caddy, Header::ForwardedHost, "header_up X-Forwarded-Host {hostport}");
        check(Kind::Caddy, prefix(""), "header_up -X-Forwarded-Prefix");
        check(Kind::Caddy, prefix("/a"), "header_up X-Forwarded-Prefix /a");
    }

    #[test]
    fn lists() {
        let items = ["::1".to_owned(), "unix".to_owned()];
        let of = |written: Value| list("trusted_proxies", &items, &written).words(Lang::English).1;
        let line = |text: &str| Some(text.to_owned());
        assert_eq!(of(Value::Null), line("trusted_proxies = [\"::1\", \"unix\"]"));
        assert_eq!(of(serde_json::json!({ "from": [] })), line("from = [\"::1\", \"unix\"]"));
    }
}
