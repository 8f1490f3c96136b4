//! Which kind a network interface has.

use carafe_net::{LinkKind, interfaces};

use crate::machine::Machine;

/// An interface in `/sys/class/net`, by its files. `X/` is a folder.
fn check(kind: LinkKind, name: &str, files: &[(&str, &str)]) {
    let machine = Machine::new();
    for (file, text) in files {
        let path = format!("sys/class/net/{name}/{file}");
        match path.strip_suffix('/') {
            Some(folder) => machine.file(&format!("{folder}/x"), ""),
            None => machine.file(&path, text),
        }
    }
    machine.file("addresses", &format!("{name} 10.0.0.1\n"));
    let found = interfaces(&machine.system).unwrap();
    assert_eq!((found[0].name.as_str(), found[0].kind), (name, kind), "{files:?}");
}

#[test]
fn by_what_the_system_shows() {
    use LinkKind::*;
    let ether = ("type", "1\n");
    check(Loopback, "lo", &[("type", "772\n"), ("flags", "0x9\n")]);
    check(Wifi, "wlp3s0", &[ether, ("device/", ""), ("wireless/", "")]);
    check(Wifi, "net0", &[ether, ("device/", ""), ("phy80211/", "")]);
    check(Wifi, "ap0", &[ether, ("uevent", "DEVTYPE=wlan\nINTERFACE=ap0\n")]);
    check(Cable, "enp0s31f6", &[ether, ("device/", ""), ("uevent", "INTERFACE=enp0s31f6\n")]);
    check(Cable, "bond0", &[ether, ("uevent", "DEVTYPE=bond\n")]);
    check(Cable, "eth0.7", &[ether, ("uevent", "DEVTYPE=vlan\n")]);
    check(Vpn, "office", &[("type", "65534\n"), ("uevent", "DEVTYPE=wireguard\n")]);
    check(Vpn, "net9", &[("type", "65534\n"), ("tun_flags", "0x1001\n")]);
    check(Vpn, "sit0", &[("type", "776\n")]);
    check(Virtual, "tap0", &[ether, ("tun_flags", "0x5002\n")]);
    check(Virtual, "veth12ab", &[ether, ("ifindex", "7\n"), ("iflink", "6\n")]);
    // A container's own card is an end of such a pair, whatever its name.
    check(Virtual, "eth0", &[ether, ("ifindex", "7\n"), ("iflink", "6\n")]);
    check(Virtual, "ifb0", &[ether, ("ifindex", "7\n"), ("iflink", "7\n")]);
    check(Other, "wwan0", &[("type", "65534\n"), ("uevent", "DEVTYPE=wwan\n")]);
    check(ContainerBridge, "docker0", &[ether, ("bridge/", "")]);
    check(ContainerBridge, "br-1f2e", &[ether, ("uevent", "DEVTYPE=bridge\n")]);
}

#[test]
fn a_bridge_is_what_is_in_it() {
    let machine = Machine::new();
    let kind = || interfaces(&machine.system).unwrap()[0].kind;
    machine.file("addresses", "br0 192.168.0.7\n");
    machine.file("sys/class/net/br0/bridge/x", "");
    machine.file("sys/class/net/br0/brif/vnet3/x", "");
    machine.file("sys/class/net/vnet3/type", "1\n");
    assert_eq!(kind(), LinkKind::ContainerBridge);
    machine.file("sys/class/net/br0/brif/eno1/x", "");
    machine.file("sys/class/net/eno1/device/x", "");
    assert_eq!(kind(), LinkKind::Cable);
}

#[test]
fn by_the_name_where_the_system_shows_nothing() {
    use LinkKind::*;
    let names = [
        ("lo", Loopback),
        ("lo0", Loopback),
        ("docker0", ContainerBridge),
        ("br-1f2e", ContainerBridge),
        ("virbr0", ContainerBridge),
        ("podman1", ContainerBridge),
        ("cni-podman0", ContainerBridge),
        ("vEthernet (WSL)", ContainerBridge),
        ("veth12ab", Virtual),
        ("wg0", Vpn),
        ("tailscale0", Vpn),
        ("utun3", Vpn),
        ("wlan0", Wifi),
        ("Wi-Fi", Wifi),
        ("eth0", Cable),
        ("Ethernet 2", Cable),
        // A Mac's first one may be either.
        ("en0", Other),
    ];
    for (name, kind) in names {
        check(kind, name, &[]);
    }
}

#[test]
fn all_interfaces_in_the_systems_order() {
    let machine = Machine::new();
    machine.file(
        "proc/net/dev",
        "Inter-|   Receive                   |  Transmit\n face |bytes    packets\n    \
         lo: 1 2\n  wlan0: 3 4\ndocker0:5 6\neth0:0: 1\n",
    );
    machine.file("addresses", "lo 127.0.0.1\nwlan0 192.168.0.7\nwlan0 fe80::1\nlo ::1\nlo ::1\n");
    machine.file("sys/class/net/wlan0/flags", "0x1003\n");
    machine.file("sys/class/net/wlan0/operstate", "up\n");
    machine.file("sys/class/net/docker0/flags", "0x1003\n");
    machine.file("sys/class/net/docker0/operstate", "down\n");
    machine.file("sys/class/net/eth0:0/flags", "0x1002\n");
    machine.file("sys/class/net/eth0:0/operstate", "unknown\n");
    let found = interfaces(&machine.system).unwrap();
    let rows = found.iter().map(|one| {
        let addresses: Vec<String> = one.addresses.iter().map(ToString::to_string).collect();
        format!("{} {} {}", one.name, one.up, addresses.join(" "))
    });
    let expected = [
        "lo true 127.0.0.1 ::1",
        "wlan0 true 192.168.0.7 fe80::1",
        "docker0 false ",
        "eth0:0 false ",
    ];
    assert!(rows.eq(expected), "{found:#?}");
}

#[test]
fn this_machine_has_a_loopback() {
    let found = interfaces(&carafe_net::System::this()).unwrap();
    let loopback = found.iter().find(|one| one.kind == LinkKind::Loopback).unwrap();
    assert!(loopback.up);
    assert!(loopback.addresses.contains(&"127.0.0.1".parse().unwrap()), "{found:#?}");
}
