//! [`TrustedProxies`]: the config key `trusted_proxies`, a list of addresses or a section.
//!
//! Who is believed, and how much, is said here; the framework's `proxies` does it.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Unexpected, Visitor};
use serde::{Deserialize, Serialize, Serializer};

use crate::http::values::IpNetwork;

/// The proxies whose word on the client is believed, and how much of it.
///
/// A list is the short form of a section: `trusted_proxies = ["127.0.0.1"]` is
///
/// ```toml
/// [trusted_proxies]
/// from = ["127.0.0.1"]
/// forwarded = false
/// x_for = "auto"
/// x_proto = "auto"
/// x_host = "auto"
/// x_port = 0
/// x_prefix = "auto"
/// ```
///
/// ```
/// use carafe::config::{Hops, Loader};
///
/// let text = "[trusted_proxies]\nfrom = ['10.0.0.0/8', 'unix']\nx_proto = 2\n";
/// let config = Loader::in_memory().text("carafe.toml", text).load().unwrap();
/// let proxies = &config.settings().trusted_proxies;
/// assert_eq!((proxies.from.len(), proxies.x_proto), (2, Hops::Count(2)));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields)]
#[non_exhaustive]
pub struct TrustedProxies {
    /// The proxies. Empty: nobody is believed.
    pub from: Vec<TrustedPeer>,
    /// Whether they are believed by `Forwarded` (RFC 7239) and not by `X-Forwarded-`; never by both.
    #[serde(default)]
    pub forwarded: bool,
    /// The client's address: `X-Forwarded-For`, or `for`.
    #[serde(default)]
    pub x_for: Hops,
    /// `http` or `https`: `X-Forwarded-Proto`, or `proto`.
    #[serde(default)]
    pub x_proto: Hops,
    /// The host that the client named: `X-Forwarded-Host`, or `host`.
    #[serde(default)]
    pub x_host: Hops,
    /// The port that the client named: `X-Forwarded-Port`. Default: 0, as the host has its port.
    #[serde(default = "Hops::none")]
    pub x_port: Hops,
    /// The path that the proxy took off the front of the address: `X-Forwarded-Prefix`.
    #[serde(default)]
    pub x_prefix: Hops,
}

impl Default for TrustedProxies {
    /// Nobody; what the short form says of the rest.
    fn default() -> TrustedProxies {
        TrustedProxies {
            from: Vec::new(),
            forwarded: false,
            x_for: Hops::Auto,
            x_proto: Hops::Auto,
            x_host: Hops::Auto,
            x_port: Hops::none(),
            x_prefix: Hops::Auto,
        }
    }
}

impl Serialize for TrustedProxies {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let short = TrustedProxies { from: self.from.clone(), ..TrustedProxies::default() };
        match *self == short {
            true => self.from.serialize(serializer),
            false => TrustedProxies::serialize(self, serializer),
        }
    }
}

impl<'de> Deserialize<'de> for TrustedProxies {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<TrustedProxies, D::Error> {
        struct ListOrSection;
        impl<'de> Visitor<'de> for ListOrSection {
            type Value = TrustedProxies;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of addresses and networks, or a section")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<TrustedProxies, E> {
                let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
                let from =
                    parts.map(|part| part.parse().map_err(|error: InvalidPeer| error.said()));
                Ok(TrustedProxies { from: from.collect::<Result<_, E>>()?, ..Default::default() })
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<TrustedProxies, A::Error> {
                let mut proxies = TrustedProxies::default();
                while let Some(peer) = list.next_element()? {
                    proxies.from.push(peer);
                }
                Ok(proxies)
            }

            fn visit_map<A: MapAccess<'de>>(self, section: A) -> Result<TrustedProxies, A::Error> {
                // The derived one, which `remote` makes a function of the type.
                TrustedProxies::deserialize(MapAccessDeserializer::new(section))
            }
        }
        deserializer.deserialize_any(ListOrSection)
    }
}

/// Proxies by their address: one of the list in `trusted_proxies`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TrustedPeer {
    /// An address or a network: `192.0.2.7`, `10.0.0.0/8`, `fd00::/8`.
    Network(IpNetwork),
    /// `loopback`: 127.0.0.0/8 and ::1, the programs of this machine.
    Loopback,
    /// `private`: 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 and fc00::/7.
    Private,
    /// `unix`: whoever comes through a Unix socket.
    Unix,
}

impl TrustedPeer {
    /// The networks that this stands for; none for `unix`.
    pub fn networks(self) -> Vec<IpNetwork> {
        let v4 = |a, b, length| IpNetwork::around(Ipv4Addr::new(a, b, 0, 0).into(), length);
        let unique_local = Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0);
        let networks = match self {
            TrustedPeer::Network(network) => return vec![network],
            TrustedPeer::Unix => return Vec::new(),
            TrustedPeer::Loopback => {
                vec![v4(127, 0, 8), Some(IpAddr::V6(Ipv6Addr::LOCALHOST).into())]
            }
            TrustedPeer::Private => vec![
                v4(10, 0, 8),
                v4(172, 16, 12),
                v4(192, 168, 16),
                IpNetwork::around(unique_local.into(), 7),
            ],
        };
        networks.into_iter().flatten().collect()
    }
}

/// A text that names no proxies, and what was meant if that is clear.
#[derive(Debug)]
pub struct InvalidPeer {
    text: String,
    meant: Option<IpNetwork>,
}

const PEERS: &str = "an address, a network such as `10.0.0.0/8`, `loopback`, `private` or `unix`";

impl InvalidPeer {
    /// As an error of the configuration, which adds the place and what was found.
    fn said<E: Error>(&self) -> E {
        match self.meant {
            Some(_) => E::custom(self),
            None => E::invalid_value(Unexpected::Str(&self.text), &PEERS),
        }
    }
}

impl fmt::Display for InvalidPeer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.text.escape_debug();
        match self.meant {
            Some(meant) => {
                write!(f, "`{text}` has bits set past its length; the network is `{meant}`")
            }
            None => write!(f, "`{text}` is not {PEERS}"),
        }
    }
}

impl std::error::Error for InvalidPeer {}

impl FromStr for TrustedPeer {
    type Err = InvalidPeer;

    fn from_str(text: &str) -> Result<TrustedPeer, InvalidPeer> {
        match text {
            "loopback" => Ok(TrustedPeer::Loopback),
            "private" => Ok(TrustedPeer::Private),
            "unix" => Ok(TrustedPeer::Unix),
            _ => text.parse().map(TrustedPeer::Network).map_err(|_| {
                let parts = text.split_once('/');
                let meant = parts.and_then(|(address, length)| {
                    IpNetwork::around(address.parse().ok()?, length.parse().ok()?)
                });
                InvalidPeer { text: text.to_owned(), meant }
            }),
        }
    }
}

impl fmt::Display for TrustedPeer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TrustedPeer::Network(network) => network.fmt(f),
            TrustedPeer::Loopback => f.write_str("loopback"),
            TrustedPeer::Private => f.write_str("private"),
            TrustedPeer::Unix => f.write_str("unix"),
        }
    }
}

impl Serialize for TrustedPeer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TrustedPeer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<TrustedPeer, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = TrustedPeer;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(PEERS)
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<TrustedPeer, E> {
                text.parse().map_err(|error: InvalidPeer| error.said())
            }
        }
        deserializer.deserialize_str(Text)
    }
}

/// Whose word counts where a header has one value a proxy: `"auto"`, or a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Hops {
    /// `"auto"`: for the client's address, the values are walked from the last one on through
    /// proxies that are trusted, to the first that is not; of the others, the last value counts.
    /// In `Forwarded` each parameter is that of the outermost trusted proxy that tells it.
    #[default]
    Auto,
    /// The so-and-so-many-th value from the last, as in Werkzeug's `ProxyFix`; 0 believes none.
    Count(u8),
}

impl Hops {
    /// Nobody's.
    fn none() -> Hops {
        Hops::Count(0)
    }

    /// Which value counts, from the last, where there is nothing to be walked; `None` for none.
    pub(crate) fn last_but(self) -> Option<usize> {
        match self {
            Hops::Auto => Some(0),
            Hops::Count(count) => usize::from(count).checked_sub(1),
        }
    }
}

impl Serialize for Hops {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Hops::Auto => serializer.serialize_str("auto"),
            Hops::Count(count) => serializer.serialize_u8(*count),
        }
    }
}

impl<'de> Deserialize<'de> for Hops {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Hops, D::Error> {
        struct Choice;
        impl Visitor<'_> for Choice {
            type Value = Hops;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number of proxies from 0 to 255, or `\"auto\"`")
            }

            fn visit_u64<E: Error>(self, count: u64) -> Result<Hops, E> {
                let count = u8::try_from(count);
                count.map(Hops::Count).map_err(|_| E::invalid_value(Unexpected::Other("it"), &self))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Hops, E> {
                match text {
                    "auto" => Ok(Hops::Auto),
                    _ => Err(E::invalid_value(Unexpected::Str(text), &self)),
                }
            }
        }
        deserializer.deserialize_any(Choice)
    }
}
