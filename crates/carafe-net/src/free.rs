//! Ports that are free, found out by binding them.

use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};

/// Whether a server could listen here now: found out by binding the address and letting go of it.
///
/// `false` as well for an address that this machine does not have, and for a port that needs more
/// rights. A port that waits in `TIME_WAIT` is free, as servers can listen on it.
pub fn is_free(address: SocketAddr) -> bool {
    TcpListener::bind(address).is_ok()
}

/// The lowest port from this one on that is free on all of these addresses, and on the wildcard
/// address and both loopbacks too, so that no second program answers on half of `localhost`.
///
/// `None` when there is none, or when this machine lacks one of the addresses.
pub fn next_free(ips: &[IpAddr], from: u16) -> Option<u16> {
    // Port 0 would bind, to another one.
    let from = from.max(1);
    if ips.iter().any(|ip| !is_free(SocketAddr::new(*ip, 0))) {
        return None;
    }
    let everywhere: [IpAddr; 4] = [
        Ipv4Addr::LOCALHOST.into(),
        Ipv6Addr::LOCALHOST.into(),
        Ipv4Addr::UNSPECIFIED.into(),
        Ipv6Addr::UNSPECIFIED.into(),
    ];
    let fits = |port: &u16| {
        let on = |ip: IpAddr| SocketAddr::new(ip, *port);
        everywhere.iter().all(|ip| !is_refused(on(*ip))) && ips.iter().all(|ip| is_free(on(*ip)))
    };
    (from..=u16::MAX).find(fits)
}

/// Whether someone has the address, or may not be given to us. One that the machine lacks, such as
/// `::1` without IPv6, is nobody's.
fn is_refused(address: SocketAddr) -> bool {
    let refusal = |error: std::io::Error| {
        matches!(error.kind(), ErrorKind::AddrInUse | ErrorKind::PermissionDenied)
    };
    TcpListener::bind(address).err().is_some_and(refusal)
}

#[cfg(test)]
mod tests {
    use super::*;

    const V4: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    #[test]
    fn passes_by_what_is_taken_anywhere() {
        for taken in ["127.0.0.1:0", "0.0.0.0:0", "[::1]:0", "[::]:0"] {
            let listener = TcpListener::bind(taken).unwrap();
            let port = listener.local_addr().unwrap().port();
            let next = next_free(&[V4], port).unwrap();
            assert!(next > port, "{taken}");
            assert!(is_free(SocketAddr::new(V4, next)));
        }
    }

    #[test]
    fn a_port_that_is_let_go_is_free() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        assert!(!is_free(address));
        drop(listener);
        assert!(is_free(address));
    }

    #[test]
    fn an_address_of_another_machine_has_no_free_port() {
        assert_eq!(next_free(&["192.0.2.1".parse().unwrap()], 8000), None);
        assert_eq!(next_free(&[], 0).map(|port| port > 0), Some(true));
    }
}
