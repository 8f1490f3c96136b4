//! [`Facts`]: all that is known, gathered within three seconds. Nothing here judges, and nothing
//! changes anything.

pub(crate) mod apps;
pub(crate) mod firewall;
mod gather;
pub(crate) mod other_systems;
pub(crate) mod place;
pub(crate) mod probe;
pub(crate) mod resolve;
pub(crate) mod routes;
mod tls;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use carafe_net::{Holder, Interface};

use self::apps::App;
use self::firewall::Firewall;
use self::place::Place;
use self::probe::Outcome;
use self::routes::Routes;
use super::question::Question;
use super::senses::Resolved;

pub(crate) use self::gather::gather;

/// All that is known.
#[derive(Clone, Debug)]
pub(crate) struct Facts {
    pub(crate) question: Question,
    pub(crate) is_root: bool,
    pub(crate) apps: Vec<App>,
    pub(crate) interfaces: Vec<Interface>,
    pub(crate) routes: Routes,
    /// The address of this machine that others would open.
    pub(crate) outward: Option<IpAddr>,
    /// Who listens on the port, or why that cannot be told.
    pub(crate) holders: Result<Vec<Holder>, String>,
    /// Who listens on other ports; gathered when nobody does on this one.
    pub(crate) others: Vec<Holder>,
    /// What the URL's name stands for; `None` for an address.
    pub(crate) name: Option<Resolved>,
    /// What `/etc/hosts` has for the name.
    pub(crate) hosts: Vec<IpAddr>,
    /// Each of this machine's addresses, asked with itself as the host.
    pub(crate) probes: Vec<(IpAddr, Outcome)>,
    /// The addresses that the URL's host stands for, asked with that host.
    pub(crate) asked: Vec<(IpAddr, Outcome)>,
    /// The app's own account of the request that came through a proxy.
    pub(crate) arrived: Option<serde_json::Value>,
    pub(crate) firewall: Firewall,
    pub(crate) place: Place,
    /// Below it, ports are for programs with more rights.
    pub(crate) lowest_port: u16,
}

impl Facts {
    /// Whether the address is this machine's own.
    pub(crate) fn is_own(&self, address: IpAddr) -> bool {
        is_own(&self.interfaces, address)
    }

    /// The interface that has the address.
    pub(crate) fn interface_of(&self, address: IpAddr) -> Option<&Interface> {
        self.interfaces.iter().find(|interface| interface.addresses.contains(&address))
    }

    /// What the URL's host stands for: itself, or what the resolver says.
    pub(crate) fn meant(&self) -> Vec<IpAddr> {
        match (&self.name, self.question.address()) {
            (_, Some(address)) => vec![address],
            (Some(Resolved::Addresses(found)), None) => found.clone(),
            _ => Vec::new(),
        }
    }

    /// What one of this machine's addresses answered: to the URL's host where that was asked.
    pub(crate) fn outcome(&self, address: IpAddr) -> Option<&Outcome> {
        let mut all = self.asked.iter().chain(&self.probes);
        all.find(|(asked, _)| *asked == address).map(|(_, outcome)| outcome)
    }

    /// The app that listens on the port, where one says that it does.
    pub(crate) fn app(&self) -> Option<&App> {
        let holders = self.holders.as_deref().unwrap_or_default();
        let pids: Vec<u32> =
            holders.iter().filter_map(|holder| Some(holder.process.as_ref()?.pid)).collect();
        let port = self.question.port;
        let mut here =
            self.apps.iter().filter(|app| app.addresses.iter().any(|one| one.port() == port));
        // Without the holder's process, what the app says of itself has to do.
        here.find(|app| pids.is_empty() || pids.contains(&app.pid))
    }

    /// Whether something listens on the address, or on all of its family.
    pub(crate) fn is_listened_on(&self, address: IpAddr) -> bool {
        let any: IpAddr = match address {
            IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
            IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
        };
        self.listens_on().iter().any(|one| one.ip() == address || one.ip() == any)
    }

    /// Where anything listens on the port.
    pub(crate) fn listens_on(&self) -> Vec<SocketAddr> {
        let holders = self.holders.as_deref().unwrap_or_default();
        holders.iter().map(|holder| holder.address).collect()
    }
}

/// Whether one of these interfaces has the address; all of `127.0.0.0/8` is this machine's.
pub(crate) fn is_own(interfaces: &[Interface], address: IpAddr) -> bool {
    address.is_loopback()
        || interfaces.iter().any(|interface| interface.addresses.contains(&address))
}
