//! The setting `host`: where to listen, as it is written. What it means on this machine, `run` finds out.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;

use super::failure::Loose;
use super::setting::Setting;
use super::tree::{Node, Value};
use super::{ConfigErrors, Source};

const EXPECTED: &str =
    "an address such as `127.0.0.1`, `localhost`, `lan`, an interface's name or `unix:PATH`";

/// One place to listen at.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Host {
    /// `localhost`: 127.0.0.1 and ::1.
    Localhost,
    /// `lan`: the private addresses of the networks that this machine is in.
    Lan,
    /// An address. `0.0.0.0` is every IPv4 address of this machine, `::` every address of both kinds.
    Ip(IpAddr),
    /// The addresses of a network interface, such as `eth0`.
    Interface(String),
    /// `unix:PATH`: a socket file.
    Unix(PathBuf),
}

impl Host {
    fn parse(text: &str) -> Result<Host, Loose> {
        let text = text.trim();
        let invalid = |words: String| Err(Loose::Other(words));
        if let Some(path) = text.strip_prefix("unix:") {
            return match path {
                "" => invalid("`unix:` lacks the path of the socket file".to_owned()),
                path => Ok(Host::Unix(PathBuf::from(path))),
            };
        }
        // As in a URL, which is where many an IPv6 address is copied from.
        let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
        if let Ok(ip) = bare.parse() {
            return Ok(Host::Ip(ip));
        }
        if let Some((_, interface)) =
            bare.split_once('%').filter(|(ip, _)| ip.parse::<Ipv6Addr>().is_ok())
        {
            return invalid(format!(
                "`{text}` is a link-local address, which no browser opens: name the interface, `{interface}`"
            ));
        }
        match text {
            _ if text.eq_ignore_ascii_case("localhost") => Ok(Host::Localhost),
            _ if text.eq_ignore_ascii_case("lan") => Ok(Host::Lan),
            _ if text.contains("://") => invalid(format!(
                "`{text}` is a URL, of which `host` takes the host alone and `port` the port"
            )),
            _ if names_port(text) => {
                invalid(format!("`{text}` names a port, for which there is the key `port`"))
            }
            "*" => invalid(
                "`*` is no address; `0.0.0.0` is every IPv4 address, `::` every address".to_owned(),
            ),
            _ if text.is_empty() || text.contains([':', '/', '%', '[', ']']) => Err(refusal()),
            _ => Ok(Host::Interface(text.to_owned())),
        }
    }
}

fn refusal() -> Loose {
    Loose::Expected(EXPECTED.to_owned())
}

/// Whether this is a host with a port behind it.
fn names_port(text: &str) -> bool {
    let is_name = |(name, port): (&str, &str)| {
        !name.is_empty() && !name.contains([':', '/']) && port.parse::<u16>().is_ok()
    };
    text.parse::<SocketAddr>().is_ok() || text.split_once(':').is_some_and(is_name)
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Host::Localhost => f.write_str("localhost"),
            Host::Lan => f.write_str("lan"),
            Host::Ip(ip) => ip.fmt(f),
            Host::Interface(name) => f.write_str(name),
            Host::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

/// The setting `host`: one place to listen at, or several.
///
/// Written as a text, in which commas part them, or as a list. A path with a comma needs the list.
///
/// ```
/// use carafe::config::{Host, Loader};
///
/// let config = Loader::in_memory().text("carafe.toml", "host = ['localhost', 'eth0']").load()?;
/// let hosts = &config.settings().host;
/// assert_eq!(hosts.iter().next(), Some(&Host::Localhost));
/// assert_eq!(hosts.to_string(), "localhost, eth0");
/// # Ok::<(), carafe::config::ConfigErrors>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hosts(Vec<Host>);

impl Hosts {
    /// The places, in the order in which they were written; there is at least one.
    pub fn iter(&self) -> impl Iterator<Item = &Host> {
        self.0.iter()
    }
}

impl Default for Hosts {
    /// `localhost`.
    fn default() -> Hosts {
        Hosts::from(Host::Localhost)
    }
}

impl From<Host> for Hosts {
    fn from(host: Host) -> Hosts {
        Hosts(vec![host])
    }
}

impl fmt::Display for Hosts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, host) in self.0.iter().enumerate() {
            f.write_str(if number == 0 { "" } else { ", " })?;
            host.fmt(f)?;
        }
        Ok(())
    }
}

impl Setting for Hosts {
    fn read(key: &str, node: &Node, errors: &mut ConfigErrors) -> Option<Hosts> {
        let mut hosts = Vec::new();
        let mut wrong = ConfigErrors::default();
        let mut take = |key: &str, node: &Node, text: Option<&str>| match text
            .ok_or_else(refusal)
            .and_then(Host::parse)
        {
            Ok(host) => hosts.push(host),
            Err(loose) => wrong.push(loose.at(key, node)),
        };
        match (&node.value, node.as_text()) {
            (Value::List(items), _) => {
                for (place, item) in items.iter().enumerate() {
                    take(&format!("{key}[{place}]"), item, item.as_text());
                }
            }
            (_, Some(text)) => text.split(',').for_each(|text| take(key, node, Some(text))),
            (_, None) => take(key, node, None),
        }
        if hosts.is_empty() && wrong.is_empty() {
            let expected = "one place to listen at, or more".to_owned();
            wrong.push(Loose::Length { found: 0, expected }.at(key, node));
        }
        let all_right = wrong.is_empty();
        errors.extend(wrong);
        all_right.then_some(Hosts(hosts))
    }

    fn to_value(&self) -> Value {
        let text = |host: &Host| Value::Text(host.to_string());
        match self.0.as_slice() {
            [host] => text(host),
            hosts => {
                let node = |host: &Host| Node::new(text(host), Source::Default);
                Value::List(hosts.iter().map(node).collect())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(node: &Node) -> Result<Hosts, String> {
        let mut errors = ConfigErrors::default();
        let hosts = Hosts::read("host", node, &mut errors);
        assert_eq!(hosts.is_none(), !errors.is_empty());
        hosts.ok_or_else(|| errors.to_string())
    }

    #[test]
    fn every_way_to_write_it() {
        let check = |json: serde_json::Value, wanted: &[Host]| {
            let hosts = read(&Node::from_json(json.clone(), &Source::Default)).unwrap();
            assert_eq!(hosts.0, wanted, "{json}");
            let again = read(&Node::new(hosts.to_value(), Source::Default)).unwrap();
            assert_eq!(again, hosts);
        };
        let ip = |text: &str| Host::Ip(text.parse().unwrap());
        let interface = |name: &str| Host::Interface(name.to_owned());
        let unix = |path: &str| Host::Unix(path.into());
        check(json!("localhost"), &[Host::Localhost]);
        check(json!(" LocalHost "), &[Host::Localhost]);
        check(json!("lan"), &[Host::Lan]);
        check(json!("0.0.0.0"), &[ip("0.0.0.0")]);
        check(json!("::"), &[ip("::")]);
        check(json!("[fe80::1]"), &[ip("fe80::1")]);
        check(json!("eth0"), &[interface("eth0")]);
        check(json!("eth0.100"), &[interface("eth0.100")]);
        check(json!("Ethernet 2"), &[interface("Ethernet 2")]);
        check(json!("unix:/run/a b.sock"), &[unix("/run/a b.sock")]);
        check(json!("lan,localhost , ::1"), &[Host::Lan, Host::Localhost, ip("::1")]);
        check(json!(["lan", "unix:a,b"]), &[Host::Lan, unix("a,b")]);
    }

    #[test]
    fn what_cannot_be_a_host() {
        let check = |json: serde_json::Value, words: &str| {
            let error = read(&Node::from_json(json.clone(), &Source::Default)).unwrap_err();
            assert!(error.contains(words), "{json}: {error}");
        };
        check(json!(""), EXPECTED);
        check(json!("lan,"), EXPECTED);
        check(json!(5), EXPECTED);
        check(json!("/run/shop.sock"), EXPECTED);
        check(json!("::1::"), EXPECTED);
        check(json!([]), "one place to listen at, or more");
        check(json!("127.0.0.1:80"), "names a port");
        check(json!("[::1]:80"), "names a port");
        check(json!("localhost:80"), "names a port");
        check(json!("*"), "every IPv4 address");
        check(json!("unix:"), "lacks the path");
        check(json!("http://localhost:8000"), "is a URL, of which `host` takes the host alone");
        check(json!("fe80::1%eth0"), "no browser opens: name the interface, `eth0`");
    }
}
