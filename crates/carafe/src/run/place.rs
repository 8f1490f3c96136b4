//! What `host` means on this machine: addresses and socket files.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;

use carafe_net::{AddressKind, Interface, Lang, LinkKind, System, interfaces};

use socket2::{Domain, Socket, Type};

use super::RunError;
use super::error::refused;
use crate::config::{Host, Hosts, closest};
use crate::server::ListenAddress;

/// The machine's interfaces, looked up when somebody asks.
pub(super) struct Machine {
    pub(super) system: System,
}

impl Machine {
    pub(super) fn this() -> Machine {
        Machine { system: System::this() }
    }

    fn interfaces(&self) -> io::Result<Vec<Interface>> {
        interfaces(&self.system)
    }

    /// Whether this computer reaches itself.
    pub(super) fn has_loopback(&self) -> bool {
        let interfaces = self.interfaces().unwrap_or_default();
        interfaces.iter().flat_map(|interface| &interface.addresses).any(IpAddr::is_loopback)
    }

    /// The addresses with their interfaces: "127.0.0.1 (lo), 192.168.0.7 (eth0)".
    pub(super) fn addresses_in_words(&self) -> String {
        let mut words = Vec::new();
        for interface in self.interfaces().unwrap_or_default() {
            for ip in usable(&interface) {
                words.push(format!("{ip} ({})", interface.name));
            }
        }
        words.join(", ")
    }
}

/// An address to listen on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) ip: IpAddr,
    /// Whether it may be missing where the machine has no such address: one half of `localhost`.
    pub(super) optional: bool,
    /// Whether it is listened on already, with a socket that was taken over.
    pub(super) held: bool,
}

/// Where to listen, each place once.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Places {
    pub(super) ips: Vec<Place>,
    pub(super) files: Vec<PathBuf>,
}

impl Places {
    /// The addresses, at a port that is not known yet.
    pub(super) fn addresses(&self) -> Vec<ListenAddress> {
        let address = |place: &Place| ListenAddress::Tcp(SocketAddr::new(place.ip, 0));
        self.ips.iter().map(address).collect()
    }

    /// Finds out what the setting means here.
    ///
    /// # Errors
    /// A name that no interface has, or an interface without an address, in words for people.
    pub(super) fn find(hosts: &Hosts, machine: &Machine, lang: Lang) -> Result<Places, RunError> {
        let mut places = Places::default();
        for host in hosts.iter() {
            match host {
                Host::Localhost => {
                    places.add(Ipv4Addr::LOCALHOST.into(), true);
                    places.add(Ipv6Addr::LOCALHOST.into(), true);
                }
                // Without IPv6, every address of this machine is one of IPv4.
                Host::Ip(IpAddr::V6(ip)) if ip.is_unspecified() && !knows_ipv6() => {
                    places.add(Ipv4Addr::UNSPECIFIED.into(), false);
                }
                Host::Ip(ip) => places.add(checked(*ip, lang)?, false),
                Host::Lan => places.add_all(lan(&machine.interfaces()?, lang)?),
                Host::Interface(name) => {
                    places.add_all(addresses_of(name, &machine.interfaces()?, lang)?);
                }
                Host::Unix(path) if places.files.contains(path) => {}
                Host::Unix(path) => places.files.push(path.clone()),
            }
        }
        places.ips = merged(&places.ips);
        Ok(places)
    }

    fn add(&mut self, ip: IpAddr, optional: bool) {
        // `::ffff:127.0.0.1` is an address of IPv4.
        self.ips.push(Place { ip: ip.to_canonical(), optional, held: false });
    }

    fn add_all(&mut self, ips: Vec<IpAddr>) {
        ips.into_iter().for_each(|ip| self.add(ip, false));
    }
}

/// Each address once, and none beside a wildcard that has it already.
fn merged(places: &[Place]) -> Vec<Place> {
    let has = |ip: IpAddr| places.iter().any(|place| place.ip == ip);
    let every = has(Ipv6Addr::UNSPECIFIED.into());
    let every_v4 = has(Ipv4Addr::UNSPECIFIED.into());
    let mut merged: Vec<Place> = Vec::new();
    for place in places {
        let wider = match place.ip {
            IpAddr::V4(ip) => every || (every_v4 && !ip.is_unspecified()),
            IpAddr::V6(ip) => every && !ip.is_unspecified(),
        };
        match merged.iter_mut().find(|other| other.ip == place.ip) {
            Some(other) => other.optional &= place.optional,
            None if wider => {}
            None => merged.push(*place),
        }
    }
    merged
}

/// Whether the system has IPv6 at all, switched on or not.
fn knows_ipv6() -> bool {
    Socket::new(Domain::IPV6, Type::STREAM, None).is_ok()
}

/// Refuses addresses that nobody could listen on.
fn checked(ip: IpAddr, lang: Lang) -> Result<IpAddr, RunError> {
    let refuse = |english: &str, korean: &str| match lang {
        Lang::Korean => {
            Err(refused(&format!("{ip} 주소에서는 요청을 받을 수 없습니다: {korean}"), &[]))
        }
        _ => Err(refused(&format!("{ip} cannot be listened on: {english}"), &[])),
    };
    match AddressKind::of(ip) {
        AddressKind::LinkLocal if ip.is_ipv6() => refuse(
            "a link-local address means nothing without its interface, and no browser opens it",
            "링크 로컬 주소는 인터페이스 없이는 뜻이 없고, 브라우저로 열 수도 없습니다",
        ),
        AddressKind::Multicast => refuse(
            "it is a multicast address, and TCP has none",
            "멀티캐스트 주소이며, TCP에는 멀티캐스트가 없습니다",
        ),
        _ => Ok(ip),
    }
}

/// The addresses of an interface that a browser can open: link-local ones of IPv6 it cannot.
fn usable(interface: &Interface) -> impl Iterator<Item = IpAddr> {
    let is_usable =
        |ip: &&IpAddr| !(ip.is_ipv6() && AddressKind::of(**ip) == AddressKind::LinkLocal);
    interface.addresses.iter().filter(is_usable).copied()
}

/// The private addresses of the networks around this machine. Those of a VPN count only where there
/// is no other network, those of container bridges only where there is nothing else at all: nobody's
/// phone is in there.
fn lan(interfaces: &[Interface], lang: Lang) -> Result<Vec<IpAddr>, RunError> {
    let rank = |interface: &Interface| match interface.kind {
        LinkKind::Loopback => None,
        LinkKind::Vpn => Some(1),
        LinkKind::ContainerBridge => Some(2),
        _ => Some(0),
    };
    for wanted in 0..3 {
        let fits = |interface: &&Interface| interface.up && rank(interface) == Some(wanted);
        let ips = interfaces.iter().filter(fits).flat_map(usable);
        let private: Vec<_> =
            ips.filter(|ip| AddressKind::of(*ip) == AddressKind::Private).collect();
        if !private.is_empty() {
            return Ok(private);
        }
    }
    let reason = lang.pick(
        "`lan` means no address here: this computer is in no private network now",
        "`lan`에 해당하는 주소가 없습니다: 이 컴퓨터는 지금 어떤 사설 네트워크에도 연결되어 있지 않습니다",
    );
    Err(refused(reason, &[interfaces_in_words(interfaces, lang)]))
}

fn addresses_of(name: &str, interfaces: &[Interface], lang: Lang) -> Result<Vec<IpAddr>, RunError> {
    let Some(interface) = interfaces.iter().find(|interface| interface.name == name) else {
        return Err(unknown(name, interfaces, lang));
    };
    let ips: Vec<IpAddr> = usable(interface).collect();
    if !ips.is_empty() {
        return Ok(ips);
    }
    let state = match interface.up {
        true => lang.pick("", ""),
        false => lang.pick(": it is not connected", ": 연결되어 있지 않습니다"),
    };
    let reason = match lang {
        Lang::Korean => format!("`{name}` 인터페이스에는 요청을 받을 주소가 없습니다{state}"),
        _ => format!("the interface `{name}` has no address to listen on{state}"),
    };
    Err(refused(&reason, &[interfaces_in_words(interfaces, lang)]))
}

fn unknown(name: &str, interfaces: &[Interface], lang: Lang) -> RunError {
    let reason = match lang {
        Lang::Korean => {
            format!("`{name}`은(는) 주소도, 이 컴퓨터의 네트워크 인터페이스도 아닙니다")
        }
        _ => format!("`{name}` is neither an address nor a network interface of this computer"),
    };
    let names = interfaces.iter().map(|interface| interface.name.as_str());
    let near = closest(name, ["localhost", "lan"].into_iter().chain(names));
    let mut hints: Vec<String> = Vec::new();
    hints.extend(near.map(|near| match lang {
        Lang::Korean => format!("혹시 `{near}`입니까?"),
        _ => format!("did you mean `{near}`?"),
    }));
    hints.push(interfaces_in_words(interfaces, lang));
    // Whoever writes a name of the domain name system means what others shall type.
    if name.contains('.') {
        hints.push(
            lang.pick(
                "names such as `example.com` are not looked up; to be reached by one from elsewhere: \
                 `--host 0.0.0.0`",
                "`example.com` 같은 이름은 찾아보지 않습니다. 다른 기기가 그런 이름으로 접속하게 하려면: `--host 0.0.0.0`",
            )
            .to_owned(),
        );
    }
    refused(&reason, &hints)
}

/// "the interfaces are `lo` (127.0.0.1, ::1) and `eth0` (10.0.0.5)"
fn interfaces_in_words(interfaces: &[Interface], lang: Lang) -> String {
    let with_address = interfaces.iter().filter(|interface| usable(interface).next().is_some());
    let words = with_address.map(|interface| {
        let ips: Vec<String> = usable(interface).map(|ip| ip.to_string()).collect();
        format!("`{}` ({})", interface.name, ips.join(", "))
    });
    let words: Vec<String> = words.collect();
    match (words.is_empty(), lang) {
        (true, Lang::Korean) => "주소가 있는 인터페이스가 없습니다".to_owned(),
        (true, _) => "no interface has an address".to_owned(),
        (false, Lang::Korean) => format!("주소가 있는 인터페이스: {}", words.join(", ")),
        (false, _) => format!("the interfaces with an address are {}", words.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Loader;

    fn interface(name: &str, kind: LinkKind, up: bool, ips: &[&str]) -> Interface {
        let addresses = ips.iter().map(|ip| ip.parse().unwrap()).collect();
        Interface { name: name.to_owned(), kind, up, addresses }
    }

    fn texts(places: &[Place]) -> Vec<String> {
        places.iter().map(|place| place.ip.to_string()).collect()
    }

    fn find(hosts: &str) -> Result<Places, String> {
        let config = Loader::in_memory().arg("", "host", hosts).load().unwrap();
        let hosts = &config.settings().host;
        Places::find(hosts, &Machine::this(), Lang::English).map_err(|error| error.to_string())
    }

    #[test]
    fn addresses_that_overlap_are_one() {
        let check = |hosts: &str, wanted: &[&str]| {
            assert_eq!(texts(&find(hosts).unwrap().ips), wanted, "{hosts}");
        };
        check("localhost", &["127.0.0.1", "::1"]);
        check("localhost,127.0.0.1,::1,localhost", &["127.0.0.1", "::1"]);
        check("::ffff:127.0.0.1,127.0.0.1", &["127.0.0.1"]);
        check("127.0.0.1,0.0.0.0", &["0.0.0.0"]);
        check("0.0.0.0,localhost", &["0.0.0.0", "::1"]);
        check("0.0.0.0,::,localhost", &["::"]);
        check("lo,localhost", &["127.0.0.1", "::1"]);
    }

    #[test]
    fn what_is_asked_for_by_itself_must_be_there() {
        let optional = |hosts: &str| -> Vec<bool> {
            find(hosts).unwrap().ips.iter().map(|place| place.optional).collect()
        };
        assert_eq!(optional("localhost"), [true, true]);
        assert_eq!(optional("localhost,::1"), [true, false]);
    }

    #[test]
    fn socket_files_are_kept_apart() {
        let places = find("unix:/a,unix:/b,unix:/a").unwrap();
        assert_eq!(places.files, [PathBuf::from("/a"), PathBuf::from("/b")]);
        assert_eq!(places.ips, []);
    }

    #[test]
    fn addresses_that_nobody_listens_on() {
        let check = |hosts: &str, words: &str| {
            let error = find(hosts).unwrap_err();
            assert!(error.contains(words), "{error}");
        };
        check("fe80::1", "no browser opens it");
        check("224.0.0.1", "multicast");
    }

    #[test]
    fn the_networks_that_lan_means() {
        let check = |interfaces: &[Interface], wanted: &[&str]| {
            let ips: Vec<String> =
                lan(interfaces, Lang::English).unwrap().iter().map(IpAddr::to_string).collect();
            assert_eq!(ips, wanted);
        };
        let lo = interface("lo", LinkKind::Loopback, true, &["127.0.0.1", "::1"]);
        let wifi = interface("wlan0", LinkKind::Wifi, true, &["192.168.0.7", "fd00::7", "fe80::7"]);
        let mixed = interface("eth0", LinkKind::Cable, true, &["203.0.113.9", "10.0.0.9"]);
        let unplugged = interface("eth1", LinkKind::Cable, false, &["10.1.0.9"]);
        let vpn = interface("wg0", LinkKind::Vpn, true, &["10.9.0.2", "100.64.0.2"]);
        let docker = interface("docker0", LinkKind::ContainerBridge, true, &["172.17.0.1"]);
        let all = [lo.clone(), docker.clone(), vpn.clone(), unplugged, mixed, wifi];
        check(&all, &["10.0.0.9", "192.168.0.7", "fd00::7"]);
        check(&all[..4], &["10.9.0.2"]);
        check(&[lo.clone(), docker], &["172.17.0.1"]);
        let none = lan(std::slice::from_ref(&lo), Lang::English).unwrap_err().to_string();
        assert_eq!(
            none,
            "`lan` means no address here: this computer is in no private network now\n\n\
             hint: the interfaces with an address are `lo` (127.0.0.1, ::1)"
        );
    }

    #[test]
    fn interfaces_by_name() {
        let eth = interface("eth0", LinkKind::Cable, true, &["10.0.0.5", "fe80::5"]);
        let bare = interface("eth1", LinkKind::Cable, false, &["fe80::6"]);
        let all = [eth, bare];
        let check = |name: &str, lang: Lang, wanted: &str| {
            let found = match addresses_of(name, &all, lang) {
                Ok(ips) => format!("{ips:?}"),
                Err(error) => error.to_string(),
            };
            assert_eq!(found, wanted, "{name}");
        };
        check("eth0", Lang::English, "[10.0.0.5]");
        check(
            "eth1",
            Lang::English,
            "the interface `eth1` has no address to listen on: it is not connected\n\n\
             hint: the interfaces with an address are `eth0` (10.0.0.5)",
        );
        check(
            "eht0",
            Lang::English,
            "`eht0` is neither an address nor a network interface of this computer\n\n\
             hint: did you mean `eth0`?\n\
             hint: the interfaces with an address are `eth0` (10.0.0.5)",
        );
        check(
            "ℓocalhost",
            Lang::Korean,
            "`ℓocalhost`은(는) 주소도, 이 컴퓨터의 네트워크 인터페이스도 아닙니다\n\n\
             hint: 혹시 `localhost`입니까?\n\
             hint: 주소가 있는 인터페이스: `eth0` (10.0.0.5)",
        );
    }
}
