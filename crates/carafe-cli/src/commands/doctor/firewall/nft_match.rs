//! What nftables' expressions mean for a packet: `tcp dport 8000`, `iifname "eth0"`, `ct state new`.

use std::collections::HashMap;

use serde_json::Value;

use super::judge::{Match, Packet};
use super::network::Network;

/// The elements of named sets and maps, by table and name.
pub(crate) type Sets = HashMap<String, Value>;

/// What a packet has in the place that an expression looks at.
enum Field {
    Port,
    Source,
    Destination,
    Interface,
    /// One of these words.
    Word(&'static [&'static str]),
    /// The packet is of another protocol: no rule that looks at it is meant.
    Absent,
    Unknown,
}

/// Whether the packet gets past a statement that is no verdict.
pub(crate) fn statement(
    kind: &str,
    value: &Value,
    packet: &Packet,
    sets: &Sets,
    table: &str,
) -> Match {
    match kind {
        "match" => {
            if is_absent(&value["left"], packet) {
                return Match::No;
            }
            let holds = holds(&value["left"], &value["right"], packet, sets, table);
            // Bits: any of them for `in`; for the words here that is the same as being equal.
            holds.unless(value["op"] == "!=")
        }
        // The first packet of a client that sends few: under the limit, and not over it.
        "limit" | "ct count" | "quota" => Match::of(value["inv"] != Value::Bool(true)),
        "set" => updates_a_set(value),
        "counter" | "log" | "mangle" | "notrack" | "meta" | "ct helper" | "ct timeout"
        | "ct expectation" | "last" | "flow" | "secmark" | "dup" => Match::Yes,
        "xt" if value["name"] == "comment" => Match::Yes,
        _ => Match::Unsure,
    }
}

/// Whether it looks at what the packet has not: such a rule is not meant for it, also when negated.
fn is_absent(left: &Value, packet: &Packet) -> bool {
    match left["concat"].as_array() {
        Some(parts) => parts.iter().any(|part| is_absent(part, packet)),
        None => matches!(field(left, packet), Field::Absent),
    }
}

/// `add @seen { ip saddr limit rate over 3/minute }`: a limit may stand inside.
fn updates_a_set(value: &Value) -> Match {
    let inner = value["stmt"].as_array().into_iter().flatten();
    let limits = inner.filter_map(|statement| statement.get("limit").or(statement.get("ct count")));
    limits.fold(Match::Yes, |all, limit| all.and(Match::of(limit["inv"] != Value::Bool(true))))
}

/// Whether what the packet has on the left is (in) what stands on the right.
pub(crate) fn holds(
    left: &Value,
    right: &Value,
    packet: &Packet,
    sets: &Sets,
    table: &str,
) -> Match {
    let Some(right) = elements(right, sets, table) else { return Match::Unsure };
    if let Some(list) = right.as_array() {
        let each = list.iter().map(|one| holds(left, one, packet, sets, table));
        return each.fold(Match::No, Match::or);
    }
    let right = right.get("elem").map_or(&*right, |elem| &elem["val"]);
    if let (Some(lefts), Some(rights)) = (left["concat"].as_array(), right["concat"].as_array()) {
        let pairs = lefts.iter().zip(rights);
        let each = pairs.map(|(left, right)| holds(left, right, packet, sets, table));
        return each.fold(Match::Yes, Match::and);
    }
    if let Some(found) = new_connection_flags(left, right) {
        return found;
    }
    compare(&field(left, packet), right, packet)
}

/// A set's elements: its own, or those of the named one; anything else stands for itself.
pub(crate) fn elements<'a>(
    value: &'a Value,
    sets: &'a Sets,
    table: &str,
) -> Option<std::borrow::Cow<'a, Value>> {
    use std::borrow::Cow;
    if let Some(name) = value.as_str().and_then(|text| text.strip_prefix('@')) {
        // A set without an element has no list of them.
        return match sets.get(&format!("{table} {name}"))? {
            Value::Null => Some(Cow::Owned(Value::Array(Vec::new()))),
            found => Some(Cow::Borrowed(found)),
        };
    }
    Some(Cow::Borrowed(value.get("set").unwrap_or(value)))
}

/// `tcp flags & (fin | syn | rst | ack) == syn`: a new connection has `syn` alone.
fn new_connection_flags(left: &Value, right: &Value) -> Option<Match> {
    let (looked_at, mask) = match left["&"].as_array().map(Vec::as_slice) {
        Some([looked_at, mask]) => (looked_at, Some(mask)),
        _ => (left, None),
    };
    if looked_at["payload"]["field"] != "flags" || looked_at["payload"]["protocol"] != "tcp" {
        return None;
    }
    let words = |value: &Value| -> Vec<String> {
        let list = value.get("|").unwrap_or(value);
        let each = list.as_array().map_or_else(|| vec![list], |list| list.iter().collect());
        each.iter().filter_map(|word| word.as_str().map(str::to_owned)).collect()
    };
    let seen = mask.is_none_or(|mask| words(mask).iter().any(|word| word == "syn"));
    let wanted = words(right);
    let wants_syn_alone = wanted.len() == 1 && wanted[0] == "syn";
    let wants_none = right == &Value::from(0);
    Some(Match::of(if seen { wants_syn_alone } else { wants_none }))
}

fn field(left: &Value, packet: &Packet) -> Field {
    if let Some(payload) = left.get("payload") {
        let name = |key: &str| payload[key].as_str().unwrap_or_default();
        return header(name("protocol"), name("field"), packet.destination.is_ipv4());
    }
    if let Some(meta) = left.get("meta") {
        let v4 = packet.destination.is_ipv4();
        return match meta["key"].as_str().unwrap_or_default() {
            "iif" | "iifname" => Field::Interface,
            "l4proto" => Field::Word(&["tcp", "6"]),
            "nfproto" if v4 => Field::Word(&["ipv4", "2"]),
            "nfproto" => Field::Word(&["ipv6", "10"]),
            "protocol" if v4 => Field::Word(&["ip", "8"]),
            "protocol" => Field::Word(&["ip6", "56710"]),
            "pkttype" => Field::Word(&["host", "unicast"]),
            // It is on its way in, so it has no way out.
            "oif" | "oifname" => Field::Absent,
            _ => Field::Unknown,
        };
    }
    match (left["ct"]["key"].as_str(), left["fib"]["result"].as_str()) {
        (Some("state"), _) => Field::Word(&["new"]),
        (Some("status"), _) => Field::Word(&[]),
        (Some("direction"), _) => Field::Word(&["original"]),
        (_, Some("type")) => fib_type(&left["fib"]["flags"]),
        // The way back to a client leads over the interface that it came in on.
        (_, Some("oif" | "oifname")) => Field::Word(&["true"]),
        _ => Field::Unknown,
    }
}

/// What kind of address it is: the packet's destination is this machine's own.
fn fib_type(flags: &Value) -> Field {
    let names = |flag: &str| match flags {
        Value::Array(list) => list.iter().any(|one| one == flag),
        one => one == flag,
    };
    if names("daddr") { Field::Word(&["local"]) } else { Field::Word(&["unicast"]) }
}

fn header(protocol: &str, field: &str, v4: bool) -> Field {
    match (protocol, field) {
        ("ip", _) if !v4 => Field::Absent,
        ("ip6", _) if v4 => Field::Absent,
        ("tcp" | "th", "dport") => Field::Port,
        ("ip" | "ip6", "saddr") => Field::Source,
        ("ip" | "ip6", "daddr") => Field::Destination,
        ("ip", "protocol") | ("ip6", "nexthdr") => Field::Word(&["tcp", "6"]),
        ("ip", "version") => Field::Word(&["4"]),
        ("ip6", "version") => Field::Word(&["6"]),
        ("tcp" | "th" | "ip" | "ip6" | "ether", _) => Field::Unknown,
        _ => Field::Absent,
    }
}

fn compare(field: &Field, right: &Value, packet: &Packet) -> Match {
    match field {
        Field::Absent => Match::No,
        Field::Unknown => Match::Unsure,
        Field::Port => ports(right).map_or(Match::Unsure, |(first, last)| {
            Match::of((first..=last).contains(&u64::from(packet.port)))
        }),
        Field::Source => network(right).map_or(Match::Unsure, |found| packet.source.is_in(&found)),
        Field::Destination => {
            network(right).map_or(Match::Unsure, |found| Match::of(found.holds(packet.destination)))
        }
        Field::Interface => right.as_str().map_or(Match::Unsure, |name| {
            let same = match name.strip_suffix('*') {
                Some(start) => packet.interface.starts_with(start),
                None => packet.interface == name,
            };
            Match::of(same)
        }),
        Field::Word(words) => {
            let right = right.as_str().map_or_else(|| right.to_string(), str::to_owned);
            Match::of(words.contains(&right.as_str()))
        }
    }
}

fn ports(right: &Value) -> Option<(u64, u64)> {
    if let Some(port) = right.as_u64() {
        return Some((port, port));
    }
    let range = right["range"].as_array()?;
    Some((range.first()?.as_u64()?, range.get(1)?.as_u64()?))
}

fn network(right: &Value) -> Option<Network> {
    if let Some(text) = right.as_str() {
        return Network::parse(text);
    }
    if let Some(prefix) = right.get("prefix") {
        let length = u32::try_from(prefix["len"].as_u64()?).ok()?;
        return Network::new(prefix["addr"].as_str()?.parse().ok()?, length);
    }
    let range = right["range"].as_array()?;
    let end = |index: usize| range.get(index)?.as_str()?.parse().ok();
    Some(Network::between(end(0)?, end(1)?))
}
