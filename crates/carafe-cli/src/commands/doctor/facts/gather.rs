//! Gathers the facts: what takes time runs at once, and each part has its own deadline.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::thread;

use carafe_net::{
    AddressKind, Holder, HolderKind, Interface, LinkKind, System, all_holders, holders, interfaces,
    lowest_open_port,
};

use super::super::question::{Client, Question, Wanted, host_header};
use super::super::senses::{Resolved, Senses};
use super::apps::App;
use super::firewall::Firewall;
use super::other_systems::Os;
use super::place::Place;
use super::probe::{Outcome, Target};
use super::resolve::in_hosts;
use super::routes::Routes;
use super::{Facts, is_own};

/// As many addresses are asked; a machine with more has many of a kind.
const MOST_ADDRESSES: usize = 64;

/// Finds out everything about what is wanted.
///
/// # Errors
///
/// The machine does not tell its own addresses.
pub(crate) fn gather(
    system: &System,
    senses: &dyn Senses,
    wanted: &Wanted,
) -> std::io::Result<Facts> {
    let interfaces = interfaces(system)?;
    let routes = Routes::read(system);
    thread::scope(|scope| {
        let firewall = scope.spawn(|| Firewall::ask(system, senses, Os::this()));
        let apps = senses.apps();
        let port = wanted.port.unwrap_or_else(|| only_port(&apps));
        let mut found = holders(system, port).map_err(|error| error.to_string());
        name_apps(found.as_deref_mut().unwrap_or_default(), &apps);
        let listeners = found.as_deref().unwrap_or_default();
        let mut question = question(wanted, port, listeners, &interfaces, &routes);

        let name = question.address().is_none().then(|| question.host.clone());
        let resolved = name.map(|name| scope.spawn(move || senses.resolve(&name)));
        let probes = probe_all(senses, &question, &own_addresses(&interfaces));
        let name = resolved.map(|thread| thread.join().unwrap_or(Resolved::Silent));
        let client = question.client;
        question.client = seen_from(client, wanted, name.as_ref());
        let hosts = in_hosts(system, &question.host);
        let nobody = listeners.is_empty();
        let mut facts = Facts {
            is_root: senses.is_root(),
            others: if nobody { all_holders(system).unwrap_or_default() } else { Vec::new() },
            place: Place::read(system, interfaces.iter().any(|one| one.name == "loopback0")),
            lowest_port: lowest_open_port(system),
            holders: found,
            asked: Vec::new(),
            arrived: None,
            firewall: firewall.join().unwrap_or_else(|_| Firewall::silent()),
            question,
            apps,
            outward: outward(&interfaces, &routes, towards(wanted, &routes), &[]),
            interfaces,
            routes,
            name,
            hosts,
            probes,
        };
        ask_as_the_url_does(senses, &mut facts);
        Ok(facts)
    })
}

/// The port of the only app that runs, else the usual one.
fn only_port(apps: &[App]) -> u16 {
    match apps {
        [app] => app.addresses.first().map_or(8000, SocketAddr::port),
        _ => 8000,
    }
}

/// Gives holders the names that their apps give themselves.
fn name_apps(holders: &mut [Holder], apps: &[App]) {
    for holder in holders {
        let pid = holder.process.as_ref().map(|process| process.pid);
        if let Some(app) = apps.iter().find(|app| Some(app.pid) == pid) {
            holder.kind = HolderKind::CarafeApp(app.name.clone());
        }
    }
}

/// What the command line leaves open is chosen so that it fits what listens: a program that
/// listens for the network is asked about from there.
fn question(
    wanted: &Wanted,
    port: u16,
    listeners: &[Holder],
    interfaces: &[Interface],
    routes: &Routes,
) -> Question {
    let for_network = |holder: &&Holder| !holder.address.ip().is_loopback();
    let from_outside = wanted.from.is_some_and(|from| !is_own(interfaces, from));
    let host = wanted.host.clone().unwrap_or_else(|| {
        let wide: Vec<IpAddr> =
            listeners.iter().filter(for_network).map(|holder| holder.address.ip()).collect();
        let address = (from_outside || !wide.is_empty())
            .then(|| outward(interfaces, routes, towards(wanted, routes), &wide))
            .flatten();
        address.map_or_else(|| "localhost".to_owned(), |address| address.to_string())
    });
    let client = match wanted.from {
        Some(from) if from_outside => Client::At(from),
        Some(_) => Client::ThisMachine,
        None if host == "localhost" => Client::ThisMachine,
        None => match host.parse::<IpAddr>() {
            Ok(address) if address.is_loopback() || address.is_unspecified() => Client::ThisMachine,
            _ => Client::Network,
        },
    };
    let from_given = wanted.from.is_some();
    Question { scheme: wanted.scheme, host, port, path: wanted.path.clone(), client, from_given }
}

/// The interface that leads to the client that was named.
fn towards<'a>(wanted: &Wanted, routes: &'a Routes) -> Option<&'a str> {
    wanted.from.and_then(|from| routes.to(from)).map(|(interface, _)| interface)
}

/// The address that others would use: of the interface that leads to them, else of the one that
/// leads to the internet, else of any real one.
fn outward(
    interfaces: &[Interface],
    routes: &Routes,
    towards: Option<&str>,
    listened: &[IpAddr],
) -> Option<IpAddr> {
    let main = towards.or(routes.default_interface());
    let rank = |interface: &Interface| match interface.kind {
        _ if Some(interface.name.as_str()) == towards => 0,
        // A VPN that leads to the internet is not where the phone is.
        LinkKind::Wifi | LinkKind::Cable if Some(interface.name.as_str()) == main => 1,
        LinkKind::Wifi | LinkKind::Cable => 2,
        LinkKind::Virtual | LinkKind::Other => 3,
        LinkKind::Vpn => 4,
        _ => 9,
    };
    let covered = |address: &IpAddr| {
        listened.is_empty()
            || listened.contains(address)
            || listened.contains(&Ipv6Addr::UNSPECIFIED.into())
            || (address.is_ipv4() && listened.contains(&Ipv4Addr::UNSPECIFIED.into()))
    };
    let mut found: Vec<(u8, bool, IpAddr)> = Vec::new();
    for interface in interfaces.iter().filter(|one| one.kind != LinkKind::Loopback) {
        let usable = |address: &&IpAddr| AddressKind::of(**address) != AddressKind::LinkLocal;
        let mine = interface.addresses.iter().filter(usable).filter(|one| covered(one));
        found.extend(mine.map(|address| (rank(interface), address.is_ipv6(), *address)));
    }
    found.sort_by_key(|(rank, v6, _)| (*rank, *v6));
    found.first().map(|(.., address)| *address)
}

/// A name may turn out to be this machine's loopback address.
fn seen_from(client: Client, wanted: &Wanted, name: Option<&Resolved>) -> Client {
    match name {
        Some(Resolved::Addresses(found)) if wanted.from.is_none() => {
            let all_loopback = !found.is_empty() && found.iter().all(IpAddr::is_loopback);
            if all_loopback { Client::ThisMachine } else { client }
        }
        _ => client,
    }
}

/// Both loopbacks, then every address that can be used without the name of its interface.
fn own_addresses(interfaces: &[Interface]) -> Vec<IpAddr> {
    let mut found: Vec<IpAddr> = vec![Ipv4Addr::LOCALHOST.into()];
    for address in interfaces.iter().flat_map(|interface| &interface.addresses) {
        let scoped = address.is_ipv6() && AddressKind::of(*address) == AddressKind::LinkLocal;
        if !scoped && !found.contains(address) {
            found.push(*address);
        }
    }
    found.sort_by_key(|address| !address.is_loopback());
    found.truncate(MOST_ADDRESSES);
    found
}

fn probe_all(
    senses: &dyn Senses,
    question: &Question,
    addresses: &[IpAddr],
) -> Vec<(IpAddr, Outcome)> {
    let target = |address: &IpAddr| Target {
        scheme: question.scheme,
        address: SocketAddr::new(*address, question.port),
        host_header: host_header(question.scheme, &address.to_string(), question.port),
        path: question.path.clone(),
    };
    let targets: Vec<Target> = addresses.iter().map(target).collect();
    probe_each(senses, &targets)
}

fn probe_each(senses: &dyn Senses, targets: &[Target]) -> Vec<(IpAddr, Outcome)> {
    thread::scope(|scope| {
        let running: Vec<_> =
            targets.iter().map(|target| scope.spawn(|| senses.probe(target))).collect();
        let outcome = |thread: thread::ScopedJoinHandle<'_, Outcome>| {
            thread.join().unwrap_or(Outcome::Silent)
        };
        targets
            .iter()
            .map(|target| target.address.ip())
            .zip(running.into_iter().map(outcome))
            .collect()
    })
}

/// Asks the URL's own addresses with its own host. An address that is not this machine's is not
/// asked: nothing leaves the machine.
fn ask_as_the_url_does(senses: &dyn Senses, facts: &mut Facts) {
    let question = &facts.question;
    let answers = |address: &IpAddr| {
        // What did not answer just now would only take its time again.
        let before = facts.probes.iter().find(|(probed, _)| probed == address);
        before.is_none_or(|(_, outcome)| matches!(outcome, Outcome::Answer(_) | Outcome::Tls))
    };
    let own =
        facts.meant().into_iter().filter(|address| facts.is_own(*address) && answers(address));
    let mark = mark();
    let proxied = facts.apps.first().filter(|_| facts.app().is_none() && facts.apps.len() == 1);
    let path = match proxied {
        Some(_) => with_query(&question.path, &format!("carafe-proxy-check={mark}")),
        None => question.path.clone(),
    };
    let target = |address: IpAddr| Target {
        scheme: question.scheme,
        address: SocketAddr::new(address, question.port),
        host_header: question.host_header(),
        path: path.clone(),
    };
    let targets: Vec<Target> = own.take(8).map(target).collect();
    let mut asked = Vec::new();
    let mut send = || asked = probe_each(senses, &targets);
    let arrived = match proxied {
        Some(app) if !targets.is_empty() => senses.watch(app, &mark, &mut send),
        _ => {
            send();
            None
        }
    };
    facts.asked = asked;
    facts.arrived = arrived;
}

/// What tells our request from others at the app.
fn mark() -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    format!("{:x}-{:x}", std::process::id(), now.unwrap_or_default().as_nanos())
}

fn with_query(path: &str, more: &str) -> String {
    let between = if path.contains('?') { '&' } else { '?' };
    format!("{path}{between}{more}")
}
