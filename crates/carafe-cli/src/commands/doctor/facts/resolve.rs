//! What a name stands for, asked of the system's own resolver as any program does.

use std::net::{IpAddr, ToSocketAddrs};
use std::time::Duration;

use carafe_net::System;

use super::super::senses::{Resolved, within};

/// Asks the system's resolver: `/etc/hosts` first on most machines, then its name servers.
pub(crate) fn resolve(name: &str) -> Resolved {
    let name = name.to_owned();
    let asked = within(Duration::from_secs(1), move || {
        let found = (name.as_str(), 0).to_socket_addrs();
        found.map(|found| found.map(|address| address.ip()).collect::<Vec<_>>())
    });
    match asked {
        None => Resolved::Silent,
        Some(Err(error)) => Resolved::Unknown(error.to_string()),
        Some(Ok(addresses)) => {
            let mut once: Vec<IpAddr> = Vec::new();
            for address in addresses {
                if !once.contains(&address) {
                    once.push(address);
                }
            }
            Resolved::Addresses(once)
        }
    }
}

/// The addresses that `/etc/hosts` has for the name.
pub(crate) fn in_hosts(system: &System, name: &str) -> Vec<IpAddr> {
    let text = std::fs::read_to_string(system.path("etc/hosts")).unwrap_or_default();
    let address = |line: &str| {
        let mut words = line.split('#').next()?.split_whitespace();
        let address = words.next()?.parse().ok()?;
        words.any(|word| word.eq_ignore_ascii_case(name)).then_some(address)
    };
    text.lines().filter_map(address).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_hosts() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("etc")).unwrap();
        let hosts = "127.0.0.1 localhost\n::1\tLocalhost ip6-localhost # both\n# 10.0.0.1 shop\nx shop\n127.0.1.1 shop.local shop\n";
        std::fs::write(folder.path().join("etc/hosts"), hosts).unwrap();
        let system = System::at(folder.path());
        let check = |name: &str, want: &[&str]| {
            let want: Vec<IpAddr> = want.iter().map(|address| address.parse().unwrap()).collect();
            assert_eq!(in_hosts(&system, name), want, "{name}");
        };
        check("localhost", &["127.0.0.1", "::1"]);
        check("shop", &["127.0.1.1"]);
        check("both", &[]);
    }

    #[test]
    fn an_address_stands_for_itself() {
        let own = Resolved::Addresses(vec![[127, 0, 0, 1].into()]);
        assert_eq!(resolve("127.0.0.1"), own);
    }
}
