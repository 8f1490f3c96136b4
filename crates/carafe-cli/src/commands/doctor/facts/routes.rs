//! Which way packets leave this machine, read from `/proc/net/route` and `/proc/net/ipv6_route`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use carafe_net::System;

use super::super::firewall::network::{Network, ones};

/// The routing tables of Linux; empty where there are none to read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Routes(Vec<Route>);

#[derive(Clone, Debug)]
struct Route {
    interface: String,
    network: Network,
    /// Nothing is in between: all of the network is on this interface's cable or Wi-Fi.
    direct: bool,
    default: bool,
    metric: u32,
}

impl Routes {
    pub(crate) fn read(system: &System) -> Routes {
        let text = |path: &str| std::fs::read_to_string(system.path(path)).unwrap_or_default();
        let mut routes: Vec<Route> = Vec::new();
        routes.extend(text("proc/net/route").lines().skip(1).filter_map(v4));
        routes.extend(text("proc/net/ipv6_route").lines().filter_map(v6));
        Routes(routes)
    }

    /// The networks that an interface is itself in.
    pub(crate) fn around(&self, interface: &str, v6: bool) -> Vec<Network> {
        let any = if v6 { Ipv6Addr::UNSPECIFIED.into() } else { Ipv4Addr::UNSPECIFIED.into() };
        let everywhere = Network::new(any, 0);
        let mine = |route: &&Route| {
            let family = everywhere.is_some_and(|all| {
                all.match_all(&route.network) == super::super::firewall::judge::Match::Yes
            });
            route.interface == interface && route.direct && family
        };
        self.0.iter().filter(mine).map(|route| route.network).collect()
    }

    /// The interface over which an address is reached, and whether nothing is in between.
    pub(crate) fn to(&self, address: IpAddr) -> Option<(&str, bool)> {
        let fitting = self.0.iter().filter(|route| route.network.holds(address));
        let best = fitting.min_by_key(|route| (route.network.span(), route.metric))?;
        Some((&best.interface, best.direct))
    }

    /// The interface that leads to the internet.
    pub(crate) fn default_interface(&self) -> Option<&str> {
        let mut defaults: Vec<&Route> = self.0.iter().filter(|route| route.default).collect();
        // A VPN such as OpenVPN's takes both halves of the addresses in place of all of them.
        let halves =
            self.0.iter().filter(|route| route.network.span() == u128::from(u32::MAX >> 1));
        let half = halves.into_iter().next();
        defaults.sort_by_key(|route| (route.network.span(), route.metric));
        half.or(defaults.first().copied()).map(|route| route.interface.as_str())
    }
}

/// `eth0 0001A8C0 00000000 0001 0 0 100 00FFFFFF ..`: addresses are in the machine's byte order.
fn v4(line: &str) -> Option<Route> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let [interface, destination, gateway, flags, _, _, metric, mask, ..] = fields[..] else {
        return None;
    };
    let address = |text: &str| {
        let bits = u32::from_str_radix(text, 16).ok()?;
        Some(IpAddr::V4(Ipv4Addr::from(bits.to_ne_bytes())))
    };
    let length = ones(address(mask)?);
    let flags = u16::from_str_radix(flags, 16).ok()?;
    let (up, refused) = (flags & 1 != 0, flags & 0x200 != 0);
    (up && !refused).then_some(Route {
        interface: interface.to_owned(),
        network: Network::new(address(destination)?, length)?,
        // A VPN's default route has no router either: it is not all around.
        direct: gateway == "00000000" && length > 0,
        default: length == 0,
        metric: metric.parse().ok()?,
    })
}

/// `fd000000000000000000000000000000 40 00.. 00 00.. 00000100 00000001 00000000 00000001 eth0`
fn v6(line: &str) -> Option<Route> {
    const REFUSED: u32 = 0x200;
    let fields: Vec<&str> = line.split_whitespace().collect();
    let [destination, length, _, _, gateway, metric, _, _, flags, interface] = fields[..] else {
        return None;
    };
    let hex = |text: &str| u32::from_str_radix(text, 16).ok();
    let address = Ipv6Addr::from_bits(u128::from_str_radix(destination, 16).ok()?);
    let (length, flags) = (hex(length)?, hex(flags)?);
    let direct = gateway.bytes().all(|digit| digit == b'0') && length > 0;
    (flags & 1 != 0 && flags & REFUSED == 0 && interface != "lo").then_some(Route {
        interface: interface.to_owned(),
        network: Network::new(address.into(), length)?,
        direct,
        default: length == 0,
        metric: hex(metric)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const V4: &str = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n\
        eth0\t00000000\t0101A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n\
        eth0\t0001A8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0\n";
    const HALVES: &str = "wg0\t00000000\t00000000\t0001\t0\t0\t0\t00000080\t0\t0\t0\n\
        wg0\t00000080\t00000000\t0001\t0\t0\t0\t00000080\t0\t0\t0\n";
    const V6: &str = "fd000000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth0\n\
        00000000000000000000000000000001 80 00000000000000000000000000000000 00 00000000000000000000000000000000 00000000 00000002 00000000 80200001       lo\n\
        00000000000000000000000000000000 00 00000000000000000000000000000000 00 00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo\n";

    fn routes(v4: &str) -> Routes {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("proc/net")).unwrap();
        std::fs::write(folder.path().join("proc/net/route"), v4).unwrap();
        std::fs::write(folder.path().join("proc/net/ipv6_route"), V6).unwrap();
        Routes::read(&System::at(folder.path()))
    }

    #[test]
    fn finds_the_way() {
        let found = routes(V4);
        let to = |address: &str| found.to(address.parse().unwrap());
        assert_eq!(to("192.168.1.9"), Some(("eth0", true)));
        assert_eq!(to("8.8.8.8"), Some(("eth0", false)));
        assert_eq!(to("fd00::9"), Some(("eth0", true)));
        assert_eq!(to("fd01::9"), None);
        assert_eq!(found.default_interface(), Some("eth0"));
        assert_eq!(found.around("eth0", false), [Network::parse("192.168.1.0/24").unwrap()]);
        assert_eq!(found.around("eth0", true), [Network::parse("fd00::/64").unwrap()]);
        assert_eq!(Routes::default().default_interface(), None);
    }

    #[test]
    fn sees_a_vpn_that_takes_both_halves() {
        let found = routes(&format!("{V4}{HALVES}"));
        assert_eq!(found.default_interface(), Some("wg0"));
        assert_eq!(found.to("8.8.8.8".parse().unwrap()), Some(("wg0", true)));
        assert_eq!(found.to("192.168.1.9".parse().unwrap()), Some(("eth0", true)));
    }
}
