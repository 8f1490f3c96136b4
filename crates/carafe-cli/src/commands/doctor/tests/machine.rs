//! [`Machine`]: a made-up laptop in a folder, and a made-up world around it.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;

use carafe_net::{Lang, System};
use serde_json::Value;

use super::super::facts::apps::App;
use super::super::facts::probe::{Answer, Outcome, Target};
use super::super::finding::Finding;
use super::super::question::Wanted;
use super::super::runner::Ran;
use super::super::senses::{Resolved, Senses};
use super::super::verdict::{Verdict, verdict};
use super::super::{checks, examine, facts};

/// A laptop on the Wi-Fi `wlan0` with 192.168.1.20, where nothing runs.
pub(super) struct Machine {
    folder: tempfile::TempDir,
    listening: Vec<(SocketAddr, u32)>,
    replies: HashMap<String, Ran>,
    answers: Vec<(String, Outcome)>,
    apps: Vec<App>,
    root: bool,
    pub(super) arrived: Option<Value>,
}

pub(super) const NFT: &str = "nft -j list ruleset";

pub(super) fn answer(text: &str) -> Outcome {
    Outcome::Answer(Answer::parse(format!("HTTP/1.1 {text}\r\n\r\n").as_bytes()).unwrap())
}

impl Machine {
    pub(super) fn new() -> Machine {
        let machine = Machine {
            folder: tempfile::tempdir().unwrap(),
            listening: Vec::new(),
            replies: HashMap::new(),
            answers: Vec::new(),
            apps: Vec::new(),
            root: true,
            arrived: None,
        };
        machine
            .file("addresses", "lo 127.0.0.1\nlo ::1\nwlan0 192.168.1.20\n")
            .file("sys/class/net/wlan0/wireless/x", "")
            .file("etc/hosts", "127.0.0.1 localhost\n::1 localhost ip6-localhost\n")
            .file("etc/passwd", "root:x:0:0::/root:/bin/sh\nann:x:1000:1000::/:/bin/sh\n")
            .file("proc/uptime", "5000.00 100.00\n")
            .file("proc/net/tcp", "")
            .file(
                "proc/net/route",
                &[
                    "Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT",
                    &route("wlan0", "0.0.0.0", "192.168.1.1", "0.0.0.0"),
                    &route("wlan0", "192.168.1.0", "0.0.0.0", "255.255.255.0"),
                ]
                .join("\n"),
            )
    }

    pub(super) fn file(self, path: &str, text: &str) -> Machine {
        let path = self.folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    /// A program of ann's that listens on these addresses; state `S` sleeps, `T` is suspended.
    pub(super) fn program(
        mut self,
        pid: u32,
        command: &str,
        state: &str,
        listens: &[&str],
    ) -> Machine {
        let name = command.split(' ').next().unwrap().rsplit('/').next().unwrap().to_owned();
        let stat = format!("{pid} ({name}) {state} 1{} 0 0 {} 0\n", " 0".repeat(15), 100_000);
        let machine = std::mem::replace(&mut self, Machine::new());
        let mut machine = machine
            .file(&format!("proc/{pid}/stat"), &stat)
            .file(&format!("proc/{pid}/status"), "Uid:\t1000\t1000\t1000\t1000\n")
            .file(&format!("proc/{pid}/cmdline"), &format!("{}\0", command.replace(' ', "\0")));
        for (at, address) in listens.iter().enumerate() {
            let fd = machine.folder.path().join(format!("proc/{pid}/fd"));
            std::fs::create_dir_all(&fd).unwrap();
            let inode = format!("socket:[{}]", inode(pid, at));
            std::os::unix::fs::symlink(inode, fd.join(format!("{}", at + 3))).unwrap();
            machine.listening.push((address.parse().unwrap(), inode_number(pid, at)));
        }
        let lines = |v6: bool| {
            let mine = machine.listening.iter().filter(|(address, _)| address.is_ipv6() == v6);
            mine.map(|(address, inode)| tcp(address, *inode)).collect::<String>()
        };
        let (v4, v6) = (lines(false), lines(true));
        machine.file("proc/net/tcp", &v4).file("proc/net/tcp6", &v6)
    }

    /// The Carafe app `guestbook` on these addresses.
    pub(super) fn guestbook(self, listens: &[&str]) -> Machine {
        let mut machine = self.program(4711, "target/debug/guestbook", "S", listens);
        let addresses = listens.iter().map(|address| address.parse().unwrap()).collect();
        let app = App { pid: 4711, name: "guestbook".to_owned(), addresses, ..App::default() };
        machine.apps.push(app);
        machine
    }

    pub(super) fn app(mut self, change: impl FnOnce(&mut App)) -> Machine {
        if self.apps.is_empty() {
            self.apps.push(App { pid: 4711, name: "guestbook".to_owned(), ..App::default() });
        }
        change(&mut self.apps[0]);
        self
    }

    pub(super) fn says(mut self, command: &str, ran: Ran) -> Machine {
        self.replies.insert(command.to_owned(), ran);
        self
    }

    /// What comes back where the address or the host begins so.
    pub(super) fn answers(mut self, who: &str, outcome: Outcome) -> Machine {
        self.answers.push((who.to_owned(), outcome));
        self
    }

    pub(super) fn without_root(mut self) -> Machine {
        self.root = false;
        self
    }

    fn wanted(words: &str) -> Wanted {
        let (url, from) = words.split_once(" from ").unwrap_or((words, ""));
        let url = Some(url).filter(|url| !url.is_empty());
        Wanted::parse(url, None, from.parse().ok()).unwrap()
    }

    /// The whole output for `URL` or `URL from ADDRESS`.
    pub(super) fn said(&self, words: &str, json: bool, lang: Lang) -> (String, Verdict) {
        examine(&System::at(self.folder.path()), self, &Machine::wanted(words), json, lang).unwrap()
    }

    /// The finding that decides; `None` when it can be reached.
    pub(super) fn decided(&self, words: &str) -> (Vec<Finding>, Verdict) {
        let system = System::at(self.folder.path());
        let facts = facts::gather(&system, self, &Machine::wanted(words)).unwrap();
        let findings = checks::all(&facts, Lang::English);
        let verdict = verdict(&findings);
        (findings, verdict)
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }
}

impl Senses for Machine {
    fn is_root(&self) -> bool {
        self.root
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Ran {
        let command = format!("{program} {}", arguments.join(" "));
        self.replies.get(command.trim()).cloned().unwrap_or(Ran::Missing)
    }

    fn resolve(&self, name: &str) -> Resolved {
        let hosts = facts::resolve::in_hosts(&System::at(self.path()), name);
        match hosts.is_empty() {
            true => Resolved::Unknown("Name or service not known".to_owned()),
            // As glibc does it: IPv6 first.
            false => {
                let (v4, mut found): (Vec<IpAddr>, _) =
                    hosts.into_iter().partition(IpAddr::is_ipv4);
                found.extend(v4);
                Resolved::Addresses(found)
            }
        }
    }

    fn probe(&self, target: &Target) -> Outcome {
        let ip = target.address.ip();
        let own = ip.is_loopback()
            || std::fs::read_to_string(self.path().join("addresses"))
                .unwrap()
                .contains(&ip.to_string());
        assert!(own, "{ip} is not this machine's");
        let host = &target.host_header;
        let known = self.answers.iter().find(|(who, _)| {
            host.starts_with(who.as_str()) || ip.to_string() == *who || who == "*"
        });
        let listens = self.listening.iter().any(|(address, _)| {
            let same = address.is_ipv4() == ip.is_ipv4() || address.ip() == IpAddr::from([0; 16]);
            address.port() == target.address.port()
                && (address.ip() == ip || (address.ip().is_unspecified() && same))
        });
        match known {
            Some((_, outcome)) => outcome.clone(),
            None if listens => answer("200 OK"),
            None => Outcome::Refused,
        }
    }

    fn apps(&self) -> Vec<App> {
        self.apps.clone()
    }

    fn watch(&self, _app: &App, _mark: &str, send: &mut dyn FnMut()) -> Option<Value> {
        send();
        self.arrived.clone()
    }
}

fn inode_number(pid: u32, at: usize) -> u32 {
    pid * 10 + at as u32
}

fn inode(pid: u32, at: usize) -> String {
    inode_number(pid, at).to_string()
}

/// A line of `/proc/net/tcp`.
fn tcp(address: &SocketAddr, inode: u32) -> String {
    let bytes: Vec<u8> = match address.ip() {
        IpAddr::V4(ip) => ip.octets().to_vec(),
        IpAddr::V6(ip) => ip.octets().to_vec(),
    };
    let words = bytes
        .chunks(4)
        .map(|word| format!("{:08X}", u32::from_ne_bytes([word[0], word[1], word[2], word[3]])));
    let ip: String = words.collect();
    format!("0: {ip}:{:04X} 0:0 0A 0:0 0:0 0 1000 0 {inode} 1\n", address.port())
}

/// A line of `/proc/net/route`.
pub(super) fn route(interface: &str, network: &str, gateway: &str, mask: &str) -> String {
    let hex = |text: &str| {
        let address: std::net::Ipv4Addr = text.parse().unwrap();
        format!("{:08X}", u32::from_ne_bytes(address.octets()))
    };
    let flags = if gateway == "0.0.0.0" { "0001" } else { "0003" };
    format!("{interface} {} {} {flags} 0 0 100 {} 0 0 0", hex(network), hex(gateway), hex(mask))
}
