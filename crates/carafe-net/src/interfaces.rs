//! The network interfaces of this machine and their addresses.

mod kind;

use std::io;
use std::net::IpAddr;

use self::kind::Facts;
use crate::System;

pub use self::kind::LinkKind;

/// A network interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    /// Its name, such as `eth0`.
    pub name: String,
    /// What it is, as far as the system says.
    pub kind: LinkKind,
    /// Whether it is switched on and connected. A bridge of containers of which none runs is not,
    /// and still answers this machine at its own addresses.
    pub up: bool,
    /// Its addresses. Those of link-local IPv6 need the interface's name to be used.
    pub addresses: Vec<IpAddr>,
}

/// The network interfaces, in the system's order, those without an address included.
///
/// A made-up machine has the addresses that its file `addresses` lists, a line each such as
/// `eth0 192.168.0.7`, as no file of a real one does.
///
/// # Errors
///
/// The system does not tell its addresses.
pub fn interfaces(system: &System) -> io::Result<Vec<Interface>> {
    let addresses = if system.is_this() { addresses_here()? } else { addresses_in_file(system)? };
    let mut found: Vec<Interface> = Vec::new();
    for name in names(system).into_iter().chain(addresses.iter().map(|(name, _)| name.clone())) {
        if found.iter().all(|interface| interface.name != name) {
            let facts = Facts::read(system, &name);
            let (kind, up) = (facts.kind(&name), facts.up());
            found.push(Interface { name, kind, up, addresses: Vec::new() });
        }
    }
    for (name, ip) in addresses {
        if let Some(interface) = found.iter_mut().find(|interface| interface.name == name)
            && !interface.addresses.contains(&ip)
        {
            interface.addresses.push(ip);
        }
    }
    Ok(found)
}

/// `name: bytes ..` below two lines of headings; in this network namespace, which `/sys` need
/// not show. Empty on systems that are not Linux.
fn names(system: &System) -> Vec<String> {
    let text = std::fs::read_to_string(system.path("proc/net/dev")).unwrap_or_default();
    let name = |line: &str| Some(line.rsplit_once(':')?.0.trim().to_owned());
    text.lines().skip(2).filter_map(name).collect()
}

fn addresses_here() -> io::Result<Vec<(String, IpAddr)>> {
    let found = if_addrs::get_if_addrs()?;
    Ok(found.into_iter().map(|one| (one.name.clone(), one.ip())).collect())
}

fn addresses_in_file(system: &System) -> io::Result<Vec<(String, IpAddr)>> {
    let text = match std::fs::read_to_string(system.path("addresses")) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        text => text?,
    };
    let address = |line: &str| {
        let (name, ip) = line.trim().rsplit_once(' ')?;
        Some((name.to_owned(), ip.parse().ok()?))
    };
    Ok(text.lines().filter_map(address).collect())
}
