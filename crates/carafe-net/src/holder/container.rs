//! Programs that hold a port in a container's stead, and what their arguments say.

use std::net::{IpAddr, SocketAddr};

use crate::{Process, System, process};

/// The short names of such programs, as the kernel (15 bytes) and `lsof` (9) cut them, and the
/// command that lists the containers behind them.
const PROXIES: &[(&str, &str)] = &[
    ("docker-proxy", "docker"),
    ("rootlesskit", "docker"),
    ("rootlesskit-doc", "docker"),
    ("com.docker.back", "docker"),
    ("com.docke", "docker"),
    ("vpnkit-bridge", "docker"),
    ("rootlessport", "podman"),
    ("rootlessport-ch", "podman"),
    ("pasta", "podman"),
    ("pasta.avx2", "podman"),
    ("slirp4netns", "podman"),
    ("gvproxy", "podman"),
];

/// Which tool knows the container behind this program, if it is such a one.
pub(super) fn engine(name: &str) -> Option<&'static str> {
    Some(PROXIES.iter().find(|(proxy, _)| *proxy == name)?.1)
}

/// Every process of Docker's that passes a port on.
pub(super) fn proxies(system: &System) -> Vec<Process> {
    let is_proxy = |pid: &u32| {
        let name = std::fs::read(system.path(format!("proc/{pid}/comm"))).unwrap_or_default();
        name.trim_ascii() == b"docker-proxy"
    };
    let pids = crate::process::all(system).into_iter().map(|(pid, _)| pid).filter(is_proxy);
    pids.filter_map(|pid| process(system, pid)).collect()
}

/// Whether these are the arguments of Docker's proxy for this address:
/// `docker-proxy -proto tcp -host-ip 0.0.0.0 -host-port 8000 -container-ip .. -container-port ..`
pub(super) fn publishes(command: &[String], address: SocketAddr) -> bool {
    let host = ip(command, "-host-ip");
    value(command, "-proto") == Some("tcp")
        && host.is_none_or(|ip| ip == address.ip())
        && port(command, "-host-port") == Some(address.port())
}

/// The container's address among these arguments.
pub(super) fn target(command: &[String]) -> Option<SocketAddr> {
    Some(SocketAddr::new(ip(command, "-container-ip")?, port(command, "-container-port")?))
}

fn ip(command: &[String], name: &str) -> Option<IpAddr> {
    value(command, name)?.parse().ok()
}

fn port(command: &[String], name: &str) -> Option<u16> {
    value(command, name)?.parse().ok()
}

fn value<'a>(command: &'a [String], name: &str) -> Option<&'a str> {
    let at = command.iter().position(|word| word == name)?;
    command.get(at + 1).map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn arguments_of_the_proxy() {
        let command = words(
            "/usr/bin/docker-proxy -proto tcp -host-ip 0.0.0.0 -host-port 8000 -container-ip \
             172.17.0.2 -container-port 80 -use-listen-fd",
        );
        let at = |address: &str| publishes(&command, address.parse().unwrap());
        assert!(at("0.0.0.0:8000"));
        assert!(!at("0.0.0.0:80"));
        assert!(!at("[::]:8000"));
        assert_eq!(target(&command), Some("172.17.0.2:80".parse().unwrap()));

        let udp = words("docker-proxy -proto udp -host-ip 0.0.0.0 -host-port 8000");
        assert!(!publishes(&udp, "0.0.0.0:8000".parse().unwrap()));
        assert_eq!(target(&udp), None);
        assert_eq!(target(&words("docker-proxy -container-ip")), None);
        let v6 = words("docker-proxy -container-ip fd00::2 -container-port 80");
        assert_eq!(target(&v6), Some("[fd00::2]:80".parse().unwrap()));
    }
}
