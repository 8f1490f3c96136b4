//! [`AddressKind`]: what an address is for, and who can reach it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::Lang;

/// What an address is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AddressKind {
    /// `0.0.0.0` and `::`: to listen on every address, never to open in a browser.
    Unspecified,
    /// `127.0.0.0/8` and `::1`.
    Loopback,
    /// `10/8`, `172.16/12`, `192.168/16` (RFC 1918) and `fc00::/7` (RFC 4193).
    Private,
    /// `169.254/16` (RFC 3927) and `fe80::/10`: given without a router.
    LinkLocal,
    /// `100.64/10` (RFC 6598): shared by a provider's customers, and by networks such as Tailscale.
    CarrierGrade,
    /// `192.0.2/24`, `198.51.100/24`, `203.0.113/24` (RFC 5737), `2001:db8::/32`, `3fff::/20`.
    Documentation,
    /// `224/4` and `ff00::/8`.
    Multicast,
    /// Everything else.
    Public,
}

impl AddressKind {
    /// The kind of an address; one of IPv4 that is written as IPv6 (`::ffff:127.0.0.1`) has the
    /// IPv4 address's kind.
    ///
    /// ```
    /// use carafe_net::AddressKind;
    ///
    /// assert_eq!(AddressKind::of([192, 168, 0, 7].into()), AddressKind::Private);
    /// ```
    pub fn of(ip: IpAddr) -> AddressKind {
        match ip.to_canonical() {
            IpAddr::V4(ip) => of_v4(ip),
            IpAddr::V6(ip) => of_v6(ip),
        }
    }

    /// A few words to set beside an address: `this computer only`.
    pub fn name(self, lang: Lang) -> &'static str {
        match self {
            AddressKind::Unspecified => lang.pick("every address", "모든 주소"),
            AddressKind::Loopback => lang.pick("this computer only", "이 컴퓨터만"),
            AddressKind::Private => lang.pick("private network", "사설 네트워크"),
            AddressKind::LinkLocal => lang.pick("this cable or Wi-Fi only", "직접 연결된 기기만"),
            AddressKind::CarrierGrade => lang.pick("provider's shared network", "통신사 공유망"),
            AddressKind::Documentation => lang.pick("for examples only", "예시용 주소"),
            AddressKind::Multicast => lang.pick("multicast", "멀티캐스트"),
            AddressKind::Public => lang.pick("public internet", "공용 인터넷"),
        }
    }

    /// Who can reach a server on such an address: in English what fits behind `is reached by`, in
    /// Korean a sentence without its full stop.
    pub fn reach(self, lang: Lang) -> &'static str {
        match self {
            AddressKind::Unspecified => lang.pick(
                "everyone who can reach any address of this computer",
                "이 컴퓨터의 주소 중 하나에라도 닿는 기기는 모두 접속할 수 있습니다",
            ),
            AddressKind::Loopback => lang.pick(
                "only programs on this computer",
                "이 컴퓨터에서 실행 중인 프로그램만 접속할 수 있습니다",
            ),
            AddressKind::Private => lang.pick(
                "devices on the same network, such as your home, office or VPN",
                "집, 사무실, VPN처럼 같은 네트워크에 있는 기기가 접속할 수 있습니다",
            ),
            AddressKind::LinkLocal => lang.pick(
                "devices on the same cable or Wi-Fi, none behind a router",
                "같은 케이블이나 Wi-Fi에 연결된 기기만 접속할 수 있고, 라우터 너머에서는 접속할 수 없습니다",
            ),
            AddressKind::CarrierGrade => lang.pick(
                "devices on the same VPN or provider's network, not the internet at large",
                "같은 VPN이나 통신사 내부망의 기기만 접속할 수 있고, 인터넷 전체에서는 접속할 수 없습니다",
            ),
            AddressKind::Documentation => lang.pick(
                "nobody beyond the same network: the address is reserved for examples",
                "예시용으로 예약된 주소라서 같은 네트워크 밖에서는 아무도 접속할 수 없습니다",
            ),
            AddressKind::Multicast => lang.pick(
                "nobody: TCP cannot use a multicast address",
                "TCP는 멀티캐스트 주소를 쓸 수 없어서 아무도 접속할 수 없습니다",
            ),
            AddressKind::Public => lang.pick(
                "anyone on the internet, unless a firewall is in between",
                "중간에 방화벽이 없으면 인터넷의 누구나 접속할 수 있습니다",
            ),
        }
    }
}

fn of_v4(ip: Ipv4Addr) -> AddressKind {
    match ip.octets() {
        [0, 0, 0, 0] => AddressKind::Unspecified,
        [127, ..] => AddressKind::Loopback,
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => AddressKind::Private,
        [169, 254, ..] => AddressKind::LinkLocal,
        [100, 64..=127, ..] => AddressKind::CarrierGrade,
        [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => AddressKind::Documentation,
        [224..=239, ..] => AddressKind::Multicast,
        _ => AddressKind::Public,
    }
}

fn of_v6(ip: Ipv6Addr) -> AddressKind {
    if ip.is_unspecified() {
        return AddressKind::Unspecified;
    }
    if ip.is_loopback() {
        return AddressKind::Loopback;
    }
    match ip.segments() {
        [0xfc00..=0xfdff, ..] => AddressKind::Private,
        [0xfe80..=0xfebf, ..] => AddressKind::LinkLocal,
        // RFC 3849 and RFC 9637.
        [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => AddressKind::Documentation,
        [0xff00..=0xffff, ..] => AddressKind::Multicast,
        _ => AddressKind::Public,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds() {
        use AddressKind::*;
        let check = |kind: AddressKind, addresses: &[&str]| {
            for address in addresses {
                assert_eq!(AddressKind::of(address.parse().unwrap()), kind, "{address}");
            }
        };
        check(Unspecified, &["0.0.0.0", "::", "::ffff:0.0.0.0"]);
        check(Loopback, &["127.0.0.1", "127.255.255.255", "::1", "::ffff:127.0.0.1"]);
        check(Private, &["10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1"]);
        check(Private, &["fc00::1", "fdff:ffff::1"]);
        check(LinkLocal, &["169.254.0.1", "fe80::1", "febf::1"]);
        check(CarrierGrade, &["100.64.0.1", "100.127.255.255"]);
        check(Documentation, &["192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1"]);
        check(Documentation, &["3fff::1", "3fff:fff::1"]);
        check(Multicast, &["224.0.0.1", "239.255.255.255", "ff02::1"]);
        check(Public, &["1.1.1.1", "172.15.0.1", "172.32.0.1", "100.63.0.1", "100.128.0.1"]);
        check(Public, &["0.0.0.1", "2606:4700::1111", "fec0::1", "3fff:1000::1", "2001:db9::1"]);
    }
}
