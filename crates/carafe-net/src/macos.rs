//! macOS: what `lsof` and `ps` tell. Processes of other users are told only to root.

#![cfg_attr(
    not(target_os = "macos"),
    expect(dead_code, reason = "elsewhere only its parsers are tested")
)]

use std::collections::HashMap;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::process::Command;
use std::time::Duration;

use crate::{Listening, Process};

/// The listening sockets, of this port or of all.
pub(crate) fn listening(port: Option<u16>) -> io::Result<Vec<Listening>> {
    let which = port.map_or("-iTCP".to_owned(), |port| format!("-iTCP:{port}"));
    // It exits with 1 when there is none.
    let output = Command::new("lsof").args(["-nP", &which, "-sTCP:LISTEN", "-Fpcutn"]).output()?;
    Ok(sockets(&String::from_utf8_lossy(&output.stdout)))
}

/// What is known of a process.
pub(crate) fn process(pid: u32) -> Option<Process> {
    let id = pid.to_string();
    let columns = "ppid=,uid=,user=,stat=,etime=,comm=";
    let mut process = described(pid, &answer("ps", &["-p", &id, "-o", columns])?)?;
    // The date of its start tells it from a later process: `Mon Jul  7 09:05:01 2025`.
    let started = answer("ps", &["-p", &id, "-o", "lstart="])?;
    process.start = started.bytes().fold(5381, |sum: u64, b| sum.wrapping_mul(33) ^ u64::from(b));
    let words = answer("ps", &["-ww", "-p", &id, "-o", "args="]).unwrap_or_default();
    process.command = words.split_whitespace().map(str::to_owned).collect();
    let files = answer("lsof", &["-a", "-p", &id, "-d", "cwd", "-Fn"]).unwrap_or_default();
    process.folder = files.lines().find_map(|line| line.strip_prefix('n')).map(Into::into);
    Some(process)
}

fn answer(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    (!text.is_empty()).then_some(text)
}

/// A line a field, named by its first letter: `p` and `u` are of a process, `t` (IPv4 or IPv6) and
/// `n` (the address) of each of its sockets.
fn sockets(text: &str) -> Vec<Listening> {
    let mut found: HashMap<SocketAddr, Listening> = HashMap::new();
    let (mut pid, mut uid, mut is_v6) = (0, 0, false);
    for line in text.lines() {
        let Some((field, value)) = line.split_at_checked(1) else { continue };
        match field {
            "p" => pid = value.parse().unwrap_or_default(),
            "u" => uid = value.parse().unwrap_or_default(),
            "t" => is_v6 = value == "IPv6",
            "n" => {
                let Some(address) = address(value, is_v6) else { continue };
                let new = || Listening { address, inode: 0, uid, pids: Vec::new() };
                let pids = &mut found.entry(address).or_insert_with(new).pids;
                if !pids.contains(&pid) {
                    pids.push(pid);
                }
            }
            _ => {}
        }
    }
    let mut sockets: Vec<Listening> = found.into_values().collect();
    sockets.sort_by_key(|socket| (socket.address.port(), socket.address));
    sockets
}

/// `*:8000`, `127.0.0.1:8000` or `[::1]:8000`.
fn address(text: &str, is_v6: bool) -> Option<SocketAddr> {
    let Some(port) = text.strip_prefix("*:") else { return text.parse().ok() };
    let port = port.parse().ok()?;
    Some(match is_v6 {
        true => (Ipv6Addr::UNSPECIFIED, port).into(),
        false => (Ipv4Addr::UNSPECIFIED, port).into(),
    })
}

/// `1 501 ann S 01-02:03:04 /usr/bin/python3`; the path may hold spaces. None of one that ended.
fn described(pid: u32, line: &str) -> Option<Process> {
    let mut rest = line;
    let mut word = || {
        let (word, after) = rest.trim_start().split_once(' ')?;
        rest = after;
        Some(word)
    };
    let (parent, uid) = (word()?.parse().ok()?, word()?.parse().ok()?);
    let (user, state, time) = (word()?.to_owned(), word()?, word()?);
    let (suspended, age) = (state.starts_with('T'), elapsed(time));
    let path = rest.trim();
    let name = path.rsplit('/').next().unwrap_or(path).to_owned();
    let exe = path.starts_with('/').then(|| path.into());
    let known = Process { pid, name, exe, uid, user, age, suspended, parent, ..Process::default() };
    (!state.starts_with('Z')).then_some(known)
}

/// `[[days-]hours:]minutes:seconds`
fn elapsed(text: &str) -> Option<Duration> {
    let (days, clock) = text.split_once('-').unwrap_or(("0", text));
    let add = |sum: u64, part: &str| Some(sum * 60 + part.parse::<u64>().ok()?);
    let seconds = clock.split(':').try_fold(0, add)?;
    Some(Duration::from_secs(days.parse::<u64>().ok()? * 24 * 60 * 60 + seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lsof_lists() {
        let text = "p411\ncControlCenter\nu501\nf8\ntIPv4\nn*:7000\nf9\ntIPv6\nn*:7000\n\
                    f10\ntIPv4\nn*:5000\np612\ncpython3.12\nu501\nf3\ntIPv4\nn127.0.0.1:8000\n\
                    p613\ncpython3.12\nu501\nf3\ntIPv4\nn127.0.0.1:8000\nf4\ntIPv6\nn[::1]:9000\n";
        let check = |at: usize, address: &str, pids: &[u32]| {
            let address = address.parse().unwrap();
            let expected = Listening { address, inode: 0, uid: 501, pids: pids.to_vec() };
            assert_eq!(sockets(text)[at], expected);
        };
        check(0, "0.0.0.0:5000", &[411]);
        check(1, "0.0.0.0:7000", &[411]);
        check(2, "[::]:7000", &[411]);
        check(3, "127.0.0.1:8000", &[612, 613]);
        check(4, "[::1]:9000", &[613]);
        assert_eq!(sockets(text).len(), 5);
        assert_eq!(sockets(""), []);
        assert_eq!(sockets("\np\nnx\nn*:99999\n"), []);
    }

    #[test]
    fn what_ps_tells() {
        let line = "    1   501 ann  Ss  01-02:03:04 /Applications/My App/python3";
        let process = described(612, line).unwrap();
        assert_eq!((process.pid, process.parent, process.uid), (612, 1, 501));
        assert_eq!((process.name.as_str(), process.user.as_str()), ("python3", "ann"));
        assert_eq!(process.exe, Some("/Applications/My App/python3".into()));
        assert_eq!(process.age, Some(Duration::from_secs(86_400 + 2 * 3600 + 3 * 60 + 4)));
        assert_eq!(elapsed("00:05"), Some(Duration::from_secs(5)));
        assert_eq!(elapsed("1:00:05"), Some(Duration::from_secs(3605)));
        assert_eq!(elapsed("x"), None);
        assert!(described(612, "1 501 ann T 00:05 /bin/cat").unwrap().suspended);
        assert_eq!(described(612, "1 501 ann Z 00:05 (cat)"), None);
        assert_eq!(described(612, "1 501"), None);
    }
}
