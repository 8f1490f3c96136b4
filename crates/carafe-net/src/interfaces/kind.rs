//! [`LinkKind`]: Wi-Fi, cable, VPN, a bridge of containers: told from `/sys/class/net`, and from
//! the name where that says nothing.

use std::fs;
use std::path::PathBuf;

use crate::{Lang, System};

/// What an interface is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LinkKind {
    /// This computer alone.
    Loopback,
    /// A radio network.
    Wifi,
    /// A network card, also that of a virtual machine.
    Cable,
    /// A tunnel, such as those of WireGuard, OpenVPN and Tailscale.
    Vpn,
    /// The network between this computer and containers or virtual machines on it.
    ContainerBridge,
    /// An end of a pair, and other interfaces without hardware: a container's own, for one.
    Virtual,
    /// The system does not tell.
    Other,
}

impl LinkKind {
    /// A word or two for people.
    pub fn name(self, lang: Lang) -> &'static str {
        match self {
            LinkKind::Loopback => lang.pick("this computer", "이 컴퓨터"),
            LinkKind::Wifi => "Wi-Fi",
            LinkKind::Cable => lang.pick("cable", "유선"),
            LinkKind::Vpn => "VPN",
            LinkKind::ContainerBridge => lang.pick("container bridge", "컨테이너 브리지"),
            LinkKind::Virtual => lang.pick("virtual network", "가상 네트워크"),
            LinkKind::Other => lang.pick("network", "네트워크"),
        }
    }
}

impl LinkKind {
    /// Who can reach a private address of such an interface, where the interface tells it better
    /// than the address; in a sentence without its full stop, as
    /// [`AddressKind::reach`](crate::AddressKind::reach).
    pub fn reach(self, lang: Lang) -> Option<&'static str> {
        match self {
            LinkKind::Vpn => Some(
                lang.pick("devices in the same VPN", "같은 VPN에 연결된 기기가 접속할 수 있습니다"),
            ),
            LinkKind::ContainerBridge => Some(lang.pick(
                "containers and virtual machines on this computer",
                "이 컴퓨터의 컨테이너와 가상 머신이 접속할 수 있습니다",
            )),
            _ => None,
        }
    }
}

/// Beginnings of names that tell the kind where `/sys` cannot, as on other systems.
const NAMES: &[(&str, LinkKind)] = &[
    ("docker", LinkKind::ContainerBridge),
    ("br-", LinkKind::ContainerBridge),
    ("virbr", LinkKind::ContainerBridge),
    ("podman", LinkKind::ContainerBridge),
    ("cni", LinkKind::ContainerBridge),
    ("lxcbr", LinkKind::ContainerBridge),
    ("lxdbr", LinkKind::ContainerBridge),
    ("incusbr", LinkKind::ContainerBridge),
    // Windows: Hyper-V's switches, WSL's among them.
    ("vEthernet", LinkKind::ContainerBridge),
    // macOS: containers and virtual machines, or a shared connection.
    ("bridge", LinkKind::ContainerBridge),
    ("wg", LinkKind::Vpn),
    ("tailscale", LinkKind::Vpn),
    ("Tailscale", LinkKind::Vpn),
    ("utun", LinkKind::Vpn),
    ("tun", LinkKind::Vpn),
    ("zt", LinkKind::Vpn),
    ("ppp", LinkKind::Vpn),
    ("veth", LinkKind::Virtual),
    ("vnet", LinkKind::Virtual),
    ("dummy", LinkKind::Virtual),
    ("awdl", LinkKind::Virtual),
    ("llw", LinkKind::Virtual),
    ("Loopback", LinkKind::Loopback),
    ("Wi-Fi", LinkKind::Wifi),
    ("wlan", LinkKind::Wifi),
    ("wlp", LinkKind::Wifi),
    ("wlx", LinkKind::Wifi),
    ("eth", LinkKind::Cable),
    ("Ethernet", LinkKind::Cable),
    ("enp", LinkKind::Cable),
    ("eno", LinkKind::Cable),
    ("ens", LinkKind::Cable),
];

/// What `/sys/class/net/NAME` holds; nothing where there is no such folder.
pub(super) struct Facts {
    folder: PathBuf,
}

impl Facts {
    pub(super) fn read(system: &System, name: &str) -> Facts {
        Facts { folder: system.path("sys/class/net").join(name) }
    }

    /// Switched on, and not without a connection. What tells nothing is taken as up: it has
    /// addresses.
    pub(super) fn up(&self) -> bool {
        // IFF_UP
        let on = self.hexadecimal("flags").is_none_or(|flags| flags & 1 != 0);
        let state = self.text("operstate").unwrap_or_default();
        on && !matches!(state.as_str(), "down" | "lowerlayerdown" | "notpresent" | "dormant")
    }

    pub(super) fn kind(&self, name: &str) -> LinkKind {
        let by_name = || NAMES.iter().find(|(start, _)| name.starts_with(start)).map(|(_, k)| *k);
        if !self.folder.is_dir() {
            let loopback = name == "lo" || name == "lo0";
            return if loopback {
                LinkKind::Loopback
            } else {
                by_name().unwrap_or(LinkKind::Other)
            };
        }
        self.by_type()
            .or_else(|| self.by_driver())
            .or_else(|| self.has("device").then_some(LinkKind::Cable))
            .or_else(|| self.is_one_of_a_pair().then_some(LinkKind::Virtual))
            .or_else(by_name)
            .unwrap_or(LinkKind::Virtual)
    }

    /// By the kind of its hardware, `ARPHRD_*` of `if_arp.h`.
    fn by_type(&self) -> Option<LinkKind> {
        match self.text("type")?.parse::<u32>().ok()? {
            772 => Some(LinkKind::Loopback),
            // Tunnels of IP in IP, IPv6 in IPv4, GRE.
            768 | 769 | 776 | 778 | 823 => Some(LinkKind::Vpn),
            801..=803 => Some(LinkKind::Wifi),
            _ => None,
        }
    }

    /// By what its driver shows.
    fn by_driver(&self) -> Option<LinkKind> {
        if self.has("wireless") || self.has("phy80211") {
            return Some(LinkKind::Wifi);
        }
        if let Some(flags) = self.hexadecimal("tun_flags") {
            // IFF_TAP: the network card of a virtual machine. IFF_TUN: a tunnel.
            let tap = flags & 2 != 0;
            return Some(if tap { LinkKind::Virtual } else { LinkKind::Vpn });
        }
        if self.has("bridge") {
            return Some(self.bridge());
        }
        let events = self.text("uevent").unwrap_or_default();
        let of_device = events.lines().find_map(|line| line.strip_prefix("DEVTYPE="));
        match of_device? {
            "wlan" => Some(LinkKind::Wifi),
            "wireguard" => Some(LinkKind::Vpn),
            "bridge" => Some(self.bridge()),
            // Over one card or several.
            "bond" | "vlan" => Some(LinkKind::Cable),
            "wwan" | "bluetooth" => Some(LinkKind::Other),
            _ => None,
        }
    }

    /// A bridge with a network card in it stands for that card; one without is for containers.
    fn bridge(&self) -> LinkKind {
        let ports = fs::read_dir(self.folder.join("brif")).into_iter().flatten().flatten();
        let mut cards = ports
            .filter(|port| self.folder.with_file_name(port.file_name()).join("device").exists());
        if cards.next().is_some() { LinkKind::Cable } else { LinkKind::ContainerBridge }
    }

    /// Whether its other end is another interface, as of a `veth`.
    fn is_one_of_a_pair(&self) -> bool {
        let (own, other) = (self.text("ifindex"), self.text("iflink"));
        own.is_some() && other.is_some() && own != other
    }

    fn has(&self, file: &str) -> bool {
        self.folder.join(file).exists()
    }

    fn text(&self, file: &str) -> Option<String> {
        Some(fs::read_to_string(self.folder.join(file)).ok()?.trim().to_owned())
    }

    /// `0x1003`
    fn hexadecimal(&self, file: &str) -> Option<u32> {
        u32::from_str_radix(self.text(file)?.trim_start_matches("0x"), 16).ok()
    }
}
