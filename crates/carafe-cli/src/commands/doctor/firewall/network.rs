//! [`Network`]: addresses that share their first bits, as firewalls and routing tables write them.

use std::net::IpAddr;

use super::judge::Match;

/// Addresses from `first` to `last`, both included and of one family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Network {
    first: u128,
    last: u128,
    v6: bool,
}

impl Network {
    /// The network of an address and the length of its prefix; `None` when it is too long.
    pub(crate) fn new(address: IpAddr, length: u32) -> Option<Network> {
        let (bits, width, v6) = number(address);
        let host_bits = width.checked_sub(length)?;
        let mask = 1_u128.checked_shl(host_bits).map_or(u128::MAX, |bit| bit - 1);
        Some(Network { first: bits & !mask, last: bits | mask, v6 })
    }

    /// One address.
    pub(crate) fn one(address: IpAddr) -> Network {
        Network::between(address, address)
    }

    /// All addresses from one to another.
    pub(crate) fn between(first: IpAddr, last: IpAddr) -> Network {
        let ((first, _, v6), (last, ..)) = (number(first), number(last));
        Network { first, last, v6 }
    }

    /// What `10.0.0.0/8`, `10.0.0.0/255.0.0.0`, `10.0.0.1-10.0.0.9` or `10.0.0.1` stands for.
    pub(crate) fn parse(text: &str) -> Option<Network> {
        if let Some((address, length)) = text.split_once('/') {
            let length = match length.parse::<IpAddr>() {
                Ok(mask) => ones(mask),
                Err(_) => length.parse().ok()?,
            };
            return Network::new(address.parse().ok()?, length);
        }
        match text.split_once('-') {
            Some((first, last)) => Some(Network::between(first.parse().ok()?, last.parse().ok()?)),
            None => text.parse().ok().map(Network::one),
        }
    }

    /// Whether the address is in it.
    pub(crate) fn holds(&self, address: IpAddr) -> bool {
        self.match_all(&Network::one(address)) == Match::Yes
    }

    /// Whether all, none or (unsure) some of the other network's addresses are in this one.
    pub(crate) fn match_all(&self, other: &Network) -> Match {
        if self.v6 != other.v6 || other.last < self.first || other.first > self.last {
            return Match::No;
        }
        let inside = other.first >= self.first && other.last <= self.last;
        if inside { Match::Yes } else { Match::Unsure }
    }

    /// How many addresses it holds, less one: the smaller, the nearer.
    pub(crate) fn span(&self) -> u128 {
        self.last - self.first
    }
}

/// The length of the prefix that a mask such as `255.255.255.0` means.
pub(crate) fn ones(mask: IpAddr) -> u32 {
    number(mask).0.count_ones()
}

fn number(address: IpAddr) -> (u128, u32, bool) {
    match address {
        IpAddr::V4(v4) => (u128::from(v4.to_bits()), 32, false),
        IpAddr::V6(v6) => (v6.to_bits(), 128, true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_firewalls_write() {
        let check = |text: &str, inside: &str, outside: &str| {
            let network = Network::parse(text).unwrap();
            assert!(network.holds(inside.parse().unwrap()), "{inside} in {text}");
            assert!(!network.holds(outside.parse().unwrap()), "{outside} not in {text}");
        };
        check("10.0.0.0/8", "10.255.255.255", "11.0.0.0");
        check("192.168.1.7/255.255.255.0", "192.168.1.255", "192.168.2.0");
        check("1.2.3.4-1.2.3.9", "1.2.3.9", "1.2.3.10");
        check("192.168.1.7", "192.168.1.7", "192.168.1.8");
        check("0.0.0.0/0", "255.1.1.1", "::1");
        check("::/0", "ffff::1", "1.1.1.1");
        check("fe80::/10", "fe80::1", "fec0::1");
    }

    #[test]
    fn refuses_what_is_none() {
        for text in ["", "10.0.0.0/33", "::/129", "x/8", "1.2.3.4-x", "@blocked"] {
            assert_eq!(Network::parse(text), None, "{text}");
        }
    }

    #[test]
    fn tells_some_from_all() {
        let of = |text: &str| Network::parse(text).unwrap();
        let whole = of("192.168.1.0/24");
        assert_eq!(of("192.168.0.0/16").match_all(&whole), Match::Yes);
        assert_eq!(of("192.168.1.0/25").match_all(&whole), Match::Unsure);
        assert_eq!(of("192.168.2.0/24").match_all(&whole), Match::No);
        assert_eq!(of("192.168.1.0-192.168.1.255"), whole);
    }
}
