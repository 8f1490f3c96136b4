//! Windows: what `netstat` and `tasklist` tell. They name no folder, command or age, and the user
//! only to administrators, so that only programs of this session are ever ended.

#![cfg_attr(not(windows), expect(dead_code, reason = "elsewhere only its parsers are tested"))]

use std::io;
use std::net::SocketAddr;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::{Listening, Process, StopError, Stopped};

/// The listening sockets.
pub(crate) fn listening() -> io::Result<Vec<Listening>> {
    let output = Command::new("netstat").args(["-a", "-n", "-o"]).output()?;
    Ok(sockets(&String::from_utf8_lossy(&output.stdout)))
}

/// What is known of a process.
pub(crate) fn process(pid: u32) -> Option<Process> {
    let filter = format!("PID eq {pid}");
    let output =
        Command::new("tasklist").args(["/NH", "/V", "/FO", "CSV", "/FI", &filter]).output();
    described(pid, &String::from_utf8_lossy(&output.ok()?.stdout))
}

/// Ends a process.
pub(crate) fn stop(process: &Process, wait: Duration) -> Result<Stopped, StopError> {
    let own = std::env::var("USERNAME").unwrap_or_default();
    // `MACHINE\ann`, or `N/A` for what we may not see.
    let user = process.user.rsplit('\\').next().unwrap_or_default();
    if own.is_empty() || !user.eq_ignore_ascii_case(&own) {
        return Err(StopError::MayNot(crate::WhyNot::OtherUser));
    }
    let there = || self::process(process.pid).is_some_and(|now| now.name == process.name);
    if !there() {
        return Err(StopError::Gone);
    }
    let id = process.pid.to_string();
    Command::new("taskkill").args(["/F", "/PID", &id]).output().map_err(StopError::Refused)?;
    let deadline = Instant::now() + wait;
    while there() {
        if Instant::now() >= deadline {
            return Err(StopError::StillThere);
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(Stopped::OnKill)
}

/// `TCP 127.0.0.1:8000 0.0.0.0:0 LISTENING 4211`. The state is translated, so that what listens is
/// told by its having no peer.
fn sockets(text: &str) -> Vec<Listening> {
    let mut sockets: Vec<Listening> = text.lines().filter_map(socket).collect();
    sockets.sort_by_key(|socket| (socket.address.port(), socket.address));
    sockets
}

fn socket(line: &str) -> Option<Listening> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let ["TCP", local, "0.0.0.0:0" | "[::]:0", .., pid] = words.as_slice() else { return None };
    let address: SocketAddr = local.parse().ok()?;
    Some(Listening { address, inode: 0, uid: 0, pids: vec![pid.parse().ok()?] })
}

/// `"python.exe","4211","Console","1","9,999 K","Running","MACHINE\ann","0:00:01","title"`
fn described(pid: u32, text: &str) -> Option<Process> {
    let fields: Vec<&str> = text.trim().trim_matches('"').split("\",\"").collect();
    let found = fields.get(1)?.parse() == Ok(pid);
    let (name, user) = (fields.first()?, fields.get(6)?);
    // There is no command to be seen; its program stands for it.
    let command = vec![(*name).to_owned()];
    let (name, user) = ((*name).to_owned(), (*user).to_owned());
    found.then(|| Process { pid, name, user, command, ..Process::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_netstat_lists() {
        let text = "\r\nActive Connections\r\n\r\n  Proto  Local Address  Foreign Address  State  PID\r\n\
                    \x20 TCP    0.0.0.0:135            0.0.0.0:0              LISTENING       912\r\n\
                    \x20 TCP    127.0.0.1:8000         0.0.0.0:0              ABHÖREN         4211\r\n\
                    \x20 TCP    192.168.0.7:50000      192.0.2.1:443          ESTABLISHED     77\r\n\
                    \x20 TCP    [::1]:8000             [::]:0                 LISTENING       4211\r\n\
                    \x20 UDP    0.0.0.0:5353           *:*                                    5\r\n";
        let found: Vec<_> =
            sockets(text).into_iter().map(|s| (s.address.to_string(), s.pids)).collect();
        let expected = [("0.0.0.0:135", 912), ("127.0.0.1:8000", 4211), ("[::1]:8000", 4211)];
        assert_eq!(found, expected.map(|(address, pid)| (address.to_owned(), vec![pid])));
    }

    #[test]
    fn what_tasklist_tells() {
        let line = "\"python.exe\",\"4211\",\"Console\",\"1\",\"9,999 K\",\"Running\",\
                    \"PC\\ann\",\"0:00:01\",\"N/A\"\r\n";
        let process = described(4211, line).unwrap();
        assert_eq!((process.name.as_str(), process.user.as_str()), ("python.exe", "PC\\ann"));
        assert_eq!(described(1, line), None);
        assert_eq!(described(4211, "INFO: No tasks are running\r\n"), None);
    }
}
