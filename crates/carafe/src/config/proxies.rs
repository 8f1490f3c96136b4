//! [`TrustedProxies`]: the config key `trusted_proxies`, a list of addresses or a section.
//!
//! Who is believed, and how much, is said here; the framework's `proxies` does it.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::failure::{self, Loose};
use super::report::did_you_mean;
use super::setting::{Plain, Setting, plain};
use super::suggest::closest;
use super::tree::{Node, Table, Value, join};
use super::{ConfigError, ConfigErrors, Source};
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
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TrustedProxies {
    /// The proxies. Empty: nobody is believed.
    pub from: Vec<TrustedPeer>,
    /// Whether they are believed by `Forwarded` (RFC 7239) and not by `X-Forwarded-`; never by both.
    pub forwarded: bool,
    /// The client's address: `X-Forwarded-For`, or `for`.
    pub x_for: Hops,
    /// `http` or `https`: `X-Forwarded-Proto`, or `proto`.
    pub x_proto: Hops,
    /// The host that the client named: `X-Forwarded-Host`, or `host`.
    pub x_host: Hops,
    /// The port that the client named: `X-Forwarded-Port`. Default: 0, as the host has its port.
    pub x_port: Hops,
    /// The path that the proxy took off the front of the address: `X-Forwarded-Prefix`.
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

/// The keys of the section, in the order in which they are shown.
const KEYS: [&str; 7] = ["from", "forwarded", "x_for", "x_proto", "x_host", "x_port", "x_prefix"];

impl TrustedProxies {
    fn is_short(&self) -> bool {
        *self == TrustedProxies { from: self.from.clone(), ..TrustedProxies::default() }
    }

    /// All but `from` and `forwarded`, which are no numbers.
    fn hops(&mut self, key: &str) -> Option<&mut Hops> {
        match key {
            "x_for" => Some(&mut self.x_for),
            "x_proto" => Some(&mut self.x_proto),
            "x_host" => Some(&mut self.x_host),
            "x_port" => Some(&mut self.x_port),
            "x_prefix" => Some(&mut self.x_prefix),
            _ => None,
        }
    }

    /// The value of each key.
    fn values(&self) -> [(&'static str, Value); 7] {
        let from = self.from.iter().map(|peer| Value::Text(peer.to_string()));
        let from = from.map(|value| Node::new(value, Source::Default)).collect();
        let hops = [self.x_for, self.x_proto, self.x_host, self.x_port, self.x_prefix];
        let [x_for, x_proto, x_host, x_port, x_prefix] = hops.map(|hops| hops.value());
        let forwarded = Value::Bool(self.forwarded);
        let values = [Value::List(from), forwarded, x_for, x_proto, x_host, x_port, x_prefix];
        let mut values = values.into_iter();
        KEYS.map(|key| (key, values.next().unwrap_or(Value::Null)))
    }
}

impl Setting for TrustedProxies {
    fn read(key: &str, node: &Node, errors: &mut ConfigErrors) -> Option<TrustedProxies> {
        match node.table() {
            Some(table) => section(key, table, errors),
            None => {
                let from =
                    peers(key, node, "a list of addresses and networks, or a section", errors)?;
                Some(TrustedProxies { from, ..TrustedProxies::default() })
            }
        }
    }

    fn to_value(&self) -> Value {
        let mut values = self.values().into_iter();
        match (self.is_short(), values.next()) {
            (true, Some((_, from))) => from,
            (_, from) => {
                let mut table = Table::default();
                for (key, value) in from.into_iter().chain(values) {
                    table.insert(key.to_owned(), Node::new(value, Source::Default));
                }
                Value::Table(table)
            }
        }
    }
}

fn section(key: &str, table: &Table, errors: &mut ConfigErrors) -> Option<TrustedProxies> {
    let mut proxies = TrustedProxies::default();
    for (name, node) in table {
        let full = join(key, name);
        match (name.as_str(), proxies.hops(name)) {
            (_, Some(hops)) => *hops = Hops::read(&full, node, errors).unwrap_or(*hops),
            ("from", None) => {
                proxies.from = peers(&full, node, "a list", errors).unwrap_or_default();
            }
            ("forwarded", None) => {
                proxies.forwarded = bool::read(&full, node, errors).unwrap_or_default();
            }
            _ => {
                let what = format!("`{full}` is not a known key");
                let near = closest(name, KEYS).map(|near| join(key, near));
                let error = ConfigError::at(&full, &node.source, &what);
                errors.push(match near {
                    Some(near) => error.with_hint(did_you_mean(&near, &node.source)),
                    None => {
                        let known = KEYS.map(str::to_owned);
                        error.with_hint(format!("there are {}", failure::one_of(&known)))
                    }
                });
            }
        }
    }
    // Without it nobody is believed, and the other keys are in vain.
    if table.get("from").is_none() {
        errors.push(failure::missing(&join(key, "from")));
    }
    Some(proxies)
}

/// The proxies of a list, or of a text with commas.
fn peers(
    key: &str,
    node: &Node,
    expected: &str,
    errors: &mut ConfigErrors,
) -> Option<Vec<TrustedPeer>> {
    let parse = |text: &str, key: &str, node: &Node, errors: &mut ConfigErrors| {
        text.parse().map_err(|error: InvalidPeer| errors.push(error.loose().at(key, node))).ok()
    };
    if let (None, Some(text)) = (node.as_list(), node.as_text()) {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        return Some(parts.filter_map(|part| parse(part, key, node, errors)).collect());
    }
    let Some(nodes) = node.as_list() else {
        errors.push(Loose::Expected(expected.to_owned()).at(key, node));
        return None;
    };
    let mut peers = Vec::with_capacity(nodes.len());
    for (place, node) in nodes.iter().enumerate() {
        // What is no text is no proxy either, and says so by its own words.
        let text = node.as_text().unwrap_or_default();
        peers.extend(parse(text, &format!("{key}[{place}]"), node, errors));
    }
    Some(peers)
}

/// As in carafe.toml: a list, or a section.
impl Serialize for TrustedProxies {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let from: Vec<String> = self.from.iter().map(TrustedPeer::to_string).collect();
        if self.is_short() {
            return from.serialize(serializer);
        }
        let mut section = serializer.serialize_map(Some(KEYS.len()))?;
        section.serialize_entry("from", &from)?;
        for (key, value) in self.values().into_iter().skip(1) {
            match value {
                Value::Bool(value) => section.serialize_entry(key, &value)?,
                Value::Integer(count) => section.serialize_entry(key, &count)?,
                _ => section.serialize_entry(key, "auto")?,
            }
        }
        section.end()
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
    fn loose(&self) -> Loose {
        match self.meant {
            Some(_) => Loose::Other(self.to_string()),
            None => Loose::Expected(PEERS.to_owned()),
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

plain! {
    Hops: "a number of proxies from 0 to 255, or `\"auto\"`", hops, shown_hops;
}

fn hops(node: &Node) -> Option<Hops> {
    match node.as_integer() {
        Some(count) => u8::try_from(count).ok().map(Hops::Count),
        None => (node.as_text()? == "auto").then_some(Hops::Auto),
    }
}

fn shown_hops(hops: &Hops) -> Value {
    match hops {
        Hops::Auto => Value::Text("auto".to_owned()),
        Hops::Count(count) => Value::Integer((*count).into()),
    }
}
