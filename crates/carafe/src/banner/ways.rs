//! The ways into an app: from the addresses that it listens on to URLs that can be clicked.
//!
//! A wildcard address is no URL: it stands for every address of every interface that is up. The
//! link-local addresses of IPv6 are left out, as no browser opens a URL with the name of an
//! interface in it, and without one they lead nowhere.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use carafe_net::{AddressKind, Interface, Lang, LinkKind, printable};

use super::facts::Facts;
use crate::server::ListenAddress;

/// One way in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Way {
    /// A URL; or `unix:/path`, which is none.
    pub(super) url: String,
    /// The kind of its address; `None` for a Unix socket.
    pub(super) kind: Option<AddressKind>,
    /// The interface's kind and name, where it is known and not loopback.
    pub(super) link: Option<(LinkKind, String)>,
    is_v6: bool,
}

/// Every way in: this computer first, then networks, IPv4 first.
pub(super) fn ways(facts: &Facts) -> Vec<Way> {
    let mut ports: Vec<u16> = Vec::new();
    for address in facts.addresses.iter().filter_map(ListenAddress::tcp) {
        if !ports.contains(&address.port()) {
            ports.push(address.port());
        }
    }
    let mut ways: Vec<Way> = ports.into_iter().flat_map(|port| ways_by_port(facts, port)).collect();
    ways.extend(facts.addresses.iter().filter(|address| address.tcp().is_none()).map(|address| {
        Way { url: printable(&address.to_string()), kind: None, link: None, is_v6: false }
    }));
    ways
}

fn ways_by_port(facts: &Facts, port: u16) -> Vec<Way> {
    let mut ips = addresses_of(facts, port);
    let loopbacks = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
    let mut ways = Vec::new();
    // With one of the two, `localhost` may lead to another program.
    if loopbacks.iter().all(|loopback| ips.contains(loopback)) {
        ips.retain(|ip| !loopbacks.contains(ip));
        ways.push(Way {
            url: format!("http://localhost:{port}"),
            kind: Some(AddressKind::Loopback),
            link: None,
            is_v6: false,
        });
    }
    let mut others: Vec<Way> = ips.into_iter().map(|ip| way(facts, ip, port)).collect();
    others
        .sort_by_key(|way| (way.kind != Some(AddressKind::Loopback), way.is_v6, rank_of_link(way)));
    ways.extend(others);
    ways
}

/// The addresses that answer at a port, wildcards replaced by what they stand for.
fn addresses_of(facts: &Facts, port: u16) -> Vec<IpAddr> {
    let mut ips: Vec<IpAddr> = Vec::new();
    let mut add = |ip: IpAddr| {
        if !ips.contains(&ip) {
            ips.push(ip);
        }
    };
    let tcp = facts.addresses.iter().filter_map(ListenAddress::tcp);
    for ip in tcp.filter(|address| address.port() == port).map(|address| address.ip()) {
        if !ip.is_unspecified() {
            add(ip);
            continue;
        }
        let (v4, v6) = (ip.is_ipv4() || facts.dual_stack, ip.is_ipv6());
        if v4 {
            add(Ipv4Addr::LOCALHOST.into());
        }
        if v6 {
            add(Ipv6Addr::LOCALHOST.into());
        }
        let all = up(&facts.interfaces).flat_map(|interface| &interface.addresses);
        all.filter(|ip| if ip.is_ipv4() { v4 } else { v6 && !is_link_local_v6(**ip) })
            .for_each(|ip| add(*ip));
    }
    ips
}

fn up(interfaces: &[Interface]) -> impl Iterator<Item = &Interface> {
    interfaces.iter().filter(|interface| interface.up && interface.kind != LinkKind::Loopback)
}

fn is_link_local_v6(ip: IpAddr) -> bool {
    ip.is_ipv6() && AddressKind::of(ip) == AddressKind::LinkLocal
}

/// The way in by one address.
pub(super) fn way(facts: &Facts, ip: IpAddr, port: u16) -> Way {
    let found = up(&facts.interfaces).find(|interface| interface.addresses.contains(&ip));
    let address = SocketAddr::new(ip, port);
    Way {
        // Not a link where no browser would follow it.
        url: if is_link_local_v6(ip) { address.to_string() } else { format!("http://{address}") },
        kind: Some(AddressKind::of(ip)),
        link: found.map(|interface| (interface.kind, printable(&interface.name))),
        is_v6: ip.is_ipv6(),
    }
}

/// What somebody else is likelier to share comes first.
fn rank_of_link(way: &Way) -> u8 {
    match way.link.as_ref().map(|(kind, _)| *kind) {
        Some(LinkKind::Wifi) => 0,
        Some(LinkKind::Cable) => 1,
        Some(LinkKind::Vpn) => 3,
        Some(LinkKind::Virtual) => 4,
        Some(LinkKind::ContainerBridge) => 5,
        _ => 2,
    }
}

impl Way {
    /// What stands beside the URL: who it is for, and through what.
    pub(super) fn words(&self, lang: Lang) -> String {
        let Some(kind) = self.kind else {
            return lang
                .pick(
                    "programs on this computer that may open the socket",
                    "이 컴퓨터에서 이 소켓을 열 수 있는 프로그램만",
                )
                .to_owned();
        };
        match &self.link {
            // A VPN or a bridge says more than that its address is not public.
            Some((link, name)) if self.reach_of_link(lang).is_some() => {
                format!("{} ({name})", link.name(lang))
            }
            Some((link, name)) => format!("{}, {} ({name})", kind.name(lang), link.name(lang)),
            None => kind.name(lang).to_owned(),
        }
    }

    /// Who can reach it, in a sentence without its full stop.
    pub(super) fn reach(&self, lang: Lang) -> &'static str {
        let kind = self.kind.unwrap_or(AddressKind::Loopback);
        self.reach_of_link(lang).unwrap_or_else(|| kind.reach(lang))
    }

    fn reach_of_link(&self, lang: Lang) -> Option<&'static str> {
        let private = [AddressKind::Private, AddressKind::CarrierGrade, AddressKind::LinkLocal];
        let (link, _) = self.link.as_ref()?;
        self.kind.filter(|kind| private.contains(kind)).and_then(|_| link.reach(lang))
    }

    /// Whether another device can be expected to open it.
    fn is_for_others(&self) -> bool {
        let through = self.link.as_ref().map(|(kind, _)| *kind);
        self.url.starts_with("http://")
            && self.kind.is_some_and(|kind| kind != AddressKind::Loopback)
            && through != Some(LinkKind::ContainerBridge)
    }
}

/// The URL that a phone on the same network should open; `None` where there is none.
pub(super) fn for_a_phone(ways: &[Way]) -> Option<&Way> {
    let rank_of_kind = |way: &Way| match way.kind {
        Some(AddressKind::Private) => 0,
        Some(AddressKind::CarrierGrade) => 1,
        Some(AddressKind::LinkLocal) => 2,
        Some(AddressKind::Public) => 3,
        _ => 4,
    };
    let others = ways.iter().filter(|way| way.is_for_others());
    others
        .min_by_key(|way| (way.is_v6, rank_of_link(way) > 2, rank_of_kind(way), rank_of_link(way)))
}
