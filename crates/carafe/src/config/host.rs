//! The setting `host`: where to listen, as it is written. What it means on this machine, `run` finds out.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use serde::de::{Deserializer, Error, SeqAccess, Unexpected, Visitor};
use serde::{Deserialize, Serialize, Serializer};

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
    fn parse<E: Error>(text: &str) -> Result<Host, E> {
        let text = text.trim();
        if let Some(path) = text.strip_prefix("unix:") {
            return match path {
                "" => Err(E::custom("`unix:` lacks the path of the socket file")),
                path => Ok(Host::Unix(PathBuf::from(path))),
            };
        }
        // As in a URL, which is where many an IPv6 address is copied from.
        let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
        if let Ok(ip) = bare.parse() {
            return Ok(Host::Ip(ip));
        }
        match text {
            _ if text.eq_ignore_ascii_case("localhost") => Ok(Host::Localhost),
            _ if text.eq_ignore_ascii_case("lan") => Ok(Host::Lan),
            _ if names_port(text) => Err(E::custom(format_args!(
                "`{text}` names a port, for which there is the key `port`"
            ))),
            "*" => Err(E::custom(
                "`*` is no address; `0.0.0.0` is every IPv4 address, `::` every address",
            )),
            _ if text.is_empty() || text.contains([':', '/', '%', '[', ']']) => {
                Err(E::invalid_value(Unexpected::Str(text), &EXPECTED))
            }
            _ => Ok(Host::Interface(text.to_owned())),
        }
    }
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

impl Serialize for Host {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Host {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Host, D::Error> {
        struct One;
        impl Visitor<'_> for One {
            type Value = Host;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(EXPECTED)
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Host, E> {
                Host::parse(text)
            }
        }
        deserializer.deserialize_any(One)
    }
}

/// The setting `host`: one place to listen at, or several.
///
/// Written as a text, in which commas part them, or as a list. A path with a comma needs the list.
///
/// ```
/// use carafe::config::{Host, Hosts};
///
/// let hosts: Hosts = serde_json::from_str("\"localhost, eth0\"").unwrap();
/// assert_eq!(hosts.iter().next(), Some(&Host::Localhost));
/// assert_eq!(hosts.to_string(), "localhost, eth0");
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

impl Serialize for Hosts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.as_slice() {
            [host] => host.serialize(serializer),
            hosts => hosts.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Hosts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Hosts, D::Error> {
        struct Several;
        impl<'de> Visitor<'de> for Several {
            type Value = Hosts;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(EXPECTED)
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Hosts, E> {
                let hosts = text.split(',').map(Host::parse).collect::<Result<Vec<_>, E>>()?;
                Ok(Hosts(hosts))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Hosts, A::Error> {
                let mut hosts = Vec::new();
                while let Some(host) = list.next_element()? {
                    hosts.push(host);
                }
                match hosts.is_empty() {
                    true => Err(A::Error::invalid_length(0, &"one place to listen at, or more")),
                    false => Ok(Hosts(hosts)),
                }
            }
        }
        deserializer.deserialize_any(Several)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, from_value, json, to_value};

    use super::*;

    #[test]
    fn every_way_to_write_it() {
        let check = |json: Value, wanted: &[Host]| {
            let hosts: Hosts = from_value(json.clone()).unwrap();
            assert_eq!(hosts.0, wanted, "{json}");
            assert_eq!(from_value::<Hosts>(to_value(&hosts).unwrap()).unwrap(), hosts);
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
        let check = |json: Value, words: &str| {
            let error = from_value::<Hosts>(json.clone()).unwrap_err().to_string();
            assert!(error.contains(words), "{json}: {error}");
        };
        check(json!(""), EXPECTED);
        check(json!("lan,"), EXPECTED);
        check(json!(5), EXPECTED);
        check(json!("http://localhost"), EXPECTED);
        check(json!("::1::"), EXPECTED);
        check(json!("fe80::1%eth0"), EXPECTED);
        check(json!([]), "one place to listen at, or more");
        check(json!("127.0.0.1:80"), "names a port");
        check(json!("[::1]:80"), "names a port");
        check(json!("localhost:80"), "names a port");
        check(json!("*"), "every IPv4 address");
        check(json!("unix:"), "lacks the path");
    }
}
