//! [`App`]: a Carafe app that runs, as it says of itself.

use std::net::SocketAddr;

use serde_json::Value;

/// A Carafe app that runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct App {
    pub(crate) pid: u32,
    pub(crate) name: String,
    /// The TCP addresses that it listens on.
    pub(crate) addresses: Vec<SocketAddr>,
    /// The unix sockets that it listens on.
    pub(crate) unix: Vec<String>,
    /// The hosts that it answers for; all when empty.
    pub(crate) trusted_hosts: Vec<String>,
    pub(crate) trusted_proxies: Vec<String>,
}

impl App {
    /// Reads an app's answer to `status`.
    pub(crate) fn parse(status: &str) -> Option<App> {
        let status: Value = serde_json::from_str(status).ok()?;
        let words = |key: &str| -> Vec<String> {
            let list = status[key].as_array().into_iter().flatten();
            list.filter_map(|word| word.as_str().map(str::to_owned)).collect()
        };
        let all = words("addresses");
        let path = |address: &String| address.strip_prefix("unix:").map(str::to_owned);
        Some(App {
            pid: u32::try_from(status["pid"].as_u64()?).ok()?,
            name: super::probe::printable(status["name"].as_str()?),
            addresses: all.iter().filter_map(|address| address.parse().ok()).collect(),
            unix: all.iter().filter_map(path).collect(),
            trusted_hosts: words("trusted_hosts"),
            trusted_proxies: words("trusted_proxies"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_status() {
        let app = App::parse(
            r#"{"pid": 7, "name": "shop", "addresses": ["127.0.0.1:8000", "unix:/run/shop.sock"],
                "trusted_hosts": ["shop.example"], "version": "1"}"#,
        );
        let want = App {
            pid: 7,
            name: "shop".to_owned(),
            addresses: vec!["127.0.0.1:8000".parse().unwrap()],
            unix: vec!["/run/shop.sock".to_owned()],
            trusted_hosts: vec!["shop.example".to_owned()],
            trusted_proxies: Vec::new(),
        };
        assert_eq!(app, Some(want));
        assert_eq!(App::parse("{}"), None);
        assert_eq!(App::parse("oh"), None);
    }
}
