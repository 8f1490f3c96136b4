//! `/proc/net/tcp` and `tcp6`: a line a socket, numbers in hexadecimal.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, ErrorKind, Read};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use crate::System;

/// A state, as `include/net/tcp_states.h` numbers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    TimeWait = 0x06,
    Listen = 0x0a,
}

/// One line.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) address: SocketAddr,
    pub(super) uid: u32,
    pub(super) inode: u64,
}

/// Linux lists the sockets that listen before all others, of which there may be very many: behind
/// so many others in a row none of these is looked for. Those few that a sandbox's own `/proc`
/// mixes are found all the same.
const OTHERS: usize = 1000;

/// The sockets in this state, of both families.
pub(super) fn read(system: &System, state: State) -> io::Result<Vec<Entry>> {
    let mut entries = parse(File::open(system.path("proc/net/tcp"))?, state)?;
    match File::open(system.path("proc/net/tcp6")) {
        Ok(file) => entries.extend(parse(file, state)?),
        // There is no IPv6 here.
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    Ok(entries)
}

fn parse(text: impl Read, state: State) -> io::Result<Vec<Entry>> {
    let mut entries = Vec::new();
    let mut text = BufReader::new(text);
    let (mut line, mut others) = (String::new(), 0);
    while text.read_line(&mut line)? > 0 {
        match entry(&line, state) {
            Some(entry) => {
                entries.push(entry);
                others = 0;
            }
            None => others += 1,
        }
        if state == State::Listen && others > OTHERS {
            break;
        }
        line.clear();
    }
    Ok(entries)
}

/// `sl local_address rem_address st queues timer retrnsmt uid timeout inode ..`
fn entry(line: &str, state: State) -> Option<Entry> {
    let mut words = line.split_ascii_whitespace();
    let local = words.nth(1)?;
    if u8::from_str_radix(words.nth(1)?, 16).ok()? != state as u8 {
        return None;
    }
    let uid = words.nth(3)?.parse().ok()?;
    let inode = words.nth(1)?.parse().ok()?;
    Some(Entry { address: address(local)?, uid, inode })
}

/// `0100007F:1F40` is `127.0.0.1:8000` on a machine that stores the lowest byte first: addresses
/// are printed in words of 32 bits in the machine's own order, the port as a number.
fn address(text: &str) -> Option<SocketAddr> {
    let (ip, port) = text.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let word = |at: usize| {
        let digits = ip.get(at * 8..at * 8 + 8)?;
        Some(u32::from_str_radix(digits, 16).ok()?.to_ne_bytes())
    };
    match ip.len() {
        8 => Some(SocketAddr::from((Ipv4Addr::from(word(0)?), port))),
        32 => {
            let mut octets = [0; 16];
            for (at, place) in octets.chunks_exact_mut(4).enumerate() {
                place.copy_from_slice(&word(at)?);
            }
            Some(SocketAddr::new(Ipv6Addr::from(octets).to_canonical(), port))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when";

    fn found(text: &str, state: State) -> Vec<Entry> {
        parse(text.as_bytes(), state).unwrap()
    }

    fn line(local: &str, state: &str) -> String {
        format!(
            "   0: {local} 00000000:0000 {state} 00000000:00000000 00:00000000 00000000  1000 \
             0 4242 1 00000000b18f75d3 100 0 0 10 0"
        )
    }

    #[test]
    #[cfg(target_endian = "little")]
    fn addresses_of_both_families() {
        let check = |local: &str, expected: &str| {
            let entries = found(&format!("{HEAD}\n{}\n", line(local, "0A")), State::Listen);
            let address = expected.parse().unwrap();
            assert_eq!(entries, [Entry { address, uid: 1000, inode: 4242 }], "{local}");
        };
        check("0100007F:1F40", "127.0.0.1:8000");
        check("00000000:0050", "0.0.0.0:80");
        check("0700A8C0:FFFF", "192.168.0.7:65535");
        check("00000000000000000000000000000000:1F40", "[::]:8000");
        check("00000000000000000000000001000000:1F40", "[::1]:8000");
        check("B80D0120000000000000000001000000:0016", "[2001:db8::1]:22");
        // An IPv4 address that was bound through an IPv6 socket.
        check("0000000000000000FFFF00000100007F:1F40", "127.0.0.1:8000");
    }

    #[test]
    fn only_the_state_that_is_asked_for() {
        let text = [line("0100007F:1F40", "0A"), line("0100007F:1F40", "06")].join("\n");
        assert_eq!(found(&text, State::Listen).len(), 1);
        assert_eq!(found(&text, State::TimeWait).len(), 1);
        assert_eq!(found(&line("0100007F:1F40", "01"), State::Listen), []);
    }

    #[test]
    fn what_is_no_socket_is_passed_by() {
        let good = line("0100007F:1F40", "0A");
        for end in 0..good.find("4242").unwrap() {
            assert_eq!(found(&good[..end], State::Listen), [], "{}", &good[..end]);
        }
        for wrong in ["0100007F", "0100007F:", ":1F40", "010000:1F40", "가나:1F40", "G100007F:1F40"]
        {
            assert_eq!(found(&line(wrong, "0A"), State::Listen), [], "{wrong}");
        }
    }

    #[test]
    fn the_end_of_a_long_list_is_left_out() {
        let (listens, waits) =
            (line("0100007F:1F40", "0A") + "\n", line("0100007F:1F40", "06") + "\n");
        let check = |others: usize, count: usize| {
            let text = listens.clone() + &waits.repeat(others) + &listens;
            assert_eq!(found(&text, State::Listen).len(), count, "{others}");
            assert_eq!(found(&text, State::TimeWait).len(), others);
        };
        check(OTHERS, 2);
        check(OTHERS + 1, 1);
    }
}
