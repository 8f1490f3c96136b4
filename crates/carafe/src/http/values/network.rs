//! [`IpNetwork`]: an address, or all that begin with the same bits.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use super::InvalidValue;

/// Addresses that begin with the same bits, such as `10.0.0.0/8`; a single one, such as `::1`, is a
/// network of its own.
///
/// ```
/// use carafe::http::values::IpNetwork;
///
/// let network: IpNetwork = "10.0.0.0/8".parse().unwrap();
/// assert!(network.contains("10.1.2.3".parse().unwrap()));
/// // What a socket of both families calls an IPv4 address is the same address.
/// assert!(network.contains("::ffff:10.1.2.3".parse().unwrap()));
/// assert!("10.0.0.1/8".parse::<IpNetwork>().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IpNetwork {
    base: IpAddr,
    length: u8,
}

impl IpNetwork {
    /// The network of `length` bits that holds `address`; `None` when an address has fewer bits
    /// (32 or 128).
    pub fn around(address: IpAddr, length: u8) -> Option<IpNetwork> {
        let (base, length) = match (address.to_canonical(), address) {
            // `::ffff:10.0.0.0/104` is `10.0.0.0/8`.
            (base @ IpAddr::V4(_), IpAddr::V6(_)) if length >= 96 => (base, length - 96),
            (_, address) => (address, length),
        };
        let base = match base {
            IpAddr::V4(ip) if length <= 32 => {
                let mask = u32::MAX.checked_shl(32 - u32::from(length)).unwrap_or(0);
                IpAddr::from((u32::from(ip) & mask).to_be_bytes())
            }
            IpAddr::V6(ip) if length <= 128 => {
                let mask = u128::MAX.checked_shl(128 - u32::from(length)).unwrap_or(0);
                IpAddr::from((u128::from(ip) & mask).to_be_bytes())
            }
            _ => return None,
        };
        Some(IpNetwork { base, length })
    }

    /// Whether the address is in the network. An IPv4 address in its IPv6 form is that address.
    pub fn contains(&self, address: IpAddr) -> bool {
        let length = u32::from(self.length);
        match (self.base, address.to_canonical()) {
            (IpAddr::V4(base), IpAddr::V4(ip)) => {
                (u32::from(base) ^ u32::from(ip)).leading_zeros() >= length
            }
            (IpAddr::V6(base), IpAddr::V6(ip)) => {
                (u128::from(base) ^ u128::from(ip)).leading_zeros() >= length
            }
            _ => false,
        }
    }
}

impl From<IpAddr> for IpNetwork {
    fn from(address: IpAddr) -> IpNetwork {
        let base = address.to_canonical();
        IpNetwork { base, length: if base.is_ipv4() { 32 } else { 128 } }
    }
}

/// An address, or an address and a length whose further bits are all zero.
impl FromStr for IpNetwork {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<IpNetwork, InvalidValue> {
        let invalid = || InvalidValue::new("an address or a network such as `10.0.0.0/8`", text);
        let Some((address, length)) = text.split_once('/') else {
            return text.parse::<IpAddr>().map(IpNetwork::from).map_err(|_| invalid());
        };
        let address: IpAddr = address.parse().map_err(|_| invalid())?;
        // `+8` and `08` parse as numbers, too.
        let plain = length.bytes().all(|byte| byte.is_ascii_digit());
        let plain = plain && (length == "0" || !length.starts_with('0'));
        let length: u8 = length.parse().ok().filter(|_| plain).ok_or_else(invalid)?;
        let network = IpNetwork::around(address, length).ok_or_else(invalid)?;
        if network.base != address.to_canonical() && network.base != address {
            return Err(InvalidValue::new("a network: bits of it are set past its length", text));
        }
        Ok(network)
    }
}

impl fmt::Display for IpNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.base, self.length) {
            (IpAddr::V4(ip), 32) => write!(f, "{ip}"),
            (IpAddr::V6(ip), 128) => write!(f, "{ip}"),
            (base, length) => write!(f, "{base}/{length}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts() {
        let check = |text: &str, expected: Option<&str>| {
            let shown = text.parse::<IpNetwork>().ok().map(|network| network.to_string());
            assert_eq!(shown.as_deref(), expected, "{text:?}");
        };
        check("10.0.0.0/8", Some("10.0.0.0/8"));
        check("127.0.0.1", Some("127.0.0.1"));
        check("127.0.0.1/32", Some("127.0.0.1"));
        check("0.0.0.0/0", Some("0.0.0.0/0"));
        check("::/0", Some("::/0"));
        check("::1", Some("::1"));
        check("fd00::/8", Some("fd00::/8"));
        check("2001:DB8::/32", Some("2001:db8::/32"));
        check("::ffff:10.0.0.1", Some("10.0.0.1"));
        check("::ffff:10.0.0.0/104", Some("10.0.0.0/8"));
        check("10.0.0.1/8", None);
        check("fd00::1/8", None);
        check("10.0.0.0/33", None);
        check("::/129", None);
        check("::/256", None);
        check("10.0.0.0/", None);
        check("10.0.0.0/+8", None);
        check("10.0.0.0/08", None);
        check("10.0.0.0/-1", None);
        check("10.0.0.0/8/8", None);
        check("10.0.0", None);
        check("010.0.0.0/8", None);
        check("[::1]", None);
        check("fe80::1%eth0", None);
        check("localhost", None);
        check("*", None);
        check("", None);
        check(" ::1", None);
    }

    #[test]
    fn members() {
        let check = |network: &str, address: &str, is| {
            let network: IpNetwork = network.parse().unwrap();
            assert_eq!(network.contains(address.parse().unwrap()), is, "{address} in {network}");
        };
        check("10.0.0.0/8", "10.255.255.255", true);
        check("10.0.0.0/8", "11.0.0.0", false);
        check("10.0.0.0/8", "9.255.255.255", false);
        check("172.16.0.0/12", "172.31.255.255", true);
        check("172.16.0.0/12", "172.32.0.0", false);
        check("127.0.0.1", "127.0.0.1", true);
        check("127.0.0.1", "127.0.0.2", false);
        check("127.0.0.1", "::ffff:127.0.0.1", true);
        check("0.0.0.0/0", "203.0.113.9", true);
        check("0.0.0.0/0", "::1", false);
        check("::/0", "::1", true);
        check("::/0", "10.0.0.1", false);
        check("::/0", "::ffff:10.0.0.1", false);
        check("fd00::/8", "fdff::1", true);
        check("fd00::/8", "fc00::1", false);
        check("2001:db8::/33", "2001:db8:7fff::", true);
        check("2001:db8::/33", "2001:db8:8000::", false);
    }
}
