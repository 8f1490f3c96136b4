//! [`Settings`]: what the app's own `config --all --json` says that matters to whatever stands in front of it.

use std::collections::HashMap;
use std::time::Duration;

use serde_json::Value;

use super::units;
use super::values::Upstream;

/// The app's settings; those of the defaults where no app was found.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    /// The largest body in bytes; `None` is unlimited.
    pub(super) max_content_length: Option<u64>,
    pub(super) header_read_timeout: Duration,
    pub(super) body_read_timeout: Duration,
    pub(super) keep_alive_timeout: Duration,
    pub(super) request_timeout: Option<Duration>,
    pub(super) shutdown_timeout: Duration,
    pub(super) max_connections: u64,
    pub(super) hosts: Vec<String>,
    /// The port, or the first of a range; `None` for one that is not known before it runs.
    pub(super) port: Option<u16>,
    pub(super) application_root: String,
    pub(super) server_name: Option<String>,
    pub(super) trusted_hosts: Vec<String>,
    pub(super) trusted_proxies: Vec<String>,
    /// Whether proxies are believed by `Forwarded` and not by `X-Forwarded-`.
    pub(super) believes_forwarded: bool,
    pub(super) root: String,
    pub(super) static_folder: String,
    pub(super) static_url_path: String,
    pub(super) static_max_age: Option<Duration>,
    pub(super) use_x_sendfile: bool,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            max_content_length: Some(16 << 20),
            header_read_timeout: Duration::from_secs(30),
            body_read_timeout: Duration::from_secs(30),
            keep_alive_timeout: Duration::from_secs(75),
            request_timeout: None,
            shutdown_timeout: Duration::from_secs(30),
            max_connections: 10_000,
            hosts: Vec::new(),
            port: Some(8000),
            application_root: String::new(),
            server_name: None,
            trusted_hosts: Vec::new(),
            trusted_proxies: Vec::new(),
            believes_forwarded: false,
            root: ".".to_owned(),
            static_folder: "static".to_owned(),
            static_url_path: "/static".to_owned(),
            static_max_age: None,
            use_x_sendfile: false,
        }
    }
}

impl Settings {
    /// Reads the rows of `config --all --json`: `[{"key": "port", "value": 8000, "source": ".."}]`.
    ///
    /// # Errors
    /// In words, when it is not that, or a value is none that the app itself would take.
    pub(super) fn read(json: &str) -> Result<Settings, String> {
        let rows: Value = serde_json::from_str(json)
            .map_err(|error| format!("what it printed is not JSON: {error}"))?;
        let rows = rows.as_array().ok_or("what it printed is not a list of keys")?;
        let pair = |row: &Value| Some((row["key"].as_str()?.to_owned(), row["value"].clone()));
        let rows = Rows(rows.iter().filter_map(pair).collect());
        let usual = Settings::default();
        Ok(Settings {
            max_content_length: match rows.text("max_content_length").as_deref() {
                Some("unlimited") => None,
                Some(text) => {
                    Some(units::size(text).ok_or_else(|| wrong("max_content_length", text))?)
                }
                None => usual.max_content_length,
            },
            header_read_timeout: rows
                .time("header_read_timeout")?
                .unwrap_or(usual.header_read_timeout),
            body_read_timeout: rows.time("body_read_timeout")?.unwrap_or(usual.body_read_timeout),
            keep_alive_timeout: rows
                .time("keep_alive_timeout")?
                .unwrap_or(usual.keep_alive_timeout),
            request_timeout: rows.time("request_timeout")?,
            shutdown_timeout: rows.time("shutdown_timeout")?.unwrap_or(usual.shutdown_timeout),
            max_connections: rows.number("max_connections").unwrap_or(usual.max_connections),
            hosts: rows.list("host"),
            port: rows.port(),
            application_root: rows.text("application_root").unwrap_or_default(),
            server_name: rows.text("server_name"),
            trusted_hosts: rows.list("trusted_hosts"),
            trusted_proxies: {
                // The long form is a section.
                let key = if rows.has("trusted_proxies.from") {
                    "trusted_proxies.from"
                } else {
                    "trusted_proxies"
                };
                rows.list(key)
            },
            believes_forwarded: rows.text("trusted_proxies.forwarded").as_deref() == Some("true"),
            root: rows.text("root").unwrap_or(usual.root),
            static_folder: rows.text("static_folder").unwrap_or(usual.static_folder),
            static_url_path: rows.text("static_url_path").unwrap_or(usual.static_url_path),
            static_max_age: rows.time("send_file_max_age_default")?,
            use_x_sendfile: rows.text("use_x_sendfile").as_deref() == Some("true"),
        })
    }

    /// Whether the app answers requests for this domain; `.example.com` is the domain and all below it.
    pub(super) fn trusts_host(&self, domain: &str) -> bool {
        self.trusted_hosts.iter().any(|pattern| match pattern.strip_prefix('.') {
            Some(parent) => {
                let below = domain.strip_suffix(parent);
                below.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
            }
            None => pattern.split(':').next().is_some_and(|name| name.eq_ignore_ascii_case(domain)),
        })
    }

    /// The first of the app's addresses that this machine's proxy can use.
    pub(super) fn upstream(&self) -> Upstream {
        let port = self.port.unwrap_or(8000);
        let usable = |host: &String| match host.strip_prefix("unix:") {
            Some(_) => Upstream::parse(host).ok(),
            // Wildcards and names of interfaces: the app is on the loopback as well, or ought to be.
            None => {
                let address: Option<std::net::IpAddr> = host.parse().ok();
                let address = address.filter(|address| !address.is_unspecified());
                address.and_then(|address| Upstream::tcp(&address.to_string(), port))
            }
        };
        let loopback = || Upstream::Tcp { host: "127.0.0.1".to_owned(), port };
        self.hosts.iter().find_map(usable).unwrap_or_else(loopback)
    }
}

struct Rows(HashMap<String, Value>);

impl Rows {
    /// A value as text; values out of environment variables are texts, whatever they mean.
    fn text(&self, key: &str) -> Option<String> {
        match self.0.get(key)? {
            Value::Null | Value::Array(_) | Value::Object(_) => None,
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        }
    }

    fn has(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    fn number(&self, key: &str) -> Option<u64> {
        self.text(key)?.trim().parse().ok()
    }

    fn time(&self, key: &str) -> Result<Option<Duration>, String> {
        let text = self.text(key);
        text.map(|text| units::time(&text).ok_or_else(|| wrong(key, &text))).transpose()
    }

    /// A list, or a text of words between commas.
    fn list(&self, key: &str) -> Vec<String> {
        if let Some(items) = self.0.get(key).and_then(Value::as_array) {
            return items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect();
        }
        let text = self.text(key).unwrap_or_default();
        text.split(',').map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect()
    }

    fn port(&self) -> Option<u16> {
        let text = self.text("port")?;
        let first = text.split('-').next().unwrap_or_default();
        first.trim().parse().ok().filter(|port| *port != 0)
    }
}

fn wrong(key: &str, text: &str) -> String {
    format!("it says `{key} = {text}`, which cannot be read")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, Value)]) -> Settings {
        let row = |(key, value): &(&str, Value)| serde_json::json!({"key": key, "value": value});
        let rows: Vec<Value> = pairs.iter().map(row).collect();
        Settings::read(&Value::from(rows).to_string()).unwrap()
    }

    #[test]
    fn values_of_files_and_of_the_environment() {
        let settings = read(&[
            ("max_content_length", "unlimited".into()),
            ("request_timeout", 90.into()),
            ("keep_alive_timeout", "1 min".into()),
            ("port", "8100-8110".into()),
            ("trusted_hosts", "a.example, b.example".into()),
            ("use_x_sendfile", "true".into()),
            ("server_name", Value::Null),
        ]);
        assert_eq!(settings.max_content_length, None);
        assert_eq!(settings.request_timeout, Some(Duration::from_secs(90)));
        assert_eq!(settings.keep_alive_timeout, Duration::from_secs(60));
        assert_eq!(settings.port, Some(8100));
        assert_eq!(settings.trusted_hosts, ["a.example", "b.example"]);
        assert!(settings.use_x_sendfile && settings.server_name.is_none());
        let section = serde_json::json!(["10.0.0.0/8"]);
        let long = [("trusted_proxies.from", section), ("trusted_proxies.forwarded", true.into())];
        assert_eq!(read(&long).trusted_proxies, ["10.0.0.0/8"]);
        assert!(read(&long).believes_forwarded);
        assert_eq!(read(&[]).max_content_length, Some(16 << 20));
        assert_eq!(read(&[("max_content_length", 10.into())]).max_content_length, Some(10));
    }

    #[test]
    fn says_what_cannot_be_read() {
        assert!(Settings::read("nonsense").unwrap_err().starts_with("what it printed is not JSON"));
        assert!(Settings::read("{}").is_err());
        let rows = r#"[{"key": "keep_alive_timeout", "value": "soon"}]"#;
        let words = "it says `keep_alive_timeout = soon`, which cannot be read";
        assert_eq!(Settings::read(rows).unwrap_err(), words);
    }

    #[test]
    fn hosts_that_the_app_answers_for() {
        let settings = read(&[("trusted_hosts", "a.example, .b.example, c.example:8080".into())]);
        for domain in ["a.example", "b.example", "x.b.example", "c.example"] {
            assert!(settings.trusts_host(domain), "{domain}");
        }
        for domain in ["x.a.example", "xb.example", "example"] {
            assert!(!settings.trusts_host(domain), "{domain}");
        }
    }

    #[test]
    fn the_address_that_a_proxy_uses() {
        let check = |host: Value, port: Value, wanted: &str| {
            let settings = read(&[("host", host), ("port", port)]);
            assert_eq!(settings.upstream().to_string(), wanted);
        };
        check("127.0.0.1".into(), 8000.into(), "127.0.0.1:8000");
        check("::1".into(), 8001.into(), "[::1]:8001");
        check("0.0.0.0".into(), "auto".into(), "127.0.0.1:8000");
        check("eth0".into(), 0.into(), "127.0.0.1:8000");
        check("10.0.0.5".into(), 80.into(), "10.0.0.5:80");
        check("lan, unix:/run/a.sock".into(), 80.into(), "unix:/run/a.sock");
        check(serde_json::json!(["unix:/run/a.sock"]), 80.into(), "unix:/run/a.sock");
    }
}
