//! The first words of TLS, just enough to hear whether a server speaks it. Nothing is encrypted,
//! and no certificate is judged.

/// A `ClientHello` (RFC 8446, section 4.1.2) for the host of a `Host` header. It offers no key
/// share, so that a server of TLS 1.3 asks to try again: it has answered.
pub(crate) fn hello(host_header: &str) -> Vec<u8> {
    let host = host_header.rsplit_once(':').map_or(host_header, |(host, _)| host);
    let mut extensions = Vec::new();
    // An address is no server name (RFC 6066, section 3).
    if host.parse::<std::net::Ipv4Addr>().is_err() && !host.starts_with('[') {
        let name = [&[0][..], &sized(2, host.as_bytes())].concat();
        extensions.extend(extension(0, &sized(2, &name)));
    }
    // supported_groups: x25519, secp256r1; signature_algorithms: ECDSA, RSA-PSS, RSA with SHA-256.
    extensions.extend(extension(10, &sized(2, &[0, 0x1d, 0, 0x17])));
    extensions.extend(extension(13, &sized(2, &[4, 3, 8, 4, 4, 1])));
    // supported_versions: 1.3, 1.2; key_share: none yet.
    extensions.extend(extension(43, &sized(1, &[3, 4, 3, 3])));
    extensions.extend(extension(51, &sized(2, &[])));

    let suites = [0x13, 1, 0x13, 2, 0x13, 3, 0xc0, 0x2b, 0xc0, 0x2f, 0xc0, 0x30, 0, 0x9c, 0, 0x2f];
    let random = [0x43; 32];
    let body = [
        &[3, 3][..],
        &random,
        &sized(1, &[]),
        &sized(2, &suites),
        &sized(1, &[0]),
        &sized(2, &extensions),
    ]
    .concat();
    let handshake = [&[1][..], &sized(3, &body)].concat();
    [&[0x16, 3, 1][..], &sized(2, &handshake)].concat()
}

/// Whether a page says that a plain request came to a port for TLS.
pub(crate) fn is_plain_refused(page: &str) -> bool {
    // nginx; Apache; Go, and Caddy with it; Node's proxies.
    [
        "HTTP request was sent to HTTPS",
        "speaking plain HTTP to an SSL-enabled",
        "HTTP request to an HTTPS server",
    ]
    .iter()
    .any(|words| page.contains(words))
}

fn extension(kind: u8, data: &[u8]) -> Vec<u8> {
    [&[0, kind][..], &sized(2, data)].concat()
}

/// The bytes after their length, which takes this many bytes itself.
fn sized(width: usize, bytes: &[u8]) -> Vec<u8> {
    let length = (bytes.len() as u32).to_be_bytes();
    [&length[4 - width..], bytes].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_add_up() {
        for host in ["localhost:8000", "192.168.1.20:443", "[::1]:8000", "a.example"] {
            let hello = hello(host);
            assert_eq!(hello[0], 0x16);
            assert_eq!(usize::from(u16::from_be_bytes([hello[3], hello[4]])), hello.len() - 5);
            assert_eq!(usize::from(hello[8]) + 256 * usize::from(hello[7]), hello.len() - 9);
            let named = hello.windows(9).any(|nine| nine == b"localhost");
            assert_eq!(named, host.starts_with("localhost"));
        }
    }
}
