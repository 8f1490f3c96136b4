//! The port on every address: which one, whether it is free, and the sockets on it.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use carafe_net::{Lang, is_free, next_free};
use socket2::{Domain, Protocol, Socket, Type};

use super::busy::{Busy, Step};
use super::place::{Machine, Place};
use super::{RunError, RunOptions, busy, refusals};
use crate::config::Port;
use crate::server::Listener;

/// How often another free port is asked for when one half of `localhost` has it and the other not.
const TRIES: usize = 32;

/// How often a taken port is talked over, before whoever takes it again and again has won.
const ROUNDS: usize = 16;

/// Opens the port that is asked for on all of the addresses that are not held already.
///
/// # Errors
/// Why it cannot, in words for people.
pub(super) fn open(
    places: &[Place],
    port: Port,
    options: &RunOptions,
    machine: &Machine,
    lang: Lang,
) -> Result<Vec<Listener>, RunError> {
    let mut port = port;
    let mut settling = busy::Settling::new(options, lang);
    for _ in 0..ROUNDS {
        let failure = match first_free(places, port) {
            Ok(listeners) => return Ok(listeners),
            Err(failure) => failure,
        };
        match (failure.error.kind(), port) {
            (io::ErrorKind::AddrInUse, Port::Number(number)) if number > 0 => {
                let ips: Vec<IpAddr> = places.iter().map(|place| place.ip).collect();
                match settling.settle(&Busy::look(&ips, number, &machine.system))? {
                    Step::Retry => {}
                    Step::Use(another) => port = Port::Number(another),
                }
            }
            _ => return Err(refusals::words(&failure, places, port, machine, lang)),
        }
    }
    Err(settling.lost(port))
}

/// The address that could not be had, and why.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) address: SocketAddr,
    pub(super) error: io::Error,
}

fn first_free(places: &[Place], port: Port) -> Result<Vec<Listener>, Failure> {
    if let Port::Number(number) = port {
        return if number == 0 { any(places) } else { exactly(places, number) };
    }
    let ports = port.candidates();
    let here = places.iter().map(|place| place.ip).filter(|ip| is_free(SocketAddr::new(*ip, 0)));
    let here: Vec<IpAddr> = here.collect();
    let mut from = *ports.start();
    while let Some(free) = next_free(&here, from).filter(|free| ports.contains(free)) {
        match exactly(places, free) {
            // Somebody was faster.
            Err(failure) if failure.error.kind() == io::ErrorKind::AddrInUse => {}
            opened => return opened,
        }
        match free.checked_add(1) {
            Some(next) => from = next,
            None => break,
        }
    }
    // None is free everywhere. One that is free where it is asked for will do, or the first tells why.
    let mut failure = None;
    for number in ports {
        match exactly(places, number) {
            Ok(opened) => return Ok(opened),
            Err(error) => failure = failure.or(Some(error)),
        }
    }
    Err(failure.unwrap_or_else(|| Failure::in_use(Ipv4Addr::UNSPECIFIED.into(), from)))
}

/// Whichever port the system gives, the same on all addresses.
fn any(places: &[Place]) -> Result<Vec<Listener>, Failure> {
    for _ in 1..TRIES {
        match exactly(places, 0) {
            // The port that the first address got is taken on the second.
            Err(failure) if failure.error.kind() == io::ErrorKind::AddrInUse => {}
            opened => return opened,
        }
    }
    exactly(places, 0)
}

/// This port on all addresses. With 0, all get the one that the first got.
fn exactly(places: &[Place], port: u16) -> Result<Vec<Listener>, Failure> {
    let mut port = port;
    let mut opened: Vec<Listener> = Vec::new();
    let mut missing = None;
    let held = places.iter().filter(|place| place.held).count();
    if port > 0 {
        probe(places, port)?;
    }
    for place in places.iter().filter(|place| !place.held) {
        let address = SocketAddr::new(place.ip, port);
        let failed = |error| Failure { address, error };
        match Listener::tcp(address) {
            Ok(listener) => {
                if port == 0 {
                    port = listener.address().map_err(failed)?.tcp().map_or(0, |own| own.port());
                    probe(places, port)?;
                }
                opened.push(listener);
            }
            Err(error) if place.optional && is_missing(&error) => {
                missing = missing.or(Some(failed(error)));
            }
            Err(error) => return Err(failed(error)),
        }
    }
    match missing {
        Some(failure) if opened.len() + held == 0 => Err(failure),
        _ => Ok(opened),
    }
}

/// Whether the machine lacks the address, or the whole of IPv6, which it says in one of several ways.
fn is_missing(error: &io::Error) -> bool {
    !matches!(error.kind(), io::ErrorKind::AddrInUse | io::ErrorKind::PermissionDenied)
}

impl Failure {
    fn in_use(ip: IpAddr, port: u16) -> Failure {
        let address = SocketAddr::new(ip, port);
        Failure { address, error: io::ErrorKind::AddrInUse.into() }
    }
}

/// Looks whether another program has the rest of `localhost`, when a part of it is to be ours: the
/// system lets two programs share that name, and a browser would meet now one, now the other.
fn probe(places: &[Place], port: u16) -> Result<(), Failure> {
    let ips: Vec<IpAddr> = places.iter().map(|place| place.ip).collect();
    match rest_of_localhost(&ips).find(|ip| is_taken(SocketAddr::new(*ip, port))) {
        Some(ip) => Err(Failure::in_use(ip, port)),
        None => Ok(()),
    }
}

const LOOPBACKS: [IpAddr; 2] = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
const WILDCARDS: [IpAddr; 2] =
    [IpAddr::V4(Ipv4Addr::UNSPECIFIED), IpAddr::V6(Ipv6Addr::UNSPECIFIED)];

/// The addresses that requests to `localhost` may meet and that binding ours does not look at.
///
/// On Linux an address cannot be had beside its wildcard, so the two loopbacks are all. macOS and
/// Windows let a program have 127.0.0.1 while another one has 0.0.0.0.
fn rest_of_localhost(ips: &[IpAddr]) -> impl Iterator<Item = IpAddr> {
    let has = |ip: &IpAddr| ips.contains(ip);
    let concerned = LOOPBACKS.iter().chain(&WILDCARDS).any(has);
    let covers_its_own = cfg!(any(target_os = "linux", target_os = "android"));
    let is_covered = |ip: &IpAddr| match ip {
        IpAddr::V4(_) => has(&WILDCARDS[0]) || has(&WILDCARDS[1]),
        IpAddr::V6(_) => has(&WILDCARDS[1]),
    };
    let wildcards: &[IpAddr] = if covers_its_own { &[] } else { &WILDCARDS };
    let rest = LOOPBACKS.iter().chain(wildcards).filter(|ip| {
        let ours = has(ip) || (covers_its_own && is_covered(ip));
        concerned && !ours
    });
    rest.copied().collect::<Vec<_>>().into_iter()
}

/// Whether a program listens there: found out by binding, and without listening for a moment
/// oneself. An address that this machine lacks is nobody's.
fn is_taken(address: SocketAddr) -> bool {
    let bind = || -> io::Result<()> {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
        #[cfg(unix)]
        socket.set_reuse_address(true)?;
        if address.is_ipv6() {
            socket.set_only_v6(true)?;
        }
        socket.bind(&address.into())
    };
    bind().is_err_and(|error| error.kind() == io::ErrorKind::AddrInUse)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    fn places(ips: &[&str]) -> Vec<Place> {
        let place = |ip: &&str| Place { ip: ip.parse().unwrap(), optional: false, held: false };
        ips.iter().map(place).collect()
    }

    fn port_of(listener: &Listener) -> u16 {
        listener.address().unwrap().tcp().unwrap().port()
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_rest_of_localhost() {
        let check = |ips: &[&str], wanted: &[&str]| {
            let ips: Vec<IpAddr> = ips.iter().map(|ip| ip.parse().unwrap()).collect();
            let rest: Vec<String> = rest_of_localhost(&ips).map(|ip| ip.to_string()).collect();
            assert_eq!(rest, wanted, "{ips:?}");
        };
        check(&["127.0.0.1", "::1"], &[]);
        check(&["127.0.0.1"], &["::1"]);
        check(&["::1"], &["127.0.0.1"]);
        check(&["0.0.0.0"], &["::1"]);
        check(&["0.0.0.0", "::1"], &[]);
        check(&["::"], &[]);
        check(&["192.0.2.1"], &[]);
        check(&["127.0.0.2"], &[]);
    }

    #[test]
    fn zero_is_one_port_for_all() {
        let opened = any(&places(&["127.0.0.1", "127.0.0.2", "::1"])).unwrap();
        let port = port_of(&opened[0]);
        assert!(port > 0 && opened.len() == 3);
        assert!(opened.iter().all(|listener| port_of(listener) == port));
    }

    #[test]
    fn a_program_on_the_other_half_of_localhost_is_noticed() {
        for (ours, theirs) in [("127.0.0.1", "[::1]:0"), ("::1", "127.0.0.1:0")] {
            let other = TcpListener::bind(theirs).unwrap().local_addr().unwrap();
            // Kept by nobody now, so that this one is free.
            assert!(exactly(&places(&[ours]), other.port()).is_ok());
            let other = TcpListener::bind(theirs).unwrap();
            let address = other.local_addr().unwrap();
            let failure = exactly(&places(&[ours]), address.port()).unwrap_err();
            assert_eq!(failure.error.kind(), io::ErrorKind::AddrInUse);
            assert_eq!(failure.address, address);
        }
    }

    #[test]
    fn a_range_gives_its_first_free_port() {
        // Three in a row, the first two taken.
        let (taken, first) = loop {
            let one = TcpListener::bind("127.0.0.1:0").unwrap();
            let first = one.local_addr().unwrap().port();
            let Some(last) = first.checked_add(2) else { continue };
            let Ok(two) = TcpListener::bind(("::1", first + 1)) else { continue };
            if next_free(&[], last) == Some(last) {
                break ([one, two], first);
            }
        };
        let range = Port::Range { first, last: first + 2 };
        let opened = first_free(&places(&["127.0.0.1"]), range).unwrap();
        assert_eq!(port_of(&opened[0]), first + 2);
        let failure = first_free(&places(&["127.0.0.1"]), range).unwrap_err();
        assert_eq!(failure.error.kind(), io::ErrorKind::AddrInUse);
        assert_eq!(failure.address.port(), first);
        drop(taken);
    }

    /// What is promised of all that happens before an app listens: most of it is not done at all
    /// unless something is in the way.
    #[test]
    fn takes_less_than_ten_milliseconds_among_many_sockets() {
        // As many as a process may open, nearly.
        let _others: Vec<TcpListener> =
            (0..800).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
        let options = RunOptions::default();
        let open = |places: &[Place], port: Port| {
            let began = std::time::Instant::now();
            open(places, port, &options, &Machine::this(), Lang::English).unwrap();
            began.elapsed()
        };
        let free = next_free(&[LOOPBACKS[0]], 20_000).unwrap();
        for (ips, port) in [
            (&["127.0.0.1", "::1"][..], Port::Number(free)),
            (&["127.0.0.1"], Port::Number(free)),
            (&["127.0.0.1", "::1"], Port::Auto),
            (&["0.0.0.0"], Port::Number(0)),
        ] {
            // The fastest of some: the machine does other things as well.
            let fastest = (0..9).map(|_| open(&places(ips), port)).min().unwrap();
            println!("{ips:?} {port}: {fastest:?}");
            assert!(fastest < std::time::Duration::from_millis(10), "{ips:?} {port}: {fastest:?}");
        }
    }

    #[test]
    fn an_optional_address_may_be_missing() {
        let foreign = "192.0.2.1".parse().unwrap();
        let mut both = places(&["127.0.0.1"]);
        both.push(Place { ip: foreign, optional: true, held: false });
        assert_eq!(any(&both).unwrap().len(), 1);
        both[1].optional = false;
        assert_eq!(any(&both).unwrap_err().address.ip(), foreign);
        assert!(any(&[Place { ip: foreign, optional: true, held: false }]).is_err());
    }
}
