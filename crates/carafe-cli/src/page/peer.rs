//! Whether a connection of this computer is this user's own.

use std::net::SocketAddr;

/// Whether the program at the other end of a connection runs as this user. Where the system does not
/// tell, nobody is.
pub(super) fn is_ours(remote: Option<SocketAddr>, local: Option<SocketAddr>) -> bool {
    #[cfg(target_os = "linux")]
    if let (Some(remote), Some(local)) = (remote, local) {
        use std::os::unix::fs::MetadataExt as _;
        let own = std::fs::metadata("/proc/self").map(|facts| facts.uid());
        let table = if remote.is_ipv4() { "/proc/net/tcp" } else { "/proc/net/tcp6" };
        let lines = std::fs::read_to_string(table).unwrap_or_default();
        return own.is_ok_and(|own| user(&lines, remote, local) == Some(own));
    }
    let _ = (remote, local);
    false
}

/// The user of the connection from `remote` to `local`, by the kernel's table of connections
/// (proc_pid_net(5)): number, local address, remote address, state, .., the user in the eighth column.
#[cfg(target_os = "linux")]
fn user(table: &str, remote: SocketAddr, local: SocketAddr) -> Option<u32> {
    let (remote, local) = (written(remote), written(local));
    table.lines().find_map(|line| {
        let mut columns = line.split_whitespace().skip(1);
        let is_it = columns.next()? == remote && columns.next()? == local;
        is_it.then(|| columns.nth(4)?.parse().ok())?
    })
}

/// An address as the table has it: words of 32 bits in this machine's order.
#[cfg(target_os = "linux")]
fn written(address: SocketAddr) -> String {
    let octets = match address.ip() {
        std::net::IpAddr::V4(ip) => ip.octets().to_vec(),
        std::net::IpAddr::V6(ip) => ip.octets().to_vec(),
    };
    let words = octets.chunks(4).map(|word| {
        let word = <[u8; 4]>::try_from(word).unwrap_or_default();
        format!("{:08X}", u32::from_ne_bytes(word))
    });
    format!("{}:{:04X}", words.collect::<String>(), address.port())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::net::{TcpListener, TcpStream};

    use super::*;

    #[test]
    fn knows_its_own_connections() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (_server, remote) = listener.accept().unwrap();
        assert!(is_ours(Some(remote), client.peer_addr().ok()));
        assert!(!is_ours(Some("127.0.0.1:1".parse().unwrap()), client.peer_addr().ok()));
        assert!(!is_ours(None, None));
    }

    #[test]
    fn reads_the_kernels_table() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n   \
            0: 0100007F:1388 0100007F:9C40 01 00000000:00000000 00:00000000 00000000  1000        0 5\n";
        let (remote, local) =
            ("127.0.0.1:5000".parse().unwrap(), "127.0.0.1:40000".parse().unwrap());
        let expected = if cfg!(target_endian = "little") { Some(1000) } else { None };
        assert_eq!(user(table, remote, local), expected);
        assert_eq!(user(table, local, remote), None);
    }
}
